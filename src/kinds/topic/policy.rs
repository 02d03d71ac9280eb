//! JSON policies compare by meaning: AWS returns them reordered and with principals rewritten.

use serde_json::{Map, Value, json};

/// One form for policies that mean the same: lists sorted, a list of one is its item, an account id
/// as principal and its root ARN are the id.
pub(crate) fn normal(policy: &Value) -> Value {
    let mut policy = walk(policy, None);
    if let Some(map) = policy.as_object_mut() {
        map.entry("Version").or_insert_with(|| Value::String("2008-10-17".to_owned()));
    }
    policy
}

/// The same of one statement.
pub(crate) fn normal_statement(statement: &Value) -> Value {
    walk(statement, None)
}

/// `arn:aws:iam::111122223333:root` → `111122223333`: AWS takes both and returns the ARN.
fn account_of(principal: &str) -> &str {
    match principal.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", _, "iam", "", account, "root"] => account,
        _ => principal,
    }
}

fn entry(key: &str, value: &Value) -> Value {
    match value {
        Value::String(anybody) if key == "Principal" && anybody == "*" => json!({ "AWS": "*" }),
        Value::Object(_) if key == "Statement" => Value::Array(vec![walk(value, None)]),
        _ => walk(value, Some(key)),
    }
}

fn walk(value: &Value, key: Option<&str>) -> Value {
    match value {
        Value::Object(map) => Value::Object(map.iter().map(|(k, v)| (k.clone(), entry(k, v))).collect::<Map<_, _>>()),
        Value::Array(items) => {
            let mut items: Vec<Value> = items.iter().map(|v| walk(v, key)).collect();
            if key != Some("Statement") {
                items.sort_by_key(Value::to_string);
                items.dedup();
                if items.len() == 1 {
                    return items.remove(0);
                }
            }
            Value::Array(items)
        }
        Value::String(principal) if key == Some("AWS") => Value::String(account_of(principal).to_owned()),
        Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
        other => other.clone(),
    }
}

/// Splits off the statements by which other stacks let their alarms in (`topic_statement`): they are those stacks' own.
pub(crate) fn without_guests(policy: Value) -> (Value, Vec<Value>) {
    let (mut policy, mut guests) = (policy, Vec::new());
    if let Some(statements) = policy.get_mut("Statement").and_then(Value::as_array_mut) {
        statements.retain(|statement| {
            let is_guest = statement["Sid"].as_str().is_some_and(|id| id.starts_with("trailarm-"));
            if is_guest {
                guests.push(statement.clone());
            }
            !is_guest
        });
    }
    (policy, guests)
}

/// The statements of a policy: its list, or the one that stands for it.
pub(crate) fn statements(policy: &Value) -> Vec<Value> {
    match &policy["Statement"] {
        Value::Array(statements) => statements.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

/// A policy with more statements behind its own.
pub(crate) fn with_statements(mut policy: Value, more: Vec<Value>) -> Value {
    if !more.is_empty() {
        policy["Statement"] = Value::Array(statements(&policy).into_iter().chain(more).collect());
    }
    policy
}

/// Whether this is the policy that AWS gives to every topic: anybody, if in this account. The list of
/// actions does not matter: the condition keeps them at home.
pub(crate) fn is_default(policy: &Value, topic_arn: &str, account_id: &str) -> bool {
    let mut expected = normal(&default(topic_arn, account_id));
    let mut found = normal(policy);
    for policy in [&mut expected, &mut found] {
        if let Some(statement) = policy.pointer_mut("/Statement/0").and_then(Value::as_object_mut) {
            statement.remove("Action");
        }
    }
    found == expected
}

/// The policy that AWS gives to every topic (SNS developer guide), for taking back one of our own.
pub(crate) fn default(topic_arn: &str, account_id: &str) -> Value {
    json!({
        "Version": "2008-10-17",
        "Id": "__default_policy_ID",
        "Statement": [{
            "Sid": "__default_statement_ID",
            "Effect": "Allow",
            "Principal": { "AWS": "*" },
            "Action": [
                "SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:AddPermission", "SNS:RemovePermission",
                "SNS:DeleteTopic", "SNS:Subscribe", "SNS:ListSubscriptionsByTopic", "SNS:Publish",
            ],
            "Resource": topic_arn,
            "Condition": { "StringEquals": { "AWS:SourceOwner": account_id } },
        }],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_come_behind_those_that_are_there() {
        for (policy, expected) in [
            (json!({"Statement": [1]}), json!({"Statement": [1, 2]})),
            (json!({"Statement": {"Sid": "a"}}), json!({"Statement": [{"Sid": "a"}, 2]})),
            (json!({}), json!({"Statement": [2]})),
        ] {
            assert_eq!(with_statements(policy.clone(), vec![json!(2)]), expected);
            assert_eq!(with_statements(policy.clone(), Vec::new()), policy);
        }
    }

    #[test]
    fn policies_that_mean_the_same_are_equal() {
        let one = json!({"Statement": {"Principal": {"AWS": "111122223333"}, "Action": ["b", "a"]}});
        let other = json!({"Statement": [{"Action": ["a", "b"], "Principal": {"AWS": ["arn:aws:iam::111122223333:root"]}}]});
        assert_eq!(normal(&normal(&one)), normal(&other));
        assert_ne!(normal(&one), normal(&json!({"Statement": [{"Action": "a"}]})));
        let one =
            json!({"Version": "2008-10-17", "Statement": [{"Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": false}}}]});
        let other = json!({"Statement": [{"Principal": {"AWS": "*"}, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]});
        assert_eq!(normal(&one), normal(&other));
    }

    #[test]
    fn the_default_is_known_and_an_opened_one_is_not_it() {
        let (arn, account) = ("arn:aws:sns:us-east-1:111122223333:t", "111122223333");
        let policy = default(arn, account);
        assert!(is_default(&policy, arn, account));
        for (pointer, value) in [
            ("/Statement/0/Condition", json!({})),
            ("/Statement/0/Condition/StringEquals/AWS:SourceOwner", json!("444455556666")),
            ("/Statement/0/Principal", json!({"AWS": "444455556666"})),
        ] {
            let mut opened = policy.clone();
            *opened.pointer_mut(pointer).unwrap() = value;
            assert!(!is_default(&opened, arn, account), "{pointer}");
        }
    }
}
