//! Findings as SARIF 2.1.0, for code scanning.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::json::v1::{Place, severity};
use crate::finding::Finding;
use crate::lints::lint;

/// A log with one run.
pub fn sarif(findings: &[Finding]) -> Value {
    let codes: BTreeMap<&str, &Finding> = findings.iter().map(|finding| (finding.code.text(), finding)).collect();
    let rules: Vec<Value> = codes.iter().map(|(code, finding)| rule(code, finding)).collect();
    let index = |code: &str| codes.keys().position(|known| *known == code);
    let results: Vec<Value> = findings
        .iter()
        .map(|finding| {
            let help = finding.help.as_ref().filter(|help| !help.is_empty()).map(|help| format!("\n{help}")).unwrap_or_default();
            json!({
                "ruleId": finding.code.text(),
                "ruleIndex": index(finding.code.text()),
                "level": severity(finding.severity),
                "message": { "text": format!("{}{help}", finding.message) },
                "locations": finding.at.iter().map(|at| location(&Place::from(at))).collect::<Vec<_>>(),
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

fn rule(code: &str, finding: &Finding) -> Value {
    match lint(code) {
        Some(lint) => {
            let (title, text) = lint.doc.split_once('\n').unwrap_or((lint.doc, ""));
            json!({
                "id": code,
                "shortDescription": { "text": title.trim_start_matches("# ") },
                "help": { "text": text.trim(), "markdown": text.trim() },
                "defaultConfiguration": { "level": severity(lint.severity) },
            })
        }
        None => json!({ "id": code, "shortDescription": { "text": finding.message } }),
    }
}

fn location(place: &Place) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": place.file.replace(' ', "%20") },
        "region": { "startLine": place.line, "startColumn": place.column, "endLine": place.end_line, "endColumn": place.end_column },
    } })
}
