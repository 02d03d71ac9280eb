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

/// Web functions are newer than the table; their detection says so where it names them.
const NEWER_THAN_THE_TABLE: [&str; 2] = ["CreateWebFunction*", "UpdateWebFunctionEndpoint*"];

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
            // The table is of these two; the lints know the others.
            if !["lambda.amazonaws.com", "apigateway.amazonaws.com"].contains(&source) {
                continue;
            }
            let names = matched["events"].as_array().unwrap().iter().map(|e| e.as_str().unwrap());
            for event in names.filter(|name| !NEWER_THAN_THE_TABLE.contains(name)) {
                let fits = |name: &str| event.strip_suffix('*').map_or(name == event, |start| name.starts_with(start));
                assert!(known.iter().any(|(s, name)| s == source && fits(name)), "{address}: {source} writes no {event}");
                seen += 1;
            }
        }
    }
    assert!(seen > 60);
}

/// The binary, fed with lines.
fn trailarm(arguments: &[&str], input: &str) -> Output {
    with_input(Command::new(env!("CARGO_BIN_EXE_trailarm")).args(arguments), input)
}

fn with_input(command: &mut Command, input: &str) -> Output {
    use std::io::Write;
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
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
    assert!(vectors.len() > 70);
    for (vector, answer) in vectors.iter().zip(answers(&["alarm", "eval"], &vectors)) {
        let result = &answer["result"];
        let states = |steps: &Value| steps.as_array().into_iter().flatten().map(|step| step["state"].clone()).collect::<Vec<_>>();
        let agrees = match vector["kind"].as_str().unwrap() {
            "window" => *result == vector["expected_datapoint_timestamps"],
            "suppressor" => *result == vector["expected_actions_at"],
            // One has times of evaluation and no values.
            "sequence" if vector["steps"][0].get("value").is_none() => result == "unsupported",
            "sequence" => states(result) == states(&vector["steps"]),
            _ if vector["expected"] == "NOT_ALARM" => result != "ALARM",
            _ => *result == vector["expected"],
        };
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

/// Each shipped detection over the real events: the engine, an evaluation in Python, and the table agree.
#[test]
fn shipped_detections_match_what_is_expected_of_real_events() {
    use std::collections::BTreeMap;
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let events = here.join("../shared/data/events");
    let table = std::fs::read_to_string(here.join("tests/conformance/library.tsv")).unwrap();
    let expected: BTreeMap<&str, u64> = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once('\t').unwrap())
        .map(|(a, n)| (a, n.parse().unwrap()))
        .collect();
    let listed: Vec<&str> = SHIPPED.iter().map(|(address, _)| *address).collect();
    assert_eq!(expected.keys().copied().collect::<Vec<_>>(), listed, "the table has each shipped detection");

    // A stack of its own, whatever lies above this folder.
    let stack = Path::new(env!("CARGO_TARGET_TMPDIR")).join("all-packs.yaml");
    let packs: BTreeSet<&str> = listed.iter().filter_map(|address| address.split('/').next()).collect();
    let packs: Vec<&str> = packs.into_iter().collect();
    std::fs::write(&stack, format!("stack: stack\nlog_group: {{name: log-group}}\npacks: {packs:?}\n")).unwrap();
    let stack = stack.display().to_string();
    let mut patterns: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
    let glob = format!("{}/*.jsonl.gz", events.display());
    for address in listed {
        let shown = trailarm(&["show", address, "--shipped", "--format", "json"], "");
        let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
        let texts = shown["filters"].as_array().unwrap().iter().map(|filter| filter["pattern"].as_str().unwrap());
        patterns.insert(address, texts.map(|text| text.replace("000000000000", OWN)).collect());
        let output = trailarm(&["match", address, &glob, "--count", "--account-id", OWN, "--config", &stack], "");
        assert!(output.stderr.is_empty(), "{address}: {}", String::from_utf8_lossy(&output.stderr));
        counted.insert(address, String::from_utf8_lossy(&output.stdout).trim().parse().unwrap());
    }
    let python = with_input(
        Command::new("python3").arg(here.join("tests/conformance/library.py")).arg(&events),
        &serde_json::json!(patterns).to_string(),
    );
    let evaluated: BTreeMap<String, BTreeMap<i64, u64>> =
        serde_json::from_slice(&python.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&python.stderr)));
    for (address, count) in &expected {
        assert_eq!((counted[address], evaluated[*address].values().sum()), (*count, *count), "{address}");
    }
    assert!(expected.values().filter(|count| **count > 0).count() > 30);

    // The same, by period: a backtest.
    let output = trailarm(&["backtest", "--from", &glob, "--account-id", OWN, "--config", &stack, "--format", "json"], "");
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    for detection in found["detections"].as_array().unwrap() {
        let start = |period: &Value| period["start"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_second();
        let seconds = detection["period_seconds"].as_i64().unwrap();
        let periods: BTreeMap<i64, u64> =
            detection["periods"].as_array().unwrap().iter().map(|period| (start(period), period["events"].as_u64().unwrap())).collect();
        let mut of_python: BTreeMap<i64, u64> = BTreeMap::new();
        for (start, events) in &evaluated[detection["address"].as_str().unwrap()] {
            *of_python.entry(start - start.rem_euclid(seconds)).or_default() += events;
        }
        assert!(seconds % 300 == 0 && periods == of_python, "{}: {periods:?}, {of_python:?}", detection["address"]);
    }
    assert_eq!(found["detections"].as_array().unwrap().len(), expected.len());
}

/// The account that the collections' events are looked at as; none of them is of it.
const OWN: &str = "111122223333";

/// What the auditors' own files say is what the audit asks.
#[test]
fn prowler_asks_what_its_file_says() {
    use trailarm::audit::{Auditor, CONTROLS, missed};
    let needs: Vec<Value> = serde_json::from_str(&shared("data/prowler_requirements.json")).unwrap();
    assert_eq!(needs.len(), CONTROLS.len());
    for need in &needs {
        // A pattern that has just what the file asks for passes one control more than one that has all but one name.
        let passes = |pattern: &str| {
            CONTROLS.iter().filter(|control| missed(Auditor::Prowler, control, pattern).is_some_and(|m| m.is_empty())).count()
        };
        let Some(names) = need["event_names"].as_array() else {
            assert!(need["regex"].is_string(), "{need}");
            continue;
        };
        let pattern = |names: &[Value]| {
            let source = need["event_source"].as_str().map(|source| format!("($.eventSource = {source}) && ")).unwrap_or_default();
            let extra = need["extra"].as_str().map(|extra| {
                let parts: Vec<&str> = extra.split('"').collect();
                format!(" && ($.{} {} \"{}\")", parts[1], parts[3], parts[5])
            });
            let names: Vec<String> = names.iter().map(|name| format!("($.eventName = {})", name.as_str().unwrap())).collect();
            format!("{{ {source}({}){} }}", names.join(" || "), extra.unwrap_or_default())
        };
        assert_eq!(passes(&pattern(names)), 1, "{need}");
        assert_eq!(passes(&pattern(&names[1..])), 0, "{need}");
    }
}

/// The table of who accepts whose pattern, found by running the auditors' own expressions.
#[test]
fn texts_of_other_packs_are_judged_as_the_auditors_judge_them() {
    use trailarm::audit::{Auditor, CONTROLS, missed};
    let auditors = shared("design/auditors.md");
    for control in CONTROLS {
        if let Some(hub) = &control.security_hub {
            assert!(auditors.contains(&format!("```\n{}\n```", hub.text)), "{}: {}", hub.id, hub.text);
        }
        for (_, texts) in control.cis {
            let known = |text: &&str| auditors.contains(&format!("\n{text}\n")) || auditors.contains(&format!("`{text}`"));
            assert!(texts.iter().all(|text| known(&text)), "{}", control.title);
        }
    }
    let passes =
        |number: usize, auditor: Auditor, text: &str| missed(auditor, &CONTROLS[number - 1], text).is_some_and(|missed| missed.is_empty());
    let (hub, prowler, steampipe) = (Auditor::SecurityHub, Auditor::Prowler, Auditor::Steampipe);
    // Row "Security Hub docs", and the texts of CIS 5.0 and of Prowler.
    let text = |number: usize| CONTROLS[number - 1].security_hub.as_ref().unwrap().text;
    for number in 1..=14 {
        let expected = (true, number != 13, !matches!(number, 1 | 10));
        assert_eq!(
            (passes(number, hub, text(number)), passes(number, prowler, text(number)), passes(number, steampipe, text(number))),
            expected,
            "{number}"
        );
    }
    for number in [1, 10, 13] {
        let cis = CONTROLS[number - 1].cis_texts("7.0")[0];
        assert_eq!(
            (passes(number, hub, cis), passes(number, prowler, cis), passes(number, steampipe, cis)),
            (false, true, true),
            "{number}"
        );
    }
    let organizations = CONTROLS[14].cis_texts("7.0")[0];
    assert_eq!((passes(15, prowler, organizations), passes(15, steampipe, organizations)), (false, true));
    // Another order: Prowler takes it, Steampipe does not.
    let shuffled = "{($.eventName=StopLogging) || ($.eventName=CreateTrail) || ($.eventName=UpdateTrail) || ($.eventName=DeleteTrail) || ($.eventName=StartLogging)}";
    assert_eq!((passes(5, prowler, shuffled), passes(5, steampipe, shuffled)), (true, false));
    let quoted = text(4).replace("=DeleteGroupPolicy", "=\"DeleteGroupPolicy\"");
    assert_eq!((passes(4, prowler, &quoted), passes(4, steampipe, &quoted)), (true, false));
}
