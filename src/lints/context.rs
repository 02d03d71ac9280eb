//! What must hold wherever a condition of a pattern counts: the sources and names it is joined to by `&&`.

use filter_pattern::ast::{Body, Clause, Expr};

use super::Filter;

pub(super) const SOURCE: &str = "$.eventSource";
pub(super) const NAME: &str = "$.eventName";

/// A condition in its surroundings.
pub(super) struct Surrounded<'a> {
    pub(super) clause: &'a Clause,
    /// The sources an event must be from; `None`: any.
    pub(super) sources: Option<Vec<&'a str>>,
    /// The names an event must have; `None`: any.
    pub(super) names: Option<Vec<&'a str>>,
    /// The groups it stands in, the outermost first.
    pub(super) groups: Vec<&'a Expr>,
}

/// All conditions of a JSON pattern.
pub(super) fn surrounded<'a>(filter: &'a Filter<'_>) -> Vec<Surrounded<'a>> {
    let mut out = Vec::new();
    if let Body::Json(expr) = filter.pattern.body() {
        walk(expr, None, None, &mut Vec::new(), &mut out);
    }
    out
}

type Texts<'a> = Option<Vec<&'a str>>;

fn walk<'a>(expr: &'a Expr, sources: Texts<'a>, names: Texts<'a>, groups: &mut Vec<&'a Expr>, out: &mut Vec<Surrounded<'a>>) {
    let group = match expr {
        Expr::Clause(clause) => return out.push(Surrounded { clause, sources, names, groups: groups.clone() }),
        Expr::Any(group) | Expr::All(group) => group,
    };
    let demanded = |selector: &str, known: &Texts<'a>| match expr {
        Expr::All(_) => group.items.iter().find_map(|item| item.demanded(selector)).or_else(|| known.clone()),
        _ => known.clone(),
    };
    let (sources, names) = (demanded(SOURCE, &sources), demanded(NAME, &names));
    groups.push(expr);
    for item in &group.items {
        walk(item, sources.clone(), names.clone(), groups, out);
    }
    groups.pop();
}
