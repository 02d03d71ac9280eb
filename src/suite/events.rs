//! A test on events: does one of the detection's filters match, and what does it add to the metric.

use std::sync::Arc;

use filter_pattern::{Explanation, Extracted, Pattern, Reason, Source as ValueSource, Verdict};

use super::Case;
use crate::detection::{BuiltFilter, Unit};
use crate::finding::{Code, Finding};
use crate::report::{cut, said};
use crate::yaml::{Source, Span};

/// Failures told of one test; a file may hold thousands of events.
const MOST_FAILURES: usize = 5;

/// What does not hold.
pub(super) fn check(unit: &Unit, case: &Case, events: &[String], matches: bool, value: Option<f64>) -> Vec<Finding> {
    let patterns: Vec<(&BuiltFilter, Pattern)> =
        unit.filters.iter().filter_map(|built| Some((built, Pattern::parse(&built.filter.pattern).ok()?))).collect();
    let check = Check { unit, case, patterns, several: events.len() > 1 };
    let failures = events.iter().enumerate().flat_map(|(i, event)| check.one(i, event, matches, value));
    failures.take(MOST_FAILURES).collect()
}

struct Check<'a> {
    unit: &'a Unit,
    case: &'a Case,
    patterns: Vec<(&'a BuiltFilter, Pattern)>,
    several: bool,
}

impl Check<'_> {
    fn one(&self, number: usize, event: &str, matches: bool, value: Option<f64>) -> Vec<Finding> {
        let verdicts: Vec<Verdict> = self.patterns.iter().map(|(_, pattern)| pattern.eval(event)).collect();
        let is_match = verdicts.contains(&Verdict::Match);
        let doubtful = verdicts.iter().position(|verdict| matches!(verdict, Verdict::Uncertain(_)));
        let which = if self.several { format!("event {number} ") } else { String::new() };
        match (is_match, doubtful) {
            (false, Some(i)) => vec![self.uncertain(i, event, &verdicts[i], &which)],
            (true, _) if !matches => {
                let i = verdicts.iter().position(Verdict::is_match).unwrap_or(0);
                vec![self.wrong(i, event, format!("{which}matches, and should not"), NARROW)]
            }
            (false, None) if matches => {
                (0..self.patterns.len()).map(|i| self.wrong(i, event, format!("{which}does not match, and should"), WIDEN)).collect()
            }
            (true, _) => value.map(|value| self.value(event, &verdicts, value, &which)).unwrap_or_default(),
            (false, None) => Vec::new(),
        }
    }

    fn title(&self, message: &str) -> Finding {
        let name = &self.case.name;
        let finding = Finding::error(Code::TestFailed, format!("{}: \"{name}\": {message}", self.unit.ready.address));
        let (line, _) = self.case.at.line_column();
        finding.note(format!("the test is in {}:{line}", self.case.at.source.name))
    }

    /// The pattern with the deciding conditions marked, each with what the event has there.
    fn wrong(&self, i: usize, event: &str, message: String, help: &str) -> Finding {
        let (built, pattern) = &self.patterns[i];
        let Explanation { reasons, .. } = pattern.explain(event);
        let mut finding = self.title(&message).help(help);
        let mut places = self.places(built, &reasons).into_iter().zip(reasons.iter().map(label));
        if let Some((at, label)) = places.next() {
            finding = finding.at(&at).label(label);
        }
        finding.details.also.extend(places.take(7));
        if self.patterns.len() > 1 {
            finding = finding.note(format!("this is the pattern of the filter {}", built.filter.name));
        }
        finding
    }

    fn uncertain(&self, i: usize, event: &str, verdict: &Verdict, which: &str) -> Finding {
        let Verdict::Uncertain(doubt) = verdict else { return self.wrong(i, event, said(verdict), "") };
        let question = doubt.rule.question();
        let readings: Vec<String> =
            doubt.readings.iter().map(|(reading, matches)| format!("{reading}: {}", if *matches { "match" } else { "no match" })).collect();
        let mut finding =
            self.wrong(i, event, format!("{which}is uncertain: AWS does not say how it reads {question}"), doubt.rule.rewrite());
        finding.code = Code::Uncertain;
        finding.note(format!("its readings are: {}", readings.join("; ")))
    }

    /// The conditions in the file, if all of them are written there, else in the pattern as it is deployed.
    fn places(&self, built: &BuiltFilter, reasons: &[Reason]) -> Vec<Span> {
        let written = reasons.iter().map(|reason| self.unit.place(built, reason.span.clone())).collect::<Option<Vec<_>>>();
        let source = Arc::new(Source { name: format!("pattern of {}", built.filter.name), text: on_lines(&built.filter.pattern) });
        let deployed = |reason: &Reason| Span { source: Arc::clone(&source), range: reason.span.clone() };
        written.unwrap_or_else(|| reasons.iter().map(deployed).collect())
    }

    /// What the filters that match add to the metric, together.
    fn value(&self, event: &str, verdicts: &[Verdict], expected: f64, which: &str) -> Vec<Finding> {
        let mut sum = 0.0;
        for ((built, pattern), _) in self.patterns.iter().zip(verdicts).filter(|(_, verdict)| verdict.is_match()) {
            let said = &built.filter.metric_value;
            let at = self.unit.ready.tree.locate(&format!("{}.value", built.path));
            let fail = |message: String, help: &str| vec![self.title(&format!("{which}{message}")).at(&at).help(help)];
            match ValueSource::parse(said).map(|source| source.extract(pattern, event)) {
                Ok(Extracted::Number(number)) => sum += number,
                Ok(Extracted::Text(text)) => {
                    let message = format!("matches, and has the text \"{}\" at {said}, not a number", cut(&text));
                    return fail(message, "no source says whether CloudWatch takes the number of a text; select a field that is a number");
                }
                Ok(Extracted::Missing) => {
                    let help = "select a field that each matching event has, or demand it in the pattern";
                    return fail(format!("matches, and has no value at {said}"), help);
                }
                Err(error) => return fail(format!("`{said}` is {error}"), error.hint().unwrap_or_default()),
            }
        }
        if (sum - expected).abs() <= f64::EPSILON * expected.abs().max(1.0) {
            return Vec::new();
        }
        let filters = verdicts.iter().filter(|verdict| verdict.is_match()).count();
        let by = if filters > 1 { format!(", counted by {filters} filters") } else { String::new() };
        vec![
            self.title(&format!("{which}adds {sum} to the metric{by}, expected {expected}"))
                .at(&self.case.at)
                .help("correct `value:` of the filter, or of the test"),
        ]
    }
}

/// A deployed pattern is one long line: a line break in the place of the blank before each outer `&&`
/// and `||` leaves all offsets as they are.
fn on_lines(pattern: &str) -> String {
    let (mut depth, mut quoted, mut out) = (0_usize, false, String::with_capacity(pattern.len()));
    for (i, c) in pattern.char_indices() {
        match c {
            '"' => quoted = !quoted || pattern[..i].ends_with('\\'),
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        let breaks = c == ' ' && depth == 0 && !quoted && (pattern[i + 1..].starts_with("&& ") || pattern[i + 1..].starts_with("|| "));
        out.push(if breaks { '\n' } else { c });
    }
    out
}

const NARROW: &str = "add a condition that excludes the event, or correct the test";
const WIDEN: &str = "change the marked conditions, or correct the event in the test";

/// What stands at a condition that decides.
fn label(reason: &Reason) -> String {
    let found = match &reason.found {
        Some(found) => format!("the event has {}", cut(found)),
        None if reason.note.as_deref().is_some_and(|note| note.starts_with("the message")) => String::new(),
        None => "the event has nothing here".to_owned(),
    };
    match (&reason.note, found.is_empty()) {
        (Some(note), true) => note.clone(),
        (Some(note), false) => format!("{found}; {note}"),
        (None, _) => found,
    }
}
