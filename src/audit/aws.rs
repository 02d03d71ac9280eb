//! The evidence of a live account, over the AWS SDK. Auditors look at all of a Region, not at what a stack owns.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudtrail::types::{AdvancedEventSelector, EventSelector};

use super::evidence::{AlarmSeen, Evidence, FilterSeen, Selectors, Subscribers, filter};
use crate::account::Trail;
use crate::account::aws::Clients;
use crate::account::error::{AccountError, Reason};
use crate::kinds::metric_filter::list_group;
use crate::kinds::subscription::{confirmed, subscriptions};

impl Evidence {
    /// Reads all that auditors look at.
    ///
    /// # Errors
    /// A call fails. Selectors and subscriptions that may not be read are left out, and judged as unknown.
    pub(crate) async fn of_aws(aws: &Clients, mut trails: Vec<Trail>) -> Result<Self, AccountError> {
        for trail in &mut trails {
            trail.selectors = selectors(aws, &trail.arn).await?;
        }
        let groups: BTreeSet<String> = trails.iter().filter_map(Self::log_group).collect();
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
        Ok(Self { trails, filters, alarms, subscribers, assumed: Vec::new() })
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

/// `All` when together they cover reads and writes.
fn both(one: Option<&str>, other: &str) -> String {
    match one {
        Some(one) if one != other => "All".to_owned(),
        _ => other.to_owned(),
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
        Ok(filters) => Ok(filters.iter().map(|resource| filter(&resource.attributes)).collect()),
        // The trail of another Region or account.
        Err(error) if error.reason == Reason::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

async fn alarms(aws: &Clients) -> Result<Vec<AlarmSeen>, AccountError> {
    let (mut found, mut token) = (Vec::new(), None);
    loop {
        let request = aws.cloudwatch.describe_alarms().max_records(100).set_next_token(token);
        let page = aws.call("cloudwatch:DescribeAlarms", "alarms", request.send()).await?;
        for alarm in page.metric_alarms.unwrap_or_default() {
            found.push(AlarmSeen {
                name: alarm.alarm_name.unwrap_or_default(),
                metric: alarm.metric_name.unwrap_or_default(),
                actions: alarm.alarm_actions.unwrap_or_default(),
            });
        }
        token = page.next_token.filter(|token| !token.is_empty());
        if token.is_none() {
            return Ok(found);
        }
    }
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
