//! `trailarm show ADDRESS`: what one detection comes to, and what to do when it fires.

use std::io::Write;

use camino::Utf8PathBuf;
use clap::Args;
use clap::builder::{FalseyValueParser, ValueHint};
use clap_complete::ArgValueCandidates;

use super::Answer;
use super::args::Format;
use super::completions;
use super::failure::Failure;
use super::library::Library;
use crate::report::{self, json};

#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    /// A detection: api-gateway-abuse/deployed
    #[arg(value_name = "ADDRESS", add = ArgValueCandidates::new(completions::detections))]
    address: String,
    /// The detection in the binary, whatever the stack changes of it
    #[arg(long, env = "TRAILARM_SHIPPED", value_parser = FalseyValueParser::new(), conflicts_with = "config")]
    shipped: bool,
    #[arg(long, short, value_enum, default_value_t, env = "TRAILARM_FORMAT")]
    format: Format,
    /// The stack file [default: trailarm.yaml, found upward from here]
    #[arg(long, value_name = "FILE", env = "TRAILARM_CONFIG", value_hint = ValueHint::FilePath)]
    config: Option<Utf8PathBuf>,
}

pub(super) fn run(args: &ShowArgs) -> Result<Answer, Failure> {
    let library = if args.shipped { Library::shipped()? } else { Library::load(args.config.as_deref())? };
    let unit = library.find(&args.address)?;
    let subscriptions = library.subscriptions();
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Json => writeln!(out, "{}", json::pretty(&json::library::Shown::new(unit))?)?,
        format => format.write(&unit.ready.address, &report::detection(unit, &subscriptions, library.stack.is_some()), &mut out)?,
    }
    Ok(Answer::Yes)
}
