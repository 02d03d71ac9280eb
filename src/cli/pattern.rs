//! `trailarm pattern`: the engine by itself, for people and for programs.

use std::io::{BufRead, Write};

use clap::{Args, Subcommand};
use filter_pattern::{Pattern, Reason, Verdict};
use serde::{Deserialize, Serialize};

use super::Answer;
use super::failure::Failure;
use super::lines::each_object;
use super::patterns::read_pattern;
use crate::{report, wording};

#[derive(Debug, Args)]
pub(super) struct PatternArgs {
    #[command(subcommand)]
    command: PatternCommand,
}

#[derive(Debug, Subcommand)]
enum PatternCommand {
    /// Print the syntax tree of a pattern, or its errors
    Parse {
        #[arg(value_name = "PATTERN", allow_hyphen_values = true)]
        pattern: String,
    },
    /// Answer JSON objects {id, pattern, message} on standard input with {id, verdict, reason}, one a line
    ///
    /// Pattern and message are texts; a JSON event stands in a text. The verdict is `match`, `no-match`, `uncertain` or
    /// `invalid-pattern`.
    Eval,
}

pub(super) fn run(args: &PatternArgs) -> Result<Answer, Failure> {
    match &args.command {
        PatternCommand::Parse { pattern } => {
            let tree = report::syntax_tree(&read_pattern("pattern", pattern)?);
            write!(anstream::stdout(), "{tree}")?;
            Ok(Answer::Yes)
        }
        PatternCommand::Eval => eval(&mut std::io::stdin().lock(), &mut std::io::stdout().lock()),
    }
}

#[derive(Deserialize)]
struct Question {
    #[serde(default)]
    id: serde_json::Value,
    pattern: String,
    message: String,
}

#[derive(Serialize)]
struct Reply {
    id: serde_json::Value,
    verdict: &'static str,
    reason: String,
}

fn eval(input: &mut impl BufRead, output: &mut impl Write) -> Result<Answer, Failure> {
    each_object(input, |question: Question| {
        let (verdict, reason) = answer(&question.pattern, &question.message);
        let line = serde_json::to_string(&Reply { id: question.id, verdict, reason }).map_err(std::io::Error::from)?;
        Ok(writeln!(output, "{line}")?)
    })
}

fn answer(pattern: &str, message: &str) -> (&'static str, String) {
    let parsed = match Pattern::parse(pattern) {
        Ok(parsed) => parsed,
        Err(errors) => return ("invalid-pattern", errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")),
    };
    let explanation = parsed.explain(message);
    let reason = |reason: &Reason| format!("{}: {}", pattern.get(reason.span.clone()).unwrap_or_default(), wording::found(reason));
    let reasons = || explanation.reasons.iter().map(reason).collect::<Vec<_>>().join("; ");
    match &explanation.verdict {
        Verdict::Match => ("match", reasons()),
        Verdict::NoMatch => ("no-match", reasons()),
        Verdict::Uncertain(doubt) => {
            let question = wording::open_question(doubt.rule);
            ("uncertain", format!("{question} ({}); {}", wording::readings(doubt), doubt.rule.rewrite()))
        }
    }
}
