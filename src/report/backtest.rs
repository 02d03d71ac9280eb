//! A backtest → a document: a line a detection with its timeline, then the details.

use std::collections::BTreeMap;

use super::comment::GITHUB_LIMIT;
use super::document::{Block, Document, Piece, Tone};
use super::markdown::markdown;
use crate::backtest::{Outcome, Results, Ringing, Suggestion, Totals, shown};
use crate::wording;

/// Cells of a timeline.
const CELLS: usize = 40;
const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Changes of a state that are listed.
const MOST_CHANGES: usize = 12;
/// Lines of a ranking.
const MOST_RANKED: usize = 5;

/// What would have happened. `source`: where the events come from.
pub fn backtest(results: &Results, source: &str) -> Document {
    with_details(results, source, usize::MAX)
}

/// The same as Markdown, short enough for a comment: the details of the last detections are dropped, and that is said.
pub fn backtest_comment(results: &Results, source: &str) -> String {
    let mut most = results.detections.len();
    loop {
        let text = markdown(&with_details(results, source, most));
        if text.len() <= GITHUB_LIMIT || most == 0 {
            return text;
        }
        most = most * 3 / 4;
    }
}

fn with_details(results: &Results, source: &str, most: usize) -> Document {
    let mut document = Document::default();
    document.heading(format!("Backtest over {source}"));
    if results.is_partial {
        document.text(Tone::Removed, "PARTIAL: it was interrupted; what follows is of the part that was read.");
    }
    document.text(Tone::Plain, what_was_read(results));
    for line in oddities(&results.totals) {
        document.text(Tone::Changed, format!("- {line}"));
    }
    document.text(Tone::Plain, "");
    let (loud, silent): (Vec<&Outcome>, Vec<&Outcome>) = results.detections.iter().partition(|outcome| is_worth_a_word(outcome));
    if !loud.is_empty() {
        document.blocks.push(table(&loud, results.span.unwrap_or_default()));
        loud.iter().take(most).for_each(|outcome| details(outcome, &mut document));
    }
    if let Some(dropped) = loud.len().checked_sub(most).filter(|dropped| *dropped > 0) {
        let of = plural(dropped as u64, "detection");
        document.text(Tone::Changed, format!("The details of {dropped} {of} are left out, since this would be too long for a comment."));
        document.text(Tone::Plain, "");
    }
    document.text(Tone::Strong, summary(results, silent.len()));
    document
}

/// Whether anything is to be told of a detection besides that it was silent.
fn is_worth_a_word(outcome: &Outcome) -> bool {
    let rings = |alarm: &Option<Ringing>| alarm.as_ref().is_some_and(|alarm| alarm.times > 0 || alarm.not_simulated.is_some());
    let speaks = |outcome: &Outcome| outcome.events > 0 || !outcome.uncertain.is_empty() || rings(&outcome.alarm);
    speaks(outcome) || outcome.before.as_ref().is_some_and(|before| speaks(before))
}

/// `2,900 events in 55 files (3.5 MB), from … to … (55m)`.
pub(super) fn what_was_read(results: &Results) -> String {
    let totals = &results.totals;
    let files = if totals.files == 0 { String::new() } else { format!(" in {} {}", number(totals.files), plural(totals.files, "file")) };
    let size = match totals.bytes {
        0 => String::new(),
        bytes if bytes < 1_000_000 => format!(" ({} KB)", bytes.div_ceil(1000)),
        bytes => format!(" ({} MB)", number(bytes.div_ceil(1_000_000))),
    };
    let when = results.span.map_or_else(
        || ", none of them with a time".to_owned(),
        |(from, to)| format!(", from {} to {} ({})", shown(from), shown(to), duration(to - from)),
    );
    format!("{} {}{files}{size}{when}", number(totals.events), plural(totals.events, "event"))
}

/// What was odd about the events, and how often.
pub(super) fn oddities(totals: &Totals) -> Vec<String> {
    let cut = if totals.duplicates_are_cut { " at least" } else { "" };
    [
        ("places that could not be read and were left out", totals.damaged, ""),
        ("digest files of CloudTrail, which hold no events", totals.digests, ""),
        ("files without an event of CloudTrail", totals.foreign, ""),
        ("events without `eventTime`, which are in no period", totals.without_time, ""),
        ("matching events whose `eventID` was there before", totals.duplicates, " (`--unique` counts them once)"),
        ("events after later ones, which makes no difference here", totals.out_of_order, ""),
        ("events in the future: a clock is wrong", totals.in_future, ""),
        ("events outside of `--since` and `--until`", totals.outside, ""),
        ("events on more days than are held, which is ten years: narrow it with `--since`", totals.beyond, ""),
    ]
    .into_iter()
    .filter(|(_, count, _)| *count > 0)
    .map(|(what, count, help)| {
        let cut = if what.contains("before") { cut } else { "" };
        format!("{what}:{cut} {}{help}", number(count))
    })
    .collect()
}

fn table(outcomes: &[&Outcome], span: (i64, i64)) -> Block {
    let compares = outcomes.iter().any(|outcome| outcome.before.is_some());
    let mut head = vec!["DETECTION", "EVENTS", "ALARMS", "IN ALARM", "TOLD", "TIMELINE"];
    if compares {
        head.splice(1..5, ["EVENTS", "WERE", "ALARMS", "WERE", "TOLD", "WERE"]);
    }
    let rows = outcomes.iter().map(|outcome| {
        let alarm = outcome.alarm.as_ref().filter(|alarm| alarm.not_simulated.is_none());
        let tone = if alarm.is_some_and(|alarm| alarm.times > 0) { Tone::Changed } else { Tone::Plain };
        let mut cells = vec![outcome.address.clone()];
        if compares {
            let was = outcome.before.as_deref();
            let old = was.and_then(|was| was.alarm.as_ref()).filter(|alarm| alarm.not_simulated.is_none());
            let of = |value: Option<usize>| value.map_or_else(|| "-".to_owned(), |value| number(value as u64));
            cells.extend([
                number(outcome.events),
                was.map_or_else(|| "-".to_owned(), |was| number(was.events)),
                of(alarm.map(|alarm| alarm.times)),
                of(old.map(|alarm| alarm.times)),
                of(alarm.map(|alarm| alarm.notifications)),
                of(old.map(|alarm| alarm.notifications)),
            ]);
        } else {
            cells.push(number(outcome.events));
            match alarm {
                Some(alarm) => {
                    cells.extend([number(alarm.times as u64), duration(alarm.seconds_in_alarm), number(alarm.notifications as u64)])
                }
                None => cells.extend(["-", "-", "-"].map(str::to_owned)),
            }
        }
        cells.push(sparkline(&outcome.periods, span));
        cells.into_iter().map(|cell| Piece::new(tone, cell)).collect()
    });
    Block::Table { head: head.into_iter().map(str::to_owned).collect(), rows: rows.collect() }
}

/// Events over time, as bars of eight heights; `·` where there are none.
pub(super) fn sparkline(periods: &BTreeMap<i64, u64>, (from, to): (i64, i64)) -> String {
    let width = (to - from).max(1) as f64 / CELLS as f64;
    let mut cells = [0_u64; CELLS];
    for (start, events) in periods {
        // A period may begin before the first event.
        let cell = ((start - from).max(0) as f64 / width) as usize;
        cells[cell.min(CELLS - 1)] += events;
    }
    let highest = cells.iter().copied().max().unwrap_or(0).max(1);
    let bar = |events: &u64| if *events == 0 { '·' } else { BARS[((events * 8 - 1) / highest).min(7) as usize] };
    cells.iter().map(bar).collect()
}

fn details(outcome: &Outcome, document: &mut Document) {
    let severity = outcome.severity.as_ref().map(|severity| format!(" ({severity})")).unwrap_or_default();
    document.heading(format!("{}{severity}: {}", outcome.address, in_short(outcome)));
    if let Some(alarm) = &outcome.alarm {
        ringing(alarm, document);
    }
    for (rule, events) in &outcome.uncertain {
        let message = format!("{events} {} may match: {}; {}", plural(*events, "event"), wording::open_question(*rule), rule.rewrite());
        document.text(Tone::Changed, message);
    }
    if outcome.without_value > 0 {
        document.text(
            Tone::Changed,
            format!("{} matches lack the number or the dimension that the filter reports", number(outcome.without_value)),
        );
    }
    let rankings = [("by", &outcome.principals), ("from", &outcome.addresses), ("event", &outcome.names), ("account", &outcome.accounts)];
    let mut rows = Vec::new();
    for (title, ranking) in rankings {
        for (i, (name, events)) in ranking.iter().take(MOST_RANKED).enumerate() {
            let title = if i == 0 { title } else { "" };
            rows.push(vec![Piece::new(Tone::Faint, title), Piece::new(Tone::Plain, number(*events)), Piece::new(Tone::Plain, name)]);
        }
    }
    if !rows.is_empty() {
        document.blocks.push(Block::Table { head: Vec::new(), rows });
    }
    if !outcome.samples.is_empty() {
        let samples: Vec<String> = outcome.samples.iter().map(|sample| super::events::sample(sample)).collect();
        document.blocks.push(Block::Code(samples.join("\n")));
    }
    outcome.suggestions.iter().for_each(|suggestion| document.text(Tone::Strong, format!("Suggestion: {}", advice(suggestion, outcome))));
    document.text(Tone::Plain, "");
}

/// `4 events, rang 2 times (was 41)`.
fn in_short(outcome: &Outcome) -> String {
    let rang = |outcome: &Outcome| {
        outcome
            .alarm
            .as_ref()
            .filter(|alarm| alarm.not_simulated.is_none())
            .map(|alarm| format!(", rang {}", times(alarm.times)))
            .unwrap_or_default()
    };
    let was = outcome.before.as_ref().map(|was| format!("; it was {} {}{}", number(was.events), plural(was.events, "event"), rang(was)));
    format!("{} {}{}{}", number(outcome.events), plural(outcome.events, "event"), rang(outcome), was.unwrap_or_default())
}

fn ringing(alarm: &Ringing, document: &mut Document) {
    document.text(Tone::Faint, format!("{}: {}", alarm.name, alarm.rule));
    if let Some(why) = &alarm.not_simulated {
        return document.text(Tone::Changed, format!("not simulated: {why}"));
    }
    let rows = alarm.transitions.iter().take(MOST_CHANGES).map(|change| {
        let tone = if change.to == crate::simulate::State::Alarm { Tone::Removed } else { Tone::Plain };
        let states = format!("{} -> {}", change.from.text(), change.to.text());
        vec![Piece::new(Tone::Plain, shown(change.at)), Piece::new(tone, states), Piece::new(Tone::Faint, change.reason.as_str())]
    });
    let rows: Vec<Vec<Piece>> = rows.collect();
    if !rows.is_empty() {
        document.blocks.push(Block::Table { head: Vec::new(), rows });
    }
    if let Some(more) = alarm.transitions.len().checked_sub(MOST_CHANGES).filter(|more| *more > 0) {
        document.text(Tone::Faint, format!("and {} more changes (`--format json` has all)", number(more as u64)));
        document.text(Tone::Plain, "");
    }
    alarm.doubts.iter().for_each(|doubt| document.text(Tone::Changed, format!("uncertain: {doubt}")));
}

/// A suggestion as a sentence.
pub(super) fn advice(suggestion: &Suggestion, outcome: &Outcome) -> String {
    let rang = |rings: usize, instead_of: usize| match rings {
        0 => format!("it would not have rung, instead of {}", times(instead_of)),
        n => format!("it would have rung {} instead of {}", times(n), times(instead_of)),
    };
    match suggestion {
        Suggestion::Threshold { threshold, times, instead_of } => {
            let sign = outcome.alarm.as_ref().map_or(">=", |alarm| if alarm.rule.contains(" >= ") { ">=" } else { ">" });
            format!("with `threshold: \"{sign} {threshold}\"` {}", rang(*times, *instead_of))
        }
        Suggestion::Except { principal, events, of, times, instead_of } => format!(
            "with `except: {{actors: [\"{principal}\"]}}` {} ({events} of {of} events are theirs); see first that they are to be trusted",
            rang(*times, *instead_of)
        ),
    }
}

/// The last line.
fn summary(results: &Results, silent: usize) -> String {
    let detections = results.detections.len() as u64;
    let count = |of: fn(&Ringing) -> usize, outcomes: &mut dyn Iterator<Item = &Outcome>| {
        outcomes.filter_map(|outcome| outcome.alarm.as_ref()).map(of).sum::<usize>() as u64
    };
    let compares = results.detections.iter().any(|outcome| outcome.before.is_some());
    let told = |word: &str, of: fn(&Ringing) -> usize| {
        let now = count(of, &mut results.detections.iter());
        let was = count(of, &mut results.detections.iter().filter_map(|outcome| outcome.before.as_deref()));
        let was = if compares { format!(" (it was {})", number(was)) } else { String::new() };
        format!("{} {}{was}", number(now), plural(now, word))
    };
    // Of two versions together nobody wants to know how many events match.
    let matched = results.totals.matched;
    let matching = if compares { String::new() } else { format!("{} matching {}, ", number(matched), plural(matched, "event")) };
    let quiet = if silent == 0 { String::new() } else { format!(" {silent} matched nothing.") };
    let partial = if results.is_partial { "PARTIAL. " } else { "" };
    let (alarms, notifications) = (told("alarm", |alarm| alarm.times), told("notification", |alarm| alarm.notifications));
    format!("{partial}Backtest: {detections} {}, {matching}{alarms}, {notifications}.{quiet}", plural(detections, "detection"))
}

fn times(count: usize) -> String {
    match count {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        n => format!("{} times", number(n as u64)),
    }
}

pub(super) fn plural(count: u64, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// `2,900`.
pub(super) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `3d 4h`, `55m`: the two largest units.
pub(super) fn duration(seconds: i64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "m"), (1, "s")];
    let mut rest = seconds.max(0);
    let mut parts = Vec::new();
    for (length, unit) in units {
        if rest >= length {
            parts.push(format!("{}{unit}", rest / length));
            rest %= length;
        }
    }
    parts.truncate(2);
    if parts.is_empty() { "0".to_owned() } else { parts.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_durations_are_read_at_a_glance() {
        assert_eq!([0, 999, 1000, 1_234_567].map(number), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([0, 59, 3600, 90_000, 90_061].map(duration), ["0", "59s", "1h", "1d 1h", "1d 1h"]);
    }

    #[test]
    fn a_timeline_shows_when_and_how_much() {
        let periods = BTreeMap::from([(0, 1), (100, 8), (399, 4)]);
        assert_eq!(sparkline(&periods, (0, 400)), format!("▁{}█{}▄", "·".repeat(9), "·".repeat(28)));
        assert_eq!(sparkline(&BTreeMap::new(), (0, 0)), "·".repeat(40));
    }
}
