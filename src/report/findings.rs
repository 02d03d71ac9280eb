//! Findings as rustc draws its errors: file, line, column, caret, next step.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::escape;
use super::escape::{escape_line, harmless};
use crate::finding::{Finding, Severity};
use crate::yaml::Span;

/// Writes all findings, each once, then how many there are.
///
/// # Errors
/// The stream cannot be written.
pub fn findings(findings: &[Finding], out: &mut impl Write) -> io::Result<()> {
    findings_only(findings, out)?;
    let errors = findings.iter().filter(|f| f.severity == Severity::Error).count();
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    match (errors, findings.len() - errors) {
        (0, _) => Ok(()),
        (errors, 0) => writeln!(out, "{}", count(errors, "error")),
        (errors, warnings) => writeln!(out, "{}, {}", count(errors, "error"), count(warnings, "warning")),
    }
}

/// Writes all findings, each once.
///
/// # Errors
/// The stream cannot be written.
pub fn findings_only(findings: &[Finding], out: &mut impl Write) -> io::Result<()> {
    let renderer = Renderer::styled();
    findings.iter().try_for_each(|finding| writeln!(out, "{}\n", draw(finding, &renderer)))
}

/// A finding as plain text, for files.
pub(super) fn plain(finding: &Finding) -> String {
    draw(finding, &Renderer::plain())
}

fn draw(finding: &Finding, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let message = escape(&finding.message).into_owned();
    let mut group = annotate_snippets::Group::with_title(level.primary_title(message).id(finding.code.text()));
    let closing = finding.details.notes.iter().map(|note| (Level::NOTE, note)).chain(finding.help.iter().map(|h| (Level::HELP, h)));
    let Some(at) = &finding.at else {
        let lines: String = closing
            .map(|(level, text)| format!("\n  = {}: {}", if level == Level::HELP { "help" } else { "note" }, escape(text)))
            .collect();
        return format!("{}{lines}", renderer.render(&[group]));
    };
    let text = &at.source.text;
    let range = |span: &Span| {
        let start = text.floor_char_boundary(span.range.start);
        start..end_of_caret(text, start, span.range.end)
    };
    let mut snippet = Snippet::source(harmless(text)).path(escape_line(&at.source.name));
    let label = |text: &String| escape_line(text).into_owned();
    snippet = snippet.annotation(AnnotationKind::Primary.span(range(at)).label(finding.details.label.as_ref().map(label)));
    for (span, said) in finding.details.also.iter().filter(|(span, _)| span.source == at.source) {
        snippet = snippet.annotation(AnnotationKind::Context.span(range(span)).label(label(said)));
    }
    group = group.element(snippet);
    for (level, text) in closing {
        group = group.element(level.message(escape(text).into_owned()));
    }
    renderer.render(&[group])
}

/// A caret stays on the line it starts on.
fn end_of_caret(text: &str, start: usize, end: usize) -> usize {
    let line_end = text[start..].find('\n').map_or(text.len(), |n| start + n);
    let line_end = start + text[start..line_end].trim_end().len();
    end.clamp(start, line_end.max(start))
}
