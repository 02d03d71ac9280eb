//! TA507: the alarm always rings

use super::datapoints::counted;
use super::{Lint, Reporter, Subject};
use crate::finding::Severity;
use crate::simulate::MissingData;

pub(super) const LINT: Lint = Lint { code: "TA507", severity: Severity::Error, doc: include_str!("always_rings.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for unit in subject.units {
        let Some(counted) = counted(unit) else { continue };
        let Some(range) = counted.datapoints() else { continue };
        // Without a default, a period without matches is missing, and may be OK.
        let silence_rings = counted.count.default.is_some() || counted.watched.missing() == Some(MissingData::Breaching);
        if counted.breaches(range).1 && silence_rings {
            let at = unit.ready.tree.locate("alarm.threshold");
            let message = format!("the alarm rings on every datapoint: {} is asked, and the datapoints are {range}", counted.condition());
            let help = match counted.count.default {
                _ if counted.statistic() == "SampleCount" => "use `statistic: Sum`: SampleCount counts the defaults too",
                Some(default) if default != 0.0 => "use `default: 0`, so that a period without a match is below the threshold",
                _ => "use `>= 1` for one match or more",
            };
            reporter.say(&at, message, help);
        }
    }
}
