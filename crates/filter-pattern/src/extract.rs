//! What a filter takes out of a matching event: the metric's value, and its dimensions
//! (spec, section 3).

use crate::ast::{Body, Entry, Selector};
use crate::error::SyntaxError;
use crate::json::program::{Event, is_whole};
use crate::json::slots::Selectors;
use crate::json::value::Value;
use crate::number::{Number, is_number};
use crate::parse::selector;
use crate::pattern::Pattern;
use crate::verdict::Rule;

/// Where a value comes from: `1`, `$.requestParameters.size`, `$size`, `$7`.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// The same for every event.
    Constant(Number),
    /// A property of a JSON event.
    Property(Selector),
    /// A field of a space-delimited event, by name or by position from 1, with the `$`.
    Field(String),
}

/// What an event has for a [`Source`].
#[derive(Debug, Clone, PartialEq)]
pub enum Extracted {
    /// A number.
    Number(f64),
    /// A text. No source says whether CloudWatch takes the number of a JSON string of digits.
    Text(String),
    /// Nothing, null, or something that is neither number nor text.
    Missing,
    /// Several values, and AWS does not say which counts.
    Uncertain(Rule),
}

impl Source {
    /// Reads a `metricValue` or the value of a dimension.
    ///
    /// # Errors
    /// It is neither a number nor a selector nor a field.
    pub fn parse(text: &str) -> Result<Self, SyntaxError> {
        if let Some(number) = Number::parse(text) {
            return Ok(Self::Constant(number));
        }
        let is_field = |name: &str| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        match text.strip_prefix('$') {
            Some(rest) if rest.starts_with(['.', '[']) || rest.is_empty() => selector(text).map(Self::Property),
            Some(name) if is_field(name) => Ok(Self::Field(text.to_owned())),
            _ => {
                let error = SyntaxError::new("neither a number nor a selector nor a field", 0..text.len());
                Err(error.help("write `1`, `$.name` or, for a space-delimited pattern, `$field`"))
            }
        }
    }

    /// What an event that `pattern` matched has for it.
    #[must_use]
    pub fn extract(&self, pattern: &Pattern, message: &str) -> Extracted {
        match self {
            Self::Constant(number) => Extracted::Number(number.value()),
            Self::Property(selector) => property(selector, message),
            Self::Field(name) => field(name, pattern, message),
        }
    }
}

impl Pattern {
    /// Why events that the pattern matches never have it, if they do not: it is of another family, or
    /// the pattern names no such field.
    #[must_use]
    pub fn lacks(&self, source: &Source) -> Option<String> {
        match (source, self.body()) {
            (Source::Constant(_), _) | (Source::Property(_), Body::Json(_)) => None,
            (Source::Property(_), _) => Some("only JSON patterns have properties to select".to_owned()),
            (Source::Field(name), Body::SpaceDelimited(entries)) => {
                let named = |entry: &Entry| matches!(entry, Entry::Field(field) if field.name.as_deref() == Some(&name[1..]));
                let is_open = entries.is_empty() || entries.contains(&Entry::Ellipsis);
                let has_place = name[1..].parse::<usize>().is_ok_and(|place| place > 0 && (is_open || place <= entries.len()));
                (!has_place && !entries.iter().any(named)).then(|| format!("the pattern has no field `{name}`"))
            }
            (Source::Field(_), _) => Some("only space-delimited patterns have fields".to_owned()),
        }
    }
}

fn property(selector: &Selector, message: &str) -> Extracted {
    let mut selectors = Selectors::default();
    let slot = selectors.add(selector);
    let mut event = Event::default();
    if !event.read(&selectors, message, 0).is_ok_and(|end| is_whole(message, end)) {
        return Extracted::Missing;
    }
    if event.has_duplicates() {
        return Extracted::Uncertain(Rule::DuplicateName);
    }
    if event.found().values[slot].len() > 1 {
        return Extracted::Uncertain(Rule::WildcardSelector);
    }
    match event.found().values[slot].first().map(|raw| raw.value(message)) {
        Some(Value::Number(lexeme)) => lexeme.parse().map_or(Extracted::Missing, Extracted::Number),
        Some(Value::Text(text)) => Extracted::Text(text.into_owned()),
        _ => Extracted::Missing,
    }
}

fn field(name: &str, pattern: &Pattern, message: &str) -> Extracted {
    if !matches!(pattern.body(), Body::SpaceDelimited(_)) {
        return Extracted::Missing;
    }
    let fields = pattern.fields(message);
    let by_name = fields.iter().find(|(known, _)| known == name).map(|(_, text)| text);
    let by_position = || name[1..].parse::<usize>().ok().and_then(|n| fields.get(n.checked_sub(1)?)).map(|(_, text)| text);
    match by_name.or_else(by_position) {
        Some(text) if is_number(text) => text.parse().map_or(Extracted::Missing, Extracted::Number),
        Some(text) => Extracted::Text(text.clone()),
        None => Extracted::Missing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_events() {
        let log = "127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] \"GET /index.html HTTP/1.0\" 404 1534";
        for (source, pattern, message, expected) in [
            ("1", "ERROR", "x", Extracted::Number(1.0)),
            ("-2.5", "ERROR", "x", Extracted::Number(-2.5)),
            ("$.n.size", "{ $.a = 1 }", r#"{"n":{"size":7}}"#, Extracted::Number(7.0)),
            ("$.n", "{ $.a = 1 }", r#"{"n":"7"}"#, Extracted::Text("7".to_owned())),
            ("$.n", "{ $.a = 1 }", r#"{"n":null}"#, Extracted::Missing),
            ("$.x", "{ $.a = 1 }", "not JSON", Extracted::Missing),
            ("$.n", "{ $.a = 1 }", r#"{"n":1,"n":2}"#, Extracted::Uncertain(Rule::DuplicateName)),
            ("$.n[*]", "{ $.a = 1 }", r#"{"n":[1,2]}"#, Extracted::Uncertain(Rule::WildcardSelector)),
            ("$.n[*]", "{ $.a = 1 }", r#"{"n":[3]}"#, Extracted::Number(3.0)),
            ("$size", "[..., size]", log, Extracted::Number(1534.0)),
            ("$7", "[..., status_code = 4*,]", log, Extracted::Number(1534.0)),
            ("$3", "[]", log, Extracted::Text("frank".to_owned())),
            ("$0", "[]", log, Extracted::Missing),
            ("$8", "[]", log, Extracted::Missing),
        ] {
            let pattern = Pattern::parse(pattern).unwrap();
            assert_eq!(Source::parse(source).unwrap().extract(&pattern, message), expected, "{source} of {message}");
        }
        for wrong in ["", "x", "$", "$.", "$a b", "1x"] {
            assert!(Source::parse(wrong).is_err(), "{wrong}");
        }
    }
}
