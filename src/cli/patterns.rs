//! Patterns on the command line: as text, or by the address of a detection.

use std::sync::Arc;

use camino::Utf8Path;
use filter_pattern::Pattern;

use super::failure::Failure;
use super::library::Library;
use crate::finding::{Code, Finding};
use crate::yaml::{Source, Span};

/// Reads a pattern; errors are drawn under its text.
///
/// # Errors
/// All that is wrong with it.
pub(super) fn read_pattern(name: &str, text: &str) -> Result<Pattern, Failure> {
    let source = Arc::new(Source { name: name.to_owned(), text: text.to_owned() });
    Pattern::parse(text).map_err(|errors| {
        let finding = |error: &filter_pattern::SyntaxError| {
            let code = if text.trim().chars().count() > filter_pattern::MAX_LENGTH { Code::PatternLength } else { Code::PatternSyntax };
            let at = Span { source: Arc::clone(&source), range: error.span.clone() };
            Finding::error(code, error.to_string()).at(&at).help(error.hint().unwrap_or_default())
        };
        Failure::Findings(errors.iter().map(finding).collect())
    })
}

/// The patterns of the detection that the text is the address of; `None`: it is no address.
///
/// # Errors
/// It looks like an address, and there is no such detection.
pub(super) fn named(text: &str, config: Option<&Utf8Path>) -> Result<Option<Vec<String>>, Failure> {
    let is_address = text.contains('/') && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_/.".contains(c));
    if !is_address {
        return Ok(None);
    }
    let library = Library::load(config)?;
    let units = library.find_anywhere(text).map_err(|failure| match failure {
        Failure::Findings(findings) => Failure::Findings(findings.into_iter().map(|finding| as_term(finding, text)).collect()),
        other => other,
    })?;
    let Some(unit) = units.first() else { return Ok(None) };
    if unit.filters.is_empty() {
        let (message, help) = if unit.is_left_out() {
            ("has no metric filter of the stack's profile", "choose another under `profiles:`, or look from outside of the stack")
        } else {
            ("has no metric filter", "name one that has, or write a pattern")
        };
        return Err(Finding::error(Code::Combination, format!("the detection `{text}` {message}")).help(help).into());
    }
    Ok(Some(unit.filters.iter().map(|built| built.filter.pattern.clone()).collect()))
}

/// What looks like an address may be meant as a word.
fn as_term(finding: Finding, text: &str) -> Finding {
    let help = finding.help.clone().unwrap_or_default();
    finding.help(format!("{help} (as a term in a pattern it needs quotes: '\"{text}\"')"))
}
