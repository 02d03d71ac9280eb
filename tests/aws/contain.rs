//! `examples/contain-principal`: its own tests, its policies, and the stack that wires it.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::emulator::{by_hand, python, url};
use crate::work::Work;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/contain-principal")
}

#[test]
fn its_own_tests_pass() {
    let output = python().args(["-B", "-m", "unittest", "--quiet"]).current_dir(folder()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_stack_of_its_readme_is_valid() {
    let readme = std::fs::read_to_string(folder().join("README.md")).unwrap();
    let stack = readme.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    let work = Work::new("http://127.0.0.1:9", "AKIA", "eu-west-1");
    work.write("trailarm.yaml", stack);
    let run = work.run(&["validate"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let policy = work.run(&["iam-policy", "--for", "apply"]);
    assert!(policy.stdout.contains("function:contain-principal"), "{}", policy.stdout);
}

/// The handler as Lambda calls it, against the emulator: an event in the log group, the alarm's message, a user with a key.
#[test]
fn the_principal_of_the_events_is_contained_once_it_is_live() {
    let (account, region) = ("100000000051", "us-east-1");
    let hand = |service: &str, operation: &str, call: Value| by_hand(account, region, service, operation, &call);
    hand("iam", "create_user", json!({"UserName": "mallory"}));
    let key = hand("iam", "create_access_key", json!({"UserName": "mallory"}))[0]["AccessKey"]["AccessKeyId"].as_str().unwrap().to_owned();
    hand("logs", "create_log_group", json!({"logGroupName": "trail"}));
    hand("logs", "create_log_stream", json!({"logGroupName": "trail", "logStreamName": "s"}));
    let filter = json!({"logGroupName": "trail", "filterName": "base/built", "filterPattern": "{ $.eventName = \"CreateRestApi\" }",
        "metricTransformations": [{"metricName": "built", "metricNamespace": "Trailarm/base", "metricValue": "1"}]});
    hand("logs", "put_metric_filter", filter);
    let now = crate::reach::now();
    let time = jiff::Timestamp::from_second(now as i64).unwrap().to_string();
    let event = json!({"eventID": "e-1", "eventTime": time, "eventSource": "apigateway.amazonaws.com", "eventName": "CreateRestApi",
        "userIdentity": {"type": "IAMUser", "arn": format!("arn:aws:iam::{account}:user/mallory"), "accountId": account, "userName": "mallory", "accessKeyId": key}});
    let put = json!({"logGroupName": "trail", "logStreamName": "s", "logEvents": [{"timestamp": (now * 1000.0) as i64, "message": event.to_string()}]});
    hand("logs", "put_log_events", put);
    let message = json!({"source": "aws.cloudwatch", "accountId": account, "region": region, "time": time,
        "alarmArn": format!("arn:aws:cloudwatch:{region}:{account}:alarm:base/built"),
        "alarmData": {"alarmName": "base/built", "state": {"value": "ALARM", "reason": "Threshold Crossed", "timestamp": time},
            "configuration": {"metrics": [{"id": "m", "returnData": true, "metricStat": {"period": 300, "stat": "Sum",
                "metric": {"namespace": "Trailarm/base", "name": "built", "dimensions": {}}}}]}}});
    let call = |dry_run: &str| -> Value {
        let code = "import json, sys, contain_principal; print(json.dumps(contain_principal.handler(json.loads(sys.argv[1]), None)))";
        let mut lambda = python();
        lambda.args(["-B", "-c", code, &message.to_string()]).current_dir(folder());
        lambda.envs([("AWS_ENDPOINT_URL", url()), ("AWS_DEFAULT_REGION", region), ("DRY_RUN", dry_run)]);
        lambda.envs([("AWS_ACCESS_KEY_ID", account), ("AWS_SECRET_ACCESS_KEY", "x")]);
        let output = lambda.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str(text.lines().last().unwrap()).unwrap()
    };
    let status = || hand("iam", "list_access_keys", json!({"UserName": "mallory"}))[0]["AccessKeyMetadata"][0]["Status"].clone();
    let policies = || hand("iam", "list_user_policies", json!({"UserName": "mallory"}))[0]["PolicyNames"].clone();
    let looked = call("yes, please");
    assert_eq!(
        (looked["principals"][0]["outcome"].as_str(), status(), policies()),
        (Some("would contain"), json!("Active"), json!([])),
        "{looked}"
    );
    let done = call("false");
    assert_eq!(
        (done["principals"][0]["outcome"].as_str(), status(), policies()),
        (Some("contained"), json!("Inactive"), json!(["TrailarmQuarantine"])),
        "{done}"
    );
    let again = call("false");
    assert_eq!(again["principals"][0]["outcome"], "already", "{again}");
}
