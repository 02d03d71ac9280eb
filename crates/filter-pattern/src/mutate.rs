//! A pattern with one condition taken out: do its tests miss the condition?

use std::ops::Range;

use crate::ast::{Body, Entry, Expr, Group};
use crate::pattern::Pattern;

impl Pattern {
    /// For each of its conditions, where it stands, and the pattern without it. Without its only
    /// condition, a pattern matches everything.
    #[must_use]
    pub fn without_each(&self) -> Vec<(Range<usize>, Self)> {
        let body = self.body();
        let mutants: Vec<(Range<usize>, Body)> = match body {
            Body::All => Vec::new(),
            Body::Regex(_) => vec![(self.whole(), Body::All)],
            Body::Json(expr) => {
                let spans = expr.clauses().into_iter().map(|clause| clause.span.0.clone());
                spans
                    .enumerate()
                    .map(|(n, span)| (span, without(expr, &mut { n }).map_or(Body::All, |rest| Body::Json(bare(rest)))))
                    .collect()
            }
            Body::Terms(terms) => terms.iter().enumerate().map(|(n, term)| (term.span.0.clone(), left(terms, n))).collect(),
            Body::SpaceDelimited(entries) => fields(entries),
        };
        mutants.into_iter().map(|(span, body)| (span, self.with_body(body))).collect()
    }
}

/// The expression without its clause number `n`, counted from the left; `None`: it was the only one.
fn without(expr: &Expr, n: &mut usize) -> Option<Expr> {
    let group = |group: &Group, n: &mut usize, make: fn(Group) -> Expr| {
        let mut items: Vec<Expr> = group.items.iter().filter_map(|item| without(item, n)).collect();
        if items.len() < 2 { items.pop() } else { Some(make(Group { items, ..group.clone() })) }
    };
    match expr {
        Expr::Any(any) => group(any, n, Expr::Any),
        Expr::All(all) => group(all, n, Expr::All),
        Expr::Clause(_) if *n == 0 => {
            *n = usize::MAX;
            None
        }
        Expr::Clause(clause) => {
            *n -= usize::from(*n != usize::MAX);
            Some(Expr::Clause(clause.clone()))
        }
    }
}

/// A pattern needs no brackets around the whole.
fn bare(expr: Expr) -> Expr {
    match expr {
        Expr::Any(group) => Expr::Any(Group { bracketed: false, ..group }),
        Expr::All(group) => Expr::All(Group { bracketed: false, ..group }),
        clause @ Expr::Clause(_) => clause,
    }
}

fn left(terms: &[crate::ast::Term], n: usize) -> Body {
    let rest: Vec<_> = terms.iter().enumerate().filter(|(i, _)| *i != n).map(|(_, term)| term.clone()).collect();
    if rest.is_empty() { Body::All } else { Body::Terms(rest) }
}

/// Each field that asks something, with one of its tests less.
fn fields(entries: &[Entry]) -> Vec<(Range<usize>, Body)> {
    let mut mutants = Vec::new();
    for (i, entry) in entries.iter().enumerate() {
        let Entry::Field(field) = entry else { continue };
        for (n, m) in (0..field.tests.len()).flat_map(|n| (0..field.tests[n].len()).map(move |m| (n, m))) {
            let mut rest = field.clone();
            rest.tests[n].remove(m);
            rest.tests.retain(|alternative| !alternative.is_empty());
            let mut changed = entries.to_vec();
            changed[i] = Entry::Field(rest);
            mutants.push((field.span.0.clone(), Body::SpaceDelimited(changed)));
        }
    }
    mutants
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_condition_is_left_out_in_turn() {
        for (pattern, expected) in [
            ("{ $.a = 1 }", vec![""]),
            (
                "{ ($.a = 1) && (($.b = 2) || ($.c = 3)) }",
                vec!["{ ($.b = 2) || ($.c = 3) }", "{ ($.a = 1) && ($.c = 3) }", "{ ($.a = 1) && ($.b = 2) }"],
            ),
            ("ERROR -DEBUG", vec!["-DEBUG", "ERROR"]),
            ("[ip, status = 4*, ...]", vec!["[ip, status, ...]"]),
            ("[ip, status = 4* && status != 404]", vec!["[ip, status != 404]", r#"[ip, status = "4*"]"#]),
            ("[ip, status = 4* || status = 5*]", vec![r#"[ip, status = "5*"]"#, r#"[ip, status = "4*"]"#]),
            ("%x%", vec![""]),
            ("", vec![]),
        ] {
            let mutants = Pattern::parse(pattern).unwrap().without_each();
            assert_eq!(mutants.iter().map(|(_, mutant)| mutant.to_string()).collect::<Vec<_>>(), expected, "{pattern}");
        }
        let mutants = Pattern::parse("{ ($.a = 1) && ($.b = 2) }").unwrap().without_each();
        assert_eq!(mutants[1].0, 16..23);
        assert!(mutants[1].1.eval(r#"{"a": 1, "b": 3}"#).is_match() && !mutants[0].1.eval(r#"{"a": 1, "b": 3}"#).is_match());
    }
}
