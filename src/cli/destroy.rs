//! `trailarm destroy`: removes what the stack owns.

use clap::Args;

use super::Answer;
use super::apply::carry_out;
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
        let planned = make_plan(account, &project, &args.view.choice(true)).await?;
        show(&planned, &args.view)?;
        carry_out(account, &planned, &args.view, &args.consent, "Destroy all of this?").await
    })
}
