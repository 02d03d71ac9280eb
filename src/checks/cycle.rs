//! TA208: composite alarms that wait for each other.
//!
//! CloudWatch makes no alarm before those that its rule names, so none of a circle can be made.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Code, Finding};
use crate::kinds::kind;
use crate::state::{Address, Desired, Resource, Scope};

/// One finding for each composite alarm that, through others, names itself.
pub fn cycle(desired: &Desired, scope: &Scope) -> Vec<Finding> {
    let composites = desired.state.of_kind("composite_alarm");
    let children: BTreeMap<&Address, Vec<Address>> = composites
        .map(|(address, attributes)| {
            let resource = Resource { address: address.clone(), attributes: attributes.clone() };
            let names = kind(&address.kind).map_or_else(Vec::new, |k| k.requires(scope, &resource));
            let composite = |name: &String| name.strip_prefix("alarm:").map(|n| Address::new("composite_alarm", n));
            (address, names.iter().filter_map(composite).collect())
        })
        .collect();
    let mut findings = Vec::new();
    for (address, first) in &children {
        let mut seen: BTreeSet<&Address> = BTreeSet::new();
        let mut waiting: Vec<&Address> = first.iter().collect();
        while let Some(next) = waiting.pop() {
            if seen.insert(next) {
                waiting.extend(children.get(next).into_iter().flatten());
            }
        }
        if seen.contains(address) {
            let finding = Finding::error(Code::Cycle, format!("{address} looks at itself, through its rule or its suppressor"));
            let at = desired.notes.get(address).map(|n| &n.span);
            findings.push(finding.maybe_at(at).help("take one of the alarms out of the circle"));
        }
    }
    findings
}
