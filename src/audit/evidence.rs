//! What auditors look at: trails, metric filters, alarms, and who is told.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::account::Trail;
use crate::arn::Arn;
use crate::kinds::subscription::PENDING;
use crate::state::{Address, Attributes, Scope, State, text};

/// Reads by one selector, writes by another: all of them, and yet no selector that says so.
pub(crate) const APART: &str = "ReadOnly, WriteOnly";

/// Which management events a trail records (CloudTrail GetEventSelectors).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selectors {
    /// `All`, `ReadOnly`, `WriteOnly`, `ReadOnly, WriteOnly` (a selector for each); absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub management_events: Option<String>,
    /// Written as advanced event selectors.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub advanced: bool,
    /// Sources that are left out: `kms.amazonaws.com`, `rdsdata.amazonaws.com`.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub excluded_sources: BTreeSet<String>,
}

impl Selectors {
    /// What a new trail records.
    pub fn all() -> Self {
        Self { management_events: Some("All".to_owned()), ..Self::default() }
    }
}

/// A metric filter, as far as auditors look at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilterSeen {
    pub log_group: String,
    pub name: String,
    pub pattern: String,
    /// Name of its metric, which is all that auditors compare.
    pub metric: String,
}

/// A metric alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmSeen {
    pub name: String,
    pub namespace: String,
    pub metric: String,
    /// On ALARM.
    pub actions: Vec<String>,
}

/// The subscriptions of a topic.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Subscribers {
    pub confirmed: usize,
    pub pending: usize,
}

/// All of it, of one Region of one account.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    pub trails: Vec<Trail>,
    pub filters: Vec<FilterSeen>,
    pub alarms: Vec<AlarmSeen>,
    /// By the topic's ARN; absent: nobody could say.
    pub subscribers: BTreeMap<String, Subscribers>,
    /// What was taken on trust.
    pub assumed: Vec<String>,
    /// Account and Region that it is of.
    pub home: (String, String),
}

impl Evidence {
    /// Of resources in normal form. `pending` are subscriptions that nobody has confirmed yet.
    pub fn of_state(state: &State, scope: &Scope, trails: Vec<Trail>, pending: &BTreeSet<Address>) -> Self {
        let home = (scope.account_id.clone(), scope.region.clone());
        let mut evidence = Self { trails, home, ..Self::default() };
        for (address, attributes) in &state.0 {
            match address.kind.as_str() {
                "metric_filter" => evidence.filters.push(filter(attributes)),
                "alarm" => evidence.alarms.extend(alarm(attributes)),
                "topic" => drop(evidence.subscribers.entry(scope.arn("sns", &address.name)).or_default()),
                "subscription" => {
                    let arn = scope.arn("sns", text(attributes, "topic"));
                    let subscribers = evidence.subscribers.entry(arn).or_default();
                    let waits = attributes.contains_key(PENDING) || pending.contains(address);
                    *(if waits { &mut subscribers.pending } else { &mut subscribers.confirmed }) += 1;
                }
                _ => {}
            }
        }
        evidence
    }

    /// Of what is desired, on a trail as it should be.
    pub fn of_desired(state: &State, scope: &Scope, log_group: &str, existing_topics: &BTreeSet<String>) -> Self {
        let trail = Trail {
            name: "the trail".to_owned(),
            arn: scope.arn("cloudtrail", "trail/assumed"),
            multi_region: true,
            organization: false,
            logging: Some(true),
            log_group_arn: Some(format!("{}:*", scope.arn("logs", &format!("log-group:{log_group}")))),
            selectors: Some(Selectors::all()),
            delivery: None,
        };
        let mut evidence = Self::of_state(state, scope, vec![trail], &BTreeSet::new());
        evidence.assumed.push("a multi-Region trail that logs all management events delivers to the log group".to_owned());
        evidence.assume_confirmed();
        for topic in existing_topics {
            evidence.subscribers.insert(topic.clone(), Subscribers { confirmed: 1, pending: 0 });
            evidence.assumed.push(format!("the topic {topic} has a confirmed subscription"));
        }
        evidence
    }

    /// Says that a file cannot know whether somebody confirmed.
    pub fn assume_confirmed(&mut self) {
        if self.subscribers.values().any(|s| s.confirmed > 0) {
            self.assumed.push("the subscriptions are confirmed".to_owned());
        }
    }

    /// Where a trail's log group is, if that is another account or Region than this evidence is of.
    pub(super) fn elsewhere(&self, trail: &Trail) -> Option<String> {
        let arn: Arn = trail.log_group_arn.as_ref()?.parse().ok()?;
        let (account, region) = &self.home;
        ((&arn.account_id, &arn.region) != (account, region)).then(|| format!("account {}, {}", arn.account_id, arn.region))
    }
}

pub(super) fn filter(attributes: &Attributes) -> FilterSeen {
    let own = |name: &str| text(attributes, name).to_owned();
    FilterSeen { log_group: own("log_group"), name: own("name"), pattern: own("pattern"), metric: own("metric_name") }
}

/// `None` for alarms on math and bands, which no auditor finds.
fn alarm(attributes: &Attributes) -> Option<AlarmSeen> {
    let own = |name: &str| text(attributes, name).to_owned();
    let actions = attributes.get("alarm_actions").and_then(|a| serde_json::from_value(a.clone()).ok()).unwrap_or_default();
    let alarm = AlarmSeen { name: own("name"), namespace: own("namespace"), metric: own("metric_name"), actions };
    Some(alarm).filter(|alarm| !alarm.metric.is_empty())
}
