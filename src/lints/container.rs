//! TA315: a comparison with an object or array

use filter_pattern::ast::Test;

use super::{Lint, Reporter, Subject};
use crate::cloudtrail::properties::is_container;
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA315", severity: Severity::Error, doc: include_str!("container.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        for clause in filter.pattern.clauses() {
            let selector = clause.selector.to_string();
            let compares = !matches!(clause.test, Test::NotExists | Test::Is(_));
            if compares && is_container(&selector) {
                let message = format!("{selector} is an object or a list, and comparisons with those are never true");
                let help = format!("ask for something inside it, such as `{selector}.name = \"*\"`, or use `IS NULL` and `NOT EXISTS`");
                reporter.say(&filter.at(clause.span.0.clone()), message, help);
            }
        }
    }
}
