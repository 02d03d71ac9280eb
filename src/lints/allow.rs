//! TA601: `# trailarm: allow CODE reason`, and what is wrong with such comments
//!
//! A comment behind something allows what is said of its line; a comment on a line of its own what
//! is said of the entry below it, with all that is indented deeper; before the first key of the
//! file, what is said of the whole file.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use super::{LINTS, Lint, Reporter, Subject, lint};
use crate::detection::Unit;
use crate::finding::{Code, Finding, Severity, suggest};
use crate::yaml::{Source, Span};

pub(super) const LINT: Lint = Lint { code: "TA601", severity: Severity::Error, doc: include_str!("allow.md"), check };

const MARK: &str = "# trailarm: allow";

/// One comment.
struct Allowed {
    /// The comment itself.
    span: Span,
    codes: Vec<String>,
    has_reason: bool,
    /// The bytes of the file it is about.
    about: Range<usize>,
}

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for allowed in sources(subject.units).values().flat_map(|source| comments(source)) {
        let unknown = allowed.codes.iter().find(|code| lint(code).is_none());
        if let Some(code) = unknown {
            let help = if code.starts_with("TA") && code.len() == 5 && crate::finding::CODES.iter().any(|(_, text)| text == code) {
                format!("{code} is an error of the definition, which cannot be allowed")
            } else {
                suggest(code, LINTS.iter().map(|lint| lint.code))
            };
            reporter.say(&allowed.span, format!("no lint has the code `{code}`"), help);
        } else if allowed.codes.is_empty() {
            reporter.say(&allowed.span, "the comment names no code", "write `# trailarm: allow TA402 the reason`");
        } else if !allowed.has_reason {
            let help = format!("write it behind the code: `# trailarm: allow {} …`", allowed.codes.join(", "));
            reporter.say(&allowed.span, "the reason is missing", help);
        }
    }
}

/// The findings that no comment allows, and a word on comments that allow nothing.
pub(super) fn filter(units: &[Unit], findings: Vec<Finding>) -> Vec<Finding> {
    let comments: Vec<Allowed> = sources(units).values().flat_map(|source| comments(source)).collect();
    let mut used = vec![false; comments.len()];
    let mut left = Vec::new();
    for finding in findings {
        let by = comments.iter().position(|comment| comment.allows(&finding));
        match by {
            Some(i) => used[i] = true,
            None => left.push(finding),
        }
    }
    let idle = comments
        .iter()
        .zip(used)
        .filter(|(comment, used)| !used && comment.has_reason && comment.codes.iter().all(|code| lint(code).is_some()));
    left.extend(idle.map(|(comment, _)| {
        let finding = Finding {
            severity: Severity::Warning,
            ..Finding::error(Code::Lint(LINT.code), "the comment allows nothing that would be said")
        };
        finding.at(&comment.span).help("remove it, or move it to the line it is about")
    }));
    left
}

impl Allowed {
    fn allows(&self, finding: &Finding) -> bool {
        let here = finding.at.as_ref().is_some_and(|at| Arc::ptr_eq(&at.source, &self.span.source) && self.about.contains(&at.range.start));
        here && self.has_reason && self.codes.iter().any(|code| code == finding.code.text()) && finding.code.text() != LINT.code
    }
}

/// The files of the detections, each once.
fn sources(units: &[Unit]) -> BTreeMap<&str, &Arc<Source>> {
    units.iter().map(|unit| &unit.ready.tree.span.source).map(|source| (source.name.as_str(), source)).collect()
}

/// All comments of a file.
fn comments(source: &Arc<Source>) -> Vec<Allowed> {
    let mut out = Vec::new();
    let mut start = 0;
    for line in source.text.split_inclusive('\n') {
        if let Some(at) = line.find(MARK).filter(|at| line[..*at].is_empty() || line[..*at].ends_with([' ', '\t'])) {
            let text = line[at..].trim_end();
            let (codes, has_reason) = codes_and_reason(text[MARK.len()..].trim());
            let is_alone = line[..at].trim().is_empty();
            let about = if is_alone { below(&source.text, start + line.len()) } else { start..start + line.len() };
            let span = Span { source: Arc::clone(source), range: start + at..start + at + text.len() };
            out.push(Allowed { span, codes, has_reason, about });
        }
        start += line.len();
    }
    out
}

/// `TA402, TA304 the reason`.
fn codes_and_reason(text: &str) -> (Vec<String>, bool) {
    let mut codes = Vec::new();
    let mut words = text.split_whitespace().peekable();
    while let Some(word) =
        words.next_if(|word| word.starts_with("TA") && word.trim_end_matches(',').chars().skip(2).all(|c| c.is_ascii_digit()))
    {
        codes.push(word.trim_end_matches(',').to_owned());
    }
    (codes, words.next().is_some())
}

/// The entry that begins at or after an offset: its line and those indented deeper. The whole file,
/// when nothing but comments stands before it.
fn below(text: &str, from: usize) -> Range<usize> {
    let is_content = |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    if !text[..from].lines().any(is_content) {
        return 0..text.len();
    }
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let mut end = from;
    let mut own: Option<usize> = None;
    for line in text[from..].split_inclusive('\n') {
        match own {
            None if is_content(line) => own = Some(indent(line)),
            Some(own) if !line.trim().is_empty() && indent(line) <= own => break,
            _ => {}
        }
        end += line.len();
    }
    from..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_comment_is_about() {
        let text = "# head\na: 1 # trailarm: allow TA402 one line\n# trailarm: allow TA304, TA303 the entry\nb:\n  c: 1\n\n  d: 2\ne: 3\n  # trailarm: allow\n";
        let source = Arc::new(Source { name: "x".to_owned(), text: text.to_owned() });
        let found: Vec<_> = comments(&source).iter().map(|a| (a.codes.join(" "), a.has_reason, text[a.about.clone()].to_owned())).collect();
        assert_eq!(
            found,
            [
                ("TA402".to_owned(), true, "a: 1 # trailarm: allow TA402 one line\n".to_owned()),
                ("TA304 TA303".to_owned(), true, "b:\n  c: 1\n\n  d: 2\n".to_owned()),
                (String::new(), false, String::new()),
            ]
        );
        let source = Arc::new(Source { name: "x".to_owned(), text: "# trailarm: allow TA402 CIS text\na: 1\nb: 2\n".to_owned() });
        assert_eq!(comments(&source)[0].about, 0..source.text.len());
    }
}
