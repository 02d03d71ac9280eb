//! Events as people read them: a table, and why a pattern says what it says of one.

use std::fmt::Write;

use comfy_table::{ContentArrangement, Table, presets};
use filter_pattern::{Explanation, Pattern};
use serde_json::Value;

use super::escape::escape_line;
use crate::wording;

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

/// An event on one line: time, event, principal, address.
pub(super) fn sample(event: &str) -> String {
    let event: Value = serde_json::from_str(event).unwrap_or_default();
    let [time, source, name, principal, address, error] = row(&event);
    let error = if error == "-" { String::new() } else { format!("  {error}") };
    format!("{time}  {name} ({source})  {principal}  {address}{error}")
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
    let mut out = format!("event {number}{}: {}\n", named(event), wording::verdict(&verdict));
    for reason in reasons {
        let condition = wording::cut(text.get(reason.span.clone()).unwrap_or_default());
        // Writing to a String cannot fail.
        let _ = writeln!(out, "  {}  found {}", escape_line(&condition), escape_line(&wording::found(&reason)));
    }
    out
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
