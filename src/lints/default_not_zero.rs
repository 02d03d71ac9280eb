//! TA510: a default value that is not zero

use super::{Lint, Reporter, Subject};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA510", severity: Severity::Warning, doc: include_str!("default_not_zero.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        let Some(default) = filter.built.filter.default_value.filter(|default| *default != 0.0) else { continue };
        let at = filter.unit.ready.tree.locate(&format!("{}.default", filter.built.path));
        let message = format!("whether the default {default} is reported once a minute or once an event, AWS does not say");
        reporter.say(&at, message, "use `default: 0`, with which a sum is the same either way");
    }
}
