//! TA505: the alarm asks for a unit that the filter does not publish

use super::datapoints::watched;
use super::{Lint, Reporter, Subject};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA505", severity: Severity::Error, doc: include_str!("alarm_unit.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for unit in subject.units {
        let Some(alarm) = watched(unit).map(|watched| watched.alarm) else { continue };
        let published = unit.filters.first().and_then(|built| built.filter.unit.as_deref()).unwrap_or("None");
        if let Some(asked) = alarm.unit.as_deref().filter(|asked| *asked != published) {
            let message = format!("the filter publishes the unit {published}, the alarm asks for {asked}, and sees no data");
            reporter.say(&unit.ready.tree.locate("alarm.unit"), message, "remove `unit` from the alarm");
        }
    }
}
