//! `trailarm apply`: shows the plan, asks, carries it out.

use std::cell::Cell;
use std::io::{BufRead, Write};

use clap::Args;

use super::Answer;
use super::args::{Consent, Target, View, can_ask, can_draw};
use super::failure::Failure;
use super::session::{open_account, open_project, show, with_account};
use crate::account::Account;
use crate::apply::apply;
use crate::checks::delete_valve;
use crate::finding::{Code, Finding};
use crate::planning::{Choice, Planned, make_plan};
use crate::report::{self, Progress};
use crate::stack::Project;

#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    view: View,
    #[command(flatten)]
    consent: Consent,
    /// Let this run delete up to N resources, whatever the stack's limit says
    #[arg(long, value_name = "N", env = "TRAILARM_ALLOW_DELETES")]
    allow_deletes: Option<usize>,
}

pub(super) async fn run(args: &ApplyArgs) -> Result<Answer, Failure> {
    let project = open_project(args.target.config.as_deref())?;
    let account = open_account(&args.target).await?;
    with_account!(&account, |account| {
        let choice = args.view.choice(false);
        let planned = make_plan(account, &project, &choice).await?;
        show(&planned, &args.view)?;
        if let Some(valve) = delete_valve(&planned.plan, planned.live.owned_count(), &planned.compiled.limits, args.allow_deletes) {
            return Err(valve.into());
        }
        if !planned.plan.changes.is_empty() && !args.consent.auto_approve {
            ask("Apply these changes?")?;
            unchanged(account, &project, &choice, &planned).await?;
        }
        carry_out(account, &planned, &args.view).await
    })
}

/// What was looked at is what is done: the account may have changed while the question was open.
pub(super) async fn unchanged<A: Account>(account: &A, project: &Project, choice: &Choice, planned: &Planned) -> Result<(), Failure> {
    if make_plan(account, project, choice).await?.plan == planned.plan {
        return Ok(());
    }
    let finding = Finding::error(Code::Conflict, "the account changed while the question was open, and nothing was applied");
    Err(finding.help("run it again and look at the new plan").into())
}

/// Applies and reports. The first Ctrl-C ends the run after the call in flight, the second at once.
pub(super) async fn carry_out<A: Account>(account: &A, planned: &Planned, view: &View) -> Result<Answer, Failure> {
    let plan = &planned.plan;
    if plan.changes.is_empty() {
        account.flush()?;
        return Ok(Answer::Yes);
    }
    let stop = Cell::new(false);
    let progress = Progress::new(plan.changes.len(), can_draw(), view.options());
    let mut watch = |change: &_, outcome: Option<&_>| progress.change(change, outcome);
    let report = {
        let mut work = std::pin::pin!(apply(account, plan, &stop, &mut watch));
        loop {
            tokio::select! {
                report = &mut work => break Some(report),
                _ = tokio::signal::ctrl_c() => {
                    if stop.replace(true) {
                        break None;
                    }
                    writeln!(anstream::stderr(), "stopping after the call in flight; once more to stop at once")?;
                }
            }
        }
    };
    progress.finish();
    account.flush()?;
    let Some(report) = report else {
        let finding = Finding::error(Code::Unusable, "stopped in the middle of a call: whether it was carried out is not known");
        return Err(finding.help("`trailarm plan` shows what is left to do").into());
    };
    report::write(&report::apply_report(&report, view.options()), &mut anstream::stdout().lock())?;
    if report.is_complete() { Ok(Answer::Yes) } else { Err(Failure::Reported) }
}

/// Only `yes` is a yes.
pub(super) fn ask(question: &str) -> Result<(), Failure> {
    if !can_ask() {
        let finding = Finding::error(Code::Unusable, "nobody can be asked here, and nothing was applied");
        return Err(finding.help("say `--auto-approve` once the plan has been reviewed").into());
    }
    let mut stderr = anstream::stderr();
    write!(stderr, "\n{question} Only `yes` is taken: ")?;
    stderr.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if answer.trim() == "yes" {
        return Ok(());
    }
    writeln!(stderr, "Nothing was applied.")?;
    Err(Failure::Reported)
}
