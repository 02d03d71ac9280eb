//! Version 1: a rehearsal.

use serde::Serialize;

use crate::chain::{Drill, Heard, Outcome};
use crate::plan::saved::SavedScope;
use crate::report::Record;

/// What `drill --format json` prints.
#[derive(Debug, Serialize)]
pub struct V1Drill {
    pub format_version: &'static str,
    /// Stands in the alarm's reason, and in planted events.
    pub id: String,
    pub scope: SavedScope,
    pub caller: String,
    /// UTC.
    pub started: String,
    pub detection: String,
    pub alarm: String,
    /// Whether every link was heard.
    pub holds: bool,
    pub stopped: bool,
    pub state_before: String,
    pub state_after: String,
    /// Seconds until the metric had data and the alarm rang; with `--plant` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planted: Option<V1Planted>,
    pub actions: Vec<V1Heard>,
}

/// How far a planted event came.
#[derive(Debug, Serialize)]
pub struct V1Planted {
    pub metric_seconds: Option<f64>,
    pub alarm_seconds: Option<f64>,
}

/// What came of an action.
#[derive(Debug, Serialize)]
pub struct V1Heard {
    pub action: String,
    /// `succeeded`, `failed`, `silent`.
    pub outcome: &'static str,
    pub seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

impl V1Drill {
    pub fn new(record: &Record<'_>, told: &Drill) -> Self {
        let heard = |heard: &Heard| {
            let (outcome, seconds, error) = match &heard.outcome {
                Outcome::Succeeded(seconds) => ("succeeded", Some(*seconds), None),
                Outcome::Failed(seconds, error) => ("failed", Some(*seconds), Some(error.clone())),
                Outcome::Silent => ("silent", None, None),
            };
            V1Heard { action: heard.action.arn.clone(), outcome, seconds, error }
        };
        Self {
            format_version: "1.0",
            id: record.id.to_owned(),
            scope: SavedScope::from(record.scope),
            caller: record.caller.to_owned(),
            started: record.started.to_owned(),
            detection: record.detection.to_owned(),
            alarm: record.alarm.to_owned(),
            holds: told.holds(),
            stopped: told.is_stopped,
            state_before: told.before.clone(),
            state_after: told.after.clone(),
            planted: told.planted.as_ref().map(|planted| V1Planted { metric_seconds: planted.metric, alarm_seconds: planted.alarm }),
            actions: told.heard.iter().map(heard).collect(),
        }
    }
}
