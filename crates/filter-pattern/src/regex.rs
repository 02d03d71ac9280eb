//! `%…%`: the subset of regular expressions that filter patterns know (spec, section 1.5).
//!
//! The text is never handed to a regex library as it is: it is read by this grammar and written
//! anew, since `\d`, `\w` and `\s` mean ASCII here and there are no groups.

use std::ops::Range;
use std::sync::Arc;

use crate::error::{SyntaxError, shown};
use crate::verdict::{Choices, Rule};

/// Bytes that one compiled expression may take.
const SIZE_LIMIT: usize = 1 << 21;

/// A regular expression of a pattern. Equal when written alike.
#[derive(Debug, Clone)]
pub struct Regex {
    /// Without the percent signs.
    pub source: String,
    program: Arc<regex::Regex>,
}

impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Regex {
    /// Reads what stands between two percent signs; `start` is its offset in the pattern.
    pub(crate) fn parse(source: &str, start: usize) -> Result<Self, SyntaxError> {
        if source.is_empty() {
            let error = SyntaxError::new("the regular expression is empty", start..start);
            return Err(error.help("write what to look for between the percent signs"));
        }
        let translated = Translator { source, start, at: 0, out: String::new() }.run()?;
        let program = regex::RegexBuilder::new(&translated).size_limit(SIZE_LIMIT).build();
        let program = program.map_err(|_| {
            SyntaxError::new("the regular expression is too large", start..start + source.len()).help("use smaller repetitions")
        })?;
        Ok(Self { source: source.to_owned(), program: Arc::new(program) })
    }

    /// Whether it is found in every text: it matches the empty one, and is tied to neither end.
    #[must_use]
    pub fn matches_everything(&self) -> bool {
        self.program.is_match("") && self.program.is_match("\u{e000}") && !self.source.contains(['^', '$'])
    }

    /// Searches the subject. Whether `$` also stands before a final line break, no source says.
    pub(crate) fn is_match(&self, subject: &str, choices: &mut Choices) -> bool {
        if self.program.is_match(subject) {
            return true;
        }
        let before_break = subject.strip_suffix('\n').filter(|_| self.source.contains('$'));
        before_break.is_some_and(|shorter| self.program.is_match(shorter) && choices.choose(Rule::FinalLineBreak) == 1)
    }
}

/// Reads an expression and writes it in the words of the regex library.
struct Translator<'a> {
    source: &'a str,
    start: usize,
    at: usize,
    out: String,
}

type Step = Result<(), SyntaxError>;

impl Translator<'_> {
    fn run(mut self) -> Result<String, SyntaxError> {
        let mut can_repeat = false;
        while let Some(c) = self.peek() {
            match c {
                '|' | '^' | '$' => {
                    self.take(c);
                    can_repeat = false;
                }
                '*' | '+' | '?' | '{' => {
                    if !can_repeat {
                        return Err(self.error(format!("`{c}` repeats nothing here"), self.at..self.at + 1).help(REPEAT));
                    }
                    self.repetition(c)?;
                    can_repeat = false;
                }
                '[' => {
                    self.class()?;
                    can_repeat = true;
                }
                '\\' => {
                    let escape = self.escape()?;
                    self.out.push_str(&escape);
                    can_repeat = true;
                }
                '.' => {
                    self.take(c);
                    can_repeat = true;
                }
                c if is_literal(c) => {
                    self.out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
                    self.at += c.len_utf8();
                    can_repeat = true;
                }
                c => return Err(self.refused(c)),
            }
        }
        Ok(self.out)
    }

    fn peek(&self) -> Option<char> {
        self.source[self.at..].chars().next()
    }

    /// Copies a character that means the same in both languages.
    fn take(&mut self, c: char) {
        self.out.push(c);
        self.at += c.len_utf8();
    }

    fn error(&self, message: impl Into<String>, at: Range<usize>) -> SyntaxError {
        SyntaxError::new(message, self.start + at.start..self.start + at.end)
    }

    fn refused(&self, c: char) -> SyntaxError {
        let at = self.at..self.at + c.len_utf8();
        match c {
            '(' | ')' => self
                .error("regular expressions of filter patterns have no groups", at)
                .help("write the alternatives out, `%^Put|^Delete%`; for the bracket itself write `\\x28` or `\\x29`"),
            c if c.is_ascii() => self
                .error(format!("`{}` cannot stand in a regular expression of a filter pattern", shown(c)), at)
                .help(format!("write `\\x{:02x}`", u32::from(c))),
            _ => self
                .error("a regular expression of a filter pattern holds ASCII characters only", at)
                .help("use a wildcard (`\"*é*\"`), or `.` for the character"),
        }
    }

    fn repetition(&mut self, c: char) -> Step {
        if c == '{' {
            self.counted()?;
        } else {
            self.take(c);
        }
        match self.peek() {
            Some(next @ ('?' | '+' | '*' | '{')) => {
                let message = format!("`{next}` after a repetition is not part of this language");
                Err(self.error(message, self.at..self.at + 1).help("one of `*`, `+`, `?` and `{m,n}` at a time"))
            }
            _ => Ok(()),
        }
    }

    /// `{m}`, `{m,}`, `{,n}`, `{m,n}`.
    fn counted(&mut self) -> Step {
        let open = self.at;
        let Some(length) = self.source[open..].find('}') else {
            let error = self.error("this `{` is never closed", open..open + 1);
            return Err(error.help("write `\\{` for the bracket itself"));
        };
        let inside = &self.source[open + 1..open + length];
        let (least, most) = inside.split_once(',').unwrap_or((inside, inside));
        let number = |text: &str| text.is_empty() || (text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit()));
        let in_order = || match (least.parse::<u32>(), most.parse::<u32>()) {
            (Ok(least), Ok(most)) => least <= most,
            _ => true,
        };
        if !number(least) || !number(most) || (least.is_empty() && most.is_empty()) || !in_order() {
            let error = self.error(format!("`{{{inside}}}` is no repetition"), open..open + length + 1);
            return Err(error.help("write `{3}`, `{3,}`, `{,5}` or `{3,5}`"));
        }
        let least = if least.is_empty() { "0" } else { least };
        self.out.push_str(&if inside.contains(',') { format!("{{{least},{most}}}") } else { format!("{{{least}}}") });
        self.at = open + length + 1;
        Ok(())
    }

    fn class(&mut self) -> Step {
        let open = self.at;
        self.take('[');
        if self.peek() == Some('^') {
            self.take('^');
        }
        let first = self.at;
        loop {
            let Some(c) = self.peek() else {
                return Err(self.error("this `[` is never closed", open..open + 1).help("write `\\[` for the bracket itself"));
            };
            if c == ']' {
                if self.at == first {
                    return Err(self.error("the class is empty", open..self.at + 1).help("write `\\]` for the bracket itself"));
                }
                self.take(']');
                return Ok(());
            }
            self.item()?;
        }
    }

    /// A character, a class escape, or a range of a class.
    fn item(&mut self) -> Step {
        let start = self.at;
        let low = self.member()?;
        let has_range = self.peek() == Some('-') && !self.source[self.at + 1..].starts_with(']');
        if !has_range {
            self.out.push_str(&low);
            return Ok(());
        }
        self.at += 1;
        let high = match self.peek() {
            Some(_) => self.member()?,
            None => return Err(self.error("this class is never closed", start..self.at).help("close it with `]`")),
        };
        // Class escapes such as `\d` are written as ranges of their own, longer than one character.
        let code = |text: &str| text.strip_prefix("\\x").and_then(|hex| u32::from_str_radix(hex, 16).ok());
        match (code(&low), code(&high)) {
            (Some(a), Some(b)) if a <= b => {
                self.out.push_str(&format!("{low}-{high}"));
                Ok(())
            }
            _ => Err(self.error("this is no range", start..self.at).help("a range goes from a lower to a higher character: `[a-z]`")),
        }
    }

    /// One member of a class; single characters come as `\xhh`.
    fn member(&mut self) -> Result<String, SyntaxError> {
        match self.peek() {
            Some('\\') => self.escape(),
            Some(c) if is_literal(c) || ".^$*+?{}|".contains(c) => {
                self.at += c.len_utf8();
                Ok(format!("\\x{:02x}", u32::from(c)))
            }
            Some(c) => Err(self.refused(c)),
            None => Ok(String::new()),
        }
    }

    /// A backslash and what follows, translated; characters come as `\xhh`.
    fn escape(&mut self) -> Result<String, SyntaxError> {
        let start = self.at;
        self.at += 1;
        let Some(c) = self.peek() else {
            return Err(self.error("a backslash at the end", start..start + 1).help("write `\\\\` for the character itself"));
        };
        self.at += c.len_utf8();
        let fixed = match c {
            'd' => "[0-9]",
            'D' => "[^0-9]",
            'w' => "[A-Za-z0-9_]",
            'W' => "[^A-Za-z0-9_]",
            's' => "[\\t\\n ]",
            'S' => "[^\\t\\n ]",
            'x' => {
                let hex = self.source.get(self.at..self.at + 2).filter(|h| h.bytes().all(|b| b.is_ascii_hexdigit()));
                let Some(hex) = hex else {
                    let error = self.error("`\\x` needs two hexadecimal digits", start..self.at);
                    return Err(error.help("write `\\x28` for `(`"));
                };
                let code = u8::from_str_radix(hex, 16).unwrap_or(u8::MAX);
                self.at += 2;
                if !code.is_ascii() {
                    return Err(self.error("only ASCII characters can be written so", start..self.at).help("`\\x00` to `\\x7f`"));
                }
                return Ok(format!("\\x{code:02x}"));
            }
            c if "^$?[]{}|\\*+.".contains(c) => return Ok(format!("\\x{:02x}", u32::from(c))),
            c => {
                let message = format!("`\\{}` is not part of this language", shown(c));
                let help = "the escapes are \\d \\D \\s \\S \\w \\W \\xhh, and a backslash before ^ $ ? [ ] { } | \\ * + .";
                return Err(self.error(message, start..self.at).help(help));
            }
        };
        Ok(fixed.to_owned())
    }
}

const REPEAT: &str = "put a character in front of it, or a backslash to mean the sign itself";

fn is_literal(c: char) -> bool {
    c.is_ascii_alphanumeric() || " :_#=@/;,-".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(source: &str, subject: &str) -> bool {
        Regex::parse(source, 0).unwrap().is_match(subject, &mut Choices::default())
    }

    #[test]
    fn what_the_language_knows() {
        for (source, subject, found) in [
            ("AUTHORIZED", "UNAUTHORIZED", true),
            ("^[hc]at$", "hat", true),
            ("gra|ey", "grey", true),
            ("gra|ey", "gry", false),
            ("a{,2}b", "aab", true),
            ("^a{3,}$", "aa", false),
            (r"\x28\x29", "f()", true),
            (r"\d", "٣", false),
            (r"\w", "é", false),
            (r"^.$", "é", true),
            (r"[\d-]", "-", true),
            (r"[a-]", "-", true),
            (r"[^\d]", "1", false),
            (r"[.^$*+?{}|]", "a|", true),
            (r"[\]]", "]", true),
            (r"\s", "\n", true),
            (r"10\.0", "1000", false),
            ("-a-", "-a-", true),
        ] {
            assert_eq!(search(source, subject), found, "%{source}% on {subject}");
        }
    }

    #[test]
    fn what_it_does_not_know() {
        for (source, message, at) in [
            ("", "the regular expression is empty", 0..0),
            ("(ab)+", "regular expressions of filter patterns have no groups", 0..1),
            ("x!", "`!` cannot stand in a regular expression of a filter pattern", 1..2),
            ("café", "a regular expression of a filter pattern holds ASCII characters only", 3..5),
            ("\\p", "`\\p` is not part of this language", 0..2),
            ("\\b", "`\\b` is not part of this language", 0..2),
            ("\\xé1", "`\\x` needs two hexadecimal digits", 0..2),
            ("\\xff", "only ASCII characters can be written so", 0..4),
            ("a{}", "`{}` is no repetition", 1..3),
            ("a{,}", "`{,}` is no repetition", 1..4),
            ("a{3,2}", "`{3,2}` is no repetition", 1..6),
            ("a{2", "this `{` is never closed", 1..2),
            ("a+?", "`?` after a repetition is not part of this language", 2..3),
            ("*a", "`*` repeats nothing here", 0..1),
            ("a|+", "`+` repeats nothing here", 2..3),
            ("[]", "the class is empty", 0..2),
            ("[ab", "this `[` is never closed", 0..1),
            ("[z-a]", "this is no range", 1..4),
            ("[\\d-z]", "this is no range", 1..5),
            ("[a-", "this class is never closed", 1..3),
            ("[[a]]", "`[` cannot stand in a regular expression of a filter pattern", 1..2),
            ("a\\", "a backslash at the end", 1..2),
            ("[a-z]{9999}[a-z]{9999}[a-z]{9999}", "the regular expression is too large", 0..33),
        ] {
            let error = Regex::parse(source, 0).unwrap_err();
            assert_eq!((error.to_string().as_str(), error.span.clone()), (message, at), "{source}");
            assert!(error.hint().is_some(), "{source}");
        }
    }
}
