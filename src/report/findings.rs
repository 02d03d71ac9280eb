//! Findings as rustc draws its errors: file, line, column, caret, next step.

use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

use super::escape;
use super::escape::{escape_line, harmless};
use crate::finding::{Finding, Severity};

/// Writes all findings, each once, then how many there are.
///
/// # Errors
/// The stream cannot be written.
pub fn findings(findings: &[Finding], out: &mut impl Write) -> io::Result<()> {
    let renderer = Renderer::styled();
    for finding in findings {
        writeln!(out, "{}\n", draw(finding, &renderer))?;
    }
    let errors = findings.iter().filter(|f| f.severity == Severity::Error).count();
    match errors {
        0 => Ok(()),
        1 => writeln!(out, "1 error"),
        n => writeln!(out, "{n} errors"),
    }
}

fn draw(finding: &Finding, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let message = escape(&finding.message).into_owned();
    let mut group = annotate_snippets::Group::with_title(level.primary_title(message).id(finding.code.text()));
    let Some(at) = &finding.at else {
        let help = finding.help.as_ref().map(|h| format!("\n  = help: {}", escape(h))).unwrap_or_default();
        return format!("{}{help}", renderer.render(&[group]));
    };
    let start = at.source.text.floor_char_boundary(at.range.start);
    let end = end_of_caret(&at.source.text, start, at.range.end);
    let snippet = Snippet::source(harmless(&at.source.text)).path(escape_line(&at.source.name));
    group = group.element(snippet.annotation(AnnotationKind::Primary.span(start..end)));
    let help = finding.help.as_ref().filter(|h| !h.is_empty()).map(|h| escape(h).into_owned());
    if let Some(help) = help {
        group = group.element(Level::HELP.message(help));
    }
    renderer.render(&[group])
}

/// A caret stays on the line it starts on.
fn end_of_caret(text: &str, start: usize, end: usize) -> usize {
    let line_end = text[start..].find('\n').map_or(text.len(), |n| start + n);
    let line_end = start + text[start..line_end].trim_end().len();
    end.clamp(start, line_end.max(start))
}
