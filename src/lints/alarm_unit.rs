//! TA505: the alarm asks for a unit that the filter does not publish

use std::collections::BTreeSet;

use super::{Lint, Reporter, Subject};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA505", severity: Severity::Error, doc: include_str!("alarm_unit.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for unit in subject.units {
        let Some(watched) = unit.watched() else { continue };
        let Some(asked) = watched.alarm.unit.as_deref() else { continue };
        let published: BTreeSet<&str> = watched.filters.iter().map(|filter| filter.unit.as_deref().unwrap_or("None")).collect();
        if !published.contains(asked) {
            let published = published.into_iter().collect::<Vec<_>>().join(" or ");
            let message = format!("the filter publishes the unit {published}, the alarm asks for {asked}, and sees no data");
            reporter.say(&unit.ready.tree.locate("alarm.unit"), message, "remove `unit` from the alarm");
        }
    }
}
