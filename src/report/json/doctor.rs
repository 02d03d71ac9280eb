//! Version 1: chains.

use serde::Serialize;

use crate::chain::{Chain, Examined, Link};
use crate::plan::saved::SavedScope;

/// What `doctor --format json` prints.
#[derive(Debug, Serialize)]
pub struct Doctor {
    pub format_version: &'static str,
    pub scope: SavedScope,
    /// UTC.
    pub time: String,
    pub chains: Vec<V1Chain>,
}

/// The chain of a detection.
#[derive(Debug, Serialize)]
pub struct V1Chain {
    pub detection: String,
    /// `sound`, `broken`, `unknown`.
    pub verdict: &'static str,
    pub links: Vec<V1Link>,
}

/// A link.
#[derive(Debug, Serialize)]
pub struct V1Link {
    pub name: &'static str,
    /// What receives, of the links behind the alarm: `topic pager`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// `sound`, `broken`, `unknown`, `waiting` (it hangs on another), `without` (the definition has none).
    pub verdict: &'static str,
    pub says: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub remedy: String,
}

impl From<&Examined> for Doctor {
    fn from(examined: &Examined) -> Self {
        Self {
            format_version: "1.0",
            scope: SavedScope::from(&examined.scope),
            time: examined.time.clone(),
            chains: examined.chains.iter().map(V1Chain::from).collect(),
        }
    }
}

impl From<&Chain> for V1Chain {
    fn from(chain: &Chain) -> Self {
        let link = |Link { name, on, verdict, says, remedy }: &Link| V1Link {
            name,
            on: on.clone(),
            verdict: verdict.key(),
            says: says.clone(),
            remedy: remedy.clone(),
        };
        Self { detection: chain.detection.clone(), verdict: chain.verdict().key(), links: chain.links.iter().map(link).collect() }
    }
}
