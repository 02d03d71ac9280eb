//! TA310: the pattern matches nothing

use filter_pattern::Pattern;
use filter_pattern::ast::{Body, Clause, Entry, Expr, Field, Group, Operand, Selector, Sign, Span, Step, Term, Test};

use super::truth::possible;
use super::{Filter, Lint, Reporter, Subject};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA310", severity: Severity::Error, doc: include_str!("matches_nothing.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        match filter.pattern.body() {
            Body::Json(expr) if is_impossible(expr) => {
                reporter.say(
                    &filter.whole(),
                    "no event can match the pattern",
                    "the conditions exclude each other: alternatives are joined by `||`",
                );
            }
            Body::Json(expr) => alternatives(filter, expr, reporter),
            Body::Terms(terms) => {
                if let Some((term, excluded)) = contradiction(terms) {
                    let message = format!("every text with `{}` holds `{}`, which is excluded", term.text, excluded.text);
                    reporter.say(&filter.at(excluded.span.0.clone()), message, "remove one of the two");
                }
            }
            Body::SpaceDelimited(entries) => {
                for field in entries.iter().filter_map(|entry| if let Entry::Field(field) = entry { Some(field) } else { None }) {
                    if as_expr(field).is_some_and(|expr| is_impossible(&expr)) {
                        reporter.say(
                            &filter.at(field.span.0.clone()),
                            "no field can pass these conditions",
                            "alternatives are joined by `||`",
                        );
                    }
                }
            }
            Body::All | Body::Regex(_) => {}
        }
    }
}

/// Whether no event can match a pattern.
pub(crate) fn matches_none(pattern: &Pattern) -> bool {
    match pattern.body() {
        Body::Json(expr) => is_impossible(expr),
        Body::Terms(terms) => contradiction(terms).is_some(),
        Body::SpaceDelimited(_) | Body::All | Body::Regex(_) => false,
    }
}

/// `!= "*"` alone is TA307.
fn is_impossible(expr: &Expr) -> bool {
    let is_known = matches!(expr, Expr::Clause(Clause { test: Test::Differs(Operand::Text(glob)), .. }) if glob.is_any());
    !is_known && possible(expr).is_some_and(|p| !p.can_match)
}

/// Alternatives that never hold, wherever they stand.
fn alternatives(filter: &Filter<'_>, expr: &Expr, reporter: &mut Reporter<'_>) {
    let (Expr::Any(group) | Expr::All(group)) = expr else { return };
    for item in &group.items {
        if matches!(expr, Expr::Any(_)) && is_impossible(item) {
            reporter.say(&filter.at(item.span()), "no event can match this alternative", "correct it, or remove it");
        } else {
            alternatives(filter, item, reporter);
        }
    }
}

/// A term that must occur and holds one that must not.
fn contradiction(terms: &[Term]) -> Option<(&Term, &Term)> {
    let required = |term: &&Term| term.sign == Sign::Required;
    let excluded = |term: &&Term| term.sign == Sign::Excluded;
    terms
        .iter()
        .filter(required)
        .find_map(|term| Some((term, terms.iter().filter(excluded).find(|other| term.text.contains(&other.text))?)))
}

/// The conditions of a field as those of a property; `None`: it has none.
fn as_expr(field: &Field) -> Option<Expr> {
    let selector = Selector { steps: vec![Step::Name("field".to_owned())] };
    let clause = |test: &Test| {
        Expr::Clause(Clause { selector: selector.clone(), test: test.clone(), span: Span::default(), operand: Span::default() })
    };
    let group = |items: Vec<Expr>| Group { items, bracketed: true, span: Span::default() };
    let all = |tests: &Vec<Test>| Expr::All(group(tests.iter().map(clause).collect()));
    (!field.tests.is_empty()).then(|| Expr::Any(group(field.tests.iter().map(all).collect())))
}
