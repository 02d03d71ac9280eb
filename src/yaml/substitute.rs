//! `${name}` in strings: `${account_id}`, `${region}`, `${partition}` and parameters.
//!
//! A string that is nothing but `${name}` becomes the value, a list too; inside a longer string
//! the value is put in as text. `$${` is a literal `${`. Nothing reads the environment.

use std::collections::BTreeMap;

use super::{Node, Value};
use crate::finding::{Code, Finding, suggest};

/// What can be put in, by name.
pub type Variables = BTreeMap<String, Value>;

/// Puts the variables into all strings of a tree; what it cannot put in, it reports.
pub fn substitute(node: &mut Node, variables: &Variables, findings: &mut Vec<Finding>) {
    match &mut node.value {
        Value::Null => {}
        Value::Scalar { text, plain } => {
            if text.contains("${") {
                match fill(text, *plain, variables) {
                    Ok(value) => node.value = value,
                    Err(finding) => findings.push((*finding).at(&node.span)),
                }
            }
        }
        Value::List(items) => {
            for item in std::mem::take(items) {
                splice(items, item, variables, findings);
            }
        }
        Value::Map(entries) => {
            for (_, value) in entries {
                substitute(value, variables, findings);
            }
        }
    }
}

/// A list in a list through a parameter is meant as its items.
fn splice(items: &mut Vec<Node>, mut item: Node, variables: &Variables, findings: &mut Vec<Finding>) {
    let was_scalar = matches!(item.value, Value::Scalar { .. });
    substitute(&mut item, variables, findings);
    match item.value {
        Value::List(inner) if was_scalar => items.extend(inner),
        _ => items.push(item),
    }
}

fn fill(text: &str, plain: bool, variables: &Variables) -> Result<Value, Box<Finding>> {
    if let Some(name) = text.strip_prefix("${").and_then(|t| t.strip_suffix('}')).filter(|n| !n.contains(['{', '}'])) {
        return lookup(name, variables).cloned();
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        if rest[..at].ends_with('$') {
            out.push_str(&rest[..at]);
            out.push('{');
            rest = &rest[at + 2..];
            continue;
        }
        out.push_str(&rest[..at]);
        let Some(end) = rest[at..].find('}') else {
            return Err(Box::new(
                Finding::error(Code::Variable, "a `${` without its `}`").help("close it, or write `$${` for the characters themselves"),
            ));
        };
        match lookup(&rest[at + 2..at + end], variables)? {
            Value::Scalar { text, .. } => out.push_str(text),
            _ => {
                return Err(Box::new(
                    Finding::error(Code::Variable, "a list cannot be put inside a longer string")
                        .help("let the string be nothing but the parameter"),
                ));
            }
        }
        rest = &rest[at + end + 1..];
    }
    out.push_str(rest);
    Ok(Value::Scalar { text: out, plain })
}

fn lookup<'a>(name: &str, variables: &'a Variables) -> Result<&'a Value, Box<Finding>> {
    variables.get(name).ok_or_else(|| {
        Box::new(
            Finding::error(Code::Variable, format!("nothing is called `{name}` here"))
                .help(suggest(name, variables.keys().map(String::as_str))),
        )
    })
}
