//! Alarms to and from CloudWatch; the reading of both kinds of alarm.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::types::{
    ActionConfiguration, AlarmTagsPropagation, AlarmType, ComparisonOperator, CompositeAlarm, Dimension, EvaluationWindow, Metric,
    MetricAlarm, MetricDataQuery, MetricStat, StandardUnit, Statistic, Tag, WallClockWindow, WarmUpConfiguration,
};

use super::{Alarm, MetricQuery, TagPropagation, WarmUp, wire_description};
use crate::account::aws::Clients;
use crate::account::error::{AccountError, if_there};
use crate::kinds::marker::Marker;
use crate::kinds::{Listed, Put, Query, restore};
use crate::state::{Address, Resource, Scope};

/// Tags with this prefix are AWS's own (CloudFormation's, say): nobody else can write them.
pub(crate) const AWS_TAGS: &str = "aws:";

/// The most that DescribeAlarms returns a page, and takes as names.
const PAGE: i32 = 100;

/// Alarms under the stack's prefix, and those asked for by name.
pub(crate) async fn describe(aws: &Clients, query: &Query, kind: &str) -> Result<(Vec<MetricAlarm>, Vec<CompositeAlarm>), AccountError> {
    let alarm_type = if kind == "alarm" { AlarmType::MetricAlarm } else { AlarmType::CompositeAlarm };
    let prefix = query.scope.prefix();
    // The two kinds share their names, so each is looked for under the names of both.
    let named = query.named.iter().filter(|a| a.is_alarm() && (query.only_named || !a.name.starts_with(&prefix)));
    let names: Vec<String> = named.map(|a| a.name.clone()).collect::<BTreeSet<_>>().into_iter().collect();
    let mut searches = if query.only_named { Vec::new() } else { vec![(Some(prefix), None)] };
    searches.extend(names.chunks(100).map(|chunk| (None, Some(chunk.to_vec()))));
    let (mut metric, mut composite) = (Vec::new(), Vec::new());
    for (prefix, names) in searches {
        let found = search(aws, Search { kinds: vec![alarm_type.clone()], prefix, names }).await?;
        metric.extend(found.0);
        composite.extend(found.1);
    }
    Ok((metric, composite))
}

/// Which alarms: all of the kinds, without a prefix and names.
#[derive(Debug, Default)]
pub(crate) struct Search {
    pub kinds: Vec<AlarmType>,
    pub prefix: Option<String>,
    /// 100 at most.
    pub names: Option<Vec<String>>,
}

/// All pages of what is searched for.
pub(crate) async fn search(aws: &Clients, search: Search) -> Result<(Vec<MetricAlarm>, Vec<CompositeAlarm>), AccountError> {
    let subject = search.names.as_deref().and_then(|names| if let [one] = names { Some(one.as_str()) } else { None }).unwrap_or("alarms");
    let (mut metric, mut composite, mut token) = (Vec::new(), Vec::new(), None);
    loop {
        let request = aws
            .cloudwatch
            .describe_alarms()
            .set_alarm_types(Some(search.kinds.clone()))
            .set_alarm_name_prefix(search.prefix.clone())
            .set_alarm_names(search.names.clone())
            .max_records(PAGE)
            .set_next_token(token);
        let page = aws.call("cloudwatch:DescribeAlarms", subject, request.send()).await?;
        metric.extend(page.metric_alarms.unwrap_or_default());
        composite.extend(page.composite_alarms.unwrap_or_default());
        token = page.next_token.filter(|t| !t.is_empty());
        if token.is_none() {
            return Ok((metric, composite));
        }
    }
}

pub(super) async fn list(aws: &Clients, query: &Query) -> Result<Vec<Listed>, AccountError> {
    let (alarms, _) = describe(aws, query, "alarm").await?;
    let mut listed = Vec::with_capacity(alarms.len());
    for alarm in alarms {
        let arn = alarm.alarm_arn.clone().unwrap_or_default();
        let (mut alarm, fingerprint, unknown) = from_aws(alarm);
        let address = Address::new("alarm", alarm.name.clone());
        alarm.tags = list_tags(aws, query, &address, &arn, fingerprint.as_deref()).await?;
        listed.push(Listed { resource: alarm.resource(), unknown, recorded: fingerprint, created: None });
    }
    Ok(listed)
}

/// The tags of an alarm. A call is spent only where the marker says that they may differ.
pub(crate) async fn list_tags(
    aws: &Clients,
    query: &Query,
    address: &Address,
    arn: &str,
    fingerprint: Option<&str>,
) -> Result<BTreeMap<String, String>, AccountError> {
    match (query.fingerprints.get(address), fingerprint) {
        (Some(hint), Some(found)) if !query.refresh_tags && hint.fingerprint == found => Ok(hint.tags.clone()),
        // Nothing asks for this alarm: it is foreign or about to be deleted.
        (None, _) => Ok(BTreeMap::new()),
        _ => read_tags(aws, arn).await,
    }
}

async fn read_tags(aws: &Clients, arn: &str) -> Result<BTreeMap<String, String>, AccountError> {
    let request = aws.cloudwatch.list_tags_for_resource().resource_arn(arn);
    let tags = aws.call("cloudwatch:ListTagsForResource", arn, request.send()).await?.tags.unwrap_or_default();
    let pairs = tags.into_iter().map(|t| (t.key.unwrap_or_default(), t.value.unwrap_or_default()));
    Ok(pairs.filter(|(key, _)| !key.starts_with(AWS_TAGS)).collect())
}

/// The alarm, its marker's fingerprint, and the names of set fields that this tool does not know.
fn from_aws(alarm: MetricAlarm) -> (Alarm, Option<String>, Vec<String>) {
    let (description, marker) = Marker::split(&alarm.alarm_description.unwrap_or_default());
    let unknown = [
        ("EvaluationCriteria", alarm.evaluation_criteria.is_some()),
        ("EvaluationInterval", alarm.evaluation_interval.is_some()),
        ("EvaluationWindow", alarm.evaluation_window.as_ref().is_some_and(EvaluationWindow::is_unknown)),
    ];
    let window = alarm.evaluation_window.and_then(|w| w.as_wall_clock_window().ok().cloned());
    let typed = Alarm {
        name: alarm.alarm_name.unwrap_or_default(),
        description,
        managed_by: marker.as_ref().map(|m| Marker::managed_by(&m.stack, &m.file)),
        actions_enabled: alarm.actions_enabled.unwrap_or(true),
        alarm_actions: alarm.alarm_actions.unwrap_or_default().into_iter().collect(),
        ok_actions: alarm.ok_actions.unwrap_or_default().into_iter().collect(),
        insufficient_data_actions: alarm.insufficient_data_actions.unwrap_or_default().into_iter().collect(),
        namespace: alarm.namespace,
        metric_name: alarm.metric_name,
        statistic: alarm.statistic.map(|s| s.as_str().to_owned()),
        extended_statistic: alarm.extended_statistic,
        dimensions: dimensions_from(alarm.dimensions),
        period: alarm.period.and_then(|p| u32::try_from(p).ok()),
        unit: alarm.unit.map(|u| u.as_str().to_owned()),
        evaluation_periods: alarm.evaluation_periods.and_then(|p| u32::try_from(p).ok()).unwrap_or_default(),
        datapoints_to_alarm: alarm.datapoints_to_alarm.and_then(|p| u32::try_from(p).ok()),
        threshold: alarm.threshold,
        comparison_operator: alarm.comparison_operator.map(|c| c.as_str().to_owned()).unwrap_or_default(),
        treat_missing_data: alarm.treat_missing_data,
        evaluate_low_sample_count_percentiles: alarm.evaluate_low_sample_count_percentile.filter(|e| !e.is_empty()),
        metrics: alarm.metrics.unwrap_or_default().into_iter().map(query_from).collect(),
        threshold_metric_id: alarm.threshold_metric_id,
        wall_clock_window: window.map(|w| w.timezone.unwrap_or_else(|| "UTC".to_owned())),
        warm_up: alarm.warm_up_configuration.map(|w| WarmUp {
            minutes: w.warm_up_period_duration_in_minutes.and_then(|m| u32::try_from(m).ok()).unwrap_or_default(),
            whole: w.only_start_evaluating_after_warm_up_period_ends.unwrap_or(false),
        }),
        tag_propagation: tag_propagation_from(alarm.action_configuration),
        tags: BTreeMap::new(),
    };
    let unknown = unknown.iter().filter(|(_, set)| *set).map(|(name, _)| (*name).to_owned()).collect();
    (typed, marker.map(|m| m.fingerprint), unknown)
}

fn dimensions_from(dimensions: Option<Vec<Dimension>>) -> BTreeMap<String, String> {
    dimensions.unwrap_or_default().into_iter().map(|d| (d.name.unwrap_or_default(), d.value.unwrap_or_default())).collect()
}

fn query_from(query: MetricDataQuery) -> MetricQuery {
    let (metric, stat, unit, period) = match query.metric_stat {
        Some(s) => (s.metric, s.stat, s.unit, s.period),
        None => (None, None, None, query.period),
    };
    let metric = metric.unwrap_or_else(|| Metric::builder().build());
    MetricQuery {
        id: query.id.unwrap_or_default(),
        expression: query.expression,
        label: query.label.filter(|l| !l.is_empty()),
        return_data: query.return_data.unwrap_or(true),
        account_id: query.account_id,
        period: period.and_then(|p| u32::try_from(p).ok()),
        namespace: metric.namespace,
        metric_name: metric.metric_name,
        stat,
        dimensions: dimensions_from(metric.dimensions),
        unit: unit.map(|u| u.as_str().to_owned()),
    }
}

pub(crate) fn tag_propagation_from(configuration: Option<ActionConfiguration>) -> Option<TagPropagation> {
    let propagation = configuration?.alarm_tags_propagation?;
    Some(TagPropagation {
        enabled: propagation.enabled.unwrap_or(false),
        included: propagation.included_tag_keys.unwrap_or_default(),
        excluded: propagation.excluded_tag_keys.unwrap_or_default(),
    })
}

pub(crate) fn tag_propagation_to(propagation: Option<&TagPropagation>) -> Option<ActionConfiguration> {
    let some = |keys: &[String]| (!keys.is_empty()).then(|| keys.to_vec());
    propagation.map(|p| {
        let tags = AlarmTagsPropagation::builder()
            .enabled(p.enabled)
            .set_included_tag_keys(some(&p.included))
            .set_excluded_tag_keys(some(&p.excluded));
        ActionConfiguration::builder().alarm_tags_propagation(tags.build()).build()
    })
}

fn dimensions_to(dimensions: &BTreeMap<String, String>) -> Option<Vec<Dimension>> {
    let list = dimensions.iter().map(|(name, value)| Dimension::builder().name(name).value(value).build()).collect();
    (!dimensions.is_empty()).then_some(list)
}

fn query_to(query: &MetricQuery) -> MetricDataQuery {
    let MetricQuery { id, expression, label, return_data, account_id, period, namespace, metric_name, stat, dimensions, unit } = query;
    let seconds = period.and_then(|p| i32::try_from(p).ok());
    let mut out = MetricDataQuery::builder()
        .id(id)
        .set_expression(expression.clone())
        .set_label(label.clone())
        .return_data(*return_data)
        .set_account_id(account_id.clone());
    if metric_name.is_some() {
        let metric = Metric::builder()
            .set_namespace(namespace.clone())
            .set_metric_name(metric_name.clone())
            .set_dimensions(dimensions_to(dimensions));
        let stat = MetricStat::builder()
            .metric(metric.build())
            .set_period(seconds)
            .set_stat(stat.clone())
            .set_unit(unit.as_deref().map(StandardUnit::from));
        out = out.metric_stat(stat.build());
    } else {
        out = out.set_period(seconds);
    }
    out.build()
}

pub(super) async fn put(aws: &Clients, scope: &Scope, put: Put<'_>) -> Result<(), AccountError> {
    let subject = put.resource.address.to_string();
    let alarm: Alarm = restore(&put.resource.attributes).map_err(|e| AccountError::other("cloudwatch:PutMetricAlarm", &subject, &e))?;
    let list = |set: &BTreeSet<String>| (!set.is_empty()).then(|| set.iter().cloned().collect::<Vec<_>>());
    let whole = |n: Option<u32>| n.and_then(|n| i32::try_from(n).ok());
    let window =
        alarm.wall_clock_window.as_ref().map(|zone| EvaluationWindow::WallClockWindow(WallClockWindow::builder().timezone(zone).build()));
    let warm_up = alarm.warm_up.as_ref().map(|w| {
        WarmUpConfiguration::builder()
            .set_warm_up_period_duration_in_minutes(i32::try_from(w.minutes).ok())
            .only_start_evaluating_after_warm_up_period_ends(w.whole)
            .build()
    });
    let request = aws
        .cloudwatch
        .put_metric_alarm()
        .alarm_name(&alarm.name)
        .set_alarm_description(wire_description(&put.resource.attributes))
        .actions_enabled(alarm.actions_enabled)
        .set_alarm_actions(list(&alarm.alarm_actions))
        .set_ok_actions(list(&alarm.ok_actions))
        .set_insufficient_data_actions(list(&alarm.insufficient_data_actions))
        .set_namespace(alarm.namespace.clone())
        .set_metric_name(alarm.metric_name.clone())
        .set_statistic(alarm.statistic.as_deref().map(Statistic::from))
        .set_extended_statistic(alarm.extended_statistic.clone())
        .set_dimensions(dimensions_to(&alarm.dimensions))
        .set_period(whole(alarm.period))
        .set_unit(alarm.unit.as_deref().map(StandardUnit::from))
        .set_evaluation_periods(whole(Some(alarm.evaluation_periods)))
        .set_datapoints_to_alarm(whole(alarm.datapoints_to_alarm))
        .set_threshold(alarm.threshold)
        .comparison_operator(ComparisonOperator::from(alarm.comparison_operator.as_str()))
        .set_treat_missing_data(alarm.treat_missing_data.clone())
        .set_evaluate_low_sample_count_percentile(alarm.evaluate_low_sample_count_percentiles.clone())
        .set_metrics((!alarm.metrics.is_empty()).then(|| alarm.metrics.iter().map(query_to).collect()))
        .set_threshold_metric_id(alarm.threshold_metric_id.clone())
        .set_evaluation_window(window)
        .set_warm_up_configuration(warm_up)
        .set_action_configuration(tag_propagation_to(alarm.tag_propagation.as_ref()))
        .set_tags(tags_to(&alarm.tags).filter(|_| put.before.is_none()));
    write_tags(aws, &scope.arn("cloudwatch", &format!("alarm:{}", alarm.name)), &alarm.tags, put.before.is_some()).await?;
    aws.call("cloudwatch:PutMetricAlarm", &subject, request.send()).await.map(drop)
}

pub(crate) fn tags_to(tags: &BTreeMap<String, String>) -> Option<Vec<Tag>> {
    (!tags.is_empty()).then(|| tags.iter().map(|(k, v)| Tag::builder().key(k).value(v).build()).collect())
}

/// PutMetricAlarm ignores tags on update, so they are read and written apart; and before it, since
/// it writes the fingerprint that says they are right.
pub(crate) async fn write_tags(aws: &Clients, arn: &str, tags: &BTreeMap<String, String>, update: bool) -> Result<(), AccountError> {
    if !update {
        return Ok(());
    }
    let live = read_tags(aws, arn).await?;
    let gone: Vec<String> = live.keys().filter(|k| !tags.contains_key(*k)).cloned().collect();
    if !gone.is_empty() {
        let request = aws.cloudwatch.untag_resource().resource_arn(arn).set_tag_keys(Some(gone));
        aws.call("cloudwatch:UntagResource", arn, request.send()).await?;
    }
    let changed: BTreeMap<String, String> =
        tags.iter().filter(|(k, v)| live.get(*k) != Some(v)).map(|(k, v)| (k.clone(), v.clone())).collect();
    if let Some(list) = tags_to(&changed) {
        let request = aws.cloudwatch.tag_resource().resource_arn(arn).set_tags(Some(list));
        aws.call("cloudwatch:TagResource", arn, request.send()).await?;
    }
    Ok(())
}

/// Either kind of alarm, one a call: DeleteAlarms takes only one composite, and is all or nothing.
pub(crate) async fn delete(aws: &Clients, resource: &Resource) -> Result<(), AccountError> {
    let request = aws.cloudwatch.delete_alarms().alarm_names(&resource.address.name);
    if_there(aws.call("cloudwatch:DeleteAlarms", &resource.address.to_string(), request.send()).await).map(drop)
}
