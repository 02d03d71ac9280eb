//! The tests inside detections: what they say, and whether it holds.

mod cases;
mod events;
mod periods;

use globset::GlobMatcher;

pub use cases::{Case, Expected, cases};

use crate::detection::Unit;
use crate::finding::{Code, Finding};
use crate::yaml::Span;

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

/// What is wrong with the tests themselves: files that cannot be read, a test that asserts nothing.
pub fn problems(units: &[Unit]) -> Vec<Finding> {
    units.iter().filter_map(|unit| cases(unit).err()).flatten().collect()
}

/// Runs the tests of all detections that the glob names.
///
/// # Errors
/// What is wrong with the tests themselves.
pub fn run(units: &[Unit], only: Option<&GlobMatcher>) -> Result<Vec<TestResult>, Vec<Finding>> {
    let (mut results, mut problems) = (Vec::new(), Vec::new());
    for unit in units.iter().filter(|unit| only.is_none_or(|glob| glob.is_match(&unit.ready.address))) {
        match cases(unit) {
            Ok(cases) => results.extend(cases.into_iter().map(|case| run_one(unit, case))),
            Err(more) => problems.extend(more),
        }
    }
    if problems.is_empty() { Ok(results) } else { Err(problems) }
}

fn run_one(unit: &Unit, case: Case) -> TestResult {
    let failures = match &case.expected {
        Expected::Events { events, matches, value } => events::check(unit, &case, events, *matches, *value),
        Expected::Periods { strip, alarm_at } => periods::check(unit, &case, strip, alarm_at),
    };
    TestResult { address: unit.ready.address.clone(), name: case.name, at: case.at, failures }
}

/// For each detection with a filter: whether its tests hold both an event that matches and one that does not.
///
/// # Errors
/// What is wrong with the tests themselves.
pub fn completeness(units: &[Unit], only: Option<&GlobMatcher>) -> Result<Vec<TestResult>, Vec<Finding>> {
    let mut results = Vec::new();
    let wanted = |unit: &&Unit| !unit.filters.is_empty() && only.is_none_or(|glob| glob.is_match(&unit.ready.address));
    for unit in units.iter().filter(wanted) {
        let cases = cases(unit)?;
        let has = |wanted: bool| cases.iter().any(|case| matches!(&case.expected, Expected::Events { matches, .. } if *matches == wanted));
        let missing: Vec<&str> = [(true, "an event that matches"), (false, "an event that does not")]
            .into_iter()
            .filter(|(m, _)| !has(*m))
            .map(|(_, what)| what)
            .collect();
        let at = unit.ready.tree.locate("tests");
        let finding = || {
            let message = format!("{}: no test with {}", unit.ready.address, missing.join(" and none with "));
            Finding::error(Code::TestIncomplete, message)
                .at(&at)
                .help("add one under `tests:`; a near miss shows what the pattern leaves out")
        };
        let failures = if missing.is_empty() { Vec::new() } else { vec![finding()] };
        results.push(TestResult {
            address: unit.ready.address.clone(),
            name: "has a match and a near miss".to_owned(),
            at: at.clone(),
            failures,
        });
    }
    Ok(results)
}
