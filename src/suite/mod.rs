//! The tests inside detections: what they say, and whether it holds.

mod cases;
mod events;
mod live;
mod mutations;
mod periods;

use globset::GlobMatcher;

pub use cases::{Case, Expected};
pub use live::{Question, compare, questions, refused};

use crate::detection::Unit;
use crate::finding::{Code, Finding};
use crate::yaml::Span;

/// Detections with their tests, read.
pub struct Suite<'a> {
    tested: Vec<(&'a Unit, Vec<Case>)>,
}

/// A test and what came of it.
#[derive(Debug)]
pub struct TestResult {
    /// Of the detection.
    pub address: String,
    pub name: String,
    pub at: Span,
    /// Empty: it passed.
    pub failures: Vec<Finding>,
}

impl TestResult {
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

impl<'a> Suite<'a> {
    /// Reads the tests of all detections that the glob names.
    ///
    /// # Errors
    /// What is wrong with the tests themselves: files that cannot be read, a test that asserts nothing.
    pub fn load(units: impl IntoIterator<Item = &'a Unit>, only: Option<&GlobMatcher>) -> Result<Self, Vec<Finding>> {
        let (mut tested, mut problems) = (Vec::new(), Vec::new());
        for unit in units.into_iter().filter(|unit| only.is_none_or(|glob| glob.is_match(&unit.ready.address))) {
            match cases::cases(unit) {
                Ok(cases) => tested.push((unit, cases)),
                Err(more) => problems.extend(more),
            }
        }
        if problems.is_empty() { Ok(Self { tested }) } else { Err(problems) }
    }

    /// Runs all tests.
    pub fn run(&self) -> Vec<TestResult> {
        self.tested.iter().flat_map(|(unit, cases)| cases.iter().map(|case| run_one(unit, case))).collect()
    }

    /// For each detection with a filter: whether its tests hold both an event that matches and one that does not.
    pub fn completeness(&self) -> Vec<TestResult> {
        self.tested.iter().filter(|(unit, _)| !unit.filters.is_empty()).map(|(unit, cases)| complete(unit, cases)).collect()
    }
}

/// The events of a detection's tests that match.
///
/// # Errors
/// What is wrong with the tests.
pub fn matching_events(unit: &Unit) -> Result<Vec<String>, Vec<Finding>> {
    let matching = |case: Case| match case.expected {
        Expected::Events { events, matches: true, .. } => events,
        _ => Vec::new(),
    };
    Ok(cases::cases(unit)?.into_iter().flat_map(matching).collect())
}

fn run_one(unit: &Unit, case: &Case) -> TestResult {
    let failures = match &case.expected {
        Expected::Events { events, matches, value } => events::check(unit, case, events, *matches, *value),
        Expected::Periods { evaluation, points, alarm_at } => periods::check(unit, case, evaluation, points, alarm_at),
    };
    TestResult { address: unit.ready.address.clone(), name: case.name.clone(), at: case.at.clone(), failures }
}

fn complete(unit: &Unit, cases: &[Case]) -> TestResult {
    let has = |wanted: bool| cases.iter().any(|case| matches!(&case.expected, Expected::Events { matches, .. } if *matches == wanted));
    let needed = [(true, "an event that matches"), (false, "an event that does not")];
    let missing: Vec<&str> = needed.into_iter().filter(|(matches, _)| !has(*matches)).map(|(_, what)| what).collect();
    let at = unit.ready.tree.locate("tests");
    let message = format!("{}: no test with {}", unit.ready.address, missing.join(" and none with "));
    let help = "add one under `tests:`; a near miss shows what the pattern leaves out";
    let finding = Finding::error(Code::TestIncomplete, message).at(&at).help(help);
    let failures = if missing.is_empty() { Vec::new() } else { vec![finding] };
    TestResult { address: unit.ready.address.clone(), name: "has a match and a near miss".to_owned(), at, failures }
}

/// What every failure of a test begins with.
fn failure(unit: &Unit, case: &Case, code: Code, message: &str) -> Finding {
    Finding::error(code, format!("{}: \"{}\": {message}", unit.ready.address, case.name))
}
