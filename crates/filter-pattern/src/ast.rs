//! The syntax tree of a pattern. Printed, it is a pattern again; parts know where they stood.

use std::fmt;
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

impl Expr {
    /// All single conditions, from left to right.
    #[must_use]
    pub fn clauses(&self) -> Vec<&Clause> {
        match self {
            Self::Any(group) | Self::All(group) => group.items.iter().flat_map(Self::clauses).collect(),
            Self::Clause(clause) => vec![clause],
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

impl fmt::Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => Ok(()),
            Self::Terms(terms) => join(f, terms, " "),
            Self::Regex(regex) => write!(f, "%{}%", regex.source),
            Self::Json(expr) => write!(f, "{{ {expr} }}"),
            Self::SpaceDelimited(entries) => {
                f.write_str("[")?;
                join(f, entries, ", ")?;
                f.write_str("]")
            }
        }
    }
}

fn join<T: fmt::Display>(f: &mut fmt::Formatter<'_>, items: &[T], between: &str) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        write!(f, "{}{item}", if i > 0 { between } else { "" })?;
    }
    Ok(())
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.sign {
            Sign::Required => "",
            Sign::Optional => "?",
            Sign::Excluded => "-",
        })?;
        let is_bare = !self.text.is_empty() && self.text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if is_bare { f.write_str(&self.text) } else { f.write_str(&quote(&self.text)) }
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (group, between) = match self {
            Self::Any(group) => (group, " || "),
            Self::All(group) => (group, " && "),
            Self::Clause(clause) => return write!(f, "({clause})"),
        };
        f.write_str(if group.bracketed { "(" } else { "" })?;
        join(f, &group.items, between)?;
        f.write_str(if group.bracketed { ")" } else { "" })
    }
}

impl fmt::Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.selector, self.test)
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("$")?;
        for step in &self.steps {
            match step {
                Step::Name(name) if name.chars().all(is_name_char) => write!(f, ".{name}")?,
                Step::Name(name) => write!(f, ".['{name}']")?,
                Step::AnyName => f.write_str(".*")?,
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::AnyIndex => f.write_str("[*]")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Equals(operand) => write!(f, "= {operand}"),
            Self::Differs(operand) => write!(f, "!= {operand}"),
            Self::Order(order, number) => write!(f, "{} {number}", order.sign()),
            Self::Is(Literal::Null) => f.write_str("IS NULL"),
            Self::Is(Literal::True) => f.write_str("IS TRUE"),
            Self::Is(Literal::False) => f.write_str("IS FALSE"),
            Self::NotExists => f.write_str("NOT EXISTS"),
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(glob) => f.write_str(&quote(&glob.text)),
            Self::Regex(regex) => write!(f, "%{}%", regex.source),
        }
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Field(field) = self else { return f.write_str("...") };
        let name = field.name.as_deref().unwrap_or_default();
        if field.tests.is_empty() {
            return f.write_str(name);
        }
        let all = |tests: &Vec<Test>| tests.iter().map(|test| format!("{name} {test}")).collect::<Vec<_>>().join(" && ");
        f.write_str(&field.tests.iter().map(all).collect::<Vec<_>>().join(" || "))
    }
}

/// `"text"`, with quotes and backslashes escaped.
pub(crate) fn quote(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What may stand in a name after `$.` (AWS user guide, "Filter pattern syntax").
pub(crate) fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}
