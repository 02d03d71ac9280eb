//! How many events came in, minute by minute. Minutes are counted from 1970.

use std::collections::BTreeMap;

const DAY: i64 = 1440;
/// Days that are held; more would be more memory than a backtest is worth.
const MOST_DAYS: usize = 3660;

/// Events a minute.
#[derive(Debug, Clone, Default)]
pub(super) struct Minutes {
    days: BTreeMap<i64, Box<[u32]>>,
}

impl Minutes {
    /// Adds events; false: there are too many days already.
    pub(super) fn add(&mut self, minute: i64, events: u32) -> bool {
        let day = minute.div_euclid(DAY);
        if self.days.len() >= MOST_DAYS && !self.days.contains_key(&day) {
            return false;
        }
        let page = self.days.entry(day).or_insert_with(|| vec![0; DAY as usize].into_boxed_slice());
        let slot = &mut page[minute.rem_euclid(DAY) as usize];
        *slot = slot.saturating_add(events);
        true
    }

    /// Minutes with events, and their events, from one minute until before another.
    pub(super) fn tally(&self, from: i64, to: i64) -> (u64, u64) {
        let (mut minutes, mut events) = (0, 0);
        if from >= to {
            return (0, 0);
        }
        for (day, page) in self.days.range(from.div_euclid(DAY)..=(to - 1).div_euclid(DAY)) {
            let start = (from - day * DAY).clamp(0, DAY) as usize;
            let end = (to - day * DAY).clamp(0, DAY) as usize;
            for count in page[start..end].iter().filter(|count| **count > 0) {
                minutes += 1;
                events += u64::from(*count);
            }
        }
        (minutes, events)
    }

    /// The first and the last minute with events.
    pub(super) fn span(&self) -> Option<(i64, i64)> {
        let of = |(day, page): (i64, &[u32]), last: bool| {
            let mut found = page.iter().enumerate().filter(|(_, count)| **count > 0).map(|(minute, _)| day * DAY + minute as i64);
            if last { found.next_back() } else { found.next() }
        };
        let (first, last) = (self.days.first_key_value()?, self.days.last_key_value()?);
        Some((of((*first.0, first.1), false)?, of((*last.0, last.1), true)?))
    }

    /// The minutes at which events begin or cease to come in.
    pub(super) fn flips(&self) -> Vec<i64> {
        let (mut flips, mut is_on, mut next) = (Vec::new(), false, i64::MIN);
        for (day, page) in &self.days {
            if is_on && day * DAY != next {
                flips.push(next);
                is_on = false;
            }
            for (minute, count) in page.iter().enumerate() {
                if (*count > 0) != is_on {
                    flips.push(day * DAY + minute as i64);
                    is_on = !is_on;
                }
            }
            next = (day + 1) * DAY;
        }
        flips.extend(is_on.then_some(next));
        flips
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minutes_are_counted_over_days() {
        let mut minutes = Minutes::default();
        for (minute, events) in [(-1, 2), (0, 1), (1, 1), (1439, 5), (1440, 1), (5000, 1)] {
            assert!(minutes.add(minute, events));
        }
        assert_eq!(minutes.tally(-5, 2), (3, 4));
        assert_eq!(minutes.tally(1, 1441), (3, 7));
        assert_eq!(minutes.tally(2, 2), (0, 0));
        assert_eq!(minutes.span(), Some((-1, 5000)));
        assert_eq!(minutes.flips(), [-1, 2, 1439, 1441, 5000, 5001]);
        assert_eq!(Minutes::default().span(), None);
    }

    #[test]
    fn days_without_end_are_refused() {
        let mut minutes = Minutes::default();
        assert!((0..MOST_DAYS as i64).all(|day| minutes.add(day * DAY, 1)));
        assert!(!minutes.add(-1, 1));
        assert!(minutes.add(5, 1));
    }
}
