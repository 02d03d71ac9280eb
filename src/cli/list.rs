//! `trailarm list`: the detections of the stack, or the shipped ones.

use std::io::Write;

use clap::Args;
use clap_complete::ArgValueCandidates;

use super::Answer;
use super::args::Format;
use super::completions;
use super::failure::Failure;
use super::library::{Library, Which};
use crate::finding::{Code, Finding, suggest};
use crate::planning::glob;
use crate::report::{self, json};

#[derive(Debug, Args)]
pub(super) struct ListArgs {
    /// Only detections whose address this glob names: 'cis/*'
    #[arg(value_name = "GLOB", add = ArgValueCandidates::new(completions::detections))]
    only: Option<String>,
    #[arg(long, short, value_enum, default_value_t, env = "TRAILARM_FORMAT")]
    format: Format,
    #[command(flatten)]
    which: Which,
}

pub(super) fn run(args: &ListArgs) -> Result<Answer, Failure> {
    let only = args.only.as_deref().map(glob).transpose()?;
    let library = args.which.load()?;
    let wanted = |address: &str| only.as_ref().is_none_or(|glob| glob.is_match(address));
    let units: Vec<_> = library.units.iter().filter(|unit| wanted(&unit.ready.address)).collect();
    let disabled: Vec<&str> = library.disabled.iter().map(String::as_str).filter(|address| wanted(address)).collect();
    if units.is_empty() && disabled.is_empty() {
        return Err(none(args.only.as_deref(), &library).into());
    }
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Json => writeln!(out, "{}", json::pretty(&json::library::List::new(&units, &disabled))?)?,
        format => format.write("Detections", &report::list(&units, &disabled), &mut out)?,
    }
    Ok(Answer::Yes)
}

fn none(only: Option<&str>, library: &Library) -> Finding {
    let Some(only) = only else {
        let finding = Finding::error(Code::UnknownName, "the stack has no detections");
        return finding.help("name packs under `packs:`; `trailarm list --shipped` shows what there is");
    };
    let known: Vec<&str> = library.units.iter().map(|unit| unit.ready.address.as_str()).collect();
    Finding::error(Code::UnknownName, format!("`{only}` names no detection")).help(suggest(only, known))
}
