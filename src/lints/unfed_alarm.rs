//! TA509: an alarm on a metric that nothing feeds

use std::collections::BTreeSet;

use super::unwatched_metric::metrics;
use super::{Lint, Reporter, Subject};
use crate::finding::{Severity, suggest};

pub(super) const LINT: Lint = Lint { code: "TA509", severity: Severity::Error, doc: include_str!("unfed_alarm.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    let fed: BTreeSet<(&str, &str)> =
        subject.filters.iter().map(|f| (f.built.filter.metric_namespace.as_str(), f.built.filter.metric_name.as_str())).collect();
    for unit in subject.units {
        for (namespace, name) in metrics(unit).into_iter().filter(|metric| !fed.contains(metric)) {
            let at = unit.ready.tree.locate("alarm.metric");
            // Another program may feed any namespace, but hardly one of the stack's own.
            let of_namespace: Vec<&str> = fed.iter().filter(|(known, _)| *known == namespace).map(|(_, name)| *name).collect();
            let elsewhere = fed.iter().find(|(_, known)| *known == name && !namespace.starts_with("AWS/"));
            if subject.is_whole && !of_namespace.is_empty() {
                reporter.say(&at, format!("no filter here feeds the metric {name} in {namespace}"), suggest(name, of_namespace));
            } else if let Some((known, _)) = elsewhere {
                let message = format!("no filter here feeds the metric {name} in {namespace}");
                reporter.say_as(Severity::Warning, &at, message, format!("the one here goes to {known}"));
            }
        }
    }
}
