//! Walks a pattern, telling plain text from quoted text and regular expressions.

use std::ops::Range;

/// A stretch of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Outside quotes and `%…%`.
    Plain(Range<usize>),
    /// `"…"`, the quotes included.
    Quoted(Range<usize>),
    /// `%…%`, the percent signs included.
    Regex(Range<usize>),
    /// A quote or percent sign that is never closed, to the end.
    Open(Range<usize>),
}

/// Cuts a pattern into pieces that follow each other without a gap.
pub(crate) fn pieces(pattern: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut plain = 0;
    let mut at = 0;
    let bytes = pattern.as_bytes();
    while at < bytes.len() {
        let delimiter = bytes[at];
        if delimiter != b'"' && delimiter != b'%' {
            at += 1;
            continue;
        }
        if plain < at {
            out.push(Piece::Plain(plain..at));
        }
        let Some(end) = closing(bytes, at) else {
            out.push(Piece::Open(at..bytes.len()));
            return out;
        };
        out.push(if delimiter == b'"' { Piece::Quoted(at..end) } else { Piece::Regex(at..end) });
        at = end;
        plain = end;
    }
    if plain < bytes.len() {
        out.push(Piece::Plain(plain..bytes.len()));
    }
    out
}

/// The offset after the delimiter that closes the one at `start`; a backslash escapes.
fn closing(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b if b == bytes[start] => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_and_regexes_are_told_from_plain_text() {
        assert_eq!(
            pieces(r#"{ $.a = "x\"%" || $.b = %^y% }"#),
            [Piece::Plain(0..8), Piece::Quoted(8..14), Piece::Plain(14..24), Piece::Regex(24..28), Piece::Plain(28..30)]
        );
        assert_eq!(pieces("a \"b"), [Piece::Plain(0..2), Piece::Open(2..4)]);
        assert_eq!(pieces(""), []);
    }
}
