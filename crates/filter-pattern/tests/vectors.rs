//! Known answers: what AWS documents, and what others saw the service do. Each line names its source.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use filter_pattern::{Pattern, Verdict};
use serde_json::Value;

fn vectors(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn answer(vector: &Value) -> Value {
    match Pattern::parse(vector["pattern"].as_str().unwrap()).map(|pattern| pattern.eval(vector["message"].as_str().unwrap())) {
        Ok(Verdict::Match) => true.into(),
        Ok(Verdict::NoMatch) => false.into(),
        Ok(Verdict::Uncertain(_)) => "uncertain".into(),
        Err(_) => "invalid-pattern".into(),
    }
}

fn differing(vectors: &[Value], agrees: impl Fn(&Value, &Value) -> bool) -> Vec<String> {
    let wrong = vectors.iter().filter(|vector| !agrees(vector, &answer(vector)));
    wrong.map(|v| format!("{}: {} on {}: {} for {}", v["id"], v["pattern"], v["message"], answer(v), v["match"])).collect()
}

#[test]
fn asserted_vectors_agree() {
    let vectors = vectors(include_str!("vectors/filter-patterns.jsonl"));
    assert!(vectors.len() > 400);
    let wrong = differing(&vectors, |vector, answer| vector["match"] == *answer);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_no_source_settles_is_uncertain_or_refused() {
    // More words than fields: decided by the current AWS page (spec, sections 0 and 5, no. 20 and 21).
    const DECIDED: [(&str, bool); 3] = [("D34", true), ("D35", false), ("D36", true)];
    let vectors = vectors(include_str!("vectors/filter-patterns-disputed.jsonl"));
    assert!(vectors.len() > 40);
    let wrong = differing(&vectors, |vector, answer| match DECIDED.iter().find(|(id, _)| vector["id"] == *id) {
        Some((_, decided)) => *answer == Value::Bool(*decided),
        None => answer.is_string(),
    });
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
