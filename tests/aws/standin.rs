//! A small stateful stand-in for what no emulator serves truly: all fields of filters and alarms, a
//! trail's log group, pages and limits as AWS has them, pending subscriptions, and failures on demand.
//!
//! One table of operations. It is a test tool and no evidence for calls that the emulator serves too.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::http::{Request, Response, serve};
use crate::wire::{from_cbor, from_form, pairs, to_cbor, xml};

pub(crate) const ACCOUNT: &str = "111122223333";
pub(crate) const REGION: &str = "eu-west-1";

/// What the account holds.
#[derive(Default, Clone)]
pub(crate) struct State {
    pub log_groups: Vec<String>,
    /// By log group and name.
    pub filters: BTreeMap<(String, String), Value>,
    /// Both kinds, by name, as PutMetricAlarm or PutCompositeAlarm sent them.
    pub alarms: BTreeMap<String, Value>,
    /// By ARN.
    pub tags: BTreeMap<String, BTreeMap<String, String>>,
    /// Topic → its attributes.
    pub topics: BTreeMap<String, BTreeMap<String, String>>,
    pub subscriptions: Vec<Subscription>,
    pub trails: Vec<Value>,
    /// What GetEventSelectors answers; null: all management events.
    pub selectors: Value,
    /// Trails that are switched off.
    pub stopped: bool,
    /// Operations in the order they came.
    pub requests: Vec<String>,
    /// TestMetricFilter says the opposite of messages that hold this.
    pub contrary: Option<String>,
    /// The event history, newest first, as LookupEvents answers.
    pub history: Vec<Value>,
    /// The events of the log groups: timestamp and ingestion in milliseconds, message.
    pub log_events: Vec<(i64, i64, String)>,
    /// What alarms reach, and what lets them.
    pub reach: crate::reach::Reach,
    /// What GetTrailStatus says of the deliveries; null: one just now.
    pub delivery: Value,
    /// Operation, how often still, error code.
    pub faults: Vec<(String, usize, String)>,
}

#[derive(Clone)]
pub(crate) struct Subscription {
    /// The end of its ARN.
    pub id: usize,
    pub topic: String,
    pub protocol: String,
    pub endpoint: String,
    pub pending: bool,
    pub attributes: BTreeMap<String, String>,
}

pub(crate) type Answer = Result<Value, (String, String)>;

/// A running stand-in.
#[derive(Clone)]
pub(crate) struct Standin {
    pub url: String,
    state: Arc<Mutex<State>>,
}

impl Standin {
    pub(crate) fn start() -> Self {
        let state = Arc::new(Mutex::new(State { log_groups: vec!["trail".to_owned()], ..State::default() }));
        let shared = Arc::clone(&state);
        let url = serve(move |request| answer(&mut shared.lock().expect("one request at a time"), request));
        Self { url, state }
    }

    pub(crate) fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.state.lock().expect("no request panicked"))
    }

    /// The next `times` calls of an operation fail with this code.
    pub(crate) fn fail(&self, operation: &str, times: usize, code: &str) {
        self.with(|s| s.faults.push((operation.to_owned(), times, code.to_owned())));
    }

    /// How often operations whose names start so were called since the last time this was asked.
    pub(crate) fn take_requests(&self) -> Vec<String> {
        self.with(|s| std::mem::take(&mut s.requests))
    }
}

fn answer(state: &mut State, request: Request) -> Response {
    if request.path.starts_with("/2015-03-31/functions/") {
        return lambda(state, &request);
    }
    let (protocol, operation, input) = if let Some((_, operation)) = request.path.split_once("/operation/") {
        (Protocol::Cbor, operation.to_owned(), from_cbor(&request.body))
    } else if !request.target.is_empty() {
        (Protocol::Json, request.target.clone(), serde_json::from_slice(&request.body).unwrap_or(Value::Null))
    } else {
        let form = from_form(&request.body);
        (Protocol::Query, form["Action"].as_str().unwrap_or_default().to_owned(), form)
    };
    state.requests.push(operation.clone());
    // AWS takes calls that are posted and signed.
    if request.method != "POST" || request.token.is_empty() {
        return protocol.response(&operation, refuse("MissingAuthenticationTokenException", "it is not signed"));
    }
    let result = fault(state, &operation).unwrap_or_else(|| call(state, &operation, &input));
    protocol.response(&operation, result)
}

/// The failure that was ordered for an operation.
fn fault(state: &mut State, operation: &str) -> Option<Answer> {
    let (_, times, code) = state.faults.iter_mut().find(|(name, times, _)| *name == operation && *times > 0)?;
    *times -= 1;
    Some(Err((code.clone(), "on demand".to_owned())))
}

/// Lambda tells its operations by method and path, and its errors by a header.
fn lambda(state: &mut State, request: &Request) -> Response {
    let body = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
    let before = state.reach.functions.clone();
    let (operation, mut result) = crate::reach::function(state, &request.method, &request.path, &body);
    state.requests.push(operation.clone());
    if let Some(ordered) = fault(state, &operation) {
        state.reach.functions = before;
        result = ordered;
    }
    match result {
        Ok(output) => Response::new(200, "application/json", output.to_string().into_bytes()),
        Err((code, message)) => {
            let status = if code == "ResourceNotFoundException" { 404 } else { 403 };
            let mut response = Response::new(status, "application/json", json!({ "message": message }).to_string().into_bytes());
            response.headers.push(format!("x-amzn-errortype: {code}"));
            response
        }
    }
}

#[derive(Clone, Copy)]
enum Protocol {
    Cbor,
    Json,
    Query,
}

impl Protocol {
    fn response(self, operation: &str, result: Answer) -> Response {
        let status = if result.is_ok() { 200 } else { 400 };
        let (content_type, body) = match (self, result) {
            (Self::Cbor, Ok(output)) => ("application/cbor", to_cbor(&output)),
            (Self::Cbor, Err((code, message))) => ("application/cbor", to_cbor(&json!({ "__type": code, "message": message }))),
            (Self::Json, Ok(output)) => ("application/x-amz-json-1.1", output.to_string().into_bytes()),
            (Self::Json, Err((code, message))) => {
                ("application/x-amz-json-1.1", json!({ "__type": code, "message": message }).to_string().into_bytes())
            }
            (Self::Query, Ok(output)) => {
                let inner = output.as_str().unwrap_or_default();
                (
                    "text/xml",
                    format!("<{operation}Response><{operation}Result>{inner}</{operation}Result></{operation}Response>").into_bytes(),
                )
            }
            (Self::Query, Err((code, message))) => (
                "text/xml",
                format!("<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>").into_bytes(),
            ),
        };
        Response::new(status, content_type, body)
    }
}

pub(crate) fn refuse<T>(code: &str, message: impl Into<String>) -> Result<T, (String, String)> {
    Err((code.to_owned(), message.into()))
}

pub(crate) fn text<'a>(input: &'a Value, key: &str) -> &'a str {
    input.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// Pages of so many events as are asked for, newest first (LookupEvents; at most 50): of a name or a source, of a stretch of time.
fn lookup(state: &State, input: &Value) -> Answer {
    let wanted = &input["LookupAttributes"][0];
    let key = match text(wanted, "AttributeKey") {
        "EventSource" => "eventSource",
        _ => "eventName",
    };
    let time =
        |event: &Value| event["eventTime"].as_str().and_then(|time| time.parse::<jiff::Timestamp>().ok()).map(|time| time.as_second());
    let bound = |name: &str| input.get(name).and_then(Value::as_f64);
    let is_in = |event: &&Value| {
        let Some(at) = time(event) else { return true };
        bound("StartTime").is_none_or(|start| at as f64 >= start) && bound("EndTime").is_none_or(|end| at as f64 <= end)
    };
    let named = state.history.iter().filter(|event| wanted.is_null() || event[key] == wanted["AttributeValue"]);
    let named: Vec<&Value> = named.filter(is_in).collect();
    let from: usize = text(input, "NextToken").parse().unwrap_or(0);
    let size = usize::try_from(input["MaxResults"].as_u64().unwrap_or(50)).unwrap_or(50).min(50);
    let event = |event: &&Value| {
        let mut output = json!({ "CloudTrailEvent": event.to_string() });
        if let Some(at) = time(event) {
            output["EventTime"] = json!(at);
        }
        output
    };
    let page: Vec<Value> = named.iter().skip(from).take(size).map(event).collect();
    let mut output = json!({ "Events": page });
    if from + size < named.len() {
        output["NextToken"] = json!((from + size).to_string());
    }
    Ok(output)
}

/// Pages of so many events as one may have here; what a pattern means is the engine's word, unless it is told to be contrary.
fn filter_log_events(state: &State, input: &Value) -> Answer {
    if !state.log_groups.iter().any(|group| group == text(input, "logGroupName")) {
        return refuse("ResourceNotFoundException", "The specified log group does not exist.");
    }
    let Ok(pattern) = filter_pattern::Pattern::parse(text(input, "filterPattern")) else {
        return refuse("InvalidParameterException", "pattern");
    };
    let bound = |name: &str| input.get(name).and_then(Value::as_i64);
    let is_in = |event: &&(i64, i64, String)| {
        bound("startTime").is_none_or(|start| event.0 >= start) && bound("endTime").is_none_or(|end| event.0 <= end)
    };
    let matches = |message: &str| {
        let is_contrary = state.contrary.as_ref().is_some_and(|part| message.contains(part));
        (pattern.eval(message) == filter_pattern::Verdict::Match) != is_contrary
    };
    let found: Vec<_> = state.log_events.iter().filter(is_in).filter(|event| matches(&event.2)).collect();
    let from: usize = text(input, "nextToken").parse().unwrap_or(0);
    let event = |(timestamp, ingested, message): &&(i64, i64, String)| json!({ "logStreamName": "stream", "timestamp": timestamp, "ingestionTime": ingested, "message": message });
    let page: Vec<Value> = found.iter().skip(from).take(LOG_PAGE).map(event).collect();
    let mut output = json!({ "events": page });
    if from + LOG_PAGE < found.len() {
        output["nextToken"] = json!((from + LOG_PAGE).to_string());
    }
    Ok(output)
}

/// Events of a page of FilterLogEvents; AWS has 10,000.
const LOG_PAGE: usize = 20;

fn call(state: &mut State, operation: &str, input: &Value) -> Answer {
    match operation {
        "GetCallerIdentity" => {
            Ok(json!(format!("<Arn>arn:aws:iam::{ACCOUNT}:user/test</Arn><UserId>A</UserId><Account>{ACCOUNT}</Account>")))
        }
        "DescribeTrails" => Ok(json!({ "trailList": state.trails })),
        "GetTrailStatus" => {
            let mut status = json!({ "IsLogging": !state.stopped, "LatestCloudWatchLogsDeliveryTime": crate::reach::now() });
            if let (Some(status), Some(delivery)) = (status.as_object_mut(), state.delivery.as_object()) {
                status.extend(delivery.clone());
            }
            Ok(status)
        }
        "GetEventSelectors" if state.selectors.is_null() => {
            Ok(json!({ "EventSelectors": [{ "ReadWriteType": "All", "IncludeManagementEvents": true }] }))
        }
        "GetEventSelectors" => Ok(state.selectors.clone()),
        "LookupEvents" => lookup(state, input),
        "FilterLogEvents" => filter_log_events(state, input),
        "DescribeMetricFilters" => describe_filters(state, input),
        "PutMetricFilter" => put_filter(state, input),
        "TestMetricFilter" => test_filter(state, input),
        "DeleteMetricFilter" => {
            let key = (text(input, "logGroupName").to_owned(), text(input, "filterName").to_owned());
            state.filters.remove(&key).map_or_else(|| refuse("ResourceNotFoundException", "no such filter"), |_| Ok(json!({})))
        }
        "DescribeAlarms" => describe_alarms(state, input),
        "PutMetricAlarm" | "PutCompositeAlarm" => put_alarm(state, operation, input),
        "DeleteAlarms" => delete_alarms(state, input),
        "ListTagsForResource" if input.get("ResourceARN").is_some() => {
            let tags = state.tags.get(text(input, "ResourceARN")).cloned().unwrap_or_default();
            Ok(json!({ "Tags": tags.iter().map(|(k, v)| json!({ "Key": k, "Value": v })).collect::<Vec<_>>() }))
        }
        "TagResource" if input.get("ResourceARN").is_some() => {
            let tags = state.tags.entry(text(input, "ResourceARN").to_owned()).or_default();
            tags.extend(input["Tags"].as_array().into_iter().flatten().map(|t| (text(t, "Key").to_owned(), text(t, "Value").to_owned())));
            Ok(json!({}))
        }
        "UntagResource" if input.get("ResourceARN").is_some() => {
            let keys = input["TagKeys"].as_array().cloned().unwrap_or_default();
            state.tags.entry(text(input, "ResourceARN").to_owned()).or_default().retain(|k, _| !keys.contains(&json!(k)));
            Ok(json!({}))
        }
        other => crate::reach::call(state, other, input).unwrap_or_else(|| sns(state, other, input)),
    }
}

/// At most 50 messages a call, and numbers from 0 as in AWS's reference. The answers are the engine's
/// own: what is tested is the way there and back, not the patterns.
fn test_filter(state: &State, input: &Value) -> Answer {
    let messages: Vec<&str> = input["logEventMessages"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if !(1..=50).contains(&messages.len()) {
        return refuse("InvalidParameterException", "Member must have length between 1 and 50");
    }
    let Ok(pattern) = filter_pattern::Pattern::parse(text(input, "filterPattern")) else {
        return refuse("InvalidParameterException", "Invalid metric filter pattern");
    };
    let contrary = |message: &str| state.contrary.as_ref().is_some_and(|part| message.contains(part.as_str()));
    let matches = messages.iter().enumerate().filter(|(_, message)| pattern.eval(message).is_match() != contrary(message));
    let matches: Vec<Value> = matches.map(|(i, m)| json!({ "eventNumber": i, "eventMessage": m, "extractedValues": {} })).collect();
    Ok(json!({ "matches": matches }))
}

/// Pages by offset, as opaque to the client as AWS's tokens are.
fn page(items: Vec<Value>, token: &str, size: usize) -> (Vec<Value>, Value) {
    let start: usize = token.parse().unwrap_or(0);
    let next = if start + size < items.len() { json!((start + size).to_string()) } else { Value::Null };
    (items.into_iter().skip(start).take(size).collect(), next)
}

fn with_token(mut output: Value, key: &str, token: Value) -> Answer {
    if !token.is_null() {
        output[key] = token;
    }
    Ok(output)
}

fn describe_filters(state: &State, input: &Value) -> Answer {
    let group = text(input, "logGroupName");
    if !state.log_groups.iter().any(|g| g == group) {
        return refuse("ResourceNotFoundException", "The specified log group does not exist.");
    }
    let limit = input.get("limit").and_then(Value::as_u64).unwrap_or(50);
    if !(1..=50).contains(&limit) {
        return refuse("InvalidParameterException", "limit");
    }
    let filters = state.filters.iter().filter(|((g, _), _)| g == group).map(|(_, f)| f.clone()).collect();
    let (filters, token) = page(filters, text(input, "nextToken"), usize::try_from(limit).unwrap_or(50));
    with_token(json!({ "metricFilters": filters }), "nextToken", token)
}

fn put_filter(state: &mut State, input: &Value) -> Answer {
    let (group, name) = (text(input, "logGroupName").to_owned(), text(input, "filterName").to_owned());
    if !state.log_groups.contains(&group) {
        return refuse("ResourceNotFoundException", "The specified log group does not exist.");
    }
    if text(input, "filterPattern").chars().count() > 1024 || name.contains([':', '*']) {
        return refuse("InvalidParameterException", "Invalid metric filter pattern");
    }
    let is_new = !state.filters.contains_key(&(group.clone(), name.clone()));
    if is_new && state.filters.keys().filter(|(g, _)| *g == group).count() >= 100 {
        return refuse("LimitExceededException", "Resource limit exceeded.");
    }
    let mut filter = input.clone();
    filter["creationTime"] = json!(1_700_000_000_000_u64);
    if filter.get("applyOnTransformedLogs").is_none() {
        filter["applyOnTransformedLogs"] = json!(false);
    }
    state.filters.insert((group, name), filter);
    Ok(json!({}))
}

fn describe_alarms(state: &State, input: &Value) -> Answer {
    let types = input["AlarmTypes"].as_array().cloned().unwrap_or_else(|| vec![json!("MetricAlarm")]);
    let names = input["AlarmNames"].as_array();
    if names.is_some_and(|n| n.len() > 100) || (names.is_some() && input.get("AlarmNamePrefix").is_some()) {
        return refuse("ValidationError", "AlarmNames");
    }
    let prefix = text(input, "AlarmNamePrefix");
    let wanted = |name: &String, alarm: &Value| {
        let kind = if alarm.get("AlarmRule").is_some() { "CompositeAlarm" } else { "MetricAlarm" };
        types.contains(&json!(kind)) && names.map_or(name.starts_with(prefix), |n| n.contains(&json!(name)))
    };
    let found: Vec<Value> = state.alarms.iter().filter(|(n, a)| wanted(n, a)).map(|(_, a)| a.clone()).collect();
    let limit = input["MaxRecords"].as_u64().unwrap_or(50).min(100);
    let (found, token) = page(found, text(input, "NextToken"), usize::try_from(limit).unwrap_or(50));
    let (composite, metric): (Vec<Value>, Vec<Value>) = found.into_iter().partition(|a| a.get("AlarmRule").is_some());
    with_token(json!({ "MetricAlarms": metric, "CompositeAlarms": composite }), "NextToken", token)
}

fn put_alarm(state: &mut State, operation: &str, input: &Value) -> Answer {
    let name = text(input, "AlarmName").to_owned();
    let is_composite = |a: &Value| a.get("AlarmRule").is_some();
    if state.alarms.get(&name).is_some_and(|a| is_composite(a) != (operation == "PutCompositeAlarm")) {
        return refuse("ValidationError", "an alarm of another type has this name");
    }
    let children = text(input, "AlarmRule").split('"').skip(1).step_by(2);
    for child in children {
        if !state.alarms.contains_key(child) {
            return refuse("ValidationError", format!("AlarmRule must not contain non-existent alarm {child}"));
        }
    }
    let periods = input["EvaluationPeriods"].as_i64();
    if input["DatapointsToAlarm"].as_i64().is_some_and(|m| Some(m) > periods) {
        return refuse("ValidationError", "DatapointsToAlarm must be less than or equal to EvaluationPeriods");
    }
    let arn = format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}");
    let mut alarm = input.clone();
    // Tags are taken on creation only, and never described.
    let tags = alarm.as_object_mut().and_then(|a| a.remove("Tags")).unwrap_or(Value::Null);
    if !state.alarms.contains_key(&name) {
        let tags = tags.as_array().into_iter().flatten().map(|t| (text(t, "Key").to_owned(), text(t, "Value").to_owned()));
        state.tags.insert(arn.clone(), tags.collect());
    }
    alarm["AlarmArn"] = json!(arn);
    // A put keeps the state.
    let before = state.alarms.get(&name).and_then(|alarm| alarm.get("StateValue")).cloned();
    alarm["StateValue"] = before.unwrap_or_else(|| json!("OK"));
    for list in ["OKActions", "AlarmActions", "InsufficientDataActions", "Dimensions"] {
        if alarm.get(list).is_none() {
            alarm[list] = json!([]);
        }
    }
    // The order of dimensions and actions is not kept.
    for list in ["Dimensions", "AlarmActions"] {
        if let Some(items) = alarm[list].as_array_mut() {
            items.reverse();
        }
    }
    state.alarms.insert(name, alarm);
    Ok(json!({}))
}

fn delete_alarms(state: &mut State, input: &Value) -> Answer {
    let names: Vec<String> = input["AlarmNames"].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    for name in &names {
        if !state.alarms.contains_key(name) {
            return refuse("ResourceNotFound", name.clone());
        }
        let quoted = format!("\"{name}\"");
        let parent = state.alarms.iter().find(|(n, a)| !names.contains(n) && text(a, "AlarmRule").contains(&quoted));
        if let Some((parent, _)) = parent {
            return refuse("ValidationError", format!("{name} is used by {parent}"));
        }
    }
    names.iter().for_each(|n| drop(state.alarms.remove(n)));
    Ok(json!({}))
}

fn sns(state: &mut State, operation: &str, input: &Value) -> Answer {
    let topic = text(input, "TopicArn").to_owned();
    let known = operation == "CreateTopic" || topic.is_empty() || state.topics.contains_key(&topic);
    if !known {
        return refuse("NotFound", "Topic does not exist");
    }
    let members = |items: Vec<String>| items.into_iter().map(|i| format!("<member>{i}</member>")).collect::<String>();
    match operation {
        "ListTopics" => {
            let arns: Vec<Value> = state.topics.keys().map(|a| json!(format!("<TopicArn>{a}</TopicArn>"))).collect();
            let (arns, token) = page(arns, text(input, "NextToken"), 100);
            let token = token.as_str().map(|t| format!("<NextToken>{t}</NextToken>")).unwrap_or_default();
            let arns = members(arns.iter().filter_map(Value::as_str).map(str::to_owned).collect());
            Ok(json!(format!("<Topics>{arns}</Topics>{token}")))
        }
        "CreateTopic" => {
            let arn = format!("arn:aws:sns:{REGION}:{ACCOUNT}:{}", text(input, "Name"));
            let attributes = pairs(input, "Attributes.entry", "key", "value").into_iter().collect();
            state.topics.insert(arn.clone(), attributes);
            state.tags.insert(arn.clone(), pairs(input, "Tags.member", "Key", "Value").into_iter().collect());
            Ok(json!(format!("<TopicArn>{arn}</TopicArn>")))
        }
        "GetTopicAttributes" => Ok(json!(entries(&state.topics[&topic]))),
        "SetTopicAttributes" => {
            let (name, value) = (text(input, "AttributeName").to_owned(), text(input, "AttributeValue").to_owned());
            state.topics.entry(topic).or_default().insert(name, value);
            Ok(json!(""))
        }
        "DeleteTopic" => {
            state.topics.remove(&topic);
            state.subscriptions.retain(|s| s.topic != topic);
            Ok(json!(""))
        }
        "ListTagsForResource" => {
            let tags = state.tags.get(text(input, "ResourceArn")).cloned().unwrap_or_default();
            let tags = members(tags.iter().map(|(k, v)| format!("<Key>{}</Key><Value>{}</Value>", xml(k), xml(v))).collect());
            Ok(json!(format!("<Tags>{tags}</Tags>")))
        }
        "TagResource" => {
            let tags = pairs(input, "Tags.member", "Key", "Value");
            state.tags.entry(text(input, "ResourceArn").to_owned()).or_default().extend(tags);
            Ok(json!(""))
        }
        "UntagResource" => {
            let keys: Vec<&str> = (1..).map_while(|i| input.get(format!("TagKeys.member.{i}")).and_then(Value::as_str)).collect();
            state.tags.entry(text(input, "ResourceArn").to_owned()).or_default().retain(|k, _| !keys.contains(&k.as_str()));
            Ok(json!(""))
        }
        _ => subscriptions(state, operation, input),
    }
}

fn entries(attributes: &BTreeMap<String, String>) -> String {
    let entries = attributes.iter().map(|(k, v)| format!("<entry><key>{}</key><value>{}</value></entry>", xml(k), xml(v)));
    format!("<Attributes>{}</Attributes>", entries.collect::<String>())
}

fn subscriptions(state: &mut State, operation: &str, input: &Value) -> Answer {
    let arn_of = |s: &Subscription| format!("{}:00000000-0000-0000-0000-{:012}", s.topic, s.id);
    let wanted = text(input, "SubscriptionArn").to_owned();
    let index = state.subscriptions.iter().position(|s| arn_of(s) == wanted);
    match (operation, index) {
        ("Subscribe", _) => {
            let protocol = text(input, "Protocol").to_owned();
            let pending = ["email", "email-json", "http", "https"].contains(&protocol.as_str());
            let attributes = pairs(input, "Attributes.entry", "key", "value").into_iter().collect();
            let (topic, endpoint) = (text(input, "TopicArn").to_owned(), text(input, "Endpoint").to_owned());
            let id = state.requests.len();
            state.subscriptions.push(Subscription { id, topic, protocol, endpoint, pending, attributes });
            Ok(json!("<SubscriptionArn>x</SubscriptionArn>"))
        }
        ("ListSubscriptionsByTopic", _) => {
            let topic = text(input, "TopicArn");
            let shown = |s: &Subscription| {
                let arn = if s.pending { "PendingConfirmation".to_owned() } else { arn_of(s) };
                // As SNS does, the password of a URL is not shown.
                let endpoint = xml(&s.endpoint.replace(":secret@", ":****@"));
                format!(
                    "<member><SubscriptionArn>{arn}</SubscriptionArn><Protocol>{}</Protocol><Endpoint>{endpoint}</Endpoint></member>",
                    s.protocol
                )
            };
            let list: String = state.subscriptions.iter().filter(|s| s.topic == topic).map(shown).collect();
            Ok(json!(format!("<Subscriptions>{list}</Subscriptions>")))
        }
        ("GetSubscriptionAttributes", Some(i)) => {
            let mut attributes = state.subscriptions[i].attributes.clone();
            attributes.insert("PendingConfirmation".to_owned(), "false".to_owned());
            Ok(json!(entries(&attributes)))
        }
        ("SetSubscriptionAttributes", Some(i)) => {
            let (name, value) = (text(input, "AttributeName").to_owned(), text(input, "AttributeValue").to_owned());
            state.subscriptions[i].attributes.insert(name, value);
            Ok(json!(""))
        }
        ("Unsubscribe", Some(i)) => {
            state.subscriptions.remove(i);
            Ok(json!(""))
        }
        ("GetSubscriptionAttributes" | "SetSubscriptionAttributes" | "Unsubscribe", None) => {
            refuse("NotFound", "Subscription does not exist")
        }
        _ => refuse("UnknownOperationException", format!("the stand-in has no {operation}")),
    }
}
