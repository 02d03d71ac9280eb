//! Space-delimited events: cut into fields, laid beside the entries of a pattern (spec, section 2.5).

use crate::ast::{Entry, Field, Test};
use crate::compare;
use crate::verdict::{Choices, Rule};

/// A field of a message: what counts of it, and where it begins with its delimiters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Word<'a> {
    text: &'a str,
    start: usize,
}

/// Whether every entry's conditions hold.
pub(crate) fn holds(entries: &[Entry], message: &str, choices: &mut Choices) -> bool {
    let words = words(message, choices);
    let Some(pairs) = align(entries, &words, message) else { return false };
    let has_rest = words.len() > pairs.len();
    if has_rest && has_runs(message) && choices.choose(Rule::BlankRuns) == 2 {
        return false;
    }
    pairs.iter().all(|(field, text)| field.is_none_or(|field| passes(field, text, choices)))
}

/// Whether a field's conditions hold: all of one alternative.
pub(crate) fn passes(field: &Field, text: &str, choices: &mut Choices) -> bool {
    let mut all = |tests: &Vec<Test>| tests.iter().all(|test| compare::field(test, text, choices));
    field.tests.is_empty() || field.tests.iter().any(&mut all)
}

/// The fields of a message beside their entries; `None` when there are too few.
pub(crate) fn fields<'a>(entries: &'a [Entry], message: &'a str) -> Option<Pairs<'a>> {
    align(entries, &words(message, &mut Choices::default()), message)
}

/// Name and text of each field, in order: the name of the entry, else `$` and the position from 1.
/// Empty when the message has too few fields.
pub(crate) fn extract(entries: &[Entry], message: &str) -> Vec<(String, String)> {
    let pairs = fields(entries, message).unwrap_or_default();
    let named = |(i, (field, text)): (usize, &(Option<&Field>, &str))| {
        let name = field.and_then(|f| f.name.clone()).unwrap_or_else(|| (i + 1).to_string());
        (format!("${name}"), (*text).to_owned())
    };
    pairs.iter().enumerate().map(named).collect()
}

pub(crate) type Pairs<'a> = Vec<(Option<&'a Field>, &'a str)>;

/// Each field of the message with its entry; `None` when there are too few. More than there are
/// entries: the last entry takes the rest of the line (rule S2).
fn align<'a>(entries: &'a [Entry], words: &[Word<'a>], message: &'a str) -> Option<Pairs<'a>> {
    let field = |entry: &'a Entry| if let Entry::Field(field) = entry { Some(field) } else { None };
    let Some(dots) = entries.iter().position(|entry| *entry == Entry::Ellipsis) else {
        return without_ellipsis(entries, words, message);
    };
    let (before, after) = (&entries[..dots], &entries[dots + 1..]);
    if words.len() < before.len() + after.len() {
        return None;
    }
    let tail = words.len() - after.len();
    let entry_of = |i: usize| match i {
        i if i < dots => field(&before[i]),
        i if i >= tail => field(&after[i - tail]),
        _ => None,
    };
    Some(words.iter().enumerate().map(|(i, word)| (entry_of(i), word.text)).collect())
}

fn without_ellipsis<'a>(entries: &'a [Entry], words: &[Word<'a>], message: &'a str) -> Option<Pairs<'a>> {
    if entries.is_empty() {
        return Some(words.iter().map(|word| (None, word.text)).collect());
    }
    if words.len() < entries.len() {
        return None;
    }
    let last = entries.len() - 1;
    let text = |i: usize| if i == last && words.len() > entries.len() { message[words[i].start..].trim_end() } else { words[i].text };
    let field = |entry: &'a Entry| if let Entry::Field(field) = entry { Some(field) } else { None };
    Some(entries.iter().enumerate().map(|(i, entry)| (field(entry), text(i))).collect())
}

/// Cuts at blanks; `"…"` and `[…]` are one field, without their delimiters.
fn words<'a>(message: &'a str, choices: &mut Choices) -> Vec<Word<'a>> {
    let keeps_empty = has_runs(message) && choices.choose(Rule::BlankRuns) > 0;
    let mut cutter = Cutter { message, next: [0; 2], separator: None };
    let mut words = Vec::new();
    let mut at = 0;
    while at < message.len() {
        let (text, end) = cutter.word(at, choices);
        if end > at || keeps_empty {
            words.push(Word { text, start: at });
        }
        let Some(next) = message[end..].chars().next() else { break };
        // Without a separator there, a delimiter has cut a word in two.
        at = if separates(next, choices) { end + next.len_utf8() } else { end };
        if at == message.len() && keeps_empty {
            words.push(Word { text: "", start: at });
        }
    }
    words
}

/// Blanks that stand together, or at the ends.
fn has_runs(message: &str) -> bool {
    message.starts_with(' ') || message.ends_with(' ') || message.contains("  ")
}

/// Signs that close a field.
const CLOSING: [u8; 2] = [b'"', b']'];

struct Cutter<'a> {
    message: &'a str,
    /// Where the next of each closing sign stands, the end of the message if there is none: looked up
    /// once and not for each word, so that time stays linear.
    next: [usize; 2],
    /// The same of the next separator.
    separator: Option<usize>,
}

impl<'a> Cutter<'a> {
    /// The text of the word here, and where it ends, delimiters included.
    fn word(&mut self, at: usize, choices: &mut Choices) -> (&'a str, usize) {
        let message = self.message;
        if let Some(sign) = opens(message.as_bytes()[at]) {
            match self.closing(sign, at + 1) {
                Some(close) if message[close + 1..].chars().next().is_none_or(char::is_whitespace) => {
                    return (&message[at + 1..close], close + 1);
                }
                Some(close) => match choices.choose(Rule::Quotes) {
                    0 => {}
                    1 => return (&message[at + 1..close], self.separator(close + 1, choices)),
                    _ => return (&message[at + 1..close], close + 1),
                },
                None if choices.choose(Rule::Quotes) > 0 => return (&message[at + 1..], message.len()),
                None => {}
            }
        }
        let end = self.separator(at, choices);
        let inside = message.as_bytes()[at..end].iter().enumerate().skip(1).find_map(|(i, byte)| Some((at + i, opens(*byte)?)));
        let Some((open, close)) = inside.and_then(|(open, sign)| Some((open, self.closing(sign, open + 1)?))) else {
            return (&message[at..end], end);
        };
        match choices.choose(Rule::Quotes) {
            1 if close >= end => {
                let end = self.separator(close + 1, choices);
                (&message[at..end], end)
            }
            2 => (&message[at..open], open),
            _ => (&message[at..end], end),
        }
    }

    /// The place of the separator at or behind `from`.
    fn separator(&mut self, from: usize, choices: &mut Choices) -> usize {
        match self.separator {
            Some(place) if place >= from => place,
            _ => *self.separator.insert(plain(self.message, from, choices)),
        }
    }

    /// The place of the closing sign at or behind `from`.
    fn closing(&mut self, sign: usize, from: usize) -> Option<usize> {
        if self.next[sign] < from {
            let found = memchr::memchr(CLOSING[sign], &self.message.as_bytes()[from..]);
            self.next[sign] = found.map_or(self.message.len(), |n| from + n);
        }
        Some(self.next[sign]).filter(|place| *place < self.message.len())
    }
}

/// The index in [`CLOSING`] of what closes a field that this byte opens.
fn opens(byte: u8) -> Option<usize> {
    match byte {
        b'"' => Some(0),
        b'[' => Some(1),
        _ => None,
    }
}

/// The place of the next separator.
fn plain(message: &str, at: usize, choices: &mut Choices) -> usize {
    message[at..].char_indices().find(|(_, c)| separates(*c, choices)).map_or(message.len(), |(i, _)| at + i)
}

fn separates(c: char, choices: &mut Choices) -> bool {
    c == ' ' || (c.is_whitespace() && choices.choose(Rule::OtherBlanks) == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_message() {
        for (message, expected) in [
            ("a b c", vec!["a", "b", "c"]),
            ("", vec![]),
            ("1 [x y] \"p q\" 2", vec!["1", "x y", "p q", "2"]),
            ("é [ü] 漢", vec!["é", "ü", "漢"]),
            ("  a  b ", vec!["a", "b"]),
            ("a\tb", vec!["a\tb"]),
            ("\"open end", vec!["\"open", "end"]),
            ("x=\"a b\" c", vec!["x=\"a", "b\"", "c"]),
            ("[a]b c", vec!["[a]b", "c"]),
        ] {
            let words = words(message, &mut Choices::default());
            assert_eq!(words.iter().map(|word| word.text).collect::<Vec<_>>(), expected, "{message}");
        }
    }

    #[test]
    fn quotes_and_blanks_are_read_in_every_way() {
        for (message, readings) in [
            ("\"a b", vec!["\"a|b", "a b"]),
            ("[a]b c", vec!["[a]b|c", "a|c", "a|b|c"]),
            ("[a][b]", vec!["[a][b]", "a", "a|b"]),
            ("x=\"a b\" c", vec!["x=\"a|b\"|c", "x=\"a b\"|c", "x=|a b|c"]),
            ("x=\"a\"", vec!["x=\"a\"", "x=|a"]),
            ("a\tb", vec!["a\tb", "a|b"]),
            ("a  b", vec!["a|b", "a||b"]),
            (" a", vec!["a", "|a"]),
        ] {
            let mut seen = Vec::new();
            let _ = crate::verdict::settle(|choices| {
                let text = words(message, choices).iter().map(|word| word.text).collect::<Vec<_>>().join("|");
                seen.push(text);
                true
            });
            seen.dedup();
            assert_eq!(seen, readings, "{message:?}");
        }
    }
}
