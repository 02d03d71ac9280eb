//! One pass over records for all detections at once. Of an event that nothing matches, nothing is kept but its minute.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use filter_pattern::{Extracted, Malformed, Matcher, Rule, Verdict};

use super::census::{Census, Count, Hit};
use super::subject::{ACCOUNT, ADDRESS, DIGEST, Filter, ID, NAME, Subject, TIME, WHO};
use super::time::{MINUTE, seconds};
use crate::events::{Gate, Part, Visitor, visit};
use crate::finding::Finding;

/// What bounds a pass. Seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub since: Option<i64>,
    pub until: Option<i64>,
    /// What is later lies in the future.
    pub now: i64,
    /// Seconds from an event to its arrival, where nobody says it.
    pub delay: i64,
}

/// A clock that is a little ahead is no news.
const TOLERANCE: i64 = 300;

/// Scans one file.
pub struct Scan<'s> {
    subject: &'s Subject,
    bounds: Bounds,
    census: &'s Mutex<Census>,
    matcher: Matcher<'s>,
    /// Events by minute that were not handed over yet.
    minutes: BTreeMap<i64, u32>,
    /// Those of the minute that is counted just now.
    minute: (i64, u32),
    totals: Local,
    last: i64,
    /// Whether the file has had an event with a time, or a digest.
    file: Option<bool>,
    /// When the events of a log group came in; seconds.
    arrived: Option<i64>,
}

/// Counts that were not handed over yet.
#[derive(Debug, Default)]
struct Local {
    events: u64,
    out_of_order: u64,
    without_time: u64,
    in_future: u64,
    outside: u64,
    digests: u64,
    damaged: u64,
}

impl<'s> Scan<'s> {
    pub fn new(subject: &'s Subject, bounds: Bounds, census: &'s Mutex<Census>) -> Self {
        Self {
            subject,
            bounds,
            census,
            matcher: subject.patterns.matcher(),
            minutes: BTreeMap::new(),
            minute: (0, 0),
            totals: Local::default(),
            last: i64::MIN,
            file: None,
            arrived: None,
        }
    }

    /// A file begins.
    pub fn begin(&mut self) {
        self.last = i64::MIN;
        self.file = Some(false);
    }

    /// A file ends; so many places of it could not be unpacked.
    pub fn end(&mut self, damaged: usize) {
        let is_foreign = self.file.take() == Some(false);
        let mut census = self.census.lock().unwrap_or_else(PoisonError::into_inner);
        census.totals.files += 1;
        census.totals.foreign += u64::from(is_foreign);
        census.totals.damaged += damaged as u64;
    }

    /// Scans a part of a file; what is wrong with it.
    pub fn part(&mut self, part: Part<'_>) -> Vec<Finding> {
        let bytes = part.bytes.len() as u64;
        if part.name.contains("/CloudTrail-Digest/") {
            self.totals.digests += 1;
            self.is_known();
            self.hand_over(bytes, 0);
            return Vec::new();
        }
        let troubles = visit(part, self);
        self.hand_over(bytes, troubles.len() as u64);
        troubles
    }

    /// Scans one event by itself.
    pub fn event(&mut self, text: &str) {
        match self.read(text, 0) {
            Ok(_) => self.record(text, 0, text.len()),
            Err(_) => self.totals.damaged += 1,
        }
    }

    /// Takes an event that AWS says a filter matches. `arrived`: seconds. Whether the engine says so too; `None`: it is in doubt.
    ///
    /// # Errors
    /// It is no JSON.
    pub fn told(&mut self, text: &str, filter: usize, arrived: Option<i64>) -> Result<Option<bool>, Malformed> {
        self.read(text, 0)?;
        self.arrived = arrived;
        let ours = self.matcher.hits().iter().find(|(index, _)| *index == filter).map(|(_, verdict)| verdict.clone());
        // Filters are asked one after the other; an event is counted with the first that finds it.
        let own = self.subject.filters[filter].detection;
        let earlier = self.matcher.hits().iter().filter(|(index, verdict)| *index < filter && *verdict == Verdict::Match);
        let earlier: Vec<usize> = earlier.map(|(index, _)| self.subject.filters[*index].detection).collect();
        let count = Count { event: earlier.is_empty(), of_detection: !earlier.contains(&own) };
        if count.event {
            self.totals.events += 1;
        }
        if let Some(at) = self.time(text, count.event) {
            self.take(text, text, at, (&[filter], &[]), count);
        }
        Ok(match ours {
            Some(Verdict::Match) => Some(true),
            Some(Verdict::Uncertain(_)) => None,
            Some(Verdict::NoMatch) | None => Some(false),
        })
    }

    /// Adds what was counted to the census.
    pub fn hand_over(&mut self, bytes: u64, damaged: u64) {
        self.close_minute();
        let mut census = self.census.lock().unwrap_or_else(PoisonError::into_inner);
        let local = std::mem::take(&mut self.totals);
        for (minute, events) in std::mem::take(&mut self.minutes) {
            if !census.minutes.add(minute, events) {
                census.totals.beyond += u64::from(events);
            }
        }
        let totals = &mut census.totals;
        totals.bytes += bytes;
        totals.damaged += damaged + local.damaged;
        totals.events += local.events;
        totals.out_of_order += local.out_of_order;
        totals.without_time += local.without_time;
        totals.in_future += local.in_future;
        totals.outside += local.outside;
        totals.digests += local.digests;
    }

    fn close_minute(&mut self) {
        let (minute, events) = std::mem::take(&mut self.minute);
        if events > 0 {
            *self.minutes.entry(minute).or_default() += events;
        }
    }

    /// The file is one of CloudTrail.
    fn is_known(&mut self) {
        self.file = self.file.map(|_| true);
    }

    /// The time of an event that counts.
    fn time(&mut self, text: &str, counts: bool) -> Option<i64> {
        let at = self.matcher.property(TIME, text).and_then(|time| seconds(&time));
        self.place(at, counts)
    }

    fn place(&mut self, at: Option<i64>, counts: bool) -> Option<i64> {
        let Some(at) = at else {
            self.totals.without_time += 1;
            return None;
        };
        self.is_known();
        self.totals.out_of_order += u64::from(at < self.last);
        self.last = at;
        self.totals.in_future += u64::from(at > self.bounds.now + TOLERANCE);
        if self.bounds.since.is_some_and(|since| at < since) || self.bounds.until.is_some_and(|until| at >= until) {
            self.totals.outside += 1;
            return None;
        }
        let minute = at.div_euclid(MINUTE);
        if self.minute.0 != minute {
            self.close_minute();
            self.minute.0 = minute;
        }
        self.minute.1 += u32::from(counts);
        Some(at)
    }

    /// Takes an event that patterns match or may match.
    fn hits(&mut self, text: &str, record: &str, at: i64) {
        let (mut matching, mut doubts) = (Vec::new(), Vec::new());
        for (filter, verdict) in self.matcher.hits() {
            match verdict {
                Verdict::Match => matching.push(*filter),
                Verdict::Uncertain(doubt) => doubts.push((self.subject.filters[*filter].detection, doubt.rule)),
                Verdict::NoMatch => {}
            }
        }
        matching.sort_unstable();
        self.take(text, record, at, (&matching, &doubts), Count { event: true, of_detection: true });
    }

    /// Principal, source address, event name and account of the event that was read last out of `text`.
    fn who(&self, text: &str) -> [String; 4] {
        let of = |mut places: std::ops::Range<usize>| {
            let found = places.find_map(|place| self.matcher.property(place, text).filter(|text| !text.is_empty()));
            found.map_or_else(|| "(none)".to_owned(), std::borrow::Cow::into_owned)
        };
        [of(WHO), of(ADDRESS..ADDRESS + 1), of(NAME..NAME + 1), of(ACCOUNT)]
    }

    /// `record` is a part of the `text` that was read.
    fn take(&mut self, text: &str, record: &str, at: i64, (matching, doubts): (&[usize], &[(usize, Rule)]), count: Count) {
        let id = self.matcher.property(ID, text).map_or(0, |id| hash(&id));
        let subject = self.subject;
        let delay = self.arrived.map_or(self.bounds.delay, |arrived| arrived - at).max(0);
        let delay = u16::try_from((delay + MINUTE - 1) / MINUTE).unwrap_or(u16::MAX);
        let mut hits: Vec<Hit> = Vec::new();
        for index in matching {
            let filter = &subject.filters[*index];
            if hits.last().is_none_or(|hit| hit.detection != filter.detection) {
                hits.push(Hit::new(filter.detection, at, delay, id));
            }
            if let Some(hit) = hits.last_mut() {
                hit.filters.push(*index);
                datums(filter, subject.patterns.patterns().get(*index), record, *index, hit);
            }
        }
        if !hits.is_empty() {
            let who = self.who(text);
            hits.iter_mut().for_each(|hit| hit.who.clone_from(&who));
        }
        let mut census = self.census.lock().unwrap_or_else(PoisonError::into_inner);
        for hit in hits.iter_mut().filter(|hit| census.detections[hit.detection].wants(at)) {
            record.clone_into(&mut hit.text);
        }
        let matched: Vec<usize> = hits.iter().map(|hit| hit.detection).collect();
        census.take(&mut hits, count);
        for (detection, rule) in doubts.iter().filter(|(detection, _)| !matched.contains(detection)) {
            *census.detections[*detection].uncertain.entry(*rule).or_default() += 1;
        }
    }
}

impl Visitor for Scan<'_> {
    fn read(&mut self, text: &str, start: usize) -> Result<usize, Malformed> {
        self.matcher.eval_record(text, start)
    }

    fn gate(&self) -> Option<&Gate> {
        self.subject.gate.as_ref()
    }

    fn skipped(&mut self, time: &str) {
        self.totals.events += 1;
        self.place(seconds(time), true);
    }

    fn record(&mut self, text: &str, start: usize, end: usize) {
        if self.matcher.property(DIGEST, text).is_some() {
            self.totals.digests += 1;
            return self.is_known();
        }
        self.totals.events += 1;
        if let Some(at) = self.time(text, true)
            && !self.matcher.hits().is_empty()
        {
            self.hits(text, &text[start..end], at);
        }
    }
}

/// What a filter reports of an event, by the channels that alarms look at.
fn datums(filter: &Filter, pattern: Option<&filter_pattern::Pattern>, record: &str, index: usize, hit: &mut Hit) {
    let Some(pattern) = pattern else { return };
    let value = match filter.constant() {
        Some(_) => None,
        None => {
            let extracted = filter.value.extract(pattern, record);
            hit.without_value += u64::from(!matches!(extracted, Extracted::Number(_)));
            match (extracted, filter.default) {
                (Extracted::Number(value), _) => Some(value),
                // AWS is silent; by an observation the default is reported (spec, section 3.1).
                (Extracted::Missing, Some(default)) => Some(default),
                _ => return,
            }
        }
    };
    let mut dimensions = BTreeMap::new();
    for (key, source) in &filter.dimensions {
        match source.extract(pattern, record) {
            Extracted::Text(text) => dimensions.insert(key.clone(), text),
            Extracted::Number(number) => dimensions.insert(key.clone(), number.to_string()),
            // What AWS does then is not known.
            Extracted::Missing | Extracted::Uncertain(_) => return hit.without_value += 1,
        };
    }
    let channel = filter.channels.iter().position(|channel| *channel == dimensions);
    hit.datums.extend(channel.map(|channel| (index, channel, value)));
}

/// FNV-1a: ids are random, and nobody gains by two that collide. Never 0.
pub(super) fn hash(id: &str) -> u64 {
    id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)).max(1)
}
