//! What plan, apply and destroy have in common: stack and account in, plan out.

use std::future::Future;
use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};

use super::args::Target;
use super::failure::Failure;
use crate::account::Account;
use crate::account::aws::AwsAccount;
use crate::account::snapshot::SnapshotAccount;
use crate::finding::{Code, Finding};
use crate::plan::saved::SavedPlan;
use crate::report;
use crate::stack::{Project, check, find};

/// Runs a command that calls an account, on this thread.
pub(super) fn block_on<T>(future: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(future)
}

/// The stack, found to be right as far as that can be seen without the account.
pub(super) fn open_project(config: Option<&Utf8Path>) -> Result<Project, Failure> {
    let project = Project::load(&stack_file(config)?)?;
    check(&project)?;
    Ok(project)
}

/// The stack file that is named, or the one found upward from here.
pub(super) fn stack_file(config: Option<&Utf8Path>) -> Result<Utf8PathBuf, Failure> {
    match config {
        Some(path) => Ok(path.to_owned()),
        None => Ok(relative(find(&here()?)?)),
    }
}

fn here() -> Result<Utf8PathBuf, Failure> {
    let wrong = |message: String| Finding::error(Code::Unreadable, message).help("run trailarm in a folder with a UTF-8 path");
    let path = std::env::current_dir().map_err(|e| wrong(format!("the current folder cannot be read: {e}")))?;
    Utf8PathBuf::try_from(path).map_err(|e| wrong(e.to_string()).into())
}

/// The way from the root of the repository to the current folder; empty at the root and outside of repositories.
pub(super) fn inside_repository() -> String {
    let Ok(here) = here() else { return String::new() };
    let root = here.ancestors().find(|folder| folder.join(".git").exists());
    root.and_then(|root| here.strip_prefix(root).ok()).map(Utf8Path::to_string).unwrap_or_default()
}

/// As the user would type it, when it is below the current folder.
fn relative(path: Utf8PathBuf) -> Utf8PathBuf {
    match here() {
        Ok(here) => path.strip_prefix(&here).map(Utf8Path::to_owned).unwrap_or(path),
        Err(_) => path,
    }
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

/// A plan that `plan --out` saved.
pub(super) fn read_plan(file: &Utf8Path) -> Result<SavedPlan, Failure> {
    let unreadable = |e: std::io::Error| Finding::error(Code::Unreadable, e.to_string()).help("check the path and who may read it");
    Ok(SavedPlan::read(file.as_str(), &fs_err::read_to_string(file).map_err(unreadable)?)?)
}

/// Opens the account that the arguments name.
pub(super) async fn open_account(target: &Target) -> Result<AnyAccount, Failure> {
    if let Some(path) = &target.account {
        let account = SnapshotAccount::open(path)?;
        if account.is_new {
            let identity = account.identity();
            writeln!(
                anstream::stderr(),
                "note: {} does not exist yet: this is a new account ({}, {}) with a trail and nothing else",
                report::escape(path.as_str()),
                identity.account_id,
                identity.region
            )?;
        }
        return Ok(AnyAccount::Snapshot(Box::new(account)));
    }
    Ok(AnyAccount::Aws(Box::new(target.aws.connect().await?)))
}
