//! TA207: something would be deleted that others hold on to.
//!
//! Cannot be seen: composite alarms of other stacks; AWS refuses the call then.

use std::collections::BTreeSet;

use crate::finding::{Code, Finding};
use crate::kinds::{is_statement, kind};
use crate::plan::{Change, Plan};
use crate::stack::Compiled;
use crate::state::{Live, Resource, State};

pub(super) fn still_used(plan: &Plan, live: &Live, compiled: &Compiled) -> Vec<Finding> {
    let mut findings = Vec::new();
    for change in &plan.changes {
        match change {
            // The topic stays; that it is closed to alarms is what the definitions say.
            Change::Delete { address, .. } if is_statement(&address.kind) => {}
            Change::Delete { address, .. } if change.frees(&plan.scope).iter().any(|name| is_wanted(name, plan, compiled)) => {
                let message = format!("{address} would be deleted, and the definitions still refer to it");
                let help = "define it in this stack (a topic without `arn:`), or take this stack's mark off it first";
                findings.push(Finding::error(Code::StillUsed, message).help(help));
            }
            Change::Delete { address, .. } => {
                let held = change.frees(&plan.scope).into_iter().find_map(|name| left_holding(&name, live, plan));
                if let Some(holder) = held {
                    let message = format!("{address} would be deleted, and {holder} looks at it: AWS refuses that");
                    findings.push(Finding::error(Code::StillUsed, message).help("let `--only` name both"));
                }
            }
            Change::Replace { address, old, .. } => {
                let name = format!("alarm:{}", old.name);
                if let Some(parent) = holders(&live.owned, plan, &name).next() {
                    let message = format!("{old} cannot become {address} while {parent} looks at it: AWS refuses to delete it");
                    let help = "give the new alarm another name, or take it out of the composite's rule and apply that first";
                    let at = compiled.desired.notes.get(address).map(|n| &n.span);
                    findings.push(Finding::error(Code::StillUsed, message).maybe_at(at).help(help));
                }
            }
            _ => {}
        }
    }
    findings
}

/// A live composite alarm that names the alarm, and that the plan leaves as it is.
fn left_holding(name: &str, live: &Live, plan: &Plan) -> Option<String> {
    let changed = |holder: &String| plan.changes.iter().any(|c| c.before().is_some_and(|r| r.address.to_string() == *holder));
    holders(&live.owned, plan, name).find(|holder| holder.starts_with("composite_alarm/") && name.starts_with("alarm:") && !changed(holder))
}

/// Whether a topic or an alarm is referred to by what is desired.
fn is_wanted(name: &str, plan: &Plan, compiled: &Compiled) -> bool {
    let referred =
        (name.starts_with("arn:") || name.starts_with("alarm:")) && holders(&compiled.desired.state, plan, name).next().is_some();
    referred || compiled.existing_topics.contains(name)
}

/// Addresses of resources that require a name.
fn holders<'a>(state: &'a State, plan: &'a Plan, name: &'a str) -> impl Iterator<Item = String> + 'a {
    let requires = |resource: &Resource| -> BTreeSet<String> {
        kind(&resource.address.kind).map_or_else(BTreeSet::new, |k| k.requires(&plan.scope, resource).into_iter().collect())
    };
    let resources = state.0.iter().map(|(address, attributes)| Resource { address: address.clone(), attributes: attributes.clone() });
    resources.filter(move |r| requires(r).contains(name)).map(|r| r.address.to_string())
}
