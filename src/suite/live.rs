//! The events of all tests as questions to AWS (TestMetricFilter), and its answers beside ours.

use std::collections::BTreeMap;

use filter_pattern::{Pattern, Verdict};

use super::events::of_profile;
use super::{Expected, Suite, TestResult};
use crate::finding::{Code, Finding};
use crate::wording;
use crate::yaml::Span;

/// An event of a test.
pub struct Question {
    address: String,
    test: String,
    at: Span,
    pub event: String,
}

/// The events of all tests, by the text of the pattern.
pub fn questions<'a>(suite: &Suite<'a>) -> BTreeMap<&'a str, (&'a Pattern, Vec<Question>)> {
    let mut questions: BTreeMap<&str, (&Pattern, Vec<Question>)> = BTreeMap::new();
    for (unit, cases) in &suite.tested {
        for case in cases {
            let Expected::Events { events, .. } = &case.expected else { continue };
            for built in of_profile(unit, case.profile.as_deref()) {
                let (_, known) = questions.entry(&built.filter.pattern).or_insert((&built.pattern, Vec::new()));
                known.extend(events.iter().map(|event| Question {
                    address: unit.ready.address.clone(),
                    test: case.name.clone(),
                    at: case.at.clone(),
                    event: event.clone(),
                }));
            }
        }
    }
    questions
}

/// One event: the two must say the same of `text`, which was read as `pattern`. Where ours is in doubt, AWS's answer is news.
pub fn compare(text: &str, pattern: &Pattern, question: Question, answer: bool) -> TestResult {
    let ours = pattern.eval(&question.event);
    let theirs = Verdict::from_bool(answer);
    if ours == theirs {
        return result(question, None);
    }
    let message = format!("AWS says {}, trailarm says {}", wording::verdict(&theirs), wording::verdict(&ours));
    let finding = told(&question, &message).note(format!("pattern: {text}")).note(format!("event: {}", question.event));
    result(question, Some(finding.help("please report it, with pattern and event: the engine is to say what AWS says")))
}

/// A pattern that AWS refuses, and the engine takes.
pub fn refused(pattern: &str, question: Question, reason: &str) -> TestResult {
    let finding = told(&question, &format!("AWS refuses the pattern: {reason}")).note(format!("pattern: {pattern}"));
    result(question, Some(finding.help("please report it: the engine is to refuse what AWS refuses")))
}

fn told(question: &Question, message: &str) -> Finding {
    Finding::error(Code::TestFailed, format!("{}: \"{}\": {message}", question.address, question.test)).at(&question.at)
}

fn result(question: Question, failure: Option<Finding>) -> TestResult {
    let name = format!("{} (as AWS says)", question.test);
    TestResult { address: question.address, name, at: question.at, failures: failure.into_iter().collect() }
}
