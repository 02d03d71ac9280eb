//! TA406: a property that CloudTrail spells otherwise

use filter_pattern::ast::{Selector, Step};

use super::{Lint, Reporter, Subject};
use crate::cloudtrail::properties::{TOP, spelled};
use crate::detection::Unit;
use crate::finding::Severity;
use crate::yaml::{Node, Value};

pub(super) const LINT: Lint = Lint { code: "TA406", severity: Severity::Error, doc: include_str!("property_name.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        for clause in filter.pattern.clauses() {
            if let Some(right) = respelled(&clause.selector) {
                let message = format!("CloudTrail writes no {}", clause.selector);
                reporter.say(&filter.at(clause.span.0.clone()), message, format!("write `{right}`"));
            }
        }
    }
    subject.units.iter().for_each(|unit| events(unit, reporter));
}

/// The selector as it is meant: another case, or without the envelope that EventBridge puts around events.
fn respelled(selector: &Selector) -> Option<String> {
    if let Some(right) = spelled(&selector.to_string()) {
        return Some(right.to_owned());
    }
    let (first, rest) = selector.steps.split_first()?;
    let Step::Name(name) = first else { return None };
    if name == "detail" {
        let Some(Step::Name(inner)) = rest.first() else { return None };
        return TOP.contains(&inner.as_str()).then(|| Selector { steps: rest.to_vec() }.to_string());
    }
    let steps = std::iter::once(Step::Name(top(name)?.to_owned())).chain(rest.iter().cloned());
    Some(Selector { steps: steps.collect() }.to_string())
}

/// A name at the top of a record that differs in case, or by one letter.
fn top(name: &str) -> Option<&'static str> {
    let is_near = |known: &&&str| known.eq_ignore_ascii_case(name) || (name.len() > 6 && strsim::damerau_levenshtein(known, name) == 1);
    TOP.iter().find(is_near).copied().filter(|known| *known != name && !TOP.contains(&name))
}

/// A near miss that misses by its spelling proves nothing.
fn events(unit: &Unit, reporter: &mut Reporter<'_>) {
    let tests = unit.ready.tree.get("tests").map(|node| &node.value);
    let Some(Value::List(tests)) = tests else { return };
    for test in tests {
        let one = test.get("event").into_iter();
        let many = match test.get("events").map(|node| &node.value) {
            Some(Value::List(items)) => items.as_slice(),
            _ => &[],
        };
        one.chain(many).for_each(|event| keys(event, reporter));
    }
}

fn keys(event: &Node, reporter: &mut Reporter<'_>) {
    for (key, _) in event.entries() {
        if let Some(right) = top(&key.text) {
            reporter.say(&key.span, format!("CloudTrail writes no `{}`", key.text), format!("write `{right}`"));
        } else if key.text.contains('.') {
            let help = "write one map in the other: `userIdentity: {type: Root}`";
            reporter.say_as(Severity::Warning, &key.span, format!("`{}` is one key with dots in it", key.text), help);
        }
    }
}
