//! Verdicts and their reasons in words: the same in tests, searches and answers for programs.

use filter_pattern::{Doubt, Reason, Rule, Verdict};

use crate::detection::Unit;

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

/// `>=` for `GreaterThanOrEqualToThreshold`; AWS's own name for bands.
pub fn comparison(operator: &str) -> &str {
    match operator {
        "GreaterThanOrEqualToThreshold" => ">=",
        "GreaterThanThreshold" => ">",
        "LessThanOrEqualToThreshold" => "<=",
        "LessThanThreshold" => "<",
        other => other,
    }
}

/// `5m`, `1h`, `90s`.
pub fn seconds(seconds: u32) -> String {
    match seconds {
        0 => "0s".to_owned(),
        n if n.is_multiple_of(86_400) => format!("{}d", n / 86_400),
        n if n.is_multiple_of(3_600) => format!("{}h", n / 3_600),
        n if n.is_multiple_of(60) => format!("{}m", n / 60),
        n => format!("{n}s"),
    }
}

/// What a detection refers to: `ATT&CK 18` → its techniques.
pub fn references(unit: &Unit) -> Vec<(String, Vec<String>)> {
    let Some(references) = &unit.ready.section.references else { return Vec::new() };
    let catalog = references.catalog.iter().map(|ids| ("catalog".to_owned(), ids.clone()));
    let attack = references.attack.iter().map(|attack| (format!("ATT&CK {}", attack.version), attack.techniques.clone()));
    let cis = references.cis.iter().flatten().map(|(version, control)| (format!("CIS {version}"), vec![control.clone()]));
    let links = references.links.iter().map(|links| ("links".to_owned(), links.clone()));
    catalog.chain(attack).chain(cis).chain(links).collect()
}
