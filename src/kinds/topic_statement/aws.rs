//! One statement of a topic's policy. SNS knows only whole policies, so it is put among what is there just before it is written.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use serde_json::{Value, json};

use super::TopicStatement;
use crate::account::aws::Clients;
use crate::account::error::{AccountError, Reason, if_there};
use crate::kinds::topic::{policy, read_policy};
use crate::kinds::{Listed, Put, Query, restore};
use crate::state::{Resource, Scope};

/// The statements with an id of the topics that are asked for.
pub(super) async fn list(aws: &Clients, query: &Query) -> Result<Vec<Listed>, AccountError> {
    let named = query.named.iter().filter(|address| address.kind == "topic_statement");
    let wanted: BTreeSet<&str> = named.filter_map(|address| Some(address.name.split_once(':')?.0)).collect();
    let others = query.policies.iter().map(String::as_str).filter(|topic| !wanted.contains(topic));
    let topics: Vec<(&str, bool)> = wanted.iter().map(|topic| (*topic, true)).chain(others.map(|topic| (topic, false))).collect();
    let found = try_join_all(topics.iter().map(|(topic, is_wanted)| of_topic(aws, &query.scope, topic, *is_wanted))).await?;
    Ok(found.into_iter().flatten().map(|statement| Listed::from(statement.resource())).collect())
}

/// A topic that is only looked at for what may be left over need not be readable.
async fn of_topic(aws: &Clients, scope: &Scope, topic: &str, is_wanted: bool) -> Result<Vec<TopicStatement>, AccountError> {
    let policy = match read_policy(aws, &scope.arn("sns", topic)).await {
        Ok(policy) => policy.unwrap_or_default(),
        Err(_) if !is_wanted => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let statement = |statement: Value| {
        let statement_id = statement["Sid"].as_str()?.to_owned();
        Some(TopicStatement { topic: topic.to_owned(), statement_id, statement })
    };
    Ok(policy::statements(&policy).into_iter().filter_map(statement).collect())
}

pub(super) async fn put(aws: &Clients, scope: &Scope, put: Put<'_>) -> Result<(), AccountError> {
    let wanted = of(put.resource)?;
    let new = wanted.statement.clone();
    write(aws, scope, &wanted, Some(new)).await
}

pub(super) async fn delete(aws: &Clients, scope: &Scope, resource: &Resource) -> Result<(), AccountError> {
    if_there(write(aws, scope, &of(resource)?, None).await).map(drop)
}

fn of(resource: &Resource) -> Result<TopicStatement, AccountError> {
    restore(&resource.attributes).map_err(|e| AccountError::other("sns:SetTopicAttributes", &resource.address.to_string(), &e))
}

/// Writes the policy with this statement in the place of the one with its id, or without it.
async fn write(aws: &Clients, scope: &Scope, own: &TopicStatement, new: Option<Value>) -> Result<(), AccountError> {
    let arn = scope.arn("sns", &own.topic);
    let Some(mut policy) = read_policy(aws, &arn).await? else {
        return Err(AccountError::new("sns:SetTopicAttributes", &arn, Reason::NotFound, "the topic does not exist"));
    };
    let mut kept = policy::statements(&policy);
    kept.retain(|statement| statement["Sid"] != own.statement_id.as_str());
    kept.extend(new);
    if kept.is_empty() {
        // A policy without statements is none; what AWS gives to every topic takes its place.
        policy = policy::default(&arn, &scope.account_id);
    } else {
        policy["Statement"] = json!(kept);
    }
    let request = aws.sns.set_topic_attributes().topic_arn(&arn).attribute_name("Policy").attribute_value(policy.to_string());
    aws.call("sns:SetTopicAttributes", &arn, request.send()).await.map(drop)
}
