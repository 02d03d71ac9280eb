//! The account → [`Live`]: what the stack owns, in normal form, and the rest as mere addresses.

use std::collections::BTreeSet;

use crate::account::Account;
use crate::account::error::AccountError;
use crate::kinds::marker::fingerprint;
use crate::kinds::subscription::PENDING;
use crate::kinds::{KINDS, Kind, Listed, Query, TagHint, kind};
use crate::stack::{Compiled, LogGroups};
use crate::state::{Address, Live, Scope};

/// Reads all that a plan for this stack looks at.
///
/// # Errors
/// A call fails; nothing was written.
pub async fn read<A: Account>(account: &A, query: &mut Query, compiled: &Compiled) -> Result<Live, AccountError> {
    let mut live = Live::default();
    let (topics, others): (Vec<_>, Vec<_>) = KINDS.iter().copied().partition(|k| k.name() == "topic");
    for kind in topics {
        sort(kind, account.list(kind, query).await?, query, compiled, &mut live);
    }
    query.topics = live.owned.0.keys().filter(|a| a.kind == "topic").map(|a| a.name.clone()).collect();
    let listed = futures_util::future::try_join_all(others.iter().map(|kind| account.list(*kind, query))).await?;
    for (kind, listed) in others.into_iter().zip(listed) {
        sort(kind, listed, query, compiled, &mut live);
    }
    Ok(live)
}

/// What to read for a stack.
pub fn query(scope: &Scope, compiled: &Compiled, groups: &LogGroups, refresh_tags: bool) -> Query {
    let desired = &compiled.desired.state.0;
    let log_group = |attributes: &crate::state::Attributes| attributes.get("log_group").and_then(|g| g.as_str()).map(str::to_owned);
    let mut log_groups: BTreeSet<String> = desired.values().filter_map(log_group).collect();
    log_groups.insert(groups.main.clone());
    log_groups.extend(groups.others.values().cloned());
    let hints = desired.iter().filter(|(address, _)| address.kind.ends_with("alarm")).map(|(address, attributes)| {
        let tags = attributes.get("tags").and_then(|t| serde_json::from_value(t.clone()).ok()).unwrap_or_default();
        (address.clone(), TagHint { fingerprint: fingerprint(attributes), tags })
    });
    Query {
        scope: scope.clone(),
        log_groups,
        topics: BTreeSet::new(),
        named: desired.keys().chain(&compiled.removed).cloned().collect(),
        fingerprints: hints.collect(),
        refresh_tags,
    }
}

/// Owned or foreign: by marker, by name, or because the definition says `adopt`.
fn sort(kind: &dyn Kind, listed: Vec<Listed>, query: &Query, compiled: &Compiled, live: &mut Live) {
    for Listed { resource, unknown } in listed {
        let address = resource.address.clone();
        let desired = compiled.desired.state.0.get(&address);
        if resource.attributes.get(PENDING).is_some() {
            // In sync if it is wanted; if not, it vanishes by itself, and nobody could delete it.
            if let Some(desired) = desired {
                live.pending.insert(address.clone());
                live.owned.0.insert(address, desired.clone());
            }
            continue;
        }
        let adopted = compiled.desired.notes.get(&address).is_some_and(|n| n.adopt);
        // A filter has no marker: one under its own name that is just as desired is nobody's conflict.
        let in_sync = kind.name() == "metric_filter" && desired == Some(&resource.attributes);
        let listed_as_removed = kind.name() == "metric_filter" && is_removed(&address, compiled);
        if kind.owns(&query.scope, &resource) || adopted || in_sync || listed_as_removed {
            if !unknown.is_empty() {
                live.unknown.insert(address.clone(), unknown);
            }
            if in_sync && !adopted && !kind.owns(&query.scope, &resource) {
                live.unmarked.insert(address.clone());
            }
            live.owned.0.insert(address, resource.attributes);
        } else {
            live.foreign.insert(address);
        }
    }
}

/// Whether `removed:` names the address; a metric filter is named without its log group there.
pub fn is_removed(address: &Address, compiled: &Compiled) -> bool {
    let short = address.name.split_once(':').map_or(address.name.as_str(), |(_, name)| name);
    compiled.removed.contains(address)
        || (address.kind == "metric_filter" && compiled.removed.contains(&Address::new("metric_filter", short)))
}

/// The kind of an address; every address in a plan has one.
pub(crate) fn kind_of(address: &Address) -> &'static dyn Kind {
    kind(&address.kind).unwrap_or(KINDS[0])
}
