//! Calls that fail: retried, told apart, survived.

use std::io::Read;
use std::process::Stdio;
use std::time::{Duration, Instant};

use crate::standin::{REGION, Standin};
use crate::work::Work;

fn start() -> (Standin, Work) {
    let standin = Standin::start();
    let work = Work::new(&standin.url, "AKIA", REGION);
    work.write("trailarm.yaml", "stack: s\nlog_group: {name: trail}\npacks: [./pack]\ntopics: {t: {}}\ndefaults: {alarm: {notify: [t]}}\n");
    for name in ["a", "b"] {
        work.write(&format!("pack/{name}.yaml"), "metric_filter: {pattern: '{ $.a = 1 }'}\nalarm: {}\n");
    }
    work.write("pack/c.yaml", "alarm: {composite: 'ALARM(a) OR ALARM(b)'}\n");
    (standin, work)
}

#[test]
fn throttling_and_concurrent_changes_are_retried() {
    let (standin, work) = start();
    standin.fail("DescribeAlarms", 2, "ThrottlingException");
    standin.fail("DescribeMetricFilters", 1, "ThrottlingException");
    standin.fail("ListTopics", 1, "Throttling");
    standin.fail("PutMetricFilter", 2, "OperationAbortedException");
    standin.fail("PutMetricAlarm", 1, "ThrottlingException");
    assert_eq!(work.apply().summary(), "Apply complete! Resources: 6 added, 0 changed, 0 destroyed.");
}

#[test]
fn after_a_failure_the_rest_goes_on_and_a_second_run_finishes() {
    let (standin, work) = start();
    // A filter fails: its alarm and the composite above wait, the others do not.
    standin.fail("PutMetricFilter", 1, "AccessDeniedException");
    let failed = work.run(&["apply", "--auto-approve"]);
    assert_eq!(failed.code, 1, "{}", failed.stderr);
    for line in [
        "failed: metric_filter/trail:s/a: access denied: logs:PutMetricFilter on metric_filter/trail:s/a: AccessDeniedException: on demand",
        "help: allow `logs:PutMetricFilter` for this role",
        "skipped: alarm/s/a: it depends on something that failed",
        "skipped: composite_alarm/s/c: it depends on something that failed",
        "Apply incomplete. Resources: 3 added, 0 changed, 0 destroyed; 1 failed, 2 skipped. A second run does the rest.",
    ] {
        assert!(failed.stdout.contains(line), "{line}\nis not in\n{}", failed.stdout);
    }
    assert_eq!(work.apply().summary(), "Apply complete! Resources: 3 added, 0 changed, 0 destroyed.");
}

#[test]
fn what_was_moved_stays_until_the_new_one_is_there() {
    let (standin, work) = start();
    work.apply();
    work.remove("pack/b.yaml");
    work.write("pack/new.yaml", "metric_filter: {pattern: '{ $.a = 1 }'}\nalarm: {}\n");
    work.write("pack/c.yaml", "alarm: {composite: 'ALARM(a) OR ALARM(new)'}\n");
    let stack = "stack: s\nlog_group: {name: trail}\npacks: [./pack]\ntopics: {t: {}}\ndefaults: {alarm: {notify: [t]}}\nmoved: {pack/b: pack/new}\n";
    work.write("trailarm.yaml", stack);
    standin.fail("PutMetricFilter", 1, "InvalidParameterException");
    let failed = work.run(&["apply", "--auto-approve"]);
    assert_eq!(failed.code, 1);
    assert!(
        failed.stdout.contains("skipped: metric_filter/trail:s/b") && failed.stdout.contains("skipped: alarm/s/b"),
        "{}",
        failed.stdout
    );
    standin.with(|s| assert!(s.alarms.contains_key("s/b")));
    work.apply();
    standin.with(|s| assert!(!s.alarms.contains_key("s/b")));
}

#[test]
fn expired_credentials_end_the_run_and_tags_are_never_lost_behind_the_marker() {
    let (standin, work) = start();
    work.apply();
    let tagged =
        "stack: s\nlog_group: {name: trail}\npacks: [./pack]\ntopics: {t: {}}\ndefaults: {alarm: {notify: [t]}, tags: {team: x}}\n";
    work.write("trailarm.yaml", tagged);
    // The topic's tags go through SNS first, then those of the first alarm fail.
    standin.with(|s| s.tags.clear());
    standin.with(|s| {
        drop(s.tags.insert(
            "arn:aws:sns:eu-west-1:111122223333:s-t".into(),
            [("trailarm:stack".to_owned(), "s".to_owned()), ("team".to_owned(), "x".to_owned())].into(),
        ))
    });
    standin.fail("TagResource", 1, "ExpiredToken");
    let failed = work.run(&["apply", "--auto-approve"]);
    assert_eq!(failed.code, 1);
    assert!(failed.stdout.contains("the AWS credentials have expired"), "{}", failed.stdout);
    assert!(failed.stdout.contains("0 changed, 0 destroyed; 1 failed, 0 skipped, 2 not reached."), "{}", failed.stdout);
    assert_eq!(work.run(&["plan"]).summary(), "Plan: 0 to add, 3 to change, 0 to destroy.");
    work.apply();
}

#[test]
fn secrets_are_not_in_errors() {
    let (standin, work) = start();
    let stack =
        "stack: s\nlog_group: {name: trail}\npacks: [./pack]\ntopics: {t: {subscriptions: [{https: 'https://h.example.com/token'}]}}\n";
    work.write("trailarm.yaml", stack);
    standin.fail("Subscribe", 9, "InvalidParameter");
    let failed = work.run(&["apply", "--auto-approve"]);
    assert!(failed.stdout.contains("failed: subscription/s-t:https:https://h.example.com/…: "), "{}", failed.stdout);
    assert!(!failed.stdout.contains("token") && !failed.stderr.contains("token"), "{}", failed.stdout);
}

#[test]
fn what_is_still_referred_to_is_not_deleted() {
    let (standin, work) = start();
    work.apply();
    standin.fail("DeleteAlarms", 1, "AccessDenied");
    let failed = work.run(&["destroy", "--auto-approve"]);
    assert_eq!(failed.code, 1);
    assert!(failed.stdout.contains("failed: composite_alarm/s/c"), "{}", failed.stdout);
    for kept in ["skipped: alarm/s/a", "skipped: alarm/s/b", "skipped: topic/s-t"] {
        assert!(failed.stdout.contains(kept), "{kept}\nis not in\n{}", failed.stdout);
    }
    assert_eq!(work.run(&["destroy", "--auto-approve"]).code, 0);
}

#[test]
fn refusals_say_which_call_on_what_and_what_to_do() {
    for (operation, code, message, help) in [
        ("GetCallerIdentity", "ExpiredToken", "the AWS credentials have expired: sts:GetCallerIdentity", "log in again"),
        ("GetCallerIdentity", "InvalidClientTokenId", "the AWS credentials are not valid", "check AWS_PROFILE"),
        (
            "DescribeAlarms",
            "AccessDenied",
            "access denied: cloudwatch:DescribeAlarms on alarms",
            "allow `cloudwatch:DescribeAlarms` for this role",
        ),
        ("ListTopics", "AuthorizationError", "access denied: sns:ListTopics on topics", "docs/permissions.md"),
        (
            "DescribeMetricFilters",
            "AccessDeniedException",
            "access denied: logs:DescribeMetricFilters on log group trail",
            "allow `logs:DescribeMetricFilters`",
        ),
    ] {
        let (standin, work) = start();
        standin.fail(operation, 99, code);
        let failed = work.run(&["apply", "--auto-approve"]);
        assert_eq!(failed.code, 1, "{}", failed.stdout);
        assert!(failed.stderr.contains(message) && failed.stderr.contains(help), "{code}: {}", failed.stderr);
        let wrote = standin.take_requests().into_iter().filter(|r| r.starts_with("Put") || r.starts_with("Create")).count();
        assert_eq!(wrote, 0, "{code}");
    }
    let (standin, work) = start();
    standin.with(|s| s.log_groups.clear());
    let failed = work.run(&["plan"]);
    assert!(
        failed.stderr.contains("error[TA201]: the log group trail does not exist in account 111122223333, eu-west-1"),
        "{}",
        failed.stderr
    );
    let nowhere = Work::new("http://127.0.0.1:1", "AKIA", REGION);
    nowhere.write("trailarm.yaml", "stack: s\nlog_group: {name: g}\npacks: [lambda-persistence]\n");
    let failed = nowhere.run(&["plan"]);
    assert!(failed.stderr.contains("the endpoint cannot be reached") && failed.stderr.contains("AWS_ENDPOINT_URL"), "{}", failed.stderr);
}

#[test]
fn a_log_group_that_is_gone_does_not_keep_the_rest_from_being_destroyed() {
    let (standin, work) = start();
    work.apply();
    standin.with(|s| {
        s.log_groups.clear();
        s.filters.clear();
    });
    let destroyed = work.run(&["destroy", "--auto-approve"]);
    assert_eq!(destroyed.summary(), "Destroy complete! Resources: 0 added, 0 changed, 4 destroyed.", "{}", destroyed.stderr);
}

#[test]
fn endless_throttling_is_given_up_in_the_end() {
    let (standin, work) = start();
    standin.fail("DescribeMetricFilters", 99, "ThrottlingException");
    let failed = work.run(&["plan"]);
    assert!(
        failed.stderr.contains("throttled: logs:DescribeMetricFilters") && failed.stderr.contains("run it again in a minute"),
        "{}",
        failed.stderr
    );
    assert_eq!(standin.take_requests().iter().filter(|r| *r == "DescribeMetricFilters").count(), 8);
}

#[test]
fn the_100_filters_of_a_log_group_are_counted_before_the_first_call() {
    let (standin, work) = start();
    standin.with(|s| {
        for i in 0..99 {
            let filter = serde_json::json!({"filterName": format!("theirs-{i}"), "metricTransformations": [{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}]});
            s.filters.insert(("trail".to_owned(), format!("theirs-{i}")), filter);
        }
    });
    let failed = work.run(&["apply", "--auto-approve"]);
    assert_eq!(failed.code, 1);
    assert!(failed.stderr.contains("error[TA203]: the log group trail would hold 101 metric filters, AWS allows 100"), "{}", failed.stderr);
    assert!(failed.stderr.contains("2 are the stack's, 99 are not"), "{}", failed.stderr);
    standin.with(|s| assert_eq!((s.filters.len(), s.alarms.len(), s.topics.len()), (99, 0, 0)));
}

#[cfg(unix)]
#[test]
fn ctrl_c_finishes_the_call_in_flight_and_reports() {
    let (standin, work) = start();
    for i in 0..40 {
        work.write(&format!("pack/d{i}.yaml"), "alarm: {metric: {namespace: N, name: m}}\n");
    }
    let mut child = work.command(&["apply", "--auto-approve"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while standin.with(|s| s.alarms.len()) < 3 {
        assert!(Instant::now() < deadline, "the apply does not get going");
        std::thread::sleep(Duration::from_millis(20));
    }
    let killed = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    let mut stdout = String::new();
    child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    assert!(stdout.contains("Apply incomplete.") && stdout.contains("not reached. A second run does the rest."), "{stdout}");
    // What the report says was done is what the account holds.
    let done = standin.with(|s| s.alarms.len() + s.filters.len() + s.topics.len());
    assert!(stdout.contains(&format!("Resources: {done} added, 0 changed, 0 destroyed; 0 failed, 0 skipped")), "{done}: {stdout}");
}
