//! Version 1: what an apply does, line by line, and what it did.

use serde::Serialize;
use serde_json::Value;

use crate::apply::{ApplyReport, Outcome};
use crate::plan::{Change, Counts, Field};
use crate::report::plan::{Options, shown_address, shown_property};
use crate::state::Address;

/// A line of `apply --json`.
#[derive(Debug, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event<'a> {
    /// The first line.
    Plan {
        format_version: &'static str,
        time: &'a str,
        stack: &'a str,
        account_id: &'a str,
        region: &'a str,
        summary: Counts,
        fingerprint: &'a str,
    },
    ChangeStarted {
        time: &'a str,
        address: String,
        action: &'static str,
    },
    ChangeFinished {
        time: &'a str,
        #[serde(flatten)]
        result: V1Result,
    },
    /// The last line.
    Summary {
        time: &'a str,
        #[serde(flatten)]
        summary: V1Summary,
    },
}

/// What became of a change.
#[derive(Debug, Serialize)]
pub struct V1Result {
    pub address: String,
    /// `create`, `update`, `replace`, `delete`.
    pub action: &'static str,
    /// `done`, `already_so`, `moved`, `failed`, `skipped`, `not_reached`.
    pub outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What differs from what was reviewed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<V1Field>,
}

/// A property that is not as the plan saw it.
#[derive(Debug, Serialize)]
pub struct V1Field {
    pub name: String,
    pub planned: Option<Value>,
    pub live: Option<Value>,
}

/// How many of each.
#[derive(Debug, Serialize)]
pub struct V1Summary {
    pub complete: bool,
    pub done: usize,
    pub already_so: usize,
    pub moved: usize,
    pub failed: usize,
    pub skipped: usize,
    pub not_reached: usize,
}

/// What `apply --format json` prints.
#[derive(Debug, Serialize)]
pub struct Applied<'a> {
    pub format_version: &'static str,
    /// Of the plan that was carried out.
    pub plan_fingerprint: &'a str,
    pub results: Vec<V1Result>,
    pub summary: V1Summary,
}

impl<'a> Applied<'a> {
    pub fn new(report: &ApplyReport, plan_fingerprint: &'a str, options: Options) -> Self {
        let results = report.results.iter().map(|(change, outcome)| V1Result::new(change, outcome, options)).collect();
        Self { format_version: "1.0", plan_fingerprint, results, summary: V1Summary::from(report) }
    }
}

/// `create`, `update`, `replace`, `delete`.
pub fn action(change: &Change) -> &'static str {
    match change {
        Change::Create { .. } => "create",
        Change::Update { .. } => "update",
        Change::Replace { .. } => "replace",
        Change::Delete { .. } => "delete",
    }
}

fn key(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done(_) => "done",
        Outcome::AlreadySo => "already_so",
        Outcome::Moved(_) => "moved",
        Outcome::Failed(_) => "failed",
        Outcome::Skipped => "skipped",
        Outcome::NotReached => "not_reached",
    }
}

impl V1Result {
    pub fn new(change: &Change, outcome: &Outcome, options: Options) -> Self {
        let moved = match outcome {
            Outcome::Moved(fields) => fields.clone(),
            _ => Vec::new(),
        };
        Self {
            address: shown_address(change.address(), options),
            action: action(change),
            outcome: key(outcome),
            seconds: if let Outcome::Done(time) = outcome { Some(time.as_secs_f64()) } else { None },
            error: if let Outcome::Failed(error) = outcome { Some(error.to_string()) } else { None },
            moved: moved.into_iter().map(|field| field_of(change.address(), field, options)).collect(),
        }
    }
}

fn field_of(address: &Address, field: Field, options: Options) -> V1Field {
    let shown = |value: Option<Value>| value.map(|value| shown_property(address, &field.name, value, options));
    V1Field { planned: shown(field.before), live: shown(field.after), name: field.name.clone() }
}

impl From<&ApplyReport> for V1Summary {
    fn from(report: &ApplyReport) -> Self {
        let count = |wanted: &str| report.results.iter().filter(|(_, outcome)| key(outcome) == wanted).count();
        Self {
            complete: report.is_complete(),
            done: count("done"),
            already_so: count("already_so"),
            moved: count("moved"),
            failed: count("failed"),
            skipped: count("skipped"),
            not_reached: count("not_reached"),
        }
    }
}
