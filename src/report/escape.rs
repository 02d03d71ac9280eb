//! Names, patterns and events come from outside: a terminal must not obey them.

use std::borrow::Cow;

/// Makes control characters (escape sequences among them) and direction marks visible; line breaks stay.
pub fn escape(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hostile) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_hostile(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

/// The same text with something harmless of the same length in bytes in the place of each hostile
/// character, so that offsets into it stay right. Tabs and line ends stay.
pub(super) fn harmless(text: &str) -> Cow<'_, str> {
    let keeps = |c: char| matches!(c, '\t' | '\r') || !is_hostile(c);
    if text.chars().all(keeps) {
        return Cow::Borrowed(text);
    }
    let stand_in = |c: char| match c.len_utf8() {
        _ if keeps(c) => c,
        1 => '?',
        2 => '¿',
        _ => '\u{fffd}',
    };
    Cow::Owned(text.chars().map(stand_in).collect())
}

/// As [`escape`], for what must stay on its line.
pub(super) fn escape_line(text: &str) -> Cow<'_, str> {
    let escaped = escape(text);
    if escaped.contains('\n') { Cow::Owned(escaped.replace('\n', "\\u{a}")) } else { escaped }
}

/// Whether a character can drive a terminal, or turn the direction of what follows.
pub(super) fn is_hostile(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_not_driven_by_text() {
        for (hostile, shown) in [
            ("plain é 漢\n", "plain é 漢\n"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\rb\tc\u{7}", "a\\u{d}b\\u{9}c\\u{7}"),
            ("\u{202e}abc", "\\u{202e}abc"),
            ("\u{9b}31m", "\\u{9b}31m"),
        ] {
            assert_eq!(escape(hostile), shown);
        }
    }
}
