//! TA309: the pattern matches everything

use std::collections::BTreeSet;

use filter_pattern::Pattern;
use filter_pattern::ast::{Body, Entry, Expr, Group, Operand, Test};

use super::truth::possible;
use super::{Filter, Lint, Reporter, Subject};
use crate::cloudtrail::properties::is_always_there;
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA309", severity: Severity::Error, doc: include_str!("matches_everything.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    // A filter that takes its value out of every event is meant to match them all.
    for filter in subject.filters.iter().filter(|filter| !filter.built.filter.metric_value.starts_with('$')) {
        match (why(filter.pattern), filter.pattern.body()) {
            (Some((message, severity)), _) => {
                let help = if severity == Severity::Error { JOIN } else { ALL };
                reporter.say_as(severity, &filter.whole(), message, help);
            }
            (None, Body::Json(expr @ (Expr::Any(_) | Expr::All(_)))) => nested(filter, expr, reporter),
            _ => {}
        }
    }
}

/// Whether a pattern matches every event that a trail writes.
pub(crate) fn matches_all(pattern: &Pattern) -> bool {
    why(pattern).is_some()
}

/// Why a pattern as a whole matches everything, and how bad that is; `None`: it does not.
fn why(pattern: &Pattern) -> Option<(String, Severity)> {
    let as_meant = |message: &str| Some((message.to_owned(), Severity::Warning));
    match pattern.body() {
        Body::All => as_meant("the pattern matches every event"),
        Body::Regex(regex) if regex.matches_everything() => as_meant("the regular expression is found in every text"),
        Body::SpaceDelimited(entries) if asks_nothing(entries) && !is_one_name(entries) => {
            as_meant("the pattern asks nothing of any field, and matches every event with as many fields")
        }
        Body::Json(Expr::Clause(clause)) => {
            // On what only some events have, `= "*"` is a condition like others.
            let asks_presence = matches!(&clause.test, Test::Equals(Operand::Text(glob)) if glob.is_stars());
            let is_all = asks_presence && is_always_there(&clause.selector.to_string());
            is_all.then(|| (format!("the pattern matches every event that has a text or number at {}", clause.selector), Severity::Warning))
        }
        Body::Json(expr) if possible(expr).is_some_and(|p| !p.can_miss) => {
            Some((format!("the pattern matches every event that has {}", properties(expr)), Severity::Error))
        }
        _ => None,
    }
}

const ALL: &str = "add a condition, or allow it with the reason where all events are to be counted";

fn properties(expr: &Expr) -> String {
    let names: BTreeSet<String> = expr.clauses().iter().map(|clause| clause.selector.to_string()).collect();
    names.into_iter().collect::<Vec<_>>().join(" and ")
}

fn asks_nothing(entries: &[Entry]) -> bool {
    entries.iter().all(|entry| matches!(entry, Entry::Ellipsis) || matches!(entry, Entry::Field(field) if field.tests.is_empty()))
}

/// `[ERROR]`: that is TA301.
fn is_one_name(entries: &[Entry]) -> bool {
    matches!(entries, [Entry::Field(field)] if field.name.is_some())
}

const JOIN: &str = "what is not `x` or not `y` is everything: join `!=` by `&&`, ($.a != \"x\") && ($.a != \"y\")";

/// Alternatives inside that let everything, or nearly everything, through.
fn nested(filter: &Filter<'_>, expr: &Expr, reporter: &mut Reporter<'_>) {
    let (Expr::Any(group) | Expr::All(group)) = expr else { return };
    if let Expr::Any(_) = expr {
        if possible(expr).is_some_and(|p| !p.can_miss) {
            let message = format!("this holds for every event that has {}", properties(expr));
            return reporter.say(&filter.at(expr.span()), message, JOIN);
        }
        let loose = loose(group);
        if loose.len() > 1 {
            let message = format!("nearly every event differs in {} or {}", loose[0], loose[1]);
            return reporter.say_as(
                Severity::Warning,
                &filter.at(expr.span()),
                message,
                "join `!=` by `&&`, so that each of them must hold",
            );
        }
    }
    group.items.iter().for_each(|item| nested(filter, item, reporter));
}

/// The properties that every record has, and that an alternative compares with `!=`.
fn loose(group: &Group) -> Vec<String> {
    let differs = |item: &Expr| match item {
        Expr::Clause(clause) if matches!(clause.test, Test::Differs(_)) => {
            Some(clause.selector.to_string()).filter(|selector| is_always_there(selector))
        }
        _ => None,
    };
    group.items.iter().filter_map(differs).collect()
}
