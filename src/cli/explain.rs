//! `trailarm explain CODE`: what a code means.

use std::io::Write;

use clap::Args;
use clap_complete::ArgValueCandidates;

use super::Answer;
use super::completions;
use super::failure::Failure;
use crate::codes::page;
use crate::finding::{CODES, Code, Finding, suggest};
use crate::lints::LINTS;

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// Such as TA304
    #[arg(value_name = "CODE", add = ArgValueCandidates::new(completions::codes))]
    code: String,
}

pub(super) fn run(args: &ExplainArgs) -> Result<Answer, Failure> {
    let code = args.code.to_uppercase();
    let text = page(&code).ok_or_else(|| unknown(&args.code))?;
    anstream::stdout().write_all(text.as_bytes())?;
    Ok(Answer::Yes)
}

fn unknown(code: &str) -> Finding {
    let known = CODES.iter().map(|(_, text)| *text).chain(LINTS.iter().map(|lint| lint.code));
    Finding::error(Code::UnknownName, format!("there is no code `{code}`")).help(suggest(code, known))
}
