//! `trailarm audit`: what auditors will say of the CIS controls.

use std::io::Write;

use camino::Utf8PathBuf;
use clap::Args;
use clap::builder::FalseyValueParser;

use super::Answer;
use super::args::{Aws, Format, Target};
use super::failure::Failure;
use super::session::{block_on, open_account, stack_file, with_account};
use crate::account::Account;
use crate::audit::{Auditor, Evidence, USUAL, Verdict, judge};
use crate::finding::{Code, Finding};
use crate::report;
use crate::report::json::audit::Audit;
use crate::stack::{LogGroups, Project, check};
use crate::state::Scope;

#[derive(Debug, Args)]
#[command(after_help = "Without `--live` and `--account` the answer is about what the stack desires, on a trail as it should be.\n\
    Exit code: 0 when every control passes, 2 when one does not or cannot be judged, 1 on an error.")]
pub(super) struct AuditArgs {
    /// Whom to ask: security-hub, prowler, steampipe, cis-1.4 to cis-7.0 [default: security-hub,prowler,cis-7.0,steampipe]
    #[arg(long, value_name = "NAME", value_delimiter = ',', env = "TRAILARM_AUDITOR")]
    auditor: Vec<String>,
    /// The profile of the pack `cis`, in place of the stack's: security-hub, prowler, cis-7.0, all
    ///
    /// The profile of the AWS configuration is `--aws-profile` here.
    #[arg(long, value_name = "NAME", env = "TRAILARM_CIS_PROFILE", conflicts_with_all = ["live", "account"])]
    profile: Option<String>,
    /// Judge the live account: everything in this Region, whoever made it
    #[arg(long, env = "TRAILARM_AUDIT_LIVE", value_parser = FalseyValueParser::new())]
    live: bool,
    #[arg(long, short, value_enum, default_value_t, env = "TRAILARM_FORMAT")]
    format: Format,
    /// The stack file [default: trailarm.yaml, found upward from here]
    #[arg(long, value_name = "FILE", env = "TRAILARM_CONFIG")]
    config: Option<Utf8PathBuf>,
    /// Judge a snapshot account in place of AWS
    #[arg(long, value_name = "FILE", env = "TRAILARM_ACCOUNT")]
    account: Option<Utf8PathBuf>,
    /// Profile of the AWS configuration [also: AWS_PROFILE]
    #[arg(long, value_name = "NAME", env = "TRAILARM_PROFILE")]
    aws_profile: Option<String>,
    /// AWS Region [also: AWS_REGION]
    #[arg(long, value_name = "REGION", env = "TRAILARM_REGION")]
    region: Option<String>,
    /// Endpoint in place of AWS's own [also: AWS_ENDPOINT_URL]
    #[arg(long, value_name = "URL", env = "TRAILARM_ENDPOINT_URL")]
    endpoint_url: Option<String>,
}

pub(super) fn run(args: &AuditArgs) -> Result<Answer, Failure> {
    let named = args.auditor.iter().map(|name| Auditor::parse(name)).collect::<Result<Vec<_>, _>>()?;
    let auditors = if named.is_empty() { USUAL } else { &named };
    let evidence = if args.live || args.account.is_some() { block_on(live(args))? } else { desired(args)? };
    let judgements = judge(auditors, &evidence);
    let mut out = anstream::stdout().lock();
    match args.format {
        Format::Json => writeln!(out, "{}", report::json::pretty(&Audit::new(&judgements, &evidence))?)?,
        format => format.write("What auditors will say", &report::audit(&judgements, &evidence), &mut out)?,
    }
    let passes = |verdict: &Verdict| matches!(verdict, Verdict::Passed | Verdict::NoControl);
    let all = judgements.iter().all(|judgement| judgement.verdicts.iter().all(passes));
    Ok(if all { Answer::Yes } else { Answer::Difference })
}

async fn live(args: &AuditArgs) -> Result<Evidence, Failure> {
    let aws = Aws { profile: args.aws_profile.clone(), region: args.region.clone(), endpoint_url: args.endpoint_url.clone() };
    let account = open_account(&Target { config: None, account: args.account.clone(), aws }).await?;
    Ok(with_account!(&account, |account| account.evidence().await?))
}

/// What the stack desires.
fn desired(args: &AuditArgs) -> Result<Evidence, Failure> {
    let mut project = Project::load(&stack_file(args.config.as_deref())?)?;
    if let Some(profile) = &args.profile {
        project.choose_profile("cis", profile)?;
    }
    let compiled = check(&project)?;
    if compiled.units.iter().all(|unit| unit.ready.section.references.as_ref().is_none_or(|references| references.cis.is_none())) {
        let finding = Finding::error(Code::UnknownName, "no detection of the stack is for the controls that auditors judge");
        return Err(finding.help("add `cis` to `packs:`; `trailarm audit --live` judges what the account has, whoever made it").into());
    }
    let section = project.section(&Scope::nowhere("stack"))?;
    let scope = Scope::nowhere(&section.stack.0);
    Ok(Evidence::of_desired(&compiled.desired.state, &scope, &LogGroups::offline(&section).main, &compiled.existing_topics))
}
