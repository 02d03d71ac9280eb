//! SNS subscriptions of the stack's own topics. A topic has just the subscriptions its definition names.
//!
//! Cannot be seen: whether an unconfirmed e-mail was ever opened. A pending subscription is in
//! sync (subscribing again would mail again); one that nobody wants any more vanishes by itself.

mod aws;
mod section;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use aws::{confirmed, subscriptions};
pub use section::{SubscriptionSection, compile};

use super::topic::without_defaults;
use super::{Call, Kind, Listed, Put, Query, erase, restore};
use crate::account::aws::Clients;
use crate::account::error::AccountError;
use crate::state::{Address, Attributes, Resource, Scope, text};

/// The property that marks a subscription without confirmation; never compared, never written.
pub const PENDING: &str = "pending";

/// A subscription in normal form (spec, section 6.6).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subscription {
    /// Name of the topic.
    pub topic: String,
    pub protocol: String,
    pub endpoint: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter_policy: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter_policy_scope: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub raw_message_delivery: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redrive_policy: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_policy: Option<Value>,
    /// Firehose only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription_role_arn: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub pending: bool,
}

impl Subscription {
    pub fn resource(self) -> Resource {
        let normal = self.normal();
        let name = format!("{}:{}:{}", normal.topic, normal.protocol, normal.listed_endpoint());
        Resource { address: Address::new("subscription", name), attributes: erase(&normal) }
    }

    /// The endpoint as SNS lists it: an address without case, a URL without its password.
    fn listed_endpoint(&self) -> String {
        if self.protocol.starts_with("email") {
            return self.endpoint.to_lowercase();
        }
        let user = self
            .endpoint
            .split_once("://")
            .and_then(|(scheme, rest)| Some((scheme, rest.split(['/', '?']).next()?.rsplit_once('@')?.0, rest)));
        match user {
            Some((scheme, user, rest)) if self.protocol.starts_with("http") => {
                let name = user.split(':').next().unwrap_or_default();
                format!("{scheme}://{name}:****{}", &rest[user.len()..])
            }
            _ => self.endpoint.clone(),
        }
    }

    fn normal(mut self) -> Self {
        if self.protocol.starts_with("email") {
            self.endpoint = self.listed_endpoint();
        }
        self.delivery_policy = self.delivery_policy.map(without_defaults);
        self.filter_policy = self.filter_policy.filter(|p| !p.as_object().is_some_and(serde_json::Map::is_empty));
        self.filter_policy_scope = self.filter_policy_scope.filter(|s| s != "MessageAttributes");
        self
    }
}

/// See [`Subscription`].
pub struct SubscriptionKind;

impl Kind for SubscriptionKind {
    fn name(&self) -> &'static str {
        "subscription"
    }

    fn resource(&self, attributes: &Attributes) -> Result<Resource, serde_json::Error> {
        Ok(restore::<Subscription>(attributes)?.resource())
    }

    /// Only subscriptions of topics of the stack are ever listed.
    fn owns(&self, _: &Scope, _: &Resource) -> bool {
        true
    }

    fn requires(&self, scope: &Scope, resource: &Resource) -> Vec<String> {
        vec![scope.arn("sns", text(&resource.attributes, "topic"))]
    }

    /// A password that SNS does not show is taken to be the one that is wanted.
    fn settle(&self, live: &mut Attributes, desired: &Attributes) {
        if text(live, "endpoint").contains(":****@") {
            live.insert("endpoint".to_owned(), text(desired, "endpoint").into());
        }
    }

    fn shown_name(&self, name: &str) -> String {
        match name.splitn(3, ':').collect::<Vec<_>>().as_slice() {
            [topic, protocol, endpoint] => format!("{topic}:{protocol}:{}", masked(endpoint)),
            _ => name.to_owned(),
        }
    }

    fn shown_value(&self, field: &str, value: &str) -> String {
        if field == "endpoint" { masked(value) } else { value.to_owned() }
    }

    fn list<'a>(&'a self, aws: &'a Clients, query: &'a Query) -> Call<'a, Vec<Listed>> {
        Box::pin(aws::list(aws, query))
    }

    fn put<'a>(&'a self, aws: &'a Clients, scope: &'a Scope, put: Put<'a>) -> Call<'a, ()> {
        Box::pin(async move { aws::put(aws, scope, put).await.map_err(|e| private(e, put.resource)) })
    }

    fn delete<'a>(&'a self, aws: &'a Clients, scope: &'a Scope, resource: &'a Resource) -> Call<'a, ()> {
        Box::pin(async move { aws::delete(aws, scope, resource).await.map_err(|e| private(e, resource)) })
    }
}

/// An error without the endpoint it is about.
fn private(error: AccountError, resource: &Resource) -> AccountError {
    let listed = resource.address.name.splitn(3, ':').nth(2).unwrap_or_default();
    let endpoint = text(&resource.attributes, "endpoint");
    error.masked(endpoint, &masked(endpoint)).masked(listed, &masked(listed))
}

/// `s…@example.com`, `https://example.com/…`, `+49…`; ARNs are no secrets.
fn masked(endpoint: &str) -> String {
    if endpoint.starts_with("arn:") {
        return endpoint.to_owned();
    }
    if let Some((scheme, rest)) = endpoint.split_once("://") {
        let host = rest.split(['/', '?']).next().unwrap_or_default().rsplit('@').next().unwrap_or_default();
        return format!("{scheme}://{host}/…");
    }
    let first: String = endpoint.chars().take(if endpoint.starts_with('+') { 3 } else { 1 }).collect();
    match endpoint.split_once('@') {
        Some((_, domain)) => format!("{first}…@{domain}"),
        None => format!("{first}…"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_masked() {
        for (endpoint, shown) in [
            ("secops@example.com", "s…@example.com"),
            ("https://user:pass@hooks.example.com/T0/secret?x=1", "https://hooks.example.com/…"),
            ("+491701234567", "+49…"),
            ("arn:aws:sqs:us-east-1:111122223333:q", "arn:aws:sqs:us-east-1:111122223333:q"),
        ] {
            assert_eq!(masked(endpoint), shown);
        }
        let with_password =
            Subscription { protocol: "https".into(), endpoint: "https://u:p@h.example.com/x?a@b".into(), ..Subscription::default() };
        assert_eq!(with_password.listed_endpoint(), "https://u:****@h.example.com/x?a@b");
        assert_eq!(SubscriptionKind.shown_name("t:email:secops@example.com"), "t:email:s…@example.com");
    }
}
