//! A plan that changes nothing, for 10, 100 and 500 filter+alarm pairs, beside a bulk boto3 script
//! that reads the same, both against the stand-in of the tests. `cargo bench --bench noop_plan`.
//!
//! 500 filters take five log groups: AWS allows 100 in each.

#[path = "../tests/aws/emulator.rs"]
#[expect(dead_code, reason = "only the virtual environment is used")]
mod emulator;
#[path = "../tests/aws/http.rs"]
mod http;
#[path = "../tests/aws/reach.rs"]
mod reach;
#[path = "../tests/aws/standin.rs"]
#[expect(dead_code, reason = "a plan needs only a part of it")]
mod standin;
#[path = "../tests/aws/wire.rs"]
mod wire;
#[path = "../tests/aws/work.rs"]
#[expect(dead_code, reason = "only the folder and the command are used")]
mod work;

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Command;

use serde_json::{Value, json};

use standin::{ACCOUNT, REGION, Standin};
use trailarm::kinds::marker::{Marker, fingerprint};
use trailarm::stack::{LogGroups, Project, compile};
use trailarm::state::Scope;
use work::Work;

const TRAILARM: &str = env!("CARGO_BIN_EXE_trailarm");
const PYTHON: &str = include_str!("bulk_boto3.py");
const MEASURE: &str = include_str!("measure.py");
const RUNS: usize = 7;

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{:>5}  {:<9} {:>8} {:>6} {:>9} {:>9} {:>9}", "pairs", "tool", "requests", "floor", "wall ms", "CPU ms", "peak MB")?;
    for pairs in [10, 100, 500] {
        let groups = usize::div_ceil(pairs, 100);
        let standin = Standin::start();
        let work = stack(&standin.url, pairs, groups);
        fill(&standin, &work, groups);
        let plan = work.run(&["plan"]);
        assert_eq!(plan.summary(), "No changes.", "{}{}", plan.stdout, plan.stderr);
        // STS, topics with attributes and tags, subscriptions, the empty main group, composite alarms.
        let floor = pairs.div_ceil(100) + groups * (pairs / groups).div_ceil(50) + 6;
        let mut walls = Vec::new();
        let names: Vec<String> = (0..groups).map(|g| format!("trail-{g}")).collect();
        for (tool, arguments) in [
            ("trailarm", vec![TRAILARM.to_owned(), "plan".to_owned()]),
            ("boto3", [vec![python(), "-c".to_owned(), PYTHON.to_owned(), standin.url.clone()], names].concat()),
        ] {
            let (requests, best) = measure(&standin, &work, &arguments);
            let number = |key: &str| best[key].as_f64().unwrap_or_default();
            walls.push(number("wall_ms"));
            let (wall, cpu, peak) = (number("wall_ms"), number("cpu_ms"), number("peak_mb"));
            writeln!(out, "{pairs:>5}  {tool:<9} {requests:>8} {floor:>6} {wall:>9.1} {cpu:>9.1} {peak:>9.1}")?;
        }
        writeln!(out, "{pairs:>5}  boto3 takes {:.1} times as long as trailarm", walls[1] / walls[0])?;
    }
    let size = std::fs::metadata(TRAILARM)?.len();
    let help = run_measured(&mut Command::new(python()), &[TRAILARM.to_owned(), "--help".to_owned()]);
    writeln!(out, "binary {:.1} MB, `trailarm --help` {:.1} ms", size as f64 / 1e6, help["wall_ms"].as_f64().unwrap_or_default())
}

fn python() -> String {
    emulator::python().get_program().to_string_lossy().into_owned()
}

/// The requests of one run, and the best of several.
fn measure(standin: &Standin, work: &Work, arguments: &[String]) -> (usize, Value) {
    let mut best = Value::Null;
    let mut requests = 0;
    for _ in 0..RUNS {
        standin.take_requests();
        let mut command = work.command(&[]);
        let environment: Vec<_> = command.get_envs().filter_map(|(k, v)| Some((k.to_owned(), v?.to_owned()))).collect();
        let folder = command.get_current_dir().map(std::path::Path::to_owned).unwrap_or_default();
        command = Command::new(python());
        command.env_clear().envs(environment).current_dir(folder);
        let result = run_measured(&mut command, arguments);
        requests = standin.take_requests().len();
        if best.is_null() || result["wall_ms"].as_f64() < best["wall_ms"].as_f64() {
            best = result;
        }
    }
    (requests, best)
}

fn run_measured(command: &mut Command, arguments: &[String]) -> Value {
    let output = command.args(["-c", MEASURE]).args(arguments).output().expect("python runs");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// Lets the account hold what the stack asks for, as an apply would have left it.
fn fill(standin: &Standin, work: &Work, groups: usize) {
    let path = camino::Utf8PathBuf::try_from(work.path().join("trailarm.yaml")).expect("a UTF-8 path");
    let project = Project::load(&path).expect("the stack");
    let scope = Scope { partition: "aws".into(), account_id: ACCOUNT.into(), region: REGION.into(), stack: "big".into() };
    let others = (0..groups).map(|g| (format!("g{g}"), format!("trail-{g}"))).collect();
    let compiled = compile(&project, &scope, &LogGroups { main: "trail".into(), others }).expect("the stack is valid");
    standin.with(|s| {
        s.log_groups.extend((0..groups).map(|g| format!("trail-{g}")));
        for (address, wanted) in &compiled.desired.state.0 {
            let text = |key: &str| wanted[key].as_str().unwrap_or_default().to_owned();
            match address.kind.as_str() {
                "topic" => {
                    let arn = scope.arn("sns", &address.name);
                    s.topics.insert(arn.clone(), [].into());
                    s.tags.insert(arn, [("trailarm:stack".to_owned(), "big".to_owned())].into());
                }
                "metric_filter" => {
                    let transformation = json!({"metricName": text("metric_name"), "metricNamespace": text("metric_namespace"), "metricValue": "1"});
                    let filter = json!({"logGroupName": text("log_group"), "filterName": text("name"), "filterPattern": text("pattern"),
                        "applyOnTransformedLogs": false, "creationTime": 1_700_000_000_000_u64, "metricTransformations": [transformation]});
                    s.filters.insert((text("log_group"), text("name")), filter);
                }
                _ => {
                    let description = Marker::line(&text("managed_by"), &fingerprint(wanted));
                    let alarm = json!({"AlarmName": text("name"), "AlarmArn": scope.arn("cloudwatch", &format!("alarm:{}", address.name)),
                        "AlarmDescription": description, "MetricName": text("metric_name"), "Namespace": text("namespace"), "Statistic": "Sum",
                        "Period": 300, "EvaluationPeriods": 1, "Threshold": 1.0, "ActionsEnabled": true, "TreatMissingData": "notBreaching",
                        "ComparisonOperator": text("comparison_operator"), "AlarmActions": wanted["alarm_actions"], "OKActions": [],
                        "InsufficientDataActions": [], "Dimensions": [], "StateValue": "OK", "StateReason": "Threshold Crossed"});
                    s.alarms.insert(text("name"), alarm);
                }
            }
        }
    });
}

fn pattern(i: usize) -> String {
    format!("{{ ($.eventSource = \"lambda.amazonaws.com\") && ($.eventName = \"CreateFunction{i}*\") && ($.errorCode NOT EXISTS) }}")
}

/// The stack with that many detections.
fn stack(url: &str, pairs: usize, groups: usize) -> Work {
    let work = Work::new(url, ACCOUNT, REGION);
    let mut text = "stack: big\nlog_group: {name: trail}\npacks: [./pack]\ntopics: {security: {}}\n".to_owned();
    text.push_str("defaults: {alarm: {notify: [security]}}\nlog_groups:\n");
    for group in 0..groups {
        let _ = writeln!(text, "  g{group}: {{name: trail-{group}}}");
    }
    work.write("trailarm.yaml", &text);
    for i in 0..pairs {
        let filter = format!("metric_filter: {{pattern: '{}', log_group: g{}}}", pattern(i), i % groups);
        work.write(&format!("pack/d{i:03}.yaml"), &format!("{filter}\nalarm: {{}}\n"));
    }
    work
}
