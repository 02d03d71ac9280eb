//! The records of a text: one JSON value after the other, on lines or not, in `{"Records": […]}`
//! or in an array.

use filter_pattern::{Malformed, PatternSet};

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
        PatternSet::default().matcher().eval_record(text, start)
    }

    fn record(&mut self, text: &str, start: usize, end: usize) {
        self.0.push(text[start..end].to_owned());
    }
}

/// Visits all records of a file. What is malformed is told, and the next line is tried.
pub fn visit(part: Part, visitor: &mut impl Visitor) -> Vec<Finding> {
    let (text, broken) = match String::from_utf8(part.bytes) {
        Ok(text) => (text, Vec::new()),
        Err(error) => mend(error.into_bytes()),
    };
    let (name, is_cut, first_line) = (&part.name, part.is_cut, part.first_line);
    let mut walk = Walk { name, text: &text, broken, at: 0, troubles: Vec::new(), hidden: 0, is_cut, first_line };
    walk.run(visitor);
    let Walk { mut troubles, hidden, .. } = walk;
    if hidden > 0 {
        troubles.push(trouble(&part.name, format!("{hidden} more places like these")).help("nothing of them was read"));
    }
    troubles
}

/// A question mark in the place of each byte that is not UTF-8, and where they are.
fn mend(mut bytes: Vec<u8>) -> (String, Vec<usize>) {
    let mut broken = Vec::new();
    let mut at = 0;
    while let Err(error) = std::str::from_utf8(&bytes[at..]) {
        let start = at + error.valid_up_to();
        let length = error.error_len().unwrap_or(bytes.len() - start);
        bytes[start..start + length].fill(b'?');
        broken.extend(start..start + length);
        at = start + length;
    }
    (String::from_utf8(bytes).unwrap_or_default(), broken)
}

struct Walk<'a> {
    name: &'a str,
    text: &'a str,
    /// Offsets of bytes that were not UTF-8.
    broken: Vec<usize>,
    at: usize,
    troubles: Vec<Finding>,
    hidden: usize,
    is_cut: bool,
    first_line: usize,
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
            let result = match self.list_start() {
                Some(first) => self.list(first, visitor),
                None => self.one(visitor),
            };
            if let Err(malformed) = result {
                self.malformed(start, &malformed);
                // A broken line may have run into the next one, which is tried then; but not over and over.
                let is_flood = self.troubles.len() >= MOST_TROUBLES;
                self.next_line(if is_flood { start.max(malformed.offset.min(self.text.len())) } else { start });
            }
        }
    }

    fn blanks(&mut self) {
        let rest = &self.text[self.at..];
        self.at = self.text.len() - rest.trim_start_matches([' ', '\t', '\n', '\r']).len();
    }

    /// Where the first element stands, if an array or `{"Records": […]}` begins here.
    fn list_start(&self) -> Option<usize> {
        let rest = &self.text[self.at..];
        let inside = match rest.strip_prefix('{') {
            Some(inside) => {
                inside.trim_start().strip_prefix("\"Records\"")?.trim_start().strip_prefix(':')?.trim_start().strip_prefix('[')?
            }
            None => rest.strip_prefix('[')?,
        };
        Some(self.text.len() - inside.len())
    }

    fn one(&mut self, visitor: &mut impl Visitor) -> Result<(), Malformed> {
        let start = self.at;
        self.at = visitor.read(self.text, start)?;
        match self.broken.iter().find(|offset| (start..self.at).contains(*offset)) {
            Some(offset) => self.tell(*offset, "this is not UTF-8", "the record was left out"),
            None => visitor.record(self.text, start, self.at),
        }
        Ok(())
    }

    /// The elements of a list, and what closes it.
    fn list(&mut self, first: usize, visitor: &mut impl Visitor) -> Result<(), Malformed> {
        let is_envelope = self.text[self.at..].starts_with('{');
        self.at = first;
        self.blanks();
        if !self.take(']') {
            loop {
                self.blanks();
                self.one(visitor)?;
                self.blanks();
                if self.take(']') {
                    break;
                }
                self.demand(',', "`,` or `]`")?;
            }
        }
        if !is_envelope {
            return Ok(());
        }
        // Whatever else stands beside the records is read past.
        let set = PatternSet::default();
        let mut skip = set.matcher();
        loop {
            self.blanks();
            if self.take('}') {
                return Ok(());
            }
            self.demand(',', "`,` or `}`")?;
            self.at = skip.eval_record(self.text, self.at)?;
            self.blanks();
            self.demand(':', "`:`")?;
            self.at = skip.eval_record(self.text, self.at)?;
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
        if is_end && self.is_cut {
            return;
        }
        let (begins, ends) = (self.line(start), self.line(malformed.offset));
        let since = if begins == ends { String::new() } else { format!(", in what begins on line {begins}") };
        self.tell(malformed.offset, &format!("this is not JSON, expected {}{since}", malformed.expected), "what stands here was left out");
    }

    fn line(&self, offset: usize) -> usize {
        memchr::memchr_iter(b'\n', &self.text.as_bytes()[..offset.min(self.text.len())]).count() + self.first_line
    }

    /// A later line that begins like a record: a list, or a document over several lines, is given up.
    fn next_line(&mut self, from: usize) {
        let from = self.text.floor_char_boundary(from);
        let next = self.text[from..].match_indices('\n').map(|(i, _)| from + i + 1).find(|i| self.text[*i..].starts_with('{'));
        self.at = next.unwrap_or(self.text.len());
    }

    fn tell(&mut self, offset: usize, message: &str, help: &str) {
        if self.troubles.len() >= MOST_TROUBLES {
            self.hidden += 1;
            return;
        }
        let before = &self.text[..self.text.floor_char_boundary(offset)];
        let line = self.line(offset);
        let column = before.len() - before.rfind('\n').map_or(0, |n| n + 1) + 1;
        self.troubles.push(trouble(&format!("{}:{line}:{column}", self.name), message).help(help));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(bytes: &[u8], is_cut: bool) -> (String, Vec<String>) {
        let mut collect = Texts::default();
        let troubles = visit(Part { name: "f".to_owned(), bytes: bytes.to_vec(), is_cut, first_line: 1 }, &mut collect);
        (collect.0.join(" "), troubles.into_iter().map(|t| t.message).collect())
    }

    #[test]
    fn records_of_every_kind_of_file() {
        for (text, expected) in [
            ("{\"a\":1}\n{\"a\":2}\n", "{\"a\":1} {\"a\":2}"),
            ("{\"a\":1}{\"a\":2}", "{\"a\":1} {\"a\":2}"),
            ("{\n \"a\": 1\n}", "{\n \"a\": 1\n}"),
            ("\u{feff}{\"Records\":[{\"a\":1}, {\"a\":2}]}", "{\"a\":1} {\"a\":2}"),
            ("{ \"Records\" : [ ] , \"x\": [1] }\n{\"b\":1}", "{\"b\":1}"),
            ("[{\"a\":1},\n{\"a\":2}]", "{\"a\":1} {\"a\":2}"),
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
            (b"hello\nworld\n{\"a\":1}", "{\"a\":1}", vec!["f:1:1: this is not JSON, expected a value"]),
            (b"{\"a\":\"\xff\"}\n{\"a\":2}", "{\"a\":2}", vec!["f:1:7: this is not UTF-8"]),
            (b"{\"Records\":[{\"a\":1},{\"a\"", "{\"a\":1}", vec!["f:1:25: this is not JSON, expected `:`"]),
        ] {
            assert_eq!(records(bytes, false), (expected.to_owned(), troubles.iter().map(|t| (*t).to_owned()).collect()));
        }
        assert_eq!(records(b"{\"Records\":[{\"a\":1},{\"a\"", true), ("{\"a\":1}".to_owned(), vec![]), "the cut was told before");
        let many = "{\"a\":}\n".repeat(25);
        assert_eq!(records(many.as_bytes(), false).1.last().unwrap(), "f: 15 more places like these");
    }
}
