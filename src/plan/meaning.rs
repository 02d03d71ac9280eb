//! What a changed pattern means: which events it gains and loses, which conditions come and go.
//!
//! Said of the conditions as they are written. Whether two different conditions come to the same is not looked into.

use std::collections::BTreeSet;

use filter_pattern::Pattern;
use filter_pattern::ast::{Body, Clause, Expr, Operand, Test};
use serde::{Deserialize, Serialize};

use super::Change;
use crate::lints::{matches_all, matches_none};
use crate::state::{Attributes, text};

const SOURCE: &str = "$.eventSource";
const NAME: &str = "$.eventName";

/// The difference between two patterns, in words of CloudTrail.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Meaning {
    /// The new pattern matches every event there is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub matches_everything: bool,
    /// No event can match the new pattern.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub matches_nothing: bool,
    /// Events of any source match now, and did not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub any_source: bool,
    /// Events of any name match now, and did not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub any_name: bool,
    /// `CreateUser of iam`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events_gained: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events_lost: Vec<String>,
    /// Sources that it asks for and did not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources_gained: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources_lost: Vec<String>,
    /// The same conditions, with other `&&`, `||` and brackets.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub joined_otherwise: bool,
    /// Conditions that suffice beside others (`||`): more events count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives_added: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alternatives_removed: Vec<String>,
    /// One of them is met by nearly every event (`!=`, `NOT EXISTS`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_wide_open: bool,
    /// Conditions on anything else.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions_added: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions_removed: Vec<String>,
}

/// What the change of a metric filter means; `None`: its pattern stays, or there is nothing to say.
pub fn meaning(change: &Change) -> Option<Meaning> {
    match change {
        Change::Update { before, after, .. } => between(pattern(before)?, pattern(after)?),
        // Of a new filter, only the worst is said: the rest is its text.
        Change::Create { after, .. } => {
            let everything = matches_all(&Pattern::parse(pattern(after)?).ok()?);
            everything.then(|| Meaning { matches_everything: true, ..Meaning::default() })
        }
        _ => None,
    }
}

fn pattern(attributes: &Attributes) -> Option<&str> {
    attributes.contains_key("log_group").then(|| text(attributes, "pattern"))
}

fn between(before: &str, after: &str) -> Option<Meaning> {
    if before == after {
        return None;
    }
    let (old, new) = (Pattern::parse(before).ok()?, Pattern::parse(after).ok()?);
    let (was, is) = (Parts::of(&old), Parts::of(&new));
    let minus = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>();
    let all = matches_all(&new);
    let (alternatives_added, alternatives_removed) = (alternatives(&new, &old), alternatives(&old, &new));
    let others = |parts: Vec<String>, alternatives: &[String]| parts.into_iter().filter(|part| !alternatives.contains(part)).collect();
    let meaning = Meaning {
        matches_everything: all,
        matches_nothing: matches_none(&new) && !matches_none(&old),
        any_source: was.names_sources && !is.names_sources && !all,
        any_name: was.names_names && !is.names_names && !all,
        joined_otherwise: joined_otherwise(&old, &new),
        is_wide_open: !all && opens_wide(&new, &alternatives_added),
        events_gained: minus(&is.events, &was.events),
        events_lost: lost(minus(&was.events, &is.events), &new),
        sources_gained: minus(&is.sources, &was.sources),
        sources_lost: minus(&was.sources, &is.sources),
        conditions_added: others(minus(&is.conditions, &was.conditions), &alternatives_added),
        conditions_removed: others(minus(&was.conditions, &is.conditions), &alternatives_removed),
        alternatives_added,
        alternatives_removed,
    };
    (meaning != Meaning::default()).then_some(meaning)
}

/// Conditions of one pattern that the other has not, and that stand beside some that it has, joined by `||`.
fn alternatives(pattern: &Pattern, other: &Pattern) -> Vec<String> {
    let (Body::Json(expr), Body::Json(other)) = (pattern.body(), other.body()) else { return Vec::new() };
    let known: BTreeSet<String> = other.clauses().iter().map(ToString::to_string).collect();
    let mut found = Vec::new();
    beside(expr, &known, &mut found);
    found.sort();
    found.dedup();
    found
}

fn beside(expr: &Expr, known: &BTreeSet<String>, found: &mut Vec<String>) {
    let (Expr::Any(group) | Expr::All(group)) = expr else { return };
    let has_known = |item: &Expr| item.clauses().iter().any(|clause| known.contains(&clause.to_string()));
    if let Expr::Any(_) = expr
        && group.items.iter().any(has_known)
    {
        let new = group.items.iter().filter(|item| !has_known(item)).flat_map(Expr::clauses);
        found.extend(new.filter(|clause| !is_name_or_source(clause)).map(ToString::to_string));
    }
    group.items.iter().for_each(|item| beside(item, known, found));
}

/// Told as events and sources.
fn is_name_or_source(clause: &Clause) -> bool {
    matches!(clause.test, Test::Equals(Operand::Text(_))) && [NAME, SOURCE].contains(&clause.selector.to_string().as_str())
}

/// Whether one of the alternatives, by itself, is met by nearly every event.
fn opens_wide(pattern: &Pattern, alternatives: &[String]) -> bool {
    let Body::Json(expr) = pattern.body() else { return false };
    let is_wide = |clause: &Clause| matches!(clause.test, Test::Differs(_) | Test::NotExists);
    let alone = |item: &Expr| matches!(item, Expr::Clause(clause) if is_wide(clause) && alternatives.contains(&clause.to_string()));
    fn any(expr: &Expr, test: &dyn Fn(&Expr) -> bool) -> bool {
        match expr {
            Expr::Clause(_) => false,
            Expr::Any(group) => group.items.iter().any(|item| test(item) || any(item, test)),
            Expr::All(group) => group.items.iter().any(|item| any(item, test)),
        }
    }
    any(expr, &alone)
}

/// Events that are not named any more, but those that the new pattern still takes (`Create*`, an expression, any source).
fn lost(events: Vec<String>, new: &Pattern) -> Vec<String> {
    let Body::Json(expr) = new.body() else { return events };
    let is_lost = |event: &String| {
        let (name, sources) = event.split_once(" of ").unwrap_or((event, ""));
        let record = |source: &str| serde_json::json!({ "eventName": name, "eventSource": format!("{source}.amazonaws.com") }).to_string();
        name.contains('*') || !sources.split(" or ").all(|source| may_match(expr, &record(source), sources != "any source"))
    };
    events.into_iter().filter(is_lost).collect()
}

/// Whether a record with that name and source could match: other conditions are taken as met, and the source where any will do.
fn may_match(expr: &Expr, record: &str, has_source: bool) -> bool {
    match expr {
        Expr::Any(group) => group.items.iter().any(|item| may_match(item, record, has_source)),
        Expr::All(group) => group.items.iter().all(|item| may_match(item, record, has_source)),
        Expr::Clause(clause) => match clause.selector.to_string().as_str() {
            NAME => Pattern::parse(&format!("{{ {clause} }}")).is_ok_and(|pattern| pattern.eval(record).is_match()),
            SOURCE if has_source => Pattern::parse(&format!("{{ {clause} }}")).is_ok_and(|pattern| pattern.eval(record).is_match()),
            _ => true,
        },
    }
}

/// Whether the conditions that both have are joined by other signs.
fn joined_otherwise(old: &Pattern, new: &Pattern) -> bool {
    let (Body::Json(old), Body::Json(new)) = (old.body(), new.body()) else { return false };
    let clauses = |expr: &Expr| expr.clauses().iter().map(ToString::to_string).collect::<BTreeSet<String>>();
    let both: BTreeSet<String> = clauses(old).intersection(&clauses(new)).cloned().collect();
    both.len() > 1 && joined(old, &both) != joined(new, &both)
}

/// How these conditions are joined, in an order of its own; `None`: none of them stands here.
fn joined(expr: &Expr, wanted: &BTreeSet<String>) -> Option<String> {
    let sign = match expr {
        Expr::Clause(clause) => return Some(clause.to_string()).filter(|text| wanted.contains(text)),
        Expr::Any(_) => " || ",
        Expr::All(_) => " && ",
    };
    let mut parts = Vec::new();
    gather(expr, sign, wanted, &mut parts);
    parts.sort();
    parts.dedup();
    if parts.len() < 2 { parts.pop() } else { Some(format!("({})", parts.join(sign))) }
}

/// The parts that a sign joins: what stands in brackets with the same sign is one more of them.
fn gather(expr: &Expr, sign: &str, wanted: &BTreeSet<String>, parts: &mut Vec<String>) {
    match (expr, sign) {
        (Expr::Any(group), " || ") | (Expr::All(group), " && ") => group.items.iter().for_each(|item| gather(item, sign, wanted, parts)),
        _ => {
            let part = joined(expr, wanted);
            // What is left of a group may be joined by the same sign.
            parts.extend(part);
        }
    }
}

/// What a pattern asks for.
#[derive(Default)]
struct Parts {
    events: BTreeSet<String>,
    sources: BTreeSet<String>,
    conditions: BTreeSet<String>,
    names_sources: bool,
    names_names: bool,
}

impl Parts {
    fn of(pattern: &Pattern) -> Self {
        let mut parts = Self::default();
        match pattern.body() {
            Body::Json(expr) => {
                parts.names_sources = names(expr, SOURCE);
                parts.names_names = names(expr, NAME);
                parts.walk(expr, &[]);
            }
            Body::All => {}
            _ => drop(parts.conditions.insert(pattern.to_string())),
        }
        parts
    }

    /// `sources`: those that the conditions around demand.
    fn walk(&mut self, expr: &Expr, sources: &[&str]) {
        let group = match expr {
            Expr::Clause(clause) => return self.clause(clause, sources),
            Expr::Any(group) | Expr::All(group) => group,
        };
        let own = if let Expr::All(_) = expr { group.items.iter().find_map(|item| item.demanded(SOURCE)) } else { None };
        let sources = own.unwrap_or_else(|| sources.to_vec());
        group.items.iter().for_each(|item| self.walk(item, &sources));
    }

    fn clause(&mut self, clause: &Clause, sources: &[&str]) {
        match (clause.selector.to_string().as_str(), &clause.test) {
            (NAME, Test::Equals(Operand::Text(glob))) => {
                let of: Vec<String> = sources.iter().map(|source| short(source)).collect();
                let of = if of.is_empty() { "any source".to_owned() } else { of.join(" or ") };
                self.events.insert(format!("{} of {of}", glob.text));
            }
            (SOURCE, Test::Equals(Operand::Text(glob))) => {
                self.sources.insert(short(&glob.text));
            }
            _ => drop(self.conditions.insert(clause.to_string())),
        }
    }
}

/// `iam` for `iam.amazonaws.com`; what is no source of that form stays, in quotes.
fn short(source: &str) -> String {
    let name = source.strip_suffix(".amazonaws.com").filter(|name| !name.is_empty() && !name.contains(".amazonaws"));
    name.map_or_else(|| format!("\"{source}\""), str::to_owned)
}

/// Whether a pattern asks which one it is: `*` asks nothing.
fn names(expr: &Expr, selector: &str) -> bool {
    let asks = |clause: &&Clause| !matches!(&clause.test, Test::Equals(Operand::Text(glob)) if glob.is_stars());
    expr.clauses().into_iter().filter(|clause| clause.selector.to_string() == selector).any(|clause| asks(&clause))
}

impl Meaning {
    /// Whether far more events count than before, or none any more.
    pub fn is_alarming(&self) -> bool {
        self.matches_everything || self.matches_nothing || self.any_source || self.any_name || self.is_wide_open
    }

    /// In sentences, the most alarming first.
    pub fn lines(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.matches_everything {
            lines.push("MATCHES EVERY EVENT: the metric counts all that the log group receives".to_owned());
        }
        if self.matches_nothing {
            lines.push("MATCHES NOTHING: no event can meet all of its conditions".to_owned());
        }
        if self.is_wide_open {
            lines.push("WIDE OPEN: nearly every event meets one of the alternatives".to_owned());
        }
        if self.any_source {
            lines.push("the source is not asked for any more: events of these names count from every service".to_owned());
        }
        if self.any_name {
            lines.push("the name is not asked for any more: every event counts that meets the rest".to_owned());
        }
        if self.joined_otherwise {
            lines.push("conditions that stay are joined in another way: look at `&&`, `||` and the brackets".to_owned());
        }
        let mut list = |what: &str, items: &[String]| {
            const MOST: usize = 12;
            if items.is_empty() {
                return;
            }
            let rest = if items.len() > MOST { format!(", and {} more", items.len() - MOST) } else { String::new() };
            lines.push(format!("{what}: {}{rest}", items.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ")));
        };
        list("sources gained", &self.sources_gained);
        list("sources lost", &self.sources_lost);
        list("events gained", &self.events_gained);
        list("events lost", &self.events_lost);
        list("alternatives added, so more counts", &self.alternatives_added);
        list("alternatives removed, so less counts", &self.alternatives_removed);
        list("conditions added", &self.conditions_added);
        list("conditions removed", &self.conditions_removed);
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_pattern_in_words() {
        let lambda = r#"{ ($.eventSource = "lambda.amazonaws.com") && (($.eventName = "CreateFunction2*") || ($.eventName = "PublishLayerVersion2*")) && ($.errorCode NOT EXISTS) }"#;
        for (before, after, lines) in [
            (lambda, lambda.replace(" && ($.errorCode NOT EXISTS)", ""), vec!["conditions removed: $.errorCode NOT EXISTS"]),
            (
                lambda,
                lambda.replace("PublishLayer", "DeleteLayer"),
                vec!["events gained: DeleteLayerVersion2* of lambda", "events lost: PublishLayerVersion2* of lambda"],
            ),
            (
                lambda,
                lambda.replace("($.eventSource = \"lambda.amazonaws.com\") && ", ""),
                vec![
                    "the source is not asked for any more: events of these names count from every service",
                    "sources lost: lambda",
                    "events gained: CreateFunction2* of any source, PublishLayerVersion2* of any source",
                    "events lost: CreateFunction2* of lambda, PublishLayerVersion2* of lambda",
                ],
            ),
        ] {
            assert_eq!(between(before, &after).unwrap_or_default().lines(), lines, "{before} -> {after}");
        }
        assert_eq!(between(lambda, &lambda.replace(") && (", ")  &&  (")), None, "blanks mean nothing");
    }

    #[test]
    fn what_is_wider_or_empty_is_shouted() {
        let lambda = r#"{ ($.eventSource = "lambda.amazonaws.com") && ($.eventName = "CreateFunction2*") && ($.errorCode NOT EXISTS) }"#;
        for (before, after, lines) in [
            (
                "{ $.userIdentity.type = \"Root\" }",
                "{ $.eventName = \"*\" }".to_owned(),
                vec![
                    "MATCHES EVERY EVENT: the metric counts all that the log group receives",
                    "events gained: * of any source",
                    "conditions removed: $.userIdentity.type = \"Root\"",
                ],
            ),
            (
                lambda,
                String::new(),
                vec![
                    "MATCHES EVERY EVENT: the metric counts all that the log group receives",
                    "sources lost: lambda",
                    "events lost: CreateFunction2* of lambda",
                    "conditions removed: $.errorCode NOT EXISTS",
                ],
            ),
            (
                "{ ($.eventSource = \"iam.amazonaws.com\") && ($.userIdentity.type = \"Root\") }",
                "{ ($.eventSource = \"kms.amazonaws.com\") && ($.userIdentity.type = \"Root\") }".to_owned(),
                vec!["sources gained: kms", "sources lost: iam"],
            ),
            (
                "{ ($.a = 1) && ($.b = 1) }",
                "{ ($.a = 1) || ($.b = 1) || ($.c = 1) }".to_owned(),
                vec![
                    "conditions that stay are joined in another way: look at `&&`, `||` and the brackets",
                    "alternatives added, so more counts: $.c = 1",
                ],
            ),
            (
                "{ ($.eventName = \"CreateUser\") && ($.a = 1) }",
                "{ ($.eventName = \"*\") && ($.a = 1) }".to_owned(),
                vec!["the name is not asked for any more: every event counts that meets the rest", "events gained: * of any source"],
            ),
            (
                "{ $.eventSource = \"iam.amazonaws.com\" }",
                "{ ($.eventSource = \"iam.amazonaws.com\") && ($.eventSource = \"none\") }".to_owned(),
                vec!["MATCHES NOTHING: no event can meet all of its conditions", "sources gained: \"none\""],
            ),
            (
                "{ ($.a = 1) && ($.b = 1) }",
                "{ ($.a = 1) || ($.b = 1) }".to_owned(),
                vec!["conditions that stay are joined in another way: look at `&&`, `||` and the brackets"],
            ),
            ("ERROR", "ERROR -DEBUG".to_owned(), vec!["conditions added: ERROR -DEBUG", "conditions removed: ERROR"]),
        ] {
            assert_eq!(between(before, &after).unwrap_or_default().lines(), lines, "{before} -> {after}");
        }
    }

    #[test]
    fn alternatives_are_told_from_demands() {
        for (before, after, lines) in [
            (
                "{ ($.a = 1) && ($.b = 1) }",
                "{ (($.a = 1) && ($.b = 1)) || ($.eventType != \"AwsServiceEvent\") }".to_owned(),
                vec![
                    "WIDE OPEN: nearly every event meets one of the alternatives",
                    "alternatives added, so more counts: $.eventType != \"AwsServiceEvent\"",
                ],
            ),
            (
                "{ ($.a = 1) && ($.b = 1) }",
                "{ ($.a = 1) && ($.b = 1) && (($.c = 1) || ($.d = 1)) }".to_owned(),
                vec!["conditions added: $.c = 1, $.d = 1"],
            ),
            (
                "{ ($.eventSource = \"iam.amazonaws.com\") && ($.eventName = \"CreateUser\") }",
                "{ (($.eventSource = \"iam.amazonaws.com\") && ($.eventName = \"Create*\")) || ($.userIdentity.type = \"Root\") }"
                    .to_owned(),
                vec!["events gained: Create* of iam", "alternatives added, so more counts: $.userIdentity.type = \"Root\""],
            ),
            (
                "{ ($.eventSource = \"iam.amazonaws.com\") && ($.eventName = \"CreateUser\") }",
                "{ ($.eventSource = \"sso.amazonaws.com\") && ($.eventName = \"CreateUser\") }".to_owned(),
                vec!["sources gained: sso", "sources lost: iam", "events gained: CreateUser of sso", "events lost: CreateUser of iam"],
            ),
            (
                "{ $.eventSource = \"iam.amazonaws.com\" }",
                "{ $.eventSource = \"iam\" }".to_owned(),
                vec!["sources gained: \"iam\"", "sources lost: iam"],
            ),
        ] {
            assert_eq!(between(before, &after).unwrap_or_default().lines(), lines, "{before} -> {after}");
        }
    }

    #[test]
    fn brackets_that_change_nothing_are_not_told() {
        let (before, after) =
            ("{ (($.a = 1) && ($.b = 1)) || ($.c = 1) || ($.d = 1) }", "{ ((($.a = 1) && ($.b = 1)) || ($.c = 1)) || ($.d = 1) }");
        assert_eq!(between(before, after), None);
        let stars = Pattern::parse("{ $.eventName = \"**\" }").unwrap();
        assert!(matches_all(&stars));
    }
}
