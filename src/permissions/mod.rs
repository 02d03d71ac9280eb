//! The least that a stack's commands need: which calls each makes, and on what; and what others are to be kept from. Pure.
//!
//! Which actions can be narrowed to resources is in the Service Authorization Reference of each service; CloudWatch wants `*` for
//! composite alarms and for describing them (API reference, PutCompositeAlarm, DeleteAlarms, DescribeAlarms).

mod aws;
mod calls;
mod control;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use self::Purpose::{Apply, Audit, Doctor, Review};
pub use self::aws::Lack;
pub(crate) use self::aws::lacking;
pub use self::calls::Purpose;
use self::calls::{CALLS, If, LOOKING_FOR, On, REVIEWING};
pub use self::control::{Trusted, control_policy};
use crate::chain::{Act, Action};
use crate::state::{Desired, Scope, text};

/// The commands, of these, that make a call.
pub fn needed_for(action: &str, purposes: &[Purpose]) -> Vec<&'static str> {
    let mut of: Vec<Purpose> = CALLS.iter().filter(|(call, ..)| *call == action).flat_map(|(.., of)| *of).copied().collect();
    // What is no call of this program is asked for by Cloud Control, or made for it.
    if of.is_empty() {
        of.extend([Doctor, Review, Apply]);
    }
    purposes.iter().filter(|purpose| of.contains(purpose)).map(|purpose| purpose.name()).collect()
}

/// What is known of a stack and of where it goes.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// Account and Region may be `*`.
    pub scope: &'a Scope,
    pub desired: &'a Desired,
    /// Names of its log groups; empty: any.
    pub log_groups: BTreeSet<String>,
    pub asks_trail: bool,
    /// ARNs of topics that are used and not managed.
    pub existing_topics: &'a BTreeSet<String>,
}

/// An IAM policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Policy {
    pub version: &'static str,
    pub statement: Vec<Statement>,
}

/// What is allowed, on what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    pub sid: &'static str,
    pub effect: &'static str,
    pub action: Vec<&'static str>,
    pub resource: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<Value>,
}

/// The policy for these commands on this stack.
pub fn policy(purposes: &[Purpose], facts: &Facts<'_>) -> Policy {
    let mut by_resource: BTreeMap<On, Vec<&'static str>> = BTreeMap::new();
    let acts = acts(facts);
    let has_composites = facts.desired.state.of_kind("composite_alarm").next().is_some();
    for (action, on, condition, of) in CALLS {
        let is_made = match condition {
            If::Always => true,
            // What is audited is all that the account has, and a chain begins with the trail.
            If::Trail => facts.asks_trail || purposes.contains(&Audit) || purposes.contains(&Doctor),
            If::Composites => has_composites,
            If::Functions => !functions(facts).is_empty(),
            If::TopicsOfOthers => !facts.existing_topics.is_empty(),
            If::OpenedTopics => !opened_topics(facts).is_empty(),
            If::Keys => !facts.existing_topics.is_empty() || !keys(facts).is_empty(),
            If::Roles => acts.iter().any(|act| act.role().is_some()),
            If::Targets => purposes.contains(&Review) || LOOKING_FOR.iter().any(|(act, _)| acts.contains(act)),
        };
        if !is_made || !of.iter().any(|purpose| purposes.contains(purpose)) {
            continue;
        }
        let on = match on {
            On::AlarmsOrComposites if has_composites => On::Everything,
            On::AlarmsOrComposites => On::Alarms,
            // An audit looks at whatever alarms tell whomever.
            On::Topics if *action == "sns:ListSubscriptionsByTopic" && purposes.contains(&Audit) => On::Everything,
            On::LogGroups if *action == "logs:DescribeMetricFilters" && purposes.contains(&Audit) => On::Everything,
            on => *on,
        };
        by_resource.entry(on).or_default().push(action);
    }
    if purposes.contains(&Doctor) {
        let reads = LOOKING_FOR.iter().filter(|(act, _)| acts.contains(act)).flat_map(|(_, reads)| *reads);
        by_resource.entry(On::Everything).or_default().extend(reads);
    }
    if purposes.contains(&Review) {
        REVIEWING.iter().for_each(|(action, on)| by_resource.entry(*on).or_default().push(action));
    }
    let statement = |(on, action): (On, Vec<&'static str>)| {
        let (sid, resource) = match on {
            On::Everything | On::AlarmsOrComposites => ("WithoutResource", vec!["*".to_owned()]),
            On::Alarms => ("Alarms", alarms(facts)),
            On::LogGroups => ("LogGroups", log_groups(facts)),
            On::Topics => ("Topics", topics(facts)),
            On::TopicsOfOthers => ("TopicsOfOthers", facts.existing_topics.iter().map(|arn| here(arn, facts)).collect()),
            On::OpenedTopics => ("OpenedTopics", opened_topics(facts)),
            On::Functions => ("Functions", functions(facts)),
            On::LogStreams => ("LogStreamsOfDrills", log_streams(facts)),
            On::Keys => ("Keys", if keys(facts).is_empty() { vec![facts.scope.arn("kms", "key/*")] } else { keys(facts) }),
            On::AnyRole => ("Caller", ["role", "user"].map(|kind| iam(facts, &format!("{kind}/*"))).into()),
            On::Trails => ("Trails", vec![format!("arn:{}:cloudtrail:*:*:trail/*", facts.scope.partition)]),
            On::AnyFunction => ("AnyFunction", vec![facts.scope.arn("lambda", "function:*")]),
            On::AnyApi => ("AnyApi", vec![format!("arn:{}:apigateway:{}::/*", facts.scope.partition, facts.scope.region)]),
            On::Roles => ("Roles", vec![iam(facts, "role/aws-service-role/*")]),
        };
        Statement { sid, effect: "Allow", action, resource, condition: None }
    };
    let mut statements: Vec<Statement> = by_resource.into_iter().map(statement).collect();
    statements.extend(service_linked_role(facts).filter(|_| purposes.contains(&Apply)));
    Policy { version: "2012-10-17", statement: statements }
}

/// The names of these kinds: the stack's prefix covers all but those that have their own.
fn names(facts: &Facts<'_>, kinds: &[&str], prefix: &str) -> impl Iterator<Item = String> {
    let of_kinds = facts.desired.state.0.iter().filter(|(address, _)| kinds.contains(&address.kind.as_str()));
    let own = of_kinds.map(|(_, attributes)| text(attributes, "name")).filter(|name| !name.starts_with(prefix)).map(str::to_owned);
    let all: BTreeSet<String> = own.chain([format!("{prefix}*")]).collect();
    all.into_iter()
}

fn alarms(facts: &Facts<'_>) -> Vec<String> {
    names(facts, &["alarm", "composite_alarm"], &facts.scope.prefix())
        .map(|name| facts.scope.arn("cloudwatch", &format!("alarm:{name}")))
        .collect()
}

/// Also where none is desired: one that was may be left to delete.
fn topics(facts: &Facts<'_>) -> Vec<String> {
    names(facts, &["topic"], &format!("{}-", facts.scope.stack)).map(|name| facts.scope.arn("sns", &name)).collect()
}

/// Topics of others that get a statement.
fn opened_topics(facts: &Facts<'_>) -> Vec<String> {
    let statements = facts.desired.state.of_kind("topic_statement");
    statements.map(|(_, attributes)| facts.scope.arn("sns", text(attributes, "topic"))).collect()
}

/// What the desired alarms do on ALARM.
fn acts(facts: &Facts<'_>) -> BTreeSet<Act> {
    facts.desired.state.alarms().flat_map(|(address, attributes)| Action::of_alarm(address, attributes)).map(|action| action.act).collect()
}

/// The keys of the stack's topics. An alias does not say which key it stands for.
fn keys(facts: &Facts<'_>) -> Vec<String> {
    let named = facts.desired.state.of_kind("topic").map(|(_, attributes)| text(attributes, "kms_key")).filter(|key| !key.is_empty());
    let arn = |key: &str| match key {
        key if key.contains(":key/") => key.to_owned(),
        key if key.contains("alias/") => facts.scope.arn("kms", "key/*"),
        id => facts.scope.arn("kms", &format!("key/{id}")),
    };
    named.map(arn).collect::<BTreeSet<String>>().into_iter().collect()
}

/// An ARN that was made for no account, in this one.
fn here(arn: &str, facts: &Facts<'_>) -> String {
    let nowhere = Scope::nowhere(&facts.scope.stack);
    let resource = |service: &str| arn.strip_prefix(&nowhere.arn(service, "")).map(|resource| facts.scope.arn(service, resource));
    ["sns", "lambda"].into_iter().find_map(resource).unwrap_or_else(|| arn.to_owned())
}

/// The functions of desired alarms by name, and those of their versions and aliases.
fn functions(facts: &Facts<'_>) -> Vec<String> {
    let names: BTreeSet<&str> = facts.desired.state.of_kind("permission").map(|(_, attributes)| text(attributes, "function")).collect();
    names.into_iter().flat_map(|name| ["", ":*"].map(|end| facts.scope.arn("lambda", &format!("function:{name}{end}")))).collect()
}

/// With and without the end that stands for its streams: CloudWatch Logs asks for either.
fn log_groups(facts: &Facts<'_>) -> Vec<String> {
    if facts.log_groups.is_empty() {
        return vec![facts.scope.arn("logs", "log-group:*")];
    }
    let both = |name: &String| ["", ":*"].map(|end| facts.scope.arn("logs", &format!("log-group:{name}{end}")));
    facts.log_groups.iter().flat_map(both).collect()
}

/// IAM has no Regions.
fn iam(facts: &Facts<'_>, resource: &str) -> String {
    format!("arn:{}:iam::{}:{resource}", facts.scope.partition, facts.scope.account_id)
}

/// The log streams that rehearsals write to.
fn log_streams(facts: &Facts<'_>) -> Vec<String> {
    let groups: Vec<&str> = if facts.log_groups.is_empty() { vec!["*"] } else { facts.log_groups.iter().map(String::as_str).collect() };
    groups.into_iter().map(|group| facts.scope.arn("logs", &format!("log-group:{group}:log-stream:trailarm-drill*"))).collect()
}

/// Alarms that act on EC2 instances do it by a role that is made with the first of them.
fn service_linked_role(facts: &Facts<'_>) -> Option<Statement> {
    let role = "role/aws-service-role/events.amazonaws.com/AWSServiceRoleForCloudWatchEvents*";
    acts(facts).contains(&Act::Instance).then(|| Statement {
        sid: "RoleForInstanceActions",
        effect: "Allow",
        action: vec!["iam:CreateServiceLinkedRole"],
        resource: vec![iam(facts, role)],
        condition: Some(json!({ "StringEquals": { "iam:AWSServiceName": "events.amazonaws.com" } })),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every call that the code makes, found in its text.
    #[test]
    fn no_call_is_missing() {
        let mut made = BTreeSet::new();
        let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().flatten() {
                let path = entry.path();
                // What is listed and what is denied is no call.
                let lists = ["permissions/mod.rs", "permissions/calls.rs", "permissions/control.rs", "quota.rs"];
                let is_own = lists.iter().any(|list| path.ends_with(list));
                if path.is_dir() {
                    folders.push(path);
                } else if !is_own && path.extension().is_some_and(|ending| ending == "rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    for part in text.split('"').filter(|part| {
                        part.split_once(':').is_some_and(|(service, call)| {
                            ["cloudformation", "cloudtrail", "cloudwatch", "logs", "sns", "iam", "kms", "lambda"].contains(&service)
                                && call.starts_with(|c: char| c.is_ascii_uppercase())
                                && call.chars().all(|c| c.is_ascii_alphanumeric())
                        })
                    }) {
                        made.insert(part.to_owned());
                    }
                }
            }
        }
        // What policies let CloudWatch do is no call of ours.
        for granted in ["sns:Publish", "lambda:InvokeFunction", "kms:Decrypt", "kms:GenerateDataKey"] {
            made.remove(granted);
        }
        let listed: BTreeSet<String> = CALLS.iter().map(|(action, ..)| (*action).to_owned()).collect();
        assert!(made.len() > 20);
        assert_eq!(made, listed);
    }
}
