//! `trailarm test --live`: AWS's own evaluation beside ours, event by event.

use std::collections::BTreeMap;

use filter_pattern::{Pattern, Verdict};
use globset::GlobMatcher;

use super::args::Aws;
use super::definitions::Set;
use super::failure::Failure;
use crate::account::aws::{AwsAccount, Connection};
use crate::detection::Unit;
use crate::finding::{Code, Finding};
use crate::report::said;
use crate::suite::{Case, Expected, TestResult, cases};
use crate::yaml::Span;

/// The events of all tests, by pattern: AWS takes 50 of them a call.
#[derive(Default)]
struct Questions(BTreeMap<String, Vec<Question>>);

struct Question {
    address: String,
    test: String,
    at: Span,
    event: String,
}

/// Asks about every event of every test.
pub(super) async fn ask(sets: &[Set], only: Option<&GlobMatcher>, aws: &Aws) -> Result<Vec<TestResult>, Failure> {
    let connection = Connection { profile: aws.profile.clone(), region: aws.region.clone(), endpoint_url: aws.endpoint_url.clone() };
    let account = AwsAccount::connect(&connection).await?;
    let mut questions = Questions::default();
    let wanted = |unit: &&Unit| only.is_none_or(|glob| glob.is_match(&unit.ready.address));
    for unit in sets.iter().flat_map(|set| &set.units).filter(wanted) {
        for case in cases(unit)? {
            questions.add(unit, &case);
        }
    }
    let mut results = Vec::new();
    for (text, questions) in questions.0 {
        let Ok(pattern) = Pattern::parse(&text) else { continue };
        let events: Vec<&str> = questions.iter().map(|question| question.event.as_str()).collect();
        let answers = account.test_metric_filter(&text, &events).await?;
        results.extend(questions.into_iter().zip(answers).map(|(question, answer)| compare(&pattern, question, answer)));
    }
    Ok(results)
}

impl Questions {
    fn add(&mut self, unit: &Unit, case: &Case) {
        let Expected::Events { events, .. } = &case.expected else { return };
        for built in &unit.filters {
            let known = self.0.entry(built.filter.pattern.clone()).or_default();
            known.extend(events.iter().map(|event| Question {
                address: unit.ready.address.clone(),
                test: case.name.clone(),
                at: case.at.clone(),
                event: event.clone(),
            }));
        }
    }
}

/// One event: the two must say the same. Where ours is in doubt, AWS's answer is news.
fn compare(pattern: &Pattern, question: Question, answer: bool) -> TestResult {
    let ours = pattern.eval(&question.event);
    let theirs = Verdict::from_bool(answer);
    let differs = ours != theirs;
    let message = format!("{}: \"{}\": AWS says {}, trailarm says {}", question.address, question.test, said(&theirs), said(&ours));
    let help = "please report it, with pattern and event: the engine is to say what AWS says";
    let finding = Finding::error(Code::TestFailed, message).at(&question.at).note(format!("pattern: {pattern}")).help(help);
    let failures = if differs { vec![finding] } else { Vec::new() };
    TestResult { address: question.address, name: format!("{} (as AWS says)", question.test), at: question.at, failures }
}
