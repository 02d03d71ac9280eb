//! A plan as reviewers read it: what the Markdown comment and the page have in common.

use super::document::{Row, Shown, Tone};
use super::plan::{Options, rows_of, shown_address, sign};
use crate::audit::Judgement;
use crate::plan::{Change, Meaning, Plan, Reason, meaning};

/// A plan and what is said beside it.
pub struct Review<'a> {
    pub plan: &'a Plan,
    /// Of the saved plan.
    pub fingerprint: &'a str,
    /// What auditors will say before and after.
    pub audited: Option<&'a (Vec<Judgement>, Vec<Judgement>)>,
    pub options: Options,
}

/// A change, ready to be drawn.
pub(super) struct Entry {
    pub(super) sign: &'static str,
    /// `create`, `update`, `replace`, `delete`.
    pub(super) action: &'static str,
    pub(super) kind: String,
    pub(super) address: String,
    pub(super) note: Option<String>,
    /// What a changed pattern means.
    pub(super) meaning: Vec<String>,
    pub(super) is_alarming: bool,
    pub(super) rows: Vec<Row>,
}

impl Entry {
    pub(super) fn of(change: &Change, options: Options) -> Self {
        let means = meaning(change);
        let action = match change {
            Change::Create { .. } => "create",
            Change::Update { .. } => "update",
            Change::Replace { .. } => "replace",
            Change::Delete { .. } => "delete",
        };
        let note = match change {
            Change::Delete { reason, .. } => Some(reason.to_string()),
            Change::Replace { old, .. } => Some(format!("replaces {old}")),
            _ => None,
        };
        let unmeant = matches!(change, Change::Delete { reason: Reason::NotDefined | Reason::SwitchedOff, .. });
        Self {
            sign: sign(change).0,
            action,
            kind: change.address().kind.clone(),
            address: shown_address(change.address(), options),
            note,
            is_alarming: unmeant || means.as_ref().is_some_and(Meaning::is_alarming),
            meaning: means.map(|means| means.lines()).unwrap_or_default(),
            rows: rows_of(change, options),
        }
    }
}

impl Review<'_> {
    /// What reviewers should look at first, first.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = self.plan.changes.iter().map(|change| Entry::of(change, self.options)).collect();
        let rank = |action: &str| ["delete", "replace", "update", "create"].iter().position(|own| *own == action);
        entries.sort_by_key(|entry| (!entry.is_alarming, rank(entry.action)));
        entries
    }

    /// Subscriptions that wait, as they are shown.
    pub(super) fn pending(&self) -> Vec<String> {
        self.plan.pending.iter().map(|address| shown_address(address, self.options)).collect()
    }
}

/// Both sides of a property as text; `None`: it is not there.
pub(super) fn sides(row: &Row) -> (Option<String>, Option<String>) {
    let joined = |items: &[(&'static str, String)], without: &str| {
        let kept: Vec<&str> = items.iter().filter(|(sign, _)| *sign != without).map(|(_, item)| item.as_str()).collect();
        format!("[{}]", kept.join(", "))
    };
    match &row.value {
        Shown::One(text) if row.sign == "-" => (Some(text.clone()), None),
        Shown::One(text) => (None, Some(text.clone())),
        Shown::Pair(before, after) => (Some(before.clone()), Some(after.clone())),
        Shown::Items(items) => (Some(joined(items, "+")), Some(joined(items, "-"))),
        Shown::Words(pieces) => {
            let text = |without: Tone| pieces.iter().filter(|piece| piece.tone != without).map(|piece| piece.text.as_str()).collect();
            (Some(text(Tone::Added)), Some(text(Tone::Removed)))
        }
    }
}
