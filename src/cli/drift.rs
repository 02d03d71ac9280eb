//! `trailarm drift`: what somebody changed in the account.

use camino::Utf8PathBuf;
use clap::Args;
use clap::builder::FalseyValueParser;

use super::Answer;
use super::args::{Format, Target, View};
use super::failure::Failure;
use super::output::{Output, text};
use super::session::{open_account, open_project, read_plan, with_account};
use crate::account::Account;
use crate::blame::{Blame, blame};
use crate::drift::{Cause, Difference, differences, unmanaged};
use crate::finding::{Code, Finding, Severity};
use crate::plan::saved::SavedPlan;
use crate::planning::{Choice, make_plan};
use crate::report::json::drift::Drift;
use crate::report::{self, json};
use crate::state::Scope;

#[derive(Debug, Args)]
#[command(after_help = "Exit code: 0 without drift, also when definitions have yet to be applied; 2 with drift, or where it is unclear.")]
pub(super) struct DriftArgs {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    view: View,
    #[command(flatten)]
    output: Output,
    /// Ask CloudTrail's event history who did it (LookupEvents, 90 days, two calls a second)
    #[arg(long, env = "TRAILARM_BLAME", value_parser = FalseyValueParser::new())]
    blame: bool,
    /// List filters of others on our log groups, and alarms of others on our metrics
    #[arg(long, env = "TRAILARM_UNMANAGED", value_parser = FalseyValueParser::new())]
    unmanaged: bool,
    /// The plan that was applied last: what filters, topics and subscriptions then were is in it
    #[arg(long, value_name = "PLAN", env = "TRAILARM_APPLIED")]
    applied: Option<Utf8PathBuf>,
}

pub(super) async fn run(args: &DriftArgs) -> Result<Answer, Failure> {
    args.output.files()?;
    let project = open_project(args.target.config.as_deref())?;
    let account = open_account(&args.target).await?;
    with_account!(&account, |account| {
        let choice = Choice { look_only: true, ..args.view.choice(false) };
        let mut planned = make_plan(account, &project, &choice).await?;
        // What would stop an apply is told as drift, or by the plan.
        planned.warnings.retain(|finding| finding.severity == Severity::Warning);
        let scope = &planned.plan.scope;
        let applied = args.applied.as_ref().map(|file| read(file, scope)).transpose()?;
        report::findings(&planned.warnings, &mut anstream::stderr())?;
        let found = differences(&planned, applied.as_ref());
        let who = if args.blame { ask(account, scope, &found).await? } else { Vec::new() };
        let others = if args.unmanaged { Some(unmanaged(&planned, &account.alarms().await?)) } else { None };
        let document = report::drift((scope, &planned.plan.pending), &found, &who, others.as_ref(), args.view.options());
        args.output.write(|format| {
            Ok(match format {
                Format::Text => text(&document)?,
                Format::Markdown => report::markdown(&document),
                Format::Html => report::html("Drift", &document),
                Format::Json => format!("{}\n", json::pretty(&Drift::new(scope, &found, &who, others.as_ref(), args.view.options()))?),
            })
        })?;
        let has_drift = found.iter().any(|difference| difference.cause != Cause::Pending);
        Ok(if has_drift { Answer::Difference } else { Answer::Yes })
    })
}

fn read(file: &Utf8PathBuf, scope: &Scope) -> Result<SavedPlan, Failure> {
    let saved = read_plan(file)?;
    if saved.plan()?.scope == *scope {
        return Ok(saved);
    }
    let other = &saved.scope;
    let message = format!("{file} is a plan for the stack {} in account {}, {}", other.stack, other.account_id, other.region);
    Err(Finding::error(Code::SavedPlan, message).help("name the plan that was applied here").into())
}

/// What waits for an apply is nobody's fault.
async fn ask<A: Account>(account: &A, scope: &Scope, found: &[Difference]) -> Result<Vec<Option<Blame>>, Failure> {
    let asked: Vec<&Difference> = found.iter().filter(|difference| difference.cause != Cause::Pending).collect();
    let mut told = blame(account, scope, &asked).await?.into_iter();
    Ok(found.iter().map(|difference| if difference.cause == Cause::Pending { None } else { told.next() }).collect())
}
