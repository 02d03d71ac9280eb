//! What is tried: the filters of detections, compiled together, and their alarms.

use std::collections::{BTreeMap, BTreeSet};

use filter_pattern::{Pattern, PatternSet, Source};

use crate::detection::{BuiltAlarm, Unit};
use crate::events::Gate;
use crate::kinds::alarm::Alarm;
use crate::state::NO_ACCOUNT;

/// Properties of each event that a scan looks at, besides those that patterns name: their places in [`PatternSet::keeping`].
pub(super) const KEPT: [&str; 12] = [
    "eventTime",
    "eventID",
    "digestStartTime",
    "userIdentity.sessionContext.sessionIssuer.arn",
    "userIdentity.arn",
    "userIdentity.invokedBy",
    "userIdentity.principalId",
    "userIdentity.type",
    "sourceIPAddress",
    "eventName",
    "recipientAccountId",
    "userIdentity.accountId",
];
pub(super) const TIME: usize = 0;
pub(super) const ID: usize = 1;
pub(super) const DIGEST: usize = 2;
/// Who did it: the first of these that is there. A role counts by itself, not by session, as `except:` names it.
pub(super) const WHO: std::ops::Range<usize> = 3..8;
pub(super) const ADDRESS: usize = 8;
pub(super) const NAME: usize = 9;
pub(super) const ACCOUNT: std::ops::Range<usize> = 10..12;

/// Namespace and name of a metric.
pub(super) type Metric = (String, String);
/// Dimension → value.
pub(super) type Dimensions = BTreeMap<String, String>;

/// Which version of the definitions: as they are, or as they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    Now,
    Before,
}

/// All that one pass over the events looks for.
#[derive(Debug)]
pub struct Subject {
    pub(super) filters: Vec<Filter>,
    pub detections: Vec<Tried>,
    pub(super) patterns: PatternSet,
    /// `None`: some pattern may match any event.
    pub(super) gate: Option<Gate>,
}

/// A detection that is tried.
#[derive(Debug)]
pub struct Tried {
    pub side: Side,
    pub address: String,
    pub severity: Option<String>,
    /// Indices of its filters.
    pub(super) filters: Vec<usize>,
    pub(super) alarm: Option<BuiltAlarm>,
    /// Only looked at because another alarm depends on it.
    pub(super) is_aside: bool,
}

/// A metric filter.
#[derive(Debug)]
pub(super) struct Filter {
    pub(super) detection: usize,
    pub(super) side: Side,
    pub(super) name: String,
    pub(super) text: String,
    pub(super) metric: Metric,
    pub(super) value: Source,
    pub(super) default: Option<f64>,
    pub(super) dimensions: BTreeMap<String, Source>,
    /// The values of dimensions that alarms look at; without dimensions one, which is empty.
    pub(super) channels: Vec<Dimensions>,
    /// Why its datums cannot be told.
    pub(super) unsupported: Option<&'static str>,
}

impl Filter {
    /// The value of each datum, where all have the same.
    pub(super) fn constant(&self) -> Option<f64> {
        match &self.value {
            Source::Constant(number) => Some(number.value()),
            _ => None,
        }
    }
}

impl Subject {
    /// Compiles detections. `wanted`: their addresses, of those of now; the others are looked at where an alarm depends on them.
    /// `account_id`: what `${account_id}` stands for.
    pub fn new(sides: Vec<(Side, Vec<Unit>)>, wanted: impl Fn(&str) -> bool, account_id: Option<&str>) -> Self {
        let (mut filters, mut detections, mut patterns) = (Vec::new(), Vec::new(), Vec::new());
        for (side, units) in sides {
            let chosen = chosen(&units, &wanted);
            for unit in units.into_iter().filter(|unit| chosen.contains(&unit.ready.address)) {
                let mut own = Vec::new();
                for built in &unit.filters {
                    let text = account_id.map_or_else(|| built.filter.pattern.clone(), |id| built.filter.pattern.replace(NO_ACCOUNT, id));
                    own.push(filters.len());
                    patterns.push(Pattern::parse(&text).unwrap_or_else(|_| built.pattern.clone()));
                    filters.push(filter(&built.filter, (detections.len(), side), text));
                }
                let address = unit.ready.address;
                let is_aside = !wanted(&address);
                let severity = unit.ready.section.severity.as_ref().map(|severity| severity.0.clone());
                detections.push(Tried { side, address, severity, filters: own, alarm: unit.alarm, is_aside });
            }
        }
        let patterns = PatternSet::keeping(patterns, &KEPT);
        let mut subject = Self { filters, detections, gate: Gate::new(&patterns), patterns };
        subject.open_channels();
        subject
    }

    /// The texts of which a property has one in each event that matters; `None`: any.
    pub fn demanded(&self, property: &str) -> Option<BTreeSet<String>> {
        self.patterns.demanded(property).filter(|texts| !texts.is_empty())
    }

    /// The patterns of all filters, in their order.
    pub fn patterns(&self) -> impl Iterator<Item = &str> {
        self.filters.iter().map(|filter| filter.text.as_str())
    }

    /// The detection that a filter is of.
    pub fn detection_of(&self, filter: usize) -> &str {
        &self.detections[self.filters[filter].detection].address
    }

    /// Whether `${account_id}` stands in a pattern, and nobody said what for.
    pub fn names_no_account(&self) -> bool {
        self.filters.iter().any(|filter| filter.text.contains(NO_ACCOUNT))
    }

    /// The metrics that alarms look at with dimensions.
    fn open_channels(&mut self) {
        let mut asked: Vec<(Side, Metric, Dimensions)> = Vec::new();
        for detection in &self.detections {
            let Some(BuiltAlarm::Metric(alarm)) = &detection.alarm else { continue };
            asked.extend(metrics(alarm).into_iter().map(|(metric, dimensions)| (detection.side, metric, dimensions.clone())));
        }
        for filter in &mut self.filters {
            let own = asked.iter().filter(|(side, metric, _)| *side == filter.side && *metric == filter.metric);
            let fits = |dimensions: &Dimensions| dimensions.keys().eq(filter.dimensions.keys());
            let mut channels: Vec<_> = own.map(|(_, _, dimensions)| dimensions.clone()).filter(fits).collect();
            channels.extend(filter.dimensions.is_empty().then(BTreeMap::new));
            channels.sort();
            channels.dedup();
            filter.channels = channels;
        }
    }
}

/// The metrics of an alarm, with their dimensions.
pub(super) fn metrics(alarm: &Alarm) -> Vec<(Metric, &Dimensions)> {
    let one = (&alarm.namespace, &alarm.metric_name, &alarm.dimensions);
    let several = alarm.metrics.iter().map(|query| (&query.namespace, &query.metric_name, &query.dimensions));
    let named =
        |(namespace, name, dimensions): (&Option<String>, &Option<String>, _)| Some(((namespace.clone()?, name.clone()?), dimensions));
    [one].into_iter().chain(several).filter_map(named).collect()
}

fn filter(filter: &crate::kinds::metric_filter::MetricFilter, (detection, side): (usize, Side), text: String) -> Filter {
    let source = |text: &String| Source::parse(text).ok();
    let unsupported = match filter {
        f if f.apply_on_transformed_logs => Some("it looks at transformed events, which archives do not hold"),
        f if f.field_selection_criteria.is_some() => Some("it selects by account or Region, which is not simulated"),
        f if !f.emit_system_field_dimensions.is_empty() => Some("its metric has dimensions of the system, which are not simulated"),
        f if source(&f.metric_value).is_none() => Some("its value cannot be read"),
        _ => None,
    };
    Filter {
        detection,
        side,
        name: filter.name.clone(),
        text,
        metric: (filter.metric_namespace.clone(), filter.metric_name.clone()),
        // What cannot be read is said above.
        value: source(&filter.metric_value).unwrap_or(Source::Field(String::new())),
        default: filter.default_value,
        dimensions: filter.dimensions.iter().filter_map(|(key, value)| Some((key.clone(), source(value)?))).collect(),
        channels: Vec::new(),
        unsupported,
    }
}

/// The detections that are wanted, and those that their alarms depend on.
fn chosen(units: &[Unit], wanted: &impl Fn(&str) -> bool) -> BTreeSet<String> {
    let mut chosen: BTreeSet<String> = BTreeSet::new();
    let mut waiting: Vec<&Unit> = units.iter().filter(|unit| wanted(&unit.ready.address)).collect();
    while let Some(unit) = waiting.pop() {
        if chosen.insert(unit.ready.address.clone()) {
            waiting.extend(units.iter().filter(|other| depends(unit, other)));
        }
    }
    chosen
}

/// Whether an alarm looks at a metric or at an alarm of another detection.
fn depends(unit: &Unit, other: &Unit) -> bool {
    match &unit.alarm {
        Some(BuiltAlarm::Metric(alarm)) => {
            let feeds = |metric: &Metric| {
                other.filters.iter().any(|built| built.filter.metric_namespace == metric.0 && built.filter.metric_name == metric.1)
            };
            metrics(alarm).iter().any(|(metric, _)| feeds(metric))
        }
        Some(BuiltAlarm::Composite(composite)) => {
            let Some(name) = other.alarm.as_ref().map(BuiltAlarm::name) else { return false };
            composite.rule.contains(name) || composite.actions_suppressor.as_deref().is_some_and(|suppressor| is_named(suppressor, name))
        }
        None => false,
    }
}

/// Whether an alarm's name or ARN names it.
pub(super) fn is_named(text: &str, name: &str) -> bool {
    text == name || text.ends_with(&format!(":alarm:{name}"))
}
