//! TA313: `!=`, `IS` or `NOT EXISTS` on a wildcard

use filter_pattern::ast::Test;

use super::{Lint, Reporter, Subject};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA313", severity: Severity::Warning, doc: include_str!("negated_wildcard.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        for clause in filter.pattern.clauses() {
            if clause.selector.has_wildcard() && !matches!(clause.test, Test::Equals(_) | Test::Order(..)) {
                let message = "whether this holds for some or for all elements, AWS does not say";
                reporter.say(
                    &filter.at(clause.span.0.clone()),
                    message,
                    "use `=`, which holds for some element, or name the element: `[0]`",
                );
            }
        }
    }
}
