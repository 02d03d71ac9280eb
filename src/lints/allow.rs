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
use crate::yaml::{Node, Source, Span, Value};

pub(super) const LINT: Lint = Lint { code: "TA601", severity: Severity::Error, doc: include_str!("allow.md"), check };

const UNTESTED_CLAUSE: &str = super::UNTESTED_CLAUSE.code;

const MARK: &str = "# trailarm: allow";
/// What people write when they mean it.
const NEARLY: [&str; 8] = [
    "#trailarm: allow",
    "# trailarm allow",
    "# trailarm:allow",
    "# trailarm: alow",
    "# trailarm: ignore",
    "# trailarm: disable",
    "# trailarm: allowed",
    "#trailarm:allow",
];

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
    for (source, unit) in sources(subject.units) {
        for (at, text) in comment_lines(source, unit) {
            let lower = text.to_lowercase();
            if NEARLY.iter().any(|near| lower.starts_with(near)) || (lower.starts_with(MARK) && !text.starts_with(MARK)) {
                let span = Span { source: Arc::clone(source), range: at..at + text.len() };
                reporter.say_as(
                    Severity::Warning,
                    &span,
                    "the comment allows nothing as it is written",
                    format!("write `{MARK} CODE the reason`"),
                );
            }
        }
    }
    for allowed in all_comments(subject.units) {
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

/// The findings that no comment allows, and a word on comments that allow nothing. Comments on clauses that
/// no test misses are the business of the tests.
pub(super) fn filter(units: &[Unit], findings: Vec<Finding>) -> Vec<Finding> {
    judged(&comments_on(units, |code| code != UNTESTED_CLAUSE), findings)
}

/// The same for what the tests have to say.
pub(crate) fn excused(unit: &Unit, findings: Vec<Finding>) -> Vec<Finding> {
    judged(&comments_on(std::slice::from_ref(unit), |code| code == UNTESTED_CLAUSE), findings)
}

/// The comments on what is deployed, with those of their codes that are wanted.
fn comments_on(units: &[Unit], wanted: impl Fn(&str) -> bool) -> Vec<Allowed> {
    let mut comments = all_comments(units);
    comments.retain(|comment| !units.iter().any(|unit| left_out(unit, comment)));
    comments.iter_mut().for_each(|comment| comment.codes.retain(|code| wanted(code)));
    comments.retain(|comment| !comment.codes.is_empty());
    comments
}

/// Whether a comment is about a filter that the chosen profile leaves out, of which nothing can be said.
fn left_out(unit: &Unit, comment: &Allowed) -> bool {
    let tree = &unit.ready.tree;
    if unit.is_left_out() && Arc::ptr_eq(&tree.span.source, &comment.span.source) {
        return true;
    }
    let begins = |node: Option<&Node>| node.filter(|n| Arc::ptr_eq(&n.span.source, &comment.span.source)).map(|n| n.span.range.start);
    let Some(first) = begins(tree.find("metric_filters.0")) else { return false };
    let keys = tree.entries().iter().map(|(key, _)| key.span.range.start);
    let end = keys.filter(|start| *start > first).min().unwrap_or(usize::MAX);
    let count = unit.ready.section.metric_filters.as_ref().map_or(0, Vec::len);
    let is_here = |i: &usize| begins(tree.find(&format!("metric_filters.{i}"))).is_some_and(|start| start <= comment.about.end);
    // The last entry that begins before what the comment is about ends.
    let entry = (0..count).filter(is_here).max().filter(|_| comment.about.start > first && comment.about.end <= end);
    entry.is_some_and(|i| !unit.filters.iter().any(|built| built.path == format!("metric_filters.{i}")))
}

fn judged(comments: &[Allowed], findings: Vec<Finding>) -> Vec<Finding> {
    let mut used = vec![false; comments.len()];
    let mut left = Vec::new();
    for finding in findings {
        let by = comments.iter().position(|comment| comment.allows(&finding));
        match by {
            Some(i) => used[i] = true,
            None => left.push(finding),
        }
    }
    let idle = comments.iter().zip(used).filter(|(comment, used)| {
        !used && comment.has_reason && !comment.codes.is_empty() && comment.codes.iter().all(|code| lint(code).is_some())
    });
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
fn sources(units: &[Unit]) -> Vec<(&Arc<Source>, &Unit)> {
    let mut seen = BTreeMap::new();
    for unit in units {
        let source = &unit.ready.tree.span.source;
        seen.entry(source.name.as_str()).or_insert((source, unit));
    }
    seen.into_values().collect()
}

fn all_comments(units: &[Unit]) -> Vec<Allowed> {
    sources(units).into_iter().flat_map(|(source, unit)| comments(source, comment_lines(source, unit))).collect()
}

/// Comments of a file that begin so as to be of interest: where they begin, and their text. What stands
/// inside a quoted or block text is none.
fn comment_lines<'a>(source: &'a Arc<Source>, unit: &Unit) -> Vec<(usize, &'a str)> {
    let mut texts = Vec::new();
    scalars(&unit.ready.tree, source, &mut texts);
    let (mut out, mut start) = (Vec::new(), 0);
    for line in source.text.split_inclusive('\n') {
        let is_comment = |at: &usize| line[..*at].is_empty() || line[..*at].ends_with([' ', '\t']);
        let found =
            line.match_indices('#').map(|(at, _)| at).filter(is_comment).find(|at| !texts.iter().any(|text| text.contains(&(start + at))));
        out.extend(found.map(|at| (start + at, line[at..].trim_end())));
        start += line.len();
    }
    out
}

/// The places of all texts of a file.
fn scalars(node: &Node, source: &Arc<Source>, out: &mut Vec<Range<usize>>) {
    match &node.value {
        Value::Scalar { .. } if Arc::ptr_eq(&node.span.source, source) => out.push(node.span.range.clone()),
        Value::Scalar { .. } | Value::Null => {}
        Value::List(items) => items.iter().for_each(|item| scalars(item, source, out)),
        Value::Map(entries) => entries.iter().for_each(|(_, value)| scalars(value, source, out)),
    }
}

/// The comments that allow something.
fn comments(source: &Arc<Source>, lines: Vec<(usize, &str)>) -> Vec<Allowed> {
    let allowed = |(at, text): (usize, &str)| {
        let (codes, has_reason) = codes_and_reason(text.strip_prefix(MARK)?.trim());
        let begin = source.text[..at].rfind('\n').map_or(0, |n| n + 1);
        let end = source.text[at..].find('\n').map_or(source.text.len(), |n| at + n + 1);
        let is_alone = source.text[begin..at].trim().is_empty();
        let about = if is_alone { below(&source.text, end) } else { begin..end };
        let span = Span { source: Arc::clone(source), range: at..at + text.len() };
        Some(Allowed { span, codes, has_reason, about })
    };
    lines.into_iter().filter_map(allowed).collect()
}

/// `TA402, TA304 the reason`.
fn codes_and_reason(text: &str) -> (Vec<String>, bool) {
    let mut codes = Vec::new();
    let mut words = text.split_whitespace().peekable();
    let code = |word: &&str| {
        Some(word.trim_end_matches(',').to_uppercase()).filter(|w| w.strip_prefix("TA").is_some_and(|n| n.parse::<u32>().is_ok()))
    };
    while let Some(code) = words.peek().and_then(code) {
        codes.push(code);
        words.next();
    }
    (codes, words.next().is_some())
}

/// The entry that begins at or after an offset: its line and those indented deeper. The whole file,
/// when nothing but comments stands before it.
fn below(text: &str, from: usize) -> Range<usize> {
    let is_content =
        |line: &str| !line.trim().is_empty() && !line.trim_start().starts_with('#') && !line.starts_with("---") && !line.starts_with('%');
    if !text[..from].lines().any(is_content) {
        return 0..text.len();
    }
    let indent = |line: &str| line.len() - line.trim_start_matches(' ').len();
    let mut end = from;
    // Indent of the entry, and whether it is a key: the items of its list may stand at the same indent.
    let mut own: Option<(usize, bool)> = None;
    for line in text[from..].split_inclusive('\n') {
        let is_item = line.trim_start().starts_with("- ");
        match own {
            None if is_content(line) => own = Some((indent(line), !is_item)),
            Some((own, is_key)) if !line.trim().is_empty() && indent(line) <= own && !(is_key && is_item && indent(line) == own) => break,
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
        let text = "# head\na: 1 # trailarm: allow TA402 one line\n# trailarm: allow ta304, TA303 the entry\nb:\n- c: 1\n\n- d: 2\ne: 3\n  # trailarm: allow\n";
        let source = Arc::new(Source { name: "x".to_owned(), text: text.to_owned() });
        let lines = |text: &'static str| {
            text.match_indices("# trailarm").map(|(at, _)| (at, text[at..].lines().next().unwrap_or_default())).collect()
        };
        let found: Vec<_> =
            comments(&source, lines(text)).iter().map(|a| (a.codes.join(" "), a.has_reason, text[a.about.clone()].to_owned())).collect();
        assert_eq!(
            found,
            [
                ("TA402".to_owned(), true, "a: 1 # trailarm: allow TA402 one line\n".to_owned()),
                ("TA304 TA303".to_owned(), true, "b:\n- c: 1\n\n- d: 2\n".to_owned()),
                (String::new(), false, String::new()),
            ]
        );
        let text = "---\n# trailarm: allow TA402 CIS text\na: 1\nb: 2\n";
        let source = Arc::new(Source { name: "x".to_owned(), text: text.to_owned() });
        assert_eq!(comments(&source, lines(text))[0].about, 0..source.text.len());
    }
}
