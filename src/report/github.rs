//! Findings as annotations of GitHub Actions: `::error file=,line=,col=,title=::message`.

use super::json::v1::{Place, severity};
use crate::finding::Finding;

/// One line a finding.
pub fn github(findings: &[Finding]) -> String {
    findings.iter().map(line).collect()
}

fn line(finding: &Finding) -> String {
    let place = finding.at.as_ref().map(Place::from);
    let at = place.map(|p| {
        let end = if p.end_line == p.line { format!(",endColumn={}", p.end_column) } else { String::new() };
        format!("file={},line={},endLine={},col={}{end},", property(&p.file), p.line, p.end_line, p.column)
    });
    let text = message(&finding.text());
    format!("::{} {}title={}::{text}\n", severity(finding.severity), at.unwrap_or_default(), finding.code.text())
}

/// The workflow commands' own escapes for what follows `::`.
fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// And for what stands in a property.
fn property(text: &str) -> String {
    message(text).replace(':', "%3A").replace(',', "%2C")
}
