//! TA311: `&&` and `||` mixed without brackets

use filter_pattern::ast::{Body, Expr};

use super::{Filter, Lint, Reporter, Subject};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA311", severity: Severity::Warning, doc: include_str!("mixed_operators.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        if let Body::Json(expr) = filter.pattern.body() {
            walk(filter, expr, reporter);
        }
    }
}

fn walk(filter: &Filter<'_>, expr: &Expr, reporter: &mut Reporter<'_>) {
    let (Expr::Any(group) | Expr::All(group)) = expr else { return };
    let bare = |item: &&Expr| matches!((expr, item), (Expr::Any(_), Expr::All(inner)) if !inner.bracketed);
    if let Some(mixed) = group.items.iter().find(bare) {
        let message = "`&&` binds before `||`, which is easily read otherwise";
        reporter.say(&filter.at(mixed.span()), message, "put the conditions that belong together in brackets");
    }
    group.items.iter().for_each(|item| walk(filter, item, reporter));
}
