//! Writes JSON patterns from conditions.

use std::fmt;

use crate::display::quote;

/// A condition on a JSON event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `($.a = "x")`; a `*` at either end of the value is a wildcard.
    Equals(String, String),
    /// `($.a != "x")`: false when the property is missing.
    Differs(String, String),
    /// `($.a NOT EXISTS)`.
    Missing(String),
    /// Text of the pattern language, taken as it is.
    Raw(String),
    /// All of them.
    All(Vec<Condition>),
    /// At least one of them.
    Any(Vec<Condition>),
}

impl Condition {
    /// The property at `selector` (`$.eventName`) has this value.
    pub fn equals(selector: &str, value: &str) -> Self {
        Self::Equals(selector.to_owned(), value.to_owned())
    }

    /// The property exists and has another value.
    pub fn differs(selector: &str, value: &str) -> Self {
        Self::Differs(selector.to_owned(), value.to_owned())
    }

    /// The property does not exist.
    pub fn missing(selector: &str) -> Self {
        Self::Missing(selector.to_owned())
    }

    /// All of them; one alone stays itself.
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::group(conditions, Self::All)
    }

    /// At least one of them; one alone stays itself.
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::group(conditions, Self::Any)
    }

    fn group(conditions: impl IntoIterator<Item = Self>, several: fn(Vec<Self>) -> Self) -> Self {
        let mut conditions: Vec<Self> = conditions.into_iter().collect();
        if conditions.len() == 1 { conditions.remove(0) } else { several(conditions) }
    }

    /// The condition as a whole pattern.
    pub fn to_pattern(&self) -> String {
        match self {
            Self::All(_) | Self::Any(_) => {
                let text = self.to_string();
                format!("{{ {} }}", &text[1..text.len() - 1])
            }
            _ => format!("{{ {self} }}"),
        }
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (conditions, operator) = match self {
            Self::Equals(selector, value) => return write!(f, "({selector} = {})", quote(value)),
            Self::Differs(selector, value) => return write!(f, "({selector} != {})", quote(value)),
            Self::Missing(selector) => return write!(f, "({selector} NOT EXISTS)"),
            Self::Raw(text) => return write!(f, "({text})"),
            Self::All(conditions) => (conditions, " && "),
            Self::Any(conditions) => (conditions, " || "),
        };
        f.write_str("(")?;
        for (i, condition) in conditions.iter().enumerate() {
            if i > 0 {
                f.write_str(operator)?;
            }
            condition.fmt(f)?;
        }
        f.write_str(")")
    }
}

/// A JSON pattern that demands `conditions` on top; `None` when it is not a JSON pattern.
pub fn narrow(pattern: &str, conditions: Vec<Condition>) -> Option<String> {
    let inner = pattern.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
    let mut all = vec![Condition::Raw(inner.to_owned())];
    all.extend(conditions);
    Some(Condition::All(all).to_pattern())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_written_with_their_precedence() {
        let excuse = Condition::any([Condition::missing("$.x"), Condition::differs("$.x", "a\"b*")]);
        for (condition, pattern) in [
            (Condition::equals("$.a", "x"), r#"{ ($.a = "x") }"#.to_owned()),
            (Condition::all([excuse.clone()]), r#"{ ($.x NOT EXISTS) || ($.x != "a\"b*") }"#.to_owned()),
            (
                Condition::all([Condition::equals("$.a", "x"), excuse.clone()]),
                r#"{ ($.a = "x") && (($.x NOT EXISTS) || ($.x != "a\"b*")) }"#.to_owned(),
            ),
        ] {
            assert_eq!(condition.to_pattern(), pattern);
        }
    }

    #[test]
    fn narrowing_keeps_the_whole_pattern_together() {
        let more = vec![Condition::missing("$.c")];
        assert_eq!(narrow("{ $.a = 1 || $.b = 2 }", more.clone()).unwrap(), "{ ($.a = 1 || $.b = 2) && ($.c NOT EXISTS) }");
        assert_eq!(narrow("ERROR", more), None);
    }
}
