//! The engine on the command line, as pages of the manual: test, match, pattern, alarm, explain.

use std::io::Write;

use snapbox::str;

use crate::cli::Folder;

const DETECTION: &str = r#"description: Somebody failed to log in.
metric_filter:
  pattern: |
    { ($.eventName = "ConsoleLogin") &&
      ($.errorMessage = "Failed authentication") && ($.userIdentity.type = "IAMUser") }
  default: 0
alarm: {threshold: ">= 3", period: 5m}
tests:
  - name: a wrong password
    event: {eventName: ConsoleLogin, errorMessage: Failed authentication, userIdentity: {type: IAMUser}}
    value: 1
  - name: a good one
    event: {eventName: ConsoleLogin, userIdentity: {type: IAMUser}}
    matches: false
  - name: three in a period ring
    matches_per_period: 0 2 3 0x2
    alarm_at: [2]
"#;

const EVENTS: &str = r#"{"eventTime":"2026-11-25T07:00:00Z","eventSource":"signin.amazonaws.com","eventName":"ConsoleLogin","errorMessage":"Failed authentication","userIdentity":{"type":"IAMUser","arn":"arn:aws:iam::111122223333:user/alice"},"sourceIPAddress":"192.0.2.7"}
{"eventTime":"2026-11-25T07:01:00Z","eventSource":"iam.amazonaws.com","eventName":"CreateUser","userIdentity":{"type":"AssumedRole"},"sourceIPAddress":"192.0.2.8"}
"#;

fn detections(text: &str) -> Folder {
    Folder::new(&[("alarms/signin/failed.yaml", text), ("logs/events.jsonl", EVENTS)])
}

#[test]
fn tests_that_hold() {
    detections(DETECTION).trailarm(&["test", "alarms", "--require-tests"]).assert().code(0).stdout_eq("4 passed, 0 failed\n").stderr_eq("");
}

#[test]
fn a_failing_test_shows_the_conditions_that_decide() {
    let text = DETECTION.replace("type: IAMUser}}\n    value: 1", "type: Root}}\n    matches: true").replace("[2]", "[1, 2]");
    detections(&text).trailarm(&["test", "alarms"]).assert().code(2).stdout_eq("1 passed, 2 failed\n").stderr_eq(str![[r#"
error[TA108]: signin/failed: "a wrong password": does not match, and should
 --> alarms/signin/failed.yaml:5:54
  |
5 |       ($.errorMessage = "Failed authentication") && ($.userIdentity.type = "IAMUser") }
  |                                                      ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ the event has "Root"
  |
  = note: the test is in alarms/signin/failed.yaml:9
  = help: change the marked conditions, or correct the event in the test

error[TA108]: signin/failed: "three in a period ring": the alarm is in ALARM after period 2, expected periods 1, 2
  --> alarms/signin/failed.yaml:15:11
   |
15 |   - name: three in a period ring
   |           ^^^^^^^^^^^^^^^^^^^^^^
   |
   = note: datapoints: 0 2 3 0 0
   = note: states: OK OK ALARM OK OK
   = help: correct the alarm (threshold, periods, missing data), or `alarm_at:` of the test


"#]]);
}

#[test]
fn what_aws_leaves_open_fails_with_its_reason() {
    let text = DETECTION
        .replace("($.userIdentity.type = \"IAMUser\")", "($.readOnly = false)")
        .replace("userIdentity: {type: IAMUser}}\n    value", "readOnly: false}\n    value");
    detections(&text).trailarm(&["test", "alarms"]).assert().code(2).stdout_eq("2 passed, 1 failed\n").stderr_eq(str![[r#"
error[TA107]: signin/failed: "a wrong password": is uncertain: AWS does not say how it reads `=` or `!=` on true or false
 --> alarms/signin/failed.yaml:5:54
  |
5 |       ($.errorMessage = "Failed authentication") && ($.readOnly = false) }
  |                                                      ^^^^^^^^^^^^^^^^^^ the event has false
  |
  = note: the test is in alarms/signin/failed.yaml:9
  = note: its readings are: never true: no match; as text: match
  = help: write `IS TRUE` or `IS FALSE`


"#]]);
    let silent = DETECTION.replace("  default: 0\n", "");
    detections(&silent).trailarm(&["test", "alarms"]).assert().code(2).stderr_eq(str![[r#"
error[TA107]: signin/failed: "three in a period ring": the state after period 3 hangs on how far back CloudWatch looks, which AWS does not publish
  --> alarms/signin/failed.yaml:14:11
   |
14 |   - name: three in a period ring
   |           ^^^^^^^^^^^^^^^^^^^^^^
   |
   = help: give the filter `default: 0`, so that a period without a match is a zero and not missing


"#]]);
}

#[test]
fn a_test_that_asserts_nothing_is_an_error() {
    let text = "metric_filter: {pattern: ERROR}
tests:
  - {name: nothing, event: {a: 1}}
  - {name: no event, matches: true}
  - {name: two ways, event: {a: 1}, file: x.json, matches: true}
  - {name: no such file, file: x.json, matches: true}
  - {name: strip, matches_per_period: '0x2 y', alarm_at: [1]}
  - {name: beyond, matches_per_period: '0x2', alarm_at: [2]}
alarm: {}
";
    let folder = detections(text);
    let expected = str![[r#"
error[TA007]: test "nothing": it asserts nothing
 --> alarms/signin/failed.yaml:3:12
  |
3 |   - {name: nothing, event: {a: 1}}
  |            ^^^^^^^
  |
  = help: add `matches: true` or `matches: false`

error[TA007]: test "no event": it looks at nothing
 --> alarms/signin/failed.yaml:4:12
  |
4 |   - {name: no event, matches: true}
  |            ^^^^^^^^
  |
  = help: add `event:`, `events:`, `file:` or `matches_per_period:`

error[TA102]: test "two ways": `event`, `events`, `file` and `matches_per_period` exclude each other
 --> alarms/signin/failed.yaml:5:12
  |
5 |   - {name: two ways, event: {a: 1}, file: x.json, matches: true}
  |            ^^^^^^^^
  |
  = help: split it into several tests

error[TA001]: test "no such file": failed to open file `alarms/signin/x.json`: No such file or directory (os error 2)
 --> alarms/signin/failed.yaml:6:32
  |
6 |   - {name: no such file, file: x.json, matches: true}
  |                                ^^^^^^
  |
  = help: the path is relative to the detection's file

error[TA006]: test "strip": `y` is no part of a strip
 --> alarms/signin/failed.yaml:7:39
  |
7 |   - {name: strip, matches_per_period: '0x2 y', alarm_at: [1]}
  |                                       ^^^^^^^
  |
  = help: write `1` (matches), `0x3` (three periods without), `_` (no data)

error[TA006]: test "beyond": there is no period 2: the strip has 2, counted from 0
 --> alarms/signin/failed.yaml:8:47
  |
8 |   - {name: beyond, matches_per_period: '0x2', alarm_at: [2]}
  |                                               ^^^^^^^^
  |
  = help: lengthen the strip, or correct the number

6 errors

"#]];
    folder.trailarm(&["test", "alarms"]).assert().code(1).stderr_eq(expected.clone());
    folder.trailarm(&["validate", "alarms"]).assert().code(1).stderr_eq(expected);
}

#[test]
fn tests_are_demanded_and_narrowed() {
    let text = DETECTION.replace("    value: 1\n", "    matches: false\n").replace("errorMessage: Failed authentication, ", "");
    let folder = detections(&text);
    folder.trailarm(&["test", "alarms", "--require-tests"]).assert().code(2).stdout_eq("3 passed, 1 failed\n").stderr_eq(str![[r#"
error[TA109]: signin/failed: no test with an event that matches
 --> alarms/signin/failed.yaml:8:1
  |
8 | tests:
  | ^^^^^
  |
  = help: add one under `tests:`; a near miss shows what the pattern leaves out


"#]]);
    folder.trailarm(&["test", "alarms", "--filter", "signin/*"]).assert().code(0);
    folder.trailarm(&["test", "alarms", "--filter", "signin/faild"]).assert().code(1).stderr_eq(str![[r#"
error[TA101]: `--filter signin/faild` names no detection with tests
  = help: did you mean `signin/failed`?

1 error

"#]]);
}

#[test]
fn junit() {
    let folder = detections(&DETECTION.replace("value: 1", "value: 2"));
    folder.trailarm(&["test", "alarms", "--junit", "out.xml"]).assert().code(2);
    let text = std::fs::read_to_string(folder.0.path().join("out.xml")).unwrap();
    snapbox::assert_data_eq!(
        text,
        str![[r#"
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="trailarm" tests="3" failures="1">
  <testsuite name="signin/failed" tests="3" failures="1">
    <testcase classname="signin/failed" name="a wrong password" file="alarms/signin/failed.yaml" line="9">
      <failure type="TA108" message="signin/failed: &quot;a wrong password&quot;: adds 1 to the metric, expected 2">error[TA108]: signin/failed: &quot;a wrong password&quot;: adds 1 to the metric, expected 2
 --&gt; alarms/signin/failed.yaml:9:11
  |
9 |   - name: a wrong password
  |           ^^^^^^^^^^^^^^^^
  |
  = note: the test is in alarms/signin/failed.yaml:9
  = help: correct `value:` of the filter, or of the test</failure>
    </testcase>
    <testcase classname="signin/failed" name="a good one" file="alarms/signin/failed.yaml" line="12"/>
    <testcase classname="signin/failed" name="three in a period ring" file="alarms/signin/failed.yaml" line="15"/>
  </testsuite>
</testsuites>
"#]]
    );
}

#[test]
fn match_is_grep_for_events() {
    let folder = detections(DETECTION);
    let lines: Vec<&str> = EVENTS.lines().collect();
    folder.trailarm(&["match", "{ $.eventName = \"Create*\" }", "logs"]).assert().code(0).stdout_eq(format!("{}\n", lines[1]));
    folder.trailarm(&["match", "{ $.eventName = \"Delete*\" }", "logs"]).assert().code(1).stdout_eq("").stderr_eq("");
    folder.trailarm(&["match", "?alice ?CreateUser", "logs/*.jsonl", "--count"]).assert().code(0).stdout_eq("2\n");
    folder.trailarm(&["match", "signin/failed", "--config", "none.yaml"]).assert().code(1);
    folder.trailarm(&["match", "CreateUser", "-"]).stdin(EVENTS).assert().code(0).stdout_eq(format!("{}\n", lines[1]));
    folder.trailarm(&["match", "", "logs", "-o", "table"]).assert().code(0).stdout_eq(str![[r#"
 TIME                  SOURCE  EVENT         PRINCIPAL                             ADDRESS    ERROR
 2026-11-25T07:00:00Z  signin  ConsoleLogin  arn:aws:iam::111122223333:user/alice  192.0.2.7  -
 2026-11-25T07:01:00Z  iam     CreateUser    AssumedRole                           192.0.2.8  -

"#]]);
    folder
        .trailarm(&["match", "{ ($.eventName = \"CreateUser\") && ($.errorMessage NOT EXISTS) }", "logs", "--explain"])
        .assert()
        .stdout_eq(str![[r#"
event 1 (ConsoleLogin, signin.amazonaws.com, 2026-11-25T07:00:00Z): no match
  $.eventName = "CreateUser"  found "ConsoleLogin"
  $.errorMessage NOT EXISTS  found "Failed authentication"
event 2 (CreateUser, iam.amazonaws.com, 2026-11-25T07:01:00Z): match
  $.eventName = "CreateUser"  found "CreateUser"
  $.errorMessage NOT EXISTS  found nothing

"#]]);
}

#[test]
fn match_by_the_address_of_a_detection() {
    let folder = Folder::new(&[
        ("trailarm.yaml", "stack: base\npacks: [./alarms]\n"),
        ("alarms/signin/failed.yaml", DETECTION),
        ("events.json", EVENTS),
    ]);
    folder.trailarm(&["match", "signin/failed", "events.json", "-c"]).assert().code(0).stdout_eq("1\n");
    folder.trailarm(&["match", "signin/faild", "events.json", "-c"]).assert().code(1).stderr_eq(str![[r#"
error[TA101]: no detection is called `signin/faild`
  = help: did you mean `signin/failed`? (as a term in a pattern it needs quotes: '"signin/faild"')

1 error

"#]]);
    // An account is named in the pattern.
    let other = DETECTION.replace(
        "$.errorMessage = \"Failed authentication\") && ($.userIdentity.type = \"IAMUser\"",
        "$.recipientAccountId != \"${account_id}\"",
    );
    let folder = Folder::new(&[("alarms/signin/other.yaml", &other), ("trailarm.yaml", "stack: base\npacks: [./alarms]\n")]);
    let search = |more: &[&str]| {
        let event = "{\"eventName\":\"ConsoleLogin\",\"recipientAccountId\":\"111122223333\"}";
        folder.trailarm(&["match", "signin/other", "-c"]).args(more).stdin(event).assert()
    };
    search(&["--account-id", "111122223333"]).code(1).stdout_eq("0\n").stderr_eq("");
    search(&["--account-id", "1111"]).code(1).stderr_eq("[..]12 digits[..]\n...");
    search(&[]).code(0).stdout_eq("1\n").stderr_eq(str![[r#"
warning[TA106]: the detection names `${account_id}`, which is 000000000000 without an account
  = help: say whose events these are: `--account-id 111122223333`


"#]]);
    // Without a stack, the shipped ones.
    let alone = Folder::new(&[("events.json", EVENTS)]);
    alone.trailarm(&["match", "lambda-persistence/function-created", "events.json", "-c"]).assert().code(1).stdout_eq("0\n");
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_goes_on() {
    let folder = detections(DETECTION);
    let path = |name: &str| folder.0.path().join("logs").join(name);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(EVENTS.repeat(50).as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    std::fs::write(path("cut.json.gz"), &packed[..packed.len() - 20]).unwrap();
    std::fs::write(path("bytes.jsonl"), [b"{\"a\":\"\xff\"}\n", EVENTS.as_bytes()].concat()).unwrap();
    std::fs::write(path("text.json"), "this is no JSON\n").unwrap();
    std::fs::write(path("deep.json"), format!("{}{}\n{EVENTS}", "[".repeat(200_000), "]".repeat(200_000))).unwrap();
    std::fs::write(path("long.json"), format!("{{\"eventName\":\"CreateUser\",\"x\":\"{}\"}}", "y".repeat(20_000_000))).unwrap();
    let output = folder.trailarm(&["match", "{ $.eventName = \"CreateUser\" }", "logs", "nowhere.json", "-c"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let count: usize = String::from_utf8(output.stdout).unwrap().trim().parse().unwrap();
    // events.jsonl, bytes.jsonl, deep.json and long.json one each, and what came out of the archive.
    assert!(count > 4 && count <= 4 + 50, "{count}");
    let stderr = String::from_utf8(output.stderr).unwrap();
    for message in [
        "logs/cut.json.gz: the gzip data breaks off or is damaged after",
        "logs/bytes.jsonl:1:7: this is not UTF-8",
        "logs/text.json:1:1: this is not JSON, expected a value",
        "failed to open file `nowhere.json`: No such file or directory",
        "4 errors",
    ] {
        assert!(stderr.contains(message), "{message} is not in\n{stderr}");
    }
}

#[test]
fn events_that_may_match_are_not_passed_over_in_silence() {
    let folder = Folder::new(&[("e.json", "{\"a\":\"500\"}\n{\"a\":500}\n{\"a\":\"x\"}\n")]);
    folder.trailarm(&["match", "{ $.a = 500 }", "e.json"]).assert().code(0).stdout_eq("{\"a\":500}\n").stderr_eq(str![[r#"
warning[TA107]: 1 event is uncertain: AWS does not say how it reads an unquoted number compared with a string of digits
  = help: put the number in quotes


"#]]);
}

#[test]
fn a_pattern_and_its_errors() {
    let folder = Folder::new(&[]);
    folder.trailarm(&["pattern", "parse", "{ ($.a = \"x\" || $.b[0] > 5) && ($.c NOT EXISTS) }"]).assert().code(0).stdout_eq(str![[r#"
JSON
  all of
    any of
      $.a = "x"
      $.b[0] > 5
    $.c NOT EXISTS

"#]]);
    folder.trailarm(&["pattern", "parse", "{ ($.a == 1) && b = 'x' }"]).assert().code(1).stderr_eq(str![[r#"
error[TA105]: there is no operator `==`
 --> pattern:1:8
  |
1 | { ($.a == 1) && b = 'x' }
  |        ^
  |
  = help: write `=`

error[TA105]: a selector starts with `$.`, found `b`
 --> pattern:1:17
  |
1 | { ($.a == 1) && b = 'x' }
  |                 ^
  |
  = help: write `$.b`

2 errors

"#]]);
    let questions = "{\"id\": 1, \"pattern\": \"{ $.a != 1 }\", \"message\": \"{}\"}\nno JSON\n{\"id\": \"b\", \"pattern\": \"{ $.a = true }\", \"message\": \"{\\\"a\\\":true}\"}\n{\"id\": null, \"pattern\": \"x!\", \"message\": \"x\"}\n";
    folder.trailarm(&["pattern", "eval"]).stdin(questions).assert().code(1).stdout_eq(str![[r#"
{"id":1,"verdict":"no-match","reason":"$.a != 1: nothing (`!=` is false when the property is missing)"}
{"id":"b","verdict":"uncertain","reason":"AWS does not say how it reads `=` or `!=` on true or false (never true: no match; as text: match); write `IS TRUE` or `IS FALSE`"}
{"id":null,"verdict":"invalid-pattern","reason":"invalid character in a term: `!`"}

"#]]).stderr_eq(str![[r#"
error[TA008]: standard input:2:2: expected ident
  = help: one JSON object a line; the line was left out

1 error

"#]]);
}

#[test]
fn an_alarm() {
    let questions = r#"{"id": "a", "kind": "metric", "config": {"evaluation_periods": 1, "comparison_operator": "GreaterThanThreshold", "threshold": 0}, "datapoints": [null, 1]}
{"id": "b", "kind": "composite", "rule": "ALARM(a) OR ALARM(b) AND ALARM(c)", "states": {"a": "ALARM", "b": "OK", "c": "OK"}}
{"id": "c", "kind": "composite", "rule": "ALARM(a", "states": {}}
{"id": "d", "kind": "mute-rule"}
"#;
    Folder::new(&[]).trailarm(&["alarm", "eval"]).stdin(questions).assert().code(0).stdout_eq(str![[r#"
{"id":"a","result":"ALARM"}
{"id":"b","result":"uncertain"}
{"id":"c","result":"invalid"}
{"id":"d","result":"unsupported"}

"#]]);
}

#[test]
fn findings_for_programs() {
    let text = "metric_filter: {pattern: '{ $.eventName = \"CreateRoute\" }', default: 0}\nalarm: {}\n";
    let folder = detections(text);
    folder.trailarm(&["validate", "alarms"]).assert().code(0).stdout_eq("1 detection is valid, with 1 warning.\n");
    folder.trailarm(&["validate", "alarms", "--fail-on", "warning"]).assert().code(2);
    folder.trailarm(&["validate", "alarms", "--format", "github"]).assert().code(0).stdout_eq(str![[r#"
::warning file=alarms/signin/failed.yaml,line=1,endLine=1,col=29,endColumn=56,title=TA402::`CreateRoute` is written by several sources: apigateway.amazonaws.com, appmesh.amazonaws.com, ec2.amazonaws.com, refactor-spaces.amazonaws.com%0Aadd the source that is meant: `($.eventSource = "…") && …`

"#]]);
    let output = folder.trailarm(&["validate", "alarms", "--format", "json"]).output().unwrap();
    let findings: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let expected = serde_json::json!({
        "format_version": "1.0",
        "findings": [{
            "code": "TA402",
            "severity": "warning",
            "message": "`CreateRoute` is written by several sources: apigateway.amazonaws.com, appmesh.amazonaws.com, ec2.amazonaws.com, refactor-spaces.amazonaws.com",
            "help": "add the source that is meant: `($.eventSource = \"…\") && …`",
            "place": { "file": "alarms/signin/failed.yaml", "line": 1, "column": 29, "end_line": 1, "end_column": 56 }
        }],
        "errors": 0,
        "warnings": 1
    });
    assert_eq!(findings, expected);
    let output = folder.trailarm(&["validate", "alarms", "--format", "sarif"]).output().unwrap();
    let log: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let result = &log["runs"][0]["results"][0];
    assert_eq!((result["ruleId"].as_str(), result["level"].as_str()), (Some("TA402"), Some("warning")));
    assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startColumn"], 29);
    assert_eq!(log["runs"][0]["tool"]["driver"]["rules"][0]["id"], "TA402");
    // Errors of the definition come in the same form.
    let wrong = detections("metric_filter: {patern: x}\n");
    let output = wrong.trailarm(&["validate", "alarms", "--format", "json"]).output().unwrap();
    let findings: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), findings["findings"][0]["code"].as_str()), (Some(1), Some("TA004")));
}

#[test]
fn a_code_is_explained() {
    let folder = Folder::new(&[]);
    folder.trailarm(&["explain", "TA307"]).assert().code(0).stdout_eq(str![[r#"
# TA307: `!= "*"` is never true

`*` equals every text and every number. On a missing property, null, an object or an array, `!=` is false anyway. So
nothing is left.

    $.errorCode != "*"          # never
    $.errorCode NOT EXISTS      # no error

"#]]);
    folder.trailarm(&["explain", "TA103"]).assert().code(0).stdout_eq(str![[r#"
# TA103

Two definitions come to one resource.

Rename a file, or give one its own `name:`.

"#]]);
}

#[test]
fn messages_of_other_logs_are_text() {
    let text = "metric_filter: {pattern: '[version, account, ..., action = REJECT, status]', default: 0}
tests:
  - {name: refused, event: 2 111122223333 eni-0a 203.0.113.5 10.0.0.1 REJECT OK, matches: true}
  - {name: let in, events: [2 111122223333 eni-0a 203.0.113.5 10.0.0.1 ACCEPT OK], matches: false}
  - {name: a number, event: 5, matches: false}
";
    let wrong = str![[r#"
error[TA006]: an event is a map, or the text of a message
 --> alarms/signin/failed.yaml:5:29
  |
5 |   - {name: a number, event: 5, matches: false}
  |                             ^
  |
  = help: write `{eventName: …}`, or a text in quotes

1 error

"#]];
    detections(text).trailarm(&["test", "alarms"]).assert().code(1).stderr_eq(wrong);
    let right: String = text.lines().take(4).map(|line| format!("{line}\n")).collect();
    detections(&right).trailarm(&["test", "alarms"]).assert().code(0).stdout_eq("2 passed, 0 failed\n");
}

#[test]
fn filters_that_feed_one_metric_are_counted_together() {
    let text = "metric_filters:
  - {pattern: '{ $.a = 1 }', value: 1}
  - {pattern: '{ $.b = true }', value: 5}
alarm: {}
tests:
  - {name: only one of them for sure, event: {a: 1, b: true}, value: 1}
  - {name: both may, event: {a: 1, b: true}, matches: true}
";
    let output = detections(text).trailarm(&["test", "alarms"]).output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), &b"1 passed, 1 failed\n"[..]), "{stderr}");
    assert!(stderr.contains("\"only one of them for sure\": is uncertain: AWS does not say how it reads `=` or `!=` on true or false"));
    let strip = format!("{text}  - {{name: a strip, matches_per_period: '1', alarm_at: [0]}}\n");
    detections(&strip).trailarm(&["test", "alarms"]).assert().code(1).stdout_eq("").stderr_eq(str![[r#"
error[TA102]: test "a strip": matches do not all add the same value to the metric, so a number of matches is no datapoint
...
"#]]);
}

#[test]
fn patterns_that_begin_with_a_hyphen_and_input_beside_files() {
    let folder = detections(DETECTION);
    folder.trailarm(&["match", "-alice", "logs", "-c"]).assert().code(0).stdout_eq("1\n");
    folder.trailarm(&["match", "--count", "-alice -bob", "logs"]).assert().code(0).stdout_eq("1\n");
    folder.trailarm(&["pattern", "parse", "-\"a b\""]).assert().code(0).stdout_eq("terms\n  must not occur: \"a b\"\n");
    folder.trailarm(&["match", "alice", "-", "logs"]).stdin(EVENTS).assert().code(1).stderr_eq(str![[r#"
error[TA206]: `-` stands beside other files
  = help: read standard input by itself, or save it into a file

1 error

"#]]);
}
