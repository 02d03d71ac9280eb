//! Version 1: events that CloudTrail writes.

use serde::Serialize;

use crate::cloudtrail::Event;

/// What `events --format json` prints.
#[derive(Debug, Serialize)]
pub struct Events<'a> {
    pub format_version: &'static str,
    pub events: Vec<V1Event<'a>>,
}

/// An event.
#[derive(Debug, Serialize)]
pub struct V1Event<'a> {
    pub source: &'a str,
    pub name: &'a str,
    /// `seen`, `listed`, `inferred`; absent: an operation of the API, not looked at further.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<&'static str>,
    /// The version of API Gateway's API that alone writes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api_version: Option<u8>,
}

impl<'a> Events<'a> {
    pub fn new(events: &'a [&Event]) -> Self {
        let one = |event: &&'a Event| V1Event {
            source: &event.source,
            name: event.name,
            evidence: event.evidence.map(|evidence| evidence.key()),
            api_version: event.api_version(),
        };
        Self { format_version: "1.0", events: events.iter().map(one).collect() }
    }
}
