//! The account → [`Live`]: what the stack owns, in normal form, and the rest as mere addresses.

use std::collections::BTreeSet;

use crate::account::Account;
use crate::account::error::AccountError;
use crate::kinds::alarm::actions_of;
use crate::kinds::marker::fingerprint;
use crate::kinds::subscription::PENDING;
use crate::kinds::{KINDS, Kind, Listed, Query, TagHint, is_statement, kind, permission};
use crate::stack::{Compiled, LogGroups};
use crate::state::{Address, Live, Scope, text};

/// Reads all that a plan for this stack looks at.
///
/// # Errors
/// A call fails; nothing was written.
pub async fn read<A: Account>(account: &A, query: &mut Query, compiled: &Compiled) -> Result<Live, AccountError> {
    let mut live = Live::default();
    for phase in Phase::ALL {
        phase.prepare(query, &live);
        let kinds: Vec<&dyn Kind> = phase.kinds().collect();
        let listed = futures_util::future::try_join_all(kinds.iter().map(|kind| account.list(*kind, query))).await?;
        for (kind, listed) in kinds.into_iter().zip(listed) {
            sort(kind, listed, query, compiled, &mut live);
        }
    }
    Ok(live)
}

/// What is read when: some kinds are found through others.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Phase {
    Topics,
    /// Subscriptions by their topics, and what needs nothing.
    Most,
    /// Statements in the policies of what live alarms act on.
    Policies,
}

impl Phase {
    pub(crate) const ALL: [Self; 3] = [Self::Topics, Self::Most, Self::Policies];

    /// The kinds that are read then, in the order of creation.
    pub(crate) fn kinds(self) -> impl Iterator<Item = &'static dyn Kind> {
        KINDS.iter().copied().filter(move |kind| Self::of(kind.name()) == self)
    }

    fn of(kind: &str) -> Self {
        match kind {
            "topic" => Self::Topics,
            kind if is_statement(kind) => Self::Policies,
            _ => Self::Most,
        }
    }

    /// Says what to read, from what was read before.
    pub(crate) fn prepare(self, query: &mut Query, live: &Live) {
        match self {
            Self::Topics => {}
            Self::Most => query.topics = live.owned.of_kind("topic").map(|(address, _)| address.name.clone()).collect(),
            Self::Policies => {
                query.functions = permission::functions(&live.owned, &query.scope);
                // Of topics of one's own, the policy is part of the topic.
                let told = live.owned.alarms().flat_map(|(_, attributes)| actions_of(attributes));
                query.policies.extend(told.filter_map(|arn| query.scope.topic_name(arn).map(str::to_owned)));
                query.policies.retain(|topic| !live.owned.0.contains_key(&Address::new("topic", topic)));
            }
        }
    }
}

/// What to read for a stack.
pub fn query(scope: &Scope, compiled: &Compiled, groups: &LogGroups, refresh_tags: bool) -> Query {
    let desired = &compiled.desired.state.0;
    let log_groups = desired.values().map(|attributes| text(attributes, "log_group").to_owned());
    let mut log_groups: BTreeSet<String> = log_groups.filter(|group| !group.is_empty()).collect();
    log_groups.insert(groups.main.clone());
    log_groups.extend(groups.others.values().cloned());
    let hints = compiled.desired.state.alarms().map(|(address, attributes)| {
        let tags = attributes.get("tags").and_then(|t| serde_json::from_value(t.clone()).ok()).unwrap_or_default();
        (address.clone(), TagHint { fingerprint: fingerprint(attributes), tags })
    });
    Query {
        scope: scope.clone(),
        log_groups,
        topics: BTreeSet::new(),
        policies: compiled.existing_topics.iter().filter_map(|arn| scope.topic_name(arn).map(str::to_owned)).collect(),
        functions: BTreeSet::new(),
        named: desired.keys().chain(&compiled.removed).chain(&compiled.disabled_alarms).cloned().collect(),
        only_named: false,
        fingerprints: hints.collect(),
        refresh_tags,
    }
}

/// Owned or foreign: by marker, by name, or because the definition says `adopt`.
pub(crate) fn sort(kind: &dyn Kind, listed: Vec<Listed>, query: &Query, compiled: &Compiled, live: &mut Live) {
    for Listed { mut resource, unknown, recorded, created } in listed {
        let address = resource.address.clone();
        let desired = compiled.desired.state.0.get(&address);
        if let Some(desired) = desired {
            kind.settle(&mut resource.attributes, desired);
        }
        if resource.attributes.contains_key(PENDING) {
            // In sync if it is wanted; if not, it vanishes by itself, and nobody could delete it.
            if let Some(desired) = desired {
                live.pending.insert(address.clone());
                live.owned.0.insert(address, desired.clone());
            }
            continue;
        }
        let is_filter = kind.name() == "metric_filter";
        let ours = kind.owns(&query.scope, &resource)
            || (is_filter && (compiled.removed.contains(&address) || compiled.disabled_filters.contains(&address)));
        let adopted = compiled.desired.notes.get(&address).is_some_and(|n| n.adopt);
        // A filter has no marker: one under its own name that is just as desired is nobody's conflict.
        let in_sync = is_filter && desired == Some(&resource.attributes);
        if !(ours || adopted || in_sync) {
            live.foreign.insert(address);
            continue;
        }
        if !(ours || adopted && in_sync) {
            live.unmarked.insert(address.clone());
        }
        if !unknown.is_empty() {
            live.unknown.insert(address.clone(), unknown);
        }
        if let Some(recorded) = recorded {
            live.recorded.insert(address.clone(), recorded);
        }
        if let Some(created) = created {
            live.created.insert(address.clone(), created);
        }
        live.owned.0.insert(address, resource.attributes);
    }
}

/// The kind of an address; every address in a plan has one.
pub(crate) fn kind_of(address: &Address) -> &'static dyn Kind {
    kind(&address.kind).unwrap_or(KINDS[0])
}
