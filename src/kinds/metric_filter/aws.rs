//! Metric filters to and from CloudWatch Logs.

use aws_sdk_cloudwatchlogs::operation::put_metric_filter::builders::PutMetricFilterFluentBuilder;
use aws_sdk_cloudwatchlogs::types::{MetricFilter as AwsFilter, MetricTransformation, StandardUnit};
use futures_util::future::try_join_all;

use super::{LIST_FILTERS, LOG_GROUP, MetricFilter};
use crate::account::aws::Clients;
use crate::account::error::{AccountError, Reason, if_there};
use crate::kinds::{Listed, Query, restore};
use crate::state::{Resource, text};

/// The most that DescribeMetricFilters returns a page.
const PAGE: i32 = 50;

/// All filters of the log groups, foreign ones too: a group holds 100 at most.
pub(super) async fn list(aws: &Clients, query: &Query) -> Result<Vec<Listed>, AccountError> {
    let groups = try_join_all(query.log_groups.iter().map(|group| list_group(aws, group))).await?;
    Ok(groups.into_iter().flatten().collect())
}

/// All filters of one log group.
pub(crate) async fn list_group(aws: &Clients, group: &str) -> Result<Vec<Listed>, AccountError> {
    let mut filters = Vec::new();
    let mut token = None;
    loop {
        let request = aws.logs.describe_metric_filters().log_group_name(group).limit(PAGE).set_next_token(token);
        let page = aws.call(LIST_FILTERS, &format!("{LOG_GROUP}{group}"), request.send()).await?;
        filters.extend(page.metric_filters.unwrap_or_default().into_iter().filter_map(|f| from_aws(group, f)));
        token = page.next_token;
        if token.is_none() {
            return Ok(filters);
        }
    }
}

/// What PutMetricFilter cannot have made (no transformation) is not a metric filter to us.
fn from_aws(group: &str, filter: AwsFilter) -> Option<Listed> {
    let created = filter.creation_time.map(|milliseconds| milliseconds / 1000);
    let transformation = filter.metric_transformations?.into_iter().next()?;
    let filter = MetricFilter {
        log_group: group.to_owned(),
        name: filter.filter_name?,
        pattern: filter.filter_pattern.unwrap_or_default(),
        metric_namespace: transformation.metric_namespace,
        metric_name: transformation.metric_name,
        metric_value: transformation.metric_value,
        default_value: transformation.default_value,
        dimensions: transformation.dimensions.unwrap_or_default().into_iter().collect(),
        unit: transformation.unit.map(|u| u.as_str().to_owned()),
        apply_on_transformed_logs: filter.apply_on_transformed_logs,
        field_selection_criteria: filter.field_selection_criteria,
        emit_system_field_dimensions: filter.emit_system_field_dimensions.unwrap_or_default(),
    };
    Some(Listed { created, ..Listed::from(filter.resource()) })
}

/// Messages that TestMetricFilter takes a call.
const MESSAGES: usize = 50;

/// Which of the messages AWS says the pattern matches, in their order (TestMetricFilter).
///
/// Matches are told apart by their text: whether their numbers begin at 0 or 1 is not certain.
pub(crate) async fn test(aws: &Clients, pattern: &str, messages: &[&str]) -> Result<Vec<bool>, AccountError> {
    let mut answers = Vec::with_capacity(messages.len());
    for chunk in messages.chunks(MESSAGES) {
        let texts = chunk.iter().map(|message| (*message).to_owned()).collect();
        let request = aws.logs.test_metric_filter().filter_pattern(pattern).set_log_event_messages(Some(texts));
        let reply = aws.call("logs:TestMetricFilter", "the pattern", request.send()).await?;
        let matches: Vec<String> = reply.matches.unwrap_or_default().into_iter().filter_map(|found| found.event_message).collect();
        answers.extend(chunk.iter().map(|message| matches.iter().any(|found| found == message)));
    }
    Ok(answers)
}

pub(super) async fn put(aws: &Clients, resource: &Resource) -> Result<(), AccountError> {
    let subject = resource.address.to_string();
    let filter: MetricFilter = restore(&resource.attributes).map_err(|e| AccountError::other("logs:PutMetricFilter", &subject, &e))?;
    let request = to_aws(aws, &filter)?;
    unless_busy(aws, async || aws.call("logs:PutMetricFilter", &subject, request.clone().send()).await).await
}

/// Tries again while somebody else is changing the same log group.
async fn unless_busy<T>(aws: &Clients, call: impl AsyncFn() -> Result<T, AccountError>) -> Result<(), AccountError> {
    let mut attempt = 0;
    loop {
        match call().await {
            Err(error) if error.reason == Reason::Busy && attempt < 5 => aws.back_off(attempt).await,
            other => return other.map(drop),
        }
        attempt += 1;
    }
}

fn to_aws(aws: &Clients, filter: &MetricFilter) -> Result<PutMetricFilterFluentBuilder, AccountError> {
    let MetricFilter {
        log_group,
        name,
        pattern,
        metric_namespace,
        metric_name,
        metric_value,
        default_value,
        dimensions,
        unit,
        apply_on_transformed_logs,
        field_selection_criteria,
        emit_system_field_dimensions,
    } = filter;
    let dimensions = (!dimensions.is_empty()).then(|| dimensions.clone().into_iter().collect());
    let transformation = MetricTransformation::builder()
        .metric_namespace(metric_namespace)
        .metric_name(metric_name)
        .metric_value(metric_value)
        .set_default_value(*default_value)
        .set_dimensions(dimensions)
        .set_unit(unit.as_deref().map(StandardUnit::from))
        .build()
        .map_err(|e| AccountError::other("logs:PutMetricFilter", name, &e))?;
    let fields = (!emit_system_field_dimensions.is_empty()).then(|| emit_system_field_dimensions.clone());
    Ok(aws
        .logs
        .put_metric_filter()
        .log_group_name(log_group)
        .filter_name(name)
        .filter_pattern(pattern)
        .metric_transformations(transformation)
        .set_apply_on_transformed_logs(apply_on_transformed_logs.then_some(true))
        .set_field_selection_criteria(field_selection_criteria.clone())
        .set_emit_system_field_dimensions(fields))
}

pub(super) async fn delete(aws: &Clients, resource: &Resource) -> Result<(), AccountError> {
    let (group, name) = (text(&resource.attributes, "log_group"), text(&resource.attributes, "name"));
    let request = aws.logs.delete_metric_filter().log_group_name(group).filter_name(name);
    let subject = resource.address.to_string();
    if_there(unless_busy(aws, async || aws.call("logs:DeleteMetricFilter", &subject, request.clone().send()).await).await).map(drop)
}
