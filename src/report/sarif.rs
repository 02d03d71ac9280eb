//! Findings as SARIF 2.1.0, for code scanning.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::json::v1::{Place, severity};
use crate::codes::{page, title};
use crate::finding::Finding;
use crate::lints::lint;

/// A log with one run.
pub fn sarif(findings: &[Finding], inside: &str) -> Value {
    let codes: BTreeSet<&str> = findings.iter().map(|finding| finding.code.text()).collect();
    let rules: Vec<Value> = codes.iter().map(|code| rule(code)).collect();
    let index = |code: &str| codes.iter().position(|known| *known == code);
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!({
                "ruleId": finding.code.text(),
                "ruleIndex": index(finding.code.text()),
                "level": severity(finding.severity),
                "message": { "text": finding.text() },
                "locations": finding.at.iter().map(|at| location(&Place::from(at).from_root(inside))).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "trailarm", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: &str) -> Value {
    let page = page(code).unwrap_or_default();
    let text = page.split_once('\n').map_or("", |(_, text)| text.trim());
    let level = lint(code).map_or("error", |lint| severity(lint.severity));
    json!({
        "id": code,
        "shortDescription": { "text": title(code).unwrap_or(code) },
        "help": { "text": text, "markdown": text },
        "defaultConfiguration": { "level": level },
    })
}

/// A relative URI of a path (RFC 3986): what is neither unreserved nor a slash is encoded.
fn uri(path: &str) -> String {
    let encode = |byte: u8| match byte {
        b'/' | b'.' | b'-' | b'_' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    path.bytes().map(encode).collect()
}

fn location(place: &Place) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(&place.file) },
        "region": { "startLine": place.line, "startColumn": place.column, "endLine": place.end_line, "endColumn": place.end_column },
    } })
}
