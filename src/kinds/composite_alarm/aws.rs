//! Composite alarms to and from CloudWatch.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_cloudwatch::types::CompositeAlarm as AwsAlarm;

use super::CompositeAlarm;
use crate::account::aws::Clients;
use crate::account::error::AccountError;
use crate::kinds::alarm::{describe, list_tags, tag_propagation_from, tag_propagation_to, tags_to, wire_description, write_tags};
use crate::kinds::marker::Marker;
use crate::kinds::{Listed, Put, Query, restore};
use crate::state::{Address, Scope};

pub(super) async fn list(aws: &Clients, query: &Query) -> Result<Vec<Listed>, AccountError> {
    let (_, alarms) = describe(aws, query, "composite_alarm").await?;
    let mut listed = Vec::with_capacity(alarms.len());
    for alarm in alarms {
        let arn = alarm.alarm_arn.clone().unwrap_or_default();
        let (mut alarm, fingerprint) = from_aws(alarm);
        let address = Address::new("composite_alarm", alarm.name.clone());
        alarm.tags = list_tags(aws, query, &address, &arn, fingerprint.as_deref()).await?;
        listed.push(Listed { recorded: fingerprint, ..Listed::from(alarm.resource()) });
    }
    Ok(listed)
}

fn from_aws(alarm: AwsAlarm) -> (CompositeAlarm, Option<String>) {
    let (description, marker) = Marker::split(&alarm.alarm_description.unwrap_or_default());
    let set = |list: Option<Vec<String>>| list.unwrap_or_default().into_iter().collect();
    let suppressor = alarm.actions_suppressor.filter(|s| !s.is_empty());
    let seconds = |n: Option<i32>| n.filter(|_| suppressor.is_some()).and_then(|n| u32::try_from(n).ok());
    let typed = CompositeAlarm {
        name: alarm.alarm_name.unwrap_or_default(),
        description,
        managed_by: marker.as_ref().map(|m| Marker::managed_by(&m.stack, &m.file)),
        rule: alarm.alarm_rule.unwrap_or_default(),
        actions_enabled: alarm.actions_enabled.unwrap_or(true),
        alarm_actions: set(alarm.alarm_actions),
        ok_actions: set(alarm.ok_actions),
        insufficient_data_actions: set(alarm.insufficient_data_actions),
        actions_suppressor_wait_period: seconds(alarm.actions_suppressor_wait_period),
        actions_suppressor_extension_period: seconds(alarm.actions_suppressor_extension_period),
        actions_suppressor: suppressor,
        tag_propagation: tag_propagation_from(alarm.action_configuration),
        tags: BTreeMap::new(),
    };
    (typed, marker.map(|m| m.fingerprint))
}

pub(super) async fn put(aws: &Clients, scope: &Scope, put: Put<'_>) -> Result<(), AccountError> {
    let subject = put.resource.address.to_string();
    let alarm: CompositeAlarm =
        restore(&put.resource.attributes).map_err(|e| AccountError::other("cloudwatch:PutCompositeAlarm", &subject, &e))?;
    let list = |set: &BTreeSet<String>| (!set.is_empty()).then(|| set.iter().cloned().collect::<Vec<_>>());
    let whole = |n: Option<u32>| n.and_then(|n| i32::try_from(n).ok());
    let request = aws
        .cloudwatch
        .put_composite_alarm()
        .alarm_name(&alarm.name)
        .set_alarm_description(wire_description(&put.resource.attributes))
        .alarm_rule(&alarm.rule)
        .actions_enabled(alarm.actions_enabled)
        .set_alarm_actions(list(&alarm.alarm_actions))
        .set_ok_actions(list(&alarm.ok_actions))
        .set_insufficient_data_actions(list(&alarm.insufficient_data_actions))
        .set_actions_suppressor(alarm.actions_suppressor.clone())
        .set_actions_suppressor_wait_period(whole(alarm.actions_suppressor_wait_period))
        .set_actions_suppressor_extension_period(whole(alarm.actions_suppressor_extension_period))
        .set_action_configuration(tag_propagation_to(alarm.tag_propagation.as_ref()))
        .set_tags(tags_to(&alarm.tags).filter(|_| put.before.is_none()));
    write_tags(aws, &scope.arn("cloudwatch", &format!("alarm:{}", alarm.name)), &alarm.tags, put.before.is_some()).await?;
    aws.call("cloudwatch:PutCompositeAlarm", &subject, request.send()).await.map(drop)
}
