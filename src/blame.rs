//! Who changed a resource by hand: the newest event about it in CloudTrail's event history.

use serde_json::Value;

use crate::account::error::AccountError;
use crate::account::{Account, History};
use crate::drift::Difference;
use crate::plan::{Change, fields};
use crate::state::{Address, Scope, text};

/// Who, when, from where, by which call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Culprit {
    pub principal: String,
    /// As CloudTrail writes it: `2026-11-25T02:17:41Z`.
    pub time: String,
    pub source_address: String,
    pub event: String,
    pub user_agent: String,
    /// false: the event does not name the resource itself, or newer ones were not looked at.
    pub is_certain: bool,
}

/// What the event history says of a difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Blame {
    Found(Culprit),
    /// It has no such event: older than 90 days, of another Region, or of a service that records none.
    NotThere,
    /// So many events of that name are newer that the search was ended.
    CutShort,
    /// There is no event history, since the account is a file.
    NoHistory,
}

/// Asks the event history about each difference, in their order. Each name of an event is searched once.
///
/// # Errors
/// A call fails.
pub async fn blame<A: Account>(account: &A, scope: &Scope, differences: &[&Difference]) -> Result<Vec<Blame>, AccountError> {
    let mut found: Vec<Option<Culprit>> = vec![None; differences.len()];
    let mut cut_short = vec![false; differences.len()];
    let events: Vec<Vec<&'static str>> = differences.iter().map(|difference| events(difference)).collect();
    let mut names: Vec<&'static str> = events.iter().flatten().copied().collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let about: Vec<usize> = (0..differences.len()).filter(|i| events[*i].contains(&name)).collect();
        let mut missing = about.clone();
        let history = account
            .history(name, &mut |event| {
                missing.retain(|i| {
                    let is_it = succeeded(event) && is_about(event, differences[*i].change.address(), &differences[*i].change, scope);
                    if is_it {
                        // An id that nobody knows stands for a subscription; several end in the same way.
                        let culprit = Culprit { is_certain: differences[*i].change.address().kind != "subscription", ..culprit(event) };
                        // Several names of events may fit; the newest counts.
                        if found[*i].as_ref().is_none_or(|other| other.time < culprit.time) {
                            found[*i] = Some(culprit);
                        }
                    }
                    !is_it
                });
                missing.is_empty()
            })
            .await?;
        match history {
            History::Missing => return Ok(vec![Blame::NoHistory; differences.len()]),
            History::CutShort => missing.into_iter().for_each(|i| cut_short[i] = true),
            History::Read => {}
        }
    }
    let told = |(found, cut): (Option<Culprit>, bool)| match found {
        Some(culprit) => Blame::Found(Culprit { is_certain: culprit.is_certain && !cut, ..culprit }),
        None if cut => Blame::CutShort,
        None => Blame::NotThere,
    };
    Ok(found.into_iter().zip(cut_short).map(told).collect())
}

/// The events that can have made a difference.
fn events(difference: &Difference) -> Vec<&'static str> {
    let change = &difference.change;
    let is_gone = matches!(change, Change::Create { .. }) && !difference.is_taken;
    match (change.address().kind.as_str(), is_gone) {
        ("alarm", false) => of_alarm("PutMetricAlarm", change),
        ("composite_alarm", false) => of_alarm("PutCompositeAlarm", change),
        ("alarm" | "composite_alarm", true) => vec!["DeleteAlarms"],
        ("metric_filter", false) => vec!["PutMetricFilter"],
        ("metric_filter", true) => vec!["DeleteMetricFilter", "DeleteLogGroup"],
        ("topic", false) => of_topic(change),
        ("topic", true) => vec!["DeleteTopic"],
        ("topic_statement", _) => vec!["SetTopicAttributes", "AddPermission", "RemovePermission"],
        ("permission", true) => vec!["RemovePermission20150331v2", "RemovePermission20150331", "DeleteFunction20150331"],
        ("permission", false) => vec!["AddPermission20150331v2", "AddPermission20150331"],
        ("subscription", true) => vec!["Unsubscribe", "DeleteTopic"],
        ("subscription", false) => vec!["SetSubscriptionAttributes", "Subscribe"],
        _ => Vec::new(),
    }
}

/// The properties that differ, by their first name: `tags` for `tags.team`.
fn differing(change: &Change) -> Vec<String> {
    let Change::Update { before, after, .. } = change else { return Vec::new() };
    let mut names: Vec<String> =
        fields(before, after).into_iter().map(|field| field.name.split('.').next().unwrap_or_default().to_owned()).collect();
    names.dedup();
    names
}

/// An alarm's tags and its switch have calls of their own; the rest is written as a whole.
fn of_alarm(put: &'static str, change: &Change) -> Vec<&'static str> {
    let differing = differing(change);
    let only = |name: &str| differing.len() == 1 && differing[0] == name;
    if only("tags") {
        vec!["TagResource", "UntagResource"]
    } else if only("actions_enabled") {
        vec![put, "DisableAlarmActions", "EnableAlarmActions"]
    } else {
        vec![put]
    }
}

fn of_topic(change: &Change) -> Vec<&'static str> {
    let differing = differing(change);
    let mut events = Vec::new();
    if differing.iter().any(|name| name == "tags") {
        events.extend(["TagResource", "UntagResource"]);
    }
    if differing.iter().any(|name| name != "tags") {
        events.extend(["SetTopicAttributes", "AddPermission", "RemovePermission"]);
    }
    events
}

fn succeeded(event: &Value) -> bool {
    event.get("errorCode").is_none_or(Value::is_null)
}

/// Whether an event's parameters name the resource.
fn is_about(event: &Value, address: &Address, change: &Change, scope: &Scope) -> bool {
    let parameters = &event["requestParameters"];
    let is = |key: &str, value: &str| parameters.get(key).and_then(Value::as_str) == Some(value);
    match address.kind.as_str() {
        "alarm" | "composite_alarm" => {
            let named = parameters
                .get("alarmNames")
                .and_then(Value::as_array)
                .is_some_and(|names| names.iter().any(|n| *n == address.name.as_str()));
            named || is("alarmName", &address.name) || is("resourceARN", &scope.arn("cloudwatch", &format!("alarm:{}", address.name)))
        }
        "metric_filter" => {
            let side = change.after().or_else(|| change.before());
            let own = |name: &str| side.as_ref().map(|side| text(&side.attributes, name).to_owned()).unwrap_or_default();
            let gone = event["eventName"] == "DeleteLogGroup";
            is("logGroupName", &own("log_group")) && (gone || is("filterName", &own("name")))
        }
        "permission" => {
            let (target, id) = address.name.rsplit_once(':').unwrap_or_default();
            let function = target.split(':').next().unwrap_or_default();
            let named = parameters.get("functionName").and_then(Value::as_str).unwrap_or_default();
            let same = named.split(":function:").last().unwrap_or_default().split(':').next() == Some(function);
            same && (event["eventName"].as_str().is_some_and(|name| name.starts_with("DeleteFunction")) || is("statementId", id))
        }
        "topic" | "topic_statement" => {
            let arn = scope.arn("sns", address.name.split(':').next().unwrap_or_default());
            is("topicArn", &arn) || is("resourceArn", &arn)
        }
        "subscription" => {
            // Its own ARN has an id that nobody knows once it is gone; the topic's is its beginning.
            let topic = scope.arn("sns", address.name.split(':').next().unwrap_or_default());
            let of_topic =
                parameters.get("subscriptionArn").and_then(Value::as_str).is_some_and(|arn| arn.starts_with(&format!("{topic}:")));
            let protocol = address.name.split(':').nth(1).unwrap_or_default().replace('_', "-");
            let same_protocol = parameters.get("protocol").and_then(Value::as_str).is_none_or(|own| own == protocol);
            of_topic || (is("topicArn", &topic) && same_protocol)
        }
        _ => false,
    }
}

fn culprit(event: &Value) -> Culprit {
    let own = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let identity = &event["userIdentity"];
    let principal = [&identity["arn"], &identity["invokedBy"], &identity["principalId"], &identity["type"]];
    Culprit {
        principal: principal.into_iter().map(own).find(|text| !text.is_empty()).unwrap_or_else(|| "unknown".to_owned()),
        time: own(&event["eventTime"]),
        source_address: own(&event["sourceIPAddress"]),
        event: own(&event["eventName"]),
        user_agent: own(&event["userAgent"]),
        is_certain: true,
    }
}
