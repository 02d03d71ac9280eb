//! TA310: the pattern matches nothing

use filter_pattern::ast::{Body, Expr};

use super::truth::possible;
use super::{Lint, Reporter, Subject};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA310", severity: Severity::Error, doc: include_str!("matches_nothing.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        let Body::Json(expr) = filter.pattern.body() else { continue };
        if possible(expr).is_some_and(|p| !p.can_match) {
            reporter.say(&filter.whole(), "no event can match the pattern", "one property has one value: join alternatives with `||`");
        } else if let Expr::Any(group) = expr {
            for dead in group.items.iter().filter(|item| possible(item).is_some_and(|p| !p.can_match)) {
                reporter.say(&filter.at(dead.span()), "no event can match this alternative", "correct it, or remove it");
            }
        }
    }
}
