//! `trailarm review`: the APIs and functions that were built or opened lately.

use std::io::Write;

use camino::Utf8PathBuf;
use clap::Args;
use clap::builder::ValueHint;

use super::Answer;
use super::args::{Aws, Format, can_draw};
use super::failure::Failure;
use super::output::{Output, text};
use super::policies::stack_actors;
use super::recorded::{HISTORY, archives};
use super::session::{block_on, stack_file};
use crate::account::aws::AwsAccount;
use crate::account::{Account, Lookup};
use crate::events::{Texts, Unpacker, visit};
use crate::finding::{Code, Finding, Severity};
use crate::report::json::review::V1Review;
use crate::report::{self, json};
use crate::review::{Collector, Reviewed, Standing};
use crate::stack::Project;

const SOURCES: [&str; 2] = ["apigateway.amazonaws.com", "lambda.amazonaws.com"];
const DAY: i64 = 86_400;

#[derive(Debug, Args)]
#[command(
    after_help = "The AWS Threat Technique Catalog advises this review against AT1667.001. Points rank and prove nothing; each comes with its\n\
    reason. The event history is of one Region and 90 days, and LookupEvents takes two calls a second.\n\
    Exit code: 0, or 2 when something is more suspicious than --max-suspicion."
)]
pub(super) struct ReviewArgs {
    /// Where the events come from: `event-history`, or files, folders and globs of archives; may be said several times
    #[arg(long, value_name = "SOURCE", env = "TRAILARM_FROM", default_value = HISTORY, value_hint = ValueHint::AnyPath)]
    from: Vec<Utf8PathBuf>,
    /// Of the event history: how many days back [default: 14]
    #[arg(long, value_name = "DAYS", env = "TRAILARM_DAYS", value_parser = clap::value_parser!(i64).range(1..=90))]
    days: Option<i64>,
    /// Who may build, beside `trusted_actors` of the stack: ARNs of roles (with wildcards), or services
    #[arg(long, value_name = "ACTOR", value_delimiter = ',', env = "TRAILARM_TRUSTED")]
    trusted: Vec<String>,
    /// Exit code 2 when something has more points than this
    #[arg(long, value_name = "POINTS", env = "TRAILARM_MAX_SUSPICION")]
    max_suspicion: Option<i32>,
    /// The stack file [default: trailarm.yaml, found upward from here, if there is one]
    #[arg(long, value_name = "FILE", env = "TRAILARM_CONFIG", value_hint = ValueHint::FilePath)]
    config: Option<Utf8PathBuf>,
    #[command(flatten)]
    aws: Aws,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(args: &ReviewArgs) -> Result<Answer, Failure> {
    args.output.files()?;
    let trusted = trusted(args)?;
    let is_history = args.from.iter().any(|from| from == HISTORY);
    if !is_history && args.days.is_some() {
        let finding = Finding::error(Code::Combination, "`--days` is for the event history; files are read whole");
        return Err(finding.help("leave it out, or say `--from event-history`").into());
    }
    if is_history && args.from.len() > 1 {
        let finding = Finding::error(Code::Combination, "`--from event-history` stands beside other sources");
        return Err(finding.help("read it by itself").into());
    }
    let Found { source, reviewed, records, is_whole } =
        if is_history { block_on(of_history(args, &trusted))? } else { of_files(&args.from, &trusted)? };
    let document = report::review(&source, records, &reviewed);
    args.output.write(|format| {
        Ok(match format {
            Format::Text => text(&document)?,
            Format::Markdown => report::markdown(&document),
            Format::Html => report::html("Review of APIs and functions", &document),
            Format::Json => format!("{}\n", json::pretty(&V1Review::new(&source, records, &reviewed))?),
        })
    })?;
    if !is_whole {
        // It is a review of the rest, and no success.
        return Err(Failure::Reported);
    }
    let most = reviewed.iter().map(Reviewed::suspicion).max().unwrap_or(0);
    Ok(if args.max_suspicion.is_some_and(|limit| most > limit) { Answer::Difference } else { Answer::Yes })
}

/// Those of the stack, where there is one, and those of the command line.
fn trusted(args: &ReviewArgs) -> Result<Vec<String>, Failure> {
    let mut trusted = args.trusted.clone();
    if let Some(odd) = trusted.iter().find(|actor| !actor.starts_with("arn:") && !actor.ends_with(".amazonaws.com")) {
        let finding = Finding::error(Code::WrongValue, format!("`{odd}` is neither the ARN of a role or a user nor a service"));
        return Err(finding.help("write `arn:aws:iam::*:role/ci-*`, or `cloudformation.amazonaws.com`").into());
    }
    match stack_file(args.config.as_deref()) {
        Ok(file) => trusted.extend(stack_actors(&Project::load(&file)?, "*")),
        Err(error) if args.config.is_some() => return Err(error),
        Err(_) => {}
    }
    Ok(trusted)
}

/// What was found in a source.
struct Found {
    source: String,
    reviewed: Vec<Reviewed>,
    records: usize,
    /// Nothing was left out.
    is_whole: bool,
}

async fn of_history(args: &ReviewArgs, trusted: &[String]) -> Result<Found, Failure> {
    let account = args.aws.connect().await?;
    let (now, days) = (jiff::Timestamp::now().as_second(), args.days.unwrap_or(14));
    let mut collector = Collector::default();
    for source in SOURCES {
        let mut pages = 0;
        let mut take = |records: Vec<String>, _: Option<i64>| {
            records.iter().for_each(|record| collector.add(record));
            pages += 1;
            if can_draw() && pages % 20 == 0 {
                // That the progress cannot be told stops nothing.
                let _ = writeln!(anstream::stderr(), "{source}: {} events so far", collector.records);
            }
            true
        };
        account.lookup(&Lookup::Source(source.to_owned()), (now - days * DAY, now + 1), &mut take).await?;
    }
    let records = collector.records;
    let mut reviewed = collector.review(trusted);
    for one in &mut reviewed {
        look(&account, one).await?;
    }
    let identity = account.identity();
    let source = format!("the event history of account {}, {}, {days} days", identity.account_id, identity.region);
    Ok(Found { source, reviewed, records, is_whole: true })
}

/// Whether what no record says was deleted is still there.
async fn look(account: &AwsAccount, one: &mut Reviewed) -> Result<(), Failure> {
    let Some(kind) = one.id.kind.type_name().filter(|_| !matches!(one.standing, Standing::Deleted(_))) else { return Ok(()) };
    one.standing = match account.exists(kind, &one.id.key).await {
        Ok(true) => Standing::There,
        Ok(false) => Standing::Gone,
        Err(error) if error.is_final() => return Err(error.into()),
        Err(error) => Standing::Unknown(format!("whether it is still there could not be read ({})", error.call)),
    };
    Ok(())
}

fn of_files(from: &[Utf8PathBuf], trusted: &[String]) -> Result<Found, Failure> {
    let (files, mut troubles) = archives(from)?;
    let mut collector = Collector::default();
    let mut unpacker = Unpacker::default();
    for file in &files {
        let mut told = Vec::new();
        let damage = unpacker.file(file, |part| {
            let mut texts = Texts::default();
            told.extend(visit(part, &mut texts));
            texts.0.iter().for_each(|text| collector.add(text));
        });
        troubles.extend(told.into_iter().chain(damage));
    }
    report::findings(&troubles, &mut anstream::stderr())?;
    if collector.records == 0 {
        let finding = Finding::error(Code::BadEvents, "there is no record of CloudTrail in it");
        return Err(finding.help("name archives as CloudTrail delivers them, or files of its records").into());
    }
    let records = collector.records;
    let names: Vec<&str> = from.iter().map(|path| path.as_str()).collect();
    let is_whole = troubles.iter().all(|trouble| trouble.severity != Severity::Error);
    Ok(Found { source: names.join(", "), reviewed: collector.review(trusted), records, is_whole })
}
