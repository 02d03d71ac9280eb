//! `trailarm explain CODE`: what a code means.

use std::io::Write;

use clap::Args;

use super::Answer;
use super::failure::Failure;
use crate::finding::{CODES, Code, Finding, suggest};
use crate::lints::{LINTS, lint};

/// The table of codes that are no lints.
const TABLE: &str = include_str!("../../docs/codes.md");

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// Such as TA304
    #[arg(value_name = "CODE")]
    code: String,
}

pub(super) fn run(args: &ExplainArgs) -> Result<Answer, Failure> {
    let code = args.code.to_uppercase();
    let text = match lint(&code) {
        Some(lint) => lint.doc.to_owned(),
        None => row(&code).ok_or_else(|| unknown(&args.code))?,
    };
    anstream::stdout().write_all(text.as_bytes())?;
    Ok(Answer::Yes)
}

/// `| TA102 | what it means | what to do |` as text.
fn row(code: &str) -> Option<String> {
    let cells: Vec<&str> = TABLE.lines().find_map(|line| line.strip_prefix(&format!("| {code} |")))?.split(" |").map(str::trim).collect();
    let (meaning, remedy) = (cells.first()?, cells.get(1)?);
    Some(format!("# {code}\n\n{meaning}\n\n{remedy}\n"))
}

fn unknown(code: &str) -> Finding {
    let known = CODES.iter().map(|(_, text)| *text).chain(LINTS.iter().map(|lint| lint.code));
    Finding::error(Code::UnknownName, format!("there is no code `{code}`")).help(suggest(code, known))
}
