//! What an evaluation says, and how it deals with what no source settles.
//!
//! An open question of the language is a *choice point* with a few readings (spec, section 5). A
//! pattern is evaluated under each reading that it meets: if all agree, that is the result; if not,
//! the result is uncertain, and names the question.

/// What a pattern says of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// AWS would count the event.
    Match,
    /// AWS would not.
    NoMatch,
    /// No source says which.
    Uncertain(Doubt),
}

impl Verdict {
    /// `Match` or `NoMatch`.
    #[must_use]
    pub fn from_bool(matches: bool) -> Self {
        if matches { Self::Match } else { Self::NoMatch }
    }

    /// Whether it is a match beyond doubt.
    #[must_use]
    pub fn is_match(&self) -> bool {
        *self == Self::Match
    }
}

/// The question a verdict hangs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doubt {
    /// The question.
    pub rule: Rule,
    /// Its readings, and whether the pattern matches under each.
    pub readings: Vec<(&'static str, bool)>,
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident: $question:literal, [$($reading:literal),+], $rewrite:literal;)+) => {
        /// A question that no source settles (spec, section 5).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[$doc])* $name,)+
        }

        impl Rule {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The question, in a few words.
            #[must_use]
            pub fn question(self) -> &'static str {
                match self { $(Self::$name => $question,)+ }
            }

            /// The answers that are possible.
            #[must_use]
            pub fn readings(self) -> &'static [&'static str] {
                match self { $(Self::$name => &[$($reading),+],)+ }
            }

            /// What to write so that the question does not arise.
            #[must_use]
            pub fn rewrite(self) -> &'static str {
                match self { $(Self::$name => $rewrite,)+ }
            }
        }
    };
}

rules! {
    /// No. 1.
    StarInside: "a `*` inside a value, or before a text that repeats",
        ["at the ends of the value only", "anywhere", "anywhere, at the first place it fits"],
        "use a regular expression, `%^a.*b$%`, or a `*` at the end only";
    /// No. 5.
    NumericString: "an unquoted number compared with a string of digits",
        ["as text", "by value", "never equal"], "put the number in quotes";
    /// No. 6.
    OrderedString: "`<` or `>` on a string of digits",
        ["never true", "by value"], "compare for equality with a quoted value, or select a field that holds a number";
    /// No. 3.
    Boolean: "`=` or `!=` on true or false",
        ["never true", "as text"], "write `IS TRUE` or `IS FALSE`";
    /// No. 4.
    Null: "`=` or `!=` on null",
        ["never true", "as text"], "write `IS NULL`, or add `&& ($.field = \"*\")`";
    /// No. 7.
    RegexOnNumber: "a regular expression on a number",
        ["never true", "on its text"], "compare the number, or its text with a wildcard";
    /// No. 8.
    WildcardSelector: "`!=`, `IS` or `NOT EXISTS` on a selector with a wildcard",
        ["some selected value", "all selected values", "also where nothing is selected"],
        "name the element (`[0]`), or turn the condition round and use `=`";
    /// No. 9.
    NullInArray: "`IS NULL` on an array that holds null",
        ["false", "true"], "name the element: `$.field[0] IS NULL`";
    /// No. 10.
    NumberText: "the text of a number with an exponent, or of a very long one",
        ["as written", "written out", "as a double is printed"], "compare with an unquoted number";
    /// No. 11.
    BigNumber: "numbers beyond what a double holds",
        ["as decimals", "as doubles"], "put the number in quotes: texts are compared exactly";
    /// No. 12.
    DuplicateName: "a property that stands twice in one object",
        ["the last counts", "the first counts"], "nothing in the pattern helps: the event is malformed";
    /// Section 2.2, J10.
    ArrayRoot: "an event that is an array",
        ["never matches", "evaluated, with all properties missing"], "nothing in the pattern helps: CloudTrail's events are objects";
    /// Section 2.2, J2 and J5.
    IndexIntoNonArray: "`NOT EXISTS` on an element of something that is no array",
        ["the element is missing", "false"], "ask for the property itself, without an index";
    /// No. 13.
    BlanksAround: "blanks before or after the brackets of a pattern",
        ["trimmed", "refused by AWS"], "trim the pattern before it is deployed";
    /// Disputed vector D20.
    EmptyText: "an empty text in quotes",
        ["the empty text", "refused by AWS"], "use `= \"*\"` or `NOT EXISTS`";
    /// Disputed vector D28.
    EllipsisAlone: "`...` without a field beside it",
        ["matches everything", "refused by AWS"], "use an empty pattern to match everything";
    /// No. 22.
    BlankRuns: "several blanks in a row, or at the ends",
        ["one separator", "an empty field between each two", "an empty field, and no field may be left over"], "use terms or a regular expression";
    /// No. 22.
    OtherBlanks: "tabs and line breaks between words",
        ["part of the word", "separators"], "use terms or a regular expression";
    /// No. 22.
    Quotes: "a quote or bracket inside a word, or never closed",
        ["part of the word", "a delimiter", "a delimiter that parts fields"], "use terms or a regular expression";
    /// Section 2.5, S4.
    FieldNumber: "a number compared with a field of the same value and another spelling",
        ["by value", "as text"], "put the number in quotes to compare the text";
    /// Section 2.5, S4.
    FieldWord: "`!=` a number on a word",
        ["true", "false"], "put the number in quotes";
    /// No. 39.
    FinalLineBreak: "`$` before a final line break",
        ["end of the text only", "also before a final line break"], "leave `$` out";
}

/// Readings of one evaluation: those that were decided before, and those met on the way.
#[derive(Debug, Default)]
pub(crate) struct Choices {
    decided: Vec<(Rule, usize)>,
}

/// More evaluations of one message are not made: with so many questions open, it is uncertain.
const MOST_RUNS: usize = 512;

impl Choices {
    /// Index of the reading to take.
    pub(crate) fn choose(&mut self, rule: Rule) -> usize {
        if let Some((_, reading)) = self.decided.iter().find(|(known, _)| *known == rule) {
            return *reading;
        }
        self.decided.push((rule, 0));
        0
    }

    /// Goes to the next reading of the question met last, and forgets those after it.
    fn next(&mut self) -> Option<Rule> {
        while let Some((rule, reading)) = self.decided.last_mut() {
            *reading += 1;
            if *reading < rule.readings().len() {
                return Some(*rule);
            }
            self.decided.pop();
        }
        None
    }
}

/// Evaluates under every reading that is met.
pub(crate) fn settle(mut holds: impl FnMut(&mut Choices) -> bool) -> Verdict {
    let mut choices = Choices::default();
    let first = holds(&mut choices);
    for _ in 0..MOST_RUNS {
        let Some(rule) = choices.next() else { return Verdict::from_bool(first) };
        if holds(&mut choices) != first {
            return Verdict::Uncertain(doubt(rule, &choices, holds));
        }
    }
    let rule = choices.decided.last().map_or(Rule::StarInside, |(rule, _)| *rule);
    Verdict::Uncertain(doubt(rule, &choices, holds))
}

/// The readings of a question, the others as they were when it made the difference.
fn doubt(rule: Rule, choices: &Choices, mut holds: impl FnMut(&mut Choices) -> bool) -> Doubt {
    let before: Vec<_> = choices.decided.iter().take_while(|(known, _)| *known != rule).copied().collect();
    let under = |reading: usize| {
        let mut choices = Choices { decided: before.clone() };
        choices.decided.push((rule, reading));
        holds(&mut choices)
    };
    let results: Vec<bool> = (0..rule.readings().len()).map(under).collect();
    Doubt { rule, readings: rule.readings().iter().copied().zip(results).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_question_that_makes_a_difference_is_a_doubt() {
        assert_eq!(settle(|_| true), Verdict::Match);
        assert_eq!(settle(|c| c.choose(Rule::Boolean) > 5), Verdict::NoMatch);
        assert_eq!(settle(|c| c.choose(Rule::Null) == 0 || c.choose(Rule::Null) == 1), Verdict::Match);
        let verdict = settle(|c| c.choose(Rule::Null) < 2 && c.choose(Rule::StarInside) == 1);
        let Verdict::Uncertain(doubt) = verdict else { panic!("{verdict:?}") };
        assert_eq!(doubt.rule, Rule::StarInside);
        assert_eq!(doubt.readings.iter().map(|(_, holds)| *holds).collect::<Vec<_>>(), [false, true, false]);
    }

    #[test]
    fn questions_that_patterns_meet() {
        for (pattern, message, rule) in [
            ("{ $.a = %^1000$% }", r#"{"a":1e3}"#, Some(Rule::NumberText)),
            ("{ $.a = \"1000\" }", r#"{"a":1e3}"#, Some(Rule::NumberText)),
            ("{ $.a = %^2$% }", r#"{"a":1e3}"#, None),
            ("[a, b]", "[a][b]", Some(Rule::Quotes)),
            ("[a = y, b = z, c = w]", "\"y\"z w", Some(Rule::Quotes)),
            ("[a, b, c]", "x=\"1\" 2", Some(Rule::Quotes)),
            ("[a = q, b]", "x=\"1\" 2", None),
        ] {
            let met = match crate::Pattern::parse(pattern).unwrap().eval(message) {
                Verdict::Uncertain(doubt) => Some(doubt.rule),
                Verdict::Match | Verdict::NoMatch => None,
            };
            assert_eq!(met, rule, "{pattern} on {message}");
        }
    }
}
