//! TA501: a dimension with too many values

use super::{Lint, Reporter, Subject};
use crate::cloudtrail::properties::has_many_values;
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA501", severity: Severity::Warning, doc: include_str!("wide_dimension.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        for (name, selector) in filter.built.filter.dimensions.iter().filter(|(_, selector)| has_many_values(selector)) {
            let at = filter.unit.ready.tree.locate(&format!("{}.dimensions.{name}", filter.built.path));
            let message = format!("{selector} has many values: AWS may switch a filter off that makes 1,000 of them in an hour");
            reporter.say(&at, message, "leave it out; `trailarm match` and Logs Insights say who it was");
        }
    }
}
