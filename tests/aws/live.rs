//! `trailarm test --live`: AWS is asked about the events of the tests, 50 a call, and disagreement is told.

use crate::standin::{REGION, Standin};
use crate::work::Work;

const DETECTION: &str = "\
metric_filter: {pattern: '{ $.eventName = \"StopLogging\" }', default: 0}
tests:
  - {name: it is stopped, event: {eventName: StopLogging}, matches: true}
  - {name: it is started, event: {eventName: StartLogging}, matches: false}
";

fn start(detection: &str) -> (Standin, Work) {
    let standin = Standin::start();
    let work = Work::new(&standin.url, "AKIA", REGION);
    work.write("pack/stop.yaml", detection);
    (standin, work)
}

#[test]
fn agreement_is_counted_and_disagreement_told() {
    let (standin, work) = start(DETECTION);
    let run = work.run(&["test", "pack", "--live"]);
    assert_eq!((run.code, run.summary()), (0, "4 passed, 0 failed"), "{}", run.stderr);
    assert_eq!(standin.take_requests(), ["GetCallerIdentity", "TestMetricFilter"], "one call for all events of a pattern");
    standin.with(|s| s.contrary = Some("StartLogging".to_owned()));
    let run = work.run(&["test", "pack", "--live"]);
    assert_eq!((run.code, run.summary()), (2, "3 passed, 1 failed"));
    let message = "error[TA108]: pack/stop: \"it is started\": AWS says match, trailarm says no match";
    assert!(run.stderr.contains(message) && run.stderr.contains("please report it"), "{}", run.stderr);
}

#[test]
fn many_events_are_asked_in_calls_of_fifty_and_throttling_is_survived() {
    let (standin, work) = start(&format!("{DETECTION}  - {{name: from a file, file: events.jsonl, matches: true}}\n"));
    let lines: String = (0..120).map(|i| format!("{{\"eventName\":\"StopLogging\",\"eventID\":\"{i}\"}}\n")).collect();
    work.write("pack/events.jsonl", &lines);
    standin.fail("TestMetricFilter", 2, "ThrottlingException");
    let run = work.run(&["test", "pack", "--live"]);
    // Three tests here; and each of the 122 events as AWS says.
    assert_eq!((run.code, run.summary()), (0, "125 passed, 0 failed"), "{}", run.stderr);
    assert_eq!(standin.take_requests().iter().filter(|call| *call == "TestMetricFilter").count(), 3 + 2);
}

#[test]
fn without_permission_the_run_says_so() {
    let (standin, work) = start(DETECTION);
    standin.fail("TestMetricFilter", 1, "AccessDeniedException");
    let run = work.run(&["test", "pack", "--live"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains("access denied: logs:TestMetricFilter") && run.stderr.contains("allow `logs:TestMetricFilter`"),
        "{}",
        run.stderr
    );
}
