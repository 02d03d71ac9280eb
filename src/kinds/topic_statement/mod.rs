//! The statement in the policy of a topic of others that lets CloudWatch publish for this account's alarms (spec, section 6.3).
//!
//! One for each topic that the stack names by `arn` with `allow_alarms: true`. It is put among the statements that are there, and
//! nothing else of the topic is changed. A topic that the stack manages needs none: its whole policy is the stack's.
//!
//! Cannot be seen: what other statements forbid (`doctor` reads all of them); and a statement on a topic that has gone from the stack
//! file and that no live alarm of the stack tells. Take `allow_alarms` away first, and the topic then.

mod aws;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::topic::policy;
use super::{Call, Kind, Listed, Put, Query, erase, restore};
use crate::account::aws::Clients;
use crate::state::{Address, Attributes, Resource, Scope, text};

/// Who publishes for alarms.
pub const ALARM_SERVICE: &str = "cloudwatch.amazonaws.com";

/// A statement in normal form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicStatement {
    /// Name of the topic.
    pub topic: String,
    pub statement_id: String,
    /// As it stands in the policy, in the one form in which equal means equal.
    pub statement: Value,
}

impl TopicStatement {
    pub fn resource(mut self) -> Resource {
        self.statement = policy::normal_statement(&self.statement);
        Resource { address: Address::new("topic_statement", format!("{}:{}", self.topic, self.statement_id)), attributes: erase(&self) }
    }

    /// What lets the alarms of this account and Region publish.
    pub fn of_topic(topic: &str, scope: &Scope) -> Self {
        let statement_id = statement_id(&scope.stack);
        let statement = statement(&statement_id, &scope.arn("sns", topic), scope);
        Self { topic: topic.to_owned(), statement_id, statement }
    }
}

/// Found again by the stack's name.
fn statement_id(stack: &str) -> String {
    format!("trailarm-{stack}")
}

/// The statement by which the alarms of an account and a Region publish to a topic.
pub fn statement(id: &str, topic_arn: &str, scope: &Scope) -> Value {
    json!({
        "Sid": id,
        "Effect": "Allow",
        "Principal": { "Service": ALARM_SERVICE },
        "Action": "sns:Publish",
        "Resource": topic_arn,
        "Condition": {
            "StringEquals": { "aws:SourceAccount": scope.account_id },
            "ArnLike": { "aws:SourceArn": scope.arn("cloudwatch", "alarm:*") },
        },
    })
}

/// See [`TopicStatement`].
pub struct TopicStatementKind;

impl Kind for TopicStatementKind {
    fn name(&self) -> &'static str {
        "topic_statement"
    }

    fn resource(&self, attributes: &Attributes) -> Result<Resource, serde_json::Error> {
        Ok(restore::<TopicStatement>(attributes)?.resource())
    }

    fn owns(&self, scope: &Scope, resource: &Resource) -> bool {
        text(&resource.attributes, "statement_id") == statement_id(&scope.stack)
    }

    /// The topic, open: alarms that tell it need that.
    fn provides(&self, scope: &Scope, resource: &Resource) -> Vec<String> {
        vec![scope.arn("sns", text(&resource.attributes, "topic"))]
    }

    fn list<'a>(&'a self, aws: &'a Clients, query: &'a Query) -> Call<'a, Vec<Listed>> {
        Box::pin(aws::list(aws, query))
    }

    fn put<'a>(&'a self, aws: &'a Clients, scope: &'a Scope, put: Put<'a>) -> Call<'a, ()> {
        Box::pin(aws::put(aws, scope, put))
    }

    fn delete<'a>(&'a self, aws: &'a Clients, scope: &'a Scope, resource: &'a Resource) -> Call<'a, ()> {
        Box::pin(aws::delete(aws, scope, resource))
    }
}
