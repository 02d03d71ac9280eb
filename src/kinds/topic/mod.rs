//! SNS topics. Attributes are written one call each; there is no transaction.
//!
//! Cannot be seen: whether the KMS key lets CloudWatch use it (`doctor` will ask).

mod aws;
pub(crate) mod policy;
mod section;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use aws::{attributes_of, policy_of, read_policy};
pub use section::{Compiled, TopicSection, compile};

use super::{Call, Kind, Listed, Put, Query, erase, restore};
use crate::account::aws::Clients;
use crate::state::{Address, Attributes, Resource, Scope};

/// The tag that says which stack a topic belongs to.
pub const STACK_TAG: &str = "trailarm:stack";

/// A topic in normal form (spec, section 6.6).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub display_name: String,
    /// Id, ARN or alias of a customer key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kms_key: Option<String>,
    /// Absent: the policy that AWS gives to every topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub policy: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_policy: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracing: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature_version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum_message_size: Option<u32>,
    /// Roles and rates of delivery feedback, by AWS's names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub feedback: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tags: BTreeMap<String, String>,
}

impl Topic {
    pub fn resource(self) -> Resource {
        Resource { address: Address::new("topic", self.name.clone()), attributes: erase(&self.normal()) }
    }

    fn normal(mut self) -> Self {
        self.kms_key = self.kms_key.filter(|k| !k.is_empty());
        self.policy = self.policy.as_ref().map(policy::normal);
        self.delivery_policy = self.delivery_policy.map(without_defaults);
        self.tracing = self.tracing.filter(|t| t != "PassThrough");
        self.signature_version = self.signature_version.filter(|v| v != "1");
        self.maximum_message_size = self.maximum_message_size.filter(|s| *s != 262_144);
        self.feedback.retain(|_, v| !v.is_empty());
        self
    }
}

/// A delivery policy without what SNS adds to it: nulls, and overrides that are not there.
pub(super) fn without_defaults(policy: Value) -> Value {
    match policy {
        Value::Object(map) => {
            let is_default = |key: &str, value: &Value| {
                value.is_null() || (*value == Value::Bool(false) && ["guaranteed", "disableSubscriptionOverrides"].contains(&key))
            };
            Value::Object(map.into_iter().filter(|(k, v)| !is_default(k, v)).map(|(k, v)| (k, without_defaults(v))).collect())
        }
        other => other,
    }
}

/// See [`Topic`].
pub struct TopicKind;

impl Kind for TopicKind {
    fn name(&self) -> &'static str {
        "topic"
    }

    fn resource(&self, attributes: &Attributes) -> Result<Resource, serde_json::Error> {
        Ok(restore::<Topic>(attributes)?.resource())
    }

    fn owns(&self, scope: &Scope, resource: &Resource) -> bool {
        let tag = resource.attributes.get("tags").and_then(|t| t.get(STACK_TAG)).and_then(|t| t.as_str());
        tag == Some(scope.stack.as_str())
    }

    fn provides(&self, scope: &Scope, resource: &Resource) -> Vec<String> {
        vec![scope.arn("sns", &resource.address.name)]
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
