//! Passes over the records of CloudTrail's own files that no pattern can match, by their bytes: most are never read.
//!
//! Only files whose checksum holds and that have CloudTrail's frame are looked at so: `{"Records":[{"eventVersion":…},…]}`, each
//! record with `eventTime`, `eventSource` and `eventName` in this order. What is not quite so is read as any other file.
//! Cannot be seen: what is malformed inside of a record that is passed over, and that it holds another whole record of CloudTrail.

use std::collections::HashSet;
use std::ops::Range;

use aho_corasick::{AhoCorasick, packed};
use filter_pattern::{Glob, Hints, PatternSet};
use memchr::memmem;

/// The property that tells most.
const PROPERTY: &str = "eventName";
const NAME: &[u8] = b"\"eventName\":\"";
const BEGIN: &[u8] = b"{\"eventVersion\":\"";
const HEAD: &[u8] = b"{\"Records\":[";
const TAIL: &[u8] = b"]}";
/// Before the name: `"eventTime":"2026-11-25T06:01:00Z","eventSource":"…",`.
const TIME: &[u8] = b"\"eventTime\":\"";
const SOURCE: &[u8] = b"\",\"eventSource\":\"";
const TIME_LENGTH: usize = 20;
/// Characters that a source has at most.
const LONGEST_SOURCE: usize = 80;

/// What lets a record through.
#[derive(Debug)]
pub struct Gate {
    /// Names of events that are let through.
    exact: HashSet<Vec<u8>>,
    /// Beginnings of names that are let through, sorted; none begins with another.
    starts: Vec<Vec<u8>>,
    /// Other names with a star.
    globs: Vec<Glob>,
    texts: Texts,
    /// What may write the same in another way.
    escape: memmem::Finder<'static>,
    name: memmem::Finder<'static>,
    begin: memmem::FinderRev<'static>,
}

/// What stands before the star, without those that begin with another.
fn starts(globs: Vec<Glob>) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = globs.into_iter().map(|glob| glob.text.trim_end_matches('*').as_bytes().to_vec()).collect();
    all.sort();
    all.dedup_by(|next, shorter| next.starts_with(shorter));
    all
}

/// Texts that are looked for together.
#[derive(Debug)]
enum Texts {
    None,
    /// Many bytes at once.
    Packed(packed::Searcher),
    /// Where the machine cannot do that, or there are too many.
    Automaton(AhoCorasick),
}

impl Texts {
    fn new(texts: &[String]) -> Option<Self> {
        if texts.is_empty() {
            return Some(Self::None);
        }
        match packed::Searcher::new(texts) {
            Some(searcher) => Some(Self::Packed(searcher)),
            None => AhoCorasick::new(texts).ok().map(Self::Automaton),
        }
    }

    /// Where they are, but for those that overlap with another.
    fn places(&self, bytes: &[u8]) -> Vec<usize> {
        match self {
            Self::None => Vec::new(),
            Self::Packed(searcher) => searcher.find_iter(bytes).map(|found| found.start()).collect(),
            Self::Automaton(automaton) => automaton.find_iter(bytes).map(|found| found.start()).collect(),
        }
    }
}

/// Whether a record is to be read, or what its time is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Passed {
    Read(usize),
    Time(Range<usize>),
}

impl Gate {
    /// `None`: some pattern may match any event.
    pub fn new(set: &PatternSet) -> Option<Self> {
        let Hints { values, texts } = set.hints(PROPERTY, |text| text.trim_end_matches('"').ends_with(".amazonaws.com"))?;
        // A slash has two ways to be written; names of events have none.
        if values.iter().any(|glob| glob.text.contains('/')) {
            return None;
        }
        let (globs, exact): (Vec<Glob>, Vec<Glob>) = values.into_iter().partition(Glob::has_star);
        let (starting, globs): (Vec<Glob>, Vec<Glob>) = globs.into_iter().partition(|glob| glob.text.find('*') == Some(glob.text.len() - 1));
        Some(Self {
            exact: exact.into_iter().map(|glob| glob.text.into_bytes()).collect(),
            starts: starts(starting),
            globs,
            texts: Texts::new(&texts)?,
            escape: memmem::Finder::new(b"\\u"),
            name: memmem::Finder::new(NAME),
            begin: memmem::FinderRev::new(BEGIN),
        })
    }

    fn lets_through(&self, name: &[u8]) -> bool {
        let nearest = self.starts.partition_point(|start| start.as_slice() <= name).checked_sub(1);
        self.exact.contains(name)
            || nearest.is_some_and(|nearest| name.starts_with(&self.starts[nearest]))
            || (!self.globs.is_empty() && std::str::from_utf8(name).is_ok_and(|name| self.globs.iter().any(|glob| glob.may_match(name))))
    }

    /// The records of a file in their order: where those begin that are to be read, the times of the others. `None`: the file is
    /// not quite as CloudTrail writes them.
    pub(super) fn pass(&self, bytes: &[u8]) -> Option<Vec<Passed>> {
        let bytes = bytes.trim_ascii_end();
        let body = bytes.strip_prefix(HEAD)?.strip_suffix(TAIL)?;
        let mut found = self.texts.places(bytes);
        found.extend(self.escape.find_iter(bytes));
        found.sort_unstable();
        let mut texts = found.into_iter().peekable();
        let mut passed: Vec<Passed> = Vec::new();
        // Where the record before begins to be looked for; its time.
        let (mut searched, mut last): (usize, Option<Record>) = (HEAD.len(), None);
        for place in self.name.find_iter(bytes) {
            let record = self.record(bytes, place)?;
            let mut is_text_here = false;
            if texts.peek().is_some_and(|text| *text < place) {
                let begin = searched + self.begin.rfind(&bytes[searched..place])?;
                while let Some(text) = texts.next_if(|text| *text < place) {
                    if text >= begin {
                        is_text_here = true;
                    } else {
                        last.as_mut()?.is_read = true;
                    }
                }
            }
            if let Some(last) = last.take() {
                passed.push(self.finish(bytes, &last)?);
            }
            last = Some(Record { searched, is_read: record.is_read || is_text_here, ..record });
            searched = place;
        }
        if let Some(mut last) = last {
            last.is_read |= texts.next().is_some();
            passed.push(self.finish(bytes, &last)?);
        }
        (body.is_empty() || !passed.is_empty()).then_some(passed)
    }

    /// The record whose name stands at `place`.
    fn record(&self, bytes: &[u8], place: usize) -> Option<Record> {
        let name = &bytes[place + NAME.len()..];
        let name = &name[..memchr::memchr(b'"', name)?];
        // Backwards over the source.
        let before = bytes[..place].strip_suffix(b"\",")?;
        let from = before.len().saturating_sub(LONGEST_SOURCE);
        let quote = from + memchr::memrchr(b'"', &before[from..])?;
        let time_end = (quote + 1).checked_sub(SOURCE.len()).filter(|end| bytes[*end..].starts_with(SOURCE))?;
        let time = time_end.checked_sub(TIME_LENGTH)?;
        let is_time = bytes[..time].ends_with(TIME) && bytes[time_end - 1] == b'Z';
        is_time.then(|| Record { place, searched: 0, time: time..time_end, is_read: self.lets_through(name) })
    }

    fn finish(&self, bytes: &[u8], record: &Record) -> Option<Passed> {
        if !record.is_read {
            return Some(Passed::Time(record.time.clone()));
        }
        self.begin.rfind(&bytes[record.searched..record.place]).map(|begin| Passed::Read(record.searched + begin))
    }
}

#[derive(Debug)]
struct Record {
    place: usize,
    /// From here on its beginning is looked for, backwards from its name.
    searched: usize,
    time: Range<usize>,
    is_read: bool,
}

/// Whether a record that was read ends where the next one begins, or the list.
pub(super) fn ends_well(text: &[u8], start: usize, end: usize) -> bool {
    let is_first = text[..start] == *HEAD;
    let behind = text[..start].ends_with(b"},");
    let rest = text[end..].trim_ascii_end();
    (is_first || behind) && (rest == TAIL || rest.strip_prefix(b",").is_some_and(|rest| rest.starts_with(BEGIN)))
}

#[cfg(test)]
mod tests {
    use filter_pattern::Pattern;

    use super::*;

    fn record(name: &str, more: &str) -> String {
        format!(
            r#"{{"eventVersion":"1.11","userIdentity":{{"type":"AWSService"}},"eventTime":"2026-11-25T06:01:00Z","eventSource":"x.amazonaws.com","eventName":"{name}",{more}"eventID":"1"}}"#
        )
    }

    /// `r` for a record that is read, `.` for one that is not; `None`: the file is read as a whole.
    fn passed(pattern: &str, records: &[String]) -> Option<String> {
        let gate = Gate::new(&PatternSet::new([Pattern::parse(pattern).unwrap()])).unwrap();
        let text = format!("{{\"Records\":[{}]}}", records.join(","));
        let starts: Vec<usize> = text.match_indices("{\"eventVersion\"").map(|(at, _)| at).collect();
        let signs = gate.pass(text.as_bytes())?.into_iter().enumerate().map(|(i, passed)| match passed {
            Passed::Read(start) => {
                assert_eq!(start, starts[i], "{text}");
                'r'
            }
            Passed::Time(time) => {
                assert_eq!(&text[time], "2026-11-25T06:01:00Z");
                '.'
            }
        });
        Some(signs.collect())
    }

    #[test]
    fn names_are_let_through_as_their_globs_say() {
        let pattern = r#"{ ($.eventName = "Put*") || ($.eventName = "PutUser*") || ($.eventName = "Get") || ($.eventName = "*Key") || ($.eventName = "A*Z*") }"#;
        let gate = Gate::new(&PatternSet::new([Pattern::parse(pattern).unwrap()])).unwrap();
        assert_eq!(gate.starts.len(), 1);
        let through = |name: &str| gate.lets_through(name.as_bytes());
        assert_eq!(["Put", "PutUser", "PutX", "Get", "MyKey", "AxZy", "A*Zy"].map(through), [true; 7]);
        assert_eq!(["Pu", "GetX", "", "KeyX", "AZx", "xPut"].map(through), [false, false, false, false, true, false]);
    }

    #[test]
    fn records_are_let_through_by_name_or_by_text() {
        let by_name = r#"{ $.eventName = "CreateUser" || $.eventName = "Put*" }"#;
        let root = r#"{ $.errorCode = "Denied*" }"#;
        let plain = |name: &str| record(name, "");
        assert_eq!(passed(by_name, &[plain("A"), plain("CreateUser"), plain("CreateUsers"), plain("PutX")]).as_deref(), Some(".r.r"));
        let denied = record("A", r#""errorCode":"DeniedByX","#);
        assert_eq!(passed(root, &[plain("A"), denied.clone(), plain("B")]).as_deref(), Some(".r."));
        assert_eq!(passed(root, &[denied.clone(), plain("B"), denied]).as_deref(), Some("r.r"));
        let early = plain("A").replace("AWSService", "DeniedHere").replace("\"type\"", "\"t\"");
        assert_eq!(passed(root, &[plain("B"), early]).as_deref(), Some(".r"));
        // Escapes may write the same in another way.
        assert_eq!(passed(by_name, &[plain("A"), record("B", r#""x":"\u0041","#)]).as_deref(), Some(".r"));
        assert_eq!(passed(by_name, &[]).as_deref(), Some(""));
        assert_eq!(Gate::new(&PatternSet::new([Pattern::parse(by_name).unwrap()])).unwrap().pass(b"{\"Records\":[]}\n"), Some(vec![]));
    }

    #[test]
    fn what_is_not_as_cloudtrail_writes_it_is_read_as_a_whole() {
        let by_name = r#"{ $.eventName = "CreateUser" }"#;
        for odd in [
            record("A", "").replace("\"eventTime\"", "\"time\""),
            record("A", "").replace("06:01:00Z", "06:01:00.5Z"),
            record("A", r#""tags":{"eventName":"CreateUser"},"#),
            record("A", r#""x":1,"#).replace("\"eventSource\"", "\"source\""),
            "{\"a\":1}".to_owned(),
        ] {
            assert_eq!(passed(by_name, std::slice::from_ref(&odd)), None, "{odd}");
        }
        let gate = Gate::new(&PatternSet::new([Pattern::parse(by_name).unwrap()])).unwrap();
        for text in ["", "{}", "[]", "{\"Records\":[{\"eventVersion\":\"1\"", "{\"Records\":[1]}"] {
            assert_eq!(gate.pass(text.as_bytes()), None, "{text}");
        }
        assert!(Gate::new(&PatternSet::new([Pattern::parse("").unwrap()])).is_none());
    }

    #[test]
    fn records_that_do_not_end_at_the_next_are_noticed() {
        let two = format!("{{\"Records\":[{},{}]}}", record("A", ""), record("B", ""));
        let first = record("A", "").len();
        assert!(ends_well(two.as_bytes(), HEAD.len(), HEAD.len() + first));
        assert!(!ends_well(two.as_bytes(), HEAD.len(), HEAD.len() + first - 1));
        assert!(!ends_well(two.as_bytes(), HEAD.len() + 1, HEAD.len() + first));
    }
}
