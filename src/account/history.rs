//! The event history of CloudTrail, 90 days of it, newest first (LookupEvents).

use aws_sdk_cloudtrail::primitives::DateTime;
use aws_sdk_cloudtrail::types::{LookupAttribute, LookupAttributeKey};
use serde_json::Value;

use super::History;
use super::aws::Clients;
use super::error::AccountError;

/// The most that LookupEvents returns a page.
const PAGE: i32 = 50;
/// At two calls a second, more pages of one name are more than somebody waits for.
const MOST_PAGES: usize = 40;

/// Hands the events of a name to `found`, until it says that it has what it looks for.
///
/// # Errors
/// A call fails.
pub(super) async fn history(aws: &Clients, event: &str, found: &mut dyn FnMut(&Value) -> bool) -> Result<History, AccountError> {
    let mut token = None;
    for _ in 0..MOST_PAGES {
        let name = LookupAttribute::builder().attribute_key(LookupAttributeKey::EventName).attribute_value(event).build();
        let name = name.map_err(|e| AccountError::other("cloudtrail:LookupEvents", event, &e))?;
        let request = aws.cloudtrail.lookup_events().lookup_attributes(name).max_results(PAGE).set_next_token(token);
        let page = aws.call("cloudtrail:LookupEvents", event, request.send()).await?;
        // Each carries the whole record as text; one that cannot be read tells nothing.
        let records = page.events.unwrap_or_default().into_iter().filter_map(|event| event.cloud_trail_event);
        for record in records.filter_map(|text| serde_json::from_str::<Value>(&text).ok()) {
            if found(&record) {
                return Ok(History::Read);
            }
        }
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(History::Read);
        }
    }
    Ok(History::CutShort)
}

/// Which events of the history are asked for: LookupEvents takes one attribute a call.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Lookup {
    All,
    Name(String),
    Source(String),
}

impl Lookup {
    /// How it is called where it is told or kept.
    pub fn text(&self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Name(name) => format!("EventName={name}"),
            Self::Source(source) => format!("EventSource={source}"),
        }
    }
}

/// Hands the records of a stretch of time to `each`, a page at a time and the newest first, with the time of the oldest (`None`:
/// that was all), until it has enough. Times are seconds since 1970; `until` is not in it.
///
/// # Errors
/// A call fails.
pub(super) async fn lookup(
    aws: &Clients,
    lookup: &Lookup,
    (since, until): (i64, i64),
    each: &mut dyn FnMut(Vec<String>, Option<i64>) -> bool,
) -> Result<(), AccountError> {
    const CALL: &str = "cloudtrail:LookupEvents";
    let subject = lookup.text();
    let attribute = |key: LookupAttributeKey, value: &str| {
        let attribute = LookupAttribute::builder().attribute_key(key).attribute_value(value).build();
        attribute.map_err(|e| AccountError::other(CALL, &subject, &e))
    };
    let attribute = match lookup {
        Lookup::All => None,
        Lookup::Name(name) => Some(attribute(LookupAttributeKey::EventName, name)?),
        Lookup::Source(source) => Some(attribute(LookupAttributeKey::EventSource, source)?),
    };
    let mut token = None;
    loop {
        let request = aws.cloudtrail.lookup_events().set_lookup_attributes(attribute.clone().map(|one| vec![one])).max_results(PAGE);
        // The end is part of what LookupEvents returns, to the second.
        let request = request.start_time(DateTime::from_secs(since)).end_time(DateTime::from_secs(until - 1)).set_next_token(token);
        let page = aws.call(CALL, &subject, request.send()).await?;
        token = page.next_token.filter(|token| !token.is_empty());
        let events = page.events.unwrap_or_default();
        let oldest = events.iter().filter_map(|event| event.event_time).map(|time| time.secs()).min();
        let records = events.into_iter().filter_map(|event| event.cloud_trail_event).collect();
        let is_last = token.is_none();
        if !each(records, if is_last { None } else { Some(oldest.unwrap_or(until)) }) || is_last {
            return Ok(());
        }
    }
}
