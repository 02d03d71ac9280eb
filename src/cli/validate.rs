//! `trailarm validate`: all errors of all files, without an account.

use clap::Args;

use super::Answer;
use super::definitions::{Definitions, count, say};
use super::failure::Failure;

#[derive(Debug, Args)]
pub(super) struct ValidateArgs {
    #[command(flatten)]
    definitions: Definitions,
}

pub(super) fn run(args: &ValidateArgs) -> Result<Answer, Failure> {
    let sets = args.definitions.load()?;
    let count = count(&sets);
    let are = if count == 1 { "detection is" } else { "detections are" };
    say(&format!("{count} {are} valid."))?;
    Ok(Answer::Yes)
}
