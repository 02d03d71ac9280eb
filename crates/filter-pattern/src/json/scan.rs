//! Reads JSON (RFC 8259) strictly, without building anything. Never recurses: depth costs a bit.

use std::fmt;

/// The text is not JSON, or ends in the middle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed {
    /// The byte where reading stopped.
    pub offset: usize,
    /// What was expected there.
    pub expected: &'static str,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {} at byte {}", self.expected, self.offset)
    }
}

impl std::error::Error for Malformed {}

/// Where the JSON value that begins at byte `start` ends, white space before it included. All of it is checked.
///
/// # Errors
/// It is malformed.
pub fn json_end(text: &str, start: usize) -> Result<usize, Malformed> {
    let mut scanner = Scanner::new(text, start);
    scanner.blanks();
    scanner.skip()?;
    Ok(scanner.at)
}

/// What a value is, without its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    True,
    False,
    Number,
    /// `escaped`: it holds a backslash.
    Text {
        escaped: bool,
    },
    Object,
    Array,
}

/// A place in a JSON text.
pub(crate) struct Scanner<'a> {
    bytes: &'a [u8],
    pub(crate) at: usize,
    /// Open brackets while a value is skipped: true for objects.
    open: Vec<bool>,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(text: &'a str, at: usize) -> Self {
        Self { bytes: text.as_bytes(), at, open: Vec::new() }
    }

    pub(crate) fn malformed<T>(&self, expected: &'static str) -> Result<T, Malformed> {
        Err(Malformed { offset: self.at, expected })
    }

    #[inline]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    pub(crate) fn blanks(&mut self) {
        // Most values follow each other without one.
        if self.peek().is_some_and(|byte| byte <= b' ') {
            self.some_blanks();
        }
    }

    #[cold]
    fn some_blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Takes a byte, with the white space before it.
    #[inline]
    pub(crate) fn take(&mut self, byte: u8) -> bool {
        self.blanks();
        let taken = self.peek() == Some(byte);
        self.at += usize::from(taken);
        taken
    }

    /// The text between the quotes, and whether it holds a backslash. Starts at the opening quote.
    #[inline]
    pub(crate) fn string(&mut self) -> Result<(usize, usize, bool), Malformed> {
        if self.peek() != Some(b'"') {
            return self.malformed("a string");
        }
        self.at += 1;
        let start = self.at;
        let mut escaped = false;
        loop {
            self.at = plain_end(self.bytes, self.at);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok((start, self.at - 1, escaped));
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                Some(_) => return self.malformed("no control character in a string"),
                None => return self.malformed("the end of the string"),
            }
        }
    }

    fn escape(&mut self) -> Result<(), Malformed> {
        self.at += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => self.at += 1,
            Some(b'u') => {
                self.at += 1;
                for _ in 0..4 {
                    if !self.peek().is_some_and(|b| b.is_ascii_hexdigit()) {
                        return self.malformed("four hexadecimal digits");
                    }
                    self.at += 1;
                }
            }
            _ => return self.malformed("an escape"),
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), Malformed> {
        self.at += usize::from(self.peek() == Some(b'-'));
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits()?,
            _ => return self.malformed("a value"),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), Malformed> {
        let start = self.at;
        while self.peek().is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        if self.at == start { self.malformed("a digit") } else { Ok(()) }
    }

    fn literal(&mut self, word: &'static str, kind: Kind) -> Result<Kind, Malformed> {
        if self.bytes[self.at..].starts_with(word.as_bytes()) {
            self.at += word.len();
            return Ok(kind);
        }
        self.malformed("a value")
    }

    /// Skips what is no object or array, or enters one: `None`.
    #[inline]
    fn scalar(&mut self) -> Result<Option<Kind>, Malformed> {
        Ok(Some(match self.peek() {
            Some(b'"') => Kind::Text { escaped: self.string()?.2 },
            Some(b'{' | b'[') => return Ok(None),
            Some(b't') => self.literal("true", Kind::True)?,
            Some(b'f') => self.literal("false", Kind::False)?,
            Some(b'n') => self.literal("null", Kind::Null)?,
            _ => {
                self.number()?;
                Kind::Number
            }
        }))
    }

    /// Skips the value here, checking all of it.
    pub(crate) fn skip(&mut self) -> Result<Kind, Malformed> {
        if let Some(kind) = self.scalar()? {
            return Ok(kind);
        }
        let kind = if self.peek() == Some(b'{') { Kind::Object } else { Kind::Array };
        self.open.clear();
        self.enter();
        // Before each round: behind an opening bracket or a comma, or behind a value.
        let mut after_value = false;
        while let Some(in_object) = self.open.last().copied() {
            let close = if in_object { b'}' } else { b']' };
            if !(after_value && self.take(b',')) {
                if self.take(close) {
                    self.open.pop();
                    after_value = true;
                    continue;
                }
                if after_value {
                    return self.malformed("`,` or a closing bracket");
                }
            }
            self.blanks();
            self.member(in_object)?;
            after_value = self.scalar()?.is_some();
            if !after_value {
                self.enter();
            }
        }
        Ok(kind)
    }

    fn enter(&mut self) {
        self.open.push(self.peek() == Some(b'{'));
        self.at += 1;
    }

    /// In an object, the key and colon before the value.
    #[inline]
    fn member(&mut self, in_object: bool) -> Result<(), Malformed> {
        if in_object {
            self.string()?;
            self.colon()?;
        }
        Ok(())
    }

    #[inline]
    pub(crate) fn colon(&mut self) -> Result<(), Malformed> {
        if !self.take(b':') {
            return self.malformed("`:`");
        }
        self.blanks();
        Ok(())
    }
}

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// The next quote, backslash or control character, eight bytes at a time.
#[inline]
fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    let zero_byte = |word: u64| word.wrapping_sub(LOW) & !word & HIGH;
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let control = word.wrapping_sub(LOW * 0x20) & !word & HIGH;
        let special = zero_byte(word ^ (LOW * u64::from(b'"'))) | zero_byte(word ^ (LOW * u64::from(b'\\'))) | control;
        if special != 0 {
            // The lowest mark is exact; borrows can only set marks above it.
            return at + (special.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|b| *b >= 0x20 && *b != b'"' && *b != b'\\') {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_json_and_where_it_is_not() {
        for (text, result) in [
            ("{}", Ok(2)),
            ("[]", Ok(2)),
            (r#"{"a":[1,{"b":null}],"c":"x\"y"} tail"#, Ok(31)),
            (" 1", Err(0)),
            ("[1,]", Err(3)),
            ("[1 2]", Err(3)),
            ("{\"a\":1,}", Err(7)),
            ("{\"a\" 1}", Err(5)),
            ("{a:1}", Err(1)),
            ("{\"a\":01}", Err(6)),
            ("{\"a\":+1}", Err(5)),
            ("{\"a\":1.}", Err(7)),
            ("{\"a\":nul}", Err(5)),
            ("{\"a\":\"x", Err(7)),
            ("{\"a\":\"x\ny\"}", Err(7)),
            ("{\"a\":\"\\q\"}", Err(7)),
            ("{\"a\":\"\\u12g4\"}", Err(10)),
            ("{\"a\":[}", Err(6)),
            ("{", Err(1)),
            ("", Err(0)),
        ] {
            let mut scanner = Scanner::new(text, 0);
            let read = scanner.skip().map(|_| scanner.at).map_err(|e| e.offset);
            assert_eq!(read, result, "{text}");
        }
        let deep = "[".repeat(1_000_000) + &"]".repeat(1_000_000);
        assert_eq!(Scanner::new(&deep, 0).skip(), Ok(Kind::Array));
    }

    #[test]
    fn eight_bytes_at_a_time_find_what_one_at_a_time_finds() {
        for byte in 0..=255_u8 {
            for place in 0..20 {
                let mut bytes = vec![b'x'; 20];
                bytes[place] = byte;
                let special = byte < 0x20 || byte == b'"' || byte == b'\\';
                assert_eq!(plain_end(&bytes, 0), if special { place } else { 20 }, "{byte} at {place}");
            }
        }
    }
}
