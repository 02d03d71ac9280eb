//! Version 1: a backtest.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::backtest::{Outcome, Results, Ringing, Suggestion, shown};
use crate::wording;

/// What `backtest --format json` prints. Times are RFC 3339, in UTC.
#[derive(Debug, Serialize)]
pub struct Backtest {
    pub format_version: &'static str,
    pub tool_version: &'static str,
    /// It was interrupted.
    pub partial: bool,
    pub source: String,
    /// From the first to the last minute with events, or as asked.
    pub from: Option<String>,
    pub to: Option<String>,
    /// Counts of the whole run: `events`, `matched`, `damaged`, `duplicates` …
    pub totals: BTreeMap<&'static str, u64>,
    pub detections: Vec<V1Detection>,
}

/// A detection.
#[derive(Debug, Serialize)]
pub struct V1Detection {
    pub address: String,
    pub severity: Option<String>,
    /// Events that match any of its filters.
    pub events: u64,
    /// What nobody knows → events that may match.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub uncertain: BTreeMap<String, u64>,
    pub without_value: u64,
    pub filters: Vec<V1Filter>,
    pub period_seconds: i64,
    /// Periods with events, counted from 1970.
    pub periods: Vec<V1Period>,
    pub principals: Vec<V1Count>,
    pub source_addresses: Vec<V1Count>,
    pub event_names: Vec<V1Count>,
    pub accounts: Vec<V1Count>,
    /// The earliest events that match, as objects.
    pub samples: Vec<serde_json::Value>,
    pub alarm: Option<V1Alarm>,
    pub suggestions: Vec<V1Suggestion>,
    /// What the definition did before its change (`--compare`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Box<V1Detection>>,
}

/// A metric filter.
#[derive(Debug, Serialize)]
pub struct V1Filter {
    pub name: String,
    pub pattern: String,
    pub events: u64,
}

/// A period with events.
#[derive(Debug, Serialize)]
pub struct V1Period {
    pub start: String,
    pub events: u64,
}

/// How many events a principal, an address … has.
#[derive(Debug, Serialize)]
pub struct V1Count {
    pub name: String,
    pub events: u64,
}

/// An alarm.
#[derive(Debug, Serialize)]
pub struct V1Alarm {
    pub name: String,
    pub rule: String,
    /// Why it was not simulated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_simulated: Option<String>,
    /// `OK`, `ALARM`, `INSUFFICIENT_DATA`: before the first event.
    pub initial_state: &'static str,
    pub transitions: Vec<V1Transition>,
    pub alarms: usize,
    pub seconds_in_alarm: i64,
    pub notifications: usize,
    /// What the answer hangs on that AWS does not say.
    pub uncertain: Vec<String>,
}

/// A change of an alarm's state.
#[derive(Debug, Serialize)]
pub struct V1Transition {
    pub at: String,
    pub from: &'static str,
    pub to: &'static str,
    pub reason: String,
}

/// How it could be quieter.
#[derive(Debug, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum V1Suggestion {
    Threshold { threshold: f64, alarms: usize, instead_of: usize },
    Except { principal: String, events: u64, of: u64, alarms: usize, instead_of: usize },
}

impl Backtest {
    pub fn new(results: &Results, source: &str) -> Self {
        let totals = &results.totals;
        Self {
            format_version: "1.0",
            tool_version: env!("CARGO_PKG_VERSION"),
            partial: results.is_partial,
            source: source.to_owned(),
            from: results.span.map(|(from, _)| shown(from)),
            to: results.span.map(|(_, to)| shown(to)),
            totals: BTreeMap::from([
                ("files", totals.files),
                ("bytes", totals.bytes),
                ("events", totals.events),
                ("matched", totals.matched),
                ("damaged", totals.damaged),
                ("digests", totals.digests),
                ("foreign_files", totals.foreign),
                ("without_time", totals.without_time),
                ("duplicates", totals.duplicates),
                ("out_of_order", totals.out_of_order),
                ("in_future", totals.in_future),
                ("outside", totals.outside),
                ("beyond", totals.beyond),
            ]),
            detections: results.detections.iter().map(detection).collect(),
        }
    }
}

fn detection(outcome: &Outcome) -> V1Detection {
    let counts = |ranking: &[(String, u64)]| ranking.iter().map(|(name, events)| V1Count { name: name.clone(), events: *events }).collect();
    V1Detection {
        address: outcome.address.clone(),
        severity: outcome.severity.clone(),
        events: outcome.events,
        uncertain: outcome.uncertain.iter().map(|(rule, events)| (wording::open_question(*rule), *events)).collect(),
        without_value: outcome.without_value,
        filters: outcome
            .filters
            .iter()
            .map(|(name, pattern, events)| V1Filter { name: name.clone(), pattern: pattern.clone(), events: *events })
            .collect(),
        period_seconds: outcome.period,
        periods: outcome.periods.iter().map(|(start, events)| V1Period { start: shown(*start), events: *events }).collect(),
        principals: counts(&outcome.principals),
        source_addresses: counts(&outcome.addresses),
        event_names: counts(&outcome.names),
        accounts: counts(&outcome.accounts),
        samples: outcome.samples.iter().map(|text| serde_json::from_str(text).unwrap_or_else(|_| text.clone().into())).collect(),
        alarm: outcome.alarm.as_ref().map(alarm),
        suggestions: outcome.suggestions.iter().map(suggestion).collect(),
        before: outcome.before.as_ref().map(|before| Box::new(detection(before))),
    }
}

fn alarm(alarm: &Ringing) -> V1Alarm {
    let transition = |change: &crate::simulate::Transition| V1Transition {
        at: shown(change.at),
        from: change.from.text(),
        to: change.to.text(),
        reason: change.reason.clone(),
    };
    V1Alarm {
        name: alarm.name.clone(),
        rule: alarm.rule.clone(),
        not_simulated: alarm.not_simulated.clone(),
        initial_state: alarm.initial.text(),
        transitions: alarm.transitions.iter().map(transition).collect(),
        alarms: alarm.times,
        seconds_in_alarm: alarm.seconds_in_alarm,
        notifications: alarm.notifications,
        uncertain: alarm.doubts.clone(),
    }
}

fn suggestion(suggestion: &Suggestion) -> V1Suggestion {
    match suggestion.clone() {
        Suggestion::Threshold { threshold, times, instead_of } => V1Suggestion::Threshold { threshold, alarms: times, instead_of },
        Suggestion::Except { principal, events, of, times, instead_of } => {
            V1Suggestion::Except { principal, events, of, alarms: times, instead_of }
        }
    }
}
