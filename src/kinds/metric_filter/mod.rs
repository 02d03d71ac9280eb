//! CloudWatch Logs metric filters. One call writes all of a filter, so an update is a put.
//!
//! Cannot be seen: who made a filter (it has no tags and no description). It is ours when its name
//! starts with the prefix of the stack; one with its own name is taken over only with `adopt: true`.

mod aws;
mod section;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(crate) use aws::{list_group, test};
pub use section::{MetricFilterSection, Outcome};

use super::{Call, Kind, Listed, Put, Query, erase, restore};
use crate::account::aws::Clients;
use crate::state::{Address, Attributes, Resource, Scope, text};

/// The call that reads filters; AWS answers it with "not found" when the log group does not exist.
pub const LIST_FILTERS: &str = "logs:DescribeMetricFilters";
/// How a log group is called as the subject of a call.
pub const LOG_GROUP: &str = "log group ";
/// Filters that a log group may have (CloudWatch Logs quotas, not adjustable).
pub const FILTERS_PER_LOG_GROUP: usize = 100;
/// Filters with regular expressions that a log group may have (same page).
pub const REGEX_FILTERS_PER_LOG_GROUP: usize = 5;

/// PutMetricFilter in normal form (spec, section 6.1).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricFilter {
    pub log_group: String,
    pub name: String,
    /// Byte for byte as deployed.
    pub pattern: String,
    pub metric_namespace: String,
    pub metric_name: String,
    /// Text: `1` and `1.0` are different values to the API.
    pub metric_value: String,
    /// Absent and 0 are different things.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_value: Option<f64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dimensions: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub apply_on_transformed_logs: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_selection_criteria: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emit_system_field_dimensions: Vec<String>,
}

impl MetricFilter {
    pub fn resource(&self) -> Resource {
        let address = Address::new("metric_filter", format!("{}:{}", self.log_group, self.name));
        Resource { address, attributes: erase(&self.clone().normal()) }
    }

    fn normal(mut self) -> Self {
        self.unit = self.unit.filter(|u| u != "None");
        self.field_selection_criteria = self.field_selection_criteria.filter(|c| !c.is_empty());
        self.emit_system_field_dimensions.sort();
        self
    }
}

/// The name that joins a filter to the alarms on its metric.
pub fn metric_token(namespace: &str, name: &str) -> String {
    format!("metric:{namespace}:{name}")
}

/// See [`MetricFilter`].
pub struct MetricFilterKind;

impl Kind for MetricFilterKind {
    fn name(&self) -> &'static str {
        "metric_filter"
    }

    fn resource(&self, attributes: &Attributes) -> Result<Resource, serde_json::Error> {
        Ok(restore::<MetricFilter>(attributes)?.resource())
    }

    fn owns(&self, scope: &Scope, resource: &Resource) -> bool {
        text(&resource.attributes, "name").starts_with(&scope.prefix())
    }

    fn provides(&self, _: &Scope, resource: &Resource) -> Vec<String> {
        vec![metric_token(text(&resource.attributes, "metric_namespace"), text(&resource.attributes, "metric_name"))]
    }

    fn list<'a>(&'a self, aws: &'a Clients, query: &'a Query) -> Call<'a, Vec<Listed>> {
        Box::pin(aws::list(aws, query))
    }

    fn put<'a>(&'a self, aws: &'a Clients, _: &'a Scope, put: Put<'a>) -> Call<'a, ()> {
        Box::pin(aws::put(aws, put.resource))
    }

    fn delete<'a>(&'a self, aws: &'a Clients, _: &'a Scope, resource: &'a Resource) -> Call<'a, ()> {
        Box::pin(aws::delete(aws, resource))
    }
}
