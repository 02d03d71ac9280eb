//! The order of changes: what exists first is what others refer to; deletes go the other way round.

use std::collections::BTreeSet;

use super::Change;
use crate::kinds::{is_statement, rank};
use crate::state::Scope;

/// Creates, updates and replaces by rank and reference; then deletes in reverse. So a rename
/// creates before it deletes, and a composite alarm goes before its children.
///
/// A permission is found through its alarm's actions, so where its alarm stays without the action, it goes before that.
pub(super) fn order(scope: &Scope, changes: Vec<Change>) -> Vec<Change> {
    let (deletes, puts): (Vec<Change>, Vec<Change>) = changes.into_iter().partition(|c| matches!(c, Change::Delete { .. }));
    let updated: BTreeSet<String> = puts.iter().filter(|c| matches!(c, Change::Update { .. })).flat_map(|c| c.provides(scope)).collect();
    let is_first = |c: &Change| is_statement(&c.address().kind) && c.holds(scope).iter().any(|name| updated.contains(name));
    let (mut ordered, deletes): (Vec<Change>, Vec<Change>) = deletes.into_iter().partition(is_first);
    ordered.extend(by_rank(puts, |c| c.provides(scope), |c| c.requires(scope)));
    let mut last = by_rank(deletes, |c| c.frees(scope), |c| c.holds(scope));
    last.reverse();
    ordered.extend(last);
    ordered
}

/// Kind by kind; the rank of a kind is above those that it refers to, so only its own kind is left to look at.
fn by_rank(mut changes: Vec<Change>, provides: impl Fn(&Change) -> Vec<String>, requires: impl Fn(&Change) -> Vec<String>) -> Vec<Change> {
    changes.sort_by_cached_key(|c| (rank(&c.address().kind), c.address().clone()));
    let mut ordered = Vec::with_capacity(changes.len());
    while !changes.is_empty() {
        let kind = changes[0].address().kind.clone();
        let end = changes.iter().position(|c| c.address().kind != kind).unwrap_or(changes.len());
        ordered.extend(by_reference(changes.drain(..end).collect(), &provides, &requires));
    }
    ordered
}

/// Keeps the given order, but moves a change behind those that provide what it requires.
/// Changes in a circle (CloudWatch does not evaluate such composites) keep their place.
fn by_reference(
    changes: Vec<Change>,
    provides: &impl Fn(&Change) -> Vec<String>,
    requires: &impl Fn(&Change) -> Vec<String>,
) -> Vec<Change> {
    let with_names = |c: Change| (provides(&c), requires(&c), c);
    let mut waiting: Vec<(Vec<String>, Vec<String>, Change)> = changes.into_iter().map(with_names).collect();
    let mut ordered = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        let missing: BTreeSet<String> = waiting.iter().flat_map(|(provided, ..)| provided.iter().cloned()).collect();
        let is_blocked = |own: &[String], required: &[String]| required.iter().any(|r| missing.contains(r) && !own.contains(r));
        let (blocked, ready): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(own, required, _)| is_blocked(own, required));
        if ready.is_empty() {
            ordered.extend(blocked.into_iter().map(|(.., change)| change));
            return ordered;
        }
        ordered.extend(ready.into_iter().map(|(.., change)| change));
        waiting = blocked;
    }
    ordered
}
