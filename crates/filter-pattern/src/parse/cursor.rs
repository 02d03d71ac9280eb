//! A place in a pattern, and what all families do there.

use std::ops::Range;

use crate::error::SyntaxError;

/// Walks a pattern. Offsets are those of the whole text, also where only a part of it is walked.
pub(super) struct Cursor<'a> {
    text: &'a str,
    base: usize,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// `base` is the offset of `text` in the whole pattern.
    pub(super) fn new(text: &'a str, base: usize) -> Self {
        Self { text, base, at: 0 }
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// The offset in the whole pattern.
    pub(super) fn offset(&self) -> usize {
        self.base + self.at
    }

    /// From an offset to here.
    pub(super) fn since(&self, start: usize) -> Range<usize> {
        start..self.offset()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    pub(super) fn blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    /// Takes a token if it stands here.
    pub(super) fn take(&mut self, token: &str) -> bool {
        let taken = self.rest().starts_with(token);
        if taken {
            self.at += token.len();
        }
        taken
    }

    /// Takes as many characters as fit.
    pub(super) fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Takes one character.
    pub(super) fn skip(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }

    /// The character here, or a place at the end.
    pub(super) fn here(&self) -> Range<usize> {
        self.offset()..self.offset() + self.peek().map_or(0, char::len_utf8)
    }

    /// What stands here, for a message: a word, a sign, or the end.
    pub(super) fn found(&self) -> String {
        let rest = self.rest();
        let word = rest.find(|c: char| c.is_whitespace() || "()&|=!<>{}[],".contains(c)).unwrap_or(rest.len());
        match (rest.chars().next(), word) {
            (None, _) => "the end of the pattern".to_owned(),
            (Some(c), 0) => format!("`{c}`"),
            (_, n) => format!("`{}`", rest[..n].chars().take(40).collect::<String>()),
        }
    }

    pub(super) fn error(&self, message: impl Into<String>, help: impl Into<String>) -> SyntaxError {
        SyntaxError::new(message, self.here()).help(help)
    }

    /// `"…"` from the opening quote on; `\"` and `\\` are the only escapes.
    pub(super) fn quoted(&mut self) -> Result<String, SyntaxError> {
        let start = self.offset();
        self.skip();
        let mut out = String::new();
        let mut wrong = None;
        while let Some(c) = self.peek() {
            let at = self.offset();
            self.skip();
            match c {
                '"' => return wrong.map_or(Ok(out), Err),
                '\\' => match self.peek() {
                    Some(escaped @ ('"' | '\\')) => {
                        self.skip();
                        out.push(escaped);
                    }
                    _ => {
                        let error = SyntaxError::new("a backslash escapes only `\"` and `\\`", at..at + 1);
                        wrong.get_or_insert(error.help("write `\\\\` for the backslash itself"));
                    }
                },
                c => out.push(c),
            }
        }
        Err(SyntaxError::new("this quote is never closed", start..start + 1).help("close it, or write `\\\"` for a quote inside"))
    }

    /// `%…%` from the opening percent sign on: the text between, and its offset.
    pub(super) fn percent(&mut self) -> Result<(&'a str, usize), SyntaxError> {
        let start = self.offset();
        self.skip();
        let Some(length) = self.rest().find('%') else {
            let error = SyntaxError::new("this `%` of a regular expression is never closed", start..start + 1);
            self.at = self.text.len();
            return Err(error.help("close it with a second `%`; a percent sign inside is written `\\x25`"));
        };
        let inside = &self.rest()[..length];
        self.at += length + 1;
        Ok((inside, start + 1))
    }
}
