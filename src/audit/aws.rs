//! The evidence of a live account, over the AWS SDK. Auditors look at all of a Region, not at what a stack owns.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudtrail::types::{AdvancedEventSelector, EventSelector};
use aws_sdk_cloudwatch::types::{AlarmType, MetricAlarm};

use super::evidence::{APART, AlarmSeen, Evidence, FilterSeen, Selectors, Subscribers, filter};
use crate::account::Trail;
use crate::account::aws::Clients;
use crate::account::error::{AccountError, Reason};
use crate::kinds::alarm::{Search, search};
use crate::kinds::metric_filter::list_group;
use crate::kinds::subscription::{confirmed, subscriptions};

impl Evidence {
    /// Reads all that auditors look at.
    ///
    /// # Errors
    /// A call fails. Selectors and subscriptions that may not be read are left out, and judged as unknown.
    pub(crate) async fn of_aws(aws: &Clients, home: (String, String), mut trails: Vec<Trail>) -> Result<Self, AccountError> {
        for trail in &mut trails {
            trail.selectors = selectors(aws, &trail.arn).await?;
        }
        let whole = Self { home, ..Self::default() };
        let groups: BTreeSet<String> =
            trails.iter().filter(|trail| whole.elsewhere(trail).is_none()).filter_map(Trail::log_group).collect();
        let mut filters = Vec::new();
        for group in groups {
            filters.extend(filters_of(aws, &group).await?);
        }
        let metrics: BTreeSet<&str> = filters.iter().map(|filter| filter.metric.as_str()).collect();
        let mut alarms = alarms(aws).await?;
        alarms.retain(|alarm| metrics.contains(alarm.metric.as_str()));
        let topics: BTreeSet<&String> = alarms.iter().flat_map(|alarm| &alarm.actions).filter(|arn| arn.contains(":sns:")).collect();
        let mut subscribers = BTreeMap::new();
        for topic in topics {
            if let Some(found) = subscribers_of(aws, topic).await? {
                subscribers.insert(topic.clone(), found);
            }
        }
        Ok(Self { trails, filters, alarms, subscribers, ..whole })
    }
}

/// `None`: they may not be read, as those of an organization's trail from a member account.
pub(crate) async fn selectors(aws: &Clients, trail: &str) -> Result<Option<Selectors>, AccountError> {
    let request = aws.cloudtrail.get_event_selectors().trail_name(trail);
    let output = match aws.call("cloudtrail:GetEventSelectors", trail, request.send()).await {
        Ok(output) => output,
        Err(error) if [Reason::Denied, Reason::NotFound].contains(&error.reason) => return Ok(None),
        Err(error) => return Err(error),
    };
    let advanced = output.advanced_event_selectors.unwrap_or_default();
    if advanced.is_empty() { Ok(Some(basic(&output.event_selectors.unwrap_or_default()))) } else { Ok(Some(of_advanced(&advanced))) }
}

fn basic(selectors: &[EventSelector]) -> Selectors {
    let management = selectors.iter().filter(|selector| selector.include_management_events.unwrap_or(true));
    let mut found = Selectors::default();
    for selector in management {
        let kind = selector.read_write_type.as_ref().map_or("All", |kind| kind.as_str());
        found.management_events = Some(both(found.management_events.as_deref(), kind));
        found.excluded_sources.extend(selector.exclude_management_event_sources.iter().flatten().cloned());
    }
    found
}

/// What two selectors record together. Auditors look for one that records all.
fn both(one: Option<&str>, other: &str) -> String {
    match (one, other) {
        (None, other) => other.to_owned(),
        (Some("All"), _) | (_, "All") => "All".to_owned(),
        (Some(one), other) if one == other => other.to_owned(),
        _ => APART.to_owned(),
    }
}

/// Selectors of the category Management; `readOnly` narrows them, `eventSource` leaves sources out.
fn of_advanced(selectors: &[AdvancedEventSelector]) -> Selectors {
    let mut found = Selectors { advanced: true, ..Selectors::default() };
    for selector in selectors {
        let field = |name: &str| selector.field_selectors.iter().find(|field| field.field == name);
        let equals = |name: &str| field(name).and_then(|field| field.equals.as_ref()).map(Vec::as_slice).unwrap_or_default();
        if equals("eventCategory") != ["Management"] {
            continue;
        }
        let kind = match equals("readOnly") {
            [value] if value == "true" => "ReadOnly",
            [value] if value == "false" => "WriteOnly",
            _ => "All",
        };
        found.management_events = Some(both(found.management_events.as_deref(), kind));
        found.excluded_sources.extend(field("eventSource").and_then(|field| field.not_equals.clone()).into_iter().flatten());
    }
    found
}

async fn filters_of(aws: &Clients, group: &str) -> Result<Vec<FilterSeen>, AccountError> {
    match list_group(aws, group).await {
        Ok(filters) => Ok(filters.iter().map(|listed| filter(&listed.resource.attributes)).collect()),
        // The trail of another Region or account.
        Err(error) if error.reason == Reason::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// All metric alarms of the Region.
pub(crate) async fn alarms(aws: &Clients) -> Result<Vec<AlarmSeen>, AccountError> {
    let (found, _) = search(aws, Search { kinds: vec![AlarmType::MetricAlarm], ..Search::default() }).await?;
    let seen = |alarm: MetricAlarm| AlarmSeen {
        name: alarm.alarm_name.unwrap_or_default(),
        namespace: alarm.namespace.unwrap_or_default(),
        metric: alarm.metric_name.unwrap_or_default(),
        actions: alarm.alarm_actions.unwrap_or_default(),
    };
    Ok(found.into_iter().map(seen).collect())
}

/// `None`: they may not be read. A topic that is gone has none.
async fn subscribers_of(aws: &Clients, topic: &str) -> Result<Option<Subscribers>, AccountError> {
    match subscriptions(aws, topic).await {
        Ok(found) => {
            let confirmed = found.iter().filter(|subscription| confirmed(subscription).is_some()).count();
            Ok(Some(Subscribers { confirmed, pending: found.len() - confirmed }))
        }
        Err(error) if error.reason == Reason::Denied => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_cloudtrail::types::{AdvancedFieldSelector, ReadWriteType};

    use super::*;

    fn of(kind: Option<&str>, management: bool, excluded: &[&str]) -> EventSelector {
        let mut selector =
            EventSelector::builder().include_management_events(management).set_read_write_type(kind.map(ReadWriteType::from));
        for source in excluded {
            selector = selector.exclude_management_event_sources(*source);
        }
        selector.build()
    }

    fn advanced(fields: &[(&str, &str)]) -> AdvancedEventSelector {
        let field = |(name, value): &(&str, &str)| match name.strip_prefix('!') {
            Some(name) => AdvancedFieldSelector::builder().field(name).not_equals(*value).build().unwrap(),
            None => AdvancedFieldSelector::builder().field(*name).equals(*value).build().unwrap(),
        };
        AdvancedEventSelector::builder().set_field_selectors(Some(fields.iter().map(field).collect())).build().unwrap()
    }

    #[test]
    fn selectors_say_what_is_recorded() {
        for (selectors, events, excluded) in [
            (vec![], None, &[] as &[&str]),
            (vec![of(None, true, &[])], Some("All"), &[]),
            (vec![of(Some("All"), false, &[])], None, &[]),
            (vec![of(Some("ReadOnly"), true, &[])], Some("ReadOnly"), &[]),
            (vec![of(Some("ReadOnly"), true, &[]), of(Some("WriteOnly"), true, &[])], Some(APART), &[]),
            (vec![of(Some("ReadOnly"), true, &[]), of(Some("All"), true, &["kms.amazonaws.com"])], Some("All"), &["kms.amazonaws.com"]),
        ] {
            let found = basic(&selectors);
            assert_eq!(found.management_events.as_deref(), events, "{selectors:?}");
            assert_eq!(found.excluded_sources.iter().map(String::as_str).collect::<Vec<_>>(), excluded, "{selectors:?}");
        }
        let management = ("eventCategory", "Management");
        for (selectors, events) in [
            (vec![advanced(&[management])], Some("All")),
            (vec![advanced(&[("eventCategory", "Data")])], None),
            (vec![advanced(&[management, ("readOnly", "false")])], Some("WriteOnly")),
            (vec![advanced(&[management, ("readOnly", "false")]), advanced(&[management, ("readOnly", "true")])], Some(APART)),
        ] {
            assert_eq!(of_advanced(&selectors).management_events.as_deref(), events, "{selectors:?}");
        }
        let narrowed = of_advanced(&[advanced(&[management, ("!eventSource", "kms.amazonaws.com")])]);
        assert!(narrowed.excluded_sources.contains("kms.amazonaws.com"));
    }
}
