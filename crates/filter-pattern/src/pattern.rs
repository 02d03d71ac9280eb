//! A pattern that was read: what it is, and what it says of a message.

use std::fmt;
use std::ops::Range;

use memchr::memmem;

use crate::ast::{Body, Expr, Sign, Term};
use crate::error::SyntaxError;
use crate::json::program::{Condition, Event, is_whole};
use crate::json::slots::Selectors;
use crate::parse::{MAX_LENGTH, parse};
use crate::space;
use crate::verdict::{Choices, Doubt, Rule, Verdict, settle};

/// The three languages of filter patterns, and the pattern that matches everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Empty, a blank, or `""`: every event.
    All,
    /// Words and phrases in unstructured text.
    Terms,
    /// `{ … }` over JSON events.
    Json,
    /// `[ … ]` over space-delimited events.
    SpaceDelimited,
}

/// A filter pattern. Equal when the trees are: blanks, quotes that are not needed and brackets
/// around single conditions do not count.
#[derive(Debug, Clone)]
pub struct Pattern {
    body: Body,
    /// Whether AWS takes it at all, where no source says so.
    doubt: Option<Rule>,
    selectors: Selectors,
    condition: Option<Condition>,
    /// Where the pattern stands in the text that was read.
    whole: Range<usize>,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.body == other.body
    }
}

/// A pattern that means the same: to be read, but for one that would be longer than AWS takes.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.body.to_string();
        if text.chars().count() > MAX_LENGTH { write!(f, "{:#}", self.body) } else { f.write_str(&text) }
    }
}

impl std::str::FromStr for Pattern {
    type Err = Vec<SyntaxError>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl Pattern {
    /// Reads a pattern as AWS would.
    ///
    /// # Errors
    /// All that is wrong with it, in the order of the text.
    pub fn parse(text: &str) -> Result<Self, Vec<SyntaxError>> {
        let (body, doubt) = parse(text).map_err(|mut errors| {
            errors.sort_by_key(|error| error.span.start);
            errors
        })?;
        let start = text.len() - text.trim_start().len();
        Ok(Self::of(body, doubt, start..start.max(text.trim_end().len())))
    }

    fn of(body: Body, doubt: Option<Rule>, whole: Range<usize>) -> Self {
        let mut selectors = Selectors::default();
        let condition = if let Body::Json(expr) = &body { Some(Condition::compile(expr, &mut selectors)) } else { None };
        Self { body, doubt, selectors, condition, whole }
    }

    /// The same text read as another pattern.
    pub(crate) fn with_body(&self, body: Body) -> Self {
        Self::of(body, self.doubt, self.whole())
    }

    /// Its syntax tree.
    #[must_use]
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// The language it is written in.
    #[must_use]
    pub fn family(&self) -> Family {
        match self.body {
            Body::All => Family::All,
            Body::Terms(_) | Body::Regex(_) => Family::Terms,
            Body::Json(_) => Family::Json,
            Body::SpaceDelimited(_) => Family::SpaceDelimited,
        }
    }

    /// How many regular expressions it holds; AWS allows two a pattern, and five filters with any a log group.
    #[must_use]
    pub fn regexes(&self) -> usize {
        self.body.regexes()
    }

    /// The question whether AWS takes the pattern at all; every verdict hangs on it.
    #[must_use]
    pub fn doubt(&self) -> Option<Rule> {
        self.doubt
    }

    /// What AWS would say of a message, or the question that keeps it open.
    #[must_use]
    pub fn eval(&self, message: &str) -> Verdict {
        if let Some(rule) = self.doubt {
            return Verdict::Uncertain(self.refused(rule, message));
        }
        self.settled(message)
    }

    /// The verdict as if AWS took the pattern.
    fn settled(&self, message: &str) -> Verdict {
        match (&self.body, &self.condition) {
            (Body::Json(_), Some(condition)) => {
                let mut event = Event::default();
                match event.read(&self.selectors, message, 0) {
                    Ok(end) if is_whole(message, end) => event.eval(condition, message),
                    _ => Verdict::NoMatch,
                }
            }
            (body, _) => raw(body, message),
        }
    }

    /// The readings of a pattern that AWS may refuse.
    fn refused(&self, rule: Rule, message: &str) -> Doubt {
        let taken = self.settled(message).is_match();
        Doubt { rule, readings: rule.readings().iter().copied().zip([taken, false]).collect() }
    }

    /// The fields of a message, by name: `$status_code`, or `$6` where the pattern has no name.
    /// Empty for other families, as TestMetricFilter says (spec, section 3.1). Where it is open how a
    /// message is cut (tabs, runs of blanks, quotes inside words), the first reading is taken.
    #[must_use]
    pub fn fields(&self, message: &str) -> Vec<(String, String)> {
        match &self.body {
            Body::SpaceDelimited(entries) => space::extract(entries, message),
            _ => Vec::new(),
        }
    }

    /// The single conditions with their places; for JSON patterns, else empty.
    #[must_use]
    pub fn clauses(&self) -> Vec<&crate::ast::Clause> {
        if let Body::Json(expr) = &self.body { Expr::clauses(expr) } else { Vec::new() }
    }

    pub(crate) fn terms(&self) -> &[Term] {
        if let Body::Terms(terms) = &self.body { terms } else { &[] }
    }

    pub(crate) fn whole(&self) -> Range<usize> {
        self.whole.clone()
    }

    pub(crate) fn selectors(&self) -> &Selectors {
        &self.selectors
    }

    pub(crate) fn condition(&self) -> Option<&Condition> {
        self.condition.as_ref()
    }
}

/// Families that look at the text of a message.
fn raw(body: &Body, message: &str) -> Verdict {
    match body {
        Body::All => Verdict::Match,
        Body::Terms(terms) => {
            let occurs = |term: &Term| memmem::find(message.as_bytes(), term.text.as_bytes()).is_some();
            Verdict::from_bool(terms_hold(terms.iter().map(|term| (term.sign, occurs(term)))))
        }
        Body::Regex(regex) => settle(|choices| regex.is_match(message, choices)),
        Body::SpaceDelimited(entries) => settle(|choices: &mut Choices| space::holds(entries, message, choices)),
        Body::Json(_) => Verdict::NoMatch,
    }
}

/// Spec, section 2.1: `?` terms count only where there are no others.
pub(crate) fn terms_count(terms: &[Term], sign: Sign) -> bool {
    sign != Sign::Optional || terms.iter().all(|term| term.sign == Sign::Optional)
}

/// Whether terms hold: of each its sign, and whether it occurs.
pub(crate) fn terms_hold(terms: impl Iterator<Item = (Sign, bool)> + Clone) -> bool {
    if terms.clone().all(|(sign, _)| sign == Sign::Optional) {
        return terms.into_iter().any(|(_, occurs)| occurs);
    }
    terms.filter(|(sign, _)| *sign != Sign::Optional).all(|(sign, occurs)| occurs != (sign == Sign::Excluded))
}
