//! TA503: a count that is not summed

use super::datapoints::counted;
use super::{Lint, Reporter, Subject};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA503", severity: Severity::Warning, doc: include_str!("not_a_sum.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for unit in subject.units {
        let Some(counted) = counted(unit).filter(|counted| counted.statistic() != "Sum") else { continue };
        // An alarm that can never or always ring says so itself.
        let decided = counted.datapoints().map(|range| counted.breaches(range));
        if matches!(decided, Some((true, _)) | None) {
            let at = unit.ready.tree.locate("alarm.statistic");
            let message = format!("`{}` of a metric that gets one value a match does not count the matches", counted.statistic());
            reporter.say(&at, message, "use `statistic: Sum`");
        }
    }
}
