//! What a stack says of its past: detections under other names, and resources that are now to go.

use std::collections::{BTreeMap, BTreeSet};

use super::compile::Compiler;
use super::section::StackSection;
use crate::detection::Ready;
use crate::finding::{Code, Finding, suggest};
use crate::kinds::KINDS;
use crate::state::Address;
use crate::yaml::Node;

impl Compiler<'_> {
    /// Old names of detections, both ends checked.
    pub(super) fn moved(&mut self, section: &StackSection, tree: &Node, ready: &[Ready]) -> BTreeMap<String, String> {
        let mut moved = BTreeMap::new();
        for (old, new) in section.moved.iter().flatten() {
            let at = tree
                .get("moved")
                .map_or_else(|| tree.locate("moved"), |n| n.entry(old).map_or(n.span.clone(), |(key, _)| key.span.clone()));
            let known = || ready.iter().map(|r| r.address.as_str());
            if !known().any(|address| address == new) {
                let finding = Finding::error(Code::UnknownName, format!("`{old}` is moved to `{new}`, and there is no such detection"));
                self.findings.push(finding.at(&at).help(suggest(new, known())));
            } else if known().any(|address| address == old) {
                let finding = Finding::error(Code::Combination, format!("`{old}` is moved, and it is still defined"));
                self.findings.push(finding.at(&at).help("remove one of the two"));
            }
            moved.insert(old.rsplit('/').next().unwrap_or(old).to_owned(), new.clone());
        }
        moved
    }

    pub(super) fn removed(&mut self, section: &StackSection, tree: &Node) -> BTreeSet<Address> {
        let mut removed = BTreeSet::new();
        for (i, text) in section.removed.iter().flatten().enumerate() {
            let at = tree.locate(&format!("removed.{i}"));
            match text.split_once('/') {
                Some((kind, name)) if KINDS.iter().any(|k| k.name() == kind) && !name.is_empty() => {
                    // A metric filter is named without its log group, which is the stack's.
                    let in_main = kind == "metric_filter" && !name.contains(':');
                    let name = if in_main { format!("{}:{name}", self.groups.main) } else { name.to_owned() };
                    let address = Address::new(kind, name);
                    if self.desired.state.0.contains_key(&address) {
                        let finding = Finding::error(Code::Combination, format!("{address} is defined and under `removed:` as well"));
                        self.findings.push(finding.at(&at).help("keep one of the two"));
                    }
                    removed.insert(address);
                }
                _ => {
                    let kinds = KINDS.iter().map(|k| k.name()).collect::<Vec<_>>().join(", ");
                    let finding = Finding::error(Code::WrongValue, format!("`{text}` is no address"));
                    self.findings.push(finding.at(&at).help(format!("write `alarm/old-name`; kinds are {kinds}")));
                }
            }
        }
        removed
    }
}
