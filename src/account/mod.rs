//! The seam: an account that can be read and written. AWS, or a snapshot in a file.

pub mod aws;
pub mod error;
pub mod snapshot;

use serde::{Deserialize, Serialize};

use self::error::AccountError;
use crate::audit::{Evidence, Selectors};
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

    async fn list(&self, kind: &dyn Kind, query: &Query) -> Result<Vec<Listed>, AccountError>;

    async fn put(&self, kind: &dyn Kind, scope: &Scope, put: Put<'_>) -> Result<(), AccountError>;

    async fn delete(&self, kind: &dyn Kind, scope: &Scope, resource: &Resource) -> Result<(), AccountError>;

    /// Makes everything written so far last.
    fn flush(&self) -> Result<(), AccountError> {
        Ok(())
    }
}
