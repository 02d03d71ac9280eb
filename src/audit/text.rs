//! What auditors say of the text of a pattern.

use std::collections::BTreeSet;

use filter_pattern::Pattern;
use filter_pattern::ast::{Body, Clause, Expr};
use regex::bytes::Regex;

use super::control::{Prowler, Steampipe};

/// What a reason begins with that names a part.
pub(super) const LACKS: &str = "it lacks ";
const ORDER: &str = "its clauses in the order of the benchmark's text";

/// What an auditor asks of the text of a pattern, ready to be compared with many.
pub(super) enum Need {
    /// Security Hub compares bytes.
    Bytes(&'static str),
    /// Prowler looks for each clause, wherever it stands; Steampipe then for all, one behind the other.
    Clauses { each: Vec<Part>, order: Option<Regex> },
    /// The benchmark asks whether the filter "contains" one of the texts: the same conditions, whatever blanks and
    /// quotes; more events beside them are no harm.
    Conditions(Vec<Pattern>),
}

/// An expression, and what is missing when it is not found.
pub(super) struct Part {
    expression: Regex,
    name: String,
}

/// `None`: an expression is none, which a test would tell.
fn regex(expression: &str) -> Option<Regex> {
    Regex::new(&format!("(?s-u){expression}")).ok()
}

fn part(expression: &str, name: impl Into<String>) -> Option<Part> {
    Some(Part { expression: regex(expression)?, name: name.into() })
}

impl Need {
    pub(super) fn prowler(need: &Prowler) -> Self {
        let each = match need {
            Prowler::Expression(expression) => part(expression, ORDER).into_iter().collect(),
            Prowler::Clauses { source, events, extra } => {
                let clause = |field: &str, operator: &str, value: &str, end: &str| {
                    let expression = format!(r"\$\.{}\s*{operator}\s*.?{}{end}", regex::escape(field), regex::escape(value));
                    part(&expression, format!("`$.{field} {operator} {value}`"))
                };
                let source = source.iter().filter_map(|source| clause("eventSource", "=", source, ""));
                let events = events.iter().filter_map(|event| clause("eventName", "=", event, "(?:[^A-Za-z]|$)"));
                let extra = extra.iter().filter_map(|(field, operator, value)| clause(field, operator, value, ""));
                source.chain(events).chain(extra).collect()
            }
        };
        Self::Clauses { each, order: None }
    }

    pub(super) fn steampipe(need: &Steampipe) -> Self {
        match need {
            Steampipe::Expression(expression) => Self::Clauses { each: part(expression, ORDER).into_iter().collect(), order: None },
            Steampipe::InOrder { source, events, quotes } => {
                let quote = if *quotes { "\"?" } else { "" };
                let source =
                    source.iter().map(|source| (format!(r"\$\.eventSource\s*=\s*{source}"), format!("`$.eventSource = {source}`")));
                let event = |event: &&str| (format!(r"\$\.eventName\s*=\s*{quote}{event}"), format!("`$.eventName = {event}`"));
                let clauses: Vec<(String, String)> = source.chain(events.iter().map(event)).collect();
                let all: Vec<&str> = clauses.iter().map(|(expression, _)| expression.as_str()).collect();
                let order = regex(&all.join(".+"));
                Self::Clauses { each: clauses.into_iter().filter_map(|(expression, name)| part(&expression, name)).collect(), order }
            }
        }
    }

    pub(super) fn cis(texts: &[&str]) -> Self {
        Self::Conditions(texts.iter().filter_map(|text| Pattern::parse(text).ok()).collect())
    }

    /// What a text misses; nothing missed is a pass.
    pub(super) fn missed(&self, pattern: &str) -> Vec<String> {
        match self {
            Self::Bytes(text) => differs(text, pattern),
            Self::Clauses { each, order } => {
                let absent = each.iter().filter(|part| !part.expression.is_match(pattern.as_bytes()));
                let absent: Vec<String> = absent.map(|part| format!("{LACKS}{}", part.name)).collect();
                let in_order = order.as_ref().is_none_or(|order| order.is_match(pattern.as_bytes()));
                if absent.is_empty() && !in_order { vec![format!("{LACKS}{ORDER}")] } else { absent }
            }
            Self::Conditions(wanted) => lacks(wanted, pattern),
        }
    }
}

fn differs(text: &str, pattern: &str) -> Vec<String> {
    if text == pattern {
        return Vec::new();
    }
    let dense = |text: &str| text.split_whitespace().collect::<String>();
    let how = if dense(text) == dense(pattern) { "it differs in blanks" } else { "it is not byte for byte the text of the control" };
    vec![how.to_owned()]
}

fn lacks(wanted: &[Pattern], pattern: &str) -> Vec<String> {
    let Ok(found) = Pattern::parse(pattern) else { return vec!["it is no valid pattern".to_owned()] };
    if wanted.iter().any(|wanted| contains(&found, wanted)) {
        return Vec::new();
    }
    let clauses = |pattern: &Pattern| pattern.clauses().into_iter().map(shown).collect::<BTreeSet<_>>();
    let has = clauses(&found);
    let lacks = |wanted: &Pattern| clauses(wanted).difference(&has).map(|clause| format!("{LACKS}`{clause}`")).collect::<Vec<_>>();
    let fewest = wanted.iter().map(lacks).min_by_key(Vec::len).unwrap_or_default();
    if fewest.is_empty() { vec!["it joins the conditions in another way, or adds some that narrow it".to_owned()] } else { fewest }
}

fn contains(found: &Pattern, wanted: &Pattern) -> bool {
    let (Body::Json(found), Body::Json(wanted)) = (found.body(), wanted.body()) else { return found == wanted };
    let named: BTreeSet<String> = wanted.clauses().into_iter().map(shown).collect();
    canonical(found, &named) == canonical(wanted, &named)
}

/// The expression in an order of its own, without events among alternatives that nobody asks for.
fn canonical(expr: &Expr, named: &BTreeSet<String>) -> String {
    let joined = |items: &[Expr], sign: &str| {
        let mut parts: Vec<String> = items.iter().map(|item| canonical(item, named)).collect();
        parts.sort();
        parts.dedup();
        if parts.len() == 1 { parts.remove(0) } else { format!("({})", parts.join(sign)) }
    };
    match expr {
        Expr::Clause(clause) => shown(clause),
        Expr::All(group) => joined(&every(&group.items).into_iter().cloned().collect::<Vec<_>>(), " && "),
        Expr::Any(group) => {
            let extra =
                |item: &&Expr| matches!(item, Expr::Clause(c) if shown(c).starts_with("$.eventName = ") && !named.contains(&shown(c)));
            let asked: Vec<Expr> = flat(&group.items).into_iter().filter(|item| !extra(item)).cloned().collect();
            if asked.is_empty() { joined(&group.items, " || ") } else { joined(&asked, " || ") }
        }
    }
}

/// Alternatives inside alternatives are alternatives.
fn flat(items: &[Expr]) -> Vec<&Expr> {
    items.iter().flat_map(|item| if let Expr::Any(group) = item { flat(&group.items) } else { vec![item] }).collect()
}

/// And demands inside demands are demands.
fn every(items: &[Expr]) -> Vec<&Expr> {
    items.iter().flat_map(|item| if let Expr::All(group) = item { every(&group.items) } else { vec![item] }).collect()
}

fn shown(clause: &Clause) -> String {
    clause.to_string()
}

/// How much two patterns have in common, from 0 to 1.
pub(super) fn likeness(a: &str, b: &str) -> f64 {
    let words = |text: &str| -> BTreeSet<String> {
        text.split(|c: char| !(c.is_ascii_alphanumeric() || "._*$".contains(c))).filter(|w| !w.is_empty()).map(str::to_owned).collect()
    };
    let (a, b) = (words(a), words(b));
    let both = a.intersection(&b).count();
    let all = a.union(&b).count();
    #[expect(clippy::cast_precision_loss, reason = "a pattern has at most a thousand words")]
    let share = both as f64 / all.max(1) as f64;
    share
}

#[cfg(test)]
mod tests {
    use super::super::{Auditor, CONTROLS, missed};

    /// Whether Security Hub, Prowler, CIS 7.0 and Steampipe take a text.
    fn taken(number: usize, pattern: &str) -> [bool; 4] {
        let auditors = [Auditor::SecurityHub, Auditor::Prowler, Auditor::Cis("7.0"), Auditor::Steampipe];
        auditors.map(|auditor| missed(auditor, &CONTROLS[number - 1], pattern).unwrap().is_empty())
    }

    #[test]
    fn each_auditor_reads_a_text_its_own_way() {
        let trail = CONTROLS[4].security_hub.as_ref().unwrap().text;
        let all = [true; 4];
        for (what, pattern, expected) in [
            ("the text itself", trail.to_owned(), all),
            ("a blank more", trail.replacen('{', "{ ", 1), [false, true, true, true]),
            ("quotes", trail.replace("StopLogging", "\"StopLogging\""), [false, true, true, false]),
            (
                "another order",
                trail.replace("CreateTrail", "x").replace("StopLogging", "CreateTrail").replace("=x)", "=StopLogging)"),
                [false, true, true, false],
            ),
            ("one name less", trail.replace("($.eventName=UpdateTrail) || ", ""), [false; 4]),
            ("a longer name", trail.replace("=UpdateTrail)", "=UpdateTrailX)"), [false, false, false, true]),
            ("one name more", trail.replace('}', " || ($.eventName=PutEventSelectors)}"), [false, true, true, true]),
            (
                "narrowed to successes",
                format!("{{ ({}) && ($.errorCode NOT EXISTS) }}", &trail[1..trail.len() - 1]),
                [false, true, false, true],
            ),
            (
                "brackets inside, and a name said twice",
                format!("{{ (({})) || ($.eventName=StopLogging) }}", &trail[1..trail.len() - 1]),
                [false, true, true, true],
            ),
            ("all of them at once", trail.replace("||", "&&"), [false, true, false, true]),
            ("something else", "ERROR".to_owned(), [false; 4]),
        ] {
            assert_eq!(taken(5, &pattern), expected, "{what}: {pattern}");
        }
    }

    #[test]
    fn a_reason_names_what_is_missing() {
        let groups = &CONTROLS[9];
        let hub = groups.security_hub.as_ref().unwrap().text;
        let told = |auditor| missed(auditor, groups, hub).unwrap();
        assert_eq!(told(Auditor::Cis("7.0")), ["it lacks `$.eventName = \"ModifySecurityGroupRules\"`"]);
        assert_eq!(told(Auditor::Steampipe), ["it lacks `$.eventName = ModifySecurityGroupRules`"]);
        assert_eq!(told(Auditor::Cis("4.0")), [""; 0]);
        assert!(missed(Auditor::SecurityHub, &CONTROLS[14], "").is_none(), "Security Hub has no control for organizations");
    }
}
