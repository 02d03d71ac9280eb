//! Verdicts and their reasons in words: the same in tests, searches and answers for programs.

use filter_pattern::{Doubt, Reason, Rule, Verdict};

/// `match`, `no match`, or the open question with its rewrite.
pub fn verdict(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Match => "match".to_owned(),
        Verdict::NoMatch => "no match".to_owned(),
        Verdict::Uncertain(doubt) => format!("uncertain: {}; {}", open_question(doubt.rule), doubt.rule.rewrite()),
    }
}

/// What AWS does not say.
pub fn open_question(rule: Rule) -> String {
    format!("AWS does not say how it reads {}", rule.question())
}

/// The readings of the question, and what each comes to.
pub fn readings(doubt: &Doubt) -> String {
    let said = |(reading, matches): &(&str, bool)| format!("{reading}: {}", if *matches { "match" } else { "no match" });
    doubt.readings.iter().map(said).collect::<Vec<_>>().join("; ")
}

/// What a message has where a condition looks, and what may surprise about it.
pub fn found(reason: &Reason) -> String {
    let found = reason.found.as_deref().map(cut);
    match (found, reason.note) {
        (Some(found), None) => found,
        (Some(found), Some(note)) => format!("{found} ({note})"),
        (None, None) => "nothing".to_owned(),
        (None, Some(note)) => format!("nothing ({note})"),
    }
}

/// A value short enough for a line.
pub fn cut(text: &str) -> String {
    const MOST: usize = 120;
    if text.chars().count() <= MOST { text.to_owned() } else { format!("{}…", text.chars().take(MOST).collect::<String>()) }
}
