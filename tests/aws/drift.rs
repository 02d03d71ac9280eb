//! Drift: told from what the definitions have come to say, and who did it.

use serde_json::{Value, json};

use crate::emulator::{by_hand, url};
use crate::standin::{ACCOUNT, REGION, Standin, State};
use crate::work::Work;

const STACK: &str = "\
stack: base
log_group: {name: trail}
packs: [./alarms]
topics: {security: {subscriptions: [{sqs: 'arn:aws:sqs:eu-west-1:111122223333:q'}]}}
defaults: {alarm: {notify: [security]}}
";

fn detection(threshold: u32) -> String {
    format!("metric_filter: {{pattern: '{{ $.eventName = \"CreateUser\" }}', default: 0}}\nalarm: {{threshold: {threshold}}}\n")
}

fn start() -> (Standin, Work) {
    let standin = Standin::start();
    let work = Work::new(&standin.url, ACCOUNT, REGION);
    work.write("trailarm.yaml", STACK);
    for name in ["changed", "muted", "gone", "pending", "filter"] {
        work.write(&format!("alarms/iam/{name}.yaml"), &detection(1));
    }
    assert_eq!(work.run(&["plan", "--out", "applied.json"]).code, 0);
    assert_eq!(work.run(&["apply", "applied.json"]).code, 0);
    (standin, work)
}

fn event(name: &str, time: &str, parameters: &Value) -> Value {
    json!({ "eventName": name, "eventTime": time, "requestParameters": parameters, "sourceIPAddress": "203.0.113.54",
        "userAgent": "aws-cli/2.31.3", "userIdentity": { "type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/mallory" } })
}

/// What somebody did by hand, and what the event history holds of it.
fn somebody(state: &mut State) {
    state.alarms.get_mut("base/changed").unwrap()["Threshold"] = json!(99.0);
    state.alarms.get_mut("base/muted").unwrap()["ActionsEnabled"] = json!(false);
    state.alarms.remove("base/gone");
    state.filters.get_mut(&("trail".to_owned(), "base/filter".to_owned())).unwrap()["filterPattern"] = json!("{ $.eventName = Nothing }");
    state.subscriptions.clear();
    let put = |name: &str, time: &str| event("PutMetricAlarm", time, &json!({ "alarmName": name }));
    let mut refused = put("base/changed", "2026-11-25T09:00:00Z");
    refused["errorCode"] = json!("AccessDenied");
    // Newest first; what is about others, and what was refused, is passed over. More than one page of them.
    state.history = vec![refused];
    state.history.extend((0..120).map(|_| put("other", "2026-11-25T08:30:00Z")));
    state.history.push(put("base/changed", "2026-11-25T08:00:00Z"));
    state.history.push(put("base/changed", "2026-11-24T08:00:00Z"));
    state.history.push(event("DisableAlarmActions", "2026-11-25T08:01:00Z", &json!({ "alarmNames": ["x", "base/muted"] })));
    state.history.push(event("DeleteAlarms", "2026-11-25T08:02:00Z", &json!({ "alarmNames": ["base/gone"] })));
    state.history.push(event("PutMetricFilter", "2026-11-25T08:03:00Z", &json!({ "logGroupName": "trail", "filterName": "base/filter" })));
}

#[test]
fn drift_is_told_from_pending_changes_and_names_its_author() {
    let (standin, work) = start();
    let quiet = work.run(&["drift"]);
    assert_eq!((quiet.code, quiet.summary()), (0, "No drift."), "{}", quiet.stderr);
    work.write("alarms/iam/pending.yaml", &detection(5));
    let pending = work.run(&["drift"]);
    assert_eq!(
        (pending.code, pending.summary()),
        (0, "No drift; 1 changes of the definitions have yet to be applied."),
        "{}",
        pending.stdout
    );

    standin.with(somebody);
    standin.fail("LookupEvents", 1, "ThrottlingException");
    let begin = std::time::Instant::now();
    let run = work.run(&["drift", "--blame", "--format", "json"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    let calls = standin.take_requests().iter().filter(|request| *request == "LookupEvents").count();
    // Two calls a second: each but the first waits half a second.
    assert!(begin.elapsed().as_millis() >= 500 * (calls as u128 - 2), "{calls} calls in {:?}", begin.elapsed());
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let found = report["differences"].as_array().unwrap();
    let shown = |difference: &Value| {
        let own = |key: &str| difference[key].as_str().unwrap_or("-").to_owned();
        let time = difference["by"]["time"].as_str().unwrap_or("-");
        format!("{} {} {}: {} ({time})", own("cause"), own("action"), own("address"), own("what"))
    };
    let shown: Vec<String> = found.iter().map(shown).collect();
    assert_eq!(
        shown,
        [
            "drift update alarm/base/changed: it was changed by hand (2026-11-25T08:00:00Z)",
            "drift update alarm/base/muted: its actions were switched off (2026-11-25T08:01:00Z)",
            "unclear create subscription/base-security:sqs:arn:aws:sqs:eu-west-1:111122223333:q: somebody unsubscribed, or it is new in the definitions (-)",
            "unclear update metric_filter/trail:base/filter: it was changed by hand, or its definition changed (2026-11-25T08:03:00Z)",
            "unclear create alarm/base/gone: it was deleted by hand, or has yet to be applied (2026-11-25T08:02:00Z)",
            "pending update alarm/base/pending: its definition changed (-)",
        ]
    );
    assert_eq!(found[0]["by"]["principal"], "arn:aws:iam::111122223333:user/mallory");
    assert_eq!((&found[2]["blame"], &found[5]["blame"]), (&json!("not_there"), &Value::Null));
    // The plan that was applied settles what bears no record.
    let run = work.run(&["drift", "--applied", "applied.json"]);
    assert_eq!(
        (run.code, run.summary()),
        (2, "Drift: 5 changed by hand, 0 unclear; 1 changes of the definitions have yet to be applied."),
        "{}",
        run.stdout
    );
    let run = work.run(&["drift", "--blame", "--only", "iam/gone"]);
    assert!(
        run.stdout.contains(
            "# DeleteAlarms by arn:aws:iam::111122223333:user/mallory from 203.0.113.54 at 2026-11-25T08:02:00Z (aws-cli/2.31.3)"
        ),
        "{}",
        run.stdout
    );
}

/// What is easy to get wrong: a whole detection that is gone, an alarm that lost its marker or its kind, what somebody added,
/// and a plan of a part, which says nothing of the rest.
#[test]
fn what_bears_no_record_is_not_called_pending() {
    let (standin, work) = start();
    work.write("alarms/iam/changed.yaml", &detection(2));
    standin.with(|state| {
        // Already drifted when a part is planned and applied.
        state.alarms.get_mut("base/muted").unwrap()["Threshold"] = json!(99.0);
    });
    assert_eq!(work.run(&["plan", "--only", "iam/changed", "--out", "part.json"]).code, 0);
    assert_eq!(work.run(&["apply", "part.json"]).code, 0);
    standin.with(|state| {
        state.alarms.remove("base/gone");
        state.filters.remove(&("trail".to_owned(), "base/gone".to_owned()));
        state.alarms.get_mut("base/filter").unwrap()["AlarmDescription"] = json!("written by hand");
        let mut added = state.filters[&("trail".to_owned(), "base/changed".to_owned())].clone();
        added["filterName"] = json!("base/added");
        state.filters.insert(("trail".to_owned(), "base/added".to_owned()), added);
        state.history = vec![event("PutMetricAlarm", "2026-11-25T08:00:00Z", &json!({ "alarmName": "base/filter" }))];
    });
    let told = |arguments: &[&str]| {
        let run = work.run(&[&["drift", "--format", "json"], arguments].concat());
        assert_eq!(run.code, 2, "{}", run.stderr);
        let report: Value = serde_json::from_str(&run.stdout).unwrap();
        let one = |found: &Value| format!("{} {}", found["cause"].as_str().unwrap(), found["address"].as_str().unwrap());
        (report["differences"].as_array().unwrap().iter().map(one).collect::<Vec<_>>(), report)
    };
    let (mut alone, report) = told(&["--blame"]);
    alone.sort();
    assert_eq!(
        alone,
        [
            "drift alarm/base/muted",
            "unclear alarm/base/filter",
            "unclear alarm/base/gone",
            "unclear metric_filter/trail:base/added",
            "unclear metric_filter/trail:base/gone",
        ]
    );
    let taken = report["differences"].as_array().unwrap().iter().find(|found| found["address"] == "alarm/base/filter").unwrap();
    assert_eq!(taken["by"]["event"], "PutMetricAlarm", "who wrote over it is named");
    let (partly, _) = told(&["--applied", "part.json"]);
    assert!(partly.contains(&"drift alarm/base/muted".to_owned()), "{partly:?}");
    let (fully, _) = told(&["--applied", "applied.json"]);
    for expected in
        ["drift alarm/base/gone", "drift metric_filter/trail:base/gone", "drift alarm/base/filter", "drift metric_filter/trail:base/added"]
    {
        assert!(fully.contains(&expected.to_owned()), "{expected}: {fully:?}");
    }
}

/// `docs/ci/README.md` shows what `drift --blame` prints.
#[test]
fn the_page_shows_what_is_printed() {
    let (standin, work) = start();
    work.write("alarms/iam/pending.yaml", &detection(5));
    standin.with(|state| {
        state.alarms.get_mut("base/changed").unwrap()["Threshold"] = json!(99.0);
        state.history = vec![event("PutMetricAlarm", "2026-11-25T08:00:00Z", &json!({ "alarmName": "base/changed" }))];
    });
    let run = work.run(&["drift", "--blame"]);
    let page = include_str!("../../docs/ci/README.md");
    assert!(page.contains(&format!("$ trailarm drift --blame\n{}```", run.stdout)), "{}", run.stdout);
}

#[test]
fn what_is_not_ours_is_listed() {
    let (standin, work) = start();
    standin.with(|state| {
        let filter = state.filters[&("trail".to_owned(), "base/filter".to_owned())].clone();
        let mut foreign = filter;
        foreign["filterName"] = json!("theirs");
        state.filters.insert(("trail".to_owned(), "theirs".to_owned()), foreign);
        let mut alarm = state.alarms["base/changed"].clone();
        alarm["AlarmName"] = json!("their-alarm");
        alarm["AlarmDescription"] = json!("by hand");
        state.alarms.insert("their-alarm".to_owned(), alarm.clone());
        alarm["MetricName"] = json!("something-else");
        alarm["AlarmName"] = json!("unrelated");
        state.alarms.insert("unrelated".to_owned(), alarm);
    });
    let run = work.run(&["drift", "--unmanaged", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((run.code, &report["unmanaged"]), (0, &json!({ "metric_filters": ["trail:theirs"], "alarms": ["their-alarm"] })));
}

/// What a saved plan builds on may be gone altogether: a topic with its subscriptions, a log group with its filters.
#[test]
fn a_saved_plan_meets_what_is_gone() {
    let (standin, work) = start();
    work.write(
        "trailarm.yaml",
        &STACK.replace(
            "{sqs: 'arn:aws:sqs:eu-west-1:111122223333:q'}",
            "{sqs: 'arn:aws:sqs:eu-west-1:111122223333:q', raw_message_delivery: true}",
        ),
    );
    work.write("alarms/iam/filter.yaml", &detection(1).replace("CreateUser", "DeleteUser"));
    work.write("alarms/iam/changed.yaml", &detection(4));
    assert_eq!(work.run(&["plan", "--out", "plan.json"]).summary(), "Plan: 0 to add, 3 to change, 0 to destroy.");
    standin.with(|state| {
        state.topics.clear();
        state.subscriptions.clear();
        state.log_groups.clear();
        state.filters.clear();
    });
    let run = work.run(&["apply", "plan.json"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stdout.contains("refused: subscription/base-security:sqs") && run.stdout.contains("refused: metric_filter/trail:base/filter"),
        "{}",
        run.stdout
    );
    assert!(
        run.summary().starts_with("Apply incomplete. Resources: 0 added, 1 changed, 0 destroyed; 0 failed, 2 refused"),
        "{}",
        run.stdout
    );
}

/// End to end on the emulator: plan, somebody changes the account, apply refuses just that, drift finds it.
#[test]
fn a_saved_plan_meets_a_changed_account() {
    let region = "us-east-1";
    by_hand("700000000041", region, "logs", "create_log_group", &json!({ "logGroupName": "trail" }));
    let work = Work::new(url(), "700000000041", region);
    work.write("trailarm.yaml", &STACK.replace("{sqs: 'arn:aws:sqs:eu-west-1:111122223333:q'}", "{email: secops@example.com}"));
    work.write("alarms/iam/a.yaml", &detection(1)).write("alarms/iam/b.yaml", &detection(1));
    work.apply();
    work.write("alarms/iam/a.yaml", &detection(3)).write("alarms/iam/b.yaml", &detection(3));
    assert_eq!(work.run(&["plan", "--out", "plan.json", "--output", "plan.md"]).code, 0);
    by_hand("700000000041", region, "cloudwatch", "disable_alarm_actions", &json!({ "AlarmNames": ["base/a"] }));
    let run = work.run(&["apply", "plan.json"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stdout.contains("refused: alarm/base/a") && run.stdout.contains("~ actions_enabled = true -> false"), "{}", run.stdout);
    assert!(
        run.summary().starts_with("Apply incomplete. Resources: 0 added, 1 changed, 0 destroyed; 0 failed, 1 refused"),
        "{}",
        run.stdout
    );
    let drift = work.run(&["drift"]);
    assert!(
        drift.code == 2 && drift.stdout.contains("drift: it was changed by hand, and its definition changed as well"),
        "{}",
        drift.stdout
    );
    // The other was applied; nothing else is left.
    let plan = work.run(&["plan"]);
    assert_eq!(plan.summary(), "Plan: 0 to add, 1 to change, 0 to destroy.", "{}", plan.stdout);
}
