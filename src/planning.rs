//! From a project and an account to a plan: resolve, compile, read, compare, check.

use globset::GlobBuilder;

use crate::account::error::{AccountError, Reason as Why};
use crate::account::{Account, Identity};
use crate::checks;
use crate::finding::{Code, Finding, Severity};
use crate::kinds::metric_filter::{LIST_FILTERS, LOG_GROUP};
use crate::plan::{Plan, Reason, diff, marked, narrow};
use crate::read::{query, read};
use crate::stack::{Compiled, LogGroups, Project, compile, resolve};
use crate::state::{Address, Attributes, Desired, Live, Scope, text};
use crate::yaml::{Key, Node, Value};

/// Which plan is wanted.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// A glob: only what it names.
    pub only: Option<String>,
    /// Read the tags of all alarms, a call each.
    pub refresh_tags: bool,
    /// Nothing is desired any more.
    pub destroy: bool,
    /// Nothing is going to be applied: what would stop an apply is a warning.
    pub look_only: bool,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("{} findings", .0.len())]
    Findings(Vec<Finding>),
    #[error(transparent)]
    Account(#[from] AccountError),
}

impl From<Vec<Finding>> for Refusal {
    fn from(findings: Vec<Finding>) -> Self {
        Self::Findings(findings)
    }
}

impl From<Finding> for Refusal {
    fn from(finding: Finding) -> Self {
        Self::Findings(vec![finding])
    }
}

/// A plan and what it was made from.
pub struct Planned {
    pub plan: Plan,
    pub live: Live,
    pub compiled: Compiled,
    pub warnings: Vec<Finding>,
    /// Name of the stack's log group.
    pub log_group: String,
}

/// Reads the account and compares.
///
/// # Errors
/// A call failed, or a check found an error; nothing was written.
pub async fn make_plan<A: Account>(account: &A, project: &Project, choice: &Choice) -> Result<Planned, Refusal> {
    let only = choice.only.as_deref().map(glob).transpose()?;
    let scope = scope_of(project, account.identity())?;
    let groups = log_groups(account, project, &scope).await?;
    let mut compiled = compile(project, &scope, &groups)?;
    let mut query = query(&scope, &compiled, &groups, choice.refresh_tags);
    let mut live = loop {
        match read(account, &mut query, &compiled).await {
            Ok(live) => break live,
            // Of a log group that is gone, nothing is left to destroy.
            Err(error) if choice.destroy && missing_group(&error).is_some_and(|group| query.log_groups.remove(group)) => {}
            Err(error) => return Err(explain(error, project, &scope)),
        }
    };
    if choice.destroy {
        live.owned.0.retain(|address, _| !live.unmarked.contains(address));
        compiled.desired = Desired { notes: compiled.desired.notes, ..Desired::default() };
    }
    let mut plan = diff(&scope, &compiled.desired, &live, |address, before| reason(address, before, &compiled, choice.destroy));
    if let Some(only) = only
        && !narrow(&mut plan, &compiled.desired, &live, &only)
    {
        let message = format!("`--only {}` names no detection, topic or address of this stack", choice.only.as_deref().unwrap_or_default());
        return Err(Finding::error(Code::UnknownName, message)
            .help("addresses are as the plan shows them, and as in 'api-gateway-abuse/*'")
            .into());
    }
    let (errors, warnings): (Vec<_>, Vec<_>) =
        checks::check(&plan, &live, &compiled).into_iter().partition(|f| f.severity == Severity::Error && !choice.look_only);
    if errors.is_empty() { Ok(Planned { plan, live, compiled, warnings, log_group: groups.main }) } else { Err(errors.into()) }
}

/// The name of the log group whose absence the error tells.
pub(crate) fn missing_group(error: &AccountError) -> Option<&str> {
    let is_it = error.call == LIST_FILTERS && error.reason == Why::NotFound;
    error.subject.strip_prefix(LOG_GROUP).filter(|_| is_it)
}

/// That a log group does not exist is said where it is named.
pub(crate) fn explain(error: AccountError, project: &Project, scope: &Scope) -> Refusal {
    let Some(group) = missing_group(&error) else { return error.into() };
    let message = format!("the {} does not exist in account {}, {}", error.subject, scope.account_id, scope.region);
    let help = "check name, account and Region; `log_group: {from_trail: auto}` finds the one that the trail delivers to";
    let named =
        |(_, node): &&(Key, Node)| node.get("name").is_some_and(|n| matches!(&n.value, Value::Scalar { text, .. } if text == group));
    let other = project.tree.get("log_groups").map(Node::entries).unwrap_or_default().iter().find(named);
    let at = other.map_or_else(|| project.tree.locate("log_group"), |(key, _)| key.span.clone());
    Finding::error(Code::TrailOrLogGroup, message).at(&at).help(help).into()
}

/// A glob over addresses.
pub(crate) fn glob(pattern: &str) -> Result<globset::GlobMatcher, Finding> {
    let glob = GlobBuilder::new(pattern).literal_separator(false).build();
    glob.map(|g| g.compile_matcher())
        .map_err(|e| Finding::error(Code::WrongValue, e.to_string()).help("write a glob, such as 'api-gateway-abuse/*'"))
}

/// The scope of a stack in an account.
pub(crate) fn scope_of(project: &Project, identity: &Identity) -> Result<Scope, Refusal> {
    let Identity { partition, account_id, region, .. } = identity.clone();
    Ok(Scope { partition, account_id, region, stack: project.section(&Scope::nowhere("stack"))?.stack.0 })
}

/// The log groups of a stack, asked of the trail where the stack says so.
pub(crate) async fn log_groups<A: Account>(account: &A, project: &Project, scope: &Scope) -> Result<LogGroups, Refusal> {
    let section = project.section(scope)?;
    let trails = if LogGroups::need_trails(&section) { account.trails().await? } else { Vec::new() };
    Ok(resolve(&section, &project.tree, &trails, account.identity())?)
}

/// Why something that nobody desires is there to be deleted.
fn reason(address: &Address, before: &Attributes, compiled: &Compiled, destroy: bool) -> Reason {
    if destroy {
        return Reason::Destroy;
    }
    if compiled.removed.contains(address) {
        return Reason::Removed;
    }
    if compiled.disabled_filters.contains(address) {
        return Reason::SwitchedOff;
    }
    // The name of the detection: the marker says it, or else the second part of the resource's name.
    let marked = marked(before);
    let alarm = text(before, "source_arn").rsplit_once(":alarm:").map_or("", |(_, alarm)| alarm);
    let own = [text(before, "name"), alarm].into_iter().find_map(|name| name.split('/').nth(1)).unwrap_or_default();
    let name = marked.as_deref().and_then(|d| d.rsplit('/').next()).unwrap_or(own);
    if let Some(new) = compiled.moved.get(name) {
        return Reason::Moved(new.clone());
    }
    let switched_off = compiled.disabled.iter().any(|d| d.rsplit('/').next() == Some(name));
    if switched_off { Reason::SwitchedOff } else { Reason::NotDefined }
}
