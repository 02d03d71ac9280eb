//! The syntax tree of a pattern, indented.

use std::fmt::Write;

use filter_pattern::Pattern;
use filter_pattern::ast::{Body, Entry, Expr, Sign, Test};

use super::escape::escape_line;

/// One node a line.
pub fn syntax_tree(pattern: &Pattern) -> String {
    let mut out = String::new();
    match pattern.body() {
        Body::All => line(&mut out, 0, "matches every event"),
        Body::Terms(terms) => {
            line(&mut out, 0, "terms");
            for term in terms {
                let alone = terms.iter().all(|term| term.sign == Sign::Optional);
                let sign = match term.sign {
                    Sign::Required => "must occur",
                    Sign::Optional if alone => "one of these must occur",
                    Sign::Optional => "ignored beside other terms",
                    Sign::Excluded => "must not occur",
                };
                line(&mut out, 1, &format!("{sign}: {:?}", term.text));
            }
        }
        Body::Regex(regex) => line(&mut out, 0, &format!("regular expression: {}", regex.source)),
        Body::Json(expr) => {
            line(&mut out, 0, "JSON");
            expression(expr, 1, &mut out);
        }
        Body::SpaceDelimited(entries) => {
            line(&mut out, 0, "space-delimited");
            entries.iter().for_each(|entry| field(entry, &mut out));
        }
    }
    if let Some(rule) = pattern.doubt() {
        line(&mut out, 0, &format!("AWS may refuse it: {}; {}", rule.question(), rule.rewrite()));
    }
    out
}

fn expression(expr: &Expr, depth: usize, out: &mut String) {
    let (word, group) = match expr {
        Expr::Any(group) => ("any of", group),
        Expr::All(group) => ("all of", group),
        Expr::Clause(clause) => return line(out, depth, &clause.to_string()),
    };
    line(out, depth, word);
    group.items.iter().for_each(|item| expression(item, depth + 1, out));
}

fn field(entry: &Entry, out: &mut String) {
    let Entry::Field(field) = entry else { return line(out, 1, "any number of fields") };
    let name = field.name.as_deref().unwrap_or("a field without a name");
    let all = |tests: &Vec<Test>| tests.iter().map(ToString::to_string).collect::<Vec<_>>().join(" and ");
    let tests = field.tests.iter().map(all).collect::<Vec<_>>().join(", or ");
    line(out, 1, format!("{name} {tests}").trim_end());
}

fn line(out: &mut String, depth: usize, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{:1$}{2}", "", depth * 2, escape_line(text));
}
