//! Findings as annotations of GitHub Actions: `::error file=,line=,col=,title=::message`.

use super::escape::escape;
use super::json::v1::{Place, severity};
use crate::finding::Finding;
use crate::yaml::Span;

/// One line a finding. `inside`: the way from the root of the repository to here, since GitHub reads paths from there.
pub fn github(findings: &[Finding], inside: &str) -> String {
    findings.iter().map(|finding| line(finding, inside)).collect()
}

/// Something to see beside a line of a file.
pub struct Note {
    /// `notice`, `warning`.
    pub level: &'static str,
    pub at: Span,
    pub title: String,
    pub message: String,
}

/// One line a note.
pub fn notes(notes: &[Note], inside: &str) -> String {
    let line = |note: &Note| {
        let title = property(&escape(&note.title));
        format!("::{} {}title={title}::{}\n", note.level, place(&Place::from(&note.at).from_root(inside)), message(&escape(&note.message)))
    };
    notes.iter().map(line).collect()
}

fn line(finding: &Finding, inside: &str) -> String {
    let at = finding.at.as_ref().map(|at| place(&Place::from(at).from_root(inside))).unwrap_or_default();
    let text = message(&finding.text());
    format!("::{} {at}title={}::{text}\n", severity(finding.severity), finding.code.text())
}

fn place(at: &Place) -> String {
    let end = if at.end_line == at.line { format!(",endColumn={}", at.end_column) } else { String::new() };
    format!("file={},line={},endLine={},col={}{end},", property(&at.file), at.line, at.end_line, at.column)
}

/// The workflow commands' own escapes for what follows `::`.
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// And for what stands in a property.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
