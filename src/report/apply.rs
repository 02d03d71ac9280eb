//! What an apply did, did not, and why → a document.

use super::document::{Block, Document, Tone};
use super::plan::{Options, rows_of_fields, shown_address};
use crate::apply::{ApplyReport, Outcome};
use crate::plan::Change;

/// Failures and what was left out, then the line that counts.
pub fn apply_report(report: &ApplyReport, options: Options) -> Document {
    let mut document = Document::default();
    for (change, outcome) in &report.results {
        let address = shown_address(change.address(), options);
        match outcome {
            Outcome::Done(_) | Outcome::AlreadySo => {}
            Outcome::Moved(fields) => {
                document.text(Tone::Removed, format!("refused: {address}: it is not what was reviewed any more"));
                document.blocks.push(Block::Change {
                    sign: "!",
                    tone: Tone::Removed,
                    address,
                    note: Some("what the plan saw -> what is there now".to_owned()),
                    rows: rows_of_fields(change.address(), fields, options),
                    remarks: Vec::new(),
                });
            }
            Outcome::Failed(error) => {
                document.text(Tone::Removed, format!("failed: {address}: {error}"));
                document.text(Tone::Plain, format!("  help: {}", error.help()));
            }
            Outcome::Skipped => document.text(Tone::Changed, format!("skipped: {address}: it depends on something that failed")),
            Outcome::NotReached => document.text(Tone::Changed, format!("not reached: {address}: the run ended before it")),
        }
    }
    document.text(Tone::Strong, summary(report));
    document
}

fn summary(report: &ApplyReport) -> String {
    let done = |wanted: fn(&Change) -> bool| report.results.iter().filter(|(c, o)| matches!(o, Outcome::Done(_)) && wanted(c)).count();
    let replaced = done(|c| matches!(c, Change::Replace { .. }));
    let added = done(|c| matches!(c, Change::Create { .. })) + replaced;
    let changed = done(|c| matches!(c, Change::Update { .. }));
    let destroyed = done(|c| matches!(c, Change::Delete { .. })) + replaced;
    let counts = format!("{added} added, {changed} changed, {destroyed} destroyed");
    let count = |wanted: fn(&Outcome) -> bool| report.results.iter().filter(|(_, o)| wanted(o)).count();
    let before = count(|o| matches!(o, Outcome::AlreadySo));
    let before = if before > 0 { format!("; {before} were so already") } else { String::new() };
    if report.is_complete() {
        let only_deletes = !report.results.is_empty() && report.results.iter().all(|(c, _)| matches!(c, Change::Delete { .. }));
        return format!("{} complete! Resources: {counts}{before}.", if only_deletes { "Destroy" } else { "Apply" });
    }
    let moved = count(|o| matches!(o, Outcome::Moved(_)));
    let refused = if moved > 0 { format!(", {moved} refused") } else { String::new() };
    let next = if moved > 0 { "Look at a new plan for what was refused." } else { "A second run does the rest." };
    let failed = count(|o| matches!(o, Outcome::Failed(_)));
    let skipped = count(|o| matches!(o, Outcome::Skipped));
    let rest = count(|o| matches!(o, Outcome::NotReached));
    let rest = if report.interrupted { format!(", {rest} not reached") } else { String::new() };
    format!("Apply incomplete. Resources: {counts}{before}; {failed} failed{refused}, {skipped} skipped{rest}. {next}")
}
