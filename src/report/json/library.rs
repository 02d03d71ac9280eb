//! Version 1: detections.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::detection::{BuiltAlarm, Unit};
use crate::kinds::alarm::Alarm;
use crate::kinds::composite_alarm::CompositeAlarm;

/// What `list --format json` prints.
#[derive(Debug, Serialize)]
pub struct List<'a> {
    pub format_version: &'static str,
    pub detections: Vec<Listed<'a>>,
    /// Addresses of those that the stack switched off.
    pub disabled: &'a [&'a str],
}

/// One of them.
#[derive(Debug, Serialize)]
pub struct Listed<'a> {
    pub address: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub severity: Option<&'a str>,
    pub metric_filters: usize,
    pub alarm: bool,
    pub tests: usize,
}

impl<'a> List<'a> {
    pub fn new(units: &[&'a Unit], disabled: &'a [&'a str]) -> Self {
        Self { format_version: "1.0", detections: units.iter().map(|unit| Listed::from(*unit)).collect(), disabled }
    }
}

impl<'a> From<&'a Unit> for Listed<'a> {
    fn from(unit: &'a Unit) -> Self {
        let section = &unit.ready.section;
        Self {
            address: &unit.ready.address,
            description: section.description.as_deref(),
            severity: section.severity.as_ref().map(|severity| severity.0.as_str()),
            metric_filters: unit.filters.len(),
            alarm: unit.alarm.is_some(),
            tests: section.tests.as_ref().map_or(0, Vec::len),
        }
    }
}

/// What `show --format json` prints.
#[derive(Debug, Serialize)]
pub struct Shown<'a> {
    pub format_version: &'static str,
    #[serde(flatten)]
    pub detection: Listed<'a>,
    pub filters: Vec<Filter<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metric_alarm: Option<&'a Alarm>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub composite_alarm: Option<&'a CompositeAlarm>,
    /// Technique or benchmark → ids.
    pub references: BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub limitations: &'a [String],
}

/// A metric filter as it is deployed.
#[derive(Debug, Serialize)]
pub struct Filter<'a> {
    pub name: &'a str,
    pub log_group: &'a str,
    pub pattern: &'a str,
    /// In characters, of 1,024.
    pub length: usize,
    pub metric_namespace: &'a str,
    pub metric_name: &'a str,
}

impl<'a> Shown<'a> {
    pub fn new(unit: &'a Unit) -> Self {
        let filters = unit.filters.iter().map(|built| &built.filter).map(|filter| Filter {
            name: &filter.name,
            log_group: &filter.log_group,
            pattern: &filter.pattern,
            length: filter.pattern.chars().count(),
            metric_namespace: &filter.metric_namespace,
            metric_name: &filter.metric_name,
        });
        let (metric_alarm, composite_alarm) = match &unit.alarm {
            Some(BuiltAlarm::Metric(alarm)) => (Some(&**alarm), None),
            Some(BuiltAlarm::Composite(alarm)) => (None, Some(&**alarm)),
            None => (None, None),
        };
        Self {
            format_version: "1.0",
            detection: Listed::from(unit),
            filters: filters.collect(),
            metric_alarm,
            composite_alarm,
            references: crate::wording::references(unit).into_iter().collect(),
            limitations: unit.ready.section.limitations.as_deref().unwrap_or_default(),
        }
    }
}
