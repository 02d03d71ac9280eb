//! From a place in the text of a scalar to the place in the file, whatever the scalar's style.
//!
//! Folding, indentation and the preparation of a pattern only change white space, so characters
//! are counted without it. Where the text is not the file's (`${…}` was put in), there is none.

use std::ops::Range;

use super::{Node, Span, Value};

impl Node {
    /// The place of `range` of `text`, if that is what the scalar at a dotted path says.
    pub fn inside(&self, path: &str, text: &str, range: Range<usize>) -> Option<Span> {
        let Some(Self { value: Value::Scalar { .. }, span }) = self.find(path) else { return None };
        let wanted = text.chars().filter(|c| !c.is_whitespace());
        let before = |end: usize| text[..end].chars().filter(|c| !c.is_whitespace()).count();
        let (first, last) = (before(range.start), before(range.end).max(before(range.start) + 1) - 1);
        let mut place: Option<Range<usize>> = None;
        for (i, (wanted, (offset, length, c))) in wanted.zip(Characters::new(&span.source.text[span.range.clone()])).enumerate() {
            if wanted != c {
                return None;
            }
            let at = span.range.start + offset..span.range.start + offset + length;
            if i == first {
                place = Some(at);
            } else if let Some(place) = place.as_mut().filter(|_| i <= last) {
                place.end = at.end;
            }
            if i >= last {
                break;
            }
        }
        // Behind the last character: an empty place right after it.
        let end = span.range.end;
        Some(Span { source: span.source.clone(), range: place.unwrap_or(end..end) })
    }
}

/// The characters that a scalar means, without white space: offset and length in the file, and the character.
struct Characters<'a> {
    text: &'a str,
    at: usize,
    style: Style,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Plain,
    Single,
    Double,
}

impl<'a> Characters<'a> {
    fn new(text: &'a str) -> Self {
        match text.as_bytes().first() {
            Some(b'"') => Self { text, at: 1, style: Style::Double },
            Some(b'\'') => Self { text, at: 1, style: Style::Single },
            // A block scalar begins on the line after its header.
            Some(b'|' | b'>') => Self { text, at: text.find('\n').unwrap_or(text.len()), style: Style::Plain },
            _ => Self { text, at: 0, style: Style::Plain },
        }
    }

    /// What a backslash in double quotes means, and its length.
    fn escape(&self) -> (char, usize) {
        let rest = &self.text[self.at + 1..];
        let code = rest.chars().next().unwrap_or('\\');
        let digits = match code {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        if digits > 0 {
            let number = rest.get(1..=digits).and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
            return (number.unwrap_or(char::REPLACEMENT_CHARACTER), 2 + digits);
        }
        let meaning = if "ntr \n0abefvNLP_".contains(code) { ' ' } else { code };
        (meaning, 1 + code.len_utf8())
    }
}

impl Iterator for Characters<'_> {
    type Item = (usize, usize, char);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let c = self.text[self.at..].chars().next()?;
            let (meaning, length) = match (self.style, c) {
                (Style::Double, '\\') => self.escape(),
                (Style::Single, '\'') => ('\'', 2),
                _ => (c, c.len_utf8()),
            };
            let offset = self.at;
            self.at = (self.at + length).min(self.text.len());
            if !meaning.is_whitespace() {
                return Some((offset, self.at - offset, meaning));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::yaml::Source;

    #[test]
    fn a_place_in_a_scalar_is_found_in_every_style() {
        let pattern = "{ ($.a = \"é\") && ($.b == 'x\\y') }";
        for written in [
            "key: '{ ($.a = \"é\") && ($.b == ''x\\y'') }'",
            "key: \"{ ($.a = \\\"é\\\") && ($.b == 'x\\\\y') }\"",
            "key: |\n  { ($.a = \"é\") &&\n    ($.b == 'x\\y') }\n",
            "key: >-\n  { ($.a = \"é\")\n  && ($.b == 'x\\y') }\n",
            "key: \"{ ($.a = \\\"\\u00e9\\\") \\\n  && ($.b == 'x\\\\y') }\"",
        ] {
            let tree = Node::parse(&Arc::new(Source { name: "x.yaml".to_owned(), text: written.to_owned() })).unwrap();
            let at = pattern.find("==").unwrap();
            let span = tree.inside("key", pattern, at..at + 2).unwrap();
            assert_eq!(&written[span.range], "==", "{written}");
            let value = tree.inside("key", pattern, pattern.find("'x").unwrap()..pattern.find(") }").unwrap()).unwrap();
            assert!(written[value.range.clone()].starts_with('\'') && written[value.range].ends_with('\''), "{written}");
        }
    }

    #[test]
    fn text_that_is_not_the_files_has_no_place() {
        let text = "key: '{ $.a = \"${x}\" }'";
        let tree = Node::parse(&Arc::new(Source { name: "x.yaml".to_owned(), text: text.to_owned() })).unwrap();
        assert_eq!(tree.inside("key", "{ $.a = \"value\" }", 15..16), None);
    }
}
