//! A detection and what its stack says of it → resources.

use std::collections::{BTreeMap, BTreeSet};

use filter_pattern::Pattern;

use super::parameters::{builtins, declared};
use super::section::DetectionSection;
use super::{Context, Detection, Problems, belongs};
use crate::finding::{Code, Finding};
use crate::kinds::alarm::{Alarm, AlarmSection};
use crate::kinds::composite_alarm::CompositeAlarm;
use crate::kinds::metric_filter::{MetricFilter, MetricFilterSection, Outcome};
use crate::kinds::{alarm, composite_alarm};
use crate::state::{Address, Resource, Scope};
use crate::yaml::{Node, Span, Value, decode, substitute};

/// A detection with the stack's changes and all values put in.
#[derive(Debug)]
pub struct Ready {
    pub address: String,
    pub name: String,
    pub file: String,
    pub tree: Node,
    pub section: DetectionSection,
    /// false: switched off by the stack.
    pub enabled: bool,
}

impl Ready {
    /// Whether all its filters are of other profiles than the chosen one, so that nothing of it is deployed.
    pub fn is_left_out(&self, profile: Option<&str>) -> bool {
        let mut sections = self.section.metric_filter.iter().chain(self.section.metric_filters.iter().flatten()).peekable();
        sections.peek().is_some() && !sections.any(|section| belongs(section.profiles.as_deref(), profile))
    }

    /// The metric filters of the stack's log group that it takes over under their own names.
    pub fn adopted_filters(&self, log_group: &str) -> Vec<Address> {
        let sections = self.section.metric_filter.iter().chain(self.section.metric_filters.iter().flatten());
        let adopted = sections.filter(|s| s.log_group.is_none() && s.adopt.or(self.section.adopt).unwrap_or(false));
        adopted.filter_map(|s| s.name.as_ref()).map(|name| Address::new("metric_filter", format!("{log_group}:{}", name.0))).collect()
    }
}

/// Lays the stack's override upon a detection, puts values in and reads it typed. `log_group`: the stack's, by name.
///
/// # Errors
/// All that is wrong with the file, the override and the values.
pub fn prepare(
    detection: &Detection,
    over: Option<&Node>,
    parameters: Option<&Node>,
    (scope, log_group): (&Scope, &str),
    used: &mut BTreeSet<String>,
) -> Result<Ready, Vec<Finding>> {
    let mut tree = detection.tree.clone();
    let mut own = None;
    let mut enabled = true;
    if let Some(over) = over {
        let mut over = over.clone();
        enabled = over.remove("enabled").map_or(Ok(true), |node| decode(&node))?;
        own = over.remove("parameters");
        tree.merge(&over);
    }
    let mut variables = builtins(scope);
    variables.insert("log_group".to_owned(), Value::Scalar { text: log_group.to_owned(), plain: false });
    let mut findings = declared(&tree, own.as_ref(), parameters, &mut variables, used);
    substitute(&mut tree, &variables, &mut findings);
    let section = match decode::<DetectionSection>(&tree) {
        Ok(section) if findings.is_empty() => section,
        Ok(_) => return Err(findings),
        Err(more) => {
            findings.extend(more);
            return Err(findings);
        }
    };
    Ok(Ready { address: detection.address.clone(), name: detection.name().to_owned(), file: detection.file(), tree, section, enabled })
}

/// What a detection comes to.
#[derive(Debug, Default)]
pub struct Built {
    pub filters: Vec<BuiltFilter>,
    pub alarm: Option<BuiltAlarm>,
    /// Each with the place it comes from and whether it may take over what exists.
    pub resources: Vec<(Resource, Span, bool)>,
    pub findings: Vec<Finding>,
}

/// A metric filter and the section it comes from: `metric_filter`, `metric_filters.1`.
#[derive(Debug, Clone)]
pub struct BuiltFilter {
    pub path: String,
    /// The profiles that have it; `None`: each.
    pub profiles: Option<Vec<String>>,
    pub filter: MetricFilter,
    /// The filter's pattern, read.
    pub pattern: Pattern,
}

/// The alarm of a detection.
#[derive(Debug, Clone)]
pub enum BuiltAlarm {
    Metric(Box<Alarm>),
    Composite(Box<CompositeAlarm>),
}

impl BuiltAlarm {
    pub fn name(&self) -> &str {
        match self {
            Self::Metric(alarm) => &alarm.name,
            Self::Composite(alarm) => &alarm.name,
        }
    }

    pub fn address(&self) -> Address {
        let kind = match self {
            Self::Metric(_) => "alarm",
            Self::Composite(_) => "composite_alarm",
        };
        Address::new(kind, self.name())
    }
}

/// A detection beside what it was compiled to.
#[derive(Debug)]
pub struct Unit {
    pub ready: Ready,
    pub filters: Vec<BuiltFilter>,
    pub alarm: Option<BuiltAlarm>,
    /// The profile of its pack that the stack chose.
    pub profile: Option<String>,
}

/// Compiles a detection. `alarms` maps detections to the names of their alarms.
pub fn build(ready: &Ready, context: &Context<'_>, alarms: &BTreeMap<String, String>) -> Built {
    let mut problems = Problems::default();
    let section = &ready.section;
    let adopt = section.adopt.unwrap_or(false);
    let mut sections = filter_sections(section, &mut problems);
    let several = sections.len();
    sections.retain(|(_, filter)| belongs(filter.profiles.as_deref(), context.profile));
    if sections.len() < several && sections.is_empty() {
        // No filter is of the chosen profile, so there is nothing to alarm on.
        return Built::default();
    }
    let outcome = build_filters(&sections, context, &mut problems);
    let mut built = Built::default();
    for (i, filter) in &outcome.filters {
        let (path, section) = &sections[*i];
        built.resources.push((filter.resource(), ready.tree.locate(path), section.adopt.unwrap_or(adopt)));
        // What is wrong with a pattern was told by its section.
        if let Ok(pattern) = Pattern::parse(&filter.pattern) {
            let profiles = section.profiles.clone();
            built.filters.push(BuiltFilter { path: path.clone(), profiles, filter: filter.clone(), pattern });
        }
    }
    if let Some(alarm) = &section.alarm {
        problems.below("alarm");
        let (resource, alarm_built) = build_alarm(alarm, &outcome, alarms, context, &mut problems);
        built.resources.push((resource, ready.tree.locate("alarm"), alarm.adopt.unwrap_or(adopt)));
        built.alarm = Some(alarm_built);
    }
    if sections.is_empty() && section.alarm.is_none() {
        problems.below("");
        problems.push("", Code::MissingKey, "the detection does nothing", "give it a `metric_filter:`, an `alarm:` or both");
    }
    built.findings = problems.placed_in(&ready.tree).collect();
    built
}

fn build_alarm(
    section: &AlarmSection,
    filters: &Outcome,
    alarms: &BTreeMap<String, String>,
    context: &Context<'_>,
    problems: &mut Problems,
) -> (Resource, BuiltAlarm) {
    if section.composite.is_some() {
        let alarm = composite_alarm::compile(section, alarms, context, problems);
        return (alarm.clone().resource(), BuiltAlarm::Composite(Box::new(alarm)));
    }
    if section.suppressor.is_some() {
        problems.combination("suppressor", "only a composite alarm has a suppressor", "remove it, or write `composite:`");
    }
    let alarm = alarm::compile(section, filters, context, problems);
    (alarm.clone().resource(), BuiltAlarm::Metric(Box::new(alarm)))
}

/// The sections with their paths.
fn filter_sections<'a>(section: &'a DetectionSection, problems: &mut Problems) -> Vec<(String, &'a MetricFilterSection)> {
    if section.metric_filter.is_some() && section.metric_filters.is_some() {
        problems.below("metric_filters");
        problems.combination("", "`metric_filter` and `metric_filters` exclude each other", "put all filters into the list");
    }
    let one = section.metric_filter.iter().map(|s| ("metric_filter".to_owned(), s));
    let many = section.metric_filters.iter().flatten().enumerate().map(|(i, s)| (format!("metric_filters.{i}"), s));
    one.chain(many).collect()
}

/// All filters of a detection. The first is named after it, the others carry a number behind it.
fn build_filters(sections: &[(String, &MetricFilterSection)], context: &Context<'_>, problems: &mut Problems) -> Outcome {
    let mut outcome = Outcome::default();
    for (i, (path, section)) in sections.iter().enumerate() {
        problems.below(path.clone());
        let mut filters = section.compile(context, problems);
        outcome.incomplete |= filters.is_empty();
        if section.name.is_some() && filters.len() > 1 {
            problems.combination(
                "name",
                "the events need several filters, so none can keep its own name",
                "remove `name`, or shorten `match`",
            );
        }
        for filter in &mut filters {
            same_metric(&mut outcome, filter, problems);
            if filter.name.is_empty() {
                let number = outcome.filters.len() + 1;
                let prefix = context.scope.prefix();
                filter.name = if number == 1 { format!("{prefix}{}", context.name) } else { format!("{prefix}{}/{number}", context.name) };
            }
            outcome.filters.push((i, filter.clone()));
        }
    }
    outcome
}

fn same_metric(outcome: &mut Outcome, filter: &MetricFilter, problems: &mut Problems) {
    if outcome.filters.is_empty() {
        outcome.namespace.clone_from(&filter.metric_namespace);
        outcome.metric.clone_from(&filter.metric_name);
    } else if (&outcome.namespace, &outcome.metric) != (&filter.metric_namespace, &filter.metric_name) {
        problems.combination(
            "metric",
            "the filters of one detection feed one metric",
            "give them the same `metric:`, or write two detections",
        );
    }
}
