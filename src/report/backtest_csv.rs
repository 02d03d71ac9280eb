//! A backtest as CSV (RFC 4180), for spreadsheets: a row a period in which something matched or rang.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::backtest::{Outcome, Results, shown};
use crate::simulate::State;

/// `detection,start,period_seconds,events,alarms,state`; the state is that at the end of the period. With `--compare`, `version` is
/// `now` or `before`.
pub fn csv(results: &Results) -> String {
    let mut out = String::from("detection,version,start,period_seconds,events,alarms,state\r\n");
    for outcome in &results.detections {
        rows(outcome, "now", &mut out);
        if let Some(before) = &outcome.before {
            rows(before, "before", &mut out);
        }
    }
    out
}

fn rows(outcome: &Outcome, version: &str, out: &mut String) {
    let period = outcome.period;
    let changes = outcome.alarm.iter().flat_map(|alarm| &alarm.transitions);
    let starts: BTreeSet<i64> =
        outcome.periods.keys().copied().chain(changes.clone().map(|change| change.at - change.at.rem_euclid(period))).collect();
    for start in starts {
        let end = start + period;
        let alarms = changes.clone().filter(|change| change.to == State::Alarm && (start..end).contains(&change.at)).count();
        let simulated = outcome.alarm.as_ref().filter(|alarm| alarm.not_simulated.is_none());
        let state = simulated.map_or("", |alarm| {
            alarm.transitions.iter().take_while(|change| change.at < end).last().map_or(alarm.initial, |change| change.to).text()
        });
        let events = outcome.periods.get(&start).copied().unwrap_or(0);
        // Writing to a String cannot fail.
        let _ = write!(out, "{},{version},{},{period},{events},{alarms},{state}\r\n", field(&outcome.address), shown(start));
    }
}

/// Quoted where it must be. A sign that a spreadsheet takes for a formula gets an apostrophe.
fn field(text: &str) -> String {
    let text = if text.starts_with(['=', '+', '-', '@', '\t']) { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}
