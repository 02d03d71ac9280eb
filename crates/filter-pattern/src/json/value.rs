//! A value of an event, as comparisons see it.

use std::borrow::Cow;

use super::scan::{Kind, Scanner};

/// A value that a selector named.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Bool(bool),
    /// As it is written.
    Number(&'a str),
    /// With its escapes decoded.
    Text(Cow<'a, str>),
    Object,
    /// As it is written, brackets included.
    Array(&'a str),
}

/// Where a value stands in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Raw {
    pub(crate) kind: Kind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Raw {
    pub(crate) fn value(self, message: &str) -> Value<'_> {
        let text = &message[self.start..self.end];
        match self.kind {
            Kind::Null => Value::Null,
            Kind::True => Value::Bool(true),
            Kind::False => Value::Bool(false),
            Kind::Number => Value::Number(text),
            Kind::Text { escaped } => Value::Text(unescape(&text[1..text.len() - 1], escaped)),
            Kind::Object => Value::Object,
            Kind::Array => Value::Array(text),
        }
    }
}

/// The meaning of what stands between the quotes of a JSON string. Half a surrogate pair becomes U+FFFD.
pub(crate) fn unescape(text: &str, escaped: bool) -> Cow<'_, str> {
    if !escaped {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let code = rest.as_bytes().get(at + 1).copied().unwrap_or(b'\\');
        rest = rest.get(at + 2..).unwrap_or_default();
        match code {
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'n' => out.push('\n'),
            b'r' => out.push('\r'),
            b't' => out.push('\t'),
            b'u' => rest = unicode(rest, &mut out),
            other => out.push(char::from(other)),
        }
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Decodes behind `\u`, and returns what follows.
fn unicode<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let unit = |text: &str| text.get(..4).and_then(|hex| u16::from_str_radix(hex, 16).ok());
    let Some(first) = unit(rest) else { return rest };
    let after = &rest[4..];
    let second = after.strip_prefix("\\u").and_then(unit).filter(|low| (0xdc00..0xe000).contains(low));
    let is_high = (0xd800..0xdc00).contains(&first);
    let (pair, after) = match second {
        Some(low) if is_high => ([first, low], &after[6..]),
        _ => ([first, 0], after),
    };
    let length = if pair[1] == 0 { 1 } else { 2 };
    out.extend(char::decode_utf16(pair[..length].iter().copied()).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)));
    after
}

/// Whether an array, as it is written, has an element that is null.
pub(crate) fn holds_null(array: &str) -> bool {
    let mut scanner = Scanner::new(array, 1);
    loop {
        scanner.blanks();
        match scanner.skip() {
            Ok(Kind::Null) => return true,
            Ok(_) if scanner.take(b',') => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded() {
        for (raw, meaning) in [
            ("x", "x"),
            (r"x\/y\n", "x/y\n"),
            (r"\u00e9", "é"),
            (r"\ud83d\ude00!", "😀!"),
            (r"\ud83d!", "\u{fffd}!"),
            (r"\ude00", "\u{fffd}"),
            (r"\ud83d\u0041", "\u{fffd}A"),
            (r#"\\\""#, "\\\""),
        ] {
            assert_eq!(unescape(raw, raw.contains('\\')), meaning, "{raw}");
        }
    }

    #[test]
    fn a_null_among_the_elements() {
        for (array, found) in [("[]", false), ("[ null ]", true), ("[1, null]", true), ("[[null]]", false), ("[\"null\"]", false)] {
            assert_eq!(holds_null(array), found, "{array}");
        }
    }
}
