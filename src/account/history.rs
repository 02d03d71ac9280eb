//! The event history of CloudTrail, 90 days of it, newest first (LookupEvents).

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
