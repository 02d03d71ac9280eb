//! `--only`: a part of a plan. What the part needs to exist comes along; nothing outside is deleted.

use std::collections::{BTreeMap, BTreeSet};

use globset::GlobMatcher;

use super::{Change, Plan};
use crate::kinds::kind;
use crate::state::{Address, Attributes, Desired, Live, Resource, Scope, text};

/// Keeps the changes of detections, topics or addresses that the glob names; false if it names nothing at all.
pub fn narrow(plan: &mut Plan, desired: &Desired, live: &Live, only: &GlobMatcher) -> bool {
    let scope = plan.scope.clone();
    let origins = Origins::new(desired, live, &scope);
    let named = |address: &Address| {
        only.is_match(address.to_string()) || only.is_match(&address.name) || origins.of(address).is_some_and(|o| only.is_match(o))
    };
    let matched = desired.notes.keys().chain(live.owned.0.keys()).any(named);
    let mut keep: Vec<bool> = plan.changes.iter().map(|c| named(c.address())).collect();
    let mut needed;
    loop {
        needed = kept(&plan.changes, &keep).flat_map(|c| c.requires(&scope)).collect::<BTreeSet<String>>();
        let wanted =
            |change: &Change| !matches!(change, Change::Delete { .. }) && change.provides(&scope).iter().any(|p| needed.contains(p));
        let more: Vec<usize> = (0..keep.len()).filter(|i| !keep[*i] && wanted(&plan.changes[*i])).collect();
        if more.is_empty() {
            break;
        }
        more.into_iter().for_each(|i| keep[i] = true);
    }
    let mut flags = keep.into_iter();
    plan.changes.retain(|_| flags.next().unwrap_or(false));
    plan.conflicts.retain(|address| named(address) || provides(address, desired, &scope).iter().any(|p| needed.contains(p)));
    plan.pending.retain(named);
    matched
}

fn kept<'a>(changes: &'a [Change], keep: &'a [bool]) -> impl Iterator<Item = &'a Change> {
    changes.iter().zip(keep).filter(|(_, keep)| **keep).map(|(change, _)| change)
}

fn provides(address: &Address, desired: &Desired, scope: &Scope) -> Vec<String> {
    let Some(attributes) = desired.state.0.get(address) else { return Vec::new() };
    let resource = Resource { address: address.clone(), attributes: attributes.clone() };
    kind(&address.kind).map_or_else(Vec::new, |k| k.provides(scope, &resource))
}

/// Which detection a resource belongs to: its definition says it, or the marker of the alarm of that name.
struct Origins<'a> {
    desired: &'a Desired,
    /// Name of an owned alarm → its detection.
    marked: BTreeMap<&'a str, String>,
    /// Owned permissions → the detections of their alarms.
    permissions: BTreeMap<&'a Address, String>,
    prefix: String,
}

impl<'a> Origins<'a> {
    fn new(desired: &'a Desired, live: &'a Live, scope: &Scope) -> Self {
        let marked = live.owned.alarms().filter_map(|(address, attributes)| Some((address.name.as_str(), marked(attributes)?)));
        let marked: BTreeMap<&str, String> = marked.collect();
        let permissions = live.owned.of_kind("permission").filter_map(|(address, attributes)| {
            let alarm = scope.alarm_name(text(attributes, "source_arn"))?;
            Some((address, marked.get(alarm)?.clone()))
        });
        Self { desired, permissions: permissions.collect(), marked, prefix: scope.prefix() }
    }

    fn of(&self, address: &Address) -> Option<&str> {
        if let Some(note) = self.desired.notes.get(address) {
            return Some(&note.origin);
        }
        if let Some(detection) = self.permissions.get(address) {
            return Some(detection);
        }
        // `<log group>:<stack>/<detection>/2` → `<stack>/<detection>`
        let name = address.name.split_once(':').map_or(address.name.as_str(), |(_, name)| name);
        let detection = name.strip_prefix(&self.prefix)?.split('/').next()?;
        self.marked.get(format!("{}{detection}", self.prefix).as_str()).map(String::as_str)
    }
}

/// The detection that the marker of an alarm names.
pub(crate) fn marked(attributes: &Attributes) -> Option<String> {
    let file = text(attributes, "managed_by").split_once(" · ")?.1;
    file.strip_suffix(".yaml").map(str::to_owned)
}
