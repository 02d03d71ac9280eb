//! The records of a text: one JSON value after the other, on lines or not, in `{"Records": […]}`
//! or in an array.

use std::borrow::Cow;
use std::ops::Range;

use filter_pattern::{Malformed, json_end};
use memchr::memmem;

use super::{Part, trouble};
use crate::finding::Finding;

/// More troubles of one file are counted, not told.
const MOST_TROUBLES: usize = 10;

/// What is done with records.
pub trait Visitor {
    /// Reads the JSON value that begins at `start`, and returns where it ends.
    ///
    /// # Errors
    /// It is malformed.
    fn read(&mut self, text: &str, start: usize) -> Result<usize, Malformed>;

    /// Takes the record that was read last.
    fn record(&mut self, text: &str, start: usize, end: usize);
}

/// Keeps the texts of all records.
#[derive(Debug, Default)]
pub struct Texts(pub Vec<String>);

impl Visitor for Texts {
    fn read(&mut self, text: &str, start: usize) -> Result<usize, Malformed> {
        json_end(text, start)
    }

    fn record(&mut self, text: &str, start: usize, end: usize) {
        self.0.push(text[start..end].to_owned());
    }
}

/// Visits all records of a file. What is malformed is told, and the next record is looked for.
pub fn visit(part: Part<'_>, visitor: &mut impl Visitor) -> Vec<Finding> {
    let (text, broken) = match std::str::from_utf8(part.bytes) {
        Ok(text) => (Cow::Borrowed(text), Vec::new()),
        Err(_) => mend(part.bytes.to_vec()),
    };
    let mut walk = Walk {
        name: part.name,
        text: &text,
        broken,
        at: 0,
        troubles: Vec::new(),
        hidden: 0,
        is_cut: part.is_cut,
        first_line: part.first_line,
        has_lists: memmem::find(text.as_bytes(), RECORDS.as_bytes()).is_some(),
    };
    walk.run(visitor);
    let Walk { mut troubles, hidden, .. } = walk;
    if hidden > 0 {
        troubles.push(trouble(part.name, format!("{hidden} more places like these")).help("nothing of them was read"));
    }
    troubles
}

/// The key of the list in what CloudTrail delivers.
const RECORDS: &str = "\"Records\"";

/// A list that was given up, which was told.
const TOLD: Malformed = Malformed { offset: usize::MAX, expected: "" };

/// A question mark in the place of each byte that is not UTF-8, and where they are, in order.
fn mend(mut bytes: Vec<u8>) -> (Cow<'static, str>, Vec<Range<usize>>) {
    let mut broken: Vec<Range<usize>> = Vec::new();
    let mut at = 0;
    while let Err(error) = std::str::from_utf8(&bytes[at..]) {
        let start = at + error.valid_up_to();
        let end = start + error.error_len().unwrap_or(bytes.len() - start);
        bytes[start..end].fill(b'?');
        match broken.last_mut().filter(|last| last.end == start) {
            Some(last) => last.end = end,
            None => broken.push(start..end),
        }
        at = end;
    }
    (Cow::Owned(String::from_utf8(bytes).unwrap_or_default()), broken)
}

struct Walk<'a> {
    name: &'a str,
    text: &'a str,
    /// What was not UTF-8.
    broken: Vec<Range<usize>>,
    at: usize,
    troubles: Vec<Finding>,
    hidden: usize,
    is_cut: bool,
    first_line: usize,
    /// Whether the text says `"Records"` anywhere.
    has_lists: bool,
}

impl Walk<'_> {
    fn run(&mut self, visitor: &mut impl Visitor) {
        self.at = if self.text.starts_with('\u{feff}') { 3 } else { 0 };
        loop {
            self.blanks();
            let start = self.at;
            if start >= self.text.len() {
                return;
            }
            let result = match self.text.as_bytes()[start] {
                b'[' => self.array(visitor),
                b'{' if self.has_lists && self.is_envelope() => self.envelope(visitor),
                _ => self.one(visitor),
            };
            if let Err(malformed) = result {
                self.malformed(start, &malformed);
                self.at = self.next_line(self.restart(start, &malformed)).unwrap_or(self.text.len());
            }
        }
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at = self.text.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    fn one(&mut self, visitor: &mut impl Visitor) -> Result<(), Malformed> {
        let start = self.at;
        self.at = visitor.read(self.text, start)?;
        let next = self.broken.partition_point(|range| range.end <= start);
        match self.broken.get(next).filter(|range| range.start < self.at) {
            Some(range) => self.tell(range.start, "this is not UTF-8", "the record was left out"),
            None => visitor.record(self.text, start, self.at),
        }
        Ok(())
    }

    /// Whether the object here has `"Records": [` among its own keys.
    fn is_envelope(&self) -> bool {
        let mut probe = Walk { broken: Vec::new(), troubles: Vec::new(), ..*self };
        let mut found = false;
        // An object that is malformed before the key is no envelope.
        let _ = probe.members(|probe, is_list| {
            found |= is_list;
            if found { Err(TOLD) } else { probe.skip() }
        });
        found
    }

    /// The members of the object here: `each` reads the value, told whether it is the list of records.
    fn members(&mut self, mut each: impl FnMut(&mut Self, bool) -> Result<(), Malformed>) -> Result<(), Malformed> {
        self.at += 1;
        self.blanks();
        if self.take('}') {
            return Ok(());
        }
        loop {
            self.blanks();
            let key = self.at;
            if !self.text[key..].starts_with('"') {
                return Err(Malformed { offset: key, expected: "a string" });
            }
            self.skip()?;
            let is_records = self.text[key..self.at] == *RECORDS;
            self.blanks();
            self.demand(':', "`:`")?;
            self.blanks();
            each(self, is_records && self.text[self.at..].starts_with('['))?;
            self.blanks();
            if self.take('}') {
                return Ok(());
            }
            self.demand(',', "`,` or `}`")?;
        }
    }

    /// What CloudTrail delivers: whatever stands beside the records is read past.
    fn envelope(&mut self, visitor: &mut impl Visitor) -> Result<(), Malformed> {
        self.members(|walk, is_list| if is_list { walk.array(visitor) } else { walk.skip() })
    }

    /// Reads past a value.
    fn skip(&mut self) -> Result<(), Malformed> {
        self.at = json_end(self.text, self.at)?;
        Ok(())
    }

    /// The elements of the array here. After a malformed one, the next is looked for.
    fn array(&mut self, visitor: &mut impl Visitor) -> Result<(), Malformed> {
        self.at += 1;
        self.blanks();
        if self.take(']') {
            return Ok(());
        }
        loop {
            self.blanks();
            let start = self.at;
            let element = self.one(visitor).and_then(|()| {
                self.blanks();
                if self.take(']') { Ok(true) } else { self.demand(',', "`,` or `]`").map(|()| false) }
            });
            match element {
                Ok(true) => return Ok(()),
                Ok(false) => {}
                Err(malformed) => {
                    self.malformed(start, &malformed);
                    let Some(next) = self.next_element(self.restart(start, &malformed)) else {
                        self.at = self.text.len();
                        return Err(TOLD);
                    };
                    self.at = next;
                }
            }
        }
    }

    fn take(&mut self, c: char) -> bool {
        let taken = self.text[self.at..].starts_with(c);
        self.at += if taken { c.len_utf8() } else { 0 };
        taken
    }

    fn demand(&mut self, c: char, expected: &'static str) -> Result<(), Malformed> {
        if self.take(c) { Ok(()) } else { Err(Malformed { offset: self.at, expected }) }
    }

    fn malformed(&mut self, start: usize, malformed: &Malformed) {
        let is_end = malformed.offset >= self.text.trim_end().len();
        if *malformed == TOLD || (is_end && self.is_cut) {
            return;
        }
        let (begins, ends) = (self.line(start), self.line(malformed.offset));
        let since = if begins == ends { String::new() } else { format!(", in what begins on line {begins}") };
        let message = format!("this is not JSON, expected {}{since}", malformed.expected);
        self.tell(malformed.offset, &message, "only JSON events are read; what stands here was left out");
    }

    /// From where the next record is looked for: a broken one may have run into it. But not over and
    /// over, so that time stays linear.
    fn restart(&self, start: usize, malformed: &Malformed) -> usize {
        let is_flood = self.troubles.len() >= MOST_TROUBLES;
        self.text.floor_char_boundary(if is_flood { start.max(malformed.offset).max(self.at) } else { start.max(self.at) })
    }

    /// A later line that begins like a record.
    fn next_line(&self, from: usize) -> Option<usize> {
        memmem::find(&self.text.as_bytes()[from..], b"\n{").map(|n| from + n + 1)
    }

    /// A later element of a list: on a line of its own, or as CloudTrail begins its records.
    fn next_element(&self, from: usize) -> Option<usize> {
        let rest = &self.text.as_bytes()[(from + 1).min(self.text.len())..];
        let record = memmem::find(rest, b"{\"eventVersion\"");
        let line = memchr::memchr_iter(b'\n', rest).find_map(|n| {
            let blanks = rest[n..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            (rest.get(n + blanks) == Some(&b'{')).then_some(n + blanks)
        });
        [record, line].into_iter().flatten().min().map(|n| from + 1 + n)
    }

    fn line(&self, offset: usize) -> usize {
        memchr::memchr_iter(b'\n', &self.text.as_bytes()[..offset.min(self.text.len())]).count() + self.first_line
    }

    fn tell(&mut self, offset: usize, message: &str, help: &str) {
        if self.troubles.len() >= MOST_TROUBLES {
            self.hidden += 1;
            return;
        }
        let before = &self.text[..self.text.floor_char_boundary(offset)];
        let (line, column) = (self.line(offset), before.len() - before.rfind('\n').map_or(0, |n| n + 1) + 1);
        self.troubles.push(trouble(&format!("{}:{line}:{column}", self.name), message).help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(bytes: &[u8], is_cut: bool) -> (String, Vec<String>) {
        let mut texts = Texts::default();
        let troubles = visit(Part { name: "f", bytes, is_cut, is_checked: false, first_line: 1 }, &mut texts);
        (texts.0.join(" "), troubles.into_iter().map(|t| t.message).collect())
    }

    #[test]
    fn records_of_every_kind_of_file() {
        for (text, expected) in [
            ("{\"a\":1}\n{\"a\":2}\n", "{\"a\":1} {\"a\":2}"),
            ("{\"a\":1}{\"a\":2}", "{\"a\":1} {\"a\":2}"),
            ("{\n \"a\": 1\n}", "{\n \"a\": 1\n}"),
            ("\u{feff}{\"Records\":[{\"a\":1}, {\"a\":2}]}", "{\"a\":1} {\"a\":2}"),
            ("{ \"Records\" : [ ] , \"x\": [1] }\n{\"b\":1}", "{\"b\":1}"),
            ("{\"x\":{\"Records\":[1]},\"Records\":[{\"a\":1}],\"Records\":[{\"a\":2}]}", "{\"a\":1} {\"a\":2}"),
            ("{\"x\":{\"Records\":[1]}}", "{\"x\":{\"Records\":[1]}}"),
            ("{\"Records\":1}", "{\"Records\":1}"),
            ("[{\"a\":1},\n{\"a\":2}]", "{\"a\":1} {\"a\":2}"),
            ("[]{}", "{}"),
            ("", ""),
            ("\r\n", ""),
        ] {
            assert_eq!(records(text.as_bytes(), false), (expected.to_owned(), vec![]), "{text}");
        }
    }

    #[test]
    fn what_is_malformed_is_told_with_its_place_and_the_rest_goes_on() {
        for (bytes, expected, troubles) in [
            (&b"{\"a\":1}\n{\"a\":}\n{\"a\":3}\n"[..], "{\"a\":1} {\"a\":3}", vec!["f:2:6: this is not JSON, expected a value"]),
            (
                b"{\"a\":1}\n{\"b\":\n{\"a\":2}\n",
                "{\"a\":1} {\"a\":2}",
                vec!["f:4:1: this is not JSON, expected `,` or a closing bracket, in what begins on line 2"],
            ),
            (
                b"[\n{\"a\":1},\n{\"a\":},\n {\"a\":3}\n]\n{\"a\":4}",
                "{\"a\":1} {\"a\":3} {\"a\":4}",
                vec!["f:3:6: this is not JSON, expected a value"],
            ),
            (
                b"{\"Records\":[{\"eventVersion\":1},{\"eventVersion\":},{\"eventVersion\":3}]}",
                "{\"eventVersion\":1} {\"eventVersion\":3}",
                vec!["f:1:48: this is not JSON, expected a value"],
            ),
            (b"hello\nworld\n{\"a\":1}", "{\"a\":1}", vec!["f:1:1: this is not JSON, expected a value"]),
            (
                b"{\"a\":\"\xff\"}\n{\"a\":2}\n{\"a\":\"\xff\xfe\"}",
                "{\"a\":2}",
                vec!["f:1:7: this is not UTF-8", "f:3:7: this is not UTF-8"],
            ),
            (b"{\"Records\":[{\"a\":1},{\"a\"", "{\"a\":1}", vec!["f:1:25: this is not JSON, expected `:`"]),
        ] {
            let expected = (expected.to_owned(), troubles.iter().map(|t| (*t).to_owned()).collect());
            assert_eq!(records(bytes, false), expected, "{}", String::from_utf8_lossy(bytes));
        }
        assert_eq!(records(b"{\"Records\":[{\"a\":1},{\"a\"", true), ("{\"a\":1}".to_owned(), vec![]), "the cut was told before");
        let many = "{\"a\":}\n".repeat(25);
        assert_eq!(records(many.as_bytes(), false).1.last().unwrap(), "f: 15 more places like these");
    }
}
