//! What in the account is not as it was applied, told from what the definitions have come to say since.
//!
//! An alarm bears the fingerprint of the definition that was applied, so its changes can be told apart. Filters, topics and
//! subscriptions bear none: the plan that was applied last settles them, and without it they are unclear.

use std::collections::BTreeSet;

use crate::kinds::alarm::actions_of;
use crate::kinds::is_statement;
use crate::kinds::marker::fingerprint;
use crate::plan::saved::{self, SavedPlan};
use crate::plan::{Change, Reason, fields};
use crate::planning::Planned;
use crate::state::{Address, Attributes, text};

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
    /// In a few words: `it was changed by hand`, `its actions were switched off`.
    pub what: &'static str,
    /// Something stands at the address that bears no sign of the stack.
    pub is_taken: bool,
}

/// The differences of a plan, drift first. `applied`: the plan that was applied last.
pub fn differences(planned: &Planned, applied: Option<&SavedPlan>) -> Vec<Difference> {
    let judge = Judge { planned, applied };
    let mut differences: Vec<Difference> = planned.plan.changes.iter().map(|change| judge.difference(change)).collect();
    // Subscriptions of a topic that is not ours were not looked at.
    let is_hidden = |change: &Change| {
        let topic = change.address().name.split(':').next().unwrap_or_default().to_owned();
        change.address().kind == "subscription" && planned.plan.conflicts.contains(&Address::new("topic", topic))
    };
    differences.retain(|difference| !is_hidden(&difference.change));
    differences.extend(planned.plan.conflicts.iter().filter_map(|address| judge.taken(address)));
    differences.sort_by_key(|difference| difference.cause);
    differences
}

/// What is known of how an address was applied last.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Record {
    /// The fingerprint of what was applied, in full or as an alarm bears it.
    As(String),
    /// It was not there, and was not to be.
    Absent,
}

struct Judge<'a> {
    planned: &'a Planned,
    applied: Option<&'a SavedPlan>,
}

impl Judge<'_> {
    fn difference(&self, change: &Change) -> Difference {
        let (cause, what) = match change {
            Change::Update { address, before, after } => self.changed(address, change, (before, after)),
            Change::Create { address, after } => self.missing(address, after),
            Change::Replace { old, before, .. } => self.of_other_kind(old, before),
            Change::Delete { address, before, reason } => self.left_over(address, before, reason),
        };
        Difference { change: change.clone(), cause, what, is_taken: false }
    }

    /// Somebody wrote over it, and the sign of the stack is gone; or it never was the stack's.
    fn taken(&self, address: &Address) -> Option<Difference> {
        let after = self.planned.compiled.desired.state.0.get(address)?.clone();
        let known = matches!(self.record(address), Some(Record::As(_)));
        let (cause, what) = if known {
            (Cause::Drift, "somebody wrote over it, and the sign of this stack is gone")
        } else {
            (Cause::Unclear, "something stands there without the sign of this stack: written over by hand, or somebody else's")
        };
        Some(Difference { change: Change::Create { address: address.clone(), after }, cause, what, is_taken: true })
    }

    /// What an alarm bears, else what the plan that was applied last says of it.
    fn record(&self, address: &Address) -> Option<Record> {
        if let Some(recorded) = self.planned.live.recorded.get(address) {
            return Some(Record::As(recorded.clone()));
        }
        let applied = self.applied?;
        let name = address.to_string();
        if let Some(change) = applied.changes.iter().find(|change| change.address == name) {
            return Some(change.after.as_ref().map_or(Record::Absent, |after| Record::As(saved::fingerprint(after))));
        }
        // A plan of a part says nothing of the rest: that may have drifted by then.
        match applied.live.get(&name) {
            _ if applied.is_partial => None,
            Some(live) => Some(Record::As(live.clone())),
            None => Some(Record::Absent),
        }
    }

    fn changed(&self, address: &Address, change: &Change, (before, after): (&Attributes, &Attributes)) -> (Cause, &'static str) {
        let what = if switched_off(change) { "its actions were switched off" } else { "it was changed by hand" };
        match self.record(address) {
            Some(Record::As(record)) if is(&record, after) => (Cause::Drift, what),
            Some(Record::As(record)) if is(&record, before) => (Cause::Pending, "its definition changed"),
            Some(Record::As(_)) => (Cause::Drift, "it was changed by hand, and its definition changed as well"),
            Some(Record::Absent) => (Cause::Drift, "it was made by hand"),
            // What these say follows from their address.
            None if is_statement(&address.kind) => (Cause::Drift, what),
            None => (Cause::Unclear, "it was changed by hand, or its definition changed"),
        }
    }

    fn missing(&self, address: &Address, after: &Attributes) -> (Cause, &'static str) {
        const GONE: (Cause, &str) = (Cause::Drift, "it was deleted by hand");
        match self.record(address) {
            Some(Record::As(record)) if is(&record, after) => return GONE,
            Some(Record::As(_)) => return (Cause::Drift, "it was deleted by hand, and its definition changed as well"),
            Some(Record::Absent) => return (Cause::Pending, "it has yet to be applied"),
            None => {}
        }
        // An alarm comes after its filters, so where it is as applied, the filter of its name was there.
        let owned = &self.planned.live.owned.0;
        let name = text(after, "name");
        let alarm = [Address::new("alarm", name), Address::new("composite_alarm", name)];
        let alarm_is_as_applied = |alarm: &Address| {
            let desired = self.planned.compiled.desired.state.0.get(alarm);
            matches!((self.record(alarm), desired), (Some(Record::As(record)), Some(desired)) if is(&record, desired))
        };
        // The same filter in a log group that the stack no longer names.
        let is_elsewhere = |(other, attributes): (&Address, &Attributes)| {
            other.kind == "metric_filter" && text(attributes, "name") == name && text(attributes, "log_group") != text(after, "log_group")
        };
        let is_beside = |(other, attributes): (&Address, &Attributes)| {
            other.kind == "metric_filter" && text(attributes, "log_group") == text(after, "log_group")
        };
        match address.kind.as_str() {
            "metric_filter" if owned.iter().any(is_elsewhere) => (Cause::Pending, "its definition names another log group"),
            // With none at all in the log group, the stack may have got another group.
            "metric_filter" if owned.iter().any(is_beside) && alarm.iter().any(alarm_is_as_applied) => GONE,
            "permission" if self.invoker(after).is_some_and(|alarm| alarm.iter().any(alarm_is_as_applied)) => GONE,
            "subscription" => (Cause::Unclear, "somebody unsubscribed, or it is new in the definitions"),
            "topic" if owned.values().any(|attributes| self.tells(attributes, address)) => GONE,
            _ => (Cause::Unclear, "it was deleted by hand, or has yet to be applied"),
        }
    }

    /// The alarm that a permission is for, of either kind.
    fn invoker(&self, permission: &Attributes) -> Option<[Address; 2]> {
        let name = self.planned.plan.scope.alarm_name(text(permission, "source_arn"))?;
        Some(["alarm", "composite_alarm"].map(|kind| Address::new(kind, name)))
    }

    /// Whether an alarm tells the topic.
    fn tells(&self, attributes: &Attributes, topic: &Address) -> bool {
        let arn = self.planned.plan.scope.arn("sns", &topic.name);
        actions_of(attributes).any(|action| action == arn)
    }

    /// A metric alarm where a composite is wanted, or the reverse.
    fn of_other_kind(&self, old: &Address, before: &Attributes) -> (Cause, &'static str) {
        match self.record(old) {
            Some(Record::As(record)) if is(&record, before) => (Cause::Pending, "its definition is of another kind now"),
            Some(_) => (Cause::Drift, "somebody put an alarm of another kind in its place"),
            None => (Cause::Unclear, "somebody put an alarm of another kind in its place, or its definition changed"),
        }
    }

    /// It bears the sign of the stack, and no definition asks for it.
    fn left_over(&self, address: &Address, before: &Attributes, reason: &Reason) -> (Cause, &'static str) {
        const GOES: (Cause, &str) = (Cause::Pending, "no definition asks for it any more");
        match self.record(address) {
            Some(Record::As(record)) if is(&record, before) => GOES,
            Some(Record::As(_)) => (Cause::Drift, "it was changed by hand, and no definition asks for it any more"),
            // The definitions have it go: what it was until then, nobody needs to know.
            None if *reason != Reason::NotDefined || is_statement(&address.kind) => GOES,
            Some(Record::Absent) if address.kind == "subscription" => (Cause::Drift, "somebody subscribed"),
            Some(Record::Absent) => (Cause::Drift, "it was made by hand"),
            None if address.kind == "subscription" => (Cause::Unclear, "somebody subscribed, or it went from the definitions"),
            None => (Cause::Unclear, "it was made by hand, or it went from the definitions"),
        }
    }
}

/// Whether a fingerprint, of either length, is that of the properties.
fn is(record: &str, attributes: &Attributes) -> bool {
    if record.starts_with("sha256:") { record == saved::fingerprint(attributes) } else { record == fingerprint(attributes) }
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
