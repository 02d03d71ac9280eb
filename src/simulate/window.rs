//! Which periods an alarm looks at when it is evaluated (spec, section 4.2). Times are seconds since 1970.
//!
//! Left out: wall-clock windows, whose boundaries need the rules of time zones.

/// The starts of the periods that a sliding window has at a time, the oldest first.
///
/// The newest one ends at the time floored to the minute; alarms over more than a day are looked at once an hour, on data up
/// to the full hour, those with periods under a minute every ten seconds.
pub fn sliding(period: i64, periods: i64, at: i64) -> Vec<i64> {
    const DAY: i64 = 86_400;
    let step = match period {
        _ if period.saturating_mul(periods) > DAY => 3600,
        period if period < 60 => 10,
        _ => 60,
    };
    let end = at.div_euclid(step) * step;
    (1..=periods).rev().map(|n| end - n * period).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

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
            assert_eq!(sliding(period, periods, at), starts, "{period} {periods} {at}");
        }
    }
}
