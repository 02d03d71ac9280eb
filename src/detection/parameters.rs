//! `${name}`: what the account gives, what the detection declares, what the stack sets.

use std::collections::BTreeSet;

use super::section::DetectionSection;
use crate::finding::{Code, Finding, suggest};
use crate::state::Scope;
use crate::yaml::{Node, Span, Value, Variables, substitute};

/// `account_id`, `region`, `partition`.
pub(crate) fn builtins(scope: &Scope) -> Variables {
    let text = |text: &str| Value::Scalar { text: text.to_owned(), plain: false };
    Variables::from([
        ("account_id".to_owned(), text(&scope.account_id)),
        ("region".to_owned(), text(&scope.region)),
        ("partition".to_owned(), text(&scope.partition)),
    ])
}

/// Adds the detection's parameters: the value for this detection, else for the stack, else the default.
pub(super) fn declared(
    tree: &Node,
    section: Option<&DetectionSection>,
    own: Option<&Node>,
    stack: Option<&Node>,
    variables: &mut Variables,
    used: &mut BTreeSet<String>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let declarations = tree.get("parameters").map(Node::entries).unwrap_or_default();
    let builtins = variables.clone();
    let mut given_values = Vec::new();
    for (key, declaration) in declarations {
        used.insert(key.text.clone());
        let given = own.and_then(|n| n.get(&key.text)).or_else(|| stack.and_then(|n| n.get(&key.text)));
        let Some(value) = given.or_else(|| declaration.get("default")) else {
            findings.push(
                Finding::error(Code::Variable, format!("the parameter `{}` has no default, and the stack gives it no value", key.text))
                    .at(&key.span)
                    .help("set it in trailarm.yaml under `parameters:`, or give it a `default`"),
            );
            continue;
        };
        let kind = section.and_then(|s| s.parameters.as_ref()).and_then(|p| p.get(&key.text)).map_or("", |p| p.kind.0.as_str());
        if !fits(kind, value) {
            let finding = Finding::error(Code::WrongValue, format!("the parameter `{}` is a {kind}", key.text));
            findings.push(finding.at(&value.span).help("write a value of that type"));
        }
        if variables.contains_key(&key.text) {
            let finding = Finding::error(Code::Combination, format!("`{}` is a name of trailarm's own", key.text));
            findings.push(finding.at(&key.span).help("give the parameter another name"));
            continue;
        }
        let mut value = value.clone();
        substitute(&mut value, &builtins, &mut findings);
        given_values.push((key.text.clone(), value.value));
    }
    variables.extend(given_values);
    for (key, _) in own.map(Node::entries).unwrap_or_default() {
        if !declarations.iter().any(|(k, _)| k.text == key.text) {
            findings.push(unknown(&key.text, &key.span, declarations.iter().map(|(k, _)| k.text.as_str())));
        }
    }
    findings
}

/// A value for a parameter that nothing declares.
pub(crate) fn unknown<'a>(name: &str, at: &Span, known: impl Iterator<Item = &'a str>) -> Finding {
    Finding::error(Code::Variable, format!("no detection declares a parameter `{name}`")).at(at).help(suggest(name, known))
}

fn fits(kind: &str, value: &Node) -> bool {
    match (&value.value, kind) {
        (Value::List(items), "list") => items.iter().all(|i| matches!(i.value, Value::Scalar { .. })),
        (Value::Scalar { text, plain: true }, "number") => text.parse::<f64>().is_ok(),
        (Value::Scalar { text, plain: true }, "boolean") => text == "true" || text == "false",
        (Value::Scalar { .. }, "string") => true,
        (_, "") => true,
        _ => false,
    }
}
