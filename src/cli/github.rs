//! Inside of GitHub Actions: the step summary, the outputs `changes` and `fingerprint`, and notes at the lines of YAML
//! (<https://docs.github.com/actions/reference/workflow-commands-for-github-actions>).

use std::io::Write;

use super::environment::{self, is_on};
use super::failure::Failure;
use super::plan::Drawn;
use super::session::inside_repository;
use crate::plan::saved::SavedPlan;
use crate::plan::{Change, Meaning, meaning};
use crate::planning::Planned;
use crate::report::{self, Note, Options, SUMMARY_LIMIT};

/// GitHub shows this many notes of a kind for a step.
const MOST: usize = 10;

/// Tells GitHub of a plan, when it is GitHub that runs us.
pub(super) fn tell(planned: &Planned, saved: &SavedPlan, drawn: &Drawn<'_>) -> Result<(), Failure> {
    if !is_on("GITHUB_ACTIONS") {
        return Ok(());
    }
    append("GITHUB_STEP_SUMMARY", &drawn.comment(SUMMARY_LIMIT))?;
    append("GITHUB_OUTPUT", &format!("changes={}\nfingerprint={}\n", saved.changes.len(), saved.fingerprint))?;
    // On stdout a program may wait for JSON; GitHub reads both.
    Ok(anstream::stderr().write_all(report::github_notes(&notes(planned), &inside_repository()).as_bytes())?)
}

/// Appends to the file that a variable names; nothing where it names none.
fn append(variable: &str, text: &str) -> Result<(), Failure> {
    let Some(path) = environment::variable(variable) else { return Ok(()) };
    let mut file = fs_err::OpenOptions::new().append(true).create(true).open(std::path::PathBuf::from(path))?;
    Ok(file.write_all(text.as_bytes())?)
}

/// What reviewers should see beside the lines of the definitions, the worst first.
fn notes(planned: &Planned) -> Vec<Note> {
    let mut notes: Vec<Note> = planned.plan.changes.iter().filter_map(|change| note(change, planned)).collect();
    notes.sort_by_key(|note| note.level != "warning");
    notes.truncate(MOST);
    notes
}

/// `None`: it is in no file of the repository.
fn note(change: &Change, planned: &Planned) -> Option<Note> {
    // Endpoints are nobody's business in a log.
    let address = report::shown_address(change.address(), Options::default());
    let at = planned.compiled.desired.notes.get(change.address())?.span.clone();
    let what = match change {
        Change::Create { .. } => "will be added",
        Change::Update { .. } => "will be changed",
        Change::Replace { .. } => "will be replaced",
        Change::Delete { .. } => return None,
    };
    let means = meaning(change);
    let is_alarming = means.as_ref().is_some_and(Meaning::is_alarming);
    let lines = means.map(|means| means.lines().join("; ")).unwrap_or_default();
    let message = if lines.is_empty() { format!("{address} {what}") } else { lines };
    let is_ours = !at.source.name.starts_with("embedded:");
    let level = if is_alarming { "warning" } else { "notice" };
    is_ours.then(|| Note { level, at, title: format!("{address} {what}"), message })
}
