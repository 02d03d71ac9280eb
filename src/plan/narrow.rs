//! `--only`: a part of a plan. What the part needs to exist comes along; nothing outside is deleted.

use std::collections::BTreeSet;

use globset::GlobMatcher;

use super::{Change, Plan};
use crate::state::{Address, Attributes, Desired};

/// Keeps the changes of detections, topics or addresses that the glob names.
pub fn narrow(plan: &mut Plan, desired: &Desired, only: &GlobMatcher) {
    let scope = plan.scope.clone();
    let named = |address: &Address, attributes: Option<&Attributes>| {
        let origin = desired.notes.get(address).map(|n| n.origin.clone()).or_else(|| attributes.and_then(marked));
        origin.is_some_and(|o| only.is_match(o)) || only.is_match(address.to_string()) || only.is_match(&address.name)
    };
    plan.conflicts.retain(|address| named(address, None));
    let mut keep: Vec<bool> = plan.changes.iter().map(|c| named(c.address(), c.before().as_ref().map(|r| &r.attributes))).collect();
    loop {
        let needed: BTreeSet<String> = kept(&plan.changes, &keep).flat_map(|c| c.requires(&scope)).collect();
        let more: Vec<usize> = (0..keep.len())
            .filter(|i| {
                !keep[*i]
                    && !matches!(plan.changes[*i], Change::Delete { .. })
                    && plan.changes[*i].provides(&scope).iter().any(|p| needed.contains(p))
            })
            .collect();
        if more.is_empty() {
            break;
        }
        more.into_iter().for_each(|i| keep[i] = true);
    }
    let mut flags = keep.into_iter();
    plan.changes.retain(|_| flags.next().unwrap_or(false));
}

fn kept<'a>(changes: &'a [Change], keep: &'a [bool]) -> impl Iterator<Item = &'a Change> {
    changes.iter().zip(keep).filter(|(_, keep)| **keep).map(|(change, _)| change)
}

/// The detection that the marker of an alarm names.
fn marked(attributes: &Attributes) -> Option<String> {
    let file = attributes.get("managed_by")?.as_str()?.split_once(" · ")?.1;
    file.strip_suffix(".yaml").map(str::to_owned)
}
