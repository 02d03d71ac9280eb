//! Against `../shared`: nothing that AWS takes is refused, and event names are CloudTrail's own.
//! Run by `.ci/run` (`cargo test --test conformance`); the data is not part of this repository.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use filter_pattern::Pattern;
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
