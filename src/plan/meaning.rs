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
    let meaning = Meaning {
        matches_everything: all,
        matches_nothing: matches_none(&new) && !matches_none(&old),
        any_source: was.names_sources && !is.names_sources && !all,
        any_name: was.names_names && !is.names_names && !all,
        joined_otherwise: joined_otherwise(&old, &new),
        events_gained: minus(&is.events, &was.events),
        events_lost: minus(&was.events, &is.events),
        sources_gained: minus(&is.sources, &was.sources),
        sources_lost: minus(&was.sources, &is.sources),
        conditions_added: minus(&is.conditions, &was.conditions),
        conditions_removed: minus(&was.conditions, &is.conditions),
    };
    (meaning != Meaning::default()).then_some(meaning)
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
    let (group, sign) = match expr {
        Expr::Clause(clause) => return Some(clause.to_string()).filter(|text| wanted.contains(text)),
        Expr::Any(group) => (group, " || "),
        Expr::All(group) => (group, " && "),
    };
    let mut parts: Vec<String> = group.items.iter().filter_map(|item| joined(item, wanted)).collect();
    parts.sort();
    parts.dedup();
    match parts.len() {
        0 | 1 => parts.pop(),
        // `a || (b || c)` is `a || b || c`.
        _ => Some(format!("({})", parts.iter().map(|part| flat(part, sign)).collect::<Vec<_>>().join(sign))),
    }
}

/// Without its brackets, if all inside is joined by that sign.
fn flat<'a>(part: &'a str, sign: &str) -> &'a str {
    let other = if sign == " || " { " && " } else { " || " };
    part.strip_prefix('(').and_then(|part| part.strip_suffix(')')).filter(|inside| !inside.contains(other)).unwrap_or(part)
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
                let of: Vec<&str> = sources.iter().map(|source| source.trim_end_matches(".amazonaws.com")).collect();
                let of = if of.is_empty() { "any source".to_owned() } else { of.join(" or ") };
                self.events.insert(format!("{} of {of}", glob.text));
            }
            (SOURCE, Test::Equals(Operand::Text(glob))) => {
                self.sources.insert(glob.text.trim_end_matches(".amazonaws.com").to_owned());
            }
            _ => drop(self.conditions.insert(clause.to_string())),
        }
    }
}

/// Whether a pattern says which ones: `*` says nothing.
fn names(expr: &Expr, selector: &str) -> bool {
    expr.demanded(selector).is_some_and(|texts| !texts.contains(&"*"))
}

impl Meaning {
    /// Whether far more events count than before, or none any more.
    pub fn is_alarming(&self) -> bool {
        self.matches_everything || self.matches_nothing || self.any_source || self.any_name
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
        if self.any_source {
            lines.push("the source is not asked for any more: events of these names count from every service".to_owned());
        }
        if self.any_name {
            lines.push("the name is not asked for any more: every event of the source counts".to_owned());
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
                vec!["conditions that stay are joined in another way: look at `&&`, `||` and the brackets", "conditions added: $.c = 1"],
            ),
            (
                "{ ($.eventName = \"CreateUser\") && ($.a = 1) }",
                "{ ($.eventName = \"*\") && ($.a = 1) }".to_owned(),
                vec![
                    "the name is not asked for any more: every event of the source counts",
                    "events gained: * of any source",
                    "events lost: CreateUser of any source",
                ],
            ),
            (
                "{ $.eventSource = \"iam.amazonaws.com\" }",
                "{ ($.eventSource = \"iam.amazonaws.com\") && ($.eventSource = \"none\") }".to_owned(),
                vec!["MATCHES NOTHING: no event can meet all of its conditions", "sources gained: none"],
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
}
