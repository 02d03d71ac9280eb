//! What is looked at beside what a plan reads. What may not be read is a value, not an error.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Act, Action};
use crate::account::error::{AccountError, Reason};
use crate::state::{Attributes, Live, text};

/// What was asked, or why there is no answer.
#[derive(Debug, Clone, PartialEq)]
pub enum Known<T> {
    Is(T),
    Unknown(String),
}

impl<T> Known<T> {
    /// What cannot be read is unknown, unless nothing can.
    ///
    /// # Errors
    /// The account as a whole cannot be read.
    pub(super) fn of(answer: Result<T, AccountError>) -> Result<Self, AccountError> {
        match answer {
            Ok(found) => Ok(Self::Is(found)),
            Err(error) if error.is_final() => Err(error),
            Err(error) if error.reason == Reason::Denied => Ok(Self::Unknown(format!("it may not be read ({})", error.call))),
            Err(error) => Ok(Self::Unknown(error.to_string())),
        }
    }
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self::Unknown("it was not looked at".to_owned())
    }
}

/// What is known of one of several.
pub(super) fn known_of<'a, K: Ord, T>(all: &'a BTreeMap<K, Known<T>>, key: &K) -> Known<&'a T> {
    match all.get(key) {
        Some(Known::Is(found)) => Known::Is(found),
        Some(Known::Unknown(why)) => Known::Unknown(why.clone()),
        None => Known::default(),
    }
}

/// What to look at.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    pub log_groups: BTreeSet<String>,
    /// Namespaces of the metrics that filters feed.
    pub namespaces: BTreeSet<String>,
    /// Metrics that alarms look at and no filter of the stack feeds.
    pub others: BTreeSet<Metric>,
    /// ARNs.
    pub topics: BTreeSet<String>,
    /// ARNs, with version or alias.
    pub functions: BTreeSet<String>,
    /// What else alarms act on.
    pub targets: BTreeSet<Action>,
    /// Names of service-linked roles.
    pub roles: BTreeSet<&'static str>,
}

/// A log group (CloudWatch Logs DescribeLogGroups).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogGroup {
    /// Days; `None`: for ever.
    pub retention: Option<i32>,
}

/// A topic's policy and key (SNS GetTopicAttributes), and who subscribes.
#[derive(Debug, Clone, PartialEq)]
pub struct Topic {
    pub policy: Known<Value>,
    /// As the topic names it.
    pub key: Option<String>,
    pub key_found: Known<Option<Key>>,
    /// How many are confirmed, and how many wait.
    pub subscriptions: Known<(usize, usize)>,
}

/// A key (KMS DescribeKey, GetKeyPolicy).
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    pub arn: String,
    /// `Enabled`, `Disabled`, `PendingDeletion`, …
    pub state: String,
    /// AWS's own key, whose policy nobody can change.
    pub is_of_aws: bool,
    pub policy: Value,
}

/// A function (Lambda GetFunctionConfiguration, GetPolicy).
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// `Active`, `Inactive`, `Pending`, `Failed`; empty: not said.
    pub state: String,
    /// Null: it has none.
    pub policy: Known<Value>,
}

/// That an alarm acted, or failed to (CloudWatch DescribeAlarmHistory).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionRun {
    pub alarm: String,
    /// ARN of the action.
    pub action: String,
    pub succeeded: bool,
    /// What AWS says of a failure.
    pub error: String,
    /// Milliseconds since 1970.
    pub at: i64,
}

/// A metric of anybody's.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Metric {
    pub namespace: String,
    pub name: String,
    pub dimensions: BTreeMap<String, String>,
}

/// Names of metrics.
pub type Metrics = BTreeSet<String>;

/// What alarms did, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Runs {
    pub runs: Vec<ActionRun>,
    /// There is more of it than was read.
    pub is_cut: bool,
}

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Seconds since 1970.
    pub now: i64,
    pub log_groups: BTreeMap<String, Known<Option<LogGroup>>>,
    /// Metrics with data in the last two weeks, by namespace.
    pub metrics: BTreeMap<String, Known<Metrics>>,
    /// Whether others had data in that time.
    pub others: BTreeMap<Metric, Known<bool>>,
    /// By ARN; `None`: there is no such topic.
    pub topics: BTreeMap<String, Known<Option<Topic>>>,
    pub functions: BTreeMap<String, Known<Option<Function>>>,
    pub targets: BTreeMap<Action, Known<bool>>,
    pub roles: BTreeMap<&'static str, Known<bool>>,
    pub runs: Known<Runs>,
}

impl Evidence {
    /// Nothing of it can be known, and why.
    pub fn unknown(wanted: &Wanted, why: &str) -> Self {
        fn all<K: Clone + Ord, T>(keys: &BTreeSet<K>, why: &str) -> BTreeMap<K, Known<T>> {
            keys.iter().map(|key| (key.clone(), Known::Unknown(why.to_owned()))).collect()
        }
        Self {
            now: 0,
            log_groups: all(&wanted.log_groups, why),
            metrics: all(&wanted.namespaces, why),
            others: all(&wanted.others, why),
            topics: all(&wanted.topics, why),
            functions: all(&wanted.functions, why),
            targets: all(&wanted.targets, why),
            roles: all(&wanted.roles, why),
            runs: Known::Unknown(why.to_owned()),
        }
    }
}

impl Metric {
    /// What an alarm looks at, by itself or in its metric math.
    pub(super) fn of_alarm(alarm: &Attributes) -> Vec<Self> {
        let of_math = alarm.get("metrics").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
        let one = |attributes: &Attributes| {
            let dimensions = attributes.get("dimensions").and_then(Value::as_object).into_iter().flatten();
            let dimensions = dimensions.map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
            let (namespace, name) = (text(attributes, "namespace").to_owned(), text(attributes, "metric_name").to_owned());
            Self { namespace, name, dimensions: dimensions.collect() }
        };
        [alarm].into_iter().chain(of_math).map(one).filter(|metric| !metric.name.is_empty()).collect()
    }

    /// With the values of its dimensions.
    pub(super) fn with_values(&self) -> String {
        let by: Vec<String> = self.dimensions.iter().map(|(name, value)| format!("{name} {value}")).collect();
        let by = if by.is_empty() { String::new() } else { format!(" of {}", by.join(", ")) };
        format!("{}/{}{by}", self.namespace, self.name)
    }

    /// Whether a filter of the stack feeds it, by its names.
    fn is_fed(&self, live: &Live) -> bool {
        live.owned
            .of_kind("metric_filter")
            .any(|(_, filter)| text(filter, "metric_namespace") == self.namespace && text(filter, "metric_name") == self.name)
    }
}

impl std::fmt::Display for Metric {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)?;
        let by: Vec<&str> = self.dimensions.keys().map(String::as_str).collect();
        if by.is_empty() { Ok(()) } else { write!(f, " by {}", by.join(", ")) }
    }
}

impl Wanted {
    /// What the live filters and alarms of a stack lead to.
    pub fn of(live: &Live, log_groups: BTreeSet<String>) -> Self {
        let mut wanted = Self { log_groups, ..Self::default() };
        for (address, attributes) in live.owned.alarms() {
            wanted.others.extend(Metric::of_alarm(attributes).into_iter().filter(|metric| !metric.is_fed(live)));
            for action in Action::of_alarm(address, attributes) {
                wanted.roles.extend(action.act.role().map(|role| role.name));
                match action.act {
                    Act::Topic => drop(wanted.topics.insert(action.arn)),
                    Act::Function => drop(wanted.functions.insert(action.arn)),
                    Act::OpsItem | Act::Other => {}
                    _ => drop(wanted.targets.insert(action)),
                }
            }
        }
        wanted
    }
}
