//! Why a pattern says what it says of a message: the conditions that decide, with what was found.

use std::fmt;
use std::ops::Range;

use crate::ast::{Body, Clause, Entry, Expr, Sign, Test};
use crate::json::program::{Condition, Event, is_whole};
use crate::json::scan::{Kind, Malformed};
use crate::pattern::{Pattern, terms_count};
use crate::space;
use crate::verdict::{Verdict, settle};

/// A verdict with its reasons.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// What the pattern says.
    pub verdict: Verdict,
    /// The conditions that decide: where one is enough the first one, else all of them.
    pub reasons: Vec<Reason>,
}

/// A condition that decides.
#[derive(Debug, Clone, PartialEq)]
pub struct Reason {
    /// Where it stands in the pattern that was parsed, in bytes.
    pub span: Range<usize>,
    /// What it says by itself.
    pub verdict: Verdict,
    /// What the message has there, as it is written; `None`: nothing.
    pub found: Option<String>,
    /// What may surprise.
    pub note: Option<Note>,
}

/// Why a condition says what may not be expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Note {
    /// The message is not JSON.
    Malformed(Malformed),
    /// Something follows the JSON object at this byte.
    Trailing(usize),
    /// The message is JSON, and no object.
    NoObject,
    /// `!=` is false when the property is missing.
    MissingDiffers,
    /// An object or array equals nothing and differs from nothing.
    Container,
    /// The message has fewer fields than the pattern.
    TooFewFields,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(malformed) => write!(f, "the message is not JSON: {malformed}"),
            Self::Trailing(end) => write!(f, "something follows the JSON object at byte {end}"),
            Self::NoObject => f.write_str("the message is no JSON object"),
            Self::MissingDiffers => f.write_str("`!=` is false when the property is missing"),
            Self::Container => f.write_str("an object or array equals nothing and differs from nothing"),
            Self::TooFewFields => f.write_str("the message has fewer fields than the pattern"),
        }
    }
}

impl Pattern {
    /// Evaluates, and says which conditions decided.
    #[must_use]
    pub fn explain(&self, message: &str) -> Explanation {
        let verdict = self.eval(message);
        let reasons = match (self.body(), self.condition()) {
            (Body::Json(expr), Some(condition)) => self.json_reasons(expr, condition, message),
            (Body::Terms(_), _) => self.term_reasons(message, &verdict),
            (Body::SpaceDelimited(entries), _) => self.field_reasons(entries, message, &verdict),
            _ => Vec::new(),
        };
        // A pattern without conditions decides as a whole.
        let whole = || Reason { span: self.whole(), verdict: verdict.clone(), found: None, note: None };
        let reasons = if reasons.is_empty() { vec![whole()] } else { reasons };
        Explanation { verdict, reasons }
    }

    fn json_reasons(&self, expr: &Expr, condition: &Condition, message: &str) -> Vec<Reason> {
        let mut event = Event::default();
        let wrong = match event.read(self.selectors(), message, 0) {
            Err(malformed) => Some(Note::Malformed(malformed)),
            Ok(end) if !is_whole(message, end) => Some(Note::Trailing(end)),
            Ok(_) if !matches!(event.found().root, Some(Kind::Object | Kind::Array)) => Some(Note::NoObject),
            Ok(_) => None,
        };
        if let Some(note) = wrong {
            return vec![Reason { span: expr.span(), verdict: Verdict::NoMatch, found: None, note: Some(note) }];
        }
        let mut reasons = Vec::new();
        Explainer { event: &event, message }.decide(expr, condition, &mut reasons);
        reasons
    }

    fn term_reasons(&self, message: &str, verdict: &Verdict) -> Vec<Reason> {
        let matched = verdict.is_match();
        let counts = |sign: Sign| terms_count(self.terms(), sign);
        let mut reasons = Vec::new();
        for term in self.terms().iter().filter(|term| counts(term.sign)) {
            let occurs = message.contains(&term.text);
            let holds = occurs != (term.sign == Sign::Excluded);
            if holds == matched {
                let found = occurs.then(|| term.text.clone());
                reasons.push(Reason { span: term.span.0.clone(), verdict: Verdict::from_bool(holds), found, note: None });
            }
        }
        reasons
    }

    fn field_reasons(&self, entries: &[Entry], message: &str, verdict: &Verdict) -> Vec<Reason> {
        let Some(fields) = space::fields(entries, message) else {
            return vec![Reason { span: self.whole(), verdict: Verdict::NoMatch, found: None, note: Some(Note::TooFewFields) }];
        };
        let mut reasons = Vec::new();
        for (field, text) in fields.iter().filter_map(|(field, text)| Some(((*field)?, *text))).filter(|(field, _)| !field.tests.is_empty())
        {
            let own = settle(|choices| space::passes(field, text, choices));
            if is_alike(&own, verdict) {
                reasons.push(Reason { span: field.span.0.clone(), verdict: own, found: Some(text.to_owned()), note: None });
            }
        }
        reasons
    }
}

/// Whether two verdicts say the same, whatever the doubt is.
fn is_alike(one: &Verdict, other: &Verdict) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

struct Explainer<'a> {
    event: &'a Event,
    message: &'a str,
}

impl Explainer<'_> {
    /// Adds the conditions that decide below a node, and says what it comes to.
    fn decide(&self, expr: &Expr, condition: &Condition, reasons: &mut Vec<Reason>) -> Verdict {
        let (group, conditions, decisive) = match (expr, condition) {
            (Expr::Any(group), Condition::Any(conditions)) => (group, conditions, Verdict::Match),
            (Expr::All(group), Condition::All(conditions)) => (group, conditions, Verdict::NoMatch),
            (Expr::Clause(clause), condition) => {
                let reason = self.reason(clause, condition);
                let verdict = reason.verdict.clone();
                reasons.push(reason);
                return verdict;
            }
            _ => return self.event.eval(condition, self.message),
        };
        let verdict = self.event.eval(condition, self.message);
        for (item, condition) in group.items.iter().zip(conditions) {
            let mut below = Vec::new();
            if is_alike(&self.decide(item, condition, &mut below), &verdict) {
                reasons.append(&mut below);
                if verdict == Verdict::Match && decisive == Verdict::Match {
                    break;
                }
            }
        }
        verdict
    }

    fn reason(&self, clause: &Clause, condition: &Condition) -> Reason {
        let verdict = self.event.eval(condition, self.message);
        let slot = if let Condition::Test { slot, .. } = condition { *slot } else { 0 };
        let values = self.event.found().values.get(slot).map(Vec::as_slice).unwrap_or_default();
        let texts: Vec<&str> = values.iter().map(|raw| &self.message[raw.start..raw.end]).collect();
        let is_missing = texts.is_empty();
        let is_container = values.first().is_some_and(|raw| matches!(raw.kind, Kind::Object | Kind::Array));
        let note = match &clause.test {
            Test::Differs(_) if is_missing => Some(Note::MissingDiffers),
            Test::Equals(_) | Test::Differs(_) if is_container => Some(Note::Container),
            _ => None,
        };
        Reason { span: clause.span.0.clone(), verdict, found: (!is_missing).then(|| texts.join(", ")), note }
    }
}
