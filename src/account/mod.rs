//! The seam: an account that can be read and written. AWS, or a snapshot in a file.

pub mod aws;
pub mod error;
mod history;
mod log_events;
pub mod snapshot;

use serde::{Deserialize, Serialize};

pub use history::Lookup;
pub use log_events::LogEvent;

use self::error::AccountError;
use crate::arn::Arn;
use crate::audit::{AlarmSeen, Evidence, Selectors};
use crate::chain;
use crate::kinds::{Kind, Listed, Put, Query};
use crate::state::{Resource, Scope};

/// Where we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub partition: String,
    pub account_id: String,
    pub region: String,
    /// Who calls: an ARN, or the path of a snapshot.
    pub caller: String,
}

/// A trail, as far as finding the log group needs it (CloudTrail DescribeTrails, GetTrailStatus).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trail {
    pub name: String,
    pub arn: String,
    #[serde(default)]
    pub multi_region: bool,
    #[serde(default)]
    pub organization: bool,
    /// `None`: could not be read.
    pub logging: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub log_group_arn: Option<String>,
    /// Which management events it records; `None`: not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selectors: Option<Selectors>,
    /// `None`: could not be read. It changes by the minute, so snapshots do not keep it.
    #[serde(default, skip_serializing)]
    pub delivery: Option<Delivery>,
}

/// How a trail delivers to its log group (CloudTrail GetTrailStatus).
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Delivery {
    /// The last one, in seconds since 1970.
    pub last: Option<i64>,
    /// What went wrong with the newest.
    pub error: Option<String>,
}

impl Trail {
    /// The log group that it delivers to, by name.
    pub fn log_group(&self) -> Option<String> {
        let arn: Arn = self.log_group_arn.as_ref()?.parse().ok()?;
        Some(arn.log_group().to_owned())
    }
}

/// How far the event history was looked through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// All of it, or as far as was needed.
    Read,
    /// The newest events only: there are too many of that name.
    CutShort,
    /// There is none, since the account is a file.
    Missing,
}

/// An account, read and written kind by kind.
#[expect(async_fn_in_trait, reason = "one thread drives it, so no caller needs the futures to be Send")]
pub trait Account {
    fn identity(&self) -> &Identity;

    /// The trails that this Region sees, shadow trails included.
    async fn trails(&self) -> Result<Vec<Trail>, AccountError>;

    /// Which management events a trail records; `None`: that may not be read.
    async fn selectors(&self, trail: &Trail) -> Result<Option<Selectors>, AccountError>;

    /// All that auditors look at in this Region.
    async fn evidence(&self) -> Result<Evidence, AccountError>;

    /// What the chain of an alarm is looked at for.
    async fn chain(&self, wanted: &chain::Wanted) -> Result<chain::Evidence, AccountError>;

    /// All metric alarms of this Region, whoever made them.
    async fn alarms(&self) -> Result<Vec<AlarmSeen>, AccountError>;

    /// The newest events of a name in the event history (90 days), until `found` has what it looks for.
    async fn history(&self, event: &str, found: &mut dyn FnMut(&serde_json::Value) -> bool) -> Result<History, AccountError>;

    async fn list(&self, kind: &dyn Kind, query: &Query) -> Result<Vec<Listed>, AccountError>;

    async fn put(&self, kind: &dyn Kind, scope: &Scope, put: Put<'_>) -> Result<(), AccountError>;

    async fn delete(&self, kind: &dyn Kind, scope: &Scope, resource: &Resource) -> Result<(), AccountError>;

    /// Makes everything written so far last.
    fn flush(&self) -> Result<(), AccountError> {
        Ok(())
    }
}
