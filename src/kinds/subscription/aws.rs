//! Subscriptions to and from SNS.

use std::collections::BTreeMap;

use aws_sdk_sns::types::Subscription as AwsSubscription;
use futures_util::future::try_join_all;
use serde_json::Value;

use super::Subscription;
use crate::account::aws::Clients;
use crate::account::error::{AccountError, if_there};
use crate::kinds::{Listed, Put, Query, restore};
use crate::state::{Resource, Scope, text};

pub(super) async fn list(aws: &Clients, query: &Query) -> Result<Vec<Listed>, AccountError> {
    let topics = try_join_all(query.topics.iter().map(|topic| list_topic(aws, &query.scope, topic))).await?;
    Ok(topics.into_iter().flatten().map(|s| Listed::from(s.resource())).collect())
}

async fn list_topic(aws: &Clients, scope: &Scope, topic: &str) -> Result<Vec<Subscription>, AccountError> {
    let found = subscriptions(aws, &scope.arn("sns", topic)).await?;
    try_join_all(found.into_iter().map(|s| read(aws, topic, s))).await
}

/// The subscriptions of a topic, by its ARN, as SNS lists them.
pub(crate) async fn subscriptions(aws: &Clients, arn: &str) -> Result<Vec<AwsSubscription>, AccountError> {
    let mut found = Vec::new();
    let mut token = None;
    loop {
        let request = aws.sns.list_subscriptions_by_topic().topic_arn(arn).set_next_token(token);
        let page = if_there(aws.call("sns:ListSubscriptionsByTopic", arn, request.send()).await)?;
        let Some(page) = page else { return Ok(found) };
        // `Deleted` is a subscription that was cancelled and vanishes by itself.
        found.extend(page.subscriptions.unwrap_or_default().into_iter().filter(|s| s.subscription_arn.as_deref() != Some("Deleted")));
        token = page.next_token.filter(|t| !t.is_empty());
        if token.is_none() {
            return Ok(found);
        }
    }
}

/// Whether the list shows an ARN; an unconfirmed subscription has none.
pub(crate) fn confirmed(subscription: &AwsSubscription) -> Option<&str> {
    subscription.subscription_arn.as_deref().filter(|arn| arn.starts_with("arn:"))
}

async fn read(aws: &Clients, topic: &str, found: AwsSubscription) -> Result<Subscription, AccountError> {
    let attributes = match confirmed(&found) {
        None => None,
        Some(arn) => {
            let request = aws.sns.get_subscription_attributes().subscription_arn(arn);
            let output = if_there(aws.call("sns:GetSubscriptionAttributes", arn, request.send()).await)?;
            output.map(|output| output.attributes.unwrap_or_default().into_iter().collect())
        }
    };
    Ok(from_aws(topic, found, attributes))
}

fn from_aws(topic: &str, found: AwsSubscription, attributes: Option<BTreeMap<String, String>>) -> Subscription {
    let pending = attributes.as_ref().is_none_or(|a| a.get("PendingConfirmation").is_some_and(|p| p == "true"));
    let attributes = attributes.unwrap_or_default();
    let text = |key: &str| attributes.get(key).filter(|v| !v.is_empty()).cloned();
    let json = |key: &str| text(key).and_then(|t| serde_json::from_str::<Value>(&t).ok());
    Subscription {
        topic: topic.to_owned(),
        protocol: found.protocol.unwrap_or_default(),
        endpoint: found.endpoint.unwrap_or_default(),
        filter_policy: json("FilterPolicy"),
        filter_policy_scope: text("FilterPolicyScope"),
        raw_message_delivery: text("RawMessageDelivery").as_deref() == Some("true"),
        redrive_policy: json("RedrivePolicy"),
        delivery_policy: json("DeliveryPolicy"),
        subscription_role_arn: text("SubscriptionRoleArn"),
        pending,
    }
}

fn to_aws(subscription: &Subscription) -> BTreeMap<&'static str, String> {
    let Subscription {
        topic: _,
        protocol: _,
        endpoint: _,
        filter_policy,
        filter_policy_scope,
        raw_message_delivery,
        redrive_policy,
        delivery_policy,
        subscription_role_arn,
        pending: _,
    } = subscription;
    let pairs = [
        ("FilterPolicy", filter_policy.as_ref().map(Value::to_string)),
        ("FilterPolicyScope", filter_policy_scope.clone()),
        ("RawMessageDelivery", raw_message_delivery.then(|| "true".to_owned())),
        ("RedrivePolicy", redrive_policy.as_ref().map(Value::to_string)),
        ("DeliveryPolicy", delivery_policy.as_ref().map(Value::to_string)),
        ("SubscriptionRoleArn", subscription_role_arn.clone()),
    ];
    pairs.into_iter().filter_map(|(key, value)| value.map(|v| (key, v))).collect()
}

/// What to write for an attribute that is no longer asked for; `None` is no value at all.
fn reset(key: &str) -> Option<String> {
    match key {
        "FilterPolicy" => Some("{}".to_owned()),
        "FilterPolicyScope" => Some("MessageAttributes".to_owned()),
        "RawMessageDelivery" => Some("false".to_owned()),
        _ => None,
    }
}

pub(super) async fn put(aws: &Clients, scope: &Scope, put: Put<'_>) -> Result<(), AccountError> {
    let subject = put.resource.address.to_string();
    let wrong = |e: serde_json::Error| AccountError::other("sns:Subscribe", &subject, &e);
    let wanted: Subscription = restore(&put.resource.attributes).map_err(wrong)?;
    let attributes = to_aws(&wanted);
    let Some(before) = put.before else {
        let attributes = attributes.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        let request = aws
            .sns
            .subscribe()
            .topic_arn(scope.arn("sns", &wanted.topic))
            .protocol(&wanted.protocol)
            .endpoint(&wanted.endpoint)
            .return_subscription_arn(true)
            .set_attributes(Some(attributes));
        return aws.call("sns:Subscribe", &subject, request.send()).await.map(drop);
    };
    let had = to_aws(&restore(before).map_err(wrong)?);
    let Some(arn) = arn_of(aws, scope, put.resource).await? else {
        return Err(AccountError::other("sns:SetSubscriptionAttributes", &subject, &"it is not confirmed yet, or is gone"));
    };
    let resets = had.keys().filter(|k| !attributes.contains_key(*k)).map(|k| (*k, reset(k)));
    let changes = attributes.iter().filter(|(k, v)| had.get(*k) != Some(v)).map(|(k, v)| (*k, Some(v.clone())));
    let mut writes: Vec<(&str, Option<String>)> = resets.chain(changes).collect();
    // A nested filter policy is refused in the scope of attributes: the scope widens first and narrows last.
    let widens = wanted.filter_policy_scope.is_some();
    writes.sort_by_key(|(key, _)| (*key == "FilterPolicyScope") != widens);
    for (key, value) in writes {
        let request = aws.sns.set_subscription_attributes().subscription_arn(&arn).attribute_name(key).set_attribute_value(value);
        aws.call("sns:SetSubscriptionAttributes", &subject, request.send()).await?;
    }
    Ok(())
}

/// The ARN holds a random part, so it is looked up when it is needed.
async fn arn_of(aws: &Clients, scope: &Scope, resource: &Resource) -> Result<Option<String>, AccountError> {
    let topic = text(&resource.attributes, "topic");
    let found = subscriptions(aws, &scope.arn("sns", topic)).await?;
    let same = |s: &AwsSubscription| from_aws(topic, s.clone(), None).resource().address == resource.address;
    Ok(found.iter().find(|s| same(s)).and_then(confirmed).map(str::to_owned))
}

pub(super) async fn delete(aws: &Clients, scope: &Scope, resource: &Resource) -> Result<(), AccountError> {
    let Some(arn) = arn_of(aws, scope, resource).await? else { return Ok(()) };
    let request = aws.sns.unsubscribe().subscription_arn(arn);
    if_there(aws.call("sns:Unsubscribe", &resource.address.to_string(), request.send()).await).map(drop)
}
