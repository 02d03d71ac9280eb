//! `trailarm test`: the tests inside detections, offline; with `--live`, AWS is asked the same questions.

use std::collections::BTreeMap;
use std::io::Write;

use camino::Utf8PathBuf;
use clap::Args;
use clap::builder::FalseyValueParser;
use globset::GlobMatcher;

use super::Answer;
use super::args::Aws;
use super::definitions::{Definitions, Set};
use super::failure::Failure;
use super::live;
use super::session::block_on;
use crate::detection::Unit;
use crate::finding::{Code, Finding};
use crate::planning::glob;
use crate::report;
use crate::suite::{Suite, TestResult};

#[derive(Debug, Args)]
#[command(after_help = "Exit code: 0 when all tests hold, 2 when one fails, 1 when they cannot be run.")]
pub(super) struct TestArgs {
    #[command(flatten)]
    definitions: Definitions,
    /// Only detections whose address this glob names: 'api-gateway-abuse/*'
    #[arg(long, value_name = "GLOB", env = "TRAILARM_FILTER")]
    filter: Option<String>,
    /// Write the results into a JUnit file as well
    #[arg(long, value_name = "FILE", env = "TRAILARM_JUNIT")]
    junit: Option<Utf8PathBuf>,
    /// Fail on a detection without an event that matches and one that does not
    #[arg(long, env = "TRAILARM_REQUIRE_TESTS", value_parser = FalseyValueParser::new())]
    require_tests: bool,
    /// Take each clause out of each pattern, and fail on one that no test misses
    #[arg(long, env = "TRAILARM_MUTATIONS", value_parser = FalseyValueParser::new())]
    mutations: bool,
    /// Ask AWS (TestMetricFilter) about the same events, and tell where it disagrees
    #[arg(long, env = "TRAILARM_TEST_LIVE", value_parser = FalseyValueParser::new())]
    live: bool,
    #[command(flatten)]
    aws: Aws,
}

pub(super) fn run(args: &TestArgs) -> Result<Answer, Failure> {
    let only = args.filter.as_deref().map(glob).transpose()?;
    let mut changed = Vec::new();
    let (mut units, mut shipped) = (Vec::new(), Vec::new());
    for set in args.definitions.load()? {
        if args.mutations || args.require_tests {
            shipped.extend(set.all_as_shipped()?);
        }
        units.extend(to_test(set, only.as_ref(), &mut changed)?);
    }
    let suite = Suite::load(&units, only.as_ref())?;
    let mut results = suite.run();
    // Whether a shipped file proves itself does not depend on the stack.
    let files = Suite::load(units.iter().map(|unit| as_written(unit, &shipped)), only.as_ref())?;
    if args.require_tests {
        results.extend(files.completeness());
    }
    if args.mutations {
        results.extend(files.mutations());
    }
    if results.is_empty() {
        return Err(nothing(args, &units).into());
    }
    // What was found offline is told whatever AWS says.
    let asked = if args.live { block_on(live::ask(&suite, &args.aws, &mut results)) } else { Ok(()) };
    tell(&results, args)?;
    say_changed(&changed)?;
    asked?;
    Ok(if results.iter().all(TestResult::passed) { Answer::Yes } else { Answer::Difference })
}

fn tell(results: &[TestResult], args: &TestArgs) -> Result<(), Failure> {
    let failures: Vec<Finding> = results.iter().flat_map(|result| result.failures.iter().cloned()).collect();
    report::findings_only(&failures, &mut anstream::stderr())?;
    if let Some(file) = &args.junit {
        let content = report::junit(results)?;
        fs_err::write(file, content)
            .map_err(|e| Finding::error(Code::Unreadable, e.to_string()).help("check the path and who may write there"))?;
    }
    let passed = results.iter().filter(|result| result.passed()).count();
    Ok(writeln!(anstream::stdout(), "{passed} passed, {} failed", results.len() - passed)?)
}

/// The detections to test. Where a shipped test does not hold for what the stack changes, and nothing is wrong but that,
/// the detection is tested as it is shipped, and the tests are told.
fn to_test(set: Set, only: Option<&GlobMatcher>, changed: &mut Vec<(String, String)>) -> Result<Vec<Unit>, Failure> {
    let mut shipped = BTreeMap::new();
    for result in Suite::load(&set.units, only)?.run().iter().filter(|result| !result.passed()) {
        let unit = set.units.iter().find(|unit| unit.ready.address == result.address);
        // Tests of the stack's own are its own to mend.
        let is_of_file = result.at.source.name.starts_with("embedded:");
        if let Some(unit) = unit.filter(|_| is_of_file).map(|unit| set.as_shipped(unit)).transpose()?.flatten() {
            changed.push((result.address.clone(), result.name.clone()));
            shipped.insert(result.address.clone(), unit);
        }
    }
    Ok(set.units.into_iter().map(|unit| shipped.remove(&unit.ready.address).unwrap_or(unit)).collect())
}

fn as_written<'a>(unit: &'a Unit, shipped: &'a [Unit]) -> &'a Unit {
    shipped.iter().find(|one| one.ready.address == unit.ready.address).unwrap_or(unit)
}

/// The tests that hold for the shipped detection alone.
fn say_changed(changed: &[(String, String)]) -> Result<(), Failure> {
    let mut err = anstream::stderr();
    for (address, test) in changed {
        writeln!(err, "{address}: \"{}\" holds as shipped, and not with what the stack changes", report::escape(test))?;
    }
    if !changed.is_empty() {
        writeln!(err, "(these detections were tested as shipped; to test a change, put `tests:` beside it under `detections:`)")?;
    }
    Ok(())
}

/// A run that tests nothing is no success.
fn nothing(args: &TestArgs, units: &[Unit]) -> Finding {
    match &args.filter {
        Some(filter) => {
            let known: Vec<&str> = units.iter().map(|unit| unit.ready.address.as_str()).collect();
            let finding = Finding::error(Code::UnknownName, format!("`--filter {filter}` names no detection with tests"));
            finding.help(crate::finding::suggest(filter, known))
        }
        None => Finding::error(Code::TestIncomplete, "no detection has tests").help("add `tests:` with events that match, and near misses"),
    }
}
