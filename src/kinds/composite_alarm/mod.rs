//! CloudWatch composite alarms over other alarms of the stack.
//!
//! Cannot be seen: whether a named alarm outside the stack exists; AWS refuses the call then.

mod aws;
pub mod rule;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use self::rule::{MOST_CHARACTERS, Rule};
use super::alarm::actions::Nature;
use super::alarm::{self, AlarmSection, TagPropagation};
use super::{Call, Kind, Listed, Put, Query, erase, marker, restore};
use crate::account::aws::Clients;
use crate::detection::{Context, Problems};
use crate::finding::{Code, suggest};
use crate::state::{Address, Attributes, Resource, Scope};

/// PutCompositeAlarm in normal form (spec, section 6.4).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CompositeAlarm {
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub managed_by: Option<String>,
    pub rule: String,
    pub actions_enabled: bool,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub alarm_actions: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub ok_actions: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub insufficient_data_actions: BTreeSet<String>,
    /// Name or ARN of an alarm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions_suppressor: Option<String>,
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions_suppressor_wait_period: Option<u32>,
    /// Seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actions_suppressor_extension_period: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tag_propagation: Option<TagPropagation>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl CompositeAlarm {
    pub fn resource(self) -> Resource {
        Resource { address: Address::new("composite_alarm", self.name.clone()), attributes: erase(&self.normal()) }
    }

    fn normal(mut self) -> Self {
        self.description = self.description.trim_end().to_owned();
        if let Ok(rule) = Rule::parse(&self.rule) {
            self.rule = rule.to_string();
        }
        self.tag_propagation = self.tag_propagation.map(TagPropagation::normal);
        self
    }
}

/// Compiles `alarm: {composite: …}`. `alarms` maps detections to the names of their alarms.
pub fn compile(
    section: &AlarmSection,
    alarms: &BTreeMap<String, String>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> CompositeAlarm {
    only_composite_keys(section, problems);
    let nature = Nature { composite: true, math: false, band: false, instance: false };
    let lists = alarm::action_lists(section, nature, context, problems);
    let text = section.composite.as_ref().map_or("", |r| r.0.as_str());
    let suppressor = section.suppressor.as_ref();
    CompositeAlarm {
        name: alarm::alarm_name(section, context),
        description: alarm::description(section, context, problems),
        managed_by: Some(marker::Marker::managed_by(&context.scope.stack, &context.file)),
        rule: compile_rule(text, alarms, problems),
        actions_enabled: section.actions_enabled.or(context.alarm_defaults.actions_enabled).unwrap_or(true),
        alarm_actions: lists.0,
        ok_actions: lists.1,
        insufficient_data_actions: lists.2,
        actions_suppressor: suppressor.map(|s| alarms.get(&s.alarm).cloned().unwrap_or_else(|| s.alarm.clone())),
        actions_suppressor_wait_period: suppressor.map(|s| s.wait_period.0),
        actions_suppressor_extension_period: suppressor.map(|s| s.extension_period.0),
        tag_propagation: section.tag_propagation.clone(),
        tags: alarm::tags(section, context, problems),
    }
}

fn only_composite_keys(section: &AlarmSection, problems: &mut Problems) {
    let wrong = [
        ("statistic", section.statistic.is_some()),
        ("extended_statistic", section.extended_statistic.is_some()),
        ("period", section.period.is_some()),
        ("threshold", section.threshold.is_some()),
        ("evaluation_periods", section.evaluation_periods.is_some()),
        ("datapoints_to_alarm", section.datapoints_to_alarm.is_some()),
        ("treat_missing_data", section.treat_missing_data.is_some()),
        ("dimensions", section.dimensions.is_some()),
        ("metric", section.metric.is_some()),
        ("metrics", section.metrics.is_some()),
        ("anomaly", section.anomaly.is_some()),
        ("wall_clock_window", section.wall_clock_window.is_some()),
        ("warm_up", section.warm_up.is_some()),
        ("unit", section.unit.is_some()),
        ("evaluate_low_sample_count_percentiles", section.evaluate_low_sample_count_percentiles.is_some()),
    ];
    for (key, _) in wrong.iter().filter(|(_, set)| *set) {
        problems.combination(key, format!("a composite alarm has no `{key}`"), "it looks at the states of other alarms: remove the key");
    }
}

fn compile_rule(text: &str, alarms: &BTreeMap<String, String>, problems: &mut Problems) -> String {
    let mut rule = match Rule::parse(text) {
        Ok(rule) => rule,
        Err((message, at)) => {
            let message = format!("{message} (character {} of the rule)", text[..at].chars().count() + 1);
            problems.push("composite", Code::WrongValue, message, "write `ALARM(a) AND NOT ALARM(b)` over names of detections");
            return String::new();
        }
    };
    let renamed = rule.rename(&mut |name: &str| {
        if name.starts_with("arn:") { Ok(name.to_owned()) } else { alarms.get(name).cloned().ok_or_else(|| name.to_owned()) }
    });
    if let Err(unknown) = renamed {
        let help = format!("{} (an alarm outside the stack is named by its ARN)", suggest(&unknown, alarms.keys().map(String::as_str)));
        problems.push("composite", Code::UnknownName, format!("no detection with an alarm is called `{unknown}`"), help);
    }
    if let Err(too_much) = rule.check_size() {
        problems.combination("composite", too_much, "make composites of composites");
    }
    let printed = rule.to_string();
    if printed.chars().count() > MOST_CHARACTERS {
        let message = format!("the rule is longer than {MOST_CHARACTERS} characters once the names are put in");
        problems.combination("composite", message, "make composites of composites");
    }
    printed
}

/// See [`CompositeAlarm`].
pub struct CompositeAlarmKind;

impl Kind for CompositeAlarmKind {
    fn name(&self) -> &'static str {
        "composite_alarm"
    }

    fn resource(&self, attributes: &Attributes) -> Result<Resource, serde_json::Error> {
        Ok(restore::<CompositeAlarm>(attributes)?.resource())
    }

    fn owns(&self, scope: &Scope, resource: &Resource) -> bool {
        marker::is_ours(&resource.attributes, &scope.stack)
    }

    fn provides(&self, _: &Scope, resource: &Resource) -> Vec<String> {
        vec![format!("alarm:{}", resource.address.name)]
    }

    fn requires(&self, scope: &Scope, resource: &Resource) -> Vec<String> {
        let Ok(alarm) = restore::<CompositeAlarm>(&resource.attributes) else { return Vec::new() };
        let rule = Rule::parse(&alarm.rule);
        let suppressor = alarm.actions_suppressor.as_deref().map(|name| scope.alarm_name(name).unwrap_or(name));
        let children = rule.iter().flat_map(|rule| rule.alarms_in(scope)).chain(suppressor).map(|name| format!("alarm:{name}"));
        let children: Vec<String> = children.collect();
        children.into_iter().chain(alarm.alarm_actions).chain(alarm.ok_actions).chain(alarm.insufficient_data_actions).collect()
    }

    fn list<'a>(&'a self, aws: &'a Clients, query: &'a Query) -> Call<'a, Vec<Listed>> {
        Box::pin(aws::list(aws, query))
    }

    fn put<'a>(&'a self, aws: &'a Clients, scope: &'a Scope, put: Put<'a>) -> Call<'a, ()> {
        Box::pin(aws::put(aws, scope, put))
    }

    fn delete<'a>(&'a self, aws: &'a Clients, _: &'a Scope, resource: &'a Resource) -> Call<'a, ()> {
        Box::pin(alarm::delete(aws, resource))
    }
}
