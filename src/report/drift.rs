//! Drift → a document.

use super::document::{Block, Document, Tone};
use super::plan::{Options, rows_of, shown_address, sign};
use crate::blame::Blame;
use crate::drift::{Cause, Difference, Unmanaged};
use crate::state::{Address, Scope};

/// What drifted, what is unclear, and what has yet to be applied; the last line counts them.
///
/// `pending`: subscriptions that wait for their confirmation. `blame`: one for each difference, or none at all. `unmanaged`: where it was asked for.
pub fn drift(
    (scope, pending): (&Scope, &[Address]),
    differences: &[Difference],
    blame: &[Option<Blame>],
    unmanaged: Option<&Unmanaged>,
    options: Options,
) -> Document {
    let mut document = Document::default();
    document.stack_heading(scope);
    for (i, difference) in differences.iter().enumerate() {
        let (sign, tone) = if difference.is_taken { ("!", Tone::Removed) } else { sign(&difference.change) };
        let who = blame.get(i).and_then(Option::as_ref).map(sentence);
        document.blocks.push(Block::Change {
            sign,
            tone,
            address: shown_address(difference.change.address(), options),
            note: Some(format!("{}: {}", key(difference.cause), difference.what)),
            // Of what waits for an apply, the plan tells.
            rows: if difference.cause == Cause::Pending || difference.is_taken { Vec::new() } else { rows_of(&difference.change, options) },
            remarks: who.into_iter().collect(),
        });
    }
    if !pending.is_empty() {
        let pending: Vec<String> = pending.iter().map(|address| shown_address(address, options)).collect();
        document.text(Tone::Changed, format!("Waiting for confirmation, so nobody is told there: {}", pending.join(", ")));
        document.text(Tone::Plain, "");
    }
    if let Some(unmanaged) = unmanaged {
        others(unmanaged, &mut document);
    }
    document.text(Tone::Strong, summary(differences));
    document
}

/// `drift`, `unclear`, `pending`.
pub(super) fn key(cause: Cause) -> &'static str {
    match cause {
        Cause::Drift => "drift",
        Cause::Unclear => "unclear",
        Cause::Pending => "pending",
    }
}

fn sentence(blame: &Blame) -> String {
    match blame {
        Blame::Found(who) => {
            let perhaps = if who.is_certain { "" } else { "perhaps " };
            format!("{perhaps}{} by {} from {} at {} ({})", who.event, who.principal, who.source_address, who.time, who.user_agent)
        }
        Blame::NotThere => "the event history (90 days, this Region) has no event about it".to_owned(),
        Blame::CutShort => "not among the 2,000 newest events of that name in the event history; search the trail's archive".to_owned(),
        Blame::NoHistory => "a snapshot account has no event history".to_owned(),
    }
}

fn others(unmanaged: &Unmanaged, document: &mut Document) {
    for (title, names) in
        [("Metric filters of others on these log groups", &unmanaged.filters), ("Alarms of others on these metrics", &unmanaged.alarms)]
    {
        if !names.is_empty() {
            document.heading(title);
            names.iter().for_each(|name| document.text(Tone::Plain, format!("- {name}")));
            document.text(Tone::Plain, "");
        }
    }
    if unmanaged.filters.is_empty() && unmanaged.alarms.is_empty() {
        document.text(Tone::Plain, "Nobody else has filters on these log groups, or alarms on these metrics.");
        document.text(Tone::Plain, "");
    }
}

fn summary(differences: &[Difference]) -> String {
    let count = |cause| differences.iter().filter(|difference| difference.cause == cause).count();
    match (count(Cause::Drift), count(Cause::Unclear), count(Cause::Pending)) {
        (0, 0, 0) => "No drift.".to_owned(),
        (0, 0, pending) => format!("No drift; {pending} changes of the definitions have yet to be applied."),
        (drift, unclear, pending) => {
            format!("Drift: {drift} changed by hand, {unclear} unclear; {pending} changes of the definitions have yet to be applied.")
        }
    }
}
