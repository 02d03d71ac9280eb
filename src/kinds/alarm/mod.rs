//! CloudWatch metric alarms. PutMetricAlarm replaces all of an alarm and keeps its state.
//!
//! Cannot be seen: fields that this version of the AWS SDK does not know. Alarms on PromQL and log
//! alarms are not described here; an owned alarm that carries such fields is never overwritten.

pub mod actions;
mod aws;
mod compile;
mod section;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use actions::ActionSection;
pub(crate) use actions::actions_of;
pub(crate) use aws::{
    AWS_TAGS, Search, delete, describe, list_tags, search, tag_propagation_from, tag_propagation_to, tags_to, write_tags,
};
pub use compile::compile;
pub(crate) use compile::{action_lists, alarm_name, description, tags};
pub use section::{AlarmSection, Period, Periods, Statistic, TagPropagation, Threshold, TreatMissingData, is_statistic};

use super::marker::{self, Marker};
use super::metric_filter::metric_token;
use super::{Call, Kind, Listed, Put, Query, erase, restore};
use crate::account::aws::Clients;
use crate::state::{Address, Attributes, Resource, Scope, text};

/// Characters a description may have, marker included.
pub const MAX_DESCRIPTION: usize = 1024;

/// PutMetricAlarm in normal form (spec, section 6.2).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    pub name: String,
    /// The user's text, without the marker.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// `<stack> · <file>` from the marker; absent on alarms that are not trailarm's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<String>,
    pub actions_enabled: bool,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub alarm_actions: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub ok_actions: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub insufficient_data_actions: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistic: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extended_statistic: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dimensions: BTreeMap<String, String>,
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    pub evaluation_periods: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datapoints_to_alarm: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    pub comparison_operator: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub treat_missing_data: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluate_low_sample_count_percentiles: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<MetricQuery>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold_metric_id: Option<String>,
    /// Time zone of a wall-clock window; absent for a sliding one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wall_clock_window: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warm_up: Option<WarmUp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_propagation: Option<TagPropagation>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

/// One line of metric math.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricQuery {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    pub return_data: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metric_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stat: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub dimensions: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

/// How long a new alarm waits before it is evaluated.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WarmUp {
    pub minutes: u32,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub whole: bool,
}

impl Alarm {
    pub fn resource(self) -> Resource {
        Resource { address: Address::new("alarm", self.name.clone()), attributes: erase(&self.normal()) }
    }

    /// Settles defaults, once and for both sides (spec, section 6.7).
    fn normal(mut self) -> Self {
        self.description = self.description.trim_end().to_owned();
        self.unit = self.unit.filter(|u| u != "None");
        self.datapoints_to_alarm = self.datapoints_to_alarm.filter(|m| *m != self.evaluation_periods);
        self.treat_missing_data = self.treat_missing_data.filter(|t| t != "missing");
        self.evaluate_low_sample_count_percentiles = self.evaluate_low_sample_count_percentiles.filter(|e| e != "evaluate");
        for metric in &mut self.metrics {
            metric.unit = metric.unit.take().filter(|u| u != "None");
        }
        self.metrics.sort_by(|a, b| a.id.cmp(&b.id));
        self.tag_propagation = self.tag_propagation.map(TagPropagation::normal);
        self
    }
}

/// See [`Alarm`].
pub struct AlarmKind;

impl Kind for AlarmKind {
    fn name(&self) -> &'static str {
        "alarm"
    }

    fn resource(&self, attributes: &Attributes) -> Result<Resource, serde_json::Error> {
        Ok(restore::<Alarm>(attributes)?.resource())
    }

    fn owns(&self, scope: &Scope, resource: &Resource) -> bool {
        marker::is_ours(&resource.attributes, &scope.stack)
    }

    fn provides(&self, _: &Scope, resource: &Resource) -> Vec<String> {
        vec![format!("alarm:{}", resource.address.name)]
    }

    fn requires(&self, _: &Scope, resource: &Resource) -> Vec<String> {
        let Ok(alarm) = restore::<Alarm>(&resource.attributes) else { return Vec::new() };
        let mut tokens: Vec<String> =
            alarm.alarm_actions.into_iter().chain(alarm.ok_actions).chain(alarm.insufficient_data_actions).collect();
        let mut metric = |namespace: &Option<String>, name: &Option<String>| {
            if let (Some(namespace), Some(name)) = (namespace, name) {
                tokens.push(metric_token(namespace, name));
            }
        };
        metric(&alarm.namespace, &alarm.metric_name);
        alarm.metrics.iter().for_each(|m| metric(&m.namespace, &m.metric_name));
        tokens
    }

    fn list<'a>(&'a self, aws: &'a Clients, query: &'a Query) -> Call<'a, Vec<Listed>> {
        Box::pin(aws::list(aws, query))
    }

    fn put<'a>(&'a self, aws: &'a Clients, scope: &'a Scope, put: Put<'a>) -> Call<'a, ()> {
        Box::pin(aws::put(aws, scope, put))
    }

    fn delete<'a>(&'a self, aws: &'a Clients, _: &'a Scope, resource: &'a Resource) -> Call<'a, ()> {
        Box::pin(aws::delete(aws, resource))
    }
}

/// The description as AWS keeps it: the user's text, then the marker with a fingerprint of the rest.
pub(crate) fn wire_description(attributes: &Attributes) -> Option<String> {
    let (description, managed_by) = (text(attributes, "description"), text(attributes, "managed_by"));
    if managed_by.is_empty() {
        return Some(description.to_owned()).filter(|t| !t.is_empty());
    }
    let line = Marker::line(managed_by, &marker::fingerprint(attributes));
    Some(if description.is_empty() { line } else { format!("{description}\n{line}") })
}
