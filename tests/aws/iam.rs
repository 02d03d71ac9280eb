//! Policies, read by a parser that others wrote, and compared with what a caller has.

use std::path::Path;

use crate::emulator::python;
use crate::standin::{REGION, Standin};
use crate::work::Work;

const STACK: &str = "\
stack: base
log_group: {from_trail: auto}
packs: [api-gateway-abuse, ./pack]
topics:
  security: {kms_key: alias/security}
  pager: {arn: 'arn:aws:sns:${region}:${account_id}:pager', allow_alarms: true}
defaults: {alarm: {notify: [security, pager]}}
";

const ACTING: &str = "\
metric_filter: {pattern: '{ $.eventName = \"CreateRestApi\" }', default: 0}
alarm:
  actions:
    - lambda: contain:live
    - ops_item: {severity: 2}
    - investigation: 'arn:aws:aiops:${region}:${account_id}:investigation-group:g'
";

const ABOVE: &str = "alarm: {composite: ALARM(acting)}\n";

const COMMANDS: [&str; 12] =
    ["plan", "apply", "drift", "audit", "backtest", "test", "doctor", "drill", "review", "snapshot", "destroy", "check"];

fn work(url: &str) -> Work {
    let work = Work::new(url, "AKIA", REGION);
    work.write("trailarm.yaml", STACK).write("pack/acting.yaml", ACTING).write("pack/above.yaml", ABOVE);
    work
}

/// Findings of the parser: unknown actions, resources that do not fit their actions, grammar.
fn findings(work: &Work, files: &[String]) -> Vec<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/aws/parse_policy.py");
    let output = python().arg(script).args(files).current_dir(work.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_parser_of_others_finds_nothing_but_the_stars_that_must_be() {
    let work = work("http://127.0.0.1:9");
    let mut files = Vec::new();
    for command in COMMANDS {
        let run = work.run(&["iam-policy", "--for", command, "--account-id", "111122223333", "--region", "eu-west-1"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        work.write(&format!("{command}.json"), &run.stdout);
        files.push(format!("{command}.json"));
    }
    let control = work.run(&["scp", "--actor", "arn:aws:iam::*:role/ci-deployer"]);
    work.write("scp.json", &control.stdout);
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/contain-principal/policy.json");
    work.write("example.json", &std::fs::read_to_string(example).unwrap());
    files.extend(["scp.json", "example.json"].map(str::to_owned));
    work.write("wrong.json", &control.stdout.replace("lambda:CreateFunction\"", "lambda:MakeFunction\""));
    assert!(findings(&work, &["wrong.json".to_owned()])[0].contains("UNKNOWN_ACTION"), "the parser finds what is wrong");
    // CloudWatch describes composite alarms, and lists histories and alarms of all names, on `*` only; an audit looks at
    // everything that the account has; and a group of investigations is asked for by Cloud Control.
    let must_be = [
        "cloudwatch:DescribeAlarms",
        "cloudwatch:DescribeAlarmHistory",
        "cloudwatch:DeleteAlarms",
        "cloudwatch:PutCompositeAlarm",
        "logs:DescribeMetricFilters",
        "sns:ListSubscriptionsByTopic",
        "aiops:GetInvestigationGroup",
        "aiops:ListTagsForResource",
    ];
    for finding in findings(&work, &files) {
        let (what, actions) = finding.split_once('[').unwrap_or((&finding, ""));
        assert!(what.contains("RESOURCE_STAR"), "{finding}");
        let others: Vec<&str> = actions.split('"').skip(1).step_by(2).filter(|action| !must_be.contains(action)).collect();
        assert!(others.is_empty(), "{finding}");
    }
}

#[test]
fn what_a_caller_lacks_is_told_with_what_needs_it() {
    let standin = Standin::start();
    let work = work(&standin.url);
    let whole = work.run(&["iam-policy", "--for", "doctor,apply", "--check"]);
    assert_eq!(whole.code, 0, "{}{}", whole.stdout, whole.stderr);
    standin
        .with(|state| state.reach.lacking = ["sns:Subscribe", "kms:GetKeyPolicy", "cloudwatch:DescribeAlarms"].map(str::to_owned).into());
    let run = work.run(&["iam-policy", "--for", "doctor,apply", "--check"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    snapbox::assert_data_eq!(
        run.stdout,
        snapbox::str![[r#"
you lack cloudwatch:DescribeAlarms on *, needed for apply, doctor
you lack sns:Subscribe on arn:aws:sns:eu-west-1:111122223333:base-*, needed for apply
you lack kms:GetKeyPolicy on arn:aws:kms:eu-west-1:111122223333:key/*, needed for doctor
arn:aws:iam::111122223333:user/test: 43 of 46 permissions are there, by IAM's simulator

"#]]
    );
    standin.fail("SimulatePrincipalPolicy", 9, "AccessDenied");
    let closed = work.run(&["iam-policy", "--check"]);
    assert!(closed.code == 1 && closed.stderr.contains("iam:SimulatePrincipalPolicy"), "{}", closed.stderr);
}
