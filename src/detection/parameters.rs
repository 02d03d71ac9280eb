//! `${name}`: what the account gives, what the detection declares, what the stack sets.

use std::collections::BTreeSet;

use crate::finding::{Code, Finding, suggest};
use crate::state::Scope;
use crate::yaml::{Key, Node, Span, Value, Variables, substitute};

/// `account_id`, `region`, `partition`, `stack`.
pub(crate) fn builtins(scope: &Scope) -> Variables {
    let text = |text: &str| Value::Scalar { text: text.to_owned(), plain: false };
    Variables::from([
        ("account_id".to_owned(), text(&scope.account_id)),
        ("region".to_owned(), text(&scope.region)),
        ("partition".to_owned(), text(&scope.partition)),
        ("stack".to_owned(), text(&scope.stack)),
    ])
}

/// Adds the detection's parameters: the value for this detection, else for the stack, else the default.
pub(super) fn declared(
    tree: &Node,
    own: Option<&Node>,
    stack: Option<&Node>,
    variables: &mut Variables,
    used: &mut BTreeSet<String>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let declarations = tree.get("parameters").map(Node::entries).unwrap_or_default();
    let builtins = variables.clone();
    for (key, declaration) in declarations {
        used.insert(key.text.clone());
        let given = own.and_then(|n| n.get(&key.text)).or_else(|| stack.and_then(|n| n.get(&key.text)));
        match value(key, declaration, given, &builtins, &mut findings) {
            Ok(value) => drop(variables.insert(key.text.clone(), value)),
            Err(finding) => {
                findings.push(*finding);
                // It is declared all the same, and what follows from the value would be said of each use.
                let stand_in = declaration.get("default").map_or(Value::Null, |node| node.value.clone());
                variables.entry(key.text.clone()).or_insert(stand_in);
            }
        }
    }
    for (key, _) in own.map(Node::entries).unwrap_or_default() {
        if !declarations.iter().any(|(k, _)| k.text == key.text) {
            findings.push(unknown(&key.text, &key.span, declarations.iter().map(|(k, _)| k.text.as_str())));
        }
    }
    findings
}

/// The value of one parameter, with the builtins put in.
fn value(
    key: &Key,
    declaration: &Node,
    given: Option<&Node>,
    builtins: &Variables,
    findings: &mut Vec<Finding>,
) -> Result<Value, Box<Finding>> {
    let error = |code, message: String, help: &str| Box::new(Finding::error(code, message).at(&key.span).help(help));
    let name = &key.text;
    if builtins.contains_key(name) {
        return Err(error(Code::Combination, format!("`{name}` is a name of trailarm's own"), "give the parameter another name"));
    }
    let Some(value) = given.or_else(|| declaration.get("default")) else {
        let message = format!("the parameter `{name}` has no default, and the stack gives it no value");
        return Err(error(Code::Variable, message, "set it in trailarm.yaml under `parameters:`, or give it a `default`"));
    };
    let kind = match declaration.get("type").map(|n| &n.value) {
        Some(Value::Scalar { text, .. }) => text.as_str(),
        _ => "",
    };
    if !fits(kind, value) {
        let finding = Finding::error(Code::WrongValue, format!("the parameter `{name}` is a {kind}"));
        return Err(Box::new(finding.at(&value.span).help(written(kind, value))));
    }
    let mut value = value.clone();
    substitute(&mut value, builtins, findings);
    Ok(value.value)
}

/// A value for a parameter that nothing declares.
pub(crate) fn unknown<'a>(name: &str, at: &Span, known: impl Iterator<Item = &'a str>) -> Finding {
    Finding::error(Code::Variable, format!("no detection declares a parameter `{name}`")).at(at).help(suggest(name, known))
}

/// How the value would be written as its type.
fn written(kind: &str, value: &Node) -> String {
    match (kind, &value.value) {
        ("list", Value::Scalar { .. }) => format!("write a list: `[{}]`", &value.span.source.text[value.span.range.clone()]),
        ("list", _) => "write a list of texts: `[one, two]`".to_owned(),
        ("string", _) => "write one text".to_owned(),
        (kind, _) => format!("write a {kind}, without quotes"),
    }
}

fn fits(kind: &str, value: &Node) -> bool {
    match (&value.value, kind) {
        (Value::List(items), "list") => items.iter().all(|i| matches!(i.value, Value::Scalar { .. })),
        (Value::Scalar { text, plain: true }, "number") => text.parse::<f64>().is_ok(),
        (Value::Scalar { text, plain: true }, "boolean") => text == "true" || text == "false",
        (Value::Scalar { .. }, "string") => true,
        // Any other type is reported where it is declared.
        (_, kind) => !["list", "number", "boolean", "string"].contains(&kind),
    }
}
