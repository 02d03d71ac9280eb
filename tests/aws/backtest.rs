//! `trailarm backtest` over the real SDK: the event history and a log group, from a stand-in that pages and throttles as AWS does.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::standin::{ACCOUNT, REGION, Standin};
use crate::work::{Run, Work};

const DETECTION: &str = "\
metric_filter: {match: {source: cloudtrail.amazonaws.com, events: [StopLogging, DeleteTrail]}, default: 0}
alarm: {threshold: '>= 2', treat_missing_data: notBreaching}
";
const DAY: &str = "2026-11-24T";

fn start(stack: &str) -> (Standin, Work) {
    let standin = Standin::start();
    let work = Work::new(&standin.url, "AKIA", REGION);
    work.write("trailarm.yaml", stack).write("pack/stop.yaml", DETECTION);
    (standin, work)
}

const STACK: &str = "stack: s\nlog_group: {name: trail}\npacks: [./pack]\n";

fn event(name: &str, number: usize, time: &str) -> Value {
    json!({
        "eventVersion": "1.11", "eventID": format!("{name}-{number}"), "eventTime": time, "eventName": name,
        "eventSource": "cloudtrail.amazonaws.com", "sourceIPAddress": "203.0.113.7",
        "userIdentity": { "type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/ops/x", "sessionContext": { "sessionIssuer": { "arn": "arn:aws:iam::111122223333:role/ops" } } },
    })
}

/// 120 events a second apart, the newest first, and one of another name.
fn history() -> Vec<Value> {
    let time = |second: usize| format!("{DAY}06:{:02}:{:02}Z", second / 60, second % 60);
    let mut events: Vec<Value> = (0..120).rev().map(|second| event("StopLogging", second, &time(second))).collect();
    events.insert(3, event("CreateTrail", 0, &time(117)));
    events
}

fn backtest(work: &Work, more: &[&str]) -> (Run, Value) {
    let span = ["--since", "2026-11-24", "--until", "2026-11-25", "--format", "json"];
    let run = work.run(&[&["backtest", "pack/stop"][..], more, &span].concat());
    let found = serde_json::from_str(&run.stdout).unwrap_or(Value::Null);
    (run, found)
}

#[test]
fn the_event_history_is_asked_by_name_and_at_its_pace() {
    let (standin, work) = start(STACK);
    standin.with(|s| s.history = history());
    standin.fail("LookupEvents", 1, "ThrottlingException");
    let began = Instant::now();
    let (run, found) = backtest(&work, &["--from", "event-history"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let detection = &found["detections"][0];
    assert_eq!((&detection["events"], &detection["alarm"]["alarms"]), (&json!(120), &json!(1)), "{found:#}");
    assert_eq!(detection["principals"], json!([{ "name": "arn:aws:iam::111122223333:role/ops", "events": 120 }]));
    assert_eq!(found["totals"]["events"], 120, "the other name was not asked for");
    assert_eq!(found["source"], format!("the event history of account {ACCOUNT}, {REGION}"));
    // DeleteTrail is one page, StopLogging three, and one call was refused: two a second.
    assert_eq!(standin.take_requests().iter().filter(|call| *call == "LookupEvents").count(), 5);
    assert!(began.elapsed() >= Duration::from_millis(1500), "{:?}", began.elapsed());
}

#[test]
fn what_was_read_of_the_event_history_is_not_read_again() {
    let (standin, work) = start(STACK);
    standin.with(|s| s.history = history());
    let resume = ["--from", "event-history", "--resume", "history.jsonl"];
    let (run, first) = backtest(&work, &resume);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let asked = standin.take_requests().iter().filter(|call| *call == "LookupEvents").count();
    // As if it had been interrupted after a page: what follows is not there.
    let kept = std::fs::read_to_string(work.path().join("history.jsonl")).unwrap();
    let known: Vec<usize> = kept.match_indices("{\"known\"").map(|(at, _)| at).collect();
    assert!(known.len() >= 3);
    let cut = kept[known[1]..].find('\n').unwrap() + known[1] + 1;
    work.write("history.jsonl", &format!("{}{{\"rec", &kept[..cut]));
    let (run, second) = backtest(&work, &resume);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let again = standin.take_requests().iter().filter(|call| *call == "LookupEvents").count();
    assert!(again < asked && again > 0, "{again} of {asked}");
    assert_eq!(second["detections"], first["detections"]);
    let (_, third) = backtest(&work, &resume);
    assert_eq!(standin.take_requests().iter().filter(|call| *call == "LookupEvents").count(), 0);
    assert_eq!(third["detections"], first["detections"]);
    work.write("notes.txt", "mine");
    let (run, _) = backtest(&work, &["--from", "event-history", "--resume", "notes.txt"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("notes.txt: it is no file of trailarm's event history"), "{}", run.stderr);
    assert_eq!(std::fs::read_to_string(work.path().join("notes.txt")).unwrap(), "mine");
}

#[test]
fn a_log_group_says_itself_what_matches_and_when_it_came_in() {
    let (standin, work) = start(STACK);
    let at = |text: &str| format!("{DAY}{text}Z").parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let log = |name: &str, number: usize, time: &str, delay: i64| {
        (at(time), at(time) + delay * 1000, event(name, number, &format!("{DAY}{time}Z")).to_string())
    };
    let mut events: Vec<_> = (0..50).map(|i| log("StopLogging", i, &format!("06:00:{i:02}"), 60)).collect();
    events.push(log("CreateTrail", 0, "07:00:00", 0));
    // An hour late: the alarm looks there no more.
    events.extend((0..2).map(|i| log("DeleteTrail", i, &format!("09:00:0{i}"), 3600)));
    standin.with(|s| s.log_events = events);
    for source in ["log-group", "log-group:trail"] {
        let (run, found) = backtest(&work, &["--from", source]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        let detection = &found["detections"][0];
        assert_eq!((&detection["events"], &detection["alarm"]["alarms"]), (&json!(52), &json!(1)), "{found:#}");
        assert_eq!(detection["alarm"]["transitions"][0]["at"], "2026-11-24T06:02:00Z", "a minute after its own");
        assert_eq!(standin.take_requests().iter().filter(|call| *call == "FilterLogEvents").count(), 3, "pages of 20");
    }
    let (run, _) = backtest(&work, &["--from", "log-group:other"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("log group other"), "{}", run.stderr);
    standin.with(|s| s.contrary = Some("CreateTrail".to_owned()));
    let (run, found) = backtest(&work, &["--from", "log-group"]);
    assert_eq!((run.code, &found["detections"][0]["events"]), (0, &json!(53)), "AWS's word counts");
    assert!(run.stderr.contains("pack/stop: AWS says match, trailarm says no match"), "{}", run.stderr);
}

#[test]
fn without_permission_the_run_says_which() {
    let (standin, work) = start(STACK);
    for (source, operation, action) in
        [("event-history", "LookupEvents", "cloudtrail:LookupEvents"), ("log-group", "FilterLogEvents", "logs:FilterLogEvents")]
    {
        standin.fail(operation, 1, "AccessDeniedException");
        let (run, _) = backtest(&work, &["--from", source]);
        assert_eq!((run.code, run.stdout.as_str()), (1, ""));
        assert!(run.stderr.contains(&format!("access denied: {action}")), "{}", run.stderr);
    }
}
