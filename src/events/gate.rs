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
/// Looked for without what follows, so that another way of writing is noticed.
const NAME_KEY: &[u8] = b"\"eventName\"";
const NAME: &[u8] = b"\"eventName\":\"";
const BEGIN_KEY: &[u8] = b"\"eventVersion\"";
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
    /// Which first four bytes a name may have, by their hash; most names are told by that.
    heads: Vec<bool>,
    texts: Texts,
    /// What may write the same in another way.
    escape: memmem::Finder<'static>,
    name: memmem::Finder<'static>,
    begin: memmem::Finder<'static>,
}

/// See [`Gate::places`].
#[derive(Default)]
struct Places {
    begins: Vec<usize>,
    names: Vec<usize>,
    texts: Vec<usize>,
}

/// What stands before the star, without those that begin with another.
fn starts(globs: Vec<Glob>) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = globs.into_iter().map(|glob| glob.text.trim_end_matches('*').as_bytes().to_vec()).collect();
    all.sort();
    all.dedup_by(|next, shorter| next.starts_with(shorter));
    all
}

/// The places of beginnings. Where one is shorter, or there are other globs, all are open.
fn heads<'a>(globs: impl Iterator<Item = &'a Glob>, is_all: bool) -> Vec<bool> {
    let mut open = vec![!is_all; HEADS];
    for glob in globs {
        match glob.text.as_bytes().first_chunk() {
            Some(head) if !head.contains(&b'*') => open[place(*head)] = true,
            // A whole name that is so short is asked for in any case.
            _ if !glob.has_star() => {}
            _ => open.fill(true),
        }
    }
    open
}

const HEADS: usize = 1 << 14;

fn place(head: [u8; 4]) -> usize {
    (u32::from_le_bytes(head).wrapping_mul(0x9e37_79b1) >> 18) as usize
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

/// Where a record that is to be read stands, or else its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Passed {
    Read(Range<usize>),
    Time(Range<usize>),
}

/// Bytes of a text that are looked for.
const LONGEST_TEXT: usize = 64;
/// Bytes that are searched for one thing after the other, while they are at hand.
const BLOCK: usize = 1 << 17;

impl Gate {
    /// `None`: some pattern may match any event.
    pub fn new(set: &PatternSet) -> Option<Self> {
        // Longer ones would be cut between blocks.
        let Hints { values, mut texts } = set.hints(PROPERTY, |text| text.trim_end_matches('"').ends_with(".amazonaws.com"))?;
        texts.iter_mut().for_each(|text| text.truncate(text.floor_char_boundary(LONGEST_TEXT)));
        // A slash has two ways to be written; names of events have none.
        if values.iter().any(|glob| glob.text.contains('/')) {
            return None;
        }
        let (globs, exact): (Vec<Glob>, Vec<Glob>) = values.into_iter().partition(Glob::has_star);
        let (starting, globs): (Vec<Glob>, Vec<Glob>) =
            globs.into_iter().partition(|glob| glob.text.find('*') == Some(glob.text.len() - 1));
        let heads = heads(exact.iter().chain(&starting), globs.is_empty());
        Some(Self {
            heads,
            exact: exact.into_iter().map(|glob| glob.text.into_bytes()).collect(),
            starts: starts(starting),
            globs,
            texts: Texts::new(&texts)?,
            escape: memmem::Finder::new(b"\\u"),
            name: memmem::Finder::new(NAME_KEY),
            begin: memmem::Finder::new(BEGIN_KEY),
        })
    }

    fn lets_through(&self, name: &[u8]) -> bool {
        if name.first_chunk().is_some_and(|head| !self.heads[place(*head)]) {
            return false;
        }
        let nearest = self.starts.partition_point(|start| start.as_slice() <= name).checked_sub(1);
        self.exact.contains(name)
            || nearest.is_some_and(|nearest| name.starts_with(&self.starts[nearest]))
            || (!self.globs.is_empty() && std::str::from_utf8(name).is_ok_and(|name| self.globs.iter().any(|glob| glob.may_match(name))))
    }

    /// The records of a file in their order: those that are to be read, the times of the others. `None`: the file is not quite as
    /// CloudTrail writes them.
    pub(super) fn pass(&self, bytes: &[u8]) -> Option<Vec<Passed>> {
        let bytes = bytes.trim_ascii_end();
        let end = HEAD.len() + bytes.strip_prefix(HEAD)?.strip_suffix(TAIL)?.len();
        let Places { begins, names, texts } = self.places(bytes);
        // Each record has just one name.
        if begins.len() != names.len() || (begins.is_empty() && end > HEAD.len()) {
            return None;
        }
        let mut texts = texts.into_iter().peekable();
        let mut passed = Vec::with_capacity(begins.len());
        let mut start = HEAD.len();
        for (i, (begin, name)) in begins.iter().zip(&names).enumerate() {
            // Behind the comma before the next one, or before the end of the list.
            let next = begins.get(i + 1).map_or(end + 1, |next| *next);
            let is_usual = *begin == start && bytes[start..].starts_with(BEGIN) && (start..next).contains(name);
            if !is_usual || (next <= end && !bytes[..next].ends_with(b"},")) {
                return None;
            }
            let (time, mut is_read) = self.time(bytes, *name)?;
            while texts.next_if(|text| *text < next).is_some() {
                is_read = true;
            }
            passed.push(if is_read { Passed::Read(start..next - 1) } else { Passed::Time(time) });
            start = next;
        }
        Some(passed)
    }

    /// Where records begin, where names and texts stand.
    fn places(&self, bytes: &[u8]) -> Places {
        let mut places = Places::default();
        for start in (0..bytes.len()).step_by(BLOCK) {
            // What begins in a block may end in the next one.
            let block = &bytes[start..bytes.len().min(start + BLOCK + LONGEST_TEXT)];
            let own = |place: &usize| *place < BLOCK;
            places.begins.extend(self.begin.find_iter(block).take_while(own).map(|place| (start + place).saturating_sub(1)));
            places.names.extend(self.name.find_iter(block).take_while(own).map(|place| start + place));
            let known = places.texts.len();
            places.texts.extend(self.texts.places(block).into_iter().take_while(own).map(|place| start + place));
            places.texts.extend(self.escape.find_iter(block).take_while(own).map(|place| start + place));
            places.texts[known..].sort_unstable();
        }
        places
    }

    /// The time of the record whose name stands at `place`, and whether the name lets it through.
    fn time(&self, bytes: &[u8], place: usize) -> Option<(Range<usize>, bool)> {
        let name = bytes[place..].strip_prefix(NAME)?;
        let name = &name[..memchr::memchr(b'"', name)?];
        // Backwards over the source.
        let before = bytes[..place].strip_suffix(b"\",")?;
        let from = before.len().saturating_sub(LONGEST_SOURCE);
        let quote = from + memchr::memrchr(b'"', &before[from..])?;
        let end = (quote + 1).checked_sub(SOURCE.len()).filter(|end| bytes[*end..].starts_with(SOURCE))?;
        let start = end.checked_sub(TIME_LENGTH)?;
        let is_time = bytes[..start].ends_with(TIME) && bytes[end - 1] == b'Z';
        is_time.then(|| (start..end, self.lets_through(name)))
    }
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
            Passed::Read(place) => {
                assert_eq!((place.start, &text[place]), (starts[i], records[i].as_str()), "{text}");
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
            record("A", "").replace("\"eventName\":\"A\"", "\"eventName\":5"),
            record("A", r#""tags":[{"eventVersion":"1"}],"#),
            record("A", "").replace("\":\"", "\": \""),
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
    fn blocks_make_no_difference() {
        let pattern = r#"{ $.eventName = "CreateUser" || $.errorCode = "Denied*" }"#;
        let some =
            [record("A", ""), record("CreateUser", ""), record("B", r#""errorCode":"DeniedByX","#), record("C", r#""errorCode":"Other","#)];
        let records: Vec<String> =
            (0..3000).map(|i| some[i * 7 % 4].replace("\"eventID\":\"1\"", &format!("\"eventID\":\"{}\"", "x".repeat(i % 97)))).collect();
        assert!(records.iter().map(String::len).sum::<usize>() > 4 * BLOCK);
        let expected: String = records.iter().map(|r| if r.contains("CreateUser") || r.contains("Denied") { 'r' } else { '.' }).collect();
        assert_eq!(passed(pattern, &records), Some(expected));
    }
}
