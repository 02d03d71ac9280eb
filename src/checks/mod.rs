//! Checks on a plan before anything is written. One file a check.

mod conflict;
mod cycle;
mod delete_valve;
mod filter_limit;
mod removed;
mod still_used;
mod unknown_field;

use crate::finding::Finding;
use crate::plan::{Change, Plan};
use crate::stack::Compiled;
use crate::state::{Address, Live};

pub use cycle::cycle;
pub use delete_valve::{delete_valve, deletes};
pub use filter_limit::filter_limit;

/// What the plan deletes: it goes last, so until then it is there beside what comes.
fn leaving(plan: &Plan) -> Vec<Address> {
    plan.changes.iter().filter(|c| matches!(c, Change::Delete { .. })).map(|c| c.address().clone()).collect()
}

/// What is wrong with a plan, whoever applies it.
pub fn check(plan: &Plan, live: &Live, compiled: &Compiled) -> Vec<Finding> {
    let mut findings = conflict::conflict(plan, compiled);
    findings.extend(filter_limit(&compiled.desired, &live.foreign, &leaving(plan)));
    findings.extend(still_used::still_used(plan, live, compiled));
    findings.extend(unknown_field::unknown_field(plan, live, compiled));
    findings.extend(removed::removed(live, compiled));
    findings
}
