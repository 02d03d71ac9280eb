//! Detections → documents: a list of them, and one with all that it comes to.

use std::collections::{BTreeMap, BTreeSet};

use filter_pattern::MAX_LENGTH;

use super::document::{Block, Document, Piece, Tone};
use super::on_lines;
use crate::cloudtrail::Event;
use crate::detection::{BuiltAlarm, Unit};
use crate::kinds::alarm::Alarm;
use crate::wording;

/// A row a detection.
pub fn list(units: &[&Unit], disabled: &[&str]) -> Document {
    let mut document = Document::default();
    let head = ["DETECTION", "SEVERITY", "FILTERS", "ALARM", "TESTS", "DESCRIPTION"].map(str::to_owned).to_vec();
    let off = disabled
        .iter()
        .map(|address| vec![Piece::new(Tone::Faint, *address), Piece::new(Tone::Faint, "off"), blank(), blank(), blank(), blank()]);
    document.blocks.push(Block::Table { head, rows: units.iter().map(|unit| row(unit)).chain(off).collect() });
    let count = units.len();
    let off = if disabled.is_empty() { String::new() } else { format!(", {} switched off", disabled.len()) };
    document.text(Tone::Strong, format!("{count} detection{}{off}", if count == 1 { "" } else { "s" }));
    document
}

fn blank() -> Piece {
    Piece::new(Tone::Plain, "")
}

fn row(unit: &Unit) -> Vec<Piece> {
    let section = &unit.ready.section;
    let plain = |text: String| Piece::new(Tone::Plain, text);
    let severity = section.severity.as_ref().map_or("-", |severity| severity.0.as_str());
    let alarm = match &unit.alarm {
        Some(BuiltAlarm::Metric(alarm)) => condition(alarm),
        Some(BuiltAlarm::Composite(_)) => "composite".to_owned(),
        None if unit.is_left_out() => "left out by the profile".to_owned(),
        None => "-".to_owned(),
    };
    vec![
        Piece::new(Tone::Strong, unit.ready.address.as_str()),
        Piece::new(severity_tone(severity), severity),
        plain(unit.filters.len().to_string()),
        plain(alarm),
        plain(section.tests.as_ref().map_or(0, Vec::len).to_string()),
        plain(section.description.as_deref().unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ")),
    ]
}

fn severity_tone(severity: &str) -> Tone {
    match severity {
        "critical" | "high" => Tone::Removed,
        "medium" => Tone::Changed,
        _ => Tone::Faint,
    }
}

/// `Sum >= 1 in 5m`.
fn condition(alarm: &Alarm) -> String {
    let statistic = alarm.statistic.as_deref().or(alarm.extended_statistic.as_deref()).unwrap_or("math");
    let comparison = wording::comparison(&alarm.comparison_operator);
    let threshold = alarm.threshold.map_or_else(|| "the band".to_owned(), |threshold| threshold.to_string());
    let period = alarm.period.map_or_else(String::new, |period| format!(" in {}", wording::seconds(period)));
    format!("{statistic} {comparison} {threshold}{period}")
}

/// All of one detection: what it looks for, how it rings, whom it tells, and what to do then.
///
/// `subscriptions`: what is subscribed to each of the stack's topics. `in_stack`: there is a stack.
pub fn detection(unit: &Unit, subscriptions: &BTreeMap<String, Vec<String>>, in_stack: bool) -> Document {
    let mut document = Document::default();
    let section = &unit.ready.section;
    document.heading(unit.ready.address.as_str());
    if let Some(description) = &section.description {
        document.text(Tone::Plain, description.trim());
        document.text(Tone::Plain, "");
    }
    facts(unit, &mut document);
    filters(unit, &mut document);
    alarm(unit, subscriptions, in_stack, &mut document);
    runbook(unit, &mut document);
    if unit.is_left_out() {
        let profile = unit.profile.as_deref().unwrap_or_default();
        document.text(Tone::Changed, format!("Nothing of it is deployed: no filter of it is of the profile {profile}."));
        document.text(Tone::Plain, "");
    }
    if let Some(limitations) = &section.limitations {
        document.heading("Cannot see");
        limitations.iter().for_each(|limit| document.text(Tone::Plain, format!("- {}", limit.trim())));
        document.text(Tone::Plain, "");
    }
    document
}

fn facts(unit: &Unit, document: &mut Document) {
    let section = &unit.ready.section;
    let mut rows: Vec<(String, String)> = Vec::new();
    rows.extend(section.severity.as_ref().map(|severity| ("severity".to_owned(), severity.0.clone())));
    rows.extend(wording::references(unit).into_iter().map(|(name, ids)| (name, ids.join(", "))));
    let parameters = section.parameters.iter().flatten();
    rows.extend(parameters.map(|(name, parameter)| {
        let default = parameter.default.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
        let about = parameter.description.as_deref().map(|text| format!("; {text}")).unwrap_or_default();
        (format!("parameter {name}"), format!("{}, default {default}{about}", parameter.kind.0))
    }));
    rows.push(("tests".to_owned(), section.tests.as_ref().map_or(0, Vec::len).to_string()));
    rows.extend(unit.profile.as_ref().map(|profile| ("profile".to_owned(), profile.clone())));
    let rows = rows.into_iter().map(|(name, value)| vec![Piece::new(Tone::Faint, name), Piece::new(Tone::Plain, value)]);
    document.blocks.push(Block::Table { head: Vec::new(), rows: rows.collect() });
}

fn filters(unit: &Unit, document: &mut Document) {
    for built in &unit.filters {
        let filter = &built.filter;
        document.heading(format!("Metric filter {}", filter.name));
        let profiles = built.profiles.as_ref().map(|profiles| format!(" (profiles {})", profiles.join(", "))).unwrap_or_default();
        let length = filter.pattern.chars().count();
        document.text(Tone::Plain, format!("Pattern, {length} of {MAX_LENGTH} characters{profiles}:"));
        document.blocks.push(Block::Code(on_lines(&filter.pattern)));
        let default = filter.default_value.map(|value| format!(", {value} when nothing matches")).unwrap_or_default();
        let metric = format!("{} {}", filter.metric_namespace, filter.metric_name);
        document.text(Tone::Plain, format!("On {}, into the metric {metric}: {}{default}", filter.log_group, filter.metric_value));
        document.text(Tone::Plain, "");
    }
}

fn alarm(unit: &Unit, subscriptions: &BTreeMap<String, Vec<String>>, in_stack: bool, document: &mut Document) {
    let (name, (when, looks_at, is_on), lists) = match &unit.alarm {
        Some(BuiltAlarm::Metric(alarm)) => {
            let of = alarm.datapoints_to_alarm.unwrap_or(alarm.evaluation_periods);
            let missing = alarm.treat_missing_data.as_deref().unwrap_or("missing");
            let when = format!("{}, {of} of {} periods; missing data: {missing}", condition(alarm), alarm.evaluation_periods);
            (
                &alarm.name,
                (when, looks_at(unit, alarm), alarm.actions_enabled),
                [&alarm.alarm_actions, &alarm.ok_actions, &alarm.insufficient_data_actions],
            )
        }
        Some(BuiltAlarm::Composite(alarm)) => (
            &alarm.name,
            (alarm.rule.clone(), Vec::new(), alarm.actions_enabled),
            [&alarm.alarm_actions, &alarm.ok_actions, &alarm.insufficient_data_actions],
        ),
        None => return,
    };
    document.heading(format!("Alarm {name}"));
    document.text(Tone::Plain, format!("Rings on {when}"));
    looks_at.into_iter().for_each(|line| document.text(Tone::Plain, line));
    for (state, actions) in ["ALARM", "OK", "INSUFFICIENT_DATA"].into_iter().zip(lists) {
        told(state, actions, subscriptions, document);
    }
    if !is_on {
        document.text(Tone::Changed, "Its actions are off (`actions_enabled: false`): it tells nobody");
    } else if lists[0].is_empty() {
        let why = if in_stack { "name a topic in `notify:`, here or in the stack's defaults" } else { "a stack's defaults say whom" };
        document.text(Tone::Changed, format!("Tells nobody of ALARM: {why}"));
    }
    document.text(Tone::Plain, "");
}

/// What an alarm looks at that is not the metric of the detection's own filters.
fn looks_at(unit: &Unit, alarm: &Alarm) -> Vec<String> {
    let mut lines = Vec::new();
    if let (Some(namespace), Some(metric)) = (&alarm.namespace, &alarm.metric_name)
        && unit.watched().is_none()
    {
        lines.push(format!("Looks at the metric {namespace} {metric}{}", dimensions(&alarm.dimensions)));
    }
    for query in &alarm.metrics {
        let what = match (&query.expression, &query.metric_name) {
            (Some(expression), _) => expression.clone(),
            (None, metric) => format!(
                "{} of {} {}{}",
                query.stat.as_deref().unwrap_or_default(),
                query.namespace.as_deref().unwrap_or_default(),
                metric.as_deref().unwrap_or_default(),
                dimensions(&query.dimensions)
            ),
        };
        let mark = if query.return_data || alarm.threshold_metric_id.as_ref() == Some(&query.id) { " (compared)" } else { "" };
        lines.push(format!("Looks at {} = {what}{mark}", query.id));
    }
    lines
}

fn dimensions(dimensions: &BTreeMap<String, String>) -> String {
    let shown: Vec<String> = dimensions.iter().map(|(name, value)| format!("{name} {value}")).collect();
    if shown.is_empty() { String::new() } else { format!(" with {}", shown.join(", ")) }
}

fn told(state: &str, actions: &BTreeSet<String>, subscriptions: &BTreeMap<String, Vec<String>>, document: &mut Document) {
    for action in actions {
        let topic = action.rsplit(':').next().unwrap_or_default();
        let to = subscriptions.get(topic).filter(|_| action.contains(":sns:"));
        let to = to.map(|to| format!(": {}", to.join(", "))).unwrap_or_default();
        document.text(Tone::Plain, format!("On {state}: {action}{to}"));
    }
}

fn runbook(unit: &Unit, document: &mut Document) {
    let Some(runbook) = unit.ready.section.runbook.as_ref().map(|section| &section.0) else { return };
    document.heading("Runbook");
    runbook.notice().into_iter().for_each(|line| document.text(Tone::Plain, line));
    document.text(Tone::Plain, "");
}

/// A row an event.
pub fn event_names(events: &[&Event]) -> Document {
    let mut document = Document::default();
    let row = |event: &&Event| {
        let version = event.api_version().map(|version| format!("API Gateway v{version} only"));
        let evidence = event.evidence.map(|evidence| evidence.wording().to_owned());
        let note = [version, evidence].into_iter().flatten().collect::<Vec<_>>().join("; ");
        vec![Piece::new(Tone::Plain, event.source.as_str()), Piece::new(Tone::Strong, event.name), Piece::new(Tone::Faint, note)]
    };
    let head = ["SOURCE", "EVENT", "NOTE"].map(str::to_owned).to_vec();
    document.blocks.push(Block::Table { head, rows: events.iter().map(row).collect() });
    if events.iter().any(|event| event.evidence.is_none()) {
        document.text(Tone::Faint, "Names without a note are those of the operations in AWS's SDKs; not every one was seen in a record.");
    }
    document
}

/// A row a source, with the number of its names.
pub fn event_sources(events: &[&Event]) -> Document {
    let mut document = Document::default();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    events.iter().for_each(|event| *counts.entry(event.source.as_str()).or_default() += 1);
    let row = |(source, count): (&&str, &usize)| vec![Piece::new(Tone::Plain, *source), Piece::new(Tone::Plain, count.to_string())];
    let head = ["SOURCE", "EVENTS"].map(str::to_owned).to_vec();
    document.blocks.push(Block::Table { head, rows: counts.iter().map(row).collect() });
    document.text(Tone::Strong, format!("{} sources, {} events: `--source NAME` lists those of one", counts.len(), events.len()));
    document
}
