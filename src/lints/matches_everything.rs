//! TA309: the pattern matches everything

use filter_pattern::ast::{Body, Entry, Expr};

use super::truth::possible;
use super::{Filter, Lint, Reporter, Subject};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA309", severity: Severity::Error, doc: include_str!("matches_everything.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        // A filter that takes its value out of every event is meant to match them all.
        if filter.built.filter.metric_value.starts_with('$') {
            continue;
        }
        match filter.pattern.body() {
            Body::Json(expr) if possible(expr).is_some_and(|p| !p.can_miss) => json(filter, expr, reporter),
            Body::SpaceDelimited(entries) if entries.len() > 1 && entries.iter().all(asks_nothing) => {
                let message = "the pattern asks nothing of any field, and matches every event with as many fields";
                reporter.say_as(Severity::Warning, &filter.whole(), message, "add a condition: `[ip, user, status = 4*]`");
            }
            _ => {}
        }
    }
}

fn json(filter: &Filter<'_>, expr: &Expr, reporter: &mut Reporter<'_>) {
    let selectors = expr.clauses().iter().map(|clause| clause.selector.to_string()).collect::<std::collections::BTreeSet<_>>();
    let message = format!("the pattern matches every event that has {}", selectors.into_iter().collect::<Vec<_>>().join(" and "));
    let help = "`!=` with `!=` is joined by `&&`: ($.a != \"x\") && ($.a != \"y\")";
    // One condition alone, such as `= "*"`, says so plainly.
    let severity = if matches!(expr, Expr::Clause(_)) { Severity::Warning } else { Severity::Error };
    reporter.say_as(severity, &filter.whole(), message, help);
}

fn asks_nothing(entry: &Entry) -> bool {
    matches!(entry, Entry::Ellipsis) || matches!(entry, Entry::Field(field) if field.tests.is_empty())
}
