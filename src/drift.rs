//! What in the account is not as it was applied, told from what the definitions have come to say since.
//!
//! An alarm bears the fingerprint of the definition that was applied, so its changes can be told apart. Filters, topics and
//! subscriptions bear none: the plan that was applied last settles them, and without it they are unclear.

use std::collections::BTreeSet;

use crate::kinds::marker::fingerprint;
use crate::plan::saved::{self, SavedPlan};
use crate::plan::{Change, fields};
use crate::planning::Planned;
use crate::state::{Address, text};

/// Why something is not as desired.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// Somebody changed it in the account.
    Drift,
    /// It cannot be told which.
    Unclear,
    /// Its definition changed, and has yet to be applied.
    Pending,
}

/// A difference and where it comes from.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    pub change: Change,
    pub cause: Cause,
    /// In a few words: `changed by hand`, `actions switched off`.
    pub what: &'static str,
}

/// The differences of a plan, drift first. `applied`: the plan that was applied last.
pub fn differences(planned: &Planned, applied: Option<&SavedPlan>) -> Vec<Difference> {
    let judge = Judge { planned, applied };
    let mut differences: Vec<Difference> = planned.plan.changes.iter().map(|change| judge.difference(change)).collect();
    differences.sort_by_key(|difference| difference.cause);
    differences
}

struct Judge<'a> {
    planned: &'a Planned,
    applied: Option<&'a SavedPlan>,
}

impl Judge<'_> {
    fn difference(&self, change: &Change) -> Difference {
        let (cause, what) = match change {
            Change::Update { address, .. } => self.changed(address, change),
            Change::Create { address, .. } => self.missing(address),
            Change::Replace { .. } => (Cause::Pending, "its definition is of another kind now"),
            Change::Delete { address, .. } => self.left_over(address),
        };
        Difference { change: change.clone(), cause, what }
    }

    /// Whether the definition is the one that was applied last; `None`: nothing tells.
    fn is_as_applied(&self, address: &Address) -> Option<bool> {
        let desired = self.planned.compiled.desired.state.0.get(address)?;
        if let Some(applied) = self.applied {
            let after = applied.changes.iter().find(|change| change.address == address.to_string());
            let then = match after {
                Some(change) => saved::live_fingerprint(change.after.as_ref()),
                None => applied.live.get(&address.to_string()).cloned().unwrap_or_else(|| saved::live_fingerprint(None)),
            };
            return Some(then == saved::fingerprint(desired));
        }
        self.planned.live.recorded.get(address).map(|recorded| *recorded == fingerprint(desired))
    }

    fn changed(&self, address: &Address, change: &Change) -> (Cause, &'static str) {
        let what = if switched_off(change) { "its actions were switched off" } else { "it was changed by hand" };
        match self.is_as_applied(address) {
            Some(true) => (Cause::Drift, what),
            Some(false) if self.is_untouched(address) => (Cause::Pending, "its definition changed"),
            Some(false) => (Cause::Drift, "it was changed by hand, and its definition changed as well"),
            None => (Cause::Unclear, "it was changed by hand, or its definition changed"),
        }
    }

    /// Whether what is there is what was applied.
    fn is_untouched(&self, address: &Address) -> bool {
        let Some(live) = self.planned.live.owned.0.get(address) else { return false };
        match (self.applied, self.planned.live.recorded.get(address)) {
            (Some(applied), _) => {
                let change = applied.changes.iter().find(|change| change.address == address.to_string());
                let then = change.map(|change| saved::live_fingerprint(change.after.as_ref()));
                then.or_else(|| applied.live.get(&address.to_string()).cloned()) == Some(saved::fingerprint(live))
            }
            (None, recorded) => recorded == Some(&fingerprint(live)),
        }
    }

    fn missing(&self, address: &Address) -> (Cause, &'static str) {
        const GONE: (Cause, &str) = (Cause::Drift, "it was deleted by hand");
        const NEW: (Cause, &str) = (Cause::Pending, "it has yet to be applied");
        if self.applied.is_some() {
            return if self.is_as_applied(address) == Some(true) { GONE } else { NEW };
        }
        let owned = &self.planned.live.owned.0;
        let origin = |address: &Address| self.planned.compiled.desired.notes.get(address).map(|note| note.origin.as_str());
        let siblings: BTreeSet<&Address> =
            owned.keys().filter(|other| origin(other).is_some() && origin(other) == origin(address)).collect();
        match address.kind.as_str() {
            // The alarm comes after its filters, so where it is as applied, they were there.
            "metric_filter" if siblings.iter().any(|other| self.is_as_applied(other) == Some(true)) => GONE,
            "alarm" | "composite_alarm" if siblings.iter().any(|other| other.kind == "metric_filter") => GONE,
            "subscription" if siblings.iter().any(|other| other.kind == "topic") => {
                (Cause::Unclear, "somebody unsubscribed, or it is new in the definitions")
            }
            "topic" if owned.values().any(|attributes| text(attributes, "topic") == address.name || self.tells(attributes, address)) => {
                GONE
            }
            _ => NEW,
        }
    }

    /// Whether an alarm tells the topic.
    fn tells(&self, attributes: &crate::state::Attributes, topic: &Address) -> bool {
        let arn = self.planned.plan.scope.arn("sns", &topic.name);
        let actions = ["alarm_actions", "ok_actions", "insufficient_data_actions"];
        actions.iter().filter_map(|list| attributes.get(*list)?.as_array()).flatten().any(|action| *action == arn)
    }

    fn left_over(&self, address: &Address) -> (Cause, &'static str) {
        if address.kind == "subscription" {
            return (Cause::Unclear, "somebody subscribed, or it went from the definitions");
        }
        (Cause::Pending, "no definition asks for it any more")
    }
}

fn switched_off(change: &Change) -> bool {
    let Change::Update { before, after, .. } = change else { return false };
    fields(before, after).iter().any(|field| field.name == "actions_enabled" && field.before == Some(false.into()))
}

/// What is not ours and yet in our way: filters on our log groups, alarms on our metrics.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unmanaged {
    pub filters: Vec<String>,
    pub alarms: Vec<String>,
}

/// `alarms`: all of the Region.
pub fn unmanaged(planned: &Planned, alarms: &[crate::audit::AlarmSeen]) -> Unmanaged {
    let desired = planned.compiled.desired.state.0.iter().chain(&planned.live.owned.0);
    let metrics: BTreeSet<(&str, &str)> = desired
        .filter(|(address, _)| address.kind == "metric_filter")
        .map(|(_, attributes)| (text(attributes, "metric_namespace"), text(attributes, "metric_name")))
        .collect();
    let is_ours = |name: &str| planned.live.owned.0.contains_key(&Address::new("alarm", name));
    let foreign =
        alarms.iter().filter(|alarm| metrics.contains(&(alarm.namespace.as_str(), alarm.metric.as_str())) && !is_ours(&alarm.name));
    let filters = planned.live.foreign.iter().filter(|address| address.kind == "metric_filter");
    Unmanaged { filters: filters.map(|address| address.name.clone()).collect(), alarms: foreign.map(|alarm| alarm.name.clone()).collect() }
}
