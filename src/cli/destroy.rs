//! `trailarm destroy`: removes what the stack owns.

use clap::Args;

use super::Answer;
use super::apply::{ask, show, unchanged};
use super::args::{Consent, Target, View};
use super::failure::Failure;
use super::session::{open_account, open_project, with_account};
use super::work::{Told, Work};
use crate::plan::saved::{Made, SavedPlan};
use crate::planning::make_plan;

#[derive(Debug, Args)]
pub(super) struct DestroyArgs {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    view: View,
    #[command(flatten)]
    consent: Consent,
    #[command(flatten)]
    told: Told,
}

pub(super) async fn run(args: &DestroyArgs) -> Result<Answer, Failure> {
    args.told.output.files()?;
    let project = open_project(args.target.config.as_deref())?;
    let account = open_account(&args.target).await?;
    with_account!(&account, |account| {
        let choice = args.view.choice(true);
        let planned = make_plan(account, &project, &choice).await?;
        let saved = SavedPlan::new(&planned.plan, &planned.live, Made::default());
        show(&planned, &saved, &args.view, &args.told)?;
        if !planned.plan.changes.is_empty() && !args.consent.auto_approve {
            ask("Destroy all of this?", "nothing was applied")?;
            unchanged(account, &project, &choice, &planned).await?;
        }
        let options = args.view.options();
        let work = Work { plan: &planned.plan, standing: &[], fingerprint: &saved.fingerprint, options, told: &args.told };
        work.carry_out(account).await
    })
}
