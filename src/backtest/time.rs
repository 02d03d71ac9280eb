//! Times as CloudTrail writes them, and as people write them.

pub(super) const MINUTE: i64 = 60;

/// Seconds since 1970 of `2026-11-25T06:01:00Z`.
pub(super) fn seconds(text: &str) -> Option<i64> {
    usual(text.as_bytes()).or_else(|| text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second))
}

/// The form that CloudTrail uses, without a fraction and in UTC. `None`: it is another, or no time.
fn usual(text: &[u8]) -> Option<i64> {
    let text: &[u8; 20] = text.try_into().ok()?;
    let signs = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
    if signs.iter().any(|(place, sign)| text[*place] != *sign) {
        return None;
    }
    let number = |from: usize, to: usize| {
        text[from..to].iter().try_fold(0_i64, |number, digit| digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0')))
    };
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    // Days of unusual dates, and dates that do not exist, are for the library.
    if !(1..=12).contains(&month) || !(1..=28).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    // Days since 1970, with years that begin in March.
    let (years, months) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days =
        365 * years + years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400) + (153 * months + 2) / 5 + day - 1 - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_library() {
        let library = |text: &str| text.parse::<jiff::Timestamp>().unwrap().as_second();
        for year in [1970, 1999, 2000, 2023, 2024, 2026, 2100] {
            for month in 1..=12 {
                for day in [1, 2, 27, 28] {
                    let text = format!("{year}-{month:02}-{day:02}T23:59:58Z");
                    assert_eq!(usual(text.as_bytes()), Some(library(&text)), "{text}");
                }
            }
        }
        assert_eq!(seconds("2024-02-29T00:00:00Z"), Some(library("2024-02-29T00:00:00Z")));
        assert_eq!(seconds("2026-11-25T06:01:00.123+01:00"), Some(library("2026-11-25T05:01:00Z")));
        for wrong in ["", "2026-11-25", "2026-02-30T00:00:00Z", "2026-11-25T24:00:00Z", "yesterday"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }
}
