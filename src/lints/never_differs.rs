//! TA307: `!= "*"` is never true

use filter_pattern::ast::{Operand, Test};

use super::{Lint, Reporter, Subject};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA307", severity: Severity::Error, doc: include_str!("never_differs.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        for clause in filter.pattern.clauses() {
            if matches!(&clause.test, Test::Differs(Operand::Text(glob)) if glob.is_any()) {
                let message = "`!= \"*\"` is never true: every text and number equals `*`, and the rest is not compared";
                reporter.say(&filter.at(clause.span.0.clone()), message, format!("write `{} NOT EXISTS`", clause.selector));
            }
        }
    }
}
