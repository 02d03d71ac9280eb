//! A series as a strip: `0x2 1 0x3 _` is two periods without a match, one with one, three without,
//! and one in which no event came in at all.

use std::str::FromStr;

/// Periods a strip may have: a week of minutes.
const MOST_PERIODS: usize = 10_080;

/// What a period holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tally {
    /// No event was ingested.
    Silence,
    /// Events were ingested, and so many matched.
    Matches(u32),
}

/// Matches a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Strip(pub Vec<Tally>);

/// What is wrong with a strip, and what to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StripError {
    pub message: String,
    pub help: &'static str,
}

impl FromStr for Strip {
    type Err = StripError;

    fn from_str(text: &str) -> Result<Self, StripError> {
        let mut periods = Vec::new();
        for token in text.split_whitespace() {
            let wrong = || StripError {
                message: format!("`{token}` is no part of a strip"),
                help: "write `1` (matches), `0x3` (three periods without), `_` (no data)",
            };
            let (value, times) = match token.split_once('x') {
                Some((value, times)) => (value, times.parse().map_err(|_| wrong())?),
                None => (token, 1_usize),
            };
            let tally = match value {
                "_" => Tally::Silence,
                number => Tally::Matches(number.parse().map_err(|_| wrong())?),
            };
            if times > MOST_PERIODS - periods.len() {
                return Err(StripError { message: format!("the strip has more than {MOST_PERIODS} periods"), help: "shorten it" });
            }
            periods.extend(std::iter::repeat_n(tally, times));
        }
        if periods.is_empty() {
            return Err(StripError { message: "the strip is empty".to_owned(), help: "write `0x2 1 0x3`" });
        }
        Ok(Self(periods))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips() {
        let read = |text: &str| text.parse::<Strip>();
        assert_eq!(read("0x2 1 _x2").unwrap().0, [Tally::Matches(0), Tally::Matches(0), Tally::Matches(1), Tally::Silence, Tally::Silence]);
        for wrong in ["", "1x", "x3", "-1", "1.5", "_y", "0x99999", "1x18446744073709551615 1"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
