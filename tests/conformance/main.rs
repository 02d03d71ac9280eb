//! Against `../shared`: nothing that AWS takes is refused, and event names are CloudTrail's own.
//! The engine's answers agree with the vectors, its counts with counts made by looking at fields.
//! Run by `.ci/run` (`cargo test --test conformance`); the data is not part of this repository.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use filter_pattern::{Pattern, Verdict};
use serde_json::Value;
use trailarm::detection::SHIPPED;

fn shared(path: &str) -> String {
    let file: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{}: {e}; the conformance data lies beside the repository", file.display()))
}

fn lines(path: &str) -> Vec<Value> {
    shared(path).lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

#[test]
fn no_pattern_that_aws_takes_is_refused() {
    let mut patterns: Vec<String> = Vec::new();
    let text = |v: &Value| v["pattern"].as_str().unwrap().to_owned();
    patterns.extend(lines("spec/vectors/filter-patterns.jsonl").iter().filter(|v| v["match"].is_boolean()).map(text));
    patterns.extend(lines("data/detections_starter.jsonl").iter().map(text));
    let public: Vec<Value> = serde_json::from_str(&shared("data/patterns_public.json")).unwrap();
    patterns.extend(public.iter().map(text));
    assert!(patterns.len() > 400);
    for pattern in patterns {
        let prepared = filter_pattern::prepare(&pattern);
        assert!(Pattern::parse(&prepared).is_ok(), "{pattern}: {:?}", Pattern::parse(&prepared));
        if !pattern.contains(['\n', '\t']) {
            assert_eq!(prepared, pattern.trim(), "a pattern on one line is sent as it is written");
        }
    }
}

#[test]
fn shipped_detections_name_events_as_cloudtrail_writes_them() {
    let table = shared("data/event_names.tsv");
    let known: BTreeSet<(String, &str)> =
        table.lines().skip(1).map(|l| l.split('\t').collect::<Vec<_>>()).map(|c| (format!("{}.amazonaws.com", c[0]), c[2])).collect();
    let mut seen = 0;
    for (address, text) in SHIPPED {
        let detection: Value = serde_yaml::from_str(text).unwrap();
        let one = detection.get("metric_filter").into_iter();
        let many = detection.get("metric_filters").and_then(Value::as_array).into_iter().flatten();
        for matched in one.chain(many).filter_map(|f| f.get("match")) {
            let source = matched["source"].as_str().unwrap();
            for event in matched["events"].as_array().unwrap().iter().map(|e| e.as_str().unwrap()) {
                let fits = |name: &str| event.strip_suffix('*').map_or(name == event, |start| name.starts_with(start));
                assert!(known.iter().any(|(s, name)| s == source && fits(name)), "{address}: {source} writes no {event}");
                seen += 1;
            }
        }
    }
    assert!(seen > 10);
}

/// The binary, fed with lines.
fn trailarm(arguments: &[&str], input: &str) -> Output {
    use std::io::Write;
    let binary = env!("CARGO_BIN_EXE_trailarm");
    let mut child =
        Command::new(binary).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    // A program that reads no input closes it.
    let _ = writer.join();
    output
}

fn answers(arguments: &[&str], questions: &[Value]) -> Vec<Value> {
    let input: String = questions.iter().map(|question| format!("{question}\n")).collect();
    let output = trailarm(arguments, &input);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<Value> = String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), questions.len());
    for (question, answer) in questions.iter().zip(&answers) {
        assert_eq!(question["id"], answer["id"], "answers come in the order of the questions");
    }
    answers
}

#[test]
fn pattern_eval_agrees_with_the_vectors() {
    let vectors = lines("spec/vectors/filter-patterns.jsonl");
    for (vector, answer) in vectors.iter().zip(answers(&["pattern", "eval"], &vectors)) {
        let expected = match &vector["match"] {
            Value::Bool(true) => "match",
            Value::Bool(false) => "no-match",
            other => other.as_str().unwrap(),
        };
        assert_eq!(answer["verdict"], expected, "{vector}: {answer}");
    }
    let disputed = lines("spec/vectors/filter-patterns-disputed.jsonl");
    // More words than fields: decided by today's AWS page (spec, section 5, no. 20 and 21).
    let decided = ["D34", "D35", "D36"];
    for (vector, answer) in disputed.iter().zip(answers(&["pattern", "eval"], &disputed)) {
        let open = ["uncertain", "invalid-pattern"].contains(&answer["verdict"].as_str().unwrap());
        assert_ne!(open, decided.contains(&vector["id"].as_str().unwrap()), "{vector}: {answer}");
    }
}

#[test]
fn alarm_eval_agrees_with_the_vectors() {
    let vectors: Vec<Value> = serde_json::from_str(&shared("spec/vectors/alarms.json")).unwrap();
    let vectors: Vec<Value> = vectors.into_iter().filter(|v| v["kind"] == "metric" || v["kind"] == "composite").collect();
    assert!(vectors.len() > 60);
    for (vector, answer) in vectors.iter().zip(answers(&["alarm", "eval"], &vectors)) {
        let agrees = if vector["expected"] == "NOT_ALARM" { answer["result"] != "ALARM" } else { answer["result"] == vector["expected"] };
        assert!(agrees, "{vector}: {answer}");
    }
}

#[test]
fn counts_agree_with_counts_of_fields() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let events = here.join("../shared/data/events");
    let python = Command::new("python3").arg(here.join("tests/conformance/counts.py")).arg(&events).output().unwrap();
    assert!(python.status.success(), "{}", String::from_utf8_lossy(&python.stderr));
    let counts: Value = serde_json::from_slice(&python.stdout).unwrap();
    let counts = counts.as_object().unwrap();
    assert!(counts.len() > 20);
    let glob = format!("{}/*.jsonl.gz", events.display());
    for (pattern, count) in counts.iter().filter(|(pattern, _)| !pattern.is_empty()) {
        // The provenance tables end in .tsv.gz, and are no events.
        let output = trailarm(&["match", pattern, &glob, "--count"], "");
        assert_eq!(
            String::from_utf8_lossy(&output.stdout).trim(),
            count.to_string(),
            "{pattern}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(count.as_u64().is_some_and(|n| n > 0), "{pattern}: a count of nothing proves nothing");
        assert!(output.stderr.is_empty(), "{pattern}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn proposed_detections_match_what_they_should_and_nothing_else() {
    let detections = lines("data/detections_starter.jsonl");
    assert_eq!(detections.len(), 61);
    let mut seen = 0;
    for detection in &detections {
        let pattern = Pattern::parse(&filter_pattern::prepare(detection["pattern"].as_str().unwrap())).unwrap();
        for (key, expected) in [("match", Verdict::Match), ("miss", Verdict::NoMatch)] {
            for event in detection[key].as_array().unwrap() {
                assert_eq!(pattern.eval(&event["event"].to_string()), expected, "{}: {event}", detection["id"]);
                seen += 1;
            }
        }
    }
    assert!(seen > 150);
}

/// The archive as CloudTrail delivers it holds the same records as the lines.
#[test]
fn an_archive_holds_what_its_lines_hold() {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data");
    let count = |path: &str| {
        let output = trailarm(&["match", "{ $.readOnly IS FALSE }", &data.join(path).display().to_string(), "-c"], "");
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(count("archive/invictus-AWSLogs.tar"), count("events/invictus.jsonl.gz"));
}

/// Sources and names of real events are in the table that the lints read, but for those of no API.
#[test]
fn real_events_are_known() {
    let glob = format!("{}/../shared/data/events/*.jsonl.gz", env!("CARGO_MANIFEST_DIR"));
    let output = trailarm(&["match", "", &glob], "");
    let events = String::from_utf8(output.stdout).unwrap();
    let pairs: BTreeSet<(String, String)> = events
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|e| (e["eventSource"].as_str().unwrap().to_owned(), e["eventName"].as_str().unwrap().to_owned()))
        .collect();
    let unknown: Vec<_> = pairs
        .iter()
        .filter(|(source, name)| trailarm::cloudtrail::names(source).is_none_or(|names| !names.contains(&name.as_str())))
        .collect();
    assert!(pairs.len() > 900 && unknown.len() * 50 < pairs.len(), "{} of {} are not known: {unknown:?}", unknown.len(), pairs.len());
    let lambda = unknown.iter().find(|(source, _)| source == "lambda.amazonaws.com" || source == "apigateway.amazonaws.com");
    assert_eq!(lambda, None);
}
