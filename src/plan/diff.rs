//! Desired against live. Reads no clock, no account, no settings; knows no kind by name.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Change, Plan, Reason, order};
use crate::kinds::kind;
use crate::state::{Address, Attributes, Desired, Live, Resource, Scope};

/// What must be done so that live becomes desired. `reason` says why an address is deleted.
pub fn diff(scope: &Scope, desired: &Desired, live: &Live, reason: impl Fn(&Address, &Attributes) -> Reason) -> Plan {
    let mut changes = Vec::new();
    let mut conflicts = Vec::new();
    let mut unchanged = 0;
    for (address, after) in &desired.state.0 {
        match live.owned.0.get(address) {
            Some(before) if before == after => unchanged += 1,
            Some(before) => changes.push(Change::Update { address: address.clone(), before: before.clone(), after: after.clone() }),
            None if is_taken(scope, address, after, &live.foreign) => conflicts.push(address.clone()),
            None => changes.push(Change::Create { address: address.clone(), after: after.clone() }),
        }
    }
    for (address, before) in live.owned.0.iter().filter(|(a, _)| !desired.state.0.contains_key(*a)) {
        let (address, before) = (address.clone(), before.clone());
        let reason = reason(&address, &before);
        changes.push(Change::Delete { reason, address, before });
    }
    let changes = order::order(scope, join_replaced(scope, changes));
    let pending = live.pending.iter().filter(|a| desired.state.0.contains_key(a)).cloned().collect();
    Plan { scope: scope.clone(), changes, unchanged, conflicts, pending }
}

/// A foreign resource of this address, or of another kind under the same name.
fn is_taken(scope: &Scope, address: &Address, after: &Attributes, foreign: &BTreeSet<Address>) -> bool {
    let identity = identity(scope, address, after);
    foreign.contains(address)
        || foreign
            .iter()
            .any(|f| f.name == address.name && !identity.is_empty() && self::identity(scope, f, &Attributes::new()) == identity)
}

/// The names it answers to, when another kind could answer to them too.
fn identity(scope: &Scope, address: &Address, attributes: &Attributes) -> Vec<String> {
    let resource = Resource { address: address.clone(), attributes: attributes.clone() };
    let provided = kind(&address.kind).map_or_else(Vec::new, |k| k.provides(scope, &resource));
    provided.into_iter().filter(|token| token.ends_with(&address.name)).collect()
}

/// A create and a delete that are after the same name are one replace.
fn join_replaced(scope: &Scope, changes: Vec<Change>) -> Vec<Change> {
    let (mut creates, mut rest): (Vec<Change>, Vec<Change>) = changes.into_iter().partition(|c| matches!(c, Change::Create { .. }));
    for create in &mut creates {
        let Change::Create { address, after } = &*create else { continue };
        let wanted = identity(scope, address, after);
        let same = |c: &Change| match c {
            Change::Delete { address: old, before, .. } => {
                old.name == address.name && old.kind != address.kind && !wanted.is_empty() && identity(scope, old, before) == wanted
            }
            _ => false,
        };
        let Some(at) = rest.iter().position(same) else { continue };
        if let Change::Delete { address: old, before, .. } = rest.remove(at) {
            *create = Change::Replace { address: address.clone(), old, before, after: after.clone() };
        }
    }
    creates.extend(rest);
    creates
}

/// One property that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// `tags.team`: maps are compared key by key.
    pub name: String,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// The properties that differ between two sides; all of them when one side is empty.
pub fn fields(before: &Attributes, after: &Attributes) -> Vec<Field> {
    let mut out = Vec::new();
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        compare(name, before.get(name), after.get(name), &mut out);
    }
    out
}

fn compare(name: &str, before: Option<&Value>, after: Option<&Value>, out: &mut Vec<Field>) {
    if before == after {
        return;
    }
    let nothing = Attributes::new();
    let maps = match (before, after) {
        (Some(Value::Object(b)), Some(Value::Object(a))) => Some((b, a)),
        (None, Some(Value::Object(a))) => Some((&nothing, a)),
        (Some(Value::Object(b)), None) => Some((b, &nothing)),
        _ => None,
    };
    if let Some((b, a)) = maps {
        let keys: BTreeSet<&String> = b.keys().chain(a.keys()).collect();
        for key in keys {
            compare(&format!("{name}.{key}"), b.get(key), a.get(key), out);
        }
        return;
    }
    out.push(Field { name: name.to_owned(), before: before.cloned(), after: after.cloned() });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn attributes(value: Value) -> Attributes {
        value.as_object().cloned().unwrap()
    }

    fn scope() -> Scope {
        Scope { partition: "aws".into(), account_id: "111122223333".into(), region: "us-east-1".into(), stack: "s".into() }
    }

    fn sides(desired: &[(&str, &str, Value)], owned: &[(&str, &str, Value)], foreign: &[(&str, &str)]) -> Plan {
        let mut want = Desired::default();
        want.state.0 = desired.iter().map(|(k, n, v)| (Address::new(*k, *n), attributes(v.clone()))).collect();
        let mut live = Live::default();
        live.owned.0 = owned.iter().map(|(k, n, v)| (Address::new(*k, *n), attributes(v.clone()))).collect();
        live.foreign = foreign.iter().map(|(k, n)| Address::new(*k, *n)).collect();
        diff(&scope(), &want, &live, |_, _| Reason::NotDefined)
    }

    fn shown(plan: &Plan) -> Vec<String> {
        plan.changes
            .iter()
            .map(|c| match c {
                Change::Create { address, .. } => format!("+ {address}"),
                Change::Update { address, .. } => format!("~ {address}"),
                Change::Replace { address, old, .. } => format!("-/+ {address} (was {old})"),
                Change::Delete { address, .. } => format!("- {address}"),
            })
            .collect()
    }

    #[test]
    fn the_four_changes_come_in_order() {
        let alarm = |actions: &str| json!({"name": "s/a", "actions_enabled": true, "evaluation_periods": 1, "comparison_operator": "x", "alarm_actions": [actions]});
        let plan = sides(
            &[
                ("composite_alarm", "s/b", json!({"name": "s/b", "rule": "ALARM(\"s/a\")", "actions_enabled": true})),
                ("composite_alarm", "s/a2", json!({"name": "s/a2", "rule": "ALARM(\"s/b\")", "actions_enabled": true})),
                ("alarm", "s/a", alarm("arn:aws:sns:us-east-1:111122223333:s-t")),
                ("topic", "s-t", json!({"name": "s-t"})),
                ("topic", "s-same", json!({"name": "s-same"})),
                ("alarm", "s/kind", alarm("x")),
            ],
            &[
                ("topic", "s-same", json!({"name": "s-same"})),
                ("alarm", "s/a", alarm("y")),
                ("alarm", "s/old", alarm("y")),
                ("composite_alarm", "s/old-b", json!({"name": "s/old-b", "rule": "ALARM(\"s/old\")", "actions_enabled": true})),
                ("composite_alarm", "s/kind", json!({"name": "s/kind", "rule": "TRUE", "actions_enabled": true})),
            ],
            &[],
        );
        assert_eq!(
            shown(&plan),
            [
                "+ topic/s-t",
                "~ alarm/s/a",
                "-/+ alarm/s/kind (was composite_alarm/s/kind)",
                "+ composite_alarm/s/b",
                "+ composite_alarm/s/a2",
                "- composite_alarm/s/old-b",
                "- alarm/s/old",
            ]
        );
        assert_eq!(plan.unchanged, 1);
        assert_eq!(plan.counts(), super::super::Counts { add: 4, change: 1, destroy: 3 });
    }

    #[test]
    fn what_is_foreign_is_a_conflict_and_never_a_change() {
        let plan = sides(
            &[("alarm", "s/a", json!({"name": "s/a"})), ("topic", "s-t", json!({}))],
            &[],
            &[("composite_alarm", "s/a"), ("topic", "s-t"), ("alarm", "s/z")],
        );
        assert_eq!(plan.changes, []);
        assert_eq!(plan.conflicts, [Address::new("alarm", "s/a"), Address::new("topic", "s-t")]);
    }

    #[test]
    fn maps_are_compared_key_by_key() {
        let before = attributes(json!({"tags": {"a": "1", "b": "2"}, "same": 1, "gone": true}));
        let after = attributes(json!({"tags": {"a": "1", "b": "3", "c": "4"}, "same": 1}));
        let names: Vec<String> = fields(&before, &after).into_iter().map(|f| f.name).collect();
        assert_eq!(names, ["gone", "tags.b", "tags.c"]);
    }
}
