//! A plan, carried out change by change, in its order.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::account::Account;
use crate::account::error::AccountError;
use crate::kinds::{Put, is_statement};
use crate::plan::{Change, Field, Plan, Reason};
use crate::read::kind_of;
use crate::standing::Standing;
use crate::state::Address;

/// What became of a change.
#[derive(Debug, Clone)]
pub enum Outcome {
    Done(Duration),
    /// It had been done before.
    AlreadySo,
    /// What is there is not what was reviewed: what differs.
    Moved(Vec<Field>),
    Failed(AccountError),
    /// Something it depends on failed.
    Skipped,
    /// The run was stopped before it.
    NotReached,
}

/// What became of each change of the plan, in its order.
#[derive(Debug, Clone)]
pub struct ApplyReport {
    pub results: Vec<(Change, Outcome)>,
    pub interrupted: bool,
}

impl ApplyReport {
    pub fn is_complete(&self) -> bool {
        self.results.iter().all(|(_, outcome)| outcome.is_good())
    }
}

impl Outcome {
    /// The account is as the change wants it.
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Done(_) | Self::AlreadySo)
    }
}

/// Carries out a plan. A failure does not stop what does not depend on it, unless the account
/// as a whole is out of reach; `stop` ends the run after
/// the call in flight. `watch` hears of each change before it and after it. `standing`: where each change of a saved plan
/// stands; without, all stand as planned.
pub async fn apply<A: Account>(
    account: &A,
    plan: &Plan,
    standing: &[Standing],
    stop: &Cell<bool>,
    watch: &mut dyn FnMut(&Change, Option<&Outcome>),
) -> ApplyReport {
    let mut results = Vec::with_capacity(plan.changes.len());
    let mut broken = Broken::default();
    let mut unusable = false;
    for (i, change) in plan.changes.iter().enumerate() {
        let outcome = if let Some(Standing::Moved(fields)) = standing.get(i) {
            Outcome::Moved(fields.clone())
        } else if standing.get(i) == Some(&Standing::Done) {
            Outcome::AlreadySo
        } else if stop.get() || unusable {
            Outcome::NotReached
        } else if broken.touches(plan, change) {
            Outcome::Skipped
        } else {
            watch(change, None);
            let start = Instant::now();
            match carry_out(account, plan, change).await {
                Ok(()) => Outcome::Done(start.elapsed()),
                Err(error) => {
                    unusable = error.is_final();
                    Outcome::Failed(error)
                }
            }
        };
        if !outcome.is_good() {
            broken.add(plan, change);
        }
        watch(change, Some(&outcome));
        results.push((change.clone(), outcome));
    }
    ApplyReport { results, interrupted: stop.get() || unusable }
}

async fn carry_out<A: Account>(account: &A, plan: &Plan, change: &Change) -> Result<(), AccountError> {
    let scope = &plan.scope;
    let (before, after) = (change.before(), change.after());
    let kind = |address: &Address| kind_of(address);
    match (change, &before, &after) {
        (Change::Replace { .. }, Some(old), Some(new)) => {
            account.delete(kind(&old.address), scope, old).await?;
            account.put(kind(&new.address), scope, Put { resource: new, before: None }).await
        }
        (Change::Delete { .. }, Some(old), _) => account.delete(kind(&old.address), scope, old).await,
        (_, _, Some(new)) => {
            let before = before.as_ref().map(|r| &r.attributes);
            account.put(kind(&new.address), scope, Put { resource: new, before }).await
        }
        _ => Ok(()),
    }
}

/// What failed changes leave missing, and what they leave in use.
#[derive(Default)]
struct Broken {
    missing: BTreeSet<String>,
    in_use: BTreeSet<String>,
    /// Alarms through which a statement is found that could not be deleted.
    trail: BTreeSet<String>,
    /// Something new did not come, so what was moved there must stay.
    put: bool,
}

impl Broken {
    fn add(&mut self, plan: &Plan, change: &Change) {
        // After a failed update the old object is still there for others to refer to.
        if !matches!(change, Change::Update { .. }) {
            self.missing.extend(change.provides(&plan.scope));
        }
        self.in_use.extend(change.holds(&plan.scope));
        if matches!(change, Change::Delete { .. }) && is_statement(&change.address().kind) {
            self.trail.extend(change.holds(&plan.scope));
        }
        self.put |= change.after().is_some();
    }

    fn touches(&self, plan: &Plan, change: &Change) -> bool {
        let replaced = matches!(change, Change::Delete { reason: Reason::Moved(_), .. });
        let is_trail = matches!(change, Change::Update { .. }) && change.provides(&plan.scope).iter().any(|name| self.trail.contains(name));
        (replaced && self.put)
            || is_trail
            || change.requires(&plan.scope).iter().any(|name| self.missing.contains(name))
            || change.frees(&plan.scope).iter().any(|name| self.in_use.contains(name))
    }
}
