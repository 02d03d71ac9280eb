//! Topics to and from SNS.

use std::collections::BTreeMap;

use aws_sdk_sns::types::Tag;
use futures_util::future::try_join_all;
use serde_json::Value;

use super::{Topic, policy, section::Feedback};
use crate::account::aws::Clients;
use crate::account::error::{AccountError, Reason, if_there};
use crate::kinds::alarm::AWS_TAGS;
use crate::kinds::{Listed, Put, Query, restore};
use crate::state::{Resource, Scope};

/// Topics whose names start with `<stack>-`, and those asked for by name.
pub(super) async fn list(aws: &Clients, query: &Query) -> Result<Vec<Listed>, AccountError> {
    let prefix = format!("{}-", query.scope.stack);
    let wanted =
        |name: &str| (name.starts_with(&prefix) && !query.only_named) || query.named.iter().any(|a| a.kind == "topic" && a.name == name);
    let mut names = Vec::new();
    let mut token = None;
    loop {
        let request = aws.sns.list_topics().set_next_token(token);
        let page = aws.call("sns:ListTopics", "topics", request.send()).await?;
        let arns = page.topics.unwrap_or_default().into_iter().filter_map(|t| t.topic_arn);
        names.extend(arns.filter_map(|arn| arn.rsplit(':').next().map(str::to_owned)).filter(|name| wanted(name)));
        token = page.next_token.filter(|t| !t.is_empty());
        if token.is_none() {
            break;
        }
    }
    let topics = try_join_all(names.into_iter().map(|name| read(aws, &query.scope, name))).await?;
    Ok(topics.into_iter().flatten().map(|t| Listed::from(t.resource())).collect())
}

/// `None` when the topic went away between the list and now.
async fn read(aws: &Clients, scope: &Scope, name: String) -> Result<Option<Topic>, AccountError> {
    let arn = scope.arn("sns", &name);
    let Some(attributes) = attributes_of(aws, &arn).await? else { return Ok(None) };
    let request = aws.sns.list_tags_for_resource().resource_arn(&arn);
    let tags = aws.call("sns:ListTagsForResource", &arn, request.send()).await?.tags.unwrap_or_default();
    let tags = tags.into_iter().map(|t| (t.key, t.value)).filter(|(key, _)| !key.starts_with(AWS_TAGS)).collect();
    let policy = policy_of(&attributes, &arn)?;
    Ok(Some(from_aws(name, &attributes, tags, own_policy(policy, &arn, &scope.account_id))))
}

/// The attributes of a topic by its ARN; `None`: the topic is not there.
pub(crate) async fn attributes_of(aws: &Clients, arn: &str) -> Result<Option<BTreeMap<String, String>>, AccountError> {
    let request = aws.sns.get_topic_attributes().topic_arn(arn);
    let found = if_there(aws.call("sns:GetTopicAttributes", arn, request.send()).await)?;
    Ok(found.map(|output| output.attributes.unwrap_or_default().into_iter().collect()))
}

/// The policy of a topic by its ARN; `None`: the topic is not there.
pub(crate) async fn read_policy(aws: &Clients, arn: &str) -> Result<Option<Value>, AccountError> {
    attributes_of(aws, arn).await?.map(|attributes| policy_of(&attributes, arn)).transpose()
}

/// What cannot be read is not to be written over.
pub(crate) fn policy_of(attributes: &BTreeMap<String, String>, arn: &str) -> Result<Value, AccountError> {
    let Some(text) = attributes.get("Policy").filter(|text| !text.is_empty()) else { return Ok(Value::Null) };
    match serde_json::from_str::<Value>(text) {
        Ok(policy) if policy.is_object() => Ok(policy),
        _ => Err(AccountError::new("sns:GetTopicAttributes", arn, Reason::BadPolicy, "the policy is not a JSON object")),
    }
}

/// What of a policy is the stack's own: neither AWS's default nor what other stacks put into it.
fn own_policy(policy: Value, arn: &str, account_id: &str) -> Option<Value> {
    let (policy, _) = policy::without_guests(policy);
    let is_empty = policy.is_null() || policy["Statement"].as_array().is_some_and(Vec::is_empty);
    (!is_empty && !policy::is_default(&policy, arn, account_id)).then_some(policy)
}

fn from_aws(name: String, attributes: &BTreeMap<String, String>, tags: BTreeMap<String, String>, policy: Option<Value>) -> Topic {
    let text = |key: &str| attributes.get(key).filter(|v| !v.is_empty()).cloned();
    let json = |key: &str| text(key).and_then(|t| serde_json::from_str::<Value>(&t).ok());
    Topic {
        name,
        display_name: text("DisplayName").unwrap_or_default(),
        kms_key: text("KmsMasterKeyId"),
        policy,
        delivery_policy: json("DeliveryPolicy"),
        tracing: text("TracingConfig"),
        signature_version: text("SignatureVersion"),
        maximum_message_size: text("MaximumMessageSize").and_then(|t| t.parse().ok()),
        feedback: attributes.iter().filter(|(k, _)| Feedback::VALUES.contains(&k.as_str())).map(|(k, v)| (k.clone(), v.clone())).collect(),
        tags,
    }
}

/// By AWS's names; what is absent is left out.
fn to_aws(topic: &Topic) -> BTreeMap<String, String> {
    let Topic {
        name: _,
        display_name,
        kms_key,
        policy,
        delivery_policy,
        tracing,
        signature_version,
        maximum_message_size,
        feedback,
        tags: _,
    } = topic;
    let mut out = feedback.clone();
    let mut set = |key: &str, value: Option<String>| drop(value.map(|v| out.insert(key.to_owned(), v)));
    set("DisplayName", Some(display_name.clone()).filter(|d| !d.is_empty()));
    set("KmsMasterKeyId", kms_key.clone());
    set("Policy", policy.as_ref().map(Value::to_string));
    set("DeliveryPolicy", delivery_policy.as_ref().map(Value::to_string));
    set("TracingConfig", tracing.clone());
    set("SignatureVersion", signature_version.clone());
    set("MaximumMessageSize", maximum_message_size.map(|s| s.to_string()));
    out
}

/// What to write for an attribute that is no longer asked for.
fn reset(key: &str, arn: &str, scope: &Scope) -> String {
    match key {
        "Policy" => policy::default(arn, &scope.account_id).to_string(),
        "TracingConfig" => "PassThrough".to_owned(),
        "SignatureVersion" => "1".to_owned(),
        "MaximumMessageSize" => "262144".to_owned(),
        _ => String::new(),
    }
}

pub(super) async fn put(aws: &Clients, scope: &Scope, put: Put<'_>) -> Result<(), AccountError> {
    let subject = put.resource.address.to_string();
    let wrong = |e: serde_json::Error| AccountError::other("sns:CreateTopic", &subject, &e);
    let topic: Topic = restore(&put.resource.attributes).map_err(wrong)?;
    let wanted = to_aws(&topic);
    let Some(before) = put.before else {
        let tags = topic.tags.iter().filter_map(|(k, v)| Tag::builder().key(k).value(v).build().ok()).collect();
        let request = aws.sns.create_topic().name(&topic.name).set_attributes(Some(wanted.into_iter().collect())).set_tags(Some(tags));
        return aws.call("sns:CreateTopic", &subject, request.send()).await.map(drop);
    };
    let before: Topic = restore(before).map_err(wrong)?;
    let arn = scope.arn("sns", &topic.name);
    let had = to_aws(&before);
    let resets = had.keys().filter(|k| !wanted.contains_key(*k)).map(|k| (k.clone(), reset(k, &arn, scope)));
    let changes = wanted.iter().filter(|(k, v)| had.get(*k) != Some(v)).map(|(k, v)| (k.clone(), v.clone()));
    for (key, mut value) in resets.chain(changes) {
        if key == "Policy" {
            value = beside_guests(aws, &arn, &value).await?;
        }
        let request = aws.sns.set_topic_attributes().topic_arn(&arn).attribute_name(key).attribute_value(value);
        aws.call("sns:SetTopicAttributes", &subject, request.send()).await?;
    }
    write_tags(aws, &arn, &before.tags, &topic.tags).await
}

/// A policy as it is to be written, with what other stacks have put into the one that is there.
async fn beside_guests(aws: &Clients, arn: &str, wanted: &str) -> Result<String, AccountError> {
    let (_, guests) = policy::without_guests(read_policy(aws, arn).await?.unwrap_or_default());
    let wanted = serde_json::from_str(wanted).map_err(|e| AccountError::other("sns:SetTopicAttributes", arn, &e))?;
    Ok(policy::with_statements(wanted, guests).to_string())
}

async fn write_tags(
    aws: &Clients,
    arn: &str,
    had: &BTreeMap<String, String>,
    wanted: &BTreeMap<String, String>,
) -> Result<(), AccountError> {
    let gone: Vec<String> = had.keys().filter(|k| !wanted.contains_key(*k)).cloned().collect();
    if !gone.is_empty() {
        let request = aws.sns.untag_resource().resource_arn(arn).set_tag_keys(Some(gone));
        aws.call("sns:UntagResource", arn, request.send()).await?;
    }
    let changed: Vec<Tag> =
        wanted.iter().filter(|(k, v)| had.get(*k) != Some(v)).filter_map(|(k, v)| Tag::builder().key(k).value(v).build().ok()).collect();
    if !changed.is_empty() {
        let request = aws.sns.tag_resource().resource_arn(arn).set_tags(Some(changed));
        aws.call("sns:TagResource", arn, request.send()).await?;
    }
    Ok(())
}

pub(super) async fn delete(aws: &Clients, scope: &Scope, resource: &Resource) -> Result<(), AccountError> {
    let request = aws.sns.delete_topic().topic_arn(scope.arn("sns", &resource.address.name));
    if_there(aws.call("sns:DeleteTopic", &resource.address.to_string(), request.send()).await).map(drop)
}
