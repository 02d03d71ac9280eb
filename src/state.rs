//! The two states that are compared, in newtypes so that they cannot be swapped.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::{Map, Value};

use crate::yaml::Span;

/// The properties of a resource in normal form, by Terraform's names. What is absent is at its default.
pub type Attributes = Map<String, Value>;

/// A property that is text; empty when it is absent or something else.
pub fn text<'a>(attributes: &'a Attributes, name: &str) -> &'a str {
    attributes.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// One resource: its kind and its natural key, `alarm/account-baseline/rest-api-built`.
///
/// Keys: alarms and topics, their name; metric filters, `<log group>:<name>`; subscriptions,
/// `<topic>:<protocol>:<endpoint>`. None of these names may hold a colon themselves.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    pub kind: String,
    pub name: String,
}

impl Address {
    pub fn new(kind: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind: kind.into(), name: name.into() }
    }

    /// Whether it is of an alarm, metric or composite: the two kinds share their names.
    pub fn is_alarm(&self) -> bool {
        self.kind.ends_with("alarm")
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}

/// A resource with its properties.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    pub address: Address,
    pub attributes: Attributes,
}

/// Resources by address.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct State(pub BTreeMap<Address, Attributes>);

impl State {
    /// The resources of a kind.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = (&Address, &Attributes)> {
        self.0.iter().filter(move |(address, _)| address.kind == kind)
    }

    /// Its alarms of either kind.
    pub fn alarms(&self) -> impl Iterator<Item = (&Address, &Attributes)> {
        self.0.iter().filter(|(address, _)| address.is_alarm())
    }
}

/// What the definitions ask for.
#[derive(Debug, Clone, Default)]
pub struct Desired {
    pub state: State,
    /// Where each resource comes from.
    pub notes: BTreeMap<Address, Note>,
}

/// Where a desired resource comes from.
#[derive(Debug, Clone)]
pub struct Note {
    /// `<pack>/<name>` of its detection, or `topics/<name>`.
    pub origin: String,
    pub span: Span,
    /// The definition lets us take over what exists under this address.
    pub adopt: bool,
}

/// What the account holds.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// What the stack may change, in normal form.
    pub owned: State,
    /// All else that was seen. It has no properties, so no change can be made of it.
    pub foreign: BTreeSet<Address>,
    /// Those of the owned that bear no sign of it yet: adopted, or just as desired. `destroy` leaves them.
    pub unmarked: BTreeSet<Address>,
    /// Wanted subscriptions that nobody has confirmed yet: in sync, and yet nobody is told.
    pub pending: BTreeSet<Address>,
    /// The fingerprint of the definition that was applied last, of owned resources that bear one.
    pub recorded: BTreeMap<Address, String>,
    /// When owned resources were made, in seconds since 1970, where the account says so.
    pub created: BTreeMap<Address, i64>,
    /// Properties that owned resources have and this tool does not know.
    pub unknown: BTreeMap<Address, Vec<String>>,
}

impl Live {
    /// How many resources bear the stack's sign, statements left out.
    pub fn owned_count(&self) -> usize {
        self.owned.0.keys().filter(|a| !self.unmarked.contains(*a) && !crate::kinds::is_statement(&a.kind)).count()
    }
}

/// What `${account_id}` is where there is no account.
pub const NO_ACCOUNT: &str = "000000000000";

/// What a run is about: one stack in one Region of one account.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope {
    /// `aws`, `aws-cn`, `aws-us-gov`, …
    pub partition: String,
    pub account_id: String,
    pub region: String,
    pub stack: String,
}

impl Scope {
    /// A scope for looking at definitions without an account.
    pub fn nowhere(stack: &str) -> Self {
        let text = str::to_owned;
        Self { partition: text("aws"), account_id: text(NO_ACCOUNT), region: text("us-east-1"), stack: text(stack) }
    }

    /// Whether this is [`Scope::nowhere`]: what depends on the account cannot be judged.
    pub fn is_nowhere(&self) -> bool {
        self.account_id == NO_ACCOUNT
    }

    /// An ARN of this account and Region.
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:{}:{service}:{}:{}:{resource}", self.partition, self.region, self.account_id)
    }

    /// The name of the alarm that an ARN is of, if that is of this account and Region.
    pub fn alarm_name<'a>(&self, arn: &'a str) -> Option<&'a str> {
        arn.strip_prefix(&self.arn("cloudwatch", "alarm:"))
    }

    /// The name of the topic that an ARN is of, if that is of this account and Region.
    pub fn topic_name<'a>(&self, arn: &'a str) -> Option<&'a str> {
        arn.strip_prefix(&self.arn("sns", ""))
    }

    /// What the names of metric filters and alarms of this stack start with.
    pub fn prefix(&self) -> String {
        format!("{}/", self.stack)
    }
}
