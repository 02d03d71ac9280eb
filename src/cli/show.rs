//! `trailarm show ADDRESS`: what one detection comes to, and what to do when it fires.

use std::io::Write;

use clap::Args;
use clap_complete::ArgValueCandidates;

use super::Answer;
use super::args::Format;
use super::completions;
use super::failure::Failure;
use super::library::Which;
use crate::report::{self, json};

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// A detection: api-gateway-abuse/deployed
    #[arg(value_name = "ADDRESS", add = ArgValueCandidates::new(completions::detections))]
    address: String,
    #[arg(long, short, value_enum, default_value_t, env = "TRAILARM_FORMAT")]
    format: Format,
    #[command(flatten)]
    which: Which,
}

pub(super) fn run(args: &ShowArgs) -> Result<Answer, Failure> {
    let library = args.which.load()?;
    let unit = library.find(&args.address)?;
    let subscriptions = library.subscriptions();
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Json => writeln!(out, "{}", json::pretty(&json::library::Shown::new(unit))?)?,
        format => format.write(&unit.ready.address, &report::detection(unit, &subscriptions, library.stack.is_some()), &mut out)?,
    }
    Ok(Answer::Yes)
}
