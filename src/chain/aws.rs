//! The evidence of a live account, over the AWS SDK.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::primitives::DateTime;
use aws_sdk_cloudwatch::types::{
    AlarmType, CompositeAlarm, DimensionFilter, HistoryItemType, Metric, MetricAlarm, MetricDataQuery, MetricStat, ScanBy,
};
use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use futures_util::future::try_join_all;
use serde_json::Value;

use super::evidence::{ActionRun, Evidence, Function, Key, Known, LogGroup, Metric as Seen, Metrics, Runs, Topic, Wanted};
use super::{Act, Action};
use crate::account::aws::Clients;
use crate::account::error::{AccountError, Reason, if_there};
use crate::kinds::alarm::{Search, search};
use crate::kinds::subscription::{confirmed, subscriptions};
use crate::kinds::topic::{attributes_of, policy_of};

/// How far back, and how many pages of 100, actions of alarms are looked at.
const TWO_WEEKS: i64 = 14 * 24 * 3_600;
const PAGES: usize = 10;

impl Evidence {
    /// Reads what is wanted.
    ///
    /// # Errors
    /// The account as a whole cannot be read.
    pub(crate) async fn of_aws(aws: &Clients, wanted: &Wanted) -> Result<Self, AccountError> {
        let now = jiff::Timestamp::now().as_second();
        Ok(Self {
            now,
            log_groups: each(&wanted.log_groups, async |name| log_group(aws, name).await).await?,
            metrics: each(&wanted.namespaces, async |namespace| metrics(aws, namespace).await).await?,
            others: each(&wanted.others, async |metric| has_data(aws, metric).await).await?,
            topics: each(&wanted.topics, async |arn| topic(aws, arn).await).await?,
            functions: each(&wanted.functions, async |arn| function(aws, arn).await).await?,
            targets: each(&wanted.targets, async |action| exists(aws, action).await).await?,
            roles: each(&wanted.roles, async |name| role(aws, name).await).await?,
            runs: Known::of(runs(aws, None, now - TWO_WEEKS, PAGES).await)?,
        })
    }
}

type Found<K, T> = Result<BTreeMap<K, Known<T>>, AccountError>;

async fn each<K: Clone + Ord, T>(keys: &BTreeSet<K>, read: impl AsyncFn(&K) -> Result<T, AccountError>) -> Found<K, T> {
    let read = &read;
    let answers = try_join_all(keys.iter().map(async |key| Ok((key.clone(), Known::of(read(key).await)?)))).await?;
    Ok(answers.into_iter().collect())
}

async fn log_group(aws: &Clients, name: &str) -> Result<Option<LogGroup>, AccountError> {
    let mut token = None;
    loop {
        let request = aws.logs.describe_log_groups().log_group_name_prefix(name).set_next_token(token);
        let page = aws.call("logs:DescribeLogGroups", &format!("log group {name}"), request.send()).await?;
        let mut groups = page.log_groups.unwrap_or_default().into_iter();
        if let Some(group) = groups.find(|group| group.log_group_name.as_deref() == Some(name)) {
            return Ok(Some(LogGroup { retention: group.retention_in_days }));
        }
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(None);
        }
    }
}

/// The metrics of a namespace that had data in the last two weeks.
async fn metrics(aws: &Clients, namespace: &str) -> Result<Metrics, AccountError> {
    let (mut found, mut token) = (Metrics::new(), None);
    loop {
        let request = aws.cloudwatch.list_metrics().namespace(namespace).set_next_token(token);
        let page = aws.call("cloudwatch:ListMetrics", &format!("namespace {namespace}"), request.send()).await?;
        found.extend(page.metrics.unwrap_or_default().into_iter().filter_map(|metric| metric.metric_name));
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(found);
        }
    }
}

/// Whether a metric had data in the last two weeks.
async fn has_data(aws: &Clients, metric: &Seen) -> Result<bool, AccountError> {
    let dimensions = metric.dimensions.iter().map(|(name, value)| DimensionFilter::builder().name(name).value(value).build());
    let request = aws.cloudwatch.list_metrics().namespace(&metric.namespace).metric_name(&metric.name);
    let request = request.set_dimensions(Some(dimensions.collect()).filter(|list: &Vec<_>| !list.is_empty()));
    let page = aws.call("cloudwatch:ListMetrics", &metric.to_string(), request.send()).await?;
    // More dimensions than are asked for are another metric.
    let same = |found: &Metric| found.dimensions.as_ref().map_or(0, Vec::len) == metric.dimensions.len();
    Ok(page.metrics.unwrap_or_default().iter().any(same) || page.next_token.is_some())
}

/// That alarms acted, the newest first: of one alarm, or of all.
pub(crate) async fn runs(aws: &Clients, alarm: Option<&str>, since: i64, pages: usize) -> Result<Runs, AccountError> {
    let (mut found, mut token) = (Vec::new(), None);
    for _ in 0..pages {
        let request = aws
            .cloudwatch
            .describe_alarm_history()
            .set_alarm_name(alarm.map(str::to_owned))
            .set_alarm_types(Some(either_kind()))
            .history_item_type(HistoryItemType::Action)
            .start_date(DateTime::from_secs(since))
            .scan_by(ScanBy::TimestampDescending)
            .max_records(100)
            .set_next_token(token);
        let page = aws.call("cloudwatch:DescribeAlarmHistory", alarm.unwrap_or("alarms"), request.send()).await?;
        found.extend(page.alarm_history_items.unwrap_or_default().into_iter().filter_map(|item| {
            let summary = item.history_summary.unwrap_or_default();
            let at = item.timestamp?.to_millis().ok()?;
            run(item.alarm_name?, &summary, item.history_data.as_deref(), at)
        }));
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            break;
        }
    }
    Ok(Runs { runs: found, is_cut: token.is_some() })
}

/// `Successfully executed action ARN`, `Failed to execute action ARN`; what went wrong stands in the data.
fn run(alarm: String, summary: &str, data: Option<&str>, at: i64) -> Option<ActionRun> {
    let data: Value = data.and_then(|data| serde_json::from_str(data).ok()).unwrap_or_default();
    let of_summary = summary.split_whitespace().find(|word| word.starts_with("arn:")).map(|arn| arn.trim_end_matches(['.', ',']));
    let action = of_summary.or(data["notificationResource"].as_str())?.to_owned();
    let succeeded = summary.starts_with("Successfully");
    let told = ["error", "actionError", "stateReason"].iter().find_map(|key| data[*key].as_str());
    Some(ActionRun { alarm, action, succeeded, error: told.unwrap_or_default().to_owned(), at })
}

async fn topic(aws: &Clients, arn: &str) -> Result<Option<Topic>, AccountError> {
    let Some(attributes) = attributes_of(aws, arn).await? else { return Ok(None) };
    let key = attributes.get("KmsMasterKeyId").filter(|key| !key.is_empty()).cloned();
    let found = Known::of(subscriptions(aws, arn).await)?;
    Ok(Some(Topic {
        policy: Known::of(policy_of(&attributes, arn))?,
        key_found: match &key {
            Some(key) => Known::of(kms_key(aws, key).await)?,
            None => Known::Is(None),
        },
        key,
        subscriptions: match found {
            Known::Is(found) => {
                let sure = found.iter().filter(|subscription| confirmed(subscription).is_some()).count();
                Known::Is((sure, found.len() - sure))
            }
            Known::Unknown(why) => Known::Unknown(why),
        },
    }))
}

async fn kms_key(aws: &Clients, key: &str) -> Result<Option<Key>, AccountError> {
    let request = aws.kms.describe_key().key_id(key);
    let Some(output) = if_there(aws.call("kms:DescribeKey", key, request.send()).await)? else { return Ok(None) };
    let Some(metadata) = output.key_metadata else { return Ok(None) };
    let arn = metadata.arn.unwrap_or_default();
    let request = aws.kms.get_key_policy().key_id(&arn).policy_name("default");
    let text = aws.call("kms:GetKeyPolicy", key, request.send()).await?.policy.unwrap_or_default();
    Ok(Some(Key {
        arn,
        state: metadata.key_state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        is_of_aws: metadata.key_manager.is_some_and(|manager| manager.as_str() == "AWS"),
        policy: serde_json::from_str(&text).map_err(|e| AccountError::new("kms:GetKeyPolicy", key, Reason::BadPolicy, e.to_string()))?,
    }))
}

async fn function(aws: &Clients, arn: &str) -> Result<Option<Function>, AccountError> {
    let request = aws.lambda.get_function_configuration().function_name(arn);
    let Some(found) = if_there(aws.call("lambda:GetFunctionConfiguration", arn, request.send()).await)? else { return Ok(None) };
    let request = aws.lambda.get_policy().function_name(arn);
    let policy = if_there(aws.call("lambda:GetPolicy", arn, request.send()).await);
    let policy = policy.and_then(|output| match output.and_then(|output| output.policy) {
        None => Ok(Value::Null),
        Some(text) => serde_json::from_str(&text).map_err(|e| AccountError::new("lambda:GetPolicy", arn, Reason::BadPolicy, e.to_string())),
    });
    let state = found.state.map(|state| state.as_str().to_owned()).unwrap_or_default();
    Ok(Some(Function { state, policy: Known::of(policy)? }))
}

async fn role(aws: &Clients, name: &str) -> Result<bool, AccountError> {
    let request = aws.iam.get_role().role_name(name);
    Ok(if_there(aws.call("iam:GetRole", name, request.send()).await)?.is_some())
}

/// Whether something of any service is there, by Cloud Control.
async fn exists(aws: &Clients, action: &Action) -> Result<bool, AccountError> {
    let (kind, id) = match action.act {
        Act::Instance => ("AWS::EC2::Instance", action.instance.as_deref().unwrap_or_default()),
        Act::ScalingPolicy => ("AWS::AutoScaling::ScalingPolicy", action.arn.as_str()),
        Act::ResponsePlan => ("AWS::SSMIncidents::ResponsePlan", action.arn.as_str()),
        Act::InvestigationGroup => ("AWS::AIOps::InvestigationGroup", action.arn.as_str()),
        // These are looked at by their own services.
        Act::Topic | Act::Function | Act::OpsItem | Act::Other => return Ok(true),
    };
    resource(aws, kind, id).await
}

/// Whether Cloud Control finds a resource of a type by its primary identifier.
pub(crate) async fn resource(aws: &Clients, kind: &str, id: &str) -> Result<bool, AccountError> {
    let request = aws.cloudcontrol.get_resource().type_name(kind).identifier(id);
    Ok(if_there(aws.call("cloudformation:GetResource", &format!("{kind} {id}"), request.send()).await)?.is_some())
}

/// An alarm as it stands now (CloudWatch DescribeAlarms).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmNow {
    /// `OK`, `ALARM`, `INSUFFICIENT_DATA`.
    pub state: String,
    pub reason: String,
}

/// An alarm of anybody's, as far as a rehearsal may ring it (CloudWatch DescribeAlarms).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveAlarm {
    pub name: String,
    /// Namespaces and names.
    pub metrics: Vec<(String, String)>,
    /// Of a composite alarm.
    pub rule: Option<String>,
    /// On ALARM; none while they are switched off.
    pub actions: Vec<Action>,
}

/// All alarms of the Region.
pub(crate) async fn live_alarms(aws: &Clients) -> Result<Vec<LiveAlarm>, AccountError> {
    let (metric, composite) = search(aws, Search { kinds: either_kind(), ..Search::default() }).await?;
    Ok(metric.into_iter().map(of_metric).chain(composite.into_iter().map(of_composite)).collect())
}

fn either_kind() -> Vec<AlarmType> {
    vec![AlarmType::MetricAlarm, AlarmType::CompositeAlarm]
}

fn of_metric(alarm: MetricAlarm) -> LiveAlarm {
    let mut dimensions = alarm.dimensions.unwrap_or_default().into_iter();
    let instance = dimensions.find(|d| d.name.as_deref() == Some("InstanceId")).and_then(|d| d.value);
    let of_math = alarm.metrics.unwrap_or_default().into_iter().filter_map(|query| query.metric_stat?.metric);
    let of_math = of_math.map(|metric| (metric.namespace.unwrap_or_default(), metric.metric_name.unwrap_or_default()));
    let own = (alarm.namespace.unwrap_or_default(), alarm.metric_name.unwrap_or_default());
    LiveAlarm {
        name: alarm.alarm_name.unwrap_or_default(),
        metrics: [own].into_iter().chain(of_math).collect(),
        rule: None,
        actions: actions(alarm.actions_enabled, alarm.alarm_actions, instance.as_ref()),
    }
}

fn of_composite(alarm: CompositeAlarm) -> LiveAlarm {
    LiveAlarm {
        name: alarm.alarm_name.unwrap_or_default(),
        metrics: Vec::new(),
        rule: alarm.alarm_rule,
        actions: actions(alarm.actions_enabled, alarm.alarm_actions, None),
    }
}

/// None while they are switched off.
fn actions(are_enabled: Option<bool>, arns: Option<Vec<String>>, instance: Option<&String>) -> Vec<Action> {
    let arns = arns.filter(|_| are_enabled != Some(false)).unwrap_or_default();
    arns.into_iter().map(|arn| Action::of(arn, instance)).collect()
}

/// `None`: there is no such alarm.
pub(crate) async fn alarm_now(aws: &Clients, name: &str) -> Result<Option<AlarmNow>, AccountError> {
    let names = Some(vec![name.to_owned()]);
    let (metric, composite) = search(aws, Search { kinds: either_kind(), names, ..Search::default() }).await?;
    let metric = metric.into_iter().map(|alarm| (alarm.state_value, alarm.state_reason));
    let composite = composite.into_iter().map(|alarm| (alarm.state_value, alarm.state_reason));
    Ok(metric.chain(composite).next().map(|(state, reason)| AlarmNow {
        state: state.map(|state| state.as_str().to_owned()).unwrap_or_default(),
        reason: reason.unwrap_or_default(),
    }))
}

pub(crate) async fn set_state(aws: &Clients, name: &str, state: &str, reason: &str) -> Result<(), AccountError> {
    let request = aws.cloudwatch.set_alarm_state().alarm_name(name).state_value(state.into()).state_reason(reason);
    aws.call("cloudwatch:SetAlarmState", name, request.send()).await.map(drop)
}

/// Writes events into a log stream of their own.
pub(crate) async fn write_events(aws: &Clients, group: &str, stream: &str, messages: &[String]) -> Result<(), AccountError> {
    let subject = format!("log group {group}");
    let request = aws.logs.create_log_stream().log_group_name(group).log_stream_name(stream);
    aws.call("logs:CreateLogStream", &subject, request.send()).await?;
    let now = jiff::Timestamp::now().as_millisecond();
    let wrong = |e| AccountError::other("logs:PutLogEvents", &subject, &e);
    let events = messages.iter().map(|message| InputLogEvent::builder().timestamp(now).message(message).build().map_err(wrong));
    let events = events.collect::<Result<Vec<_>, _>>()?;
    let request = aws.logs.put_log_events().log_group_name(group).log_stream_name(stream).set_log_events(Some(events));
    let answer = aws.call("logs:PutLogEvents", &subject, request.send()).await?;
    match answer.rejected_log_events_info {
        Some(rejected) => Err(AccountError::other("logs:PutLogEvents", &subject, &format!("the events were rejected: {rejected:?}"))),
        None => Ok(()),
    }
}

/// What the datapoints of a metric sum up to, from a time on.
pub(crate) async fn metric_sum(aws: &Clients, (namespace, name): (&str, &str), since: i64) -> Result<f64, AccountError> {
    let metric = Metric::builder().namespace(namespace).metric_name(name).build();
    let query = MetricDataQuery::builder().id("drill").metric_stat(MetricStat::builder().metric(metric).period(60).stat("Sum").build());
    // Datapoints bear the beginning of their minute.
    let (from, to) = (since - since.rem_euclid(60), jiff::Timestamp::now().as_second() + 60);
    let request = aws.cloudwatch.get_metric_data().metric_data_queries(query.build());
    let request = request.start_time(DateTime::from_secs(from)).end_time(DateTime::from_secs(to));
    let found = aws.call("cloudwatch:GetMetricData", &format!("{namespace}/{name}"), request.send()).await?;
    Ok(found.metric_data_results.unwrap_or_default().into_iter().flat_map(|result| result.values.unwrap_or_default()).sum())
}
