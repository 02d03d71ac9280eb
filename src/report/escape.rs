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

fn is_hostile(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
