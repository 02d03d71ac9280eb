//! Version 1: a review of APIs and functions.

use serde::Serialize;

use crate::review::{Act, Reviewed, Standing, Tie};

/// What `review --format json` prints.
#[derive(Debug, Serialize)]
pub struct V1Review {
    pub format_version: &'static str,
    pub source: String,
    pub events: usize,
    /// The most suspicious first.
    pub resources: Vec<V1Resource>,
}

/// An API, a function or a layer.
#[derive(Debug, Serialize)]
pub struct V1Resource {
    /// `REST API`, `HTTP API`, `function`, `layer`.
    pub kind: &'static str,
    pub id: String,
    pub name: Option<String>,
    pub region: String,
    pub account_id: String,
    pub created: bool,
    /// `deleted`, `there`, `gone`, `unknown`.
    pub standing: &'static str,
    pub suspicion: i32,
    pub reasons: Vec<V1Reason>,
    pub functions: Vec<String>,
    pub roles: Vec<String>,
    pub callers: Vec<String>,
    /// Hosts outside of AWS that an API calls.
    pub hosts: Vec<String>,
    pub acts: Vec<V1Act>,
}

/// A reason and its points.
#[derive(Debug, Serialize)]
pub struct V1Reason {
    pub points: i32,
    pub text: String,
}

/// What was done, by whom, from where.
#[derive(Debug, Serialize)]
pub struct V1Act {
    pub time: String,
    pub event: String,
    pub principal: String,
    pub session: Option<String>,
    pub through: Option<String>,
    pub source_address: String,
    pub user_agent: String,
}

impl V1Review {
    pub fn new(source: &str, events: usize, reviewed: &[Reviewed]) -> Self {
        Self { format_version: "1.0", source: source.to_owned(), events, resources: reviewed.iter().map(V1Resource::from).collect() }
    }
}

impl From<&Reviewed> for V1Resource {
    fn from(one: &Reviewed) -> Self {
        let ties = |wanted: fn(&Tie) -> Option<&String>| one.ties.iter().filter_map(wanted).cloned().collect();
        Self {
            kind: one.id.kind.words(),
            id: one.id.key.clone(),
            name: one.name.clone(),
            region: one.id.region.clone(),
            account_id: one.id.account.clone(),
            created: one.is_new,
            standing: match one.standing {
                Standing::Deleted(_) => "deleted",
                Standing::There => "there",
                Standing::Gone => "gone",
                Standing::Unknown(_) => "unknown",
            },
            suspicion: one.suspicion(),
            reasons: one.reasons.iter().map(|reason| V1Reason { points: reason.points, text: reason.text.clone() }).collect(),
            functions: ties(|tie| if let Tie::Function(arn) = tie { Some(arn) } else { None }),
            roles: ties(|tie| if let Tie::Role(arn) = tie { Some(arn) } else { None }),
            callers: ties(|tie| if let Tie::Caller(arn) = tie { Some(arn) } else { None }),
            hosts: ties(|tie| if let Tie::Host(host) = tie { Some(host) } else { None }),
            acts: one.acts.iter().map(V1Act::from).collect(),
        }
    }
}

impl From<&Act> for V1Act {
    fn from(act: &Act) -> Self {
        Self {
            time: act.time.clone(),
            event: act.event.clone(),
            principal: act.by.principal.clone(),
            session: act.by.session.clone(),
            through: act.by.through.clone(),
            source_address: act.by.address.clone(),
            user_agent: act.by.agent.clone(),
        }
    }
}
