//! The outer form of a pattern: its family, its length, and whether all that opens also closes.

use std::fmt;
use std::ops::Range;

use crate::scan::{Piece, pieces};

/// Characters a pattern may have (PutMetricFilter, `filterPattern`).
pub const MAX_LENGTH: usize = 1024;

/// Regular expressions a pattern may have (CloudWatch Logs user guide, regex syntax).
pub const MAX_REGEXES: usize = 2;

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

/// What [`check`] found out about a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Outline {
    /// The language it is written in.
    pub family: Family,
    /// How many regular expressions it holds.
    pub regexes: usize,
}

/// Why AWS would refuse the pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    message: String,
    /// The bytes of the pattern it is about.
    pub span: Range<usize>,
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SyntaxError {}

fn error<T>(message: impl Into<String>, span: Range<usize>) -> Result<T, SyntaxError> {
    Err(SyntaxError { message: message.into(), span })
}

/// Checks a prepared pattern (see [`crate::prepare`]) from the outside.
///
/// # Errors
/// It is too long, something that opens never closes, or it has too many regular expressions.
pub fn check(pattern: &str) -> Result<Outline, SyntaxError> {
    let length = pattern.chars().count();
    if length > MAX_LENGTH {
        let start = pattern.char_indices().nth(MAX_LENGTH).map_or(pattern.len(), |(i, _)| i);
        return error(format!("the pattern has {length} characters, {MAX_LENGTH} are allowed"), start..pattern.len());
    }
    let family = match pattern.trim().as_bytes() {
        [] | [b'"', b'"'] => Family::All,
        [b'{', ..] => Family::Json,
        [b'[', ..] => Family::SpaceDelimited,
        _ => Family::Terms,
    };
    let parts = pieces(pattern);
    if let Some(Piece::Open(range)) = parts.last() {
        let what = if pattern[range.start..].starts_with('"') { "quote" } else { "`%` of a regular expression" };
        return error(format!("this {what} is never closed"), range.start..range.start + 1);
    }
    match family {
        Family::Json => brackets(pattern, &parts, '{', '}')?,
        Family::SpaceDelimited => brackets(pattern, &parts, '[', ']')?,
        Family::Terms | Family::All => {}
    }
    let regexes: Vec<_> = parts.iter().filter(|p| matches!(p, Piece::Regex(_))).collect();
    if let Some(Piece::Regex(range)) = regexes.get(MAX_REGEXES) {
        return error(format!("a pattern may hold {MAX_REGEXES} regular expressions"), range.clone());
    }
    Ok(Outline { family, regexes: regexes.len() })
}

/// The outer pair must close at the very end, and the round ones inside must pair up.
fn brackets(pattern: &str, parts: &[Piece], open: char, close: char) -> Result<(), SyntaxError> {
    let mut round = Vec::new();
    let mut closed = None;
    for piece in parts {
        let Piece::Plain(range) = piece else { continue };
        for (i, c) in pattern[range.clone()].char_indices() {
            let at = range.start + i;
            if let Some(end) = closed.filter(|_| !c.is_whitespace()) {
                return error(format!("nothing may follow the closing `{close}`"), end + 1..pattern.len());
            }
            match c {
                '(' if open == '{' => round.push(at),
                ')' if open == '{' && round.pop().is_none() => return error("this `)` closes nothing", at..at + 1),
                c if c == close && (open == '{' || at + 1 == pattern.trim_end().len()) => closed = Some(at),
                _ => {}
            }
        }
    }
    if let Some(at) = round.last() {
        return error("this `(` is never closed", *at..*at + 1);
    }
    match closed {
        Some(end) if pattern[end + 1..].trim().is_empty() => Ok(()),
        Some(end) => error(format!("nothing may follow the closing `{close}`"), end + 1..pattern.len()),
        None => error(format!("this `{open}` is never closed"), 0..1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families() {
        for (pattern, family) in [
            ("", Family::All),
            (" ", Family::All),
            ("\"\"", Family::All),
            ("ERROR -\"not this\"", Family::Terms),
            ("{ $.a = \"}\" }", Family::Json),
            ("[ip, ..., status=4*]", Family::SpaceDelimited),
            ("[w = %[0-9]+%, x]", Family::SpaceDelimited),
        ] {
            assert_eq!(check(pattern).map(|o| o.family), Ok(family), "{pattern}");
        }
    }

    #[test]
    fn errors_say_what_and_where() {
        for (pattern, message, span) in [
            ("{ $.a = \"x }", "this quote is never closed", 8..9),
            ("{ $.a = %x }", "this `%` of a regular expression is never closed", 8..9),
            ("{ ($.a = 1 }", "this `(` is never closed", 2..3),
            ("{ $.a = 1) }", "this `)` closes nothing", 9..10),
            ("{ $.a = 1", "this `{` is never closed", 0..1),
            ("{ $.a = 1 } x", "nothing may follow the closing `}`", 11..13),
            ("[a, b", "this `[` is never closed", 0..1),
            ("{ $.a = %a% || $.b = %b% || $.c = %c% }", "a pattern may hold 2 regular expressions", 34..37),
        ] {
            let error = check(pattern).unwrap_err();
            assert_eq!((error.to_string().as_str(), error.span), (message, span), "{pattern}");
        }
        let long = format!("{{ $.a = \"{}\" }}", "x".repeat(1020));
        assert_eq!(check(&long).unwrap_err().to_string(), "the pattern has 1032 characters, 1024 are allowed");
    }
}
