//! `trailarm apply`: shows the plan, asks, carries it out.

use std::io::{BufRead, Write};

use camino::Utf8PathBuf;
use clap::Args;

use super::Answer;
use super::args::{Consent, Format, Target, View, can_ask};
use super::failure::Failure;
use super::pager;
use super::plan::Drawn;
use super::session::{open_account, open_project, read_plan, stack_file, with_account};
use super::work::{Told, Work};
use crate::account::{Account, Identity};
use crate::checks::{delete_valve, deletes};
use crate::finding::{Code, Finding};
use crate::plan::Plan;
use crate::plan::saved::{Made, SavedPlan};
use crate::planning::{Choice, Planned, make_plan};
use crate::report;
use crate::stack::Project;
use crate::standing::standing;
use crate::state::Scope;

#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    /// A plan that `plan --out` saved: just that is applied, and what moved meanwhile is refused
    #[arg(value_name = "PLAN", conflicts_with = "only")]
    file: Option<Utf8PathBuf>,
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    view: View,
    #[command(flatten)]
    consent: Consent,
    /// Apply the plan of this fingerprint and no other; its first 16 digits will do. Nobody is asked then
    #[arg(long, value_name = "FINGERPRINT", env = "TRAILARM_EXPECT")]
    expect: Option<String>,
    /// Let this run delete up to N resources, whatever the stack's limit says
    #[arg(long, value_name = "N", env = "TRAILARM_ALLOW_DELETES")]
    allow_deletes: Option<usize>,
    #[command(flatten)]
    told: Told,
}

pub(super) async fn run(args: &ApplyArgs) -> Result<Answer, Failure> {
    args.told.output.files()?;
    if let Some(file) = &args.file {
        return saved(args, file).await;
    }
    let project = open_project(args.target.config.as_deref())?;
    let account = open_account(&args.target).await?;
    with_account!(&account, |account| {
        let choice = args.view.choice(false);
        let planned = make_plan(account, &project, &choice).await?;
        let valve = delete_valve(&planned.plan, planned.live.owned_count(), &planned.compiled.limits, args.allow_deletes);
        let over = delete_valve(&planned.plan, planned.live.owned_count(), &planned.compiled.limits, None).is_some();
        let made = Made { refresh_tags: choice.refresh_tags, is_partial: choice.only.is_some(), over_delete_limit: over };
        let saved = SavedPlan::new(&planned.plan, &planned.live, made);
        show(&planned, &saved, &args.view, &args.told)?;
        expected(args.expect.as_deref(), &saved)?;
        if let Some(valve) = valve {
            return Err(valve.into());
        }
        if !planned.plan.changes.is_empty() && !args.consent.auto_approve && args.expect.is_none() {
            ask("Apply these changes?", "nothing was applied")?;
            unchanged(account, &project, &choice, &planned).await?;
        }
        let options = args.view.options();
        let work = Work { plan: &planned.plan, standing: &[], fingerprint: &saved.fingerprint, options, told: &args.told };
        work.carry_out(account).await
    })
}

/// Applies what was reviewed, and no more.
async fn saved(args: &ApplyArgs, file: &Utf8PathBuf) -> Result<Answer, Failure> {
    let saved = read_plan(file)?;
    expected(args.expect.as_deref(), &saved)?;
    let plan = saved.plan()?;
    same_stack(args, &plan)?;
    let deletes = deletes(&plan);
    if saved.over_delete_limit && args.allow_deletes.is_none_or(|allowed| deletes > allowed) {
        let finding = Finding::error(Code::DeleteValve, format!("the plan deletes {deletes} resources, more than the stack's limit"));
        return Err(finding.help(format!("if that was reviewed, run it with `--allow-deletes {deletes}`")).into());
    }
    let account = open_account(&args.target).await?;
    with_account!(&account, |account| {
        same_account(&plan, account.identity())?;
        let standing = standing(account, &plan, saved.refresh_tags).await?;
        let work =
            Work { plan: &plan, standing: &standing, fingerprint: &saved.fingerprint, options: args.view.options(), told: &args.told };
        if !args.told.json && args.told.output.format == Format::Text {
            writeln!(anstream::stdout(), "{}", report::summary(&plan))?;
        }
        work.carry_out(account).await
    })
}

/// As many as the comment shows: so many that nobody makes another plan that begins with them.
const FEWEST_DIGITS: usize = 16;

/// The plan is the one that was approved.
fn expected(expect: Option<&str>, saved: &SavedPlan) -> Result<(), Finding> {
    let Some(expect) = expect else { return Ok(()) };
    let digits = |text: &str| text.trim_start_matches("sha256:").to_lowercase();
    let (wanted, own) = (digits(expect), digits(&saved.fingerprint));
    if wanted.len() >= FEWEST_DIGITS && own.starts_with(&wanted) {
        return Ok(());
    }
    let message = if wanted.len() < FEWEST_DIGITS {
        format!("`{expect}` is too short for a fingerprint: {FEWEST_DIGITS} digits at least")
    } else {
        format!("this is not the plan that was approved: its fingerprint is {}", saved.fingerprint)
    };
    Err(Finding::error(Code::SavedPlan, message).help("nothing was applied; look at the new plan, and approve that"))
}

/// Where there is a stack here, the plan is of that stack.
fn same_stack(args: &ApplyArgs, plan: &Plan) -> Result<(), Failure> {
    let path = match stack_file(args.target.config.as_deref()) {
        Ok(path) => path,
        Err(error) if args.target.config.is_some() => return Err(error),
        Err(_) => return Ok(()),
    };
    let here = Project::load(&path)?.section(&Scope::nowhere("stack"))?.stack.0;
    if here == plan.scope.stack {
        return Ok(());
    }
    let finding =
        Finding::error(Code::SavedPlan, format!("the plan is for the stack {}, and {path} is the stack {here}", plan.scope.stack));
    Err(finding.help("nothing was applied; name the right file, or the right stack with `--config`").into())
}

fn same_account(plan: &Plan, here: &Identity) -> Result<(), Finding> {
    let Scope { partition, account_id, region, .. } = &plan.scope;
    if (partition, account_id, region) == (&here.partition, &here.account_id, &here.region) {
        return Ok(());
    }
    let message = format!("the plan is for account {account_id}, {region}, and this is account {}, {}", here.account_id, here.region);
    Err(Finding::error(Code::SavedPlan, message).help("nothing was applied; take the credentials and the Region that it was made with"))
}

/// Shows warnings on stderr and the plan on stdout; where stdout is for programs, on stderr.
pub(super) fn show(planned: &Planned, saved: &SavedPlan, view: &View, told: &Told) -> Result<(), Failure> {
    report::findings(&planned.warnings, &mut anstream::stderr())?;
    let plan = Drawn::new(planned, saved, view.options()).render(Format::Text)?;
    if told.json || told.output.format != Format::Text {
        return Ok(anstream::stderr().write_all(plan.as_bytes())?);
    }
    Ok(pager::print(&plan)?)
}

/// What was looked at is what is done: the account may have changed while the question was open.
pub(super) async fn unchanged<A: Account>(account: &A, project: &Project, choice: &Choice, planned: &Planned) -> Result<(), Failure> {
    if make_plan(account, project, choice).await?.plan == planned.plan {
        return Ok(());
    }
    let finding = Finding::error(Code::Conflict, "the account changed while the question was open, and nothing was applied");
    Err(finding.help("run it again and look at the new plan").into())
}

/// Only `yes` is a yes. `otherwise`: what is said of a no.
pub(super) fn ask(question: &str, otherwise: &str) -> Result<(), Failure> {
    if !can_ask() {
        let finding = Finding::error(Code::Unusable, format!("nobody can be asked here, and {otherwise}"));
        return Err(finding.help("say `--auto-approve` once what it does has been reviewed").into());
    }
    let mut stderr = anstream::stderr();
    write!(stderr, "\n{question} Only `yes` is taken: ")?;
    stderr.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    if answer.trim() == "yes" {
        return Ok(());
    }
    writeln!(stderr, "{}{}.", otherwise[..1].to_uppercase(), &otherwise[1..])?;
    Err(Failure::Reported)
}
