//! The records of a text: one JSON value after the other, on lines or not, in `{"Records": […]}`
//! or in an array.

use std::borrow::Cow;
use std::ops::Range;

use filter_pattern::{Malformed, json_end};
use memchr::memmem;

use super::gate::{Gate, Passed};
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

    /// What tells records that need not be read, and the files in which that can be told.
    fn gate(&self) -> Option<&Gate> {
        None
    }

    /// Takes a record that was not read: its time, as CloudTrail writes it.
    fn skipped(&mut self, _time: &str) {}
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
    if part.is_checked
        && let Some(troubles) = gated(part, visitor)
    {
        return troubles;
    }
    let (text, broken) = readable(part.bytes);
    let mut walk = Walk::new(part, &text, broken);
    walk.run(visitor);
    walk.told()
}

/// Reads only the records that the visitor's gate lets through. `None`: the file is not one to be read so, and nothing was taken.
fn gated(part: Part<'_>, visitor: &mut impl Visitor) -> Option<Vec<Finding>> {
    let passed = visitor.gate()?.pass(part.bytes)?;
    for record in passed {
        let place = match record {
            Passed::Time(time) => {
                visitor.skipped(std::str::from_utf8(&part.bytes[time]).unwrap_or_default());
                continue;
            }
            Passed::Read(place) => place,
        };
        let text = std::str::from_utf8(&part.bytes[place.clone()]).unwrap_or_default();
        if visitor.read(text, 0) != Ok(text.len()) {
            // From here on it is not as it seemed.
            return Some(rest(part, place.start - 1, visitor));
        }
        visitor.record(text, 0, text.len());
    }
    Some(Vec::new())
}

/// Visits the rest of a list of records, from the bracket or comma at a byte on.
fn rest(part: Part<'_>, from: usize, visitor: &mut impl Visitor) -> Vec<Finding> {
    let (text, broken) = readable(part.bytes);
    let mut walk = Walk::new(part, &text, broken);
    walk.at = from;
    // What is malformed is told as it is met.
    let _ = walk.array(visitor);
    walk.told()
}

/// The key of the list in what CloudTrail delivers.
const RECORDS: &str = "\"Records\"";

/// A list that was given up, which was told.
const TOLD: Malformed = Malformed { offset: usize::MAX, expected: "" };

/// As UTF-8, and where it was none.
fn readable(bytes: &[u8]) -> (Cow<'_, str>, Vec<Range<usize>>) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Cow::Borrowed(text), Vec::new()),
        Err(_) => mend(bytes.to_vec()),
    }
}

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

impl<'a> Walk<'a> {
    fn new(part: Part<'a>, text: &'a str, broken: Vec<Range<usize>>) -> Self {
        Walk {
            name: part.name,
            text,
            broken,
            at: 0,
            troubles: Vec::new(),
            hidden: 0,
            is_cut: part.is_cut,
            first_line: part.first_line,
            has_lists: memmem::find(text.as_bytes(), RECORDS.as_bytes()).is_some(),
        }
    }

    /// What is wrong.
    fn told(mut self) -> Vec<Finding> {
        if self.hidden > 0 {
            let message = format!("{} more places like these", self.hidden);
            self.troubles.push(trouble(self.name, message).help("nothing of them was read"));
        }
        self.troubles
    }

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
        // Where there are many, their places are not looked for, so that time stays linear.
        if self.troubles.len() >= MOST_TROUBLES {
            self.hidden += 1;
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

    /// Texts of records that match; how many there were.
    struct Matching<'s> {
        matcher: filter_pattern::Matcher<'s>,
        gate: Option<Gate>,
        found: Vec<String>,
        events: usize,
    }

    impl Visitor for Matching<'_> {
        fn read(&mut self, text: &str, start: usize) -> Result<usize, Malformed> {
            self.matcher.eval_record(text, start)
        }

        fn record(&mut self, text: &str, start: usize, end: usize) {
            self.events += 1;
            if !self.matcher.hits().is_empty() {
                self.found.push(text[start..end].to_owned());
            }
        }

        fn gate(&self) -> Option<&Gate> {
            self.gate.as_ref()
        }

        fn skipped(&mut self, _: &str) {
            self.events += 1;
        }
    }

    #[test]
    fn a_gate_changes_nothing_but_the_time_it_takes() {
        let set = filter_pattern::PatternSet::new(
            [r#"{ ($.eventName = "CreateUser") || ($.eventName = "Put*") }"#, r#"{ $.errorCode = "Denied*" && $.a.b != "x" }"#, "secret"]
                .map(|pattern| filter_pattern::Pattern::parse(pattern).unwrap()),
        );
        let parts = [
            r#""errorCode":"DeniedByX","a":{"b":"y"},"#,
            r#""requestParameters":{"tags":[{"eventVersion":"1","eventName":"PutX"},{"eventVersion":"2"}]},"#,
            r#""x":"\u0050ut","eventName":"Other","#,
            r#""y":"a secret","#,
            r#""z":"},{\"eventVersion\":\"","#,
            r#""w":[{"eventVersion":"1","eventTime":"2026-11-25T06:01:00Z","eventSource":"x","eventName":"PutY"},{"eventVersion":"1"}],"#,
            "",
            "\"broken\":,",
        ];
        let mut noise = 7_usize;
        let mut next = |most: usize| {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (noise >> 33) % most
        };
        let (mut gated_files, mut found) = (0, 0);
        for _ in 0..3000 {
            let record = |next: &mut dyn FnMut(usize) -> usize| {
                let name = ["CreateUser", "PutX", "Get", "Get", "Get", "Get"][next(6)];
                let part = if next(3) == 0 { parts[next(parts.len())] } else { "" };
                format!(
                    r#"{{"eventVersion":"1.1","eventTime":"2026-11-25T06:01:00Z","eventSource":"x.amazonaws.com","eventName":"{name}",{part}"id":1}}"#
                )
            };
            let records: Vec<String> = (0..next(6)).map(|_| record(&mut next)).collect();
            let text = format!("{{\"Records\":[{}]}}", records.join(","));
            let run = |is_checked: bool| {
                let mut visitor = Matching { matcher: set.matcher(), gate: Gate::new(&set), found: Vec::new(), events: 0 };
                let part = Part { name: "f", bytes: text.as_bytes(), is_cut: false, is_checked, first_line: 1 };
                let troubles = visit(part, &mut visitor);
                (visitor.found, visitor.events, troubles.len())
            };
            let (plain, gated) = (run(false), run(true));
            let is_gated = Gate::new(&set).unwrap().pass(text.as_bytes()).is_some();
            gated_files += usize::from(is_gated);
            found += plain.0.len();
            // What is broken in a record that is passed over is not seen.
            let is_odd = is_gated && text.contains("broken");
            assert!(plain == gated || is_odd, "{text}\n{plain:?}\n{gated:?}");
        }
        assert!(gated_files > 1000 && found > 1000, "{gated_files} {found}");
    }
}
