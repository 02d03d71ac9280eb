//! `trailarm destroy`: removes what the stack owns.

use clap::Args;

use super::Answer;
use super::apply::{ask, carry_out, unchanged};
use super::args::{Consent, Target, View};
use super::failure::Failure;
use super::session::{open_account, open_project, show, with_account};
use crate::planning::make_plan;

#[derive(Debug, Args)]
pub(super) struct DestroyArgs {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    view: View,
    #[command(flatten)]
    consent: Consent,
}

pub(super) async fn run(args: &DestroyArgs) -> Result<Answer, Failure> {
    let project = open_project(args.target.config.as_deref())?;
    let account = open_account(&args.target).await?;
    with_account!(&account, |account| {
        let choice = args.view.choice(true);
        let planned = make_plan(account, &project, &choice).await?;
        show(&planned, &args.view)?;
        if !planned.plan.changes.is_empty() && !args.consent.auto_approve {
            ask("Destroy all of this?")?;
            unchanged(account, &project, &choice, &planned).await?;
        }
        carry_out(account, &planned, &args.view).await
    })
}
