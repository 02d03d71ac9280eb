//! TA304: `!=` on a property that may be missing

use filter_pattern::ast::{Clause, Expr, Operand, Test};

use super::context::{Surrounded, surrounded};
use super::{Lint, Reporter, Subject};
use crate::cloudtrail::properties::is_always_there;
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA304", severity: Severity::Warning, doc: include_str!("missing_differs.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        for one in surrounded(filter) {
            let selector = one.clause.selector.to_string();
            if matches!(&one.clause.test, Test::Differs(operand) if !is_any(operand)) && !is_always_there(&selector) && !is_guarded(&one) {
                let message = format!("`!=` is false when {selector} is missing, and then the event does not count");
                let help =
                    format!("say which is meant: `({selector} NOT EXISTS) || (…)` counts it too, `({selector} = \"*\") && (…)` does not");
                reporter.say(&filter.at(one.clause.span.0.clone()), message, help);
            }
        }
    }
}

/// `!= "*"` is TA307.
fn is_any(operand: &Operand) -> bool {
    matches!(operand, Operand::Text(glob) if glob.is_any())
}

/// The pattern says what of events without the property: beside `||` that they count, beside `&&` that they do not.
fn is_guarded(one: &Surrounded<'_>) -> bool {
    let own = &one.clause.selector;
    let beside = |group: &&Expr, wanted: fn(&Test) -> bool| {
        let items = match group {
            Expr::Any(group) | Expr::All(group) => &group.items,
            Expr::Clause(_) => return false,
        };
        items.iter().any(|item| matches!(item, Expr::Clause(Clause { selector, test, .. }) if selector == own && wanted(test)))
    };
    let missing_counts = one.groups.iter().any(|group| matches!(group, Expr::Any(_)) && beside(group, |test| *test == Test::NotExists));
    let must_be_there = one
        .groups
        .iter()
        .any(|group| matches!(group, Expr::All(_)) && beside(group, |test| matches!(test, Test::Equals(_) | Test::Order(..))));
    missing_counts || must_be_there
}
