//! `trailarm list`: the detections of the stack, or the shipped ones.

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
use crate::finding::{Code, Finding};
use crate::planning::glob;
use crate::report::{self, json};

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Only detections whose address this glob names: 'cis/*'
    #[arg(value_name = "GLOB", add = ArgValueCandidates::new(completions::detections))]
    only: Option<String>,
    /// The detections in the binary, whatever the stack has
    #[arg(long, env = "TRAILARM_SHIPPED", value_parser = FalseyValueParser::new(), conflicts_with = "config")]
    shipped: bool,
    #[arg(long, short, value_enum, default_value_t, env = "TRAILARM_FORMAT")]
    format: Format,
    /// The stack file [default: trailarm.yaml, found upward from here]
    #[arg(long, value_name = "FILE", env = "TRAILARM_CONFIG", value_hint = ValueHint::FilePath)]
    config: Option<Utf8PathBuf>,
}

pub(super) fn run(args: &ListArgs) -> Result<Answer, Failure> {
    let only = args.only.as_deref().map(glob).transpose()?;
    let library = if args.shipped { Library::shipped()? } else { Library::load(args.config.as_deref())? };
    let wanted = |address: &str| only.as_ref().is_none_or(|glob| glob.is_match(address));
    let units: Vec<_> = library.units.iter().filter(|unit| wanted(&unit.ready.address)).collect();
    let disabled: Vec<&str> = library.disabled.iter().map(String::as_str).filter(|address| wanted(address)).collect();
    if units.is_empty() && disabled.is_empty() {
        let finding = Finding::error(Code::UnknownName, format!("`{}` names no detection", args.only.as_deref().unwrap_or_default()));
        let known: Vec<&str> = library.units.iter().map(|unit| unit.ready.address.as_str()).collect();
        return Err(finding.help(crate::finding::suggest(args.only.as_deref().unwrap_or_default(), known)).into());
    }
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Json => writeln!(out, "{}", json::pretty(&json::library::List::new(&units, &disabled))?)?,
        format => format.write("Detections", &report::list(&units, &disabled), &mut out)?,
    }
    Ok(Answer::Yes)
}
