//! `subscriptions:` of a topic → subscriptions.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::Subscription;
use crate::arn::Arn;
use crate::detection::Problems;
use crate::yaml::typed::choice;

choice! {
    /// What a filter policy is applied to.
    PolicyScope, ["MessageAttributes", "MessageBody"]
}

/// One subscription; exactly one of the endpoints, named by its protocol.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscriptionSection {
    pub email: Option<String>,
    pub email_json: Option<String>,
    /// A phone number, `+491701234567`.
    pub sms: Option<String>,
    pub http: Option<String>,
    pub https: Option<String>,
    pub sqs: Option<String>,
    pub lambda: Option<String>,
    pub firehose: Option<String>,
    /// A mobile endpoint.
    pub application: Option<String>,

    pub filter_policy: Option<BTreeMap<String, Value>>,
    pub filter_policy_scope: Option<PolicyScope>,
    pub raw_message_delivery: Option<bool>,
    pub redrive_policy: Option<BTreeMap<String, Value>>,
    pub delivery_policy: Option<BTreeMap<String, Value>>,
    /// The role that lets SNS write to Firehose.
    pub role_arn: Option<String>,
}

/// The subscription of one entry of a topic's list.
pub fn compile(topic: &str, path: &str, section: &SubscriptionSection, problems: &mut Problems) -> Option<Subscription> {
    let endpoints: Vec<(&str, &String)> = [
        ("email", &section.email),
        ("email-json", &section.email_json),
        ("sms", &section.sms),
        ("http", &section.http),
        ("https", &section.https),
        ("sqs", &section.sqs),
        ("lambda", &section.lambda),
        ("firehose", &section.firehose),
        ("application", &section.application),
    ]
    .into_iter()
    .filter_map(|(protocol, endpoint)| endpoint.as_ref().map(|e| (protocol, e)))
    .collect();
    let [(protocol, endpoint)] = endpoints.as_slice() else {
        problems.combination(
            path,
            "a subscription has exactly one endpoint",
            "write each as its own list item: `- email: secops@example.com`",
        );
        return None;
    };
    check(path, protocol, endpoint, section, problems);
    let object = |map: &BTreeMap<String, Value>| Value::Object(map.clone().into_iter().collect());
    Some(Subscription {
        topic: topic.to_owned(),
        protocol: (*protocol).to_owned(),
        endpoint: (*endpoint).clone(),
        filter_policy: section.filter_policy.as_ref().map(object),
        filter_policy_scope: section.filter_policy_scope.as_ref().map(|s| s.0.clone()),
        raw_message_delivery: section.raw_message_delivery.unwrap_or(false),
        redrive_policy: section.redrive_policy.as_ref().map(object),
        delivery_policy: section.delivery_policy.as_ref().map(object),
        subscription_role_arn: section.role_arn.clone(),
        pending: false,
    })
}

fn check(path: &str, protocol: &str, endpoint: &str, section: &SubscriptionSection, problems: &mut Problems) {
    let service = |name: &str| endpoint.parse::<Arn>().is_ok_and(|arn| arn.service == name);
    let (right, example) = match protocol {
        "email" | "email-json" => {
            let parts: Vec<&str> = endpoint.split('@').collect();
            (parts.len() == 2 && !parts.contains(&"") && !endpoint.contains(char::is_whitespace), "secops@example.com")
        }
        "sms" => {
            let digits = endpoint.strip_prefix('+').unwrap_or_default();
            ((7..=15).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit()), "+491701234567")
        }
        "http" => (endpoint.starts_with("http://") && endpoint.len() > 7, "http://example.com/hook"),
        "https" => (endpoint.starts_with("https://") && endpoint.len() > 8, "https://example.com/hook"),
        "sqs" => (service("sqs"), "arn:aws:sqs:us-east-1:111122223333:queue"),
        "lambda" => (service("lambda"), "arn:aws:lambda:us-east-1:111122223333:function:name"),
        "firehose" => (service("firehose"), "arn:aws:firehose:us-east-1:111122223333:deliverystream/name"),
        _ => (service("sns"), "arn:aws:sns:us-east-1:111122223333:endpoint/GCM/app/id"),
    };
    let key = format!("{path}.{}", protocol.replace('-', "_"));
    if !right {
        problems.combination(&key, format!("`{endpoint}` is no endpoint for {protocol}"), format!("write it like `{example}`"));
    }
    if (protocol == "firehose") != section.role_arn.is_some() {
        problems.combination(path, "`role_arn` belongs to a Firehose subscription, and is needed there", "add or remove `role_arn`");
    }
    if section.raw_message_delivery == Some(true) && !["sqs", "http", "https", "firehose"].contains(&protocol) {
        problems.combination(
            &format!("{path}.raw_message_delivery"),
            format!("{protocol} has no raw delivery"),
            "it exists for sqs, http, https and firehose",
        );
    }
}
