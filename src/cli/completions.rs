//! `trailarm completions SHELL` and `trailarm man`; what the shell is told of names that only trailarm knows.

use std::ffi::OsStr;
use std::io::Write;

use clap::Args;
use clap_complete::CompletionCandidate;
use clap_complete::env::Shells;

use super::Answer;
use super::failure::Failure;
use super::library::Library;
use crate::cloudtrail;
use crate::detection::SHIPPED;
use crate::finding::{CODES, Code, Finding, suggest};
use crate::lints::LINTS;

/// The variable by which the script asks for candidates.
const ASKED: &str = "TRAILARM_COMPLETE";

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// bash, elvish, fish, powershell, zsh
    #[arg(value_name = "SHELL")]
    shell: String,
}

/// Answers the shell when it asks for candidates, and ends the program then.
pub(super) fn answer(command: fn() -> clap::Command) {
    clap_complete::CompleteEnv::with_factory(command).var(ASKED).complete();
}

/// The script asks this program for candidates, so it knows detections, codes and events.
pub(super) fn run(args: &CompletionsArgs) -> Result<Answer, Failure> {
    let shells = Shells::builtins();
    let Some(shell) = shells.completer(&args.shell) else {
        let finding = Finding::error(Code::UnknownName, format!("no completions for a shell `{}`", args.shell));
        return Err(finding.help(suggest(&args.shell, shells.names())).into());
    };
    let mut script = Vec::new();
    shell.write_registration(ASKED, "trailarm", "trailarm", "trailarm", &mut script)?;
    std::io::stdout().write_all(&script)?;
    Ok(Answer::Yes)
}

pub(super) fn man(command: clap::Command) -> Result<Answer, Failure> {
    clap_mangen::Man::new(command).render(&mut std::io::stdout())?;
    Ok(Answer::Yes)
}

/// Addresses of the stack's detections, and where there is none of the shipped ones.
pub(super) fn detections() -> Vec<CompletionCandidate> {
    let of_stack = Library::load(None).map(|library| library.units).unwrap_or_default();
    let described = of_stack.iter().map(|unit| {
        let help = unit.ready.section.description.clone();
        CompletionCandidate::new(unit.ready.address.as_str()).help(help.map(Into::into))
    });
    let known: Vec<CompletionCandidate> = described.collect();
    if known.is_empty() { SHIPPED.iter().map(|(address, _)| CompletionCandidate::new(*address)).collect() } else { known }
}

/// Codes of findings.
pub(super) fn codes() -> Vec<CompletionCandidate> {
    let all = CODES.iter().map(|(_, text)| *text).chain(LINTS.iter().map(|lint| lint.code));
    all.map(|code| CompletionCandidate::new(code).help(crate::codes::title(code).map(Into::into))).collect()
}

/// Event sources, without `.amazonaws.com`.
pub(super) fn sources() -> Vec<CompletionCandidate> {
    cloudtrail::sources().map(|source| CompletionCandidate::new(source.trim_end_matches(".amazonaws.com"))).collect()
}

/// Event names that begin as the word does.
pub(super) fn event_names(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(start) = current.to_str().filter(|start| !start.is_empty()) else { return Vec::new() };
    let mut names: Vec<&str> = cloudtrail::events().map(|event| event.name).filter(|name| name.starts_with(start)).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(CompletionCandidate::new).collect()
}

/// Names of shipped packs.
pub(super) fn packs() -> Vec<CompletionCandidate> {
    crate::detection::packs().into_iter().map(CompletionCandidate::new).collect()
}
