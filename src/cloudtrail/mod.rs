//! What CloudTrail writes: event names by source, and properties by kind.
//!
//! Cannot be known: names of operations newer than the table (`scripts/event_names.py` makes it
//! anew), and of events that no API model has.

pub mod properties;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::finding::{Code, Finding, near};

/// `lambda AddPermission20150331v2+ …`, a source a line; `cloudwatch -> monitoring` for what is no source.
const TABLE: &str = include_str!("event-names.txt");
/// What every `eventSource` ends with.
const SUFFIX: &str = ".amazonaws.com";

/// How sure the name of an event of Lambda or API Gateway is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Evidence {
    Seen,
    Listed,
    Inferred,
}

impl Evidence {
    pub fn key(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Listed => "listed",
            Self::Inferred => "inferred",
        }
    }

    pub fn wording(self) -> &'static str {
        match self {
            Self::Seen => "seen in real events",
            Self::Listed => "listed by others",
            Self::Inferred => "inferred from the operation",
        }
    }
}

/// An event that CloudTrail writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// In full.
    pub source: String,
    pub name: &'static str,
    /// `None`: an operation of the API, not looked at further.
    pub evidence: Option<Evidence>,
}

impl Event {
    /// The version of API Gateway's API that alone writes it.
    pub fn api_version(&self) -> Option<u8> {
        api_gateway_version(self.name).filter(|_| self.source == "apigateway.amazonaws.com")
    }
}

/// Sources whose names were looked at one by one.
const LOOKED_AT: [&str; 2] = ["apigateway", "lambda"];

struct Table {
    names: BTreeMap<&'static str, Vec<&'static str>>,
    /// Of the sources that were looked at: names that are not merely listed.
    evidence: BTreeMap<(&'static str, &'static str), Evidence>,
    aliases: BTreeMap<&'static str, &'static str>,
}

static KNOWN: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table { names: BTreeMap::new(), evidence: BTreeMap::new(), aliases: BTreeMap::new() };
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let mut words = line.split(' ');
        let source = words.next().unwrap_or_default();
        let words: Vec<&'static str> = words.collect();
        for (mark, evidence) in [('+', Evidence::Seen), ('?', Evidence::Inferred)] {
            let marked = words.iter().filter_map(|word| word.strip_suffix(mark));
            table.evidence.extend(marked.map(|name| ((source, name), evidence)));
        }
        let names: Vec<&str> = words.into_iter().map(|word| word.trim_end_matches(['+', '?'])).collect();
        match names.as_slice() {
            ["->", meant] => drop(table.aliases.insert(source, meant)),
            _ => drop(table.names.insert(source, names)),
        }
    }
    table
});

/// The names that a source writes, sorted; `None`: the source is not known.
pub fn names(source: &str) -> Option<&'static [&'static str]> {
    let short = source.strip_suffix(SUFFIX)?;
    KNOWN.names.get(short).filter(|_| !short.contains('/')).map(Vec::as_slice)
}

/// The sources that write a name, in full.
pub fn sources_of(name: &str) -> Vec<String> {
    let writes = |(source, names): &(&&str, &Vec<&str>)| !source.contains('/') && names.binary_search(&name).is_ok();
    KNOWN.names.iter().filter(writes).map(|(source, _)| format!("{source}{SUFFIX}")).collect()
}

/// What is meant by something that is no source: `cloudwatch.amazonaws.com` → `monitoring.amazonaws.com`.
pub fn meant(source: &str) -> Option<String> {
    let short = source.strip_suffix(SUFFIX).unwrap_or(source);
    let known = KNOWN.names.contains_key(short).then_some(short);
    KNOWN.aliases.get(short).copied().or(known).map(|meant| format!("{meant}{SUFFIX}")).filter(|meant| meant != source)
}

/// The source in full that a text names: `lambda`, `lambda.amazonaws.com`, or what people write for it.
///
/// # Errors
/// There is none, with the nearest one; `otherwise` is what to do when none is near.
pub fn find_source(text: &str, otherwise: &str) -> Result<String, Finding> {
    if names(text).is_some() {
        return Ok(text.to_owned());
    }
    if let Some(meant) = meant(text) {
        return Ok(meant);
    }
    let short = KNOWN.names.keys().copied().filter(|source| !source.contains('/'));
    let help = near(text.trim_end_matches(SUFFIX), short).unwrap_or_else(|| otherwise.to_owned());
    Err(Finding::error(Code::UnknownName, format!("no event source is called `{text}`")).help(help))
}

/// All sources, in full.
pub fn sources() -> impl Iterator<Item = String> {
    KNOWN.names.keys().filter(|source| !source.contains('/')).map(|source| format!("{source}{SUFFIX}"))
}

/// All events, by source and name.
pub fn events() -> impl Iterator<Item = Event> {
    let sources = KNOWN.names.iter().filter(|(source, _)| !source.contains('/'));
    sources.flat_map(|(source, names)| {
        names.iter().map(move |name| {
            let evidence = KNOWN.evidence.get(&(*source, *name)).copied();
            let evidence = evidence.or_else(|| LOOKED_AT.contains(source).then_some(Evidence::Listed));
            Event { source: format!("{source}{SUFFIX}"), name, evidence }
        })
    })
}

/// Whether an event's name is that of an operation with the date of its API behind it: `CreateFunction20150331`.
pub fn is_dated(known: &str, operation: &str) -> bool {
    known.strip_prefix(operation).is_some_and(|rest| rest.starts_with("20") && rest.chars().filter(char::is_ascii_digit).count() == 8)
}

/// The version of API Gateway's API that alone writes a name: 1 (REST) or 2 (HTTP and WebSocket).
pub fn api_gateway_version(name: &str) -> Option<u8> {
    [1, 2].into_iter().find(|version| KNOWN.names.get(&*format!("apigateway/v{version}")).is_some_and(|names| names.contains(&name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_knows_what_it_should() {
        assert!(names("lambda.amazonaws.com").unwrap().contains(&"CreateFunction20150331"));
        assert!(!names("lambda.amazonaws.com").unwrap().contains(&"CreateFunction"));
        assert!(names("signin.amazonaws.com").unwrap().contains(&"ConsoleLogin"));
        assert!(names("cloudwatch.amazonaws.com").is_none() && names("lambda").is_none());
        assert_eq!(meant("cloudwatch.amazonaws.com").as_deref(), Some("monitoring.amazonaws.com"));
        assert_eq!(meant("lambda").as_deref(), Some("lambda.amazonaws.com"));
        assert_eq!(meant("lambda.amazonaws.com"), None);
        assert!(sources_of("CreateRoute").len() > 1 && sources_of("StopLogging") == ["cloudtrail.amazonaws.com"]);
        assert_eq!(
            [api_gateway_version("CreateRestApi"), api_gateway_version("CreateApi"), api_gateway_version("CreateStage")],
            [Some(1), Some(2), None]
        );
        assert!(KNOWN.names.values().all(|names| names.is_sorted()));
        let evidence = |name: &str| events().find(|event| event.name == name && event.source.starts_with("lambda.")).unwrap().evidence;
        let names = ["CreateFunction20150331", "CreateAlias20150331", "CheckpointDurableExecution"];
        assert_eq!(names.map(evidence), [Some(Evidence::Seen), Some(Evidence::Listed), Some(Evidence::Inferred)]);
        assert!(events().count() > 10_000 && events().all(|event| event.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')));
    }
}
