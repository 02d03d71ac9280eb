//! JSON patterns, compiled: selectors are slots, and one pass over an event serves them all.

use super::scan::{Kind, Malformed};
use super::slots::{Duplicates, Found, Selectors};
use crate::ast::{Expr, Test};
use crate::compare;
use crate::verdict::{Choices, Rule, Verdict, settle};

/// A compiled condition.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    Any(Vec<Condition>),
    All(Vec<Condition>),
    Test { slot: usize, wildcard: bool, test: Test },
}

impl Condition {
    /// Compiles a tree, adding its selectors.
    pub(crate) fn compile(expr: &Expr, selectors: &mut Selectors) -> Self {
        match expr {
            Expr::Any(group) => Self::Any(group.items.iter().map(|item| Self::compile(item, selectors)).collect()),
            Expr::All(group) => Self::All(group.items.iter().map(|item| Self::compile(item, selectors)).collect()),
            Expr::Clause(clause) => {
                Self::Test { slot: selectors.add(&clause.selector), wildcard: clause.selector.has_wildcard(), test: clause.test.clone() }
            }
        }
    }

    fn holds(&self, message: &str, found: &Found, choices: &mut Choices) -> bool {
        match self {
            Self::Any(items) => items.iter().any(|item| item.holds(message, found, choices)),
            Self::All(items) => items.iter().all(|item| item.holds(message, found, choices)),
            Self::Test { slot, wildcard: false, test } => single(*slot, test, message, found, choices),
            Self::Test { slot, wildcard: true, test } => several(*slot, test, message, found, choices),
        }
    }
}

/// A selector without a wildcard: one value, or it is missing.
fn single(slot: usize, test: &Test, message: &str, found: &Found, choices: &mut Choices) -> bool {
    match found.values[slot].first() {
        Some(raw) => compare::json(test, &raw.value(message), choices),
        None if *test != Test::NotExists => false,
        None => !found.no_array[slot] || choices.choose(Rule::IndexIntoNonArray) == 0,
    }
}

/// A selector with a wildcard: "some value" is documented for `=` (spec, section 2.2, J8).
fn several(slot: usize, test: &Test, message: &str, found: &Found, choices: &mut Choices) -> bool {
    let values = &found.values[slot];
    let some = |choices: &mut Choices| values.iter().any(|raw| compare::json(test, &raw.value(message), choices));
    match test {
        Test::Equals(_) | Test::Order(..) => some(choices),
        Test::NotExists => match choices.choose(Rule::WildcardSelector) {
            0 => values.len() < found.branches[slot],
            1 => false,
            _ => values.is_empty(),
        },
        Test::Differs(_) | Test::Is(_) if values.len() < 2 => some(choices),
        Test::Differs(_) | Test::Is(_) => match choices.choose(Rule::WildcardSelector) {
            0 => some(choices),
            _ => values.iter().all(|raw| compare::json(test, &raw.value(message), choices)),
        },
    }
}

/// An event that was read for a set of selectors.
#[derive(Debug, Default)]
pub(crate) struct Event {
    found: Found,
    /// The other reading, when a property that matters stands twice.
    last_counts: Option<Box<Found>>,
}

impl Event {
    /// Reads the JSON value at `start`, and returns where it ends.
    pub(crate) fn read(&mut self, selectors: &Selectors, text: &str, start: usize) -> Result<usize, Malformed> {
        let end = selectors.read(text, start, Duplicates::FirstCounts, &mut self.found)?;
        self.last_counts = None;
        if self.found.duplicates {
            let mut last = Found::default();
            selectors.read(text, start, Duplicates::LastCounts, &mut last)?;
            self.last_counts = Some(Box::new(last));
        }
        Ok(end)
    }

    /// What was found, the first of duplicates counting.
    pub(crate) fn found(&self) -> &Found {
        &self.found
    }

    pub(crate) fn has_duplicates(&self) -> bool {
        self.last_counts.is_some()
    }

    /// What a condition says of the event, under every reading.
    pub(crate) fn eval(&self, condition: &Condition, message: &str) -> Verdict {
        match self.found.root {
            Some(Kind::Object | Kind::Array) => settle(|choices| self.holds(condition, message, choices)),
            _ => Verdict::NoMatch,
        }
    }

    pub(crate) fn holds(&self, condition: &Condition, message: &str, choices: &mut Choices) -> bool {
        if self.found.root == Some(Kind::Array) && choices.choose(Rule::ArrayRoot) == 0 {
            return false;
        }
        match &self.last_counts {
            Some(last) if choices.choose(Rule::DuplicateName) == 0 => condition.holds(message, last, choices),
            _ => condition.holds(message, &self.found, choices),
        }
    }
}

/// A whole message must be one value, with nothing but white space around it.
pub(crate) fn is_whole(message: &str, end: usize) -> bool {
    message[end..].bytes().all(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
}
