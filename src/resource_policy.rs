//! What a resource's policy lets an AWS service do (IAM user guide, Policy evaluation logic). Pure.
//!
//! Only what a service's own call carries is known here, so an answer may be that it cannot be told.

use std::collections::BTreeMap;

use serde_json::Value;

/// A call that a service makes on its own.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// `cloudwatch.amazonaws.com`.
    pub service: &'a str,
    /// `sns:Publish`.
    pub action: &'a str,
    /// ARN of what the policy belongs to.
    pub resource: &'a str,
    /// Condition keys in lower case, and their values.
    pub context: BTreeMap<&'static str, String>,
}

impl<'a> Request<'a> {
    /// What CloudWatch does for an alarm.
    pub fn of_alarm(service: &'a str, action: &'a str, resource: &'a str, (alarm, account): (&str, &str)) -> Self {
        let context = BTreeMap::from([
            ("aws:sourcearn", alarm.to_owned()),
            ("aws:sourceaccount", account.to_owned()),
            ("aws:sourceowner", account.to_owned()),
            ("aws:principalisawsservice", "true".to_owned()),
            ("aws:principalservicename", service.to_owned()),
            ("aws:securetransport", "true".to_owned()),
        ]);
        Self { service, action, resource, context }
    }
}

/// What a policy says to a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Allowed,
    /// A statement forbids it: which.
    Denied(String),
    /// No statement allows it.
    NotAllowed,
    /// It depends on what is not known here: on what.
    Unclear(String),
}

/// Yes, no, or it depends on a condition key or an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Holds {
    Yes,
    No,
    Depends(String),
}

impl From<bool> for Holds {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

impl Holds {
    fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::No => Self::No,
            Self::Yes => other(),
            Self::Depends(on) => {
                if other() == Self::No {
                    Self::No
                } else {
                    Self::Depends(on)
                }
            }
        }
    }
}

/// Evaluates a policy: a statement that denies wins over one that allows.
pub fn evaluate(policy: &Value, request: &Request<'_>) -> Answer {
    let (mut allowed, mut may_allow, mut may_deny) = (false, None, None);
    for (i, statement) in items(&policy["Statement"]).enumerate() {
        let name = statement["Sid"].as_str().map_or_else(|| format!("statement {}", i + 1), |sid| format!("the statement {sid}"));
        match (statement["Effect"].as_str(), applies(statement, request)) {
            (Some("Deny"), Holds::Yes) => return Answer::Denied(name),
            (Some("Allow"), Holds::Yes) => allowed = true,
            (Some("Deny"), Holds::Depends(on)) => may_deny = Some(format!("{name} depends on {on}")),
            (Some("Allow"), Holds::Depends(on)) => may_allow = Some(format!("{name} depends on {on}")),
            _ => {}
        }
    }
    match (allowed, may_allow, may_deny) {
        (false, None, _) => Answer::NotAllowed,
        (true, _, None) => Answer::Allowed,
        (_, _, Some(on)) | (false, Some(on), None) => Answer::Unclear(on),
    }
}

/// A list, or the one item that stands for it.
fn items(value: &Value) -> impl Iterator<Item = &Value> {
    let list = value.as_array().map(Vec::as_slice);
    list.unwrap_or(if value.is_null() { &[] } else { std::slice::from_ref(value) }).iter()
}

fn texts(value: &Value) -> impl Iterator<Item = String> {
    items(value).map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
}

fn applies(statement: &Value, request: &Request<'_>) -> Holds {
    principal(statement, request)
        .and(|| named(statement, ("Action", "NotAction"), |pattern| like(&pattern.to_lowercase(), &request.action.to_lowercase())))
        .and(|| named(statement, ("Resource", "NotResource"), |pattern| like(pattern, request.resource)))
        .and(|| conditions(&statement["Condition"], request))
}

fn principal(statement: &Value, request: &Request<'_>) -> Holds {
    if !statement["NotPrincipal"].is_null() {
        return Holds::Depends("NotPrincipal".to_owned());
    }
    let principal = &statement["Principal"];
    let anybody = principal == "*" || texts(&principal["AWS"]).any(|name| name == "*");
    (anybody || texts(&principal["Service"]).any(|service| service == request.service)).into()
}

/// Without either key, as key policies of old have no resource, it is about all.
fn named(statement: &Value, (key, inverse): (&str, &str), matches: impl Fn(&str) -> bool) -> Holds {
    let any = |value: &Value| texts(value).any(|pattern| matches(&pattern));
    match (&statement[key], &statement[inverse]) {
        (Value::Null, Value::Null) => Holds::Yes,
        (Value::Null, not) => (!any(not)).into(),
        (named, _) => any(named).into(),
    }
}

fn conditions(condition: &Value, request: &Request<'_>) -> Holds {
    let operators = condition.as_object().into_iter().flatten();
    let all =
        operators.flat_map(|(operator, keys)| keys.as_object().into_iter().flatten().map(move |(key, values)| (operator, key, values)));
    all.fold(Holds::Yes, |holds, (operator, key, values)| holds.and(|| compare(operator, key, values, request)))
}

/// Keys that tell of a user, a session or their organization, which a service's own call does not have (IAM user guide, AWS global
/// condition context keys).
const OF_PEOPLE: [&str; 6] =
    ["aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:userid", "aws:username", "aws:multifactorauthpresent"];

fn compare(operator: &str, key: &str, wanted: &Value, request: &Request<'_>) -> Holds {
    let key = key.to_lowercase();
    let own = request.context.get(key.as_str());
    let is_absent = own.is_none() && (OF_PEOPLE.contains(&key.as_str()) || key.starts_with("aws:principaltag/"));
    if own.is_none() && !is_absent {
        return Holds::Depends(format!("`{key}`"));
    }
    let (set, plain) = operator.split_once(':').map_or((None, operator), |(set, plain)| (Some(set), plain));
    let (plain, if_exists) = plain.strip_suffix("IfExists").map_or((plain, false), |plain| (plain, true));
    if plain == "Null" {
        return texts(wanted).any(|text| (text == "true") == own.is_none()).into();
    }
    let is_negated = plain.contains("Not");
    let Some(own) = own else {
        let without = match set {
            Some("ForAnyValue") => false,
            Some(_) => true,
            None => is_negated,
        };
        return (if_exists || without).into();
    };
    if let Some(variable) = texts(wanted).find(|text| text.contains("${")) {
        return Holds::Depends(variable);
    }
    let any = |equal: fn(&str, &str) -> bool| Holds::from(texts(wanted).any(|text| equal(&text, own)) != is_negated);
    match plain.replace("Not", "").as_str() {
        "StringEquals" => any(|pattern, text| pattern == text),
        "StringEqualsIgnoreCase" | "Bool" => any(str::eq_ignore_ascii_case),
        "StringLike" => any(like),
        // The six parts of an ARN are compared each by itself; what has fewer is no ARN, and nobody says what it means.
        "ArnLike" | "ArnEquals" => match texts(wanted).find(|pattern| pattern.splitn(6, ':').count() < 6) {
            Some(odd) => Holds::Depends(format!("`{odd}`")),
            None => any(|pattern, text| pattern.splitn(6, ':').zip(text.splitn(6, ':')).all(|(pattern, text)| like(pattern, text))),
        },
        _ => Holds::Depends(format!("the operator {operator}")),
    }
}

/// Whether a pattern with `*` and `?` matches all of the text.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut back) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                back = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => (p, t) = (p + 1, t + 1),
            _ => match back {
                Some((star, from)) => {
                    back = Some((star, from + 1));
                    (p, t) = (star + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TOPIC: &str = "arn:aws:sns:eu-west-1:111122223333:security";
    const ALARM: &str = "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:base/x";

    fn answer(statements: &Value) -> Answer {
        let request = Request::of_alarm("cloudwatch.amazonaws.com", "sns:Publish", TOPIC, (ALARM, "111122223333"));
        evaluate(&json!({ "Statement": statements }), &request)
    }

    #[test]
    fn policies_are_read_as_iam_reads_them() {
        let service = json!({"Service": "cloudwatch.amazonaws.com"});
        let unclear = |on: &str| Answer::Unclear(format!("statement 1 depends on {on}"));
        let allow = |extra: Value| {
            let mut statement = json!({"Effect": "Allow", "Principal": service, "Action": "sns:Publish", "Resource": TOPIC});
            statement.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
            statement
        };
        let condition = |operator: &str, key: &str, value: Value| allow(json!({"Condition": {operator: {key: value}}}));
        for (statements, expected) in [
            (json!([]), Answer::NotAllowed),
            (allow(json!({})), Answer::Allowed),
            (allow(json!({"Principal": "*"})), Answer::Allowed),
            (allow(json!({"Principal": {"AWS": ["*"]}})), Answer::Allowed),
            (allow(json!({"Principal": {"AWS": "arn:aws:iam::111122223333:root"}})), Answer::NotAllowed),
            (allow(json!({"Principal": {"Service": ["events.amazonaws.com", "cloudwatch.amazonaws.com"]}})), Answer::Allowed),
            (allow(json!({"Principal": {"Service": "events.amazonaws.com"}})), Answer::NotAllowed),
            (allow(json!({"Action": ["SNS:Get*", "SNS:Pub*"]})), Answer::Allowed),
            (allow(json!({"Action": "sns:Subscribe"})), Answer::NotAllowed),
            (allow(json!({"Resource": "arn:aws:sns:*:111122223333:sec?rity"})), Answer::Allowed),
            (allow(json!({"Resource": "arn:aws:sns:eu-west-1:111122223333:other"})), Answer::NotAllowed),
            (condition("StringEquals", "AWS:SourceOwner", json!("111122223333")), Answer::Allowed),
            (condition("StringEquals", "aws:SourceAccount", json!(["444455556666"])), Answer::NotAllowed),
            (condition("ArnLike", "aws:SourceArn", json!("arn:aws:cloudwatch:*:111122223333:alarm:*")), Answer::Allowed),
            (condition("ArnNotLike", "aws:SourceArn", json!("arn:aws:cloudwatch:*:*:*")), Answer::NotAllowed),
            (condition("ArnLike", "aws:SourceArn", json!("arn:aws:cloudwatch:*:444455556666:alarm:*")), Answer::NotAllowed),
            (condition("ArnLike", "aws:SourceArn", json!("arn:aws:cloudwatch:*")), unclear("`arn:aws:cloudwatch:*`")),
            (condition("ForAllValues:StringEquals", "aws:PrincipalOrgID", json!("o-1")), Answer::Allowed),
            (condition("ForAnyValue:StringNotEquals", "aws:PrincipalOrgID", json!("o-1")), Answer::NotAllowed),
            (condition("StringEquals", "aws:SourceAccount", json!("${aws:PrincipalAccount}")), unclear("${aws:PrincipalAccount}")),
            (condition("StringEquals", "aws:PrincipalAccount", json!("111122223333")), unclear("`aws:principalaccount`")),
            (condition("StringEquals", "aws:PrincipalOrgID", json!("o-1")), Answer::NotAllowed),
            (condition("StringEqualsIfExists", "aws:PrincipalOrgID", json!("o-1")), Answer::Allowed),
            (condition("StringNotEquals", "aws:PrincipalOrgID", json!("o-1")), Answer::Allowed),
            (condition("Null", "aws:PrincipalArn", json!("true")), Answer::Allowed),
            (condition("Bool", "aws:SecureTransport", json!(true)), Answer::Allowed),
            (condition("IpAddress", "aws:SourceIp", json!("10.0.0.0/8")), unclear("`aws:sourceip`")),
            (condition("NumericEquals", "aws:SourceAccount", json!(1)), unclear("the operator NumericEquals")),
            (
                json!([allow(json!({})), allow(json!({"Effect": "Deny", "Principal": "*", "Sid": "shut"}))]),
                Answer::Denied("the statement shut".into()),
            ),
            (
                json!([allow(json!({})), allow(json!({"Effect": "Deny", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}))]),
                Answer::Allowed,
            ),
            (
                json!([allow(json!({})), allow(json!({"Effect": "Deny", "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}))]),
                Answer::Unclear("statement 2 depends on `aws:sourcevpc`".into()),
            ),
            (json!([allow(json!({"Effect": "Deny", "Condition": {"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}}))]), Answer::NotAllowed),
            (json!([allow(json!({"NotAction": "sns:Publish", "Action": null}))]), Answer::NotAllowed),
            (json!("no policy at all"), Answer::NotAllowed),
        ] {
            assert_eq!(answer(&statements), expected, "{statements}");
        }
    }

    #[test]
    fn stars_and_marks() {
        for (pattern, text, expected) in
            [("*", "", true), ("a*c", "abbc", true), ("a*c", "abcd", false), ("**", "x", true), ("?", "", false), ("a?c*", "abc", true)]
        {
            assert_eq!(like(pattern, text), expected, "{pattern} {text}");
        }
    }
}
