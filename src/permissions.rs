//! The least that a stack's commands need: which calls each makes, and on what; and what others are to be kept from. Pure.
//!
//! Which actions can be narrowed to resources is in the Service Authorization Reference of each service; CloudWatch wants `*` for
//! composite alarms and for describing them (API reference, PutCompositeAlarm, DeleteAlarms, DescribeAlarms).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};

use crate::state::{Desired, Scope, text};

/// A command, by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    Plan,
    Apply,
    /// `drift --blame`.
    Drift,
    /// `audit --live`.
    Audit,
    /// `backtest` over AWS's sources.
    Backtest,
    /// `test --live`.
    Test,
}

use Purpose::{Apply, Audit, Backtest, Drift, Plan, Test};

impl Purpose {
    pub const ALL: [Self; 6] = [Plan, Apply, Drift, Audit, Backtest, Test];

    /// As it stands on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Plan => "plan",
            Apply => "apply",
            Drift => "drift",
            Audit => "audit",
            Backtest => "backtest",
            Test => "test",
        }
    }
}

/// What an action can be narrowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum On {
    /// It has no resource type, or the stack has something that wants all.
    Everything,
    Alarms,
    /// Alarms, unless there are composite ones.
    AlarmsOrComposites,
    LogGroups,
    Topics,
    /// Topics that are used and not managed.
    TopicsOfOthers,
    /// Functions of this account that alarms invoke.
    Functions,
}

/// What a stack must have so that a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum If {
    Always,
    /// The log group is asked of the trail.
    Trail,
    Composites,
    /// An alarm invokes a function.
    Functions,
    /// A topic that exists is used.
    TopicsOfOthers,
}

/// Every call of this program but `sts:GetCallerIdentity`, which needs no permission.
const CALLS: &[(&str, On, If, &[Purpose])] = &[
    ("cloudtrail:DescribeTrails", On::Everything, If::Trail, &[Plan, Apply, Drift, Audit, Backtest]),
    ("cloudtrail:GetTrailStatus", On::Everything, If::Trail, &[Plan, Apply, Drift, Audit, Backtest]),
    ("cloudtrail:GetEventSelectors", On::Everything, If::Always, &[Audit]),
    ("cloudtrail:LookupEvents", On::Everything, If::Always, &[Drift, Backtest]),
    ("cloudwatch:DescribeAlarms", On::Everything, If::Always, &[Plan, Apply, Drift, Audit]),
    ("cloudwatch:ListTagsForResource", On::Alarms, If::Always, &[Plan, Apply, Drift]),
    ("cloudwatch:PutMetricAlarm", On::Alarms, If::Always, &[Apply]),
    ("cloudwatch:PutCompositeAlarm", On::Everything, If::Composites, &[Apply]),
    ("cloudwatch:DeleteAlarms", On::AlarmsOrComposites, If::Always, &[Apply]),
    ("cloudwatch:TagResource", On::Alarms, If::Always, &[Apply]),
    ("cloudwatch:UntagResource", On::Alarms, If::Always, &[Apply]),
    ("lambda:GetPolicy", On::Functions, If::Functions, &[Plan, Apply, Drift]),
    ("lambda:AddPermission", On::Functions, If::Functions, &[Apply]),
    ("lambda:RemovePermission", On::Functions, If::Functions, &[Apply]),
    ("logs:DescribeMetricFilters", On::LogGroups, If::Always, &[Plan, Apply, Drift, Audit]),
    ("logs:PutMetricFilter", On::LogGroups, If::Always, &[Apply]),
    ("logs:DeleteMetricFilter", On::LogGroups, If::Always, &[Apply]),
    ("logs:FilterLogEvents", On::LogGroups, If::Always, &[Backtest]),
    ("logs:TestMetricFilter", On::Everything, If::Always, &[Test]),
    ("sns:ListTopics", On::Everything, If::Always, &[Plan, Apply, Drift]),
    ("sns:GetTopicAttributes", On::Topics, If::Always, &[Plan, Apply, Drift]),
    ("sns:GetTopicAttributes", On::TopicsOfOthers, If::TopicsOfOthers, &[Plan, Apply, Drift]),
    ("sns:ListTagsForResource", On::Topics, If::Always, &[Plan, Apply, Drift]),
    ("sns:ListSubscriptionsByTopic", On::Topics, If::Always, &[Plan, Apply, Drift, Audit]),
    ("sns:GetSubscriptionAttributes", On::Everything, If::Always, &[Plan, Apply, Drift]),
    ("sns:CreateTopic", On::Topics, If::Always, &[Apply]),
    ("sns:DeleteTopic", On::Topics, If::Always, &[Apply]),
    ("sns:SetTopicAttributes", On::Topics, If::Always, &[Apply]),
    ("sns:TagResource", On::Topics, If::Always, &[Apply]),
    ("sns:UntagResource", On::Topics, If::Always, &[Apply]),
    ("sns:Subscribe", On::Topics, If::Always, &[Apply]),
    ("sns:Unsubscribe", On::Everything, If::Always, &[Apply]),
    ("sns:SetSubscriptionAttributes", On::Everything, If::Always, &[Apply]),
];

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
    let has_composites = facts.desired.state.0.keys().any(|address| address.kind == "composite_alarm");
    for (action, on, condition, of) in CALLS {
        let is_made = match condition {
            If::Always => true,
            // What is audited is all that the account has.
            If::Trail => facts.asks_trail || purposes.contains(&Audit),
            If::Composites => has_composites,
            If::Functions => !functions(facts).is_empty(),
            If::TopicsOfOthers => !facts.existing_topics.is_empty(),
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
    let statement = |(on, action): (On, Vec<&'static str>)| {
        let (sid, resource) = match on {
            On::Everything | On::AlarmsOrComposites => ("WithoutResource", vec!["*".to_owned()]),
            On::Alarms => ("Alarms", alarms(facts)),
            On::LogGroups => ("LogGroups", log_groups(facts)),
            On::Topics => ("Topics", topics(facts)),
            On::TopicsOfOthers => ("TopicsOfOthers", facts.existing_topics.iter().map(|arn| here(arn, facts)).collect()),
            On::Functions => ("Functions", functions(facts)),
        };
        Statement { sid, effect: "Allow", action, resource, condition: None }
    };
    let mut statements: Vec<Statement> = by_resource.into_iter().map(statement).collect();
    statements.extend(service_linked_role(facts).filter(|_| purposes.contains(&Apply)));
    Policy { version: "2012-10-17", statement: statements }
}

/// Calls that build API Gateway resources and Lambda functions, and open them. API Gateway's actions are the methods of HTTP.
const BUILDING: &[&str] = &[
    "apigateway:PATCH",
    "apigateway:POST",
    "apigateway:PUT",
    "apigateway:UpdateRestApiPolicy",
    "lambda:AddLayerVersionPermission",
    "lambda:AddPermission",
    "lambda:CreateAlias",
    "lambda:CreateEventSourceMapping",
    "lambda:CreateFunction",
    "lambda:CreateFunctionUrlConfig",
    "lambda:PublishLayerVersion",
    "lambda:PublishVersion",
    "lambda:UpdateAlias",
    "lambda:UpdateEventSourceMapping",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "lambda:UpdateFunctionUrlConfig",
];

/// Who may build, and change what watches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trusted {
    /// ARNs of roles and users, with wildcards.
    pub principals: Vec<String>,
    /// Services that call on somebody's behalf: `cloudformation.amazonaws.com`.
    pub services: Vec<String>,
}

/// A service control policy: nobody else builds APIs and functions, or tampers with alarms, filters, topics and the trail.
pub fn control_policy(trusted: &Trusted, facts: &Facts<'_>) -> Policy {
    let mut condition = json!({ "ArnNotLike": { "aws:PrincipalArn": trusted.principals } });
    if !trusted.services.is_empty() {
        // Without the key, which is there only when a service calls, this holds.
        condition["ForAllValues:StringNotEquals"] = json!({ "aws:CalledVia": trusted.services });
    }
    let all = || vec!["*".to_owned()];
    let deny = |(sid, action, resource): (&'static str, &[&'static str], Vec<String>)| Statement {
        sid,
        effect: "Deny",
        action: action.to_vec(),
        resource,
        condition: Some(condition.clone()),
    };
    let statements = [
        ("Building", BUILDING, all()),
        (
            "Alarms",
            &[
                "cloudwatch:DeleteAlarms",
                "cloudwatch:DisableAlarmActions",
                "cloudwatch:PutCompositeAlarm",
                "cloudwatch:PutMetricAlarm",
                "cloudwatch:SetAlarmState",
            ],
            alarms(facts),
        ),
        (
            "LogGroups",
            &["logs:DeleteLogGroup", "logs:DeleteLogStream", "logs:DeleteMetricFilter", "logs:PutMetricFilter", "logs:PutRetentionPolicy"],
            log_groups(facts),
        ),
        ("Topics", &["sns:AddPermission", "sns:DeleteTopic", "sns:RemovePermission", "sns:SetTopicAttributes"], topics(facts)),
        ("Trail", &["cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail"], all()),
    ];
    Policy { version: "2012-10-17", statement: statements.into_iter().map(deny).collect() }
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
    let opened = facts.desired.state.0.iter().filter(|(address, _)| address.kind == "topic_statement");
    let opened: BTreeSet<String> = opened.map(|(_, attributes)| text(attributes, "topic").to_owned()).collect();
    names(facts, &["topic"], &format!("{}-", facts.scope.stack)).chain(opened).map(|name| facts.scope.arn("sns", &name)).collect()
}

/// An ARN that was made for no account, in this one.
fn here(arn: &str, facts: &Facts<'_>) -> String {
    let nowhere = Scope::nowhere(&facts.scope.stack);
    let resource = |service: &str| arn.strip_prefix(&nowhere.arn(service, "")).map(|resource| facts.scope.arn(service, resource));
    ["sns", "lambda"].into_iter().find_map(resource).unwrap_or_else(|| arn.to_owned())
}

/// The functions of desired alarms by name, and those of their versions and aliases.
fn functions(facts: &Facts<'_>) -> Vec<String> {
    let permissions = facts.desired.state.0.iter().filter(|(address, _)| address.kind == "permission");
    let names: BTreeSet<&str> = permissions.map(|(_, attributes)| text(attributes, "function")).collect();
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

/// Alarms that act on EC2 instances do it by a role that is made with the first of them.
fn service_linked_role(facts: &Facts<'_>) -> Option<Statement> {
    let acts = facts.desired.state.0.iter().any(|(address, attributes)| {
        let actions = attributes.get("alarm_actions").and_then(Value::as_array);
        let is_ec2 = |action: &Value| action.as_str().is_some_and(|arn| arn.contains(":automate:") || arn.contains(":swf:"));
        address.kind == "alarm" && actions.is_some_and(|actions| actions.iter().any(is_ec2))
    });
    let role = "role/aws-service-role/events.amazonaws.com/AWSServiceRoleForCloudWatchEvents*";
    acts.then(|| Statement {
        sid: "RoleForInstanceActions",
        effect: "Allow",
        action: vec!["iam:CreateServiceLinkedRole"],
        resource: vec![format!("arn:{}:iam::{}:{role}", facts.scope.partition, facts.scope.account_id)],
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
                let is_own = path.ends_with("permissions.rs") || path.ends_with("quota.rs");
                if path.is_dir() {
                    folders.push(path);
                } else if !is_own && path.extension().is_some_and(|ending| ending == "rs") {
                    let text = std::fs::read_to_string(&path).unwrap();
                    for part in text.split('"').filter(|part| {
                        part.split_once(':').is_some_and(|(service, call)| {
                            ["cloudtrail", "cloudwatch", "logs", "sns", "iam", "kms", "lambda"].contains(&service)
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
