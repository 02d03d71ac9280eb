//! Policies for a stack, made without an account: `iam-policy` and `scp`.

use std::collections::BTreeSet;
use std::io::Write;

use camino::Utf8PathBuf;
use clap::Args;
use clap::builder::{FalseyValueParser, PossibleValuesParser, ValueHint};

use super::Answer;
use super::failure::Failure;
use super::session::{block_on, open_project};
use crate::account::aws::{AwsAccount, Connection};
use crate::account::{Account, Identity};
use crate::finding::{Code, Finding};
use crate::permissions::{Facts, Lack, Policy, Purpose, Trusted, control_policy, needed_for, policy};
use crate::report::{self, json};
use crate::stack::{LogGroups, Project, compile};
use crate::state::{NO_ACCOUNT, Scope};
use crate::yaml::{Node, Value};

/// Characters of a managed policy, blanks left out, and of a service control policy (quotas of IAM and Organizations).
const MOST_OF_MANAGED: usize = 6_144;
const MOST_OF_CONTROL: usize = 5_120;

/// What the policy is about.
#[derive(Debug, Args)]
struct About {
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

#[derive(Debug, Args)]
pub(super) struct IamPolicyArgs {
    /// For which commands; may be said several times
    #[arg(long = "for", value_name = "COMMAND", value_delimiter = ',', env = "TRAILARM_IAM_FOR", default_value = "apply",
        value_parser = PossibleValuesParser::new(Purpose::ALL.map(Purpose::name).into_iter().chain(["destroy"])))]
    purposes: Vec<String>,
    /// Ask IAM's simulator what of it you lack, in place of printing it
    #[arg(long, env = "TRAILARM_CHECK", value_parser = FalseyValueParser::new())]
    check: bool,
    /// With --check: profile of the AWS configuration [also: AWS_PROFILE]
    #[arg(long, value_name = "NAME", env = "TRAILARM_PROFILE")]
    profile: Option<String>,
    /// With --check: endpoint in place of AWS's own [also: AWS_ENDPOINT_URL]
    #[arg(long, value_name = "URL", env = "TRAILARM_ENDPOINT_URL")]
    endpoint_url: Option<String>,
    #[command(flatten)]
    about: About,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Attach it to a development account or organizational unit first, and let the pipeline run once. It binds neither the \
    management account nor service-linked roles."
)]
pub(super) struct ScpArgs {
    /// Who may still do it, beside `trusted_actors` of the stack: ARNs of roles (with wildcards), or services such as
    /// cloudformation.amazonaws.com. The role that runs `trailarm apply` must be among them
    #[arg(long, value_name = "ACTOR", value_delimiter = ',', env = "TRAILARM_ACTOR")]
    actor: Vec<String>,
    #[command(flatten)]
    about: About,
}

impl About {
    /// Calls `make` with what is known of the stack.
    fn with(&self, make: impl FnOnce(&Project, &Facts<'_>) -> Result<Policy, Failure>) -> Result<Policy, Failure> {
        self.at(None, make)
    }

    /// The same, where somebody is: what was not said is as it is there.
    fn at(&self, here: Option<&Identity>, make: impl FnOnce(&Project, &Facts<'_>) -> Result<Policy, Failure>) -> Result<Policy, Failure> {
        let project = open_project(self.config.as_deref())?;
        let section = project.section(&Scope::nowhere("stack"))?;
        let groups = LogGroups::offline(&section);
        let compiled = compile(&project, &Scope::nowhere(&section.stack.0), &groups)?;
        let any = |given: &Option<String>, own: Option<&String>| given.as_ref().or(own).cloned().unwrap_or_else(|| "*".to_owned());
        let account_id = any(&self.account_id, here.map(|here| &here.account_id));
        let region = any(&self.region, here.map(|here| &here.region));
        let partition = here.map_or_else(|| self.partition.clone(), |here| here.partition.clone());
        let scope = Scope { partition, account_id, region, stack: section.stack.0.clone() };
        let asks_trail = LogGroups::need_trails(&section);
        let mut log_groups: BTreeSet<String> = self.log_group.iter().cloned().collect();
        if !asks_trail {
            log_groups.extend(groups.others.into_values().chain([groups.main]));
        }
        let existing_topics = &compiled.existing_topics;
        make(&project, &Facts { scope: &scope, desired: &compiled.desired, log_groups, asks_trail, existing_topics })
    }
}

pub(super) fn iam(args: &IamPolicyArgs) -> Result<Answer, Failure> {
    // A snapshot reads what a plan reads, and to destroy is to apply.
    let also = |name: &str| match name {
        "snapshot" => Some("plan"),
        "destroy" => Some("apply"),
        _ => None,
    };
    let named = args.purposes.iter().flat_map(|name| [Some(name.as_str()), also(name)]).flatten();
    let named: BTreeSet<&str> = named.collect();
    let is_named = |purpose: &Purpose| named.contains(purpose.name());
    let purposes: Vec<Purpose> = Purpose::ALL.into_iter().filter(is_named).collect();
    if args.check {
        return block_on(check(args, &purposes));
    }
    let policy = args.about.with(|_, facts| Ok(policy(&purposes, facts)))?;
    print(&policy, MOST_OF_MANAGED, "make one for each command, or attach it inline to a role (10,240)")
}

/// What the caller lacks, and which command needs it.
async fn check(args: &IamPolicyArgs, purposes: &[Purpose]) -> Result<Answer, Failure> {
    let (profile, region, endpoint_url) = (args.profile.clone(), args.about.region.clone(), args.endpoint_url.clone());
    let account = AwsAccount::connect(&Connection { profile, region, endpoint_url }).await?;
    let policy = args.about.at(Some(account.identity()), |_, facts| Ok(policy(purposes, facts)))?;
    let lacks = account.lacking(&policy).await?;
    let mut out = anstream::stdout().lock();
    for Lack { action, resource, decision } in &lacks {
        let why = if decision == "explicitDeny" { " (something denies it)" } else { "" };
        let needed = needed_for(action, purposes).join(", ");
        writeln!(out, "you lack {action} on {}, needed for {needed}{why}", report::escape(resource))?;
    }
    let asked: usize = policy.statement.iter().map(|statement| statement.action.len() * statement.resource.len()).sum();
    let caller = report::escape(&account.identity().caller).into_owned();
    writeln!(out, "{caller}: {} of {asked} permissions are there, by IAM's simulator", asked - lacks.len())?;
    Ok(if lacks.is_empty() { Answer::Yes } else { Answer::Difference })
}

pub(super) fn scp(args: &ScpArgs) -> Result<Answer, Failure> {
    let policy = args.about.with(|project, facts| Ok(control_policy(&trusted(args, project)?, facts)))?;
    print(&policy, MOST_OF_CONTROL, "trust fewer actors, or use wildcards: `arn:aws:iam::*:role/ci-*`")?;
    let note = "attach it to a development account first: it denies these calls to everybody but the actors that are named";
    writeln!(anstream::stderr(), "note: {note}")?;
    Ok(Answer::Yes)
}

fn print(policy: &Policy, most: usize, help: &str) -> Result<Answer, Failure> {
    let text = json::pretty(policy)?;
    let characters = text.chars().filter(|c| !c.is_whitespace()).count();
    if characters > most {
        let finding = Finding::warning(Code::Combination, format!("the policy has {characters} characters, and may have {most}"));
        report::findings(&[finding.help(help)], &mut anstream::stderr())?;
    }
    writeln!(anstream::stdout().lock(), "{text}")?;
    Ok(Answer::Yes)
}

/// The stack's `trusted_actors`. An organization has many accounts, so `${account_id}` is any.
pub(super) fn stack_actors(project: &Project, partition: &str) -> Vec<String> {
    let listed = project.tree.get("parameters").and_then(|parameters| parameters.get("trusted_actors"));
    let items: &[Node] = match listed.map(|node| &node.value) {
        Some(Value::List(items)) => items,
        _ => &[],
    };
    let of_stack = items.iter().filter_map(|item| match &item.value {
        Value::Scalar { text, .. } => Some(text.replace("${account_id}", "*").replace("${partition}", partition).replace(NO_ACCOUNT, "*")),
        _ => None,
    });
    of_stack.collect()
}

/// The actors of the stack and of the command line.
fn trusted(args: &ScpArgs, project: &Project) -> Result<Trusted, Failure> {
    let mut trusted = Trusted::default();
    for actor in stack_actors(project, &args.about.partition).into_iter().chain(args.actor.iter().cloned()) {
        match actor.split(':').collect::<Vec<_>>().as_slice() {
            ["arn", _, "iam", "", _, _] => trusted.principals.push(actor),
            [service] if service.ends_with(".amazonaws.com") => trusted.services.push(actor),
            _ => {
                let finding = Finding::error(Code::WrongValue, format!("`{actor}` is neither the ARN of a role or a user nor a service"));
                let help = "a control policy knows a session by its role: arn:aws:iam::*:role/ci-deployer";
                return Err(finding.help(help).into());
            }
        }
    }
    if trusted.principals.is_empty() {
        let finding = Finding::error(Code::MissingKey, "nobody is trusted, so the policy would deny these calls to everybody");
        return Err(finding.help("name the role of your pipeline: `--actor 'arn:aws:iam::*:role/ci-deployer'`").into());
    }
    Ok(trusted)
}
