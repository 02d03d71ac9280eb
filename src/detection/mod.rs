//! What a user writes: one YAML file, one detection.

pub(crate) mod actors;
mod compile;
mod load;
mod parameters;
mod place;
mod problem;
mod profile;
mod runbook;
mod section;
mod shipped;
mod watched;

use std::collections::BTreeMap;

pub use compile::{Built, BuiltAlarm, BuiltFilter, Ready, Unit, build, prepare};
pub use load::{Detection, load_file, load_folder, load_pack, load_shipped, packs};
pub(crate) use parameters::{builtins, unknown as unknown_parameter};
pub use problem::Problems;
pub(crate) use profile::of_detection as profiles_of;
pub use profile::{ALL, Profiles, belongs};
pub use runbook::{Runbook, RunbookSection};
pub use section::{DetectionSection, OverrideSection, TestSection};
pub use shipped::SHIPPED;
pub use watched::{Count, Watched};

use crate::stack::AlarmDefaults;
use crate::state::Scope;

/// What a detection is compiled in.
pub struct Context<'a> {
    pub scope: &'a Scope,
    /// Name of the detection, without its pack.
    pub name: String,
    /// `<pack>/<name>.yaml`, as the marker says it.
    pub file: String,
    pub description: Option<String>,
    pub runbook: Option<Runbook>,
    /// Default namespace of metrics.
    pub namespace: String,
    /// Name of the stack's log group.
    pub log_group: &'a str,
    /// Names of its other log groups, by key.
    pub log_groups: &'a BTreeMap<String, String>,
    /// ARNs of its topics, by key.
    pub topics: &'a BTreeMap<String, String>,
    pub tags: &'a BTreeMap<String, String>,
    pub alarm_defaults: &'a AlarmDefaults,
    /// Which of its filters are wanted; `None`: all.
    pub profile: Option<&'a str>,
}
