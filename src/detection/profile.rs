//! Profiles: filters of one detection that not everybody wants, since auditors ask for different texts.

use std::collections::BTreeSet;

use super::{Detection, DetectionSection};
use crate::finding::{Code, Finding, suggest};
use crate::yaml::{Node, Span, Value};

/// The profile with all filters: what a stack has that chooses none.
pub const ALL: &str = "all";

/// Whether what is marked with these profiles is part of the chosen one; unmarked, it is part of each.
pub fn belongs(profiles: Option<&[String]>, chosen: Option<&str>) -> bool {
    match (profiles, chosen) {
        (Some(profiles), Some(chosen)) if chosen != ALL => profiles.iter().any(|profile| profile == chosen),
        _ => true,
    }
}

/// The profiles that a detection's filters are marked with.
pub(crate) fn of_detection(section: &DetectionSection) -> BTreeSet<&str> {
    let filters = section.metric_filter.iter().chain(section.metric_filters.iter().flatten());
    filters.filter_map(|filter| filter.profiles.as_ref()).flatten().map(String::as_str).collect()
}

/// What a stack chooses: `profiles: {cis: security-hub}`.
#[derive(Debug, Clone, Default)]
pub struct Profiles(pub std::collections::BTreeMap<String, String>);

impl Profiles {
    /// The profile of a detection's pack.
    pub fn of(&self, address: &str) -> Option<&str> {
        let pack = address.split('/').next().unwrap_or_default();
        self.0.get(pack).map(String::as_str)
    }

    /// Packs that the stack does not have, and profiles that their detections do not know.
    pub fn check(&self, detections: &[Detection], at: impl Fn(&str) -> Span) -> Vec<Finding> {
        let packs: BTreeSet<&str> = detections.iter().filter_map(|d| d.address.split('/').next()).collect();
        let wrong = self.0.iter().filter_map(|(pack, profile)| {
            let message = if !packs.contains(pack.as_str()) {
                (format!("the stack has no pack `{pack}`"), suggest(pack, packs.iter().copied()))
            } else {
                let known = known(detections, pack);
                if known.contains(profile) {
                    return None;
                }
                (format!("the pack `{pack}` has no profile `{profile}`"), suggest(profile, known.iter().map(String::as_str)))
            };
            Some(Finding::error(Code::UnknownName, message.0).at(&at(pack)).help(message.1))
        });
        wrong.collect()
    }
}

/// The profiles of a pack, `all` among them.
fn known(detections: &[Detection], pack: &str) -> BTreeSet<String> {
    let of_pack = detections.iter().filter(|d| d.address.split('/').next() == Some(pack));
    let named = of_pack.flat_map(|d| named(&d.tree));
    named.chain([ALL.to_owned()]).collect()
}

/// The profiles that the filters of a file name.
fn named(tree: &Node) -> Vec<String> {
    let items = |node: Option<&Node>| match node.map(|n| &n.value) {
        Some(Value::List(items)) => items.clone(),
        _ => Vec::new(),
    };
    let filters = tree.get("metric_filter").cloned().into_iter().chain(items(tree.get("metric_filters")));
    let profiles = filters.flat_map(|filter| items(filter.get("profiles")));
    profiles.filter_map(|node| if let Value::Scalar { text, .. } = node.value { Some(text) } else { None }).collect()
}
