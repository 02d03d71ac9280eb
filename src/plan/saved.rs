//! The plan as JSON: what `plan --out` writes, reviewers approve by its fingerprint, and `apply FILE` carries out.
//!
//! The fingerprint finds what was damaged or changed since; it is no signature. Who may write the file may write another.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Change, Counts, Meaning, Plan, Reason, meaning};
use crate::finding::{Code, Finding};
use crate::kinds::kind;
use crate::state::{Address, Attributes, Live, Scope, text};

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
    /// The run deletes more than the stack's limit lets it.
    pub over_delete_limit: bool,
    /// Of all of the above.
    pub fingerprint: String,
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
    pub fn new(plan: &Plan, live: &Live, refresh_tags: bool, over_delete_limit: bool) -> Self {
        let Scope { partition, account_id, region, stack } = plan.scope.clone();
        let mut saved = Self {
            format_version: FORMAT.to_owned(),
            trailarm_version: env!("CARGO_PKG_VERSION").to_owned(),
            scope: SavedScope { partition, account_id, region, stack },
            summary: plan.counts(),
            changes: plan.changes.iter().map(SavedChange::from).collect(),
            unchanged: plan.unchanged,
            pending: plan.pending.iter().map(Address::to_string).collect(),
            live: live.owned.0.iter().map(|(address, attributes)| (address.to_string(), fingerprint(attributes))).collect(),
            refresh_tags,
            over_delete_limit,
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
        let pending = self.pending.iter().filter_map(|text| address(text)).collect();
        Ok(Plan { scope, changes, unchanged: self.unchanged, conflicts: Vec::new(), pending })
    }
}

impl From<&Change> for SavedChange {
    fn from(change: &Change) -> Self {
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
            before,
            after,
        }
    }
}

impl SavedChange {
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
        // What is written is what stands at the address, and it bears the stack's name where it bears one.
        let sides = [change.before(), change.after()];
        let is_right = |side: &crate::state::Resource| {
            let marked = text(&side.attributes, "managed_by").split_once(" · ").is_none_or(|(stack, _)| stack == scope.stack);
            kind(&side.address.kind).is_some() && marked && live_name(&side.address, &side.attributes)
        };
        let is_sealed = live_fingerprint(self.before.as_ref()) == self.live_fingerprint;
        if is_sealed && sides.iter().flatten().all(is_right) { Ok(change) } else { Err(wrong()) }
    }
}

/// Whether properties are those of the resource at the address, as far as its name says it.
fn live_name(address: &Address, attributes: &Attributes) -> bool {
    let own = text(attributes, "name");
    match address.kind.as_str() {
        "metric_filter" => address.name == format!("{}:{own}", text(attributes, "log_group")),
        "subscription" => address.name.starts_with(&format!("{}:", text(attributes, "topic"))),
        _ => address.name == own,
    }
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
        let alarm = |threshold: u32| attributes(json!({"name": "s/a", "threshold": threshold, "managed_by": "s · p/a.yaml"}));
        let changes = vec![
            Change::Create { address: Address::new("topic", "s-t"), after: attributes(json!({"name": "s-t"})) },
            Change::Update { address: Address::new("alarm", "s/a"), before: alarm(1), after: alarm(2) },
            Change::Replace {
                address: Address::new("composite_alarm", "s/a"),
                old: Address::new("alarm", "s/a"),
                before: alarm(1),
                after: attributes(json!({"name": "s/a", "rule": "TRUE"})),
            },
            Change::Delete { address: Address::new("alarm", "s/a"), before: alarm(1), reason: Reason::Moved("p/b".to_owned()) },
        ];
        let scope = Scope { partition: "aws".into(), account_id: "111122223333".into(), region: "us-east-1".into(), stack: "s".into() };
        let plan = Plan { scope, changes, unchanged: 3, conflicts: Vec::new(), pending: Vec::new() };
        SavedPlan::new(&plan, &Live::default(), false, false)
    }

    #[test]
    fn what_is_written_is_read() {
        let saved = saved();
        let read = SavedPlan::read("plan.json", &serde_json::to_string(&saved).unwrap()).unwrap();
        assert_eq!(read, saved);
        assert_eq!(SavedPlan::new(&read.plan().unwrap(), &Live::default(), false, false), saved);
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
            (text.replace("\"threshold\": 2", "\"threshold\": 9"), "its fingerprint is that of another plan"),
            (text.replace("111122223333", "444455556666"), "its fingerprint is that of another plan"),
            (text.replace("\"unchanged\"", "\"unchained\""), "is no saved plan: unknown field `unchained`"),
        ] {
            let finding = SavedPlan::read("plan.json", &text).unwrap_err();
            assert!(finding.message.contains(message), "{}", finding.message);
        }
        // Sealed anew by somebody else: still nothing of another stack.
        let mut forged = saved();
        forged.scope.stack = "other".to_owned();
        forged.fingerprint = forged.seal();
        assert!(SavedPlan::read("plan.json", &serde_json::to_string(&forged).unwrap()).unwrap().plan().is_err());
    }
}
