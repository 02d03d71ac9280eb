//! Events as people read them: a table, and why a pattern says what it says of one.

use std::fmt::Write;

use comfy_table::{ContentArrangement, Table, presets};
use filter_pattern::{Explanation, Pattern, Verdict};
use serde_json::Value;

use super::escape::escape_line;

/// A table of events: when, what, who, from where, and how it ended.
pub fn table(events: &[String]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["TIME", "SOURCE", "EVENT", "PRINCIPAL", "ADDRESS", "ERROR"]);
    for event in events {
        let event: Value = serde_json::from_str(event).unwrap_or_default();
        table.add_row(row(&event));
    }
    let lines = table.lines().map(|line| line.trim_end().to_owned());
    lines.collect::<Vec<_>>().join("\n")
}

fn row(event: &Value) -> [String; 6] {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).map(|text| escape_line(text).into_owned());
    let principal = text("/userIdentity/arn").or_else(|| text("/userIdentity/invokedBy")).or_else(|| text("/userIdentity/type"));
    let cells = [
        text("/eventTime"),
        text("/eventSource").map(|source| source.trim_end_matches(".amazonaws.com").to_owned()),
        text("/eventName"),
        principal,
        text("/sourceIPAddress"),
        text("/errorCode"),
    ];
    cells.map(|cell| cell.unwrap_or_else(|| "-".to_owned()))
}

/// What a pattern says of an event, and the conditions that decide.
pub fn explanation(number: usize, event: &str, text: &str, pattern: &Pattern) -> String {
    let Explanation { verdict, reasons } = pattern.explain(event);
    let mut out = format!("event {number}{}: {}\n", named(event), said(&verdict));
    for reason in reasons {
        let found = reason.found.as_deref().map_or_else(|| "nothing there".to_owned(), |found| format!("found {}", cut(found)));
        let note = reason.note.map(|note| format!("; {note}")).unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  {}  {}{}", cut(text.get(reason.span).unwrap_or_default()), found, escape_line(&note));
    }
    out
}

/// A verdict in words.
pub fn said(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Match => "match".to_owned(),
        Verdict::NoMatch => "no match".to_owned(),
        Verdict::Uncertain(doubt) => {
            format!("uncertain: AWS does not say how it reads {}; {}", doubt.rule.question(), doubt.rule.rewrite())
        }
    }
}

/// Name, source and time of an event, in brackets.
fn named(event: &str) -> String {
    let event: Value = serde_json::from_str(event).unwrap_or_default();
    let parts: Vec<String> = ["eventName", "eventSource", "eventTime"]
        .iter()
        .filter_map(|key| event[*key].as_str())
        .map(|text| escape_line(text).into_owned())
        .collect();
    if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
}

/// A value short enough for a line.
pub fn cut(text: &str) -> String {
    const MOST: usize = 120;
    let text = escape_line(text);
    if text.chars().count() <= MOST { text.into_owned() } else { format!("{}…", text.chars().take(MOST).collect::<String>()) }
}
