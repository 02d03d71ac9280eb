//! TA205: an update would wipe a live setting that trailarm does not know.
//!
//! PutMetricAlarm replaces all of an alarm. Cannot be seen: settings that this version's AWS SDK
//! does not know either.

use crate::finding::{Code, Finding};
use crate::plan::{Change, Plan};
use crate::stack::Compiled;
use crate::state::Live;

pub(super) fn unknown_field(plan: &Plan, live: &Live, compiled: &Compiled) -> Vec<Finding> {
    let mut findings = Vec::new();
    for change in &plan.changes {
        let Change::Update { address, .. } = change else { continue };
        let Some(fields) = live.unknown.get(address) else { continue };
        let message = format!("{address} has settings that trailarm does not know and an update would wipe: {}", fields.join(", "));
        let help = "remove them by hand if nobody needs them, or take the alarm out of the definitions";
        let at = compiled.desired.notes.get(address).map(|n| &n.span);
        findings.push(Finding::error(Code::UnknownLiveField, message).maybe_at(at).help(help));
    }
    findings
}
