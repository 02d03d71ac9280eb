//! `trailarm plan`: what apply would do.

use clap::Args;
use clap::builder::FalseyValueParser;

use super::Answer;
use super::args::{Target, View};
use super::failure::Failure;
use super::session::{open_account, open_project, show, with_account};
use crate::checks::delete_valve;
use crate::finding::Severity;
use crate::planning::make_plan;
use crate::report;

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    view: View,
    /// Exit with 2 when there are changes
    #[arg(long, env = "TRAILARM_DETAILED_EXITCODE", value_parser = FalseyValueParser::new())]
    detailed_exitcode: bool,
}

pub(super) async fn run(args: &PlanArgs) -> Result<Answer, Failure> {
    let project = open_project(args.target.config.as_deref())?;
    let account = open_account(&args.target).await?;
    let planned = with_account!(&account, |account| make_plan(account, &project, &args.view.choice(false)).await?);
    if let Some(mut valve) = delete_valve(&planned.plan, planned.live.owned_count(), &planned.compiled.limits, None) {
        valve.severity = Severity::Warning;
        report::findings(&[valve], &mut anstream::stderr())?;
    }
    show(&planned, &args.view)?;
    let changes = !planned.plan.changes.is_empty();
    Ok(if changes && args.detailed_exitcode { Answer::Difference } else { Answer::Yes })
}
