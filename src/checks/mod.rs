//! Checks on a plan before anything is written. One file a check.

mod conflict;
mod delete_valve;
mod filter_limit;
mod removed;
mod unknown_field;

use crate::finding::Finding;
use crate::plan::Plan;
use crate::stack::Compiled;
use crate::state::Live;

pub use delete_valve::delete_valve;
pub use filter_limit::filter_limit;

/// What is wrong with a plan, whoever applies it.
pub fn check(plan: &Plan, live: &Live, compiled: &Compiled) -> Vec<Finding> {
    let mut findings = conflict::conflict(plan, compiled);
    findings.extend(filter_limit(&compiled.desired, &live.foreign));
    findings.extend(unknown_field::unknown_field(plan, live, compiled));
    findings.extend(removed::removed(live, compiled));
    findings
}
