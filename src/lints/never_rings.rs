//! TA506: the alarm can never ring

use super::datapoints::counted;
use super::{Lint, Reporter, Subject};
use crate::finding::Severity;
use crate::simulate::MissingData;

pub(super) const LINT: Lint = Lint { code: "TA506", severity: Severity::Error, doc: include_str!("never_rings.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for unit in subject.units {
        let Some(counted) = counted(unit) else { continue };
        let Some(range) = counted.datapoints() else { continue };
        if !counted.breaches(range).0 && counted.watched.missing() != Some(MissingData::Breaching) {
            let at = unit.ready.tree.locate("alarm.threshold");
            let message = format!("the alarm never rings: {} is asked, and the datapoints are {range}", counted.condition());
            let help = if counted.statistic() == "Sum" {
                "use a threshold that a count can reach"
            } else {
                "use `statistic: Sum`, and a threshold that a count can reach"
            };
            reporter.say(&at, message, help);
        }
    }
}
