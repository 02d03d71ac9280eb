//! TA502: a count without a default, with missing data as missing

use super::datapoints::counted;
use super::{Lint, Reporter, Subject};
use crate::finding::Severity;
use crate::simulate::MissingData;

pub(super) const LINT: Lint = Lint { code: "TA502", severity: Severity::Warning, doc: include_str!("missing_default.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for unit in subject.units {
        let Some(counted) = counted(unit) else { continue };
        if counted.count.default.is_none() && counted.watched.missing() == Some(MissingData::Missing) {
            let at = unit.ready.tree.locate("alarm.treat_missing_data");
            let message = "without a match there is no datapoint, and the alarm goes to INSUFFICIENT_DATA instead of OK";
            reporter.say(&at, message, "use `treat_missing_data: notBreaching`, and `default: 0` in the filter");
        }
    }
}
