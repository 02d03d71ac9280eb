//! What plan, apply and destroy have in common: stack and account in, plan out.

use std::future::Future;
use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use globset::GlobBuilder;

use super::args::{Target, View};
use super::failure::Failure;
use crate::account::aws::{AwsAccount, Connection};
use crate::account::snapshot::SnapshotAccount;
use crate::account::error::{AccountError, Reason as Why};
use crate::account::{Account, Identity};
use crate::checks;
use crate::finding::{Code, Finding, Severity};
use crate::kinds::metric_filter::LIST_FILTERS;
use crate::plan::{Plan, Reason, diff, narrow};
use crate::read::{is_removed, query, read};
use crate::report;
use crate::stack::{Compiled, LogGroups, Project, check, compile, find, resolve};
use crate::state::{Address, Attributes, Desired, Live, Scope};

/// Runs a command that calls an account, on this thread.
pub(super) fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(future)
}

/// The stack, found to be right as far as that can be seen without the account.
pub(super) fn open_project(config: Option<&Utf8Path>) -> Result<Project, Failure> {
    let path = match config {
        Some(path) => path.to_owned(),
        None => relative(find(&here()?)?),
    };
    load_project(&path)
}

/// A stack file without an error.
pub(super) fn load_project(path: &Utf8Path) -> Result<Project, Failure> {
    let project = Project::load(path)?;
    let findings = check(&project);
    if findings.is_empty() { Ok(project) } else { Err(findings.into()) }
}

fn here() -> Result<Utf8PathBuf, Failure> {
    let wrong = |message: String| Finding::error(Code::Unreadable, message).help("run trailarm in a folder with a UTF-8 path");
    let path = std::env::current_dir().map_err(|e| wrong(format!("the current folder cannot be read: {e}")))?;
    Utf8PathBuf::try_from(path).map_err(|e| wrong(e.to_string()).into())
}

/// As the user would type it, when it is below the current folder.
fn relative(path: Utf8PathBuf) -> Utf8PathBuf {
    match here() {
        Ok(here) => path.strip_prefix(&here).map(Utf8Path::to_owned).unwrap_or(path),
        Err(_) => path,
    }
}

fn stack_name(project: &Project) -> Result<String, Failure> {
    Ok(project.section(&Scope::nowhere("stack"))?.stack.0)
}

/// The account of a target.
pub(super) enum AnyAccount {
    Aws(Box<AwsAccount>),
    Snapshot(Box<SnapshotAccount>),
}

/// Calls a generic function with the account that it is.
macro_rules! with_account {
    ($account:expr, |$name:ident| $body:expr) => {
        match $account {
            $crate::cli::session::AnyAccount::Aws($name) => {
                let $name = &**$name;
                $body
            }
            $crate::cli::session::AnyAccount::Snapshot($name) => {
                let $name = &**$name;
                $body
            }
        }
    };
}
pub(super) use with_account;

/// Opens the account that the arguments name.
pub(super) async fn open_account(target: &Target) -> Result<AnyAccount, Failure> {
    if let Some(path) = &target.account {
        let account = SnapshotAccount::open(path)?;
        if account.is_new {
            let identity = account.identity();
            writeln!(
                anstream::stderr(),
                "note: {path} does not exist yet: this is a new account ({}, {}) with a trail and nothing else",
                identity.account_id,
                identity.region
            )?;
        }
        return Ok(AnyAccount::Snapshot(Box::new(account)));
    }
    let aws = &target.aws;
    let connection = Connection { profile: aws.profile.clone(), region: aws.region.clone(), endpoint_url: aws.endpoint_url.clone() };
    Ok(AnyAccount::Aws(Box::new(AwsAccount::connect(&connection).await?)))
}

/// A plan and what it was made from.
pub(super) struct Planned {
    pub plan: Plan,
    pub live: Live,
    pub compiled: Compiled,
    pub warnings: Vec<Finding>,
}

/// Reads the account and compares. With `destroy`, nothing is desired any more.
pub(super) async fn make_plan<A: Account>(account: &A, project: &Project, view: &View, destroy: bool) -> Result<Planned, Failure> {
    let only = view.only.as_deref().map(glob).transpose()?;
    let scope = scope_of(project, account.identity())?;
    let groups = log_groups(account, project, &scope).await?;
    let mut compiled = compile(project, &scope, &groups)?;
    let mut query = query(&scope, &compiled, &groups, view.refresh_tags);
    let live = read(account, &mut query, &compiled).await.map_err(|e| explain(e, project, &scope))?;
    if destroy {
        compiled.desired = Desired { notes: compiled.desired.notes, ..Desired::default() };
    }
    let mut plan = diff(&scope, &compiled.desired, &live, |address, before| reason(address, before, &compiled, destroy));
    if let Some(only) = only {
        narrow(&mut plan, &compiled.desired, &only);
    }
    let (errors, warnings): (Vec<_>, Vec<_>) =
        checks::check(&plan, &live, &compiled).into_iter().partition(|f| f.severity == Severity::Error);
    if errors.is_empty() { Ok(Planned { plan, live, compiled, warnings }) } else { Err(errors.into()) }
}

/// That a log group does not exist is said where it is named.
pub(super) fn explain(error: AccountError, project: &Project, scope: &Scope) -> Failure {
    if error.call != LIST_FILTERS || error.reason != Why::NotFound {
        return error.into();
    }
    let message = format!("the {} does not exist in account {}, {}", error.subject, scope.account_id, scope.region);
    let help = "check name, account and Region; `log_group: {from_trail: auto}` finds the one that the trail delivers to";
    Finding::error(Code::TrailOrLogGroup, message).at(&project.tree.locate("log_group")).help(help).into()
}

fn glob(pattern: &str) -> Result<globset::GlobMatcher, Finding> {
    let glob = GlobBuilder::new(pattern).literal_separator(false).build();
    glob.map(|g| g.compile_matcher())
        .map_err(|e| Finding::error(Code::WrongValue, e.to_string()).help("write a glob, such as 'api-gateway-abuse/*'"))
}

/// The scope of a stack in an account.
pub(super) fn scope_of(project: &Project, identity: &Identity) -> Result<Scope, Failure> {
    let Identity { partition, account_id, region } = identity.clone();
    Ok(Scope { partition, account_id, region, stack: stack_name(project)? })
}

/// The log groups of a stack, asked of the trail where the stack says so.
pub(super) async fn log_groups<A: Account>(account: &A, project: &Project, scope: &Scope) -> Result<LogGroups, Failure> {
    let section = project.section(scope)?;
    let trails = if LogGroups::need_trails(&section) { account.trails().await? } else { Vec::new() };
    Ok(resolve(&section, &project.tree, &trails, account.identity())?)
}

/// Why something that nobody desires is there to be deleted.
fn reason(address: &Address, before: &Attributes, compiled: &Compiled, destroy: bool) -> Reason {
    if destroy {
        return Reason::Destroy;
    }
    if is_removed(address, compiled) {
        return Reason::Removed;
    }
    let name = before.get("name").and_then(|n| n.as_str()).unwrap_or(&address.name);
    let name = name.split_once('/').map_or(name, |(_, rest)| rest);
    let name = name.split('/').next().unwrap_or(name);
    let moved = compiled.moved.iter().find(|(_, old)| *old == name);
    if let Some((new, _)) = moved {
        return Reason::Moved(new.clone());
    }
    let switched_off = compiled.disabled.iter().any(|d| d.rsplit('/').next() == Some(name));
    if switched_off { Reason::SwitchedOff } else { Reason::NotDefined }
}

/// Shows warnings on stderr and the plan on stdout.
pub(super) fn show(planned: &Planned, view: &View) -> Result<(), Failure> {
    report::findings(&planned.warnings, &mut anstream::stderr())?;
    report::write(&report::plan(&planned.plan, view.options()), &mut anstream::stdout().lock())?;
    Ok(())
}
