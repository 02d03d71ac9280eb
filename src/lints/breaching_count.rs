//! TA504: silence rings

use super::datapoints::counted;
use super::{Lint, Reporter, Subject};
use crate::finding::Severity;
use crate::simulate::MissingData;

pub(super) const LINT: Lint = Lint { code: "TA504", severity: Severity::Warning, doc: include_str!("breaching_count.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for unit in subject.units {
        let Some(counted) = counted(unit) else { continue };
        if counted.watched.missing() == Some(MissingData::Breaching) && counted.counts_up() {
            let at = unit.ready.tree.locate("alarm.treat_missing_data");
            let message = "with `breaching`, a period without any event rings as if there had been matches";
            reporter.say(&at, message, "use `notBreaching`; to be told that logs stop, alarm on the log group's IncomingLogEvents");
        }
    }
}
