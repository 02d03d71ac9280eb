//! A long text of records, cut between records into pieces that can be read by themselves.

use std::io::Read;

use filter_pattern::json_end;
use memchr::memmem;

use super::files::begins_with_an_event;

/// Bytes of a piece.
const PIECE: usize = 4 << 20;
/// A record that is longer is given up; CloudTrail's have 256 KB at most.
const LONGEST: usize = 32 << 20;

/// A piece of a text.
pub(super) struct Piece<'a> {
    pub(super) bytes: &'a [u8],
    /// It ends where the text was cut, or breaks off.
    pub(super) is_cut: bool,
    pub(super) first_line: usize,
}

/// Reads to the end, a piece at a time. `is_damaged`: asked at the end, whether the text breaks off there. Returns how many bytes
/// held no end of a record, if that made it stop.
pub(super) fn pieces(reader: &mut dyn Read, is_damaged: &dyn Fn() -> bool, mut each: impl FnMut(Piece<'_>)) -> Option<usize> {
    let mut cutter = Cutter { waiting: Vec::new(), line: 1, place: Place::Start };
    let mut most = PIECE;
    loop {
        let wanted = most - cutter.waiting.len();
        // Errors are ends: whoever reads tells of them.
        let is_end = reader.take(wanted as u64).read_to_end(&mut cutter.waiting).is_err() || cutter.waiting.len() < most;
        if is_end {
            cutter.finish(is_damaged(), &mut each);
            return None;
        }
        if cutter.cut(&mut each) {
            most = PIECE.max(cutter.waiting.len() + PIECE / 2);
        } else if most >= LONGEST {
            return Some(most);
        } else {
            most *= 2;
        }
    }
}

/// Where the text that waits begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    /// At the beginning of a line, in a text of one record a line.
    Line,
    /// Between values.
    Between,
    /// In a list of records, at its bracket or at a comma; in `{"Records": […]}` or by itself.
    List {
        in_object: bool,
    },
    /// In an object, behind its list of records.
    Behind,
}

struct Cutter {
    waiting: Vec<u8>,
    line: usize,
    place: Place,
}

impl Cutter {
    /// Hands over what is whole; says whether there was anything.
    fn cut(&mut self, each: &mut impl FnMut(Piece<'_>)) -> bool {
        if self.place == Place::Start {
            self.place = if begins_with_an_event(&self.waiting) { Place::Line } else { Place::Between };
        }
        if self.place == Place::Line {
            let Some(last) = memchr::memrchr(b'\n', &self.waiting) else { return false };
            self.hand_over(last + 1, false, each);
            return true;
        }
        let before = self.waiting.len();
        while self.stretch(each) {}
        self.waiting.len() < before
    }

    /// Takes a stretch of the text: records that follow each other, or what opens or closes a list. Says whether it did.
    fn stretch(&mut self, each: &mut impl FnMut(Piece<'_>)) -> bool {
        let text = longest_text(&self.waiting);
        let begin = blanks(text, 0);
        let Some(first) = text.as_bytes().get(begin).copied() else { return false };
        if self.place == Place::Behind {
            return self.leave_object();
        }
        let Place::List { in_object } = self.place else {
            if let Some((bracket, in_object)) = opening(text, begin) {
                self.drop_to(bracket);
                self.place = Place::List { in_object };
                return true;
            }
            return self.records(begin, false, each);
        };
        let closing = if first == b'[' { blanks(text, begin + 1) } else { begin };
        if text.as_bytes().get(closing) != Some(&b']') {
            self.drop_to(begin);
            // Behind something broken there may be no comma.
            if !matches!(first, b'[' | b',') {
                self.waiting.insert(0, b',');
            }
            return self.records(1, true, each);
        }
        self.drop_to(closing + 1);
        self.place = if in_object { Place::Behind } else { Place::Between };
        true
    }

    /// Hands over the records from `begin` on; says whether there were any. What is broken goes with its like.
    fn records(&mut self, begin: usize, is_list: bool, each: &mut impl FnMut(Piece<'_>)) -> bool {
        let text = longest_text(&self.waiting);
        let (mut end, mut is_broken) = records_end(text, begin, is_list);
        // More than the beginning of a character that goes on is no UTF-8.
        let readable = text.len();
        let is_other = readable + 4 < self.waiting.len();
        is_broken |= is_other;
        let mut enters_list = false;
        if is_broken && end == begin {
            end = resync(&self.waiting, if is_other { begin.max(readable) } else { begin }).unwrap_or(begin);
            let before = self.waiting[..end].trim_ascii_end().last();
            enters_list = end > begin && !is_list && matches!(before, Some(b',' | b'['));
        }
        if end > begin {
            self.hand_over(end, is_list, each);
        }
        if enters_list {
            self.place = Place::List { in_object: true };
        }
        end > begin
    }

    /// Past what stands behind the list in its object. Says whether all of it is there.
    fn leave_object(&mut self) -> bool {
        let text = longest_text(&self.waiting);
        let at = blanks(text, 0);
        let end = match text.as_bytes().get(at) {
            None => return false,
            Some(b'}') => at + 1,
            // The rest of the object is an object, too.
            Some(b',') => match json_end(&format!("{{{}", &text[at + 1..]), 0) {
                Ok(end) => at + end,
                Err(malformed) if malformed.offset + 5 >= text.len() - at => return false,
                Err(_) => at,
            },
            Some(_) => at,
        };
        self.drop_to(end);
        self.place = Place::Between;
        true
    }

    fn drop_to(&mut self, end: usize) {
        self.line += memchr::memchr_iter(b'\n', &self.waiting[..end]).count();
        self.waiting.drain(..end);
    }

    /// Records of a list stand behind a bracket of their own.
    fn hand_over(&mut self, end: usize, is_list: bool, each: &mut impl FnMut(Piece<'_>)) {
        let rest = self.waiting.split_off(end);
        if is_list {
            self.waiting[0] = b'[';
        }
        each(Piece { bytes: &self.waiting, is_cut: is_list, first_line: self.line });
        self.line += memchr::memchr_iter(b'\n', &self.waiting).count();
        self.waiting = rest;
    }

    fn finish(mut self, is_damaged: bool, each: &mut impl FnMut(Piece<'_>)) {
        if self.place != Place::Start && self.place != Place::Line {
            while self.stretch(each) {}
        }
        if let Place::List { .. } = self.place {
            self.waiting.first_mut().into_iter().for_each(|first| *first = b'[');
        }
        each(Piece { bytes: &self.waiting, is_cut: is_damaged, first_line: self.line });
    }
}

/// Where the last of the records that follow each other ends, and whether what follows is none.
fn records_end(text: &str, begin: usize, is_list: bool) -> (usize, bool) {
    let mut end = begin;
    loop {
        let mut at = blanks(text, end);
        if is_list && end > begin && text.as_bytes().get(at) == Some(&b',') {
            at = blanks(text, at + 1);
        }
        let Some(first) = text.as_bytes().get(at) else { return (end, false) };
        // The list closes, which is nothing broken; or another one opens.
        if (is_list && *first == b']') || (!is_list && opening(text, at).is_some()) {
            return (if is_list && end == begin { at } else { end }, false);
        }
        match json_end(text, at) {
            Ok(next) => end = next,
            // A word such as `false` is told at its beginning.
            Err(malformed) => return (end, malformed.offset + 5 < text.len()),
        }
    }
}

/// The bracket of a list of records that opens here, and whether it is in an object.
fn opening(text: &str, at: usize) -> Option<(usize, bool)> {
    let rest = text.get(at..)?;
    if rest.starts_with('[') {
        return Some((at, false));
    }
    let key = rest.strip_prefix('{')?.trim_start();
    let list = key.strip_prefix("\"Records\"")?.trim_start().strip_prefix(':')?.trim_start();
    list.starts_with('[').then(|| (text.len() - list.len(), true))
}

/// Behind something broken at `from`, where the next record may begin.
fn resync(bytes: &[u8], from: usize) -> Option<usize> {
    let behind = from + 1;
    let rest = bytes.get(behind..)?;
    let record = memmem::find(rest, b"{\"eventVersion\"");
    let line = memmem::find(rest, b"\n{").map(|n| n + 1);
    [record, line].into_iter().flatten().min().map(|n| behind + n)
}

fn blanks(text: &str, at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest.len() - rest.trim_start_matches([' ', '\t', '\n', '\r', '\u{feff}']).len()
}

/// As much of it as is UTF-8.
fn longest_text(bytes: &[u8]) -> &str {
    match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::records::{Texts, visit};
    use super::super::unpack::Part;
    use super::*;

    /// The records of a text that is cut after every few bytes; and what is wrong with it.
    fn records(text: &str, most: usize) -> (String, Vec<String>) {
        let mut cutter = Cutter { waiting: Vec::new(), line: 1, place: Place::Start };
        let (mut records, mut troubles) = (Texts::default(), Vec::new());
        let mut each = |piece: Piece<'_>| {
            let part = Part { name: "f", bytes: piece.bytes, is_cut: piece.is_cut, is_checked: false, first_line: piece.first_line };
            troubles.extend(visit(part, &mut records).into_iter().map(|trouble| trouble.message));
        };
        for chunk in text.as_bytes().chunks(most) {
            cutter.waiting.extend_from_slice(chunk);
            cutter.cut(&mut each);
        }
        cutter.finish(false, &mut each);
        (records.0.join(" "), troubles)
    }

    #[test]
    fn pieces_hold_what_the_whole_holds() {
        let three = r#"{"a":1} {"a":[{"b":"],"}]} {"a":false}"#;
        for text in [
            "{\"a\":1}\n{\"a\":[{\"b\":\"],\"}]}\n{\"a\":false}\n",
            r#"{"a":1}{"a":[{"b":"],"}]}{"a":false}"#,
            "[{\"a\":1},\n {\"a\":[{\"b\":\"],\"}]} , {\"a\":false}]",
            r#"{ "Records" : [{"a":1},{"a":[{"b":"],"}]},{"a":false} ] }"#,
            r#"{"Records":[{"a":1}]}{"Records":[{"a":[{"b":"],"}]}]}{"Records":[]}[]{"Records":[{"a":false}]}"#,
            "{\"Records\":[{\"a\":1},{\"a\":[{\"b\":\"],\"}]}]}\n{\"Records\":[{\"a\":false}]}\n",
        ] {
            for most in (1..60).chain([1000]) {
                assert_eq!(records(text, most), (three.to_owned(), vec![]), "{text} in pieces of {most}");
            }
        }
        assert_eq!(records(r#"{"Records":[{"a":1}],"x":{"y":2}}{"a":2}"#, 40), (r#"{"a":1} {"a":2}"#.to_owned(), vec![]));
        assert_eq!(records("", 10), (String::new(), vec![]));
    }

    #[test]
    fn what_is_broken_is_told_once_and_the_rest_goes_on() {
        let text = r#"{"Records":[{"eventVersion":1},{"eventVersion":,"filler":"filler"},{"eventVersion":3}]}"#;
        for most in [16, 30, 1000] {
            let (found, troubles) = records(text, most);
            assert_eq!((found.as_str(), troubles.len()), (r#"{"eventVersion":1} {"eventVersion":3}"#, 1), "{most}: {troubles:?}");
        }
        // Garbage before a list is one place, and the list is read.
        let text = r#"g{"Records":[{"eventVersion":1},{"eventVersion":2},{"eventVersion":3}]}{"Records":[{"eventVersion":4}]}"#;
        for most in [40, 1000] {
            let (found, troubles) = records(text, most);
            let all = r#"{"eventVersion":1} {"eventVersion":2} {"eventVersion":3} {"eventVersion":4}"#;
            assert_eq!((found.as_str(), troubles.len()), (all, 1), "{most}: {troubles:?}");
        }
        let (found, troubles) = records("[{\"a\":1},{\"a\":", 8);
        assert_eq!((found.as_str(), troubles.len()), (r#"{"a":1}"#, 1), "{troubles:?}");
    }
}
