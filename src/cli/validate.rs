//! `trailarm validate`: errors of definitions, tests and lints, without an account.

use std::io::Write;

use clap::{Args, ValueEnum};

use super::Answer;
use super::definitions::{Definitions, count, say};
use super::failure::Failure;
use super::session::inside_repository;
use crate::finding::{Finding, Severity};
use crate::lints;
use crate::report::{self, json::v1};
use crate::suite::Suite;

#[derive(Debug, Args)]
#[command(after_help = "Exit code: 0 when all is well, 1 when a definition is wrong, 2 when a lint finds an error (--fail-on).")]
pub(super) struct ValidateArgs {
    #[command(flatten)]
    definitions: Definitions,
    /// How bad a finding of a lint must be to fail the run (exit code 2)
    #[arg(long, value_enum, default_value_t, env = "TRAILARM_FAIL_ON")]
    fail_on: FailOn,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t, env = "TRAILARM_VALIDATE_FORMAT")]
    format: Format,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum FailOn {
    #[default]
    Error,
    Warning,
    Never,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
    /// For code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

pub(super) fn run(args: &ValidateArgs) -> Result<Answer, Failure> {
    let sets = match args.definitions.load() {
        Err(Failure::Findings(findings)) if args.format != Format::Text => {
            print(&findings, args.format)?;
            return Err(Failure::Reported);
        }
        other => other?,
    };
    let problems = Suite::load(sets.iter().flat_map(|set| &set.units), None).err().unwrap_or_default();
    let is_broken = !problems.is_empty();
    let findings: Vec<Finding> = problems.into_iter().chain(sets.iter().flat_map(|set| lints::check(&set.units, set.is_whole))).collect();
    print(&findings, args.format)?;
    if is_broken {
        return Err(Failure::Reported);
    }
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    if args.format == Format::Text {
        let count = count(&sets);
        let are = if count == 1 { "detection is" } else { "detections are" };
        match (errors, findings.len()) {
            (0, 0) => say(&format!("{count} {are} valid."))?,
            (0, 1) => say(&format!("{count} {are} valid, with 1 warning."))?,
            (0, n) => say(&format!("{count} {are} valid, with {n} warnings."))?,
            _ => {}
        }
    }
    let fails = match args.fail_on {
        FailOn::Error => errors > 0,
        FailOn::Warning => !findings.is_empty(),
        FailOn::Never => false,
    };
    Ok(if fails { Answer::Difference } else { Answer::Yes })
}

fn print(findings: &[Finding], format: Format) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match format {
        Format::Text => report::findings(findings, &mut anstream::stderr())?,
        Format::Json => writeln!(out, "{}", report::json::pretty(&v1::Findings::from(findings))?)?,
        Format::Sarif => writeln!(out, "{}", report::json::pretty(&report::sarif(findings, &inside_repository()))?)?,
        Format::Github => write!(out, "{}", report::github(findings, &inside_repository()))?,
    }
    Ok(())
}
