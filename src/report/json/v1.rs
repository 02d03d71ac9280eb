//! Version 1: findings.

use serde::Serialize;

use crate::finding::{Finding, Severity};
use crate::yaml::Span;

/// What `validate --format json` prints.
#[derive(Debug, Serialize)]
pub struct Findings {
    pub format_version: &'static str,
    pub findings: Vec<V1Finding>,
    pub errors: usize,
    pub warnings: usize,
}

/// One finding. Lines and columns count from 1, columns in characters; the end is exclusive.
#[derive(Debug, Serialize)]
pub struct V1Finding {
    pub code: &'static str,
    pub severity: &'static str,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// A place in a file.
#[derive(Debug, Serialize)]
pub struct Place {
    pub file: String,
    pub line: usize,
    pub column: usize,
    pub end_line: usize,
    pub end_column: usize,
}

impl From<&[Finding]> for Findings {
    fn from(findings: &[Finding]) -> Self {
        let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        Self { format_version: "1.0", errors, warnings: findings.len() - errors, findings: findings.iter().map(V1Finding::from).collect() }
    }
}

impl From<&Finding> for V1Finding {
    fn from(finding: &Finding) -> Self {
        Self {
            code: finding.code.text(),
            severity: severity(finding.severity),
            message: finding.message.clone(),
            help: finding.help.clone(),
            place: finding.at.as_ref().map(Place::from),
        }
    }
}

impl Place {
    /// The place as it is called from the root of a repository, `inside` being the way from there to here.
    #[must_use]
    pub fn from_root(mut self, inside: &str) -> Self {
        let is_file = !self.file.starts_with(['/', '<', '-']) && !self.file.starts_with("embedded:");
        if is_file && !inside.is_empty() {
            self.file = format!("{inside}/{}", self.file.trim_start_matches("./"));
        }
        self
    }
}

impl From<&Span> for Place {
    fn from(span: &Span) -> Self {
        let (line, column) = span.line_column();
        let (end_line, end_column) = span.end().line_column();
        Self { file: span.source.name.clone(), line, column, end_line, end_column }
    }
}

/// `error` or `warning`.
pub(in crate::report) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
