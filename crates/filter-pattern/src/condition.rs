//! Writes JSON patterns from conditions.

use std::fmt;

use crate::display::quote;
use crate::parse::MAX_LENGTH;
use crate::pattern::Pattern;

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

    /// The same in the fewest characters: without blanks, and without brackets around single conditions.
    pub fn to_short_pattern(&self) -> String {
        let text = format!("{self:#}");
        let inner = if matches!(self, Self::All(_) | Self::Any(_)) { &text[1..text.len() - 1] } else { &text };
        format!("{{{inner}}}")
    }
}

/// Text of the pattern language in the fewest characters, in brackets when it needs them beside others.
fn short(text: &str) -> String {
    let Ok(pattern) = Pattern::parse(&format!("{{{text}}}")) else { return format!("({text})") };
    let short = format!("{:#}", pattern.body());
    let inner = short.trim_start_matches('{').trim_end_matches('}');
    if pattern.clauses().len() > 1 { format!("({inner})") } else { inner.to_owned() }
}

/// With `{:#}` in the fewest characters.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if f.alternate() {
            let (conditions, operator) = match self {
                Self::Equals(selector, value) => return write!(f, "{selector}={}", quote(value)),
                Self::Differs(selector, value) => return write!(f, "{selector}!={}", quote(value)),
                Self::Missing(selector) => return write!(f, "{selector} NOT EXISTS"),
                Self::Raw(text) => return f.write_str(&short(text)),
                Self::All(conditions) => (conditions, "&&"),
                Self::Any(conditions) => (conditions, "||"),
            };
            let parts: Vec<String> = conditions.iter().map(|condition| format!("{condition:#}")).collect();
            return write!(f, "({})", parts.join(operator));
        }
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
    let all = Condition::All(all);
    let text = all.to_pattern();
    // What is added has no place in the file, so nobody misses its blanks.
    Some(if text.chars().count() <= MAX_LENGTH { text } else { all.to_short_pattern() })
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
    fn the_short_form_means_the_same() {
        let excuse = Condition::any([Condition::missing("$.x"), Condition::differs("$.x", "a\"b*")]);
        let raw = Condition::Raw("($.b = 1) || ($.c = \"y\")".to_owned());
        let all = Condition::all([Condition::equals("$.a", "x"), Condition::Raw("$.d IS NULL".to_owned()), raw, excuse]);
        let short = all.to_short_pattern();
        assert_eq!(short, r#"{$.a="x"&&$.d IS NULL&&($.b=1||$.c=y)&&($.x NOT EXISTS||$.x!="a\"b*")}"#);
        assert_eq!(Pattern::parse(&short).unwrap(), Pattern::parse(&all.to_pattern()).unwrap());
    }

    #[test]
    fn narrowing_keeps_the_whole_pattern_together() {
        let more = vec![Condition::missing("$.c")];
        assert_eq!(narrow("{ $.a = 1 || $.b = 2 }", more.clone()).unwrap(), "{ ($.a = 1 || $.b = 2) && ($.c NOT EXISTS) }");
        assert_eq!(narrow("ERROR", more), None);
    }
}
