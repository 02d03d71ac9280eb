//! `trailarm doctor`: whether each alarm can reach someone.

use clap::builder::FalseyValueParser;
use clap::{Args, ValueEnum};
use clap_complete::ArgValueCandidates;

use super::Answer;
use super::args::Target;
use super::completions;
use super::failure::Failure;
use super::output::{Form, Output, text};
use super::session::{open_account, open_project, with_account};
use crate::chain::{Verdict, examine};
use crate::finding::{Code, Finding};
use crate::planning::glob;
use crate::report::json::doctor::Doctor;
use crate::report::{self, json};

#[derive(Debug, Args)]
#[command(
    after_help = "Reads only. What may not be read is unknown, never sound; `trailarm iam-policy --for doctor` prints what it needs.\n\
    Exit code: 0 when no chain is broken, 2 when one is (with --strict also when one is not known), 1 on an error."
)]
pub(super) struct DoctorArgs {
    /// Addresses, names or globs of detections [default: all of the stack]
    #[arg(value_name = "DETECTION", add = ArgValueCandidates::new(completions::detections))]
    detections: Vec<String>,
    #[command(flatten)]
    target: Target,
    /// Show only what is wrong, each once, with the chains that it is in
    #[arg(long, env = "TRAILARM_ONLY_BROKEN", value_parser = FalseyValueParser::new())]
    only_broken: bool,
    /// Exit code 2 also where a link could not be read
    #[arg(long, env = "TRAILARM_STRICT", value_parser = FalseyValueParser::new())]
    strict: bool,
    #[command(flatten)]
    output: Output<DoctorFormat>,
}

/// What the chains are written as.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum DoctorFormat {
    /// For people, on a terminal
    #[default]
    Text,
    /// For programs
    Json,
    /// For a comment or a wiki
    Markdown,
    /// For CI: a suite a detection, a case a link
    Junit,
    /// One page with a drawing of each chain, without network
    Html,
}

impl Form for DoctorFormat {
    const ENDINGS: &'static [(&'static str, Self)] = &[
        ("md", Self::Markdown),
        ("markdown", Self::Markdown),
        ("html", Self::Html),
        ("htm", Self::Html),
        ("json", Self::Json),
        ("xml", Self::Junit),
    ];
}

pub(super) async fn run(args: &DoctorArgs) -> Result<Answer, Failure> {
    args.output.files()?;
    let only = args.detections.iter().map(|detection| glob(detection)).collect::<Result<Vec<_>, _>>()?;
    let project = open_project(args.target.config.as_deref())?;
    let account = open_account(&args.target).await?;
    let examined = with_account!(&account, |account| examine(account, &project, &only).await?);
    if examined.chains.is_empty() {
        let known = project.detections.iter().map(|detection| detection.address.as_str());
        let message = format!("no detection of the stack is called {}", args.detections.join(", "));
        let help = crate::finding::suggest(args.detections.first().map_or("", String::as_str), known);
        return Err(Finding::error(Code::UnknownName, message).help(help).into());
    }
    args.output.write(|format| {
        Ok(match format {
            DoctorFormat::Text => text(&report::doctor(&examined, args.only_broken))?,
            DoctorFormat::Markdown => report::markdown(&report::doctor_tables(&examined, args.only_broken)),
            DoctorFormat::Html => report::chain_page(&examined),
            DoctorFormat::Json => format!("{}\n", json::pretty(&Doctor::from(&examined))?),
            DoctorFormat::Junit => format!("{}\n", String::from_utf8_lossy(&report::junit_chains(&examined.chains)?)),
        })
    })?;
    let fails = |verdict| verdict == Verdict::Broken || (args.strict && verdict == Verdict::Unknown);
    Ok(if examined.chains.iter().any(|chain| fails(chain.verdict())) { Answer::Difference } else { Answer::Yes })
}
