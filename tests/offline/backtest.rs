//! `trailarm backtest` as the manual shows it: over files, with what is wrong with them, in all formats, and against what was.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;
use snapbox::str;

use crate::cli::Folder;

const STACK: &str = "\
stack: base
log_group: {name: trail}
packs: [./alarms]
topics: {security: {subscriptions: [{email: secops@example.com}]}}
defaults: {alarm: {notify: [security]}}
";
const STOPPED: &str = "\
description: A trail was stopped.
severity: high
metric_filter:
  match: {source: cloudtrail.amazonaws.com, events: [StopLogging]}
  default: 0
alarm: {threshold: '>= 2', treat_missing_data: notBreaching}
";
const USER: &str = "\
description: A user was created.
metric_filter: {pattern: '{ $.eventName = \"CreateUser\" }', default: 0}
alarm: {threshold: 1, treat_missing_data: notBreaching}
";

/// A record as CloudTrail writes it.
fn record(name: &str, time: &str, id: &str) -> String {
    let source = if name == "CreateUser" { "iam" } else { "cloudtrail" };
    format!(
        r#"{{"eventVersion":"1.11","userIdentity":{{"type":"AssumedRole","arn":"arn:aws:sts::111122223333:assumed-role/ops/ann","sessionContext":{{"sessionIssuer":{{"arn":"arn:aws:iam::111122223333:role/ops"}}}}}},"eventTime":"2026-11-24T{time}Z","eventSource":"{source}.amazonaws.com","eventName":"{name}","awsRegion":"us-east-1","sourceIPAddress":"203.0.113.7","eventID":"{id}","recipientAccountId":"111122223333"}}"#
    )
}

/// An event a minute for two hours, and three bursts: at 06:10, at 06:40, and one too small at 07:20.
fn day() -> Vec<String> {
    let mut records: Vec<String> =
        (0..120).map(|i| record("LookupEvents", &format!("{:02}:{:02}:30", 6 + i / 60, i % 60), &format!("l{i}"))).collect();
    for (i, time) in ["06:10:01", "06:10:02", "06:39:50", "06:40:10", "07:20:00"].iter().enumerate() {
        records.push(record("StopLogging", time, &format!("s{i}")));
    }
    records
}

fn folder() -> Folder {
    let lines = day().join("\n");
    Folder::new(&[("trailarm.yaml", STACK), ("alarms/stopped.yaml", STOPPED), ("alarms/user.yaml", USER), ("logs/day.jsonl", &lines)])
}

fn json(folder: &Folder, arguments: &[&str]) -> Value {
    let output = folder.trailarm(&[&["backtest", "--format", "json"], arguments].concat()).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn what_would_have_rung_and_who_would_have_known() {
    folder().trailarm(&["backtest", "--from", "logs"]).assert().success().stderr_eq("").stdout_eq(str![[r#"
Backtest over logs

125 events in 1 file (51 KB), from 2026-11-24T06:00:00Z to 2026-11-24T08:00:00Z (2h)
- events after later ones, which makes no difference here: 1

DETECTION       EVENTS  ALARMS  IN ALARM  TOLD  TIMELINE
alarms/stopped  5       2       9m        2     ···█·······▄·▄············▄·············

alarms/stopped (high): 5 events, rang 2 times

base/stopped: Sum >= 2, 1 of 1 periods of 5m
2026-11-24T06:11:00Z  OK -> ALARM  Threshold Crossed: 1 out of the last 1 datapoints [2.0 (24/11/26 06:06:00)] was greater than or equal to the threshold (2.0) (minimum 1 datapoint for OK -> ALARM transition).
2026-11-24T06:16:00Z  ALARM -> OK  Threshold Crossed: 1 out of the last 1 datapoints [0.0 (24/11/26 06:11:00)] was not greater than or equal to the threshold (2.0) (minimum 1 datapoint for ALARM -> OK transition).
2026-11-24T06:41:00Z  OK -> ALARM  Threshold Crossed: 1 out of the last 1 datapoints [2.0 (24/11/26 06:36:00)] was greater than or equal to the threshold (2.0) (minimum 1 datapoint for OK -> ALARM transition).
2026-11-24T06:45:00Z  ALARM -> OK  Threshold Crossed: 1 out of the last 1 datapoints [1.0 (24/11/26 06:40:00)] was not greater than or equal to the threshold (2.0) (minimum 1 datapoint for ALARM -> OK transition).

by       5  arn:aws:iam::111122223333:role/ops
from     5  203.0.113.7
event    5  StopLogging
account  5  111122223333

    2026-11-24T06:10:01Z  StopLogging (cloudtrail)  arn:aws:sts::111122223333:assumed-role/ops/ann  203.0.113.7
    2026-11-24T06:10:02Z  StopLogging (cloudtrail)  arn:aws:sts::111122223333:assumed-role/ops/ann  203.0.113.7
    2026-11-24T06:39:50Z  StopLogging (cloudtrail)  arn:aws:sts::111122223333:assumed-role/ops/ann  203.0.113.7


Backtest: 2 detections, 5 matching events, 2 alarms, 2 notifications. 1 matched nothing.

"#]]);
}

#[test]
fn a_table_for_a_spreadsheet_and_a_comment_for_the_pull_request() {
    let folder = folder();
    folder.trailarm(&["backtest", "alarms/stopped", "--from", "logs", "--format", "csv"]).assert().success().stdout_eq(str![[r#"
detection,version,start,period_seconds,events,alarms,state
alarms/stopped,now,2026-11-24T06:10:00Z,300,2,1,ALARM
alarms/stopped,now,2026-11-24T06:15:00Z,300,0,0,OK
alarms/stopped,now,2026-11-24T06:35:00Z,300,1,0,OK
alarms/stopped,now,2026-11-24T06:40:00Z,300,1,1,ALARM
alarms/stopped,now,2026-11-24T06:45:00Z,300,0,0,OK
alarms/stopped,now,2026-11-24T07:20:00Z,300,1,0,OK

"#]]);
    folder
        .trailarm(&["backtest", "alarms/stopped", "--from", "logs", "--format", "markdown", "--output", "out.html,out.csv,out.json"])
        .assert()
        .success()
        .stdout_eq(str![[r#"
## Backtest over logs

125 events in 1 file (51 KB), from 2026-11-24T06:00:00Z to 2026-11-24T08:00:00Z (2h)

- events after later ones, which makes no difference here: 1

| DETECTION | EVENTS | ALARMS | IN ALARM | TOLD | TIMELINE |
| --- | --- | --- | --- | --- | --- |
| alarms/stopped | 5 | 2 | 9m | 2 | ···█·······▄·▄············▄············· |

## alarms/stopped (high): 5 events, rang 2 times

base/stopped: Sum &gt;= 2, 1 of 1 periods of 5m

|  |  |  |
| --- | --- | --- |
| 2026-11-24T06:11:00Z | **OK -&gt; ALARM** | Threshold Crossed: 1 out of the last 1 datapoints /[2.0 (24/11/26 06:06:00)/] was greater than or equal to the threshold (2.0) (minimum 1 datapoint for OK -&gt; ALARM transition). |
| 2026-11-24T06:16:00Z | ALARM -&gt; OK | Threshold Crossed: 1 out of the last 1 datapoints /[0.0 (24/11/26 06:11:00)/] was not greater than or equal to the threshold (2.0) (minimum 1 datapoint for ALARM -&gt; OK transition). |
| 2026-11-24T06:41:00Z | **OK -&gt; ALARM** | Threshold Crossed: 1 out of the last 1 datapoints /[2.0 (24/11/26 06:36:00)/] was greater than or equal to the threshold (2.0) (minimum 1 datapoint for OK -&gt; ALARM transition). |
| 2026-11-24T06:45:00Z | ALARM -&gt; OK | Threshold Crossed: 1 out of the last 1 datapoints /[1.0 (24/11/26 06:40:00)/] was not greater than or equal to the threshold (2.0) (minimum 1 datapoint for ALARM -&gt; OK transition). |

|  |  |  |
| --- | --- | --- |
| by | 5 | arn:aws:iam::111122223333:role/ops |
| from | 5 | 203.0.113.7 |
| event | 5 | StopLogging |
| account | 5 | 111122223333 |

```
2026-11-24T06:10:01Z  StopLogging (cloudtrail)  arn:aws:sts::111122223333:assumed-role/ops/ann  203.0.113.7
2026-11-24T06:10:02Z  StopLogging (cloudtrail)  arn:aws:sts::111122223333:assumed-role/ops/ann  203.0.113.7
2026-11-24T06:39:50Z  StopLogging (cloudtrail)  arn:aws:sts::111122223333:assumed-role/ops/ann  203.0.113.7
```

**Backtest: 1 detection, 5 matching events, 2 alarms, 2 notifications.**

"#]]);
    let page = std::fs::read_to_string(folder.0.path().join("out.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("rang 2 times") && !page.contains("http:") && !page.contains("https:"), "{page}");
}

#[test]
fn a_change_is_seen_before_and_after() {
    let folder = folder();
    let other = STOPPED.replace(">= 2", ">= 1");
    std::fs::write(folder.0.path().join("loud.yaml"), &other).unwrap();
    folder.trailarm(&["backtest", "alarms/stopped", "--from", "logs", "--compare", "loud.yaml"]).assert().success().stdout_eq(str![[r#"
Backtest over logs

125 events in 1 file (51 KB), from 2026-11-24T06:00:00Z to 2026-11-24T08:00:00Z (2h)
- events after later ones, which makes no difference here: 1

DETECTION       EVENTS  WERE  ALARMS  WERE  TOLD  WERE  TIMELINE
alarms/stopped  5       5     2       3     2     3     ···█·······▄·▄············▄·············

alarms/stopped (high): 5 events, rang 2 times; it was 5 events, rang 3 times

base/stopped: Sum >= 2, 1 of 1 periods of 5m
2026-11-24T06:11:00Z  OK -> ALARM  Threshold Crossed: 1 out of the last 1 datapoints [2.0 (24/11/26 06:06:00)] was greater than or equal to the threshold (2.0) (minimum 1 datapoint for OK -> ALARM transition).
2026-11-24T06:16:00Z  ALARM -> OK  Threshold Crossed: 1 out of the last 1 datapoints [0.0 (24/11/26 06:11:00)] was not greater than or equal to the threshold (2.0) (minimum 1 datapoint for ALARM -> OK transition).
2026-11-24T06:41:00Z  OK -> ALARM  Threshold Crossed: 1 out of the last 1 datapoints [2.0 (24/11/26 06:36:00)] was greater than or equal to the threshold (2.0) (minimum 1 datapoint for OK -> ALARM transition).
2026-11-24T06:45:00Z  ALARM -> OK  Threshold Crossed: 1 out of the last 1 datapoints [1.0 (24/11/26 06:40:00)] was not greater than or equal to the threshold (2.0) (minimum 1 datapoint for ALARM -> OK transition).

by       5  arn:aws:iam::111122223333:role/ops
from     5  203.0.113.7
event    5  StopLogging
account  5  111122223333

    2026-11-24T06:10:01Z  StopLogging (cloudtrail)  arn:aws:sts::111122223333:assumed-role/ops/ann  203.0.113.7
    2026-11-24T06:10:02Z  StopLogging (cloudtrail)  arn:aws:sts::111122223333:assumed-role/ops/ann  203.0.113.7
    2026-11-24T06:39:50Z  StopLogging (cloudtrail)  arn:aws:sts::111122223333:assumed-role/ops/ann  203.0.113.7


Backtest: 1 detection, 2 alarms (it was 3), 2 notifications (it was 3).

"#]]);

    // At a revision of git: the louder one is what was committed.
    let git = |arguments: &[&str]| {
        let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
        let output = Command::new("git").current_dir(folder.0.path()).args(identity).args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    std::fs::write(folder.0.path().join("alarms/stopped.yaml"), &other).unwrap();
    git(&["init", "-q"]);
    git(&["add", "-A"]);
    git(&["commit", "-qm", "loud"]);
    std::fs::write(folder.0.path().join("alarms/stopped.yaml"), STOPPED).unwrap();
    let path = std::env::var("PATH").unwrap();
    let compare = |more: &[&str]| {
        let arguments = [&["backtest", "--from", "logs", "--compare", "HEAD", "--format", "json"], more].concat();
        let output = folder.trailarm(&arguments).env("PATH", &path).output().unwrap();
        serde_json::from_slice::<Value>(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)))
    };
    for more in [&["alarms/stopped"][..], &["alarms/stopped.yaml"]] {
        let found = compare(more);
        let detection = &found["detections"][0];
        assert_eq!((&detection["alarm"]["alarms"], &detection["before"]["alarm"]["alarms"]), (&2.into(), &3.into()), "{found:#}");
    }
    let unknown = folder.trailarm(&["backtest", "--from", "logs", "--compare", "no-such-revision"]).env("PATH", &path).output().unwrap();
    let said = String::from_utf8_lossy(&unknown.stderr);
    assert!(unknown.status.code() == Some(1) && said.contains("name a revision such as HEAD~1"), "{said}");
}

#[test]
fn a_comment_is_never_too_long() {
    let folder = folder();
    for i in 0..90 {
        std::fs::write(folder.0.path().join(format!("alarms/copy-{i}.yaml")), STOPPED.replace(">= 2", &format!(">= {}", i % 2 + 1)))
            .unwrap();
    }
    let output = folder.trailarm(&["backtest", "--from", "logs", "--format", "markdown"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.len() <= 65_536 && text.contains("| alarms/copy-89 |"), "{}", text.len());
    assert!(text.contains("are left out, since this would be too long for a comment."), "{}", &text[text.len() - 600..]);
}

/// Alarms of all kinds over the same day. Each: what changes, and when.
#[test]
fn alarms_of_every_kind_are_simulated() {
    let stopped = "metric_filter: {pattern: '{ $.eventName = \"StopLogging\" }', default: 0}\n";
    let cases = [
        ("two-of-three", format!("{stopped}alarm: {{threshold: 1, period: 1m, evaluation_periods: 3, datapoints_to_alarm: 2, treat_missing_data: notBreaching}}"),
            "06:41 ALARM, 06:43 OK"),
        ("clock", format!("{stopped}alarm: {{threshold: 2, period: 5m, wall_clock_window: UTC, treat_missing_data: notBreaching}}"), "06:15 ALARM, 06:20 OK"),
        ("hour", format!("{stopped}alarm: {{threshold: 4, period: 1h, treat_missing_data: notBreaching}}"), "06:41 ALARM, 07:11 OK"),
        ("percentile", "metric_filter: {pattern: '{ $.eventName = \"StopLogging\" }'}\nalarm: {extended_statistic: p99, threshold: 1, treat_missing_data: notBreaching, period: 5m}".to_owned(),
            "06:11 ALARM, 06:26 OK, 06:40 ALARM, 06:56 OK, 07:21 ALARM, 07:36 OK"),
        ("math", format!("{stopped}alarm: {{metrics: [{{id: stopped, metric: {{namespace: Trailarm/base, name: math}}, statistic: Sum, period: 5m}}, {{id: twice, expression: 'IF(FILL(stopped, 0) >= 2, stopped * 10, 0)', return_data: true}}], threshold: 20, treat_missing_data: notBreaching}}"),
            "06:11 ALARM, 06:16 OK, 06:41 ALARM, 06:45 OK"),
        ("composite", "alarm: {composite: 'ALARM(hour) AND ALARM(clock)', suppressor: {alarm: hour, wait_period: 60, extension_period: 60}}".to_owned(), ""),
        ("either", "alarm: {composite: 'ALARM(hour) OR ALARM(clock)', notify: [security]}".to_owned(), "06:15 ALARM, 06:20 OK, 06:41 ALARM, 07:11 OK"),
        ("other", "alarm: {metric: {namespace: Trailarm/base, name: hour}, statistic: Sum, period: 5m, threshold: 2, treat_missing_data: notBreaching}".to_owned(),
            "06:11 ALARM, 06:16 OK, 06:41 ALARM, 06:45 OK"),
        ("band", "alarm: {anomaly: {metric: {namespace: Trailarm/base, name: hour}}, statistic: Sum, period: 5m}".to_owned(), "not simulated: it compares with a band, which needs a trained model"),
        ("foreign", "alarm: {metric: {namespace: N, name: m}, statistic: Sum, period: 5m, threshold: 1}".to_owned(), "not simulated: no metric filter here feeds its metric N m"),
    ];
    let files: Vec<(String, &str)> = cases.iter().map(|(name, text, _)| (format!("alarms/{name}.yaml"), text.as_str())).collect();
    let lines = day().join("\n");
    let fixed = [("trailarm.yaml", STACK), ("logs/day.jsonl", lines.as_str())];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), *text)).chain(fixed).collect();
    let found = json(&Folder::new(&files), &["--from", "logs"]);
    for (name, _, expected) in &cases {
        let detection = found["detections"].as_array().unwrap().iter().find(|d| d["address"] == format!("alarms/{name}"));
        let alarm = &detection.unwrap_or_else(|| panic!("{name}: {found:#}"))["alarm"];
        let changes = alarm["transitions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|change| format!("{} {}", &change["at"].as_str().unwrap()[11..16], change["to"].as_str().unwrap()));
        let told =
            alarm["not_simulated"].as_str().map_or_else(|| changes.collect::<Vec<_>>().join(", "), |why| format!("not simulated: {why}"));
        assert_eq!(told, *expected, "{name}: {alarm:#}");
    }
}

#[test]
fn what_is_wrong_with_files_is_counted_and_named() {
    let folder = folder();
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.0.path().join("logs").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    let file = |records: &[String]| format!("{{\"Records\":[{}]}}", records.join(","));
    let whole = gzip(&file(&[record("StopLogging", "06:10:03", "c1"), record("StopLogging", "06:10:04", "c2")]));
    put("cut.json.gz", &whole[..whole.len() - 12]);
    put("broken.json.gz", &gzip(&file(&[record("StopLogging", "06:10:05", "b1"), "{\"eventVersion\":}".to_owned()])));
    put("twice.json.gz", &gzip(&file(&[record("StopLogging", "06:10:01", "s0")])));
    put("future.json.gz", &gzip(&file(&[record("StopLogging", "06:10:06", "f1").replace("2026", "2999")])));
    put("CloudTrail-Digest/digest.json.gz", &gzip(r#"{"awsAccountId":"111122223333","digestStartTime":"2026-11-24T06:00:00Z"}"#));
    put("moved.json.gz", &gzip(r#"{"awsAccountId":"111122223333","digestStartTime":"2026-11-24T06:00:00Z"}"#));
    put("vpc.jsonl", br#"{"srcaddr":"10.0.0.1","action":"ACCEPT"}"#);
    put("picture.gz", b"\x89PNG not gzip");
    let until = ["alarms/stopped", "--from", "logs", "--until", "2026-11-25"];
    let found = json(&folder, &until);
    let totals = &found["totals"];
    let expected = [("digests", 2), ("foreign_files", 2), ("without_time", 1), ("duplicates", 1), ("in_future", 1), ("outside", 1)];
    for (key, count) in expected {
        assert_eq!(totals[key], count, "{key}: {totals:#}");
    }
    assert!(totals["damaged"].as_u64().unwrap() >= 3, "{totals:#}");
    // What came before the damage counts: one of the cut file, one of the broken one; and one is there twice.
    assert_eq!(found["detections"][0]["events"], 5 + 1 + 1 + 1, "{found:#}");
    assert_eq!(json(&folder, &[&until[..], &["--unique"]].concat())["detections"][0]["events"], 5 + 1 + 1);
    let output = folder.trailarm(&[&["backtest"], &until[..]].concat()).output().unwrap();
    let (said, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "damage is told, and the rest goes on");
    for line in [
        "digest files of CloudTrail, which hold no events: 2",
        "files without an event of CloudTrail: 2",
        "matching events whose `eventID` was there before: 1 (`--unique`",
        "events in the future: a clock is wrong: 1",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    for line in ["logs/cut.json.gz: the gzip data breaks off", "logs/broken.json.gz:1:", "logs/picture.gz:1:1: this is not JSON"] {
        assert!(told.contains(line), "{line}: {told}");
    }
}

#[test]
fn what_cannot_be_tested_is_an_error() {
    let folder = folder();
    std::fs::write(folder.0.path().join("empty.jsonl"), "").unwrap();
    for (arguments, expected) in [
        (&["alarms/stoped", "--from", "logs"][..], "did you mean `alarms/stopped`"),
        (&["nothing/*", "--from", "logs"], "`nothing/*` names no detection"),
        (&["--from", "empty.jsonl"], "there is no event in what was read"),
        (&["--from", "no/such.json", "--from", "logs"], "there is no no/such.json"),
        (&["--from", "event-history", "--from", "logs"], "`--from event-history` stands beside other sources"),
        (&["--from", "logs", "--resume", "x"], "`--resume` keeps what was read of the event history"),
        (&["--from", "logs", "--since", "yesterday"], "write 2026-11-25T06:00:00Z"),
        (&["--from", "logs", "--since", "2026-11-25", "--until", "2026-11-24"], "is not before `--until`"),
        (&["--from", "logs", "--compare", "gone.yaml"], "there is no file gone.yaml to compare with"),
        (&["--from", "logs", "--output", "x.pdf"], "does not say what to write"),
        (&["logs/day.jsonl", "--from", "logs"], "a source stands behind `--from`"),
    ] {
        let output = folder.trailarm(&[&["backtest"], arguments].concat()).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && output.stdout.is_empty() && told.contains(expected), "{arguments:?}: {told}");
    }
    folder.trailarm(&["backtest", "--from", "logs", "--max-alarms", "1"]).assert().code(2);
    folder.trailarm(&["backtest", "--from", "logs", "--max-alarms", "2"]).assert().code(0);
}

/// Ctrl-C prints what was found until then, and says that it is not all.
#[cfg(unix)]
#[test]
fn an_interruption_prints_what_was_found() {
    let folder = folder();
    let mut child = Command::new(env!("CARGO_BIN_EXE_trailarm"))
        .args(["backtest", "alarms/stopped", "--from", "-"])
        .current_dir(folder.0.path())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines = day().join("\n") + "\n";
    stdin.write_all(lines.as_bytes()).unwrap();
    stdin.flush().unwrap();
    // It listens once it has read something; a signal before that would end it.
    std::thread::sleep(std::time::Duration::from_millis(700));
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(killed.success());
    std::thread::sleep(std::time::Duration::from_millis(300));
    // Whatever is written now finds no reader, or one that stops.
    let _ = stdin.write_all(lines.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.code() == Some(1) && said.contains("PARTIAL: it was interrupted") && said.contains("PARTIAL. Backtest:"),
        "{said}"
    );
}
