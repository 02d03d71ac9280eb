//! `trailarm plan`: what apply would do.

use camino::Utf8PathBuf;
use clap::Args;
use clap::builder::FalseyValueParser;

use super::Answer;
use super::args::{Format, Target, View};
use super::failure::Failure;
use super::github;
use super::output::{Output, text, write_file};
use super::session::{open_account, open_project, with_account};
use crate::audit;
use crate::checks::delete_valve;
use crate::finding::Severity;
use crate::plan::saved::{Made, SavedPlan};
use crate::planning::{Planned, make_plan};
use crate::report::{self, GITHUB_LIMIT, Options, Review, json};

#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    view: View,
    #[command(flatten)]
    output: Output,
    /// Save the plan, for `apply FILE`; it holds endpoints of subscriptions in full
    #[arg(long, value_name = "FILE", env = "TRAILARM_OUT")]
    out: Option<Utf8PathBuf>,
    /// Exit with 2 when there are changes
    #[arg(long, env = "TRAILARM_DETAILED_EXITCODE", value_parser = FalseyValueParser::new())]
    detailed_exitcode: bool,
}

pub(super) async fn run(args: &PlanArgs) -> Result<Answer, Failure> {
    args.output.files()?;
    let project = open_project(args.target.config.as_deref())?;
    let account = open_account(&args.target).await?;
    let choice = args.view.choice(false);
    let planned = with_account!(&account, |account| make_plan(account, &project, &choice).await?);
    let valve = delete_valve(&planned.plan, planned.live.owned_count(), &planned.compiled.limits, None);
    let made = Made { refresh_tags: choice.refresh_tags, is_partial: choice.only.is_some(), over_delete_limit: valve.is_some() };
    let saved = SavedPlan::new(&planned.plan, &planned.live, made);
    if let Some(mut valve) = valve {
        valve.severity = Severity::Warning;
        report::findings(&[valve], &mut anstream::stderr())?;
    }
    report::findings(&planned.warnings, &mut anstream::stderr())?;
    if let Some(file) = &args.out {
        write_file(file, &format!("{}\n", json::pretty(&saved)?))?;
    }
    let drawn = Drawn::new(&planned, &saved, args.view.options());
    args.output.write(|format| drawn.render(format))?;
    github::tell(&planned, &saved, &drawn)?;
    let changes = !planned.plan.changes.is_empty();
    Ok(if changes && args.detailed_exitcode { Answer::Difference } else { Answer::Yes })
}

/// A plan with all that is said of it.
pub(super) struct Drawn<'a> {
    planned: &'a Planned,
    saved: &'a SavedPlan,
    audited: Option<(Vec<audit::Judgement>, Vec<audit::Judgement>)>,
    options: Options,
}

impl<'a> Drawn<'a> {
    pub(super) fn new(planned: &'a Planned, saved: &'a SavedPlan, options: Options) -> Self {
        Self { planned, saved, audited: audit::of_plan(planned), options }
    }

    fn review(&self) -> [Review<'_>; 1] {
        let Self { planned, saved, audited, options } = self;
        [Review { plan: &planned.plan, fingerprint: &saved.fingerprint, audited: audited.as_ref(), options: *options }]
    }

    /// As the comment on a pull request, in at most so many bytes.
    pub(super) fn comment(&self, limit: usize) -> String {
        report::comment(&self.review(), limit)
    }

    pub(super) fn render(&self, format: Format) -> Result<String, Failure> {
        Ok(match format {
            Format::Text => text(&report::plan(&self.planned.plan, self.audited.as_ref(), self.options))?,
            Format::Json => format!("{}\n", json::pretty(self.saved)?),
            Format::Markdown => self.comment(GITHUB_LIMIT),
            Format::Html => report::page(&self.review()),
        })
    }
}
