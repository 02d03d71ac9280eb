//! The plan as JSON: what `plan --out` writes, reviewers approve by its fingerprint, and `apply FILE` carries out.
//!
//! The fingerprint finds what was damaged or changed since; it is no signature. Who may write the file may write another.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Change, Counts, Meaning, Plan, Reason, meaning};
use crate::arn::is_account_id;
use crate::finding::{Code, Finding};
use crate::kinds::kind;
use crate::kinds::topic::STACK_TAG;
use crate::state::{Address, Attributes, Live, Resource, Scope, text};

/// The version of the format that this version writes; it reads this and no other.
pub const FORMAT: &str = "1.0";
/// In the place of the fingerprint of what is not there.
const ABSENT: &str = "absent";

/// A plan in a file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedPlan {
    pub format_version: String,
    pub trailarm_version: String,
    pub scope: SavedScope,
    pub summary: Counts,
    pub changes: Vec<SavedChange>,
    /// Resources that are as they should be.
    pub unchanged: usize,
    /// Subscriptions that wait for their confirmation.
    pub pending: Vec<String>,
    /// All that was read of the stack: address → fingerprint.
    pub live: BTreeMap<String, String>,
    /// Whether the tags of all alarms were read.
    pub refresh_tags: bool,
    /// Only a part of the stack was looked at (`--only`).
    pub is_partial: bool,
    /// The run deletes more than the stack's limit lets it.
    pub over_delete_limit: bool,
    /// Of all of the above.
    pub fingerprint: String,
}

/// How a plan was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Made {
    pub refresh_tags: bool,
    pub is_partial: bool,
    pub over_delete_limit: bool,
}

/// What a plan is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedScope {
    pub partition: String,
    pub account_id: String,
    pub region: String,
    pub stack: String,
}

/// One change, with both sides.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SavedChange {
    /// `alarm/account-baseline/root-usage`.
    pub address: String,
    /// `create`, `update`, `delete`; `delete`, `create` when a resource of another kind has the name.
    pub actions: Vec<String>,
    /// Why it is deleted or replaced: `not_defined`, `switched_off`, `removed`, `moved`, `destroyed`, `other_kind`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action_reason: Option<String>,
    /// The detection that it was moved to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub moved_to: Option<String>,
    /// The address of what is there, when that is another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<String>,
    pub before: Option<Attributes>,
    pub after: Option<Attributes>,
    /// Of what is there now; `absent` when nothing is.
    pub live_fingerprint: String,
    /// One of its sides bears no sign of the stack: the definition says `adopt`, or lists it under `removed`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub adopts: bool,
    /// What a changed pattern does that the old one did not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meaning: Option<Meaning>,
}

/// `sha256:` and the digest of the value as JSON, without blanks, keys sorted.
pub fn fingerprint(value: &impl Serialize) -> String {
    let json = serde_json::to_value(value).unwrap_or(Value::Null).to_string();
    let hex: String = Sha256::digest(json.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// Of a resource, or of its absence.
pub fn live_fingerprint(attributes: Option<&Attributes>) -> String {
    attributes.map_or_else(|| ABSENT.to_owned(), fingerprint)
}

impl SavedPlan {
    /// The plan and what it was made from.
    pub fn new(plan: &Plan, live: &Live, made: Made) -> Self {
        let mut saved = Self {
            format_version: FORMAT.to_owned(),
            trailarm_version: env!("CARGO_PKG_VERSION").to_owned(),
            scope: SavedScope::from(&plan.scope),
            summary: plan.counts(),
            changes: plan.changes.iter().map(|change| SavedChange::new(change, &plan.scope)).collect(),
            unchanged: plan.unchanged,
            pending: plan.pending.iter().map(Address::to_string).collect(),
            live: live.owned.0.iter().map(|(address, attributes)| (address.to_string(), fingerprint(attributes))).collect(),
            refresh_tags: made.refresh_tags,
            is_partial: made.is_partial,
            over_delete_limit: made.over_delete_limit,
            fingerprint: String::new(),
        };
        saved.fingerprint = saved.seal();
        saved
    }

    /// What the fingerprint of this content is.
    fn seal(&self) -> String {
        fingerprint(&Self { fingerprint: String::new(), ..self.clone() })
    }

    /// Reads a file's text.
    ///
    /// # Errors
    /// It is cut short, no plan, of another format, or not what was written.
    pub fn read(name: &str, text: &str) -> Result<Self, Finding> {
        let wrong = |message: String, help: &str| Finding::error(Code::SavedPlan, format!("{name} {message}")).help(help);
        let again = "make it again: `trailarm plan --out FILE`";
        let value: Value = serde_json::from_str(text).map_err(|error| {
            let cut = error.is_eof() && !text.trim().is_empty();
            wrong(if cut { format!("is cut short: it ends in line {}", error.line()) } else { format!("is no saved plan: {error}") }, again)
        })?;
        match value.get("format_version").and_then(Value::as_str) {
            Some(FORMAT) => {}
            Some(other) => {
                let help = "apply it with the version of trailarm that made it, or make it again with this one";
                return Err(wrong(format!("has the format version {other}, and this trailarm reads {FORMAT}"), help));
            }
            None => return Err(wrong("is no saved plan: it has no `format_version`".to_owned(), again)),
        }
        let saved: Self = serde_json::from_value(value).map_err(|error| wrong(format!("is no saved plan: {error}"), again))?;
        if !saved.scope.is_one() {
            return Err(wrong("names no stack in no account".to_owned(), again));
        }
        if saved.seal() != saved.fingerprint {
            let help = "nothing was applied; make it again, and look at who can write the file";
            return Err(wrong("is not what trailarm wrote: its fingerprint is that of another plan".to_owned(), help));
        }
        Ok(saved)
    }

    /// The plan to carry out.
    ///
    /// # Errors
    /// A change is none that a plan has.
    pub fn plan(&self) -> Result<Plan, Finding> {
        let SavedScope { partition, account_id, region, stack } = self.scope.clone();
        let scope = Scope { partition, account_id, region, stack };
        let changes = self.changes.iter().map(|change| change.read(&scope)).collect::<Result<Vec<_>, _>>()?;
        let addresses: BTreeSet<&String> = self.changes.iter().map(|change| &change.address).collect();
        if addresses.len() < changes.len() {
            let finding = Finding::error(Code::SavedPlan, "the saved plan changes a resource twice");
            return Err(finding.help("make it again: `trailarm plan --out FILE`"));
        }
        let pending = self.pending.iter().filter_map(|text| address(text)).collect();
        Ok(Plan { scope, changes, unchanged: self.unchanged, conflicts: Vec::new(), pending })
    }
}

impl From<&Scope> for SavedScope {
    fn from(scope: &Scope) -> Self {
        let Scope { partition, account_id, region, stack } = scope.clone();
        Self { partition, account_id, region, stack }
    }
}

impl SavedScope {
    /// Whether it could be one: its names stand in ARNs, headings and comments.
    fn is_one(&self) -> bool {
        let plain =
            |text: &str| !text.is_empty() && text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c));
        plain(&self.stack) && plain(&self.partition) && plain(&self.region) && is_account_id(&self.account_id)
    }
}

impl SavedChange {
    fn new(change: &Change, scope: &Scope) -> Self {
        let (actions, action_reason, moved_to, replaces): (&[&str], _, _, _) = match change {
            Change::Create { .. } => (&["create"], None, None, None),
            Change::Update { .. } => (&["update"], None, None, None),
            Change::Replace { old, .. } => (&["delete", "create"], Some("other_kind"), None, Some(old.to_string())),
            Change::Delete { reason, .. } => {
                let moved_to = if let Reason::Moved(to) = reason { Some(to.clone()) } else { None };
                (&["delete"], Some(reason.key()), moved_to, None)
            }
        };
        let (before, after) = (change.before().map(|r| r.attributes), change.after().map(|r| r.attributes));
        Self {
            address: change.address().to_string(),
            actions: actions.iter().map(|action| (*action).to_owned()).collect(),
            action_reason: action_reason.map(str::to_owned),
            moved_to,
            replaces,
            live_fingerprint: live_fingerprint(before.as_ref()),
            meaning: meaning(change),
            adopts: !is_of_stack(change, scope),
            before,
            after,
        }
    }

    fn read(&self, scope: &Scope) -> Result<Change, Finding> {
        let wrong = || {
            let message = format!("the saved plan has a change that no plan has: {} {}", self.actions.join(", "), self.address);
            Finding::error(Code::SavedPlan, message).help("make it again: `trailarm plan --out FILE`")
        };
        let at = address(&self.address).ok_or_else(wrong)?;
        let actions: Vec<&str> = self.actions.iter().map(String::as_str).collect();
        let old = self.replaces.as_ref().map(|text| address(text).ok_or_else(wrong)).transpose()?;
        let change = match (actions.as_slice(), self.before.clone(), self.after.clone(), old) {
            (["create"], None, Some(after), None) => Change::Create { address: at, after },
            (["update"], Some(before), Some(after), None) => Change::Update { address: at, before, after },
            (["delete", "create"], Some(before), Some(after), Some(old)) => Change::Replace { address: at, old, before, after },
            (["delete"], Some(before), None, None) => {
                let reason = self.action_reason.as_deref().and_then(|key| Reason::of_key(key, self.moved_to.clone())).ok_or_else(wrong)?;
                Change::Delete { address: at, before, reason }
            }
            _ => return Err(wrong()),
        };
        // What is written is what stands at the address, in the form that its kind has.
        let sides = [change.before(), change.after()];
        let is_right = |side: &Resource| {
            let normal = kind(&side.address.kind).and_then(|kind| kind.resource(&side.attributes).ok());
            normal.as_ref() == Some(side) && !is_of_other(side, scope)
        };
        let is_sealed = live_fingerprint(self.before.as_ref()) == self.live_fingerprint;
        let is_owned = self.adopts != is_of_stack(&change, scope);
        if is_sealed && is_owned && sides.iter().flatten().all(is_right) { Ok(change) } else { Err(wrong()) }
    }
}

/// Whether all of a change bears the sign of the stack.
fn is_of_stack(change: &Change, scope: &Scope) -> bool {
    let owns = |side: &Resource| kind(&side.address.kind).is_some_and(|kind| kind.owns(scope, side));
    [change.before(), change.after()].iter().flatten().all(owns)
}

/// Whether a resource bears the sign of another stack. No definition can take it over.
fn is_of_other(side: &Resource, scope: &Scope) -> bool {
    let marked = text(&side.attributes, "managed_by").split_once(" · ").map(|(stack, _)| stack.to_owned());
    let tagged = side.attributes.get("tags").and_then(|tags| tags.get(STACK_TAG)).and_then(Value::as_str).map(str::to_owned);
    marked.or(tagged).is_some_and(|stack| stack != scope.stack)
}

fn address(text: &str) -> Option<Address> {
    let (kind, name) = text.split_once('/')?;
    Some(Address::new(kind, name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn saved() -> SavedPlan {
        let attributes = |value: Value| value.as_object().cloned().unwrap();
        let alarm = |threshold: f64| {
            attributes(
                json!({"name": "s/a", "threshold": threshold, "managed_by": "s · p/a.yaml", "actions_enabled": true, "evaluation_periods": 1,
                "comparison_operator": "GreaterThanThreshold"}),
            )
        };
        let named = |mut attributes: Attributes, name: &str| {
            attributes.insert("name".to_owned(), json!(name));
            attributes
        };
        let changes = vec![
            Change::Create {
                address: Address::new("topic", "s-t"),
                after: attributes(json!({"name": "s-t", "tags": {"trailarm:stack": "s"}})),
            },
            Change::Update { address: Address::new("alarm", "s/a"), before: alarm(1.0), after: alarm(2.0) },
            Change::Replace {
                address: Address::new("composite_alarm", "s/c"),
                old: Address::new("alarm", "s/c"),
                before: named(alarm(1.0), "s/c"),
                after: attributes(json!({"name": "s/c", "rule": "TRUE", "actions_enabled": true, "managed_by": "s · p/a.yaml"})),
            },
            Change::Delete {
                address: Address::new("alarm", "s/d"),
                before: named(alarm(1.0), "s/d"),
                reason: Reason::Moved("p/b".to_owned()),
            },
        ];
        let scope = Scope { partition: "aws".into(), account_id: "111122223333".into(), region: "us-east-1".into(), stack: "s".into() };
        let plan = Plan { scope, changes, unchanged: 3, conflicts: Vec::new(), pending: Vec::new() };
        SavedPlan::new(&plan, &Live::default(), Made::default())
    }

    #[test]
    fn what_is_written_is_read() {
        let saved = saved();
        let read = SavedPlan::read("plan.json", &serde_json::to_string(&saved).unwrap()).unwrap();
        assert_eq!(read, saved);
        assert_eq!(SavedPlan::new(&read.plan().unwrap(), &Live::default(), Made::default()), saved);
    }

    #[test]
    fn what_is_not_what_was_written_is_refused() {
        let text = serde_json::to_string_pretty(&saved()).unwrap();
        let newer = text.replace("\"format_version\": \"1.0\"", "\"format_version\": \"2.0\"");
        for (text, message) in [
            (text[..text.len() / 2].to_owned(), "is cut short: it ends in line"),
            (String::new(), "is no saved plan"),
            ("[]".to_owned(), "it has no `format_version`"),
            (newer, "has the format version 2.0, and this trailarm reads 1.0"),
            (text.replace("\"threshold\": 2.0", "\"threshold\": 9.0"), "its fingerprint is that of another plan"),
            (text.replace("111122223333", "444455556666"), "its fingerprint is that of another plan"),
            (text.replace("\"unchanged\"", "\"unchained\""), "is no saved plan: unknown field `unchained`"),
        ] {
            let finding = SavedPlan::read("plan.json", &text).unwrap_err();
            assert!(finding.message.contains(message), "{}", finding.message);
        }
        // Sealed anew by somebody else: still nothing of another stack, nothing that is nobody's, nothing that is no resource.
        type Forge = fn(&mut SavedPlan);
        let forgeries: [Forge; 7] = [
            |plan| plan.scope.stack = "other".to_owned(),
            |plan| plan.scope.stack = "s --> x".to_owned(),
            |plan| drop(plan.changes[1].before.as_mut().unwrap().remove("managed_by")),
            |plan| drop(plan.changes[0].after.as_mut().unwrap().insert("tags".to_owned(), json!({"trailarm:stack": "other"}))),
            |plan| drop(plan.changes[1].after.as_mut().unwrap().insert("unknown".to_owned(), json!(1))),
            |plan| plan.changes[1].address = "alarm/s/b".to_owned(),
            |plan| plan.changes.push(plan.changes[3].clone()),
        ];
        for (i, forge) in forgeries.into_iter().enumerate() {
            let mut forged = saved();
            forge(&mut forged);
            for change in &mut forged.changes {
                change.live_fingerprint = live_fingerprint(change.before.as_ref());
            }
            forged.fingerprint = forged.seal();
            let read = SavedPlan::read("plan.json", &serde_json::to_string(&forged).unwrap());
            assert!(read.and_then(|plan| plan.plan()).is_err(), "forgery {i}");
        }
    }
}
