//! Why a resource is suspicious, in points. They rank, and prove nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::{Act, Actor, Id, Kind, Reviewed, Standing, Tie};
use crate::resource_policy::like;

/// A reason and what it counts; what speaks for a resource counts below 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub points: i32,
    pub text: String,
}

fn reason(points: i32, text: impl Into<String>) -> Reason {
    Reason { points, text: text.into() }
}

/// From so many points on, what is tied to it is suspicious too.
pub const SUSPICIOUS: i32 = 50;
/// An API and its function that come together so quickly were made for each other.
const TOGETHER: i64 = 3_600;
/// What lives no longer than this was not made to stay.
const SHORT_LIFE: i64 = 24 * 3_600;
/// Tools of people who look around where they should not.
const TOOLS: [&str; 5] = ["kali", "parrot", "pentoo", "pacu", "stratus-red-team"];

pub(super) fn reasons(one: &Reviewed, all: &BTreeMap<Id, Reviewed>, refused: &BTreeMap<String, usize>, trusted: &[String]) -> Vec<Reason> {
    let mut reasons = Vec::new();
    reasons.extend(one.opened.iter().map(|how| reason(30, *how)));
    reasons.extend(one.foreign.iter().map(|(how, account)| reason(30, format!("{how}: {account}"))));
    let actors: BTreeSet<&Actor> = one.acts.iter().map(|act| &act.by).collect();
    let strangers: Vec<&Actor> = actors.iter().copied().filter(|actor| !is_trusted(actor, trusted)).collect();
    if strangers.is_empty() {
        reasons.push(reason(-40, "only trusted actors touched it"));
    }
    reasons.extend(who(&strangers));
    reasons.extend(strangers.iter().filter_map(|actor| refused.get(&actor.principal).map(|n| (actor, n))).take(1).map(|(actor, n)| {
        let calls = if *n == 1 { "a call".to_owned() } else { format!("{n} calls") };
        reason(10, format!("{} was refused {calls} of this kind in the same time", actor.words()))
    }));
    let touching: BTreeSet<&str> = strangers.iter().map(|actor| actor.principal.as_str()).collect();
    if touching.len() > 1 {
        reasons.push(reason(5, format!("{} different principals changed it", touching.len())));
    }
    reasons.extend(quick(one, all));
    if let (Standing::Deleted(end), true, Some(start)) = (&one.standing, one.is_new, one.acts.first())
        && seconds(end).zip(seconds(start)).is_some_and(|(end, start)| (0..SHORT_LIFE).contains(&(end - start)))
    {
        reasons.push(reason(15, "it was deleted within a day of its making"));
    }
    if !one.is_new
        && one.id.kind == Kind::Function
        && one.acts.iter().any(|act| act.event.starts_with("UpdateFunctionCode"))
        && !strangers.is_empty()
    {
        reasons.push(reason(15, "the code of an older function was replaced"));
    }
    rank(&mut reasons);
    reasons
}

/// The weightiest first.
fn rank(reasons: &mut [Reason]) {
    reasons.sort_by(|a, b| b.points.cmp(&a.points).then_with(|| a.text.cmp(&b.text)));
}

/// What is tied to something suspicious is part of it.
pub(super) fn by_ties(reviewed: &mut [Reviewed]) {
    let suspicious: Vec<Reviewed> = reviewed.iter().filter(|one| one.suspicion() >= SUSPICIOUS).cloned().collect();
    for one in reviewed.iter_mut() {
        if let Some(other) = suspicious.iter().find(|other| other.id.kind != one.id.kind && is_tied(one, other)) {
            one.reasons.push(reason(20, format!("it is tied to the {}, which has {} points", other.title(), other.suspicion())));
            rank(&mut one.reasons);
        }
    }
}

/// By ARN with wildcards, or by the service that calls.
fn is_trusted(actor: &Actor, trusted: &[String]) -> bool {
    trusted.iter().any(|pattern| {
        let is_service = actor.through.as_ref() == Some(pattern) || (actor.kind == "AWSService" && actor.principal == *pattern);
        is_service || like(pattern, &actor.principal)
    })
}

fn who(strangers: &[&Actor]) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let first = |wanted: &dyn Fn(&Actor) -> bool| strangers.iter().find(|actor| wanted(actor));
    if first(&|actor| actor.kind == "Root").is_some() {
        reasons.push(reason(25, "the root user did it"));
    }
    if let Some(actor) = first(&|actor| actor.function.is_some()) {
        reasons.push(reason(30, format!("a function did it: {}", actor.function.as_deref().unwrap_or_default())));
    }
    if let Some(actor) = first(&|actor| actor.has_key) {
        reasons.push(reason(15, format!("it was done with a long-lived key: {}", actor.words())));
    } else if let Some(actor) = first(&|actor| actor.kind == "IAMUser") {
        reasons.push(reason(10, format!("an IAM user did it, no role: {}", actor.words())));
    }
    let tool = |actor: &Actor| TOOLS.iter().find(|tool| actor.agent.to_lowercase().contains(**tool));
    if let Some((actor, tool)) = strangers.iter().find_map(|actor| Some((actor, tool(actor)?))) {
        reasons.push(reason(20, format!("the user agent of {} names {tool}, a tool of attackers and testers", actor.words())));
    }
    let by_hand = |actor: &Actor| actor.through.is_none() && actor.kind != "AWSService";
    if let Some(actor) =
        first(&|actor| by_hand(actor) && (actor.agent.contains("console.amazonaws.com") || actor.agent.starts_with("Mozilla/")))
    {
        reasons.push(reason(5, format!("it was done by hand in the console: {}", actor.words())));
    }
    if !strangers.is_empty() && strangers.iter().all(|actor| actor.through.as_deref() == Some("cloudformation.amazonaws.com")) {
        reasons.push(reason(-10, "CloudFormation did it, so there is a template"));
    }
    reasons
}

/// An API and the function behind it, both new, within an hour.
fn quick(one: &Reviewed, all: &BTreeMap<Id, Reviewed>) -> Option<Reason> {
    let start = |reviewed: &Reviewed| reviewed.acts.first().and_then(seconds).filter(|_| reviewed.is_new);
    let own = start(one)?;
    let others = all.values().filter(|other| other.id.kind != one.id.kind && is_tied(one, other));
    let near = others.filter_map(|other| Some((other, start(other)?))).find(|(_, other)| (other - own).abs() <= TOGETHER)?;
    Some(reason(15, format!("it was made within an hour of the {} to which it is tied", near.0.title())))
}

fn is_tied(one: &Reviewed, other: &Reviewed) -> bool {
    // arn:aws:lambda:region:account:function:name, with a version or an alias behind it.
    let is_it = |arn: &str, function: &Id| {
        let parts: Vec<&str> = arn.split(':').collect();
        let own = [function.region.as_str(), function.account.as_str(), "function", function.key.as_str()];
        function.kind == Kind::Function && parts.get(3..7).is_some_and(|parts| parts == own)
    };
    let calls =
        |api: &Reviewed, function: &Reviewed| api.ties.iter().any(|tie| matches!(tie, Tie::Function(arn) if is_it(arn, &function.id)));
    calls(one, other) || calls(other, one)
}

fn seconds(act: &Act) -> Option<i64> {
    act.time.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
}
