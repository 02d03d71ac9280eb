//! TA508: a metric that nobody watches

use std::collections::BTreeSet;

use super::{Lint, Reporter, Subject};
use crate::detection::{BuiltAlarm, Unit};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA508", severity: Severity::Warning, doc: include_str!("unwatched_metric.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    if !subject.is_whole {
        return;
    }
    let watched: BTreeSet<(&str, &str)> = subject.units.iter().flat_map(metrics).collect();
    for filter in &subject.filters {
        let metric = (filter.built.filter.metric_namespace.as_str(), filter.built.filter.metric_name.as_str());
        if !watched.contains(&metric) {
            let message = format!("no alarm here watches the metric {} in {}", metric.1, metric.0);
            reporter.say(&filter.whole(), message, "add `alarm:`, or allow it where the metric is for a dashboard");
        }
    }
}

/// The metrics that the alarm of a detection looks at.
pub(super) fn metrics(unit: &Unit) -> Vec<(&str, &str)> {
    let Some(BuiltAlarm::Metric(alarm)) = &unit.alarm else { return Vec::new() };
    let own = alarm.namespace.as_deref().zip(alarm.metric_name.as_deref());
    let queries = alarm.metrics.iter().filter_map(|query| query.namespace.as_deref().zip(query.metric_name.as_deref()));
    own.into_iter().chain(queries).collect()
}
