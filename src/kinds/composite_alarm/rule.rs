//! The rule of a composite alarm: parsed, its names put in, printed in one form (spec, section 4.8).

use std::collections::BTreeSet;
use std::fmt;

use crate::state::Scope;

/// A rule over the states of alarms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rule {
    Always(bool),
    /// `ALARM("name")`.
    Is {
        state: &'static str,
        alarm: String,
    },
    Not(Box<Rule>),
    All(Vec<Rule>),
    Any(Vec<Rule>),
    AtLeast {
        count: String,
        not: bool,
        state: &'static str,
        alarms: Vec<String>,
    },
}

/// Characters a rule may have (PutCompositeAlarm, `AlarmRule`).
pub const MOST_CHARACTERS: usize = 10_240;
/// Alarms that a rule may name, and elements it may have: names, `TRUE`, `FALSE` and brackets (CloudWatch user guide,
/// "Create a composite alarm").
const MOST_CHILDREN: usize = 100;
const MOST_ELEMENTS: usize = 500;
/// Brackets in each other: an opening and a closing one are two elements.
const DEEPEST: usize = MOST_ELEMENTS / 2;

const STATES: [&str; 3] = ["INSUFFICIENT_DATA", "ALARM", "OK"];

impl Rule {
    /// Reads a rule.
    ///
    /// # Errors
    /// What is wrong, and the byte offset. `AND` and `OR` side by side need brackets: AWS does not
    /// say which binds first.
    pub fn parse(text: &str) -> Result<Self, (String, usize)> {
        Self::parse_with(text, Mixed::Refused)
    }

    /// All that a rule may mean: two readings where `AND` and `OR` stand side by side.
    ///
    /// # Errors
    /// As [`Rule::parse`], but for those.
    pub fn readings(text: &str) -> Result<Vec<Self>, (String, usize)> {
        let and_first = Self::parse_with(text, Mixed::AndFirst)?;
        match Self::parse(text) {
            Ok(rule) => Ok(vec![rule]),
            Err(_) => Ok(vec![and_first, Self::parse_with(text, Mixed::OrFirst)?]),
        }
    }

    fn parse_with(text: &str, mixed: Mixed) -> Result<Self, (String, usize)> {
        if text.chars().count() > MOST_CHARACTERS {
            return Err((format!("the rule has more than {MOST_CHARACTERS} characters"), 0));
        }
        let mut parser = Parser { text, at: 0, depth: 0, mixed };
        let rule = parser.any()?;
        parser.blanks();
        if parser.at < text.len() { Err((format!("`{}` is not expected here", parser.word()), parser.at)) } else { Ok(rule) }
    }

    /// Whether AWS takes a rule with so many names and elements.
    ///
    /// # Errors
    /// What there is too much of.
    pub fn check_size(&self) -> Result<(), String> {
        let children = self.alarms().into_iter().collect::<BTreeSet<_>>().len();
        for (count, most, what) in
            [(children, MOST_CHILDREN, "names of alarms"), (self.elements(), MOST_ELEMENTS, "elements (names, TRUE, FALSE and brackets)")]
        {
            if count > most {
                return Err(format!("the rule has {count} {what}, {most} are allowed"));
            }
        }
        Ok(())
    }

    fn elements(&self) -> usize {
        let grouped = |rule: &Self| rule.elements() + usize::from(matches!(rule, Self::All(_) | Self::Any(_)));
        match self {
            Self::Always(_) | Self::Is { .. } => 1,
            Self::Not(rule) => grouped(rule),
            Self::All(rules) | Self::Any(rules) => rules.iter().map(grouped).sum(),
            Self::AtLeast { alarms, .. } => alarms.len(),
        }
    }

    /// Calls `replace` on each name.
    pub fn rename<E>(&mut self, replace: &mut impl FnMut(&str) -> Result<String, E>) -> Result<(), E> {
        match self {
            Self::Always(_) => Ok(()),
            Self::Is { alarm, .. } => replace(alarm).map(|name| *alarm = name),
            Self::Not(rule) => rule.rename(replace),
            Self::All(rules) | Self::Any(rules) => rules.iter_mut().try_for_each(|r| r.rename(replace)),
            Self::AtLeast { alarms, .. } => alarms.iter_mut().try_for_each(|name| replace(name).map(|n| *name = n)),
        }
    }

    /// The names of all alarms it looks at.
    pub fn alarms(&self) -> Vec<&str> {
        match self {
            Self::Always(_) => Vec::new(),
            Self::Is { alarm, .. } => vec![alarm],
            Self::Not(rule) => rule.alarms(),
            Self::All(rules) | Self::Any(rules) => rules.iter().flat_map(Self::alarms).collect(),
            Self::AtLeast { alarms, .. } => alarms.iter().map(String::as_str).collect(),
        }
    }

    /// The same, where those of this account and Region that are named by ARN stand by their names.
    pub fn alarms_in(&self, scope: &Scope) -> Vec<&str> {
        self.alarms().into_iter().map(|name| scope.alarm_name(name).unwrap_or(name)).collect()
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |f: &mut fmt::Formatter<'_>, rules: &[Rule], word: &str| {
            for (i, rule) in rules.iter().enumerate() {
                let group = matches!(rule, Self::All(_) | Self::Any(_));
                let (open, close) = if group { ("(", ")") } else { ("", "") };
                write!(f, "{}{open}{rule}{close}", if i > 0 { word } else { "" })?;
            }
            Ok(())
        };
        match self {
            Self::Always(yes) => f.write_str(if *yes { "TRUE" } else { "FALSE" }),
            Self::Is { state, alarm, .. } => write!(f, "{state}({})", quote(alarm)),
            Self::Not(rule) if matches!(**rule, Self::All(_) | Self::Any(_)) => write!(f, "NOT ({rule})"),
            Self::Not(rule) => write!(f, "NOT {rule}"),
            Self::All(rules) => joined(f, rules, " AND "),
            Self::Any(rules) => joined(f, rules, " OR "),
            Self::AtLeast { count, not, state, alarms } => {
                let names: Vec<String> = alarms.iter().map(|name| quote(name)).collect();
                write!(f, "AT_LEAST({count}, {}{state}, ({}))", if *not { "NOT " } else { "" }, names.join(", "))
            }
        }
    }
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
}

/// What `AND` and `OR` side by side mean.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mixed {
    Refused,
    AndFirst,
    OrFirst,
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    mixed: Mixed,
}

type Parsed<T> = Result<T, (String, usize)>;

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn blanks(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn word(&self) -> &str {
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || "(),\"".contains(c)).unwrap_or(rest.len());
        if end == 0 { rest.chars().next().map_or("the end", |c| &rest[..c.len_utf8()]) } else { &rest[..end] }
    }

    fn take(&mut self, token: &str) -> bool {
        self.blanks();
        let taken =
            if token.chars().all(|c| c.is_ascii_alphabetic() || c == '_') { self.word() == token } else { self.rest().starts_with(token) };
        if taken {
            self.at += token.len();
        }
        taken
    }

    fn demand(&mut self, token: &str) -> Parsed<()> {
        if self.take(token) { Ok(()) } else { Err((format!("expected `{token}`, found `{}`", self.word()), self.at)) }
    }

    fn any(&mut self) -> Parsed<Rule> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err((format!("more than {DEEPEST} brackets stand in each other"), self.at));
        }
        let rule = match self.mixed {
            Mixed::Refused => self.one_kind()?,
            Mixed::AndFirst => self.chain(&["OR"], |p| p.chain(&["AND"], Self::not))?,
            Mixed::OrFirst => self.chain(&["AND"], |p| p.chain(&["OR"], Self::not))?,
        };
        self.depth -= 1;
        Ok(rule)
    }

    /// A chain of `AND` or of `OR`, not of both.
    fn one_kind(&mut self) -> Parsed<Rule> {
        let rule = self.chain(&["AND", "OR"], Self::not)?;
        if ["AND", "OR"].contains(&self.word()) {
            return Err(("`AND` and `OR` side by side need brackets: AWS does not say which binds first".to_owned(), self.at));
        }
        Ok(rule)
    }

    /// Items joined by the first of the words that stands between two of them.
    fn chain(&mut self, words: &[&'static str], item: impl Fn(&mut Self) -> Parsed<Rule>) -> Parsed<Rule> {
        let mut rules = vec![item(self)?];
        self.blanks();
        let word = words.iter().copied().find(|word| *word == self.word()).unwrap_or(words[0]);
        while self.take(word) {
            rules.push(item(self)?);
        }
        self.blanks();
        Ok(match rules.len() {
            1 => rules.remove(0),
            _ if word == "AND" => Rule::All(rules),
            _ => Rule::Any(rules),
        })
    }

    fn not(&mut self) -> Parsed<Rule> {
        if self.take("NOT") { Ok(Rule::Not(Box::new(self.one()?))) } else { self.one() }
    }

    fn one(&mut self) -> Parsed<Rule> {
        if self.take("(") {
            let rule = self.any()?;
            self.demand(")")?;
            return Ok(rule);
        }
        for (word, yes) in [("TRUE", true), ("FALSE", false)] {
            if self.take(word) {
                return Ok(Rule::Always(yes));
            }
        }
        if self.take("AT_LEAST") {
            return self.at_least();
        }
        let state = self.state()?;
        self.demand("(")?;
        let alarm = self.alarm()?;
        self.demand(")")?;
        Ok(Rule::Is { state, alarm })
    }

    fn state(&mut self) -> Parsed<&'static str> {
        for state in STATES {
            if self.take(state) {
                return Ok(state);
            }
        }
        Err((format!("expected `ALARM(…)`, `OK(…)` or `INSUFFICIENT_DATA(…)`, found `{}`", self.word()), self.at))
    }

    fn at_least(&mut self) -> Parsed<Rule> {
        self.demand("(")?;
        self.blanks();
        let count = self.word().to_owned();
        let number = count.trim_end_matches('%').parse::<u32>().ok();
        if !number.is_some_and(|n| n > 0 && (n <= 100 || !count.ends_with('%'))) {
            return Err((format!("expected a number or a percentage, found `{count}`"), self.at));
        }
        self.at += count.len();
        self.demand(",")?;
        let not = self.take("NOT");
        let state = self.state()?;
        self.demand(",")?;
        self.demand("(")?;
        let mut alarms = vec![self.alarm()?];
        while self.take(",") {
            alarms.push(self.alarm()?);
        }
        self.demand(")")?;
        self.demand(")")?;
        Ok(Rule::AtLeast { count, not, state, alarms })
    }

    fn alarm(&mut self) -> Parsed<String> {
        self.blanks();
        let start = self.at;
        if !self.rest().starts_with('"') {
            let name = self.word().to_owned();
            if name.is_empty() || self.rest().is_empty() || "(),".contains(&name) {
                return Err(("expected the name of an alarm".to_owned(), start));
            }
            self.at += name.len();
            return Ok(name);
        }
        let mut name = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((i, c)) = chars.next() {
            match c {
                '\\' if self.rest()[i + 1..].starts_with(['"', '\\']) => name.extend(chars.next().map(|(_, c)| c)),
                '"' if name.is_empty() => return Err(("expected the name of an alarm".to_owned(), start)),
                '"' => {
                    self.at += i + 1;
                    return Ok(name);
                }
                c => name.push(c),
            }
        }
        Err(("this quote is never closed".to_owned(), start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_printed_in_one_form() {
        for (written, printed) in [
            ("ALARM(a)", r#"ALARM("a")"#),
            ("ALARM(a)  AND NOT  OK( \"b c\" )", r#"ALARM("a") AND NOT OK("b c")"#),
            ("(ALARM(a) OR ALARM(b)) AND TRUE", r#"(ALARM("a") OR ALARM("b")) AND TRUE"#),
            ("NOT (ALARM(a) AND ALARM(b))", r#"NOT (ALARM("a") AND ALARM("b"))"#),
            ("AT_LEAST(50%, NOT ALARM, (a, b))", r#"AT_LEAST(50%, NOT ALARM, ("a", "b"))"#),
            ("ALARM(arn:aws:cloudwatch:us-east-1:111122223333:alarm:x)", r#"ALARM("arn:aws:cloudwatch:us-east-1:111122223333:alarm:x")"#),
            ("(ALARM(a))", r#"ALARM("a")"#),
        ] {
            let rule = Rule::parse(written).unwrap();
            assert_eq!(rule.to_string(), printed);
            assert_eq!(Rule::parse(printed).unwrap().to_string(), printed, "again");
        }
    }

    #[test]
    fn a_backslash_escapes_a_quote_and_itself() {
        for (text, name) in [(r#"OK("a\"b")"#, "a\"b"), (r#"OK("a\\b")"#, r"a\b"), (r#"OK("a\b")"#, r"a\b"), (r"OK(a\b)", r"a\b")] {
            assert_eq!(Rule::parse(text).unwrap().alarms(), [name], "{text}");
        }
    }

    #[test]
    fn what_is_too_large() {
        let chain =
            |n: usize, name: &dyn Fn(usize) -> String| (0..n).map(|i| format!("ALARM({})", name(i))).collect::<Vec<_>>().join(" OR ");
        let deep = |n: usize| format!("{}TRUE{}", "NOT (".repeat(n), ")".repeat(n));
        for (rule, said) in [
            (chain(100, &|i| format!("a{i}")), None),
            (chain(101, &|i| format!("a{i}")), Some("the rule has 101 names of alarms, 100 are allowed")),
            (chain(500, &|_| "a".to_owned()), None),
            (chain(501, &|_| "a".to_owned()), Some("the rule has 501 elements (names, TRUE, FALSE and brackets), 500 are allowed")),
            (deep(249), None),
        ] {
            assert_eq!(Rule::parse(&rule).unwrap().check_size().err().as_deref(), said, "{rule}");
        }
        assert!(Rule::parse(&deep(250)).is_err());
        assert!(Rule::readings(&deep(249)).is_ok());
    }

    #[test]
    fn errors_say_where() {
        for (text, at) in [
            ("", 0),
            ("ALARM", 5),
            ("ALARM()", 6),
            ("ALARM(a) AND", 12),
            ("ALARM(a) AND OK(b) OR OK(c)", 19),
            ("alarm(a)", 0),
            ("ALARM(\"a)", 6),
            ("ALARM(a) x", 9),
        ] {
            assert_eq!(Rule::parse(text).unwrap_err().1, at, "{text}");
        }
        assert!(Rule::parse(&"(".repeat(5000)).is_err());
    }
}
