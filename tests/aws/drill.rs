//! `drill`: on an emulator that runs the chain, with a subscriber on loopback; and over the stand-in, where it must be refused,
//! where actions fail, and where it is stopped in the middle.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::emulator::{by_hand, url};
use crate::http::{Response, serve};
use crate::reach::now;
use crate::standin::{ACCOUNT, REGION, Standin};
use crate::work::Work;

const DETECTION: &str = "\
metric_filter:
  pattern: '{ ($.eventSource = \"apigateway.amazonaws.com\") && ($.eventName = \"CreateRestApi\") }'
  default: 0
alarm: {threshold: '>= 2'}
tests:
  - {name: built, event: {eventSource: apigateway.amazonaws.com, eventName: CreateRestApi}, matches: true}
  - {name: other, event: {eventSource: apigateway.amazonaws.com, eventName: DeleteRestApi}, matches: false}
";

fn stack(topic: &str) -> String {
    format!(
        "stack: base\nlog_group: {{name: trail}}\npacks: [./pack]\ntopics: {{security: {topic}}}\ndefaults: {{alarm: {{notify: [security]}}}}\n"
    )
}

/// The whole chain on the emulator: apply, ring, the message at the subscriber, and the alarm as it was.
#[test]
fn a_rehearsal_reaches_the_subscriber_and_leaves_no_trace() {
    let messages = Arc::new(Mutex::new(Vec::new()));
    let inbox = Arc::clone(&messages);
    let subscriber = serve(move |request| {
        inbox.lock().unwrap().push(String::from_utf8_lossy(&request.body).into_owned());
        Response::new(200, "text/plain", Vec::new())
    });
    let (account, region) = ("100000000031", "us-east-1");
    by_hand(account, region, "logs", "create_log_group", &json!({"logGroupName": "trail"}));
    let work = Work::new(url(), account, region);
    work.write("trailarm.yaml", &stack(&format!("{{subscriptions: [{{http: '{subscriber}/alarms'}}]}}")));
    work.write("pack/built.yaml", DETECTION);
    work.run(&["apply", "--auto-approve"]);
    // The subscriber confirms as a person would.
    let topic = format!("arn:aws:sns:{region}:{account}:base-security");
    let asked = messages.lock().unwrap().iter().find_map(|message| {
        let message: Value = serde_json::from_str(message).ok()?;
        message["Token"].as_str().map(str::to_owned)
    });
    if let Some(token) = asked {
        by_hand(account, region, "sns", "confirm_subscription", &json!({"TopicArn": topic, "Token": token}));
    }
    let state = || {
        by_hand(account, region, "cloudwatch", "describe_alarms", &json!({"AlarmNames": ["base/built"]}))[0]["MetricAlarms"][0]["StateValue"].clone()
    };
    let before = state();
    let run = work.run(&["drill", "built", "--auto-approve", "--timeout", "3", "--format", "json"]);
    let told: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr));
    assert_eq!((state(), told["state_after"].clone()), (before.clone(), before), "{told}");
    let heard: Vec<String> = messages.lock().unwrap().clone();
    assert!(heard.iter().any(|message| message.contains("trailarm drill") && message.contains("ALARM")), "{heard:?} {told}");
    // The emulator acts and keeps no record of it, so the drill hears nothing there: it says so, and does not make it up.
    assert_eq!((told["actions"][0]["outcome"].as_str(), run.code), (Some("silent"), 2), "{told}");
}

/// The stand-in with the stack applied.
fn applied(alarm: &str) -> (Standin, Work) {
    let standin = Standin::start();
    standin.with(|state| drop(state.reach.functions.insert("contain".to_owned(), Vec::new())));
    let work = Work::new(&standin.url, "AKIA", REGION);
    work.write("trailarm.yaml", &stack("{subscriptions: [{sqs: 'arn:aws:sqs:eu-west-1:111122223333:q'}]}"));
    work.write("pack/built.yaml", &DETECTION.replace("alarm: {", &format!("alarm: {{{alarm}")));
    work.apply();
    (standin, work)
}

fn state(standin: &Standin, alarm: &str) -> (Value, Value) {
    standin.with(|state| (state.alarms[alarm]["StateValue"].clone(), state.alarms[alarm]["StateReason"].clone()))
}

#[test]
fn seconds_are_told_for_each_action_and_the_alarm_is_put_back() {
    let (standin, work) = applied("actions: [{lambda: contain}], ");
    let run = work.run(&["drill", "pack/built", "--auto-approve", "--include-actions", "lambda"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    snapbox::assert_data_eq!(
        run.stdout,
        snapbox::str![[r#"
Rehearsal [..] of pack/built

[..]Z in account 111122223333, eu-west-1, by arn:aws:iam::111122223333:user/test

  ✓ after [..] s  function contain
  ✓ after [..] s  topic base-security

base/built was OK and is OK; it was put back.
Every link was heard.

"#]]
    );
    assert_eq!(state(&standin, "base/built").0, "OK");
}

#[test]
fn an_action_that_fails_or_is_not_heard_of_is_told() {
    let (standin, work) = applied("");
    let topic = format!("arn:aws:sns:{REGION}:{ACCOUNT}:base-security");
    standin.with(|state| drop(state.reach.failing.insert(topic, "not authorized to use the key".to_owned())));
    let run = work.run(&["drill", "built", "--auto-approve"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stdout.contains("topic base-security failed: not authorized to use the key"), "{}", run.stdout);
    standin.with(|state| state.reach.is_mute = true);
    let run = work.run(&["drill", "built", "--auto-approve", "--timeout", "1"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stdout.contains("✗ not heard    topic base-security"), "{}", run.stdout);
    assert_eq!(state(&standin, "base/built").0, "OK");
}

#[test]
fn a_planted_event_goes_through_the_whole_chain() {
    let (standin, work) = applied("");
    let run = work.run(&["drill", "built", "--plant", "--auto-approve", "--format", "json"]);
    let told: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr));
    assert_eq!((run.code, &told["holds"]), (0, &json!(true)), "{told}");
    assert!(told["planted"]["metric_seconds"].is_f64() && told["planted"]["alarm_seconds"].is_f64(), "{told}");
    assert!(run.stderr.contains("2 marked events go into the log group trail"), "{}", run.stderr);
    let (stream, count) = standin.with(|state| (state.reach.streams.clone(), state.reach.counts["built"]));
    assert!(stream.len() == 1 && stream[0].starts_with("trailarm-drill/") && (count - 2.0).abs() < 0.1, "{stream:?} {count}");
    // The state is CloudWatch's own then, and is left alone.
    assert_eq!(state(&standin, "base/built").0, "ALARM");
    let again = work.run(&["drill", "built", "--plant", "--auto-approve"]);
    assert!(again.code == 1 && again.stderr.contains("base/built is in ALARM now: Threshold Crossed"), "{}", again.stderr);
}

#[test]
fn what_may_not_be_rung_is_not_rung() {
    let (standin, work) = applied("actions: [{lambda: contain}], ");
    let refused = |arguments: &[&str], says: &str| {
        standin.take_requests();
        let run = work.run(arguments);
        assert!(run.code == 1 && run.stderr.contains(says), "{arguments:?}: {}{}", run.stdout, run.stderr);
        let rung = standin.take_requests().into_iter().filter(|request| ["SetAlarmState", "PutLogEvents"].contains(&request.as_str()));
        assert_eq!(rung.count(), 0, "{arguments:?}");
    };
    refused(&["drill", "built", "--auto-approve"], "--include-actions lambda");
    refused(&["drill", "built", "--include-actions", "lambda"], "nobody can be asked here, and nothing was rung");
    refused(&["drill", "bulit", "--auto-approve"], "no detection of the stack is called bulit");
    refused(&["drill", "built", "--account", "account.json"], "account.json is a snapshot account, and has no alarms");
    let included = ["drill", "built", "--auto-approve", "--include-actions", "lambda"];
    let whole = standin.with(|state| state.clone());
    standin.with(|state| state.alarms.get_mut("base/built").unwrap()["ActionsEnabled"] = json!(false));
    refused(&included, "are switched off");
    standin.with(|state| *state = whole.clone());
    // An alarm that stands under our name without our sign is somebody else's.
    standin.with(|state| state.alarms.get_mut("base/built").unwrap()["AlarmDescription"] = json!("by hand"));
    refused(&included, "base/built is not this stack's, so it is not rung");
    standin.with(|state| drop(state.alarms.remove("base/built")));
    refused(&included, "base/built does not exist in the account");
}

/// A composite alarm above may act on what changes something, so it is looked at before anything is rung.
#[test]
fn alarms_above_are_told_and_their_actions_count() {
    let (standin, work) = applied("");
    work.write("pack/above.yaml", "alarm: {composite: 'ALARM(built)', notify: [], actions: [{lambda: contain}]}\n");
    work.apply();
    let run = work.run(&["drill", "built", "--auto-approve"]);
    assert!(run.code == 1 && run.stderr.contains("function contain"), "{}", run.stderr);
    let run = work.run(&["drill", "built", "--auto-approve", "--include-actions", "lambda"]);
    assert!(run.code == 0 && run.stderr.contains("base/above may ring too: function contain"), "{}", run.stderr);
    assert_eq!(state(&standin, "base/built").0, "OK");
}

/// A composite alarm is rung by itself; what is below it stays as it is. An event cannot be planted for it.
#[test]
fn a_composite_alarm_is_rung_and_put_back() {
    let (standin, work) = applied("");
    work.write("pack/above.yaml", "alarm: {composite: 'ALARM(built)'}\n").apply();
    let run = work.run(&["drill", "above", "--auto-approve"]);
    assert_eq!(
        (run.code, state(&standin, "base/above").0, state(&standin, "base/built").0),
        (0, json!("OK"), json!("OK")),
        "{}{}",
        run.stdout,
        run.stderr
    );
    let planted = work.run(&["drill", "above", "--auto-approve", "--plant"]);
    assert!(planted.code == 1 && planted.stderr.contains("only an alarm on the detection's own filters"), "{}", planted.stderr);
}

/// Alarms of anybody may hang on the one that is rung, or look at a metric that a planted event feeds; what counts is what they do in
/// the account, not what the definitions say.
#[test]
fn alarms_of_others_that_may_ring_are_seen_in_the_account() {
    let (standin, work) = applied("");
    let lambda = format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:theirs");
    let theirs = json!({"AlarmName": "theirs", "AlarmRule": "ALARM(\"base/built\")", "AlarmActions": [lambda], "ActionsEnabled": true, "StateValue": "OK"});
    standin.with(|state| drop(state.alarms.insert("theirs".to_owned(), theirs)));
    let refused = work.run(&["drill", "built", "--auto-approve"]);
    assert!(refused.code == 1 && refused.stderr.contains("function theirs"), "{}", refused.stderr);
    standin.with(|state| {
        state.alarms.remove("theirs");
        let second = json!({"AlarmName": "second", "Namespace": "Trailarm/base", "MetricName": "built", "AlarmActions": [lambda], "ActionsEnabled": true});
        state.alarms.insert("second".to_owned(), second);
    });
    assert_eq!(work.run(&["drill", "built", "--auto-approve"]).code, 0, "its state alone rings nobody else");
    let refused = work.run(&["drill", "built", "--plant", "--auto-approve"]);
    assert!(refused.code == 1 && refused.stderr.contains("function theirs"), "{}", refused.stderr);
    // And a filter of others that the event matches.
    standin.with(|state| {
        let filter = json!({"filterName": "other", "filterPattern": "{ $.eventName = \"Create*\" }", "logGroupName": "trail",
            "metricTransformations": [{"metricName": "made", "metricNamespace": "Other", "metricValue": "1"}]});
        state.filters.insert(("trail".to_owned(), "other".to_owned()), filter);
        let alarm = state.alarms.get_mut("second").unwrap();
        (alarm["Namespace"], alarm["MetricName"]) = (json!("Other"), json!("made"));
    });
    let refused = work.run(&["drill", "built", "--plant", "--auto-approve"]);
    assert!(refused.code == 1 && refused.stderr.contains("function theirs"), "{}", refused.stderr);
}

#[test]
fn what_would_not_go_back_by_itself_is_not_planted() {
    for (alarm, says) in [
        ("treat_missing_data: ignore, ", "it would stay in ALARM"),
        ("evaluation_periods: 2, ", "needs matches in 2 periods"),
        ("statistic: Average, ", "no number of matches"),
    ] {
        let standin = Standin::start();
        let work = Work::new(&standin.url, "AKIA", REGION);
        work.write("trailarm.yaml", &stack("{subscriptions: [{sqs: 'arn:aws:sqs:eu-west-1:111122223333:q'}]}"));
        let detection = DETECTION.replace("  default: 0\n", "").replace("alarm: {", &format!("alarm: {{{alarm}"));
        work.write("pack/built.yaml", &detection).apply();
        let run = work.run(&["drill", "built", "--plant", "--auto-approve"]);
        assert!(run.code == 1 && run.stderr.contains(says), "{says}: {}{}", run.stdout, run.stderr);
        assert!(standin.with(|state| state.reach.streams.is_empty()));
    }
}

/// A drill that was killed leaves its mark, and the next one knows it.
#[test]
fn what_a_killed_drill_left_is_told_with_the_call_that_puts_it_back() {
    let (standin, work) = applied("");
    standin.with(|state| {
        let alarm = state.alarms.get_mut("base/built").unwrap();
        (alarm["StateValue"], alarm["StateReason"]) = (json!("ALARM"), json!("trailarm drill 1a2b3c4d: a rehearsal, nothing happened"));
    });
    let run = work.run(&["drill", "built", "--auto-approve"]);
    assert!(run.code == 1 && run.stderr.contains("by an earlier rehearsal that was ended in its middle"), "{}", run.stderr);
    assert!(run.stderr.contains("aws cloudwatch set-alarm-state --alarm-name 'base/built' --state-value OK"), "{}", run.stderr);
}

/// While the question is open, the alarm begins to ring for real.
#[cfg(unix)]
#[test]
fn an_alarm_that_rings_while_the_question_is_open_is_left_alone() {
    use std::io::Write;
    let (standin, work) = applied("");
    standin.take_requests();
    let drill = work.command(&["drill", "built"]);
    let line = format!("'{}' drill built", drill.get_program().display());
    // A terminal, as `script` makes one.
    let mut terminal = std::process::Command::new("script");
    terminal.args(["-qec", &line, "/dev/null"]).current_dir(work.path()).env_clear().env("PATH", "/usr/bin:/bin");
    terminal.envs(drill.get_envs().filter_map(|(name, value)| Some((name, value?))).filter(|(name, _)| *name != "CI"));
    let mut child =
        terminal.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped()).spawn().expect("util-linux has `script`");
    let start = now();
    while !standin.with(|state| state.requests.iter().filter(|request| *request == "DescribeAlarms").count() >= 3) {
        assert!(now() - start < 30.0, "it never asked");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    std::thread::sleep(std::time::Duration::from_millis(300));
    standin.with(|state| {
        let alarm = state.alarms.get_mut("base/built").unwrap();
        (alarm["StateValue"], alarm["StateReason"]) = (json!("ALARM"), json!("Threshold Crossed: real"));
    });
    child.stdin.take().unwrap().write_all(b"yes\n").unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("Ring it?") && said.contains("is in ALARM now: Threshold Crossed: real"), "{said}");
    assert_eq!(state(&standin, "base/built"), (json!("ALARM"), json!("Threshold Crossed: real")));
}

/// Ctrl-C, also twice, or a terminal that is closed, while nothing is heard: the alarm is put back all the same. And it is tried again
/// when the way back fails, whatever the error.
#[cfg(unix)]
#[test]
fn a_rehearsal_that_is_stopped_puts_the_alarm_back() {
    for signals in [["-INT", "-INT"], ["-HUP", "-TERM"]] {
        stopped_by(signals);
    }
}

#[cfg(unix)]
fn stopped_by(signals: [&str; 2]) {
    let (standin, work) = applied("");
    standin.with(|state| state.reach.is_mute = true);
    let mut child =
        work.command(&["drill", "built", "--auto-approve", "--timeout", "300"]).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let rung = || state(&standin, "base/built").0 == "ALARM";
    let start = now();
    while !rung() {
        assert!(now() - start < 30.0, "it never rang");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    standin.with(|state| {
        state.faults.push(("SetAlarmState".to_owned(), 1, "ExpiredTokenException".to_owned()));
        state.faults.push(("DescribeAlarms".to_owned(), 1, "ExpiredTokenException".to_owned()));
    });
    for signal in signals {
        assert!(std::process::Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
    }
    let code = child.wait().unwrap().code();
    assert_eq!((code, state(&standin, "base/built").0), (Some(1), json!("OK")));
}

/// Calls that fail in between do not leave the alarm ringing; and what CloudWatch found meanwhile is the truth.
#[test]
fn the_alarm_is_put_back_after_an_error_and_left_where_it_really_rings() {
    let (standin, work) = applied("");
    let after_ringing = |then: fn(&Standin)| {
        let standin = standin.clone();
        std::thread::spawn(move || {
            while state(&standin, "base/built").0 != "ALARM" {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            then(&standin);
        })
    };
    standin.with(|state| state.reach.is_mute = true);
    let closing = after_ringing(|standin| standin.fail("DescribeAlarmHistory", 99, "AccessDenied"));
    let run = work.run(&["drill", "built", "--auto-approve"]);
    closing.join().unwrap();
    assert!(run.code == 1 && run.stderr.contains("cloudwatch:DescribeAlarmHistory"), "{}{}", run.stdout, run.stderr);
    assert_eq!(state(&standin, "base/built").0, "OK");
    standin.with(|state| state.faults.clear());
    let evaluated = after_ringing(|standin| {
        standin.with(|state| state.alarms.get_mut("base/built").unwrap()["StateReason"] = json!("Threshold Crossed"));
    });
    let run = work.run(&["drill", "built", "--auto-approve", "--timeout", "3"]);
    evaluated.join().unwrap();
    assert_eq!((run.code, state(&standin, "base/built").0), (2, json!("ALARM")), "{}", run.stdout);
    assert!(run.stdout.contains("is in ALARM by CloudWatch's own evaluation"), "{}", run.stdout);
}
