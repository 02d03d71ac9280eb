//! Stack and account → chains: reads what they hang on, and goes on where something may not be read.

use std::collections::BTreeMap;

use globset::GlobMatcher;

use super::evidence::{Known, Wanted};
use super::judge::{Subject, judge};
use super::{Chain, Evidence};
use crate::account::error::{AccountError, Reason};
use crate::account::{Account, Trail};
use crate::detection::Unit;
use crate::finding::Finding;
use crate::planning::{Refusal, missing_group, scope_of};
use crate::read::{Phase, query, sort};
use crate::stack::{Compiled, LogGroups, Project, compile, resolve};
use crate::state::{Live, Scope};

/// The chains of a stack in an account.
pub struct Examined {
    pub scope: Scope,
    /// When, in UTC.
    pub time: String,
    pub chains: Vec<Chain>,
}

/// Examines the detections that the globs name; all without any.
///
/// # Errors
/// The definitions are wrong, or the account as a whole cannot be read.
pub async fn examine<A: Account>(account: &A, project: &Project, only: &[GlobMatcher]) -> Result<Examined, Refusal> {
    let scope = scope_of(project, account.identity())?;
    let section = project.section(&scope)?;
    let mut trails = match account.trails().await {
        // Where the trail says which log group it is, nobody else knows.
        Err(error) if error.reason != Reason::Denied || LogGroups::need_trails(&section) => return Err(error.into()),
        answer => Known::of(answer)?,
    };
    let known: &[Trail] = if let Known::Is(trails) = &trails { trails } else { &[] };
    let resolved = resolve(&section, &project.tree, known, account.identity());
    let groups = resolved.as_ref().map_or_else(|_| LogGroups::offline(&section), Clone::clone);
    let compiled = compile(project, &scope, &groups)?;
    let units: Vec<&Unit> = compiled.units.iter().filter(|unit| !unit.is_left_out()).collect();
    let nothing = Finding::error(crate::finding::Code::TrailOrLogGroup, "the log group is not known");
    let log_group = resolved.as_ref().map(|groups| groups.main.as_str()).map_err(|findings| findings.first().unwrap_or(&nothing));
    let (mut live, mut unread, mut evidence) = (Live::default(), BTreeMap::new(), Evidence::default());
    if log_group.is_ok() {
        if let Known::Is(trails) = &mut trails {
            for trail in trails.iter_mut().filter(|trail| trail.log_group().is_some()) {
                trail.selectors = account.selectors(trail).await?;
            }
        }
        (live, unread) = read(account, &compiled, &groups, &scope).await?;
        let filters = || units.iter().flat_map(|unit| &unit.filters).map(|built| &built.filter);
        let mut wanted = Wanted::of(&live, filters().map(|filter| filter.log_group.clone()).collect());
        wanted.namespaces.extend(filters().map(|filter| filter.metric_namespace.clone()));
        evidence = account.chain(&wanted).await?;
    }
    let desired = &compiled.desired.state;
    let subject = Subject { scope: &scope, desired, live: &live, unread: &unread, trails: &trails, log_group, evidence: &evidence };
    let chains = judge(&units, &subject).into_iter().zip(&units).filter(|(_, unit)| is_meant(unit, only)).map(|(chain, _)| chain).collect();
    Ok(Examined { scope, time: jiff::Timestamp::now().strftime("%FT%TZ").to_string(), chains })
}

/// Whether one of the globs names a detection, by its address or its name alone.
fn is_meant(unit: &Unit, only: &[GlobMatcher]) -> bool {
    only.is_empty() || only.iter().any(|glob| glob.is_match(&unit.ready.address) || glob.is_match(&unit.ready.name))
}

/// What a plan reads, kind by kind; those that may not be read, and why.
async fn read<A: Account>(
    account: &A,
    compiled: &Compiled,
    groups: &LogGroups,
    scope: &Scope,
) -> Result<(Live, BTreeMap<&'static str, String>), AccountError> {
    let mut query = query(scope, compiled, groups, false);
    let (mut live, mut unread) = (Live::default(), BTreeMap::new());
    for phase in [Phase::Topics, Phase::Most] {
        phase.prepare(&mut query, &live);
        for kind in phase.kinds() {
            let listed = loop {
                match account.list(kind, &query).await {
                    // A log group that is gone has no filters; that it is gone is a link of its own.
                    Err(error) if missing_group(&error).is_some_and(|group| query.log_groups.remove(group)) => {}
                    other => break other,
                }
            };
            match Known::of(listed)? {
                Known::Is(listed) => sort(kind, listed, &query, compiled, &mut live),
                // A policy that cannot be read is told where it matters.
                Known::Unknown(why) => drop(unread.insert(kind.name(), why)),
            }
        }
    }
    Ok((live, unread))
}
