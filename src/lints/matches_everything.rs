//! TA309: the pattern matches everything

use std::collections::BTreeSet;

use filter_pattern::ast::{Body, Entry, Expr, Group, Operand, Test};

use super::truth::possible;
use super::{Filter, Lint, Reporter, Subject};
use crate::cloudtrail::properties::is_always_there;
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA309", severity: Severity::Error, doc: include_str!("matches_everything.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    // A filter that takes its value out of every event is meant to match them all.
    for filter in subject.filters.iter().filter(|filter| !filter.built.filter.metric_value.starts_with('$')) {
        match filter.pattern.body() {
            Body::All => whole(filter, "the pattern matches every event", reporter),
            Body::Regex(regex) if regex.matches_everything() => whole(filter, "the regular expression is found in every text", reporter),
            Body::SpaceDelimited(entries) if asks_nothing(entries) && !is_one_name(entries) => {
                whole(filter, "the pattern asks nothing of any field, and matches every event with as many fields", reporter);
            }
            Body::Json(expr) => json(filter, expr, reporter),
            _ => {}
        }
    }
}

fn whole(filter: &Filter<'_>, message: &str, reporter: &mut Reporter<'_>) {
    reporter.say_as(
        Severity::Warning,
        &filter.whole(),
        message,
        "add a condition, or allow it with the reason where all events are to be counted",
    );
}

fn asks_nothing(entries: &[Entry]) -> bool {
    entries.iter().all(|entry| matches!(entry, Entry::Ellipsis) || matches!(entry, Entry::Field(field) if field.tests.is_empty()))
}

/// `[ERROR]`: that is TA301.
fn is_one_name(entries: &[Entry]) -> bool {
    matches!(entries, [Entry::Field(field)] if field.name.is_some())
}

fn json(filter: &Filter<'_>, expr: &Expr, reporter: &mut Reporter<'_>) {
    let properties = |expr: &Expr| {
        let names: BTreeSet<String> = expr.clauses().iter().map(|clause| clause.selector.to_string()).collect();
        names.into_iter().collect::<Vec<_>>().join(" and ")
    };
    if let Expr::Clause(clause) = expr {
        // On what only some events have, `= "*"` is a condition like others.
        let asks_presence = matches!(&clause.test, Test::Equals(Operand::Text(glob)) if glob.is_any());
        if asks_presence && is_always_there(&clause.selector.to_string()) {
            whole(filter, &format!("the pattern matches every event that has a text or number at {}", clause.selector), reporter);
        }
        return;
    }
    if possible(expr).is_some_and(|p| !p.can_miss) {
        let message = format!("the pattern matches every event that has {}", properties(expr));
        reporter.say(&filter.whole(), message, JOIN);
        return;
    }
    nested(filter, expr, &properties, reporter);
}

const JOIN: &str = "what is not `x` or not `y` is everything: join `!=` by `&&`, ($.a != \"x\") && ($.a != \"y\")";

/// Alternatives inside that let everything, or nearly everything, through.
fn nested(filter: &Filter<'_>, expr: &Expr, properties: &impl Fn(&Expr) -> String, reporter: &mut Reporter<'_>) {
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
    group.items.iter().for_each(|item| nested(filter, item, properties, reporter));
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
