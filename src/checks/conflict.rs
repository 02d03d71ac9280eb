//! TA202: something that is not the stack's exists under a desired address.
//!
//! Cannot be seen: who made it.

use crate::finding::{Code, Finding};
use crate::plan::Plan;
use crate::stack::Compiled;

pub(super) fn conflict(plan: &Plan, compiled: &Compiled) -> Vec<Finding> {
    let finding = |address: &crate::state::Address| {
        Finding::error(Code::Conflict, format!("{address} exists and does not belong to this stack"))
            .maybe_at(compiled.desired.notes.get(address).map(|n| &n.span))
            .help("say `adopt: true` in the definition to take it over as it is defined here, or choose another name")
    };
    plan.conflicts.iter().map(finding).collect()
}
