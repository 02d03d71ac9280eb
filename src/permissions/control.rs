//! Who may not build APIs and functions, or change what watches: a service control policy.

use serde_json::json;

use super::{Facts, Policy, Statement, alarms, functions, here, keys, log_groups, topics};

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
///
/// What AWS authorizes on `*` alone (PutCompositeAlarm, Unsubscribe, SetSubscriptionAttributes) is not in it: to deny that would be to
/// deny it for the alarms and topics of everybody.
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
            &["cloudwatch:DeleteAlarms", "cloudwatch:DisableAlarmActions", "cloudwatch:PutMetricAlarm", "cloudwatch:SetAlarmState"],
            alarms(facts),
        ),
        (
            "LogGroups",
            &["logs:DeleteLogGroup", "logs:DeleteLogStream", "logs:DeleteMetricFilter", "logs:PutMetricFilter", "logs:PutRetentionPolicy"],
            log_groups(facts),
        ),
        ("Topics", &["sns:AddPermission", "sns:DeleteTopic", "sns:RemovePermission", "sns:SetTopicAttributes"], all_topics(facts)),
        (
            "Functions",
            &["lambda:DeleteAlias", "lambda:DeleteFunction", "lambda:PutFunctionConcurrency", "lambda:RemovePermission"],
            functions(facts),
        ),
        ("Keys", &["kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"], named_keys(facts)),
        ("Trail", &["cloudtrail:DeleteTrail", "cloudtrail:PutEventSelectors", "cloudtrail:StopLogging", "cloudtrail:UpdateTrail"], all()),
    ];
    Policy { version: "2012-10-17", statement: statements.into_iter().filter(|(.., resource)| !resource.is_empty()).map(deny).collect() }
}

/// Those of the stack, and those that it uses.
fn all_topics(facts: &Facts<'_>) -> Vec<String> {
    topics(facts).into_iter().chain(facts.existing_topics.iter().map(|arn| here(arn, facts))).collect()
}

/// Keys by id or ARN. An alias does not say which key it stands for, and to deny this for all keys would be too much.
fn named_keys(facts: &Facts<'_>) -> Vec<String> {
    keys(facts).into_iter().filter(|key| !key.ends_with('*')).collect()
}
