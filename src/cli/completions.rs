//! `trailarm completions SHELL` and `trailarm man`.

use clap::Args;
use clap_complete::Shell;

use super::Answer;
use super::failure::Failure;

#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    shell: Shell,
}

#[expect(clippy::unnecessary_wraps, reason = "all commands have the same shape")]
pub(super) fn run(args: &CompletionsArgs, command: &mut clap::Command) -> Result<Answer, Failure> {
    clap_complete::generate(args.shell, command, "trailarm", &mut std::io::stdout());
    Ok(Answer::Yes)
}

pub(super) fn man(command: clap::Command) -> Result<Answer, Failure> {
    clap_mangen::Man::new(command).render(&mut std::io::stdout())?;
    Ok(Answer::Yes)
}
