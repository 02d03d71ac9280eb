//! What an event must hold so that a pattern can match it, seen in its bytes: most events can be passed over without reading them.

use crate::ast::{Body, Clause, Expr, Operand, Selector, Sign, Step, Test};
use crate::glob::{Glob, Reading};
use crate::pattern::Pattern;
use crate::set::PatternSet;

/// Every event that some pattern matches, or may match, has one of `values` as its property or one of `texts` anywhere in it;
/// but for events with `\u` or `\/` in them, which may write the same in another way.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hints {
    /// Texts that the property has, a `*` standing for anything.
    pub values: Vec<Glob>,
    /// Parts of the message.
    pub texts: Vec<String>,
}

impl PatternSet {
    /// Hints for all patterns, with a property of the root that they preferably ask for. `is_common`: texts that most events
    /// hold, so that they are no good. `None`: some pattern may match any event.
    #[must_use]
    pub fn hints(&self, property: &str, is_common: impl Fn(&str) -> bool) -> Option<Hints> {
        let looker = Looker { property: Selector { steps: vec![Step::Name(property.to_owned())] }, is_common: &is_common };
        let mut all = Hints::default();
        for pattern in self.patterns() {
            all.add(looker.pattern(pattern)?);
        }
        all.texts.sort();
        all.texts.dedup();
        Some(all)
    }
}

impl Hints {
    fn add(&mut self, other: Self) {
        self.values.extend(other.values);
        self.texts.extend(other.texts);
    }
}

struct Looker<'a> {
    property: Selector,
    is_common: &'a dyn Fn(&str) -> bool,
}

impl Looker<'_> {
    fn pattern(&self, pattern: &Pattern) -> Option<Hints> {
        if pattern.doubt().is_some() {
            return None;
        }
        match pattern.body() {
            Body::Json(expr) => self.expression(expr),
            Body::Terms(terms) => {
                let of = |sign: Sign| terms.iter().filter(move |term| term.sign == sign).map(|term| term.text.clone());
                let required = of(Sign::Required).max_by_key(String::len);
                // One of them must occur; beside any other term they are ignored.
                let optional: Vec<String> = of(Sign::Optional).collect();
                let only_optional = optional.len() == terms.len();
                let texts = required.map_or(if only_optional { optional } else { Vec::new() }, |text| vec![text]);
                let is_useful = !texts.is_empty() && texts.iter().all(|text| text.len() >= LEAST);
                is_useful.then(|| Hints { values: Vec::new(), texts })
            }
            Body::All | Body::Regex(_) | Body::SpaceDelimited(_) => None,
        }
    }

    fn expression(&self, expr: &Expr) -> Option<Hints> {
        match expr {
            Expr::Clause(clause) => self.clause(clause),
            Expr::Any(group) => {
                let mut any = Hints::default();
                for item in &group.items {
                    any.add(self.expression(item)?);
                }
                Some(any)
            }
            Expr::All(group) => group.items.iter().filter_map(|item| self.expression(item)).min_by_key(|hints| self.cost(hints)),
        }
    }

    /// The fewer events it lets through the better: a property before texts, rare before common, few before many.
    fn cost(&self, hints: &Hints) -> (bool, bool, usize) {
        let common = hints.texts.iter().any(|text| (self.is_common)(text));
        (common, !hints.texts.is_empty(), hints.texts.len() + hints.values.len())
    }

    fn clause(&self, clause: &Clause) -> Option<Hints> {
        let text = match &clause.test {
            Test::NotExists => return None,
            Test::Equals(Operand::Text(glob)) if clause.selector == self.property && !glob.is_stars() => {
                return Some(Hints { values: vec![glob.clone()], texts: Vec::new() });
            }
            Test::Equals(Operand::Text(glob)) => text_of(glob),
            _ => None,
        };
        // Whatever is asked of a property but that it is missing, its name stands there.
        text.or_else(|| name_of(&clause.selector)).map(|text| Hints { values: Vec::new(), texts: vec![text] })
    }
}

/// The last name of a selector, as it stands in a message.
fn name_of(selector: &Selector) -> Option<String> {
    let last = selector.steps.iter().rev().find_map(|step| if let Step::Name(name) = step { Some(name) } else { None });
    last.filter(|name| name.len() >= LEAST && name.chars().all(is_plain)).map(|name| format!("\"{name}\""))
}

fn is_plain(c: char) -> bool {
    !c.is_control() && !matches!(c, '"' | '\\' | '/')
}

/// Shorter texts are everywhere.
const LEAST: usize = 4;

/// What stands in a message that has a value that fits, as long as possible. `None`: nothing that is sure.
fn text_of(glob: &Glob) -> Option<String> {
    // A number is compared by its text, which may not be how it is written.
    let is_of_number = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    let is_sure = |piece: &&str| piece.len() >= LEAST && piece.chars().all(is_plain) && !piece.chars().all(is_of_number);
    let piece = glob.text.split('*').filter(is_sure).max_by_key(|piece| piece.len())?;
    // true, false and null have no quotes.
    let is_text = !["true", "false", "null"].iter().any(|word| Reading::ALL.iter().any(|reading| glob.matches(word, *reading)));
    let (starts, ends) = (is_text && glob.text.starts_with(piece), is_text && glob.text.ends_with(piece));
    Some(format!("{}{piece}{}", if starts { "\"" } else { "" }, if ends { "\"" } else { "" }))
}

impl Glob {
    /// Whether a value fits under any reading.
    #[must_use]
    pub fn may_match(&self, value: &str) -> bool {
        Reading::ALL.iter().any(|reading| self.matches(value, *reading))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hints(patterns: &[&str]) -> Option<(Vec<String>, Vec<String>)> {
        let set = PatternSet::new(patterns.iter().map(|pattern| Pattern::parse(pattern).unwrap()));
        let hints = set.hints("eventName", |text| text.ends_with(".amazonaws.com\""))?;
        Some((hints.values.into_iter().map(|glob| glob.text).collect(), hints.texts))
    }

    #[test]
    fn hints_are_what_a_match_cannot_lack() {
        let some = |values: &[&str], texts: &[&str]| {
            Some((values.iter().map(|v| (*v).to_owned()).collect(), texts.iter().map(|t| (*t).to_owned()).collect()))
        };
        for (pattern, expected) in [
            (r#"{ ($.eventSource = "lambda.amazonaws.com") && ($.eventName = "Create*") }"#, some(&["Create*"], &[])),
            (r#"{ $.eventName = A || $.eventName = "B" }"#, some(&["A", "B"], &[])),
            (r#"{ $.userIdentity.type = "Root" && $.x NOT EXISTS }"#, some(&[], &["\"Root\""])),
            (
                r#"{ $.errorCode = "*UnauthorizedOperation" || $.errorCode = "AccessDenied*" }"#,
                some(&[], &["\"AccessDenied", "UnauthorizedOperation\""]),
            ),
            (r#"{ $.eventSource = "s3.amazonaws.com" && $.errorCode = "Denied" }"#, some(&[], &["\"Denied\""])),
            (r#"{ $.eventSource = "s3.amazonaws.com" }"#, some(&[], &["\"s3.amazonaws.com\""])),
            (r#"{ $.a = "true" && $.a = "*" }"#, some(&[], &["true"])),
            (r#"{ $.a = "a/long/path" }"#, None),
            (r#"{ $.long = "a/long/path" }"#, some(&[], &["\"long\""])),
            (r#"{ $.long[0] IS TRUE && $.b.name != "x" }"#, some(&[], &["\"long\""])),
            (r#"{ $.a = "12345" }"#, None),
            (r#"{ $.a = 400 }"#, None),
            (r#"{ $.a != "long" }"#, None),
            (r#"{ $.eventName = A || $.a NOT EXISTS }"#, None),
            (r#"{ $.eventName = "*" }"#, some(&[], &["\"eventName\""])),
            (r#"{ $.a = %long text% }"#, None),
            ("ERROR timeout", some(&[], &["timeout"])),
            ("?ERROR ?WARN", some(&[], &["ERROR", "WARN"])),
            ("-DEBUG", None),
            ("", None),
        ] {
            assert_eq!(hints(&[pattern]), expected, "{pattern}");
        }
        assert_eq!(hints(&["{ $.eventName = A }", "ERROR"]), some(&["A"], &["ERROR"]));
        assert_eq!(hints(&["{ $.eventName = A }", ""]), None);
    }
}
