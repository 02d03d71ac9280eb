//! Numbers as they are written: the lexeme is kept, and compared as a decimal and as a double.

use std::cmp::Ordering;
use std::fmt;

/// A number of a pattern: `400`, `+1000`, `55.5`, `1e-3`. Equal when written alike.
#[derive(Debug, Clone)]
pub struct Number {
    /// As it stands in the pattern.
    pub lexeme: String,
    decimal: Decimal,
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.lexeme == other.lexeme
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.lexeme)
    }
}

impl Number {
    /// Reads a number of the pattern language: a sign, digits, a fraction, an `e` in lower case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Decimal::parse(text).filter(|_| !text.contains('E')).map(|decimal| Self { lexeme: text.to_owned(), decimal })
    }

    /// The nearest double.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.decimal.double
    }

    /// How `value`, the text of a number, compares with this one: as decimals and as doubles.
    /// `None`: it is no number.
    pub(crate) fn compare(&self, value: &str) -> Option<(Ordering, Ordering)> {
        let value = Decimal::parse(value)?;
        let double = value.double.partial_cmp(&self.decimal.double)?;
        // Up to 15 digits a double tells decimals apart (IEEE 754, DBL_DIG), so the two agree.
        if value.is_short() && self.decimal.is_short() {
            return Some((double, double));
        }
        Some((value.order(&self.decimal), double))
    }
}

/// A decimal number: `0.digits * 10^point`, digits without zeroes at either end.
#[derive(Debug, Clone)]
struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    point: i64,
    double: f64,
}

/// Whether a text reads as a number, in a pattern or in an event.
pub(crate) fn is_number(text: &str) -> bool {
    split(text).is_some()
}

/// Sign, whole digits, fraction digits, exponent.
fn split(text: &str) -> Option<(bool, &str, &str, i64)> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    let exponent = match exponent {
        None => 0,
        Some(written) => {
            let number = written.strip_prefix(['+', '-']).unwrap_or(written);
            if number.is_empty() || !digits(number) {
                return None;
            }
            // Beyond this every double is 0 or infinite, and no event has that many digits.
            let size = number.parse::<i64>().unwrap_or(i64::MAX).min(1 << 40);
            if written.starts_with('-') { -size } else { size }
        }
    };
    Some((text.starts_with('-'), whole, fraction, exponent))
}

impl Decimal {
    fn parse(text: &str) -> Option<Self> {
        let (negative, whole, fraction, exponent) = split(text)?;
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let leading = digits.iter().take_while(|d| **d == b'0').count();
        digits.drain(..leading);
        while digits.last() == Some(&b'0') {
            digits.pop();
        }
        let point = i64::try_from(whole.len()).ok()? - i64::try_from(leading).ok()? + exponent;
        let double = text.parse().ok()?;
        Some(Self { negative: negative && !digits.is_empty(), point: if digits.is_empty() { 0 } else { point }, digits, double })
    }

    fn is_short(&self) -> bool {
        self.digits.len() <= 15 && self.point.abs() < 300
    }

    fn order(&self, other: &Self) -> Ordering {
        let sign = |d: &Self| if d.digits.is_empty() { 0 } else { 1 - 2 * i8::from(d.negative) };
        let size = || match (self.digits.is_empty(), other.digits.is_empty()) {
            (false, false) => self.point.cmp(&other.point).then_with(|| self.digits.cmp(&other.digits)),
            _ => Ordering::Equal,
        };
        sign(self).cmp(&sign(other)).then_with(|| if self.negative { size().reverse() } else { size() })
    }
}

/// The texts a number of an event may be compared by, when a pattern compares text: as written
/// first, then without exponent, then as a double is printed (spec, section 5, no. 10). One alone
/// where there is no doubt.
pub(crate) fn texts(lexeme: &str) -> Vec<String> {
    let mut texts = vec![lexeme.to_owned()];
    let digits = lexeme.bytes().filter(u8::is_ascii_digit).count();
    let has_exponent = lexeme.contains(['e', 'E']);
    if !has_exponent && (digits <= 17 || !lexeme.contains('.')) {
        return texts;
    }
    if has_exponent {
        texts.extend(plain(lexeme));
    }
    texts.extend(lexeme.parse::<f64>().ok().map(|double| format!("{double:?}")));
    texts.dedup();
    texts
}

/// `1.5e3` as `1500`; `None` when that would be very long.
fn plain(lexeme: &str) -> Option<String> {
    let decimal = Decimal::parse(lexeme)?;
    let length = i64::try_from(decimal.digits.len()).ok()?;
    if decimal.point.abs() + length > 400 {
        return None;
    }
    let digits = String::from_utf8(decimal.digits).ok()?;
    let zeroes = |n: i64| "0".repeat(usize::try_from(n).unwrap_or(0));
    let sign = if decimal.negative { "-" } else { "" };
    Some(match usize::try_from(decimal.point) {
        _ if digits.is_empty() => "0".to_owned(),
        Ok(0) | Err(_) => format!("{sign}0.{}{digits}", zeroes(-decimal.point)),
        Ok(point) if point >= digits.len() => format!("{sign}{digits}{}", zeroes(decimal.point - length)),
        Ok(point) => format!("{sign}{}.{}", &digits[..point], &digits[point..]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Ordering::{Equal, Greater, Less};

    #[test]
    fn decimals_and_doubles_agree_but_for_long_numbers() {
        for (value, number, decimal, double) in [
            ("123", "123.0", Equal, Equal),
            ("0.001", "1e-3", Equal, Equal),
            ("-4.9", "-5", Greater, Greater),
            ("-0", "0", Equal, Equal),
            ("10", "9", Greater, Greater),
            ("1e999999999999999999999", "1", Greater, Greater),
            ("9007199254740992", "9007199254740993", Less, Equal),
            ("111122223333", "111122223333", Equal, Equal),
            ("-12345678901234567890", "-12345678901234567891", Greater, Equal),
        ] {
            assert_eq!(Number::parse(number).unwrap().compare(value), Some((decimal, double)), "{value} with {number}");
        }
        for wrong in ["", "+", "1e", ".", "1.2.3", "0x10", "1E3", "1_000", "NaN", "inf", "e3"] {
            assert!(Number::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_number_has_one_text_unless_it_has_an_exponent_or_is_very_long() {
        for (lexeme, expected) in [
            ("123", vec!["123"]),
            ("12.0", vec!["12.0"]),
            ("111122223333444455556666", vec!["111122223333444455556666"]),
            ("1e3", vec!["1e3", "1000", "1000.0"]),
            ("-1.5E-3", vec!["-1.5E-3", "-0.0015"]),
            ("0.1234567890123456789", vec!["0.1234567890123456789", "0.12345678901234568"]),
        ] {
            assert_eq!(texts(lexeme), expected, "{lexeme}");
        }
    }
}
