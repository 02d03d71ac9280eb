//! What detections would have done: one pass over recorded events for all of them, then their alarms over time.
//!
//! Cannot be seen: CloudTrail's own delay, unless a log group tells when events came in; events that an archive does not hold;
//! what a filter reported before it existed.

mod alarm;
mod census;
mod journal;
mod metric;
mod minutes;
mod scan;
mod series;
mod stage;
mod subject;
mod suggest;
mod time;

use std::collections::BTreeMap;

use filter_pattern::Rule;

pub use census::{Census, Totals};
pub use journal::{Journal, JournalError};
pub use scan::{Bounds, Scan};
pub use stage::results;
pub use subject::{Side, Subject, Tried};
pub use suggest::Suggestion;

use crate::simulate::{Course, State, Transition};

/// What is told of the whole run.
#[derive(Debug, Clone, Default)]
pub struct Results {
    pub totals: Totals,
    /// First and last second of the events; `None`: there are none.
    pub span: Option<(i64, i64)>,
    /// It was interrupted.
    pub is_partial: bool,
    pub detections: Vec<Outcome>,
}

/// What a detection would have done.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    pub address: String,
    pub severity: Option<String>,
    /// Events that match.
    pub events: u64,
    /// Events that may match, by the question they hang on.
    pub uncertain: BTreeMap<Rule, u64>,
    /// Matches without the number or the dimension that their filter reports.
    pub without_value: u64,
    /// Each filter's name, pattern and events.
    pub filters: Vec<(String, String, u64)>,
    /// Seconds.
    pub period: i64,
    /// Start of a period, counted from 1970 → events; those without are left out.
    pub periods: BTreeMap<i64, u64>,
    pub principals: Vec<(String, u64)>,
    pub addresses: Vec<(String, u64)>,
    pub names: Vec<(String, u64)>,
    pub accounts: Vec<(String, u64)>,
    /// The earliest matches, as they are written.
    pub samples: Vec<String>,
    /// `None`: it has none.
    pub alarm: Option<Ringing>,
    pub suggestions: Vec<Suggestion>,
    /// The same detection as it was; with `Side::Before` definitions only.
    pub before: Option<Box<Outcome>>,
}

/// What an alarm would have done.
#[derive(Debug, Clone)]
pub struct Ringing {
    pub name: String,
    /// `Sum >= 1, 1 of 1 periods of 5m`.
    pub rule: String,
    pub threshold: Option<f64>,
    /// Why it is not simulated.
    pub not_simulated: Option<String>,
    /// The state before the first event.
    pub initial: State,
    /// Since then.
    pub transitions: Vec<Transition>,
    pub seconds_in_alarm: i64,
    /// How often it went into ALARM.
    pub times: usize,
    /// Actions that ran: each topic that is told counts.
    pub notifications: usize,
    /// What that hangs on.
    pub doubts: Vec<String>,
    /// Start and value of the datapoints, by periods counted from 1970.
    pub datapoints: Vec<(i64, f64)>,
    /// First and last second that was simulated.
    pub span: (i64, i64),
}

impl Ringing {
    fn new(name: &str, rule: String, threshold: Option<f64>, span: (i64, i64)) -> Self {
        Self {
            name: name.to_owned(),
            rule,
            threshold,
            not_simulated: None,
            initial: State::InsufficientData,
            transitions: Vec::new(),
            seconds_in_alarm: 0,
            times: 0,
            notifications: 0,
            doubts: Vec::new(),
            datapoints: Vec::new(),
            span,
        }
    }

    /// Takes a course, as far as it is of the time of the events.
    fn take(&mut self, course: &Course, first: i64) {
        self.initial = course.state_at(first - 1);
        self.transitions = course.transitions.iter().filter(|change| change.at >= first).cloned().collect();
        self.seconds_in_alarm = course.seconds_in_alarm(self.span.1);
        self.times = self.transitions.iter().filter(|change| change.to == State::Alarm).count();
    }
}

/// How alarms are simulated.
#[derive(Debug, Clone, Copy, Default)]
pub struct Settings {
    /// How many periods CloudWatch looks back; `None`: the usual guess, and a word where it matters.
    pub evaluation_range: Option<usize>,
    /// The source shows only some of the events of the log group.
    pub is_filtered: bool,
    /// Seconds from an event to its arrival.
    pub delay: i64,
}

/// `2026-11-25T06:01:00Z`.
pub fn shown(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}
