//! The part of the stand-in behind the alarm: what alarms act on, what lets them, and what they did.

use std::collections::{BTreeMap, BTreeSet};

use filter_pattern::Pattern;
use serde_json::{Value, json};

use crate::standin::{ACCOUNT, Answer, REGION, State, refuse, text};

/// What alarms reach, and how far.
#[derive(Default, Clone)]
pub(crate) struct Reach {
    /// `contain`, `contain:live` → the statements of its policy.
    pub functions: BTreeMap<String, Vec<Value>>,
    /// By alias, id or ARN: `{arn, state, manager, policy}`.
    pub keys: BTreeMap<String, Value>,
    pub roles: BTreeSet<String>,
    /// `AWS::EC2::Instance i-1`.
    pub targets: BTreeSet<String>,
    /// Metrics that no filter feeds.
    pub metrics: Vec<Value>,
    /// Metrics have no data.
    pub is_silent: bool,
    /// Alarms do not act at all.
    pub is_mute: bool,
    /// Items of alarms' histories, the newest first.
    pub history: Vec<Value>,
    /// Actions that fail, and why.
    pub failing: BTreeMap<String, String>,
    /// Metrics that got data, and how many matches.
    pub counts: BTreeMap<String, f64>,
    pub streams: Vec<String>,
    /// What IAM says a simulated principal may not do.
    pub lacking: BTreeSet<String>,
}

pub(crate) fn now() -> f64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock after 1970").as_secs_f64()
}

/// `None`: another part of the stand-in has it.
pub(crate) fn call(state: &mut State, operation: &str, input: &Value) -> Option<Answer> {
    Some(match operation {
        "DescribeLogGroups" => {
            let groups = state.log_groups.iter().filter(|group| group.starts_with(text(input, "logGroupNamePrefix")));
            Ok(json!({ "logGroups": groups.map(|group| json!({ "logGroupName": group, "retentionInDays": 365 })).collect::<Vec<_>>() }))
        }
        "ListMetrics" => {
            let filters = state.filters.values().filter(|_| !state.reach.is_silent).map(|filter| &filter["metricTransformations"][0]);
            let metrics = filters.filter(|metric| metric["metricNamespace"] == input["Namespace"]);
            let shown = |metric: &Value| json!({ "Namespace": metric["metricNamespace"], "MetricName": metric["metricName"] });
            let others = state.reach.metrics.iter().filter(|metric| metric["Namespace"] == input["Namespace"]).cloned();
            let named = |metric: &Value| input["MetricName"].is_null() || input["MetricName"] == metric["MetricName"];
            let dimensions = |metric: &Value| input["Dimensions"].is_null() || input["Dimensions"] == metric["Dimensions"];
            let found = metrics.map(shown).chain(others).filter(|metric| named(metric) && dimensions(metric));
            Ok(json!({ "Metrics": found.collect::<Vec<_>>() }))
        }
        "DescribeAlarmHistory" => {
            let kind = input.get("HistoryItemType").cloned().unwrap_or_default();
            let is_wanted = |item: &&Value| {
                (kind.is_null() || item["HistoryItemType"] == kind)
                    && (input["AlarmName"].is_null() || item["AlarmName"] == input["AlarmName"])
            };
            Ok(json!({ "AlarmHistoryItems": state.reach.history.iter().filter(is_wanted).cloned().collect::<Vec<_>>() }))
        }
        "SetAlarmState" => {
            let (name, value, reason) = (text(input, "AlarmName"), text(input, "StateValue"), text(input, "StateReason"));
            if state.alarms.contains_key(name) {
                set_state(state, name, value, reason);
                Ok(json!({}))
            } else {
                refuse("ResourceNotFound", name)
            }
        }
        "CreateLogStream" => {
            state.reach.streams.push(text(input, "logStreamName").to_owned());
            Ok(json!({}))
        }
        "PutLogEvents" => {
            plant(state, input);
            Ok(json!({}))
        }
        "GetMetricData" => {
            let metric = &input["MetricDataQueries"][0]["MetricStat"]["Metric"];
            let count = state.reach.counts.get(text(metric, "MetricName")).copied();
            let values: Vec<f64> = count.into_iter().collect();
            let times: Vec<Value> = values.iter().map(|_| json!({ "$timestamp": now() })).collect();
            Ok(json!({ "MetricDataResults": [{ "Id": input["MetricDataQueries"][0]["Id"], "Values": values, "Timestamps": times }] }))
        }
        _ => return receivers(state, operation, input),
    })
}

/// Keys, roles, and whatever else alarms act on.
fn receivers(state: &State, operation: &str, input: &Value) -> Option<Answer> {
    Some(match operation {
        "DescribeKey" => match state.reach.keys.get(text(input, "KeyId")) {
            Some(key) => {
                Ok(json!({ "KeyMetadata": { "KeyId": "k", "Arn": key["arn"], "KeyState": key["state"], "KeyManager": key["manager"] } }))
            }
            None => refuse("NotFoundException", "no such key"),
        },
        "GetKeyPolicy" => {
            let key = state.reach.keys.values().find(|key| key["arn"] == input["KeyId"]);
            key.map_or_else(|| refuse("NotFoundException", "no such key"), |key| Ok(json!({ "Policy": key["policy"].to_string() })))
        }
        "GetResource" => {
            let id = format!("{} {}", text(input, "TypeName"), text(input, "Identifier"));
            if state.reach.targets.contains(&id) {
                Ok(
                    json!({ "TypeName": input["TypeName"], "ResourceDescription": { "Identifier": input["Identifier"], "Properties": "{}" } }),
                )
            } else {
                refuse("ResourceNotFoundException", id)
            }
        }
        "GetRole" => {
            let name = text(input, "RoleName");
            if state.reach.roles.contains(name) {
                let role =
                    format!("<RoleName>{name}</RoleName><Path>/</Path><RoleId>R</RoleId><Arn>arn:aws:iam::{ACCOUNT}:role/{name}</Arn>");
                Ok(json!(format!("<Role>{role}<CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>")))
            } else {
                refuse("NoSuchEntity", name)
            }
        }
        "SimulatePrincipalPolicy" => Ok(json!(simulated(state, input))),
        _ => return None,
    })
}

fn simulated(state: &State, input: &Value) -> String {
    let actions = (1..).map_while(|i| input.get(format!("ActionNames.member.{i}")).and_then(Value::as_str));
    let result = |action: &str| {
        let decision = if state.reach.lacking.contains(action) { "implicitDeny" } else { "allowed" };
        let resource = input.get("ResourceArns.member.1").and_then(Value::as_str).unwrap_or("*");
        format!(
            "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{resource}</EvalResourceName><EvalDecision>{decision}</EvalDecision></member>"
        )
    };
    format!("<IsTruncated>false</IsTruncated><EvaluationResults>{}</EvaluationResults>", actions.map(result).collect::<String>())
}

/// A change of state, and what the alarm does then.
fn set_state(state: &mut State, name: &str, value: &str, reason: &str) {
    let Some(alarm) = state.alarms.get_mut(name) else { return };
    let before = alarm.get("StateValue").and_then(Value::as_str).unwrap_or("OK").to_owned();
    alarm["StateValue"] = json!(value);
    alarm["StateReason"] = json!(reason);
    if before == value || alarm["ActionsEnabled"] == json!(false) || state.reach.is_mute {
        return;
    }
    let list = match value {
        "ALARM" => "AlarmActions",
        "OK" => "OKActions",
        _ => "InsufficientDataActions",
    };
    let actions: Vec<String> = alarm[list].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    for action in actions {
        let failure = state.reach.failing.get(&action);
        let summary = if failure.is_some() { "Failed to execute action" } else { "Successfully executed action" };
        let data = json!({ "actionState": if failure.is_some() { "Failed" } else { "Succeeded" }, "notificationResource": action, "error": failure });
        ran(&mut state.reach.history, name, &format!("{summary} {action}"), &data);
    }
}

pub(crate) fn ran(history: &mut Vec<Value>, alarm: &str, summary: &str, data: &Value) {
    history.insert(
        0,
        json!({ "AlarmName": alarm, "HistoryItemType": "Action", "HistorySummary": summary, "HistoryData": data.to_string(),
            "Timestamp": { "$timestamp": now() } }),
    );
}

/// Events in the log group → counts of the filters that match → alarms, as if each wanted one.
fn plant(state: &mut State, input: &Value) {
    let messages: Vec<String> =
        input["logEvents"].as_array().into_iter().flatten().map(|event| text(event, "message").to_owned()).collect();
    let matches = |filter: &Value| {
        let pattern = Pattern::parse(text(filter, "filterPattern")).expect("a pattern that was put");
        messages.iter().filter(|message| pattern.eval(message).is_match()).count()
    };
    let counted: Vec<(String, usize)> = state
        .filters
        .values()
        .map(|filter| (text(&filter["metricTransformations"][0], "metricName").to_owned(), matches(filter)))
        .collect();
    let is_silent = state.reach.is_silent;
    for (metric, count) in counted.into_iter().filter(|(_, count)| *count > 0 && !is_silent) {
        *state.reach.counts.entry(metric.clone()).or_default() += f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let ringing: Vec<String> =
            state.alarms.iter().filter(|(_, alarm)| alarm["MetricName"] == json!(metric)).map(|(name, _)| name.clone()).collect();
        for name in ringing {
            set_state(state, &name, "ALARM", "Threshold Crossed: 1 datapoint was greater than or equal to the threshold");
        }
    }
}

/// Lambda's paths: `/2015-03-31/functions/NAME/policy?Qualifier=live`.
pub(crate) fn function(state: &mut State, method: &str, path: &str, body: &Value) -> (String, Answer) {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let parts: Vec<String> = path.split('/').map(crate::wire::unescape).collect();
    let name = parts.get(3).cloned().unwrap_or_default();
    let name = name.split(":function:").last().unwrap_or_default().to_owned();
    let qualifier = query.split('&').find_map(|pair| pair.strip_prefix("Qualifier=")).map(crate::wire::unescape);
    let target = qualifier.map_or(name.clone(), |qualifier| format!("{name}:{qualifier}"));
    let operation = match (method, parts.get(4).map(String::as_str)) {
        ("GET", Some("configuration")) => "GetFunctionConfiguration",
        ("GET", Some("policy")) => "GetPolicy",
        ("POST", Some("policy")) => "AddPermission",
        ("DELETE", Some("policy")) => "RemovePermission",
        _ => "Unknown",
    };
    let arn = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{target}");
    let answer = match (operation, state.reach.functions.get_mut(&target)) {
        (_, None) => refuse("ResourceNotFoundException", format!("Function not found: {arn}")),
        ("GetFunctionConfiguration", Some(_)) => Ok(json!({ "FunctionName": name, "State": "Active" })),
        ("GetPolicy", Some(statements)) if statements.is_empty() => refuse("ResourceNotFoundException", "The resource has no policy"),
        ("GetPolicy", Some(statements)) => Ok(json!({ "Policy": json!({ "Version": "2012-10-17", "Statement": statements }).to_string() })),
        ("AddPermission", Some(statements)) => {
            if statements.iter().any(|statement| statement["Sid"] == body["StatementId"]) {
                return (operation.to_owned(), refuse("ResourceConflictException", "the statement id exists"));
            }
            statements.push(json!({ "Sid": body["StatementId"], "Effect": "Allow", "Principal": { "Service": body["Principal"] },
                "Action": body["Action"], "Resource": arn, "Condition": {
                    "StringEquals": { "AWS:SourceAccount": body["SourceAccount"] }, "ArnLike": { "AWS:SourceArn": body["SourceArn"] } } }));
            Ok(json!({ "Statement": "{}" }))
        }
        ("RemovePermission", Some(statements)) => {
            let before = statements.len();
            statements.retain(|statement| statement["Sid"] != json!(parts.get(5)));
            if statements.len() < before { Ok(json!({})) } else { refuse("ResourceNotFoundException", "no such statement") }
        }
        _ => refuse("UnknownOperationException", "the stand-in has no such path"),
    };
    (operation.to_owned(), answer)
}
