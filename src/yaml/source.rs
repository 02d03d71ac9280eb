//! A file and a place in it.

use std::ops::Range;
use std::sync::Arc;

/// A text that was read, with the name people know it by.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as the user may type it, or `embedded:` and the path in the binary.
    pub name: String,
    pub text: String,
}

/// A byte range of a [`Source`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub source: Arc<Source>,
    pub range: Range<usize>,
}

impl Span {
    /// The start of a file: for what is said of the file as a whole.
    pub fn start_of(source: &Arc<Source>) -> Self {
        Self { source: Arc::clone(source), range: 0..0 }
    }

    /// The empty place right behind it.
    #[must_use]
    pub fn end(&self) -> Self {
        Self { source: Arc::clone(&self.source), range: self.range.end..self.range.end }
    }

    /// Line and column, both from 1; the column counts characters.
    pub fn line_column(&self) -> (usize, usize) {
        let before = &self.source.text[..self.range.start.min(self.source.text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line, column)
    }
}
