//! What was found, minute by minute, and on whose account. Small: an entry is a minute, a delay and a principal.

use std::collections::BTreeMap;

use crate::simulate::Datums;

const DAY: i64 = 1440;

/// Where and by whom something was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    /// Minutes since 1970, of the event.
    pub(super) minute: i64,
    /// Minutes until it came in.
    pub(super) delay: u16,
    /// Index of the principal.
    pub(super) principal: u16,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    minute: u16,
    delay: u16,
    principal: u16,
    count: u32,
}

/// Datums of a metric, or events of a detection.
#[derive(Debug, Clone, Default)]
pub(super) struct Series {
    /// Of each the same value. By day, in the order of minute, delay and principal.
    days: BTreeMap<i64, Vec<Entry>>,
    /// Of values that stand in the events.
    extracted: BTreeMap<Key, Datums>,
}

impl Series {
    /// Adds one of the value that all have.
    pub(super) fn add(&mut self, key: Key) {
        let entries = self.days.entry(key.minute.div_euclid(DAY)).or_default();
        let minute = key.minute.rem_euclid(DAY) as u16;
        let place = |entry: &Entry| (entry.minute, entry.delay, entry.principal).cmp(&(minute, key.delay, key.principal));
        match entries.binary_search_by(place) {
            Ok(known) => entries[known].count = entries[known].count.saturating_add(1),
            Err(at) => entries.insert(at, Entry { minute, delay: key.delay, principal: key.principal, count: 1 }),
        }
    }

    /// Adds one of a value that stood in an event.
    pub(super) fn add_value(&mut self, key: Key, value: f64) {
        self.extracted.entry(key).or_default().add(value, 1);
    }

    /// What is there from one minute until before another, in the order of time.
    fn entries(&self, from: i64, to: i64) -> impl Iterator<Item = (Key, u32)> {
        let days = if from < to { from.div_euclid(DAY)..(to - 1).div_euclid(DAY) + 1 } else { 0..0 };
        self.days.range(days).flat_map(move |(day, entries)| {
            let start = entries.partition_point(|entry| day * DAY + i64::from(entry.minute) < from);
            let end = entries.partition_point(|entry| day * DAY + i64::from(entry.minute) < to);
            entries[start..end].iter().map(move |entry| {
                let key = Key { minute: day * DAY + i64::from(entry.minute), delay: entry.delay, principal: entry.principal };
                (key, entry.count)
            })
        })
    }

    /// The datums of a stretch, as far as they had come in at the minute `seen`; `value`: of those that all have the same.
    /// Those of one principal can be left out. Also says in how many of its minutes there are any.
    pub(super) fn datums(&self, (from, to): (i64, i64), seen: i64, value: f64, without: Option<u16>) -> (Datums, u64) {
        let counts = |key: &Key| key.minute + i64::from(key.delay) < seen && without != Some(key.principal);
        let (mut datums, mut minutes, mut last) = (Datums::default(), 0, None);
        for (key, count) in self.entries(from, to).filter(|(key, _)| counts(key)) {
            datums.add(value, u64::from(count));
            minutes += u64::from(last != Some(key.minute));
            last = Some(key.minute);
        }
        let (low, high) = (Key { minute: from, delay: 0, principal: 0 }, Key { minute: to.max(from), delay: 0, principal: 0 });
        for (key, more) in self.extracted.range(low..high).filter(|(key, _)| counts(key)) {
            datums.merge(more);
            minutes += u64::from(last != Some(key.minute));
            last = Some(key.minute);
        }
        (datums, minutes)
    }

    /// Minutes at which something came in or was: the alarm may change there.
    pub(super) fn edges(&self) -> impl Iterator<Item = i64> {
        let counted = self.entries(i64::MIN / 2, i64::MAX / 2).map(|(key, _)| key);
        counted.chain(self.extracted.keys().copied()).flat_map(|key| [key.minute, key.minute + i64::from(key.delay)])
    }

    /// How many, by periods of so many minutes, counted from 1970.
    pub(super) fn by_period(&self, minutes: i64) -> BTreeMap<i64, u64> {
        let mut periods = BTreeMap::new();
        for (key, count) in self.entries(i64::MIN / 2, i64::MAX / 2) {
            *periods.entry(key.minute.div_euclid(minutes) * minutes).or_default() += u64::from(count);
        }
        periods
    }

    /// How many, by principal.
    pub(super) fn by_principal(&self) -> BTreeMap<u16, u64> {
        let mut principals = BTreeMap::new();
        for (key, count) in self.entries(i64::MIN / 2, i64::MAX / 2) {
            *principals.entry(key.principal).or_default() += u64::from(count);
        }
        principals
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datums_are_found_by_time_arrival_and_principal() {
        let mut series = Series::default();
        for (minute, delay, principal) in [(1441, 0, 1), (5, 0, 0), (5, 0, 0), (5, 3, 1), (7, 0, 1), (-1, 0, 0)] {
            series.add(Key { minute, delay, principal });
        }
        let count = |from, to, seen, without| {
            let (datums, minutes) = series.datums((from, to), seen, 2.0, without);
            (datums.count, datums.sum, minutes)
        };
        assert_eq!(count(5, 8, 100, None), (4, 8.0, 2));
        assert_eq!(count(5, 8, 7, None), (2, 4.0, 1), "one comes in three minutes late, one is of a minute that is not over");
        assert_eq!(count(5, 8, 100, Some(0)), (2, 4.0, 2));
        assert_eq!(count(-5, 2000, 2000, None), (6, 12.0, 4));
        assert_eq!(count(8, 8, 100, None), (0, 0.0, 0));
        assert_eq!(series.by_period(5), BTreeMap::from([(-5, 1), (5, 4), (1440, 1)]));
        assert_eq!(series.by_principal(), BTreeMap::from([(0, 3), (1, 3)]));
        let mut valued = Series::default();
        valued.add_value(Key { minute: 3, delay: 0, principal: 0 }, 7.5);
        valued.add_value(Key { minute: 3, delay: 0, principal: 1 }, 2.5);
        let (datums, minutes) = valued.datums((0, 5), 10, 1.0, None);
        assert_eq!((datums.count, datums.sum, datums.max, minutes), (2, 10.0, 7.5, 1));
    }
}
