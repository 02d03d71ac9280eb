//! The syntax tree of a pattern. Printed, it is a pattern again; parts know where they stood.

use std::ops::Range;

use crate::glob::Glob;
use crate::number::Number;
use crate::regex::Regex;

/// Where something stands in the pattern, in bytes. No part of what it is: any two are equal.
#[derive(Debug, Clone, Default)]
pub struct Span(pub Range<usize>);

impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// A pattern, by its family.
#[derive(Debug, Clone, PartialEq)]
pub enum Body {
    /// Empty, a blank, or `""`: every event.
    All,
    /// Words and phrases, looked for in the raw message.
    Terms(Vec<Term>),
    /// `%…%` alone, looked for in the raw message.
    Regex(Regex),
    /// `{ … }` over JSON events.
    Json(Expr),
    /// `[ … ]` over space-delimited events.
    SpaceDelimited(Vec<Entry>),
}

/// A word or phrase.
#[derive(Debug, Clone, PartialEq)]
pub struct Term {
    /// What is asked of it.
    pub sign: Sign,
    /// As meant: quotes and escapes are taken off.
    pub text: String,
    /// Where it stands, sign and quotes included.
    pub span: Span,
}

/// What is asked of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// It must occur.
    Required,
    /// `?`: one of these must occur; ignored beside any other term.
    Optional,
    /// `-`: it must not occur.
    Excluded,
}

/// A condition on a JSON event.
#[derive(Debug, Clone, PartialEq)]
pub enum Expr {
    /// At least one holds.
    Any(Group),
    /// All hold.
    All(Group),
    /// A single condition.
    Clause(Clause),
}

/// Conditions joined by `||` or by `&&`.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// Two or more.
    pub items: Vec<Expr>,
    /// Whether it stands in round brackets.
    pub bracketed: bool,
    /// From its first condition to its last.
    pub span: Span,
}

/// `$.selector` and what is asked of the value.
#[derive(Debug, Clone, PartialEq)]
pub struct Clause {
    /// Which value.
    pub selector: Selector,
    /// What is asked.
    pub test: Test,
    /// Where it stands, without brackets around it.
    pub span: Span,
    /// Where the value stands that it is compared with, or the words `IS NULL`.
    pub operand: Span,
}

impl Clause {
    /// The text that it compares with `=`, if it is about that selector.
    #[must_use]
    pub fn equals_text(&self, selector: &str) -> Option<&str> {
        match &self.test {
            Test::Equals(Operand::Text(glob)) if self.selector.to_string() == selector => Some(&glob.text),
            _ => None,
        }
    }
}

impl Expr {
    /// All single conditions, from left to right.
    #[must_use]
    pub fn clauses(&self) -> Vec<&Clause> {
        match self {
            Self::Any(group) | Self::All(group) => group.items.iter().flat_map(Self::clauses).collect(),
            Self::Clause(clause) => vec![clause],
        }
    }

    /// The texts that an event must have one of at a selector so that it matches; `None`: it may have any.
    #[must_use]
    pub fn demanded(&self, selector: &str) -> Option<Vec<&str>> {
        match self {
            Self::Clause(clause) => clause.equals_text(selector).map(|text| vec![text]),
            Self::Any(group) => group.items.iter().map(|item| item.demanded(selector)).collect::<Option<Vec<_>>>().map(|all| all.concat()),
            Self::All(group) => group.items.iter().find_map(|item| item.demanded(selector)),
        }
    }

    /// Where it stands.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        match self {
            Self::Any(group) | Self::All(group) => group.span.0.clone(),
            Self::Clause(clause) => clause.span.0.clone(),
        }
    }
}

/// The way to a value: `$.requestParameters.tags[0].key`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Selector {
    /// One step a level.
    pub steps: Vec<Step>,
}

/// One level of a selector.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// `.name` or `.['name']`.
    Name(String),
    /// `.*`: each property.
    AnyName,
    /// `[0]`.
    Index(u32),
    /// `[*]`: each element.
    AnyIndex,
}

impl Selector {
    /// Whether it may select several values.
    #[must_use]
    pub fn has_wildcard(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::AnyName | Step::AnyIndex))
    }
}

/// What is asked of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Test {
    /// `=`.
    Equals(Operand),
    /// `!=`: also false when the property is missing.
    Differs(Operand),
    /// `<`, `<=`, `>`, `>=` a number.
    Order(Order, Number),
    /// `IS NULL`, `IS TRUE`, `IS FALSE`.
    Is(Literal),
    /// `NOT EXISTS`.
    NotExists,
}

/// What a value is compared with.
#[derive(Debug, Clone, PartialEq)]
pub enum Operand {
    /// An unquoted number.
    Number(Number),
    /// A text, quoted or not; `*` is a wildcard.
    Text(Glob),
    /// `%…%`.
    Regex(Regex),
}

/// The ordering operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Order {
    /// As it is written.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    pub(crate) fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// The literals that `IS` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Literal {
    /// `null`
    Null,
    /// `true`
    True,
    /// `false`
    False,
}

/// A field of a space-delimited pattern.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// `...`: any number of fields.
    Ellipsis,
    /// One field.
    Field(Field),
}

/// One field: its name, and what is asked of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    /// `None`: an empty entry.
    pub name: Option<String>,
    /// Alternatives, each a list of tests that must all hold. Empty: anything will do.
    pub tests: Vec<Vec<Test>>,
    /// Where it stands.
    pub span: Span,
}
