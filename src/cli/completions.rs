//! `trailarm completions SHELL` and `trailarm man`.

use std::io::Write;

use clap::Args;
use clap_complete::Shell;

use super::Answer;
use super::failure::Failure;

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs, command: &mut clap::Command) -> Result<Answer, Failure> {
    // The generator panics when its writer fails; a buffer does not.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, command, "trailarm", &mut script);
    std::io::stdout().write_all(&script)?;
    Ok(Answer::Yes)
}

pub(super) fn man(command: clap::Command) -> Result<Answer, Failure> {
    clap_mangen::Man::new(command).render(&mut std::io::stdout())?;
    Ok(Answer::Yes)
}
