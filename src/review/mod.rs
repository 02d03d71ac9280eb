//! APIs and functions that were built or opened, from records of CloudTrail: by whom, tied to what, still there or not, and how
//! suspicious that is. It is the review that the AWS Threat Technique Catalog advises against AT1667.001. Pure.

mod actor;
mod record;
mod suspicion;

use std::collections::{BTreeMap, BTreeSet};

pub use self::actor::Actor;
use self::record::{Deed, Read, read};
pub use self::suspicion::{Reason, SUSPICIOUS};
use serde_json::Value;

/// What kind of resource it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    RestApi,
    HttpApi,
    Function,
    Layer,
}

impl Kind {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::RestApi => "REST API",
            Self::HttpApi => "HTTP API",
            Self::Function => "function",
            Self::Layer => "layer",
        }
    }

    /// Its type in Cloud Control; layers are not asked for.
    pub fn type_name(self) -> Option<&'static str> {
        match self {
            Self::RestApi => Some("AWS::ApiGateway::RestApi"),
            Self::HttpApi => Some("AWS::ApiGatewayV2::Api"),
            Self::Function => Some("AWS::Lambda::Function"),
            Self::Layer => None,
        }
    }
}

/// Which resource it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id {
    pub kind: Kind,
    /// Id of an API, name of a function or layer.
    pub key: String,
    pub region: String,
    pub account: String,
}

/// What a resource is tied to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tie {
    /// ARN of a function that an API calls.
    Function(String),
    /// ARN of the role that a function runs as.
    Role(String),
    /// ARN of what may call a function, or feeds it.
    Caller(String),
    /// A host outside of AWS that an API calls.
    Host(String),
}

impl Tie {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Function(arn) => format!("calls the function {}", arn.split(":function:").last().unwrap_or(arn)),
            Self::Role(arn) => format!("runs as {}", arn.split(":role/").last().unwrap_or(arn)),
            Self::Caller(arn) => format!("called by {arn}"),
            Self::Host(host) => format!("calls {host}"),
        }
    }
}

/// One thing that was done to a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    pub time: String,
    pub event: String,
    pub by: Actor,
}

/// Whether it is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The records say so.
    Deleted(Act),
    There,
    /// It is not there, and no record says who deleted it.
    Gone,
    Unknown(String),
}

/// An API, a function or a layer, and what happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reviewed {
    pub id: Id,
    pub name: Option<String>,
    pub acts: Vec<Act>,
    /// Whether it was made in this time.
    pub is_new: bool,
    pub ties: BTreeSet<Tie>,
    /// What opens it, each once.
    pub opened: BTreeSet<&'static str>,
    /// What ties it to other accounts, with theirs.
    pub foreign: BTreeSet<(&'static str, String)>,
    pub standing: Standing,
    /// The highest first.
    pub reasons: Vec<Reason>,
}

impl Reviewed {
    /// The sum of its reasons; what speaks for it counts against.
    pub fn suspicion(&self) -> i32 {
        self.reasons.iter().map(|reason| reason.points).sum::<i32>().max(0)
    }

    /// `function billing-sync`, `REST API f6g7h8i9j0 (billing)`.
    pub fn title(&self) -> String {
        let name = self.name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
        format!("{} {}{name}", self.id.kind.words(), self.id.key)
    }

    fn new(id: &Id) -> Self {
        Self {
            id: id.clone(),
            name: None,
            acts: Vec::new(),
            is_new: false,
            ties: BTreeSet::new(),
            opened: BTreeSet::new(),
            foreign: BTreeSet::new(),
            standing: Standing::Unknown("no record of a deletion".to_owned()),
            reasons: Vec::new(),
        }
    }

    fn add(&mut self, read: Read) {
        let act = Act { time: read.time, event: read.event, by: read.by };
        for deed in read.deeds {
            match deed {
                Deed::Created => {
                    self.is_new = true;
                    // A name can be given again.
                    self.standing = Standing::Unknown("no record of a deletion".to_owned());
                }
                Deed::Changed => {}
                Deed::Opened(how) => drop(self.opened.insert(how)),
                Deed::Foreign(how, account) => drop(self.foreign.insert((how, account))),
                Deed::Deleted => self.standing = Standing::Deleted(act.clone()),
            }
        }
        self.name = self.name.take().or(read.name);
        self.ties.extend(read.ties);
        self.acts.push(act);
    }
}

/// Collects records, in any order and each once.
#[derive(Debug, Default)]
pub struct Collector {
    reads: BTreeMap<(String, String), Read>,
    /// Records of CloudTrail that were looked at.
    pub records: usize,
}

impl Collector {
    /// Takes a record as CloudTrail writes it. One that is no JSON was told by who read it.
    pub fn add(&mut self, text: &str) {
        if !text.contains("\"eventSource\"") {
            return;
        }
        self.records += 1;
        if !text.contains("apigateway.amazonaws.com") && !text.contains("lambda.amazonaws.com") {
            return;
        }
        let Ok(record) = serde_json::from_str::<Value>(text) else { return };
        let Some(read) = read(&record) else { return };
        let id = record["eventID"].as_str().map_or_else(|| text.to_owned(), str::to_owned);
        self.reads.insert((read.time.clone(), id), read);
    }

    /// The resources, the most suspicious first. `trusted`: patterns of ARNs of principals, and services.
    pub fn review(self, trusted: &[String]) -> Vec<Reviewed> {
        let mut found: BTreeMap<Id, Reviewed> = BTreeMap::new();
        let mut refused: BTreeMap<String, usize> = BTreeMap::new();
        for read in self.reads.into_values() {
            if read.was_refused {
                *refused.entry(read.by.principal.clone()).or_default() += 1;
            } else {
                found.entry(read.id.clone()).or_insert_with(|| Reviewed::new(&read.id)).add(read);
            }
        }
        let whole = found.clone();
        let mut reviewed: Vec<Reviewed> = found.into_values().collect();
        for one in &mut reviewed {
            one.reasons = suspicion::reasons(one, &whole, &refused, trusted);
        }
        suspicion::by_ties(&mut reviewed);
        rank(&mut reviewed);
        reviewed
    }
}

/// The most suspicious first, and what is alike by its name.
fn rank(reviewed: &mut [Reviewed]) {
    reviewed.sort_by(|a, b| b.suspicion().cmp(&a.suspicion()).then_with(|| a.id.cmp(&b.id)));
}
