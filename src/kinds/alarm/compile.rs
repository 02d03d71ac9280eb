//! `alarm:` of a detection → a metric alarm, with all that AWS would refuse refused here.

use std::collections::{BTreeMap, BTreeSet};

use super::actions::{self, Nature, State};
use super::section::{AlarmMetric, AlarmSection, AnomalySection, DimensionName, DimensionValue, QuerySection, Statistic, Threshold};
use super::{Alarm, MAX_DESCRIPTION, MetricQuery, WarmUp};
use crate::detection::{Context, Problems, Runbook};
use crate::finding::Code;
use crate::kinds::marker::Marker;
use crate::kinds::metric_filter::Outcome;

/// Metrics that metric math may use (PutMetricAlarm, `Metrics`).
const MAX_METRICS: usize = 10;
/// Dimensions of a metric (PutMetricAlarm, `Dimensions`).
const MAX_DIMENSIONS: usize = 30;
const DAY: u64 = 86_400;

/// Compiles a section; `filters` is what the detection's own filters feed.
pub fn compile(section: &AlarmSection, filters: &Outcome, context: &Context<'_>, problems: &mut Problems) -> Alarm {
    let mut alarm = Alarm {
        name: alarm_name(section, context),
        description: description(section, context, problems),
        managed_by: Some(Marker::managed_by(&context.scope.stack, &context.file)),
        actions_enabled: section.actions_enabled.or(context.alarm_defaults.actions_enabled).unwrap_or(true),
        tags: tags(section, context, problems),
        tag_propagation: section.tag_propagation.clone(),
        unit: section.unit.as_ref().map(|u| u.0.clone()),
        wall_clock_window: section.wall_clock_window.as_ref().map(|t| t.0.clone()),
        warm_up: section.warm_up.as_ref().map(|w| WarmUp { minutes: w.minutes.0, whole: w.whole.unwrap_or(false) }),
        evaluate_low_sample_count_percentiles: section.evaluate_low_sample_count_percentiles.as_ref().map(|e| e.0.clone()),
        ..Alarm::default()
    };
    let period = section.period.or(context.alarm_defaults.period).map_or(300, |p| p.0);
    evaluation(&mut alarm, section, filters, context, problems);
    threshold(&mut alarm, section, context);
    source(&mut alarm, section, filters, period, context, problems);
    check_times(&alarm, period, problems);
    let nature = Nature {
        composite: false,
        math: !alarm.metrics.is_empty(),
        band: alarm.threshold_metric_id.is_some(),
        instance: alarm.dimensions.contains_key("InstanceId"),
    };
    let lists = action_lists(section, nature, context, problems);
    Alarm { alarm_actions: lists.0, ok_actions: lists.1, insufficient_data_actions: lists.2, ..alarm }
}

/// The name: its own, or prefix and detection.
pub(crate) fn alarm_name(section: &AlarmSection, context: &Context<'_>) -> String {
    section.name.as_ref().map_or_else(|| format!("{}{}", context.scope.prefix(), context.name), |n| n.0.clone())
}

/// The user's text and the runbook, as the responder reads them.
pub(crate) fn description(section: &AlarmSection, context: &Context<'_>, problems: &mut Problems) -> String {
    let text = section.description.clone().or_else(|| context.description.clone()).unwrap_or_default();
    let own = Some(text.trim().to_owned()).filter(|t| !t.is_empty());
    let runbook = context.runbook.iter().flat_map(Runbook::notice);
    let text = own.into_iter().chain(runbook).collect::<Vec<_>>().join("\n");
    let marker = Marker::line(&Marker::managed_by(&context.scope.stack, &context.file), "00000000");
    let length = text.chars().count() + 1 + marker.chars().count();
    if length > MAX_DESCRIPTION {
        let message = format!(
            "description, runbook and the line that says who manages the alarm have {length} characters, {MAX_DESCRIPTION} are allowed"
        );
        problems.push("", Code::WrongValue, message, "shorten the description, or give the alarm its own `description:`");
    }
    text
}

/// The stack's tags, overlaid with those of the section.
pub(crate) fn tags(section: &AlarmSection, context: &Context<'_>, problems: &mut Problems) -> BTreeMap<String, String> {
    let mut tags = context.tags.clone();
    tags.extend(section.tags.iter().flatten().map(|(k, v)| (k.0.clone(), v.0.clone())));
    problems.tags(&tags);
    if section.tag_propagation.as_ref().is_some_and(|p| !p.included.is_empty() && !p.excluded.is_empty()) {
        problems.combination("tag_propagation", "`included` and `excluded` exclude each other", "keep one of them");
    }
    tags
}

type Lists = (BTreeSet<String>, BTreeSet<String>, BTreeSet<String>);

/// The three action lists.
pub(crate) fn action_lists(section: &AlarmSection, nature: Nature, context: &Context<'_>, problems: &mut Problems) -> Lists {
    let defaults = context.alarm_defaults;
    let mut list = |state, notify: (&str, &Option<Vec<String>>, &Option<Vec<String>>), actions: (&str, &Option<Vec<_>>)| {
        let names = notify.1.as_ref().or(notify.2.as_ref()).map_or(&[][..], Vec::as_slice);
        let automated = actions.1.as_ref().map_or(&[][..], Vec::as_slice);
        actions::resolve(state, (notify.0, names), (actions.0, automated), nature, context, problems)
    };
    (
        list(State::Alarm, ("notify", &section.notify, &defaults.notify), ("actions", &section.actions)),
        list(State::Ok, ("notify_ok", &section.notify_ok, &defaults.notify_ok), ("ok_actions", &section.ok_actions)),
        list(
            State::InsufficientData,
            ("notify_insufficient_data", &section.notify_insufficient_data, &defaults.notify_insufficient_data),
            ("insufficient_data_actions", &section.insufficient_data_actions),
        ),
    )
}

fn evaluation(alarm: &mut Alarm, section: &AlarmSection, filters: &Outcome, context: &Context<'_>, problems: &mut Problems) {
    let defaults = context.alarm_defaults;
    alarm.evaluation_periods = section.evaluation_periods.or(defaults.evaluation_periods).map_or(1, |p| p.0);
    let datapoints = section.datapoints_to_alarm.or(defaults.datapoints_to_alarm.filter(|_| section.evaluation_periods.is_none()));
    alarm.datapoints_to_alarm = datapoints.map(|p| p.0);
    if alarm.datapoints_to_alarm.is_some_and(|m| m > alarm.evaluation_periods) {
        let message = format!("`datapoints_to_alarm` is above `evaluation_periods`, which is {}", alarm.evaluation_periods);
        problems.combination("datapoints_to_alarm", message, "the alarm could never ring: raise `evaluation_periods`");
    }
    let counting = !filters.filters.is_empty() && section.metric.is_none() && section.metrics.is_none();
    let missing = section.treat_missing_data.as_ref().or(defaults.treat_missing_data.as_ref()).map(|t| t.0.clone());
    alarm.treat_missing_data = missing.or_else(|| counting.then(|| "notBreaching".to_owned()));
}

fn threshold(alarm: &mut Alarm, section: &AlarmSection, context: &Context<'_>) {
    if section.anomaly.is_some() {
        return;
    }
    let default = Threshold { comparison_operator: "GreaterThanOrEqualToThreshold", value: 1.0 };
    let threshold = section.threshold.as_ref().or(context.alarm_defaults.threshold.as_ref()).unwrap_or(&default);
    alarm.threshold = Some(threshold.value);
    threshold.comparison_operator.clone_into(&mut alarm.comparison_operator);
}

fn own(map: Option<&BTreeMap<DimensionName, DimensionValue>>) -> BTreeMap<String, String> {
    map.into_iter().flatten().map(|(k, v)| (k.0.clone(), v.0.clone())).collect()
}

/// What the alarm looks at: exactly one of metric, math, band; by default what the filters feed.
fn source(alarm: &mut Alarm, section: &AlarmSection, filters: &Outcome, period: u32, context: &Context<'_>, problems: &mut Problems) {
    let ways = [section.metric.is_some(), section.metrics.is_some(), section.anomaly.is_some()];
    if ways.iter().filter(|w| **w).count() > 1 {
        problems.combination("", "`metric`, `metrics` and `anomaly` exclude each other", "keep one of them");
        return;
    }
    if let Some(queries) = &section.metrics {
        for (key, set) in [
            ("statistic", section.statistic.is_some()),
            ("extended_statistic", section.extended_statistic.is_some()),
            ("dimensions", section.dimensions.is_some()),
            ("unit", section.unit.is_some()),
        ] {
            if set {
                problems.combination(key, format!("`{key}` goes into the entries of `metrics`"), "move it to the metric it is for");
            }
        }
        alarm.metrics = math(queries, period, problems);
        return;
    }
    let (namespace, name, dimensions) = match metric_of(section, filters) {
        Some(metric) => metric,
        None if filters.incomplete => return,
        None => {
            problems.combination(
                "",
                "the alarm looks at no metric",
                "give the detection a `metric_filter`, or the alarm `metric`, `metrics`, `anomaly` or `composite`",
            );
            return;
        }
    };
    check_dimensions(&dimensions, section, filters, problems);
    if let Some((name, _)) = dimensions.iter().find(|(name, value)| name.starts_with(':') || value.trim().is_empty()) {
        problems.combination(
            "dimensions",
            format!("AWS refuses the dimension `{name}`"),
            "a name starts with no colon, and a value is not blank",
        );
    }
    if dimensions.len() > MAX_DIMENSIONS {
        let message = format!("{} dimensions, {MAX_DIMENSIONS} are allowed", dimensions.len());
        problems.combination("dimensions", message, "an alarm watches one metric: name just its dimensions");
    }
    let stat = statistic(alarm, section, context, problems);
    match &section.anomaly {
        Some(anomaly) => band(alarm, anomaly, (namespace, name, dimensions), stat, period, problems),
        None => {
            alarm.namespace = Some(namespace);
            alarm.metric_name = Some(name);
            alarm.dimensions = dimensions;
            alarm.period = Some(period);
        }
    }
}

type MetricIdentity = (String, String, BTreeMap<String, String>);

fn metric_of(section: &AlarmSection, filters: &Outcome) -> Option<MetricIdentity> {
    let named = section.metric.as_ref().or_else(|| section.anomaly.as_ref().and_then(|a| a.metric.as_ref()));
    if let Some(AlarmMetric { namespace, name, dimensions }) = named {
        let dimensions = own(dimensions.as_ref().or(section.dimensions.as_ref()));
        return Some((namespace.0.clone(), name.0.clone(), dimensions));
    }
    (!filters.filters.is_empty()).then(|| (filters.namespace.clone(), filters.metric.clone(), own(section.dimensions.as_ref())))
}

/// A metric with dimensions and an alarm without them never meet.
fn check_dimensions(dimensions: &BTreeMap<String, String>, section: &AlarmSection, filters: &Outcome, problems: &mut Problems) {
    let named = section.metric.is_some() || section.anomaly.as_ref().is_some_and(|a| a.metric.is_some());
    if named {
        return;
    }
    let asked: Vec<&str> = dimensions.keys().map(String::as_str).collect();
    for (_, filter) in &filters.filters {
        let published: Vec<&str> = filter.dimensions.keys().map(String::as_str).collect();
        if published != asked {
            let message =
                format!("the filter publishes the dimensions [{}], the alarm asks for [{}]", published.join(", "), asked.join(", "));
            problems.combination("dimensions", message, "the alarm would never see data: name the same dimensions on both");
            return;
        }
    }
}

/// Sets one of the two statistics and returns it for metric math.
fn statistic(alarm: &mut Alarm, section: &AlarmSection, context: &Context<'_>, problems: &mut Problems) -> String {
    if section.statistic.is_some() && section.extended_statistic.is_some() {
        problems.combination("extended_statistic", "`statistic` and `extended_statistic` exclude each other", "keep one of them");
    }
    let simple = section.statistic.as_ref().or(context.alarm_defaults.statistic.as_ref()).map_or("Sum", |s| s.0.as_str());
    let stat = section.extended_statistic.as_ref().map_or(simple, |s| s.0.as_str()).to_owned();
    let is_simple = Statistic::VALUES.contains(&stat.as_str());
    if section.anomaly.is_none() {
        (alarm.statistic, alarm.extended_statistic) = if is_simple { (Some(stat.clone()), None) } else { (None, Some(stat.clone())) };
    }
    if section.evaluate_low_sample_count_percentiles.is_some() && !stat.starts_with('p') {
        problems.combination(
            "evaluate_low_sample_count_percentiles",
            "this is for percentiles only",
            "use `extended_statistic: p99`, or remove it",
        );
    }
    stat
}

fn band(alarm: &mut Alarm, anomaly: &AnomalySection, metric: MetricIdentity, stat: String, period: u32, problems: &mut Problems) {
    let width = anomaly.band.unwrap_or(2.0);
    if width <= 0.0 {
        problems.push("anomaly.band", Code::WrongValue, "a band has a positive width", "2 is usual");
    }
    let (namespace, name, dimensions) = metric;
    let measured = MetricQuery {
        id: "m1".to_owned(),
        return_data: true,
        period: Some(period),
        namespace: Some(namespace),
        metric_name: Some(name),
        stat: Some(stat),
        dimensions,
        unit: alarm.unit.take(),
        ..MetricQuery::default()
    };
    let band = MetricQuery {
        id: "band".to_owned(),
        expression: Some(format!("ANOMALY_DETECTION_BAND(m1, {width})")),
        return_data: true,
        ..MetricQuery::default()
    };
    alarm.metrics = vec![measured, band];
    alarm.threshold_metric_id = Some("band".to_owned());
    alarm.comparison_operator = match anomaly.when.as_ref().map(|w| w.0.as_str()) {
        Some("above") => "GreaterThanUpperThreshold",
        Some("below") => "LessThanLowerThreshold",
        _ => "LessThanLowerOrGreaterThanUpperThreshold",
    }
    .to_owned();
}

fn math(queries: &[QuerySection], period: u32, problems: &mut Problems) -> Vec<MetricQuery> {
    let expressions = queries.iter().filter(|q| q.expression.is_some()).count();
    let mut ids = BTreeSet::new();
    let mut out = Vec::new();
    for (i, query) in queries.iter().enumerate() {
        if query.expression.is_some() == query.metric.is_some() {
            problems.combination(&format!("metrics.{i}"), "an entry has either `expression` or `metric`", "keep one of them");
        }
        if !ids.insert(&query.id.0) {
            problems.combination(
                &format!("metrics.{i}.id"),
                format!("the id `{}` is used twice", query.id.0),
                "give each entry its own id",
            );
        }
        if query.metric.is_some() && query.statistic.is_none() {
            problems.push(&format!("metrics.{i}"), Code::MissingKey, "a metric needs its `statistic`", "add `statistic: Sum`");
        }
        let metric = query.metric.as_ref();
        let only = expressions == 1 && query.expression.is_some();
        out.push(MetricQuery {
            id: query.id.0.clone(),
            expression: query.expression.as_ref().map(|e| e.0.clone()),
            label: query.label.clone(),
            return_data: query.return_data.unwrap_or(only || queries.len() == 1),
            account_id: query.account_id.as_ref().map(|a| a.0.clone()),
            period: query.period.map(|p| p.0).or(metric.map(|_| period)),
            namespace: metric.map(|m| m.namespace.0.clone()),
            metric_name: metric.map(|m| m.name.0.clone()),
            stat: query.statistic.as_ref().map(|s| s.0.clone()),
            dimensions: own(metric.and_then(|m| m.dimensions.as_ref())),
            unit: query.unit.as_ref().map(|u| u.0.clone()),
        });
    }
    let periods: BTreeSet<u32> = out.iter().filter(|q| q.metric_name.is_some()).filter_map(|q| q.period).collect();
    if periods.len() > 1 {
        problems.combination(
            "metrics",
            "the metrics have different periods, and an alarm needs one for all",
            "give them the same `period`",
        );
    }
    let returning = out.iter().filter(|q| q.return_data).count();
    if returning != 1 {
        problems.combination(
            "metrics",
            format!("{returning} entries return data, exactly one must"),
            "set `return_data: true` on one entry and false on the rest",
        );
    }
    if out.len() - expressions > MAX_METRICS {
        problems.combination(
            "metrics",
            format!("{} metrics, {MAX_METRICS} are allowed", out.len() - expressions),
            "split the alarm, and join the parts with a composite",
        );
    }
    out
}

/// Lengths of time that AWS refuses (spec, sections 4.2 and 6.2).
fn check_times(alarm: &Alarm, period: u32, problems: &mut Problems) {
    let span = u64::from(period) * u64::from(alarm.evaluation_periods);
    let limit = if period >= 3600 { 7 * DAY } else { DAY };
    if span > limit {
        let message = format!("{} periods of {period} seconds are {span} seconds, {limit} are allowed", alarm.evaluation_periods);
        problems.combination("evaluation_periods", message, "periods of an hour or more may span seven days, shorter ones one day");
    }
    if alarm.wall_clock_window.is_some() && ![60, 300, 3600, 86_400, 604_800].contains(&period) {
        problems.combination(
            "wall_clock_window",
            "a wall-clock window needs a period of 1m, 5m, 1h, 1d or 7d",
            "change `period`, or remove the window",
        );
    }
}
