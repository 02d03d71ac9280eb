//! `trailarm snapshot`: a live account in a file, as far as a plan looks at it.

use std::io::Write;

use camino::Utf8PathBuf;
use clap::Args;
use clap::builder::FalseyValueParser;

use super::Answer;
use super::args::{Aws, Target};
use super::failure::Failure;
use super::session::{AnyAccount, open_account, open_project};
use crate::account::Account;
use crate::account::snapshot::SnapshotAccount;
use crate::finding::{Code, Finding};
use crate::kinds::Listed;
use crate::planning::{explain, log_groups, scope_of};
use crate::read::{Phase, query, sort};
use crate::stack::compile;
use crate::state::Live;

#[derive(Debug, Args)]
pub(super) struct SnapshotArgs {
    /// The file to write
    #[arg(value_name = "FILE")]
    file: Utf8PathBuf,
    /// Write over a file that exists
    #[arg(long, env = "TRAILARM_FORCE", value_parser = FalseyValueParser::new())]
    force: bool,
    /// The stack file [default: trailarm.yaml, found upward from here]
    #[arg(long, value_name = "FILE", env = "TRAILARM_CONFIG")]
    config: Option<Utf8PathBuf>,
    #[command(flatten)]
    aws: Aws,
}

pub(super) async fn run(args: &SnapshotArgs) -> Result<Answer, Failure> {
    if args.file.exists() && !args.force {
        let finding = Finding::error(Code::Unusable, format!("{} exists", args.file));
        return Err(finding.help("say `--force` to write over it, or name another file").into());
    }
    let project = open_project(args.config.as_deref())?;
    let aws = Aws { profile: args.aws.profile.clone(), region: args.aws.region.clone(), endpoint_url: args.aws.endpoint_url.clone() };
    let AnyAccount::Aws(account) = open_account(&Target { config: None, account: None, aws }).await? else {
        return Err(Failure::Reported);
    };
    let account = &*account;
    let scope = scope_of(&project, account.identity())?;
    let groups = log_groups(account, &project, &scope).await?;
    let compiled = compile(&project, &scope, &groups)?;
    let mut query = query(&scope, &compiled, &groups, false);
    let (mut resources, mut live): (Vec<Listed>, Live) = Default::default();
    for phase in Phase::ALL {
        phase.prepare(&mut query, &live);
        // Those of others that were read by name are judged by auditors.
        let topics = resources.iter().filter(|listed| listed.resource.address.kind == "topic");
        query.topics.extend(topics.map(|listed| listed.resource.address.name.clone()));
        for kind in phase.kinds() {
            let listed = account.list(kind, &query).await.map_err(|e| explain(e, &project, &scope))?;
            sort(kind, listed.clone(), &query, &compiled, &mut live);
            resources.extend(listed);
        }
    }
    let count = resources.len();
    let mut trails = account.trails().await?;
    for trail in &mut trails {
        trail.selectors = account.selectors(trail).await?;
    }
    SnapshotAccount::of(&args.file, account.identity(), trails, query.log_groups, resources).save()?;
    writeln!(anstream::stdout(), "{count} resources of account {} in {} are in {}.", scope.account_id, scope.region, args.file)?;
    Ok(Answer::Yes)
}
