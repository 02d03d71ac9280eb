//! What a pass over the events found: counts by detection, by minute, by principal. Its size grows with time and with principals,
//! not with events.

use std::collections::{BTreeMap, HashSet};

use filter_pattern::Rule;

use super::minutes::Minutes;
use super::series::{Key, Series};
use super::subject::Subject;

/// Principals, addresses and so on that are told apart, all detections together; the rest is one.
const MOST_NAMES: usize = 40_000;
/// Ids of matching events that are remembered, to find duplicates.
const MOST_IDS: usize = 2_000_000;
/// Events that are shown of a detection.
pub(super) const SAMPLES: usize = 3;
/// Characters of an event that is shown.
const MOST_TEXT: usize = 20_000;

/// Numbers about the pass as a whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    pub files: u64,
    pub bytes: u64,
    pub events: u64,
    /// Events that matched any detection.
    pub matched: u64,
    /// Matching events whose `eventID` was there before.
    pub duplicates: u64,
    /// More matching events than ids are remembered: later duplicates are not found.
    pub duplicates_are_cut: bool,
    /// Events earlier than the one before them.
    pub out_of_order: u64,
    /// Events without a time, which cannot be placed.
    pub without_time: u64,
    /// Events that lie in the future.
    pub in_future: u64,
    /// Events before `--since` or after `--until`.
    pub outside: u64,
    /// Events on more days than are held.
    pub beyond: u64,
    /// Digest files, which hold no events.
    pub digests: u64,
    /// Files in which no record has a time.
    pub foreign: u64,
    /// Places that could not be read.
    pub damaged: u64,
}

/// Something a detection found.
#[derive(Debug, Clone)]
pub(super) struct Hit {
    pub(super) detection: usize,
    /// Seconds.
    pub(super) at: i64,
    pub(super) delay: u16,
    pub(super) id: u64,
    /// Principal, source address, event name, account.
    pub(super) who: [String; 4],
    /// Of filters of the detection that match: index, channel, value where it is not the filter's own.
    pub(super) datums: Vec<(usize, usize, Option<f64>)>,
    /// Of filters: they match, and there is no number or no dimension.
    pub(super) without_value: u64,
    pub(super) filters: Vec<usize>,
    pub(super) text: String,
}

impl Hit {
    pub(super) fn new(detection: usize, at: i64, delay: u16, id: u64) -> Self {
        let (who, text) = (Default::default(), String::new());
        Self { detection, at, delay, id, who, datums: Vec::new(), without_value: 0, filters: Vec::new(), text }
    }
}

/// What counts, of an event that may have been found before by another filter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Count {
    /// It is a new event.
    pub(super) event: bool,
    /// It is new to its detections.
    pub(super) of_detection: bool,
}

/// What was found of a detection.
#[derive(Debug, Clone, Default)]
pub(super) struct Finds {
    pub(super) events: u64,
    pub(super) series: Series,
    /// Source addresses, event names, accounts: index of the name → events.
    pub(super) others: [BTreeMap<u16, u64>; 3],
    pub(super) uncertain: BTreeMap<Rule, u64>,
    pub(super) without_value: u64,
    /// The earliest: time, id, text.
    pub(super) samples: Vec<(i64, u64, String)>,
}

/// See the module.
#[derive(Debug, Default)]
pub struct Census {
    pub totals: Totals,
    pub(super) minutes: Minutes,
    pub(super) detections: Vec<Finds>,
    /// By filter and channel.
    pub(super) metrics: Vec<Vec<Series>>,
    /// Events by filter.
    pub(super) by_filter: Vec<u64>,
    pub(super) names: Names,
    seen: HashSet<u64>,
    /// Duplicates are counted once.
    is_unique: bool,
}

impl Census {
    pub fn new(subject: &Subject, is_unique: bool) -> Self {
        Self {
            detections: vec![Finds::default(); subject.detections.len()],
            metrics: subject.filters.iter().map(|filter| vec![Series::default(); filter.channels.len()]).collect(),
            by_filter: vec![0; subject.filters.len()],
            is_unique,
            ..Self::default()
        }
    }

    /// Takes what one event was found by.
    pub(super) fn take(&mut self, hits: &mut Vec<Hit>, count: Count) {
        let Some(first) = hits.first() else { return };
        let (id, is_known) = (first.id, count.event && first.id != 0 && !self.remember(first.id));
        self.totals.duplicates += u64::from(is_known);
        if is_known && self.is_unique {
            return hits.clear();
        }
        self.totals.matched += u64::from(count.event);
        for hit in hits.drain(..) {
            let [principal, others @ ..] = &hit.who;
            let key = Key { minute: hit.at.div_euclid(60), delay: hit.delay, principal: self.names.index(principal) };
            let others: [u16; 3] = others.each_ref().map(|name| self.names.index(name));
            let finds = &mut self.detections[hit.detection];
            finds.without_value += hit.without_value;
            if count.of_detection {
                finds.events += 1;
                finds.series.add(key);
                others.into_iter().zip(&mut finds.others).for_each(|(name, counts)| *counts.entry(name).or_default() += 1);
                finds.show(hit.at, id, hit.text);
            }
            hit.filters.iter().for_each(|filter| self.by_filter[*filter] += 1);
            for (filter, channel, value) in hit.datums {
                match value {
                    None => self.metrics[filter][channel].add(key),
                    Some(value) => self.metrics[filter][channel].add_value(key, value),
                }
            }
        }
    }

    /// false: it was there before.
    fn remember(&mut self, id: u64) -> bool {
        if self.seen.len() >= MOST_IDS {
            self.totals.duplicates_are_cut = true;
            return !self.seen.contains(&id);
        }
        self.seen.insert(id)
    }
}

impl Finds {
    /// Whether an event would be among those that are shown.
    pub(super) fn wants(&self, at: i64) -> bool {
        self.samples.len() < SAMPLES || self.samples.last().is_some_and(|last| at <= last.0)
    }

    fn show(&mut self, at: i64, id: u64, mut text: String) {
        if !text.is_empty() && self.wants(at) {
            text.truncate(text.floor_char_boundary(MOST_TEXT));
            let place = self.samples.partition_point(|sample| (sample.0, sample.1, &sample.2) < (at, id, &text));
            self.samples.insert(place, (at, id, text));
            self.samples.truncate(SAMPLES);
        }
    }
}

/// Names, each held once.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: BTreeMap<String, u16>,
    all: Vec<String>,
}

impl Names {
    const OTHERS: &str = "(others)";

    fn index(&mut self, name: &str) -> u16 {
        if let Some(known) = self.known.get(name) {
            return *known;
        }
        let name = if self.all.len() >= MOST_NAMES { Self::OTHERS } else { name };
        let next = u16::try_from(self.all.len()).unwrap_or(u16::MAX);
        let (all, known) = (&mut self.all, &mut self.known);
        *known.entry(name.to_owned()).or_insert_with(|| {
            all.push(name.to_owned());
            next
        })
    }

    pub(super) fn name(&self, index: u16) -> &str {
        self.all.get(usize::from(index)).map_or(Self::OTHERS, String::as_str)
    }

    /// The most frequent first, then by name.
    pub(super) fn ranked(&self, counts: &BTreeMap<u16, u64>) -> Vec<(String, u64)> {
        let mut ranked: Vec<(String, u64)> = counts.iter().map(|(index, count)| (self.name(*index).to_owned(), *count)).collect();
        ranked.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        ranked
    }
}
