//! Which periods an alarm looks at when it is evaluated (spec, section 4.2). Times are seconds since 1970.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// How periods lie in time.
#[derive(Debug, Clone)]
pub enum Window {
    /// The newest one ends at the time of the evaluation.
    Sliding,
    /// By the clock: full hours, midnight, Monday.
    WallClock(TimeZone),
}

impl Window {
    /// A wall-clock window in a time zone: an IANA name, `UTC`, `+02:00` or `UTC+02:00` (the minutes a multiple of five).
    pub fn wall_clock(zone: &str) -> Option<Self> {
        let offset = zone.strip_prefix("UTC").unwrap_or(zone);
        if offset.is_empty() {
            return Some(Self::WallClock(TimeZone::UTC));
        }
        let zone = if offset.starts_with(['+', '-']) { TimeZone::fixed(fixed(offset)?) } else { TimeZone::get(zone).ok()? };
        Some(Self::WallClock(zone))
    }

    /// The periods up to a time, as starts and ends, the oldest first.
    ///
    /// Sliding: the newest ends at the time floored to the minute; alarms over more than a day are looked at once an hour, on data
    /// up to the full hour, those with periods under a minute every ten seconds. By the clock: the newest that are complete.
    pub fn periods(&self, period: i64, count: i64, of: i64, at: i64) -> Vec<(i64, i64)> {
        match self {
            Self::Sliding => {
                let end = at - at.rem_euclid(pace(period, of));
                (0..count).rev().map(|n| (end - (n + 1) * period, end - n * period)).collect()
            }
            Self::WallClock(zone) => {
                let mut periods = Vec::new();
                let mut end = boundary(zone, period, at);
                for _ in 0..count {
                    let start = boundary(zone, period, end - 1);
                    periods.push((start, end));
                    end = start;
                }
                periods.reverse();
                periods
            }
        }
    }
}

/// Seconds between evaluations of an alarm over `periods` periods.
pub(super) fn pace(period: i64, periods: i64) -> i64 {
    match period {
        _ if period.saturating_mul(periods) > DAY => HOUR,
        period if period < 60 => 10,
        _ => 60,
    }
}

/// `+02:00`, `-0330`, `+2`.
fn fixed(text: &str) -> Option<Offset> {
    let (sign, rest) = (if text.starts_with('-') { -1 } else { 1 }, &text[1..]);
    let (hours, minutes) = match rest.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None if rest.len() > 2 => rest.split_at_checked(rest.len() - 2)?,
        None => (rest, "0"),
    };
    let number = |text: &str| text.parse::<i32>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let is_one = hours <= 23 && minutes <= 59 && minutes % 5 == 0;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok().filter(|_| is_one)
}

/// The last time at or before `at` at which a period begins by the clock.
fn boundary(zone: &TimeZone, period: i64, at: i64) -> i64 {
    let Ok(time) = Timestamp::from_second(at) else { return at - at.rem_euclid(period) };
    if period < DAY {
        let offset = i64::from(zone.to_offset(time).seconds());
        return at - (at + offset).rem_euclid(period);
    }
    let midnight = DateTime::from(zone.to_datetime(time).date());
    let back = if period == WEEK { i64::from(midnight.weekday().to_monday_zero_offset()) } else { 0 };
    let start = midnight.date().checked_sub(jiff::Span::new().days(back)).and_then(|date| date.to_zoned(zone.clone()));
    start.map_or(at - at.rem_euclid(DAY), |start| start.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn windows_slide_with_the_minute() {
        for (period, periods, at, starts) in [
            (300, 2, 6 * 3600 + 30 * 60 + 58, vec![6 * 3600 + 20 * 60, 6 * 3600 + 25 * 60]),
            (60, 1, 119, vec![0]),
            (10, 2, 47, vec![20, 30]),
            // Three days, at ten past: up to the full hour.
            (259_200, 1, 259_200 + 3 * 60, vec![0]),
            (259_200, 1, 259_200 + 3600 + 3 * 60, vec![3600]),
        ] {
            let found: Vec<i64> = Window::Sliding.periods(period, periods, periods, at).into_iter().map(|(start, _)| start).collect();
            assert_eq!(found, starts, "{period} {periods} {at}");
        }
    }

    #[test]
    fn windows_by_the_clock_hold_complete_periods() {
        for (zone, period, count, time, expected) in [
            ("UTC", 3600, 2, "2026-11-25T10:20:00Z", "2026-11-25T08:00:00Z 2026-11-25T09:00:00Z 2026-11-25T10:00:00Z"),
            ("+05:30", 3600, 1, "2026-11-25T10:20:00Z", "2026-11-25T08:30:00Z 2026-11-25T09:30:00Z"),
            ("UTC-03:30", 86_400, 1, "2026-11-25T02:00:00Z", "2026-11-23T03:30:00Z 2026-11-24T03:30:00Z"),
            ("Europe/Berlin", 86_400, 1, "2026-11-25T12:00:00Z", "2026-11-23T23:00:00Z 2026-11-24T23:00:00Z"),
            // The day on which summer time ends has 25 hours.
            ("Europe/Berlin", 86_400, 1, "2026-10-26T12:00:00Z", "2026-10-24T22:00:00Z 2026-10-25T23:00:00Z"),
            ("UTC", 604_800, 1, "2026-11-25T12:00:00Z", "2026-11-16T00:00:00Z 2026-11-23T00:00:00Z"),
            ("UTC", 300, 1, "2026-11-25T12:07:00Z", "2026-11-25T12:00:00Z 2026-11-25T12:05:00Z"),
        ] {
            let periods = Window::wall_clock(zone).unwrap().periods(period, count, count, at(time));
            let edges: Vec<i64> = [periods[0].0].into_iter().chain(periods.iter().map(|(_, end)| *end)).collect();
            assert_eq!(edges, expected.split(' ').map(at).collect::<Vec<_>>(), "{zone} {period} {time}");
        }
        for wrong in ["Berlin", "+25:00", "+02:03", "UTC+x", "+-1", ""] {
            assert_eq!(Window::wall_clock(wrong).is_none(), !wrong.is_empty(), "{wrong}");
        }
    }
}
