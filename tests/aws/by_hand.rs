//! The emulator: apply, change each kind by hand, repair, delete; what is foreign stays.

use serde_json::json;

use crate::emulator::{by_hand, url};
use crate::work::Work;

const REGION: &str = "us-east-1";

const STACK: &str = "\
stack: base
log_group: {name: trail}
packs: [./pack]
topics:
  security:
    display_name: Security
    subscriptions: [{email: secops@example.com}, {sqs: 'arn:aws:sqs:us-east-1:111122223333:q', raw_message_delivery: true}]
defaults: {alarm: {notify: [security]}, tags: {team: platform}}
";

const BUILT: &str = "\
description: A REST API was created.
runbook: https://runbooks.example.com/api
metric_filter:
  pattern: '{ ($.eventSource = \"apigateway.amazonaws.com\") && ($.eventName = \"CreateRestApi\") }'
  default: 0
alarm: {threshold: '>= 2', period: 1m, datapoints_to_alarm: 1, evaluation_periods: 3}
";

const BOTH: &str = "\
description: Two at once.
alarm: {composite: 'ALARM(built) AND NOT OK(built)'}
";

/// A stack in an account of its own on the emulator, with its log group.
fn start(account: &str) -> Work {
    by_hand(account, REGION, "logs", "create_log_group", &json!({"logGroupName": "trail"}));
    let work = Work::new(url(), account, REGION);
    work.write("trailarm.yaml", STACK).write("pack/built.yaml", BUILT).write("pack/both.yaml", BOTH);
    work
}

#[test]
fn what_is_changed_by_hand_is_shown_and_repaired() {
    let account = "100000000001";
    let work = start(account);
    assert_eq!(work.apply().summary(), "Apply complete! Resources: 6 added, 0 changed, 0 destroyed.");
    let hand = |service: &str, operation: &str, call: serde_json::Value| by_hand(account, REGION, service, operation, &call);

    let filter = json!({"logGroupName": "trail", "filterName": "base/built", "filterPattern": "{ $.eventName = \"x\" }",
        "metricTransformations": [{"metricName": "built", "metricNamespace": "Trailarm/base", "metricValue": "7"}]});
    hand("logs", "put_metric_filter", filter);
    hand("cloudwatch", "disable_alarm_actions", json!({"AlarmNames": ["base/built"]}));
    let topic = format!("arn:aws:sns:{REGION}:{account}:base-security");
    hand("sns", "set_topic_attributes", json!({"TopicArn": topic, "AttributeName": "DisplayName", "AttributeValue": "Evil"}));
    hand("sns", "tag_resource", json!({"ResourceArn": topic, "Tags": [{"Key": "team", "Value": "other"}]}));
    let subscriptions = hand("sns", "list_subscriptions_by_topic", json!({"TopicArn": topic}));
    let email = subscriptions[0]["Subscriptions"].as_array().unwrap().iter().find(|s| s["Protocol"] == "email").unwrap().clone();
    hand("sns", "unsubscribe", json!({"SubscriptionArn": email["SubscriptionArn"]}));
    hand("sns", "subscribe", json!({"TopicArn": topic, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:999999999999:theirs"}));
    let rule = json!({"AlarmName": "base/both", "AlarmRule": "ALARM(\"base/built\")",
        "AlarmDescription": "managed by trailarm · stack base · pack/both.yaml · 00000000"});
    hand("cloudwatch", "put_composite_alarm", rule);

    let plan = work.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 2, "{}", plan.stderr);
    for line in [
        "+ subscription/base-security:email:s…@example.com",
        "~ topic/base-security",
        "display_name = \"Evil\" -> \"Security\"",
        "tags.team    = \"other\" -> \"platform\"",
        "~ metric_filter/trail:base/built",
        "~ metric_value  = \"7\" -> \"1\"",
        "+ default_value = 0",
        "~ alarm/base/built",
        "actions_enabled = false -> true",
        "~ composite_alarm/base/both",
        "~ rule          = ALARM(\"base/built\"){+ AND NOT OK(\"base/built\")+}",
        "- subscription/base-security:sqs:arn:aws:sqs:us-east-1:999999999999:theirs  # no definition asks for it",
        "Plan: 1 to add, 4 to change, 1 to destroy.",
    ] {
        assert!(plan.stdout.contains(line), "{line}\nis not in\n{}", plan.stdout);
    }
    assert_eq!(work.apply().summary(), "Apply complete! Resources: 1 added, 4 changed, 1 destroyed.");
}

#[test]
fn tags_of_alarms_follow_the_definition_and_are_reread_on_request() {
    let account = "100000000002";
    let work = start(account);
    work.apply();
    let arn = format!("arn:aws:cloudwatch:{REGION}:{account}:alarm:base/built");
    let tags = || by_hand(account, REGION, "cloudwatch", "list_tags_for_resource", &json!({"ResourceARN": arn}))[0]["Tags"].clone();
    assert_eq!(tags(), json!([{"Key": "team", "Value": "platform"}]));

    work.write("trailarm.yaml", &STACK.replace("{team: platform}", "{team: security, cost: '42'}"));
    let plan = work.run(&["plan"]);
    assert!(plan.stdout.contains("tags.team = \"platform\" -> \"security\""), "{}", plan.stdout);
    work.apply();
    let mut now = tags();
    now.as_array_mut().unwrap().sort_by_key(ToString::to_string);
    assert_eq!(now, json!([{"Key": "cost", "Value": "42"}, {"Key": "team", "Value": "security"}]));

    by_hand(account, REGION, "cloudwatch", "tag_resource", &json!({"ResourceARN": arn, "Tags": [{"Key": "team", "Value": "x"}]}));
    assert_eq!(work.run(&["plan"]).summary(), "No changes.");
    assert_eq!(work.run(&["plan", "--refresh-tags"]).summary(), "Plan: 0 to add, 1 to change, 0 to destroy.");
}

#[test]
fn deleting_and_destroying_leave_what_is_foreign() {
    let account = "100000000003";
    let work = start(account);
    let hand = |service: &str, operation: &str, call: serde_json::Value| by_hand(account, REGION, service, operation, &call);
    let alarm = |name: &str| {
        json!({"AlarmName": name, "MetricName": "m", "Namespace": "n", "Statistic": "Sum", "Period": 60,
            "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold"})
    };
    hand("cloudwatch", "put_metric_alarm", json!([alarm("theirs"), alarm("base/theirs-in-our-prefix")]));
    let filter = json!({"logGroupName": "trail", "filterName": "theirs", "filterPattern": "x",
        "metricTransformations": [{"metricName": "m", "metricNamespace": "n", "metricValue": "1"}]});
    hand("logs", "put_metric_filter", filter);
    hand("sns", "create_topic", json!([{"Name": "theirs"}, {"Name": "base-theirs"}]));
    let before = everything(account);
    work.apply();

    work.remove("pack/both.yaml");
    assert_eq!(work.apply().summary(), "Destroy complete! Resources: 0 added, 0 changed, 1 destroyed.");

    let destroyed = work.run(&["destroy", "--auto-approve"]);
    assert_eq!(destroyed.summary(), "Destroy complete! Resources: 0 added, 0 changed, 5 destroyed.", "{}", destroyed.stderr);
    assert_eq!(everything(account), before);
    assert_eq!(work.run(&["destroy", "--auto-approve"]).summary(), "No changes.");
}

/// Names of all filters, alarms and topics of an account.
fn everything(account: &str) -> Vec<String> {
    let get = |service: &str, operation: &str, call: serde_json::Value| by_hand(account, REGION, service, operation, &call)[0].clone();
    let alarms = get("cloudwatch", "describe_alarms", json!({"AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}));
    let filters = get("logs", "describe_metric_filters", json!({"logGroupName": "trail"}));
    let topics = get("sns", "list_topics", json!({}));
    let names = |list: &serde_json::Value, key: &str| -> Vec<String> {
        list.as_array().into_iter().flatten().map(|i| i[key].as_str().unwrap_or_default().to_owned()).collect()
    };
    let mut all = names(&alarms["MetricAlarms"], "AlarmName");
    all.extend(names(&alarms["CompositeAlarms"], "AlarmName"));
    all.extend(names(&filters["metricFilters"], "filterName"));
    all.extend(names(&topics["Topics"], "TopicArn"));
    all.sort();
    all
}

#[test]
fn what_is_foreign_under_a_desired_name_stops_the_run_unless_it_is_adopted() {
    let account = "100000000004";
    let work = start(account);
    let alarm = json!({"AlarmName": "base/built", "MetricName": "m", "Namespace": "n", "Statistic": "Sum", "Period": 60,
        "EvaluationPeriods": 1, "Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold"});
    by_hand(account, REGION, "cloudwatch", "put_metric_alarm", &alarm);
    for command in [&["plan"][..], &["apply", "--auto-approve"]] {
        let refused = work.run(command);
        assert_eq!(refused.code, 1);
        assert!(refused.stderr.contains("error[TA202]: alarm/base/built exists and does not belong to this stack"), "{}", refused.stderr);
        assert!(refused.stderr.contains("pack/built.yaml:"), "{}", refused.stderr);
    }
    work.write("pack/built.yaml", &format!("adopt: true\n{BUILT}"));
    let plan = work.run(&["plan"]);
    assert!(plan.stdout.contains("~ alarm/base/built"), "{}", plan.stdout);
    work.apply();
    // The marker is there now: `adopt` is no longer needed.
    work.write("pack/built.yaml", BUILT);
    assert_eq!(work.run(&["plan"]).summary(), "No changes.");
}

#[test]
fn a_snapshot_is_planned_as_the_account_is() {
    let account = "100000000007";
    let work = start(account);
    work.apply();
    by_hand(account, REGION, "cloudwatch", "disable_alarm_actions", &json!({"AlarmNames": ["base/built"]}));
    let taken = work.run(&["snapshot", "account.json"]);
    assert_eq!(taken.summary(), format!("6 resources of account {account} in {REGION} are in account.json."), "{}", taken.stderr);
    let refused = work.run(&["snapshot", "account.json"]);
    assert!(refused.stderr.contains("account.json exists") && refused.stderr.contains("--force"), "{}", refused.stderr);
    let live = work.run(&["plan"]);
    // A fork's pull request: no credentials, no endpoint.
    let mut offline = work.command(&["plan", "--account", "account.json"]);
    offline.env_remove("AWS_ENDPOINT_URL").env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY").env_remove("AWS_REGION");
    let output = offline.output().expect("the binary runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), live.stdout);
    assert_eq!(live.summary(), "Plan: 0 to add, 1 to change, 0 to destroy.");
}

#[test]
fn a_renamed_detection_creates_before_it_deletes() {
    let account = "100000000005";
    let work = start(account);
    work.apply();
    work.remove("pack/built.yaml");
    work.write("pack/made.yaml", BUILT).write("pack/both.yaml", &BOTH.replace("built", "made"));
    work.write("trailarm.yaml", &format!("{STACK}moved: {{pack/built: pack/made}}\n"));
    let plan = work.run(&["plan"]);
    assert!(plan.stdout.contains("- alarm/base/built  # moved to pack/made"), "{}", plan.stdout);
    let applied = work.apply();
    let order: Vec<&str> =
        applied.stderr.lines().filter(|l| l.contains("alarm/")).map(|l| l.split(" (").next().unwrap_or_default()).collect();
    assert_eq!(order, ["created alarm/base/made", "changed composite_alarm/base/both", "destroyed alarm/base/built"]);
}
