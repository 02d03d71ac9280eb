//! The kinds of AWS resources. Typed inside a folder, erased ([`Attributes`]) between them.
//!
//! A folder holds: `mod.rs` (the type and its normal form), `section.rs` (what YAML says of it),
//! `aws.rs` (to and from the SDK), `cases.yaml` (its changes, as a table).

pub mod alarm;
pub mod composite_alarm;
pub mod marker;
pub mod metric_filter;
pub mod permission;
pub mod subscription;
pub mod topic;
pub mod topic_statement;

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::account::aws::Clients;
use crate::account::error::AccountError;
use crate::state::{Address, Attributes, Resource, Scope};

/// Every kind, in the order of creation.
pub const KINDS: &[&dyn Kind] = &[
    &topic::TopicKind,
    &topic_statement::TopicStatementKind,
    &subscription::SubscriptionKind,
    &metric_filter::MetricFilterKind,
    &alarm::AlarmKind,
    &composite_alarm::CompositeAlarmKind,
    &permission::PermissionKind,
];

/// A call on the account.
pub type Call<'a, T> = Pin<Box<dyn Future<Output = Result<T, AccountError>> + 'a>>;

/// What trailarm has to know of a kind of resource.
pub trait Kind: Sync {
    /// As in addresses: `metric_filter`.
    fn name(&self) -> &'static str;

    /// The resource that properties are of, these in the one form in which equal means equal.
    ///
    /// # Errors
    /// The properties are not those of this kind (only a file edited by hand can do that).
    fn resource(&self, attributes: &Attributes) -> Result<Resource, serde_json::Error>;

    /// The properties alone.
    ///
    /// # Errors
    /// See [`Kind::resource`].
    fn normalize(&self, attributes: &Attributes) -> Result<Attributes, serde_json::Error> {
        Ok(self.resource(attributes)?.attributes)
    }

    /// Whether the stack may change what was found, judged by its name and its marker.
    fn owns(&self, scope: &Scope, resource: &Resource) -> bool;

    /// Names by which other resources refer to this one.
    fn provides(&self, _scope: &Scope, _resource: &Resource) -> Vec<String> {
        Vec::new()
    }

    /// Names of what must exist before this one (and go after it).
    fn requires(&self, _scope: &Scope, _resource: &Resource) -> Vec<String> {
        Vec::new()
    }

    /// Fills in what the account does not show and a desired resource of the same address says.
    fn settle(&self, _live: &mut Attributes, _desired: &Attributes) {}

    /// The name of a resource as it is shown, without somebody's e-mail address or a token in a URL.
    fn shown_name(&self, name: &str) -> String {
        name.to_owned()
    }

    /// The value of a property as it is shown.
    fn shown_value(&self, _field: &str, value: &str) -> String {
        value.to_owned()
    }

    /// All resources of the kind that the query asks for.
    fn list<'a>(&'a self, aws: &'a Clients, query: &'a Query) -> Call<'a, Vec<Listed>>;

    /// Creates the resource or makes it as described; `before` is what is there.
    fn put<'a>(&'a self, aws: &'a Clients, scope: &'a Scope, put: Put<'a>) -> Call<'a, ()>;

    /// Deletes the resource. That it is gone already is no error.
    fn delete<'a>(&'a self, aws: &'a Clients, scope: &'a Scope, resource: &'a Resource) -> Call<'a, ()>;
}

/// The kind of that name.
pub fn kind(name: &str) -> Option<&'static dyn Kind> {
    KINDS.iter().copied().find(|k| k.name() == name)
}

/// Whether a kind is a statement in a policy of others. It is found by an id that is made of the stack's name, says nothing that does
/// not follow from it, and comes and goes with what needs it.
pub fn is_statement(kind: &str) -> bool {
    matches!(kind, "permission" | "topic_statement")
}

/// Position in the order of creation.
pub fn rank(name: &str) -> usize {
    KINDS.iter().position(|k| k.name() == name).unwrap_or(KINDS.len())
}

/// What to write, and over what.
#[derive(Clone, Copy)]
pub struct Put<'a> {
    pub resource: &'a Resource,
    pub before: Option<&'a Attributes>,
}

/// A resource as the account has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    pub resource: Resource,
    /// Properties that are set and this tool does not know.
    pub unknown: Vec<String>,
    /// The fingerprint of the definition that was applied last, where the resource bears one.
    pub recorded: Option<String>,
    /// When it was made, in seconds since 1970, where the account says so.
    pub created: Option<i64>,
}

impl From<Resource> for Listed {
    fn from(resource: Resource) -> Self {
        Self { resource, unknown: Vec::new(), recorded: None, created: None }
    }
}

/// What a plan needs to read. All of it is read in pages.
#[derive(Debug, Clone)]
pub struct Query {
    pub scope: Scope,
    /// The log groups whose metric filters are read, all of them: foreign ones count towards the limit.
    pub log_groups: BTreeSet<String>,
    /// The topics whose subscriptions are read, by name.
    pub topics: BTreeSet<String>,
    /// Topics of others whose policies are looked at for what may be left over, by name.
    pub policies: BTreeSet<String>,
    /// Functions whose policies are looked at, beside those of permissions that are named.
    pub functions: BTreeSet<permission::Target>,
    /// Addresses outside the prefix of the stack that must be read by name.
    pub named: BTreeSet<Address>,
    /// Nothing but what is named, where the API can be asked so.
    pub only_named: bool,
    /// The fingerprints that the definitions give to alarms. Tags of alarms cost a call each, so they
    /// are read where the fingerprint in the marker is another, or with `refresh_tags`.
    pub fingerprints: BTreeMap<Address, TagHint>,
    pub refresh_tags: bool,
}

/// What the definition says of an alarm, for deciding whether its live tags must be read.
#[derive(Debug, Clone)]
pub struct TagHint {
    pub fingerprint: String,
    pub tags: BTreeMap<String, String>,
}

/// Erases a typed resource: absent, empty and default properties are left out by its serde attributes.
pub(crate) fn erase<T: Serialize>(value: &T) -> Attributes {
    match serde_json::to_value(value) {
        Ok(Value::Object(map)) => map,
        _ => Attributes::new(),
    }
}

/// The typed form of erased properties.
pub(crate) fn restore<T: DeserializeOwned>(attributes: &Attributes) -> Result<T, serde_json::Error> {
    serde_json::from_value(Value::Object(attributes.clone()))
}
