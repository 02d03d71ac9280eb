//! TA511: a period shorter than a minute

use super::datapoints::counted;
use super::{Lint, Reporter, Subject};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA511", severity: Severity::Warning, doc: include_str!("short_period.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for unit in subject.units {
        if let Some(period) = counted(unit).and_then(|counted| counted.watched.alarm.period).filter(|period| *period < 60) {
            let message = format!("the filter's metric has one datum a minute, and most periods of {period} seconds have none");
            reporter.say(&unit.ready.tree.locate("alarm.period"), message, "use `period: 1m` or longer; 5m suits CloudTrail's own delay");
        }
    }
}
