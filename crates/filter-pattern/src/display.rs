//! Trees as patterns again: with blanks to be read, or (`{:#}`) in the fewest characters.

use std::fmt::{self, Display};

use crate::ast::{Body, Clause, Entry, Expr, Literal, Operand, Selector, Sign, Step, Term, Test};
use crate::number::is_number;

impl Display for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let blank = blank(f);
        match self {
            Self::All => Ok(()),
            Self::Terms(terms) => join(f, terms, " "),
            Self::Regex(regex) => write!(f, "%{}%", regex.source),
            Self::Json(expr) => {
                write!(f, "{{{blank}")?;
                expr.fmt(f)?;
                write!(f, "{blank}}}")
            }
            Self::SpaceDelimited(entries) => {
                f.write_str("[")?;
                join(f, entries, if f.alternate() { "," } else { ", " })?;
                f.write_str("]")
            }
        }
    }
}

/// What stands between two parts that need nothing between them.
fn blank(f: &fmt::Formatter<'_>) -> &'static str {
    if f.alternate() { "" } else { " " }
}

fn join<T: Display>(f: &mut fmt::Formatter<'_>, items: &[T], between: &str) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        f.write_str(if i > 0 { between } else { "" })?;
        item.fmt(f)?;
    }
    Ok(())
}

impl Display for Term {
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

impl Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (group, sign) = match self {
            Self::Any(group) => (group, "||"),
            Self::All(group) => (group, "&&"),
            Self::Clause(clause) if f.alternate() => return clause.fmt(f),
            Self::Clause(clause) => return write!(f, "({clause})"),
        };
        f.write_str(if group.bracketed { "(" } else { "" })?;
        let blank = blank(f);
        join(f, &group.items, &format!("{blank}{sign}{blank}"))?;
        f.write_str(if group.bracketed { ")" } else { "" })
    }
}

impl Display for Clause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Words need a blank, signs do not.
        let between = if matches!(self.test, Test::Is(_) | Test::NotExists) { " " } else { blank(f) };
        write!(f, "{}{between}", self.selector)?;
        self.test.fmt(f)
    }
}

impl Display for Selector {
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

impl Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self {
            Self::Equals(_) => "=",
            Self::Differs(_) => "!=",
            Self::Order(order, _) => order.sign(),
            Self::Is(Literal::Null) => return f.write_str("IS NULL"),
            Self::Is(Literal::True) => return f.write_str("IS TRUE"),
            Self::Is(Literal::False) => return f.write_str("IS FALSE"),
            Self::NotExists => return f.write_str("NOT EXISTS"),
        };
        write!(f, "{sign}{}", blank(f))?;
        match self {
            Self::Equals(operand) | Self::Differs(operand) => operand.fmt(f),
            Self::Order(_, number) => write!(f, "{number}"),
            Self::Is(_) | Self::NotExists => Ok(()),
        }
    }
}

impl Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(glob) if f.alternate() && is_bare(&glob.text) => f.write_str(&glob.text),
            Self::Text(glob) => f.write_str(&quote(&glob.text)),
            Self::Regex(regex) => write!(f, "%{}%", regex.source),
        }
    }
}

/// Whether a value reads as the same text without quotes.
fn is_bare(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.-*".contains(c);
    !text.is_empty() && text.chars().all(fits) && !is_number(text) && text != "null"
}

impl Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Field(field) = self else { return f.write_str("...") };
        let name = field.name.as_deref().unwrap_or_default();
        if field.tests.is_empty() {
            return f.write_str(name);
        }
        let blank = blank(f);
        for (i, tests) in field.tests.iter().enumerate() {
            for (j, test) in tests.iter().enumerate() {
                match (i, j) {
                    (0, 0) => {}
                    (_, 0) => write!(f, "{blank}||{blank}")?,
                    _ => write!(f, "{blank}&&{blank}")?,
                }
                write!(f, "{name}{blank}")?;
                test.fmt(f)?;
            }
        }
        Ok(())
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
