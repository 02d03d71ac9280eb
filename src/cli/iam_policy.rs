//! `trailarm iam-policy`: the least-privilege policy of a stack.

use std::collections::BTreeSet;
use std::io::Write;

use camino::Utf8PathBuf;
use clap::Args;
use clap::builder::{PossibleValuesParser, ValueHint};

use super::Answer;
use super::failure::Failure;
use super::session::open_project;
use crate::finding::{Code, Finding};
use crate::permissions::{Facts, Purpose, policy};
use crate::report::{self, json};
use crate::stack::{LogGroups, compile};
use crate::state::Scope;

/// Characters of a managed policy, blanks left out (IAM quotas).
const MOST_CHARACTERS: usize = 6_144;

#[derive(Debug, Args)]
pub(super) struct IamPolicyArgs {
    /// For which commands; may be said several times
    #[arg(long = "for", value_name = "COMMAND", value_delimiter = ',', env = "TRAILARM_IAM_FOR", default_value = "apply",
        value_parser = PossibleValuesParser::new(Purpose::ALL.map(Purpose::name)))]
    purposes: Vec<String>,
    /// The account that it is for [default: any]
    #[arg(long, value_name = "ID", env = "TRAILARM_ACCOUNT_ID", value_parser = super::matches::account_id)]
    account_id: Option<String>,
    /// The Region that it is for [default: any]
    #[arg(long, value_name = "REGION", env = "TRAILARM_REGION")]
    region: Option<String>,
    /// The AWS partition
    #[arg(long, value_name = "NAME", env = "TRAILARM_PARTITION", default_value = "aws")]
    partition: String,
    /// The name of the log group, where the stack asks the trail for it [default: any]
    #[arg(long, value_name = "NAME", env = "TRAILARM_LOG_GROUP")]
    log_group: Option<String>,
    /// The stack file [default: trailarm.yaml, found upward from here]
    #[arg(long, value_name = "FILE", env = "TRAILARM_CONFIG", value_hint = ValueHint::FilePath)]
    config: Option<Utf8PathBuf>,
}

pub(super) fn run(args: &IamPolicyArgs) -> Result<Answer, Failure> {
    let project = open_project(args.config.as_deref())?;
    let section = project.section(&Scope::nowhere("stack"))?;
    let nowhere = Scope::nowhere(&section.stack.0);
    let compiled = compile(&project, &nowhere, &LogGroups::offline(&section))?;
    let any = |given: &Option<String>| given.clone().unwrap_or_else(|| "*".to_owned());
    let scope = Scope {
        partition: args.partition.clone(),
        account_id: any(&args.account_id),
        region: any(&args.region),
        stack: section.stack.0.clone(),
    };
    let asks_trail = LogGroups::need_trails(&section);
    let mut log_groups: BTreeSet<String> = args.log_group.iter().cloned().collect();
    if !asks_trail {
        let groups = LogGroups::offline(&section);
        log_groups.extend(groups.others.into_values().chain([groups.main]));
    }
    let facts = Facts { scope: &scope, desired: &compiled.desired, log_groups, asks_trail };
    let purposes: Vec<Purpose> =
        Purpose::ALL.into_iter().filter(|purpose| args.purposes.iter().any(|name| name == purpose.name())).collect();
    let policy = policy(&purposes, &facts);
    let text = json::pretty(&policy)?;
    let characters = text.chars().filter(|c| !c.is_whitespace()).count();
    if characters > MOST_CHARACTERS {
        let message = format!("the policy has {characters} characters, and a managed policy may have {MOST_CHARACTERS}");
        let finding =
            Finding::warning(Code::Combination, message).help("make one for each command, or attach it inline to a role (10,240)");
        report::findings(&[finding], &mut anstream::stderr())?;
    }
    writeln!(anstream::stdout().lock(), "{text}")?;
    Ok(Answer::Yes)
}
