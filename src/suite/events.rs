//! A test on events: does one of the detection's filters match, and what does it add to the metric.

use std::sync::Arc;

use filter_pattern::{Doubt, Explanation, Extracted, Note, Reason, Source as ValueSource, Verdict};

use super::{Case, Expected, failure};
use crate::detection::{BuiltFilter, Unit, belongs};
use crate::finding::{Code, Finding};
use crate::report::on_lines;
use crate::state::NO_ACCOUNT;
use crate::wording;
use crate::yaml::{Source, Span};

/// Failures told of one test; a file may hold thousands of events.
const MOST_FAILURES: usize = 5;

/// What does not hold.
pub(super) fn check(unit: &Unit, case: &Case, events: &[String], matches: bool, value: Option<f64>) -> Vec<Finding> {
    let check = Check { unit, case, filters: of_profile(unit, case.profile.as_deref()), several: events.len() > 1 };
    let failures = events.iter().enumerate().flat_map(|(i, event)| check.one(i, event, matches, value));
    failures.take(MOST_FAILURES).collect()
}

/// Whether the test holds with another filter in the place of one of the detection's.
pub(super) fn holds_with(unit: &Unit, case: &Case, changed: &BuiltFilter, by: &BuiltFilter) -> bool {
    let Expected::Events { events, matches, value } = &case.expected else { return true };
    let mut filters = of_profile(unit, case.profile.as_deref());
    filters.iter_mut().filter(|built| std::ptr::eq(**built, changed)).for_each(|built| *built = by);
    let check = Check { unit, case, filters, several: false };
    events.iter().enumerate().all(|(i, event)| check.one(i, event, *matches, *value).is_empty())
}

/// The filters that a test looks at.
pub(super) fn of_profile<'a>(unit: &'a Unit, profile: Option<&str>) -> Vec<&'a BuiltFilter> {
    unit.filters.iter().filter(|built| belongs(built.profiles.as_deref(), profile)).collect()
}

struct Check<'a> {
    unit: &'a Unit,
    case: &'a Case,
    filters: Vec<&'a BuiltFilter>,
    several: bool,
}

impl Check<'_> {
    fn one(&self, number: usize, event: &str, matches: bool, value: Option<f64>) -> Vec<Finding> {
        let verdicts: Vec<Verdict> = self.filters.iter().map(|built| built.pattern.eval(event)).collect();
        let is_match = verdicts.contains(&Verdict::Match);
        let doubtful = verdicts
            .iter()
            .enumerate()
            .find_map(|(i, verdict)| if let Verdict::Uncertain(doubt) = verdict { Some((i, doubt)) } else { None });
        let which = if self.several { format!("event {} ", number + 1) } else { String::new() };
        match (is_match, doubtful) {
            (true, _) if !matches => {
                let i = verdicts.iter().position(Verdict::is_match).unwrap_or(0);
                vec![self.wrong(i, event, format!("{which}matches, and should not"), NARROW)]
            }
            // Where one filter matches, a doubt of another only matters for what they add together.
            (_, Some((i, doubt))) if !is_match || value.is_some() => vec![self.uncertain(i, event, doubt, &which)],
            (true, _) => value.map(|value| self.value(event, &verdicts, value, &which)).unwrap_or_default(),
            (false, _) if matches => {
                (0..self.filters.len()).map(|i| self.wrong(i, event, format!("{which}does not match, and should"), WIDEN)).collect()
            }
            (false, _) => Vec::new(),
        }
    }

    fn title(&self, message: &str) -> Finding {
        let (line, _) = self.case.at.line_column();
        let finding = failure(self.unit, self.case, Code::TestFailed, message);
        finding.note(format!("the test is in {}:{line}", self.case.at.source.name))
    }

    /// The pattern with the deciding conditions marked, each with what the event has there.
    fn wrong(&self, i: usize, event: &str, message: String, help: &str) -> Finding {
        let built = self.filters[i];
        let Explanation { reasons, .. } = built.pattern.explain(event);
        let mut finding = self.title(&message).help(help);
        let mut places = self.places(built, &reasons).into_iter().zip(reasons.iter().map(label));
        if let Some((at, label)) = places.next() {
            finding = finding.at(&at).label(label);
        }
        finding.details.also.extend(places.take(7));
        if built.filter.pattern.contains(NO_ACCOUNT) {
            finding = finding.note(format!("`${{account_id}}` is {NO_ACCOUNT} in tests: write `${{account_id}}` in the event as well"));
        }
        if self.filters.len() > 1 {
            finding = finding.note(format!("this is the pattern of the filter {}", built.filter.name));
        }
        finding
    }

    fn uncertain(&self, i: usize, event: &str, doubt: &Doubt, which: &str) -> Finding {
        let question = wording::open_question(doubt.rule);
        let mut finding = self.wrong(i, event, format!("{which}is uncertain: {question}"), doubt.rule.rewrite());
        finding.code = Code::Uncertain;
        finding.note(format!("its readings are: {}", wording::readings(doubt)))
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
        for (built, _) in self.filters.iter().zip(verdicts).filter(|(_, verdict)| verdict.is_match()) {
            let said = &built.filter.metric_value;
            let at = self.unit.ready.tree.locate(&format!("{}.value", built.path));
            let fail = |message: String, help: &str| vec![self.title(&format!("{which}{message}")).at(&at).help(help)];
            match ValueSource::parse(said).map(|source| source.extract(&built.pattern, event)) {
                Ok(Extracted::Number(number)) => sum += number,
                Ok(Extracted::Text(text)) => {
                    let message = format!("matches, and has the text \"{}\" at {said}, not a number", wording::cut(&text));
                    return fail(message, "no source says whether CloudWatch takes the number of a text; select a field that is a number");
                }
                Ok(Extracted::Missing) => {
                    let help = "select a field that each matching event has, or demand it in the pattern";
                    return fail(format!("matches, and has no number at {said}"), help);
                }
                Ok(Extracted::Uncertain(rule)) => {
                    return fail(format!("is uncertain: {}", wording::open_question(rule)), rule.rewrite());
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

const NARROW: &str = "add a condition that excludes the event, or correct the test";
const WIDEN: &str = "change the marked conditions, or correct the event in the test";

/// What stands at a condition that decides.
fn label(reason: &Reason) -> String {
    match (&reason.found, reason.note) {
        (None, Some(note @ (Note::Malformed(_) | Note::Trailing(_) | Note::NoObject | Note::TooFewFields))) => note.to_string(),
        // A pattern that decides as a whole has no place in the event.
        (None, None) if reason.span.start == 0 => String::new(),
        _ => format!("the event has {}", wording::found(reason)),
    }
}
