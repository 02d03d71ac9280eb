//! `trailarm init`: a stack to start with. Asks on a terminal, takes flags otherwise.

use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use clap::builder::ValueHint;
use clap::{Args, ValueEnum};
use clap_complete::ArgValueCandidates;
use dialoguer::{Input, MultiSelect};

use super::Answer;
use super::args::can_ask;
use super::completions;
use super::failure::Failure;
use crate::detection::packs;
use crate::finding::{Code, Finding};
use crate::report::escape;
use crate::scaffold::{self, NewStack, Scaffold, Tells};
use crate::stack::{FILE_NAME as STACK_FILE, Project, check};

const USUAL_NAME: &str = "account-baseline";

#[derive(Debug, Args)]
pub(super) struct InitArgs {
    /// The folder to write into [default: here]
    #[arg(value_name = "FOLDER", value_hint = ValueHint::DirPath, default_value = ".", hide_default_value = true)]
    folder: Utf8PathBuf,
    /// Name of the stack; names of all its resources start with it [default: account-baseline]
    #[arg(long, value_name = "NAME", env = "TRAILARM_STACK")]
    stack: Option<String>,
    /// Shipped packs, separated by commas [default: all]
    #[arg(long, value_name = "PACK", value_delimiter = ',', env = "TRAILARM_PACKS", add = ArgValueCandidates::new(completions::packs))]
    packs: Vec<String>,
    /// Which texts the pack `cis` has: security-hub, prowler, cis-7.0, all [default: all]
    #[arg(long, value_name = "NAME", env = "TRAILARM_CIS_PROFILE")]
    cis_profile: Option<String>,
    /// Who is told: an e-mail address, which SNS asks to confirm
    #[arg(long, value_name = "ADDRESS", env = "TRAILARM_EMAIL", value_hint = ValueHint::EmailAddress)]
    email: Option<String>,
    /// Who is told: a topic that exists, by its ARN
    #[arg(long, value_name = "ARN", env = "TRAILARM_TOPIC", conflicts_with = "email")]
    topic: Option<String>,
    /// The trail whose log group is watched
    #[arg(long, value_name = "TRAIL", env = "TRAILARM_TRAIL", default_value = "auto")]
    trail: String,
    /// The log group itself, in place of a trail
    #[arg(long, value_name = "NAME", env = "TRAILARM_LOG_GROUP", conflicts_with = "trail")]
    log_group: Option<String>,
    /// The workflow to write
    #[arg(long, value_enum, default_value_t, env = "TRAILARM_CI_WORKFLOW")]
    ci: Ci,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Ci {
    /// .github/workflows/trailarm.yml
    #[default]
    Github,
    None,
}

pub(super) fn run(args: &InitArgs) -> Result<Answer, Failure> {
    let here = Utf8Path::new("");
    let folder = if args.folder == "." { here } else { &args.folder };
    // Before anything is asked.
    scaffold::free(&folder.join(STACK_FILE))?;
    let stack = NewStack {
        name: name(args)?,
        packs: chosen_packs(args)?,
        profile: args.cis_profile.clone(),
        trail: args.trail.clone(),
        log_group: args.log_group.clone(),
        tells: tells(args)?,
        github: args.ci == Ci::Github,
    };
    let files = stack.files(folder)?;
    checked(&files)?;
    scaffold::write(&files).map_err(|finding| match files.get(1) {
        Some(workflow) if workflow.path.exists() && finding.code == Code::Unusable => {
            finding.help("say `--ci none`, and add the steps for this stack to that workflow")
        }
        _ => finding,
    })?;
    let mut out = anstream::stdout().lock();
    for file in &files {
        writeln!(out, "wrote {}", escape(file.path.as_str()))?;
    }
    let go = if args.folder == "." { String::new() } else { format!("cd {} && ", shell(args.folder.as_str())) };
    writeln!(out, "\nNext:\n  {}trailarm validate && trailarm test", escape(&go))?;
    writeln!(out, "  trailarm plan --account account.json   # on a new account in a file, without credentials")?;
    writeln!(out, "  trailarm plan                          # on AWS; reads only")?;
    Ok(Answer::Yes)
}

/// What would be written is right before it is written.
fn checked(files: &[Scaffold]) -> Result<(), Failure> {
    let Some(stack) = files.first() else { return Ok(()) };
    check(&Project::parse(&stack.path, stack.text.clone())?)?;
    Ok(())
}

fn name(args: &InitArgs) -> Result<String, Failure> {
    match &args.stack {
        Some(name) => Ok(name.clone()),
        None if can_ask() => {
            Ok(Input::new().with_prompt("Name of the stack").default(USUAL_NAME.to_owned()).interact_text().map_err(closed)?)
        }
        None => Ok(USUAL_NAME.to_owned()),
    }
}

fn chosen_packs(args: &InitArgs) -> Result<Vec<String>, Failure> {
    if !args.packs.is_empty() {
        let mut chosen: Vec<String> = Vec::new();
        args.packs.iter().filter(|pack| !pack.is_empty()).for_each(|pack| {
            if !chosen.contains(pack) {
                chosen.push(pack.clone())
            }
        });
        if chosen.is_empty() {
            return Err(nothing().into());
        }
        return Ok(chosen);
    }
    let all: Vec<&str> = packs().into_iter().collect();
    if !can_ask() {
        return Ok(all.into_iter().map(str::to_owned).collect());
    }
    let question = MultiSelect::new().with_prompt("Packs (space chooses, enter goes on)").items(&all);
    let chosen = question.defaults(&vec![true; all.len()]).interact().map_err(closed)?;
    if chosen.is_empty() {
        return Err(nothing().into());
    }
    Ok(chosen.into_iter().map(|i| all[i].to_owned()).collect())
}

fn nothing() -> Finding {
    Finding::error(Code::MissingKey, "a stack without packs watches nothing").help("choose one at least")
}

fn tells(args: &InitArgs) -> Result<Tells, Failure> {
    match (&args.email, &args.topic) {
        (Some(email), _) => Ok(Tells::Email(email.clone())),
        (None, Some(topic)) => Ok(Tells::Topic(topic.clone())),
        (None, None) if can_ask() => {
            let looks_right = |address: &String| if address.contains('@') { Ok(()) } else { Err("an e-mail address has an `@`") };
            let question = Input::new().with_prompt("Who is told (e-mail address)").validate_with(looks_right);
            Ok(Tells::Email(question.interact_text().map_err(closed)?))
        }
        (None, None) => {
            let finding = Finding::error(Code::MissingKey, "nobody would be told, and nobody can be asked here");
            Err(finding.help("say `--email ADDRESS`, or `--topic ARN` for a topic that exists").into())
        }
    }
}

/// A word that a shell takes for one.
fn shell(word: &str) -> String {
    let is_plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+,:@".contains(c));
    if is_plain { word.to_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

/// The terminal went away, or Ctrl-C.
fn closed(error: dialoguer::Error) -> Failure {
    Finding::error(Code::Unusable, format!("no answer: {error}")).help("say it with flags: `trailarm init --help`").into()
}
