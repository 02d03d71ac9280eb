//! What AWS would refuse in combination is refused before the first call: section, message.

use serde_json::{Value, json};
use trailarm::stack::check;

use crate::world::{messages, project};

const SCALING: &str = "arn:aws:autoscaling:us-east-1:111122223333:scalingPolicy:1:autoScalingGroupName/g:policyName/p";
const INVESTIGATION: &str = "arn:aws:aiops:us-east-1:111122223333:investigation-group:x";

#[track_caller]
fn says(stack: &Value, detection: &Value, message: &str) {
    let checked = check(&project(stack, &json!({ "d": detection, "other": {"alarm": {"metric": {"namespace": "N", "name": "m"}}} })));
    let findings = checked.err().unwrap_or_default();
    assert!(messages(&findings).contains(message), "{detection} {stack}\nsays: {}\nnot: {message}", messages(&findings));
    assert!(findings.iter().all(|f| f.at.is_some() && f.help.as_ref().is_some_and(|h| !h.is_empty())), "{findings:?}");
}

#[test]
fn metric_filters() {
    let many = |n: usize| (0..n).map(|i| format!("LongEventNameNumber{i}")).collect::<Vec<_>>();
    for (section, message) in [
        (
            json!({"pattern": "{ $.a = 1 }", "dimensions": {"A": "$.a"}, "default": 0}),
            "a filter with dimensions cannot have a default value",
        ),
        (json!({"pattern": "ERROR", "dimensions": {"A": "$.a"}}), "dimensions need a JSON or space-delimited pattern"),
        (
            json!({"pattern": "{ $.a = 1 }", "dimensions": {"A": "$.a", "B": "$.b"}, "emit_system_field_dimensions": ["@aws.account", "@aws.region"]}),
            "4 dimensions, 3 are allowed",
        ),
        (json!({"pattern": "{ $.a = 1 }", "value": "$size"}), "only space-delimited patterns have fields"),
        (json!({"pattern": "{ $.a = 1 }", "value": "$."}), "a name is missing after `.`"),
        (json!({"pattern": "ERROR", "value": "$.x"}), "only JSON patterns have properties to select"),
        (json!({"pattern": "[a, b]", "value": "$c"}), "the pattern has no field `$c`"),
        (json!({"pattern": "[a, b]", "value": "$3"}), "the pattern has no field `$3`"),
        (json!({"pattern": "{ $.a = 1 }", "dimensions": {"A": "foo"}}), "`foo` is neither a number nor a selector nor a field"),
        (json!({"pattern": "x", "metric": {"namespace": "AWS/Own"}}), "`AWS/` is kept for AWS's own metrics"),
        (json!({"pattern": "x", "match": {"source": "s", "events": ["E"]}}), "`pattern` and `match` exclude each other"),
        (json!({"pattern": "x", "log_group": "o"}), "no log group of the stack is called `o`"),
        (json!({"pattern": "{ $.a = \"x }"}), "this quote is never closed"),
        (json!({"pattern": "{ $.a = %a% || $.a = %b% || $.a = %c% }"}), "a pattern may hold 2 regular expressions"),
        (json!({"pattern": "ERROR", "except": {"actors": ["arn:aws:iam::111122223333:role/r"]}}), "`except` needs a JSON pattern"),
        (
            json!({"pattern": "{ $.a = 1 }", "except": {"actors": ["ci"]}}),
            "`ci` is neither the ARN of a principal nor the name of a service",
        ),
        (json!({"match": {"source": "s", "events": many(80)}, "name": "own"}), "the events need several filters"),
        (json!({"match": {"source": "s", "events": ["E".repeat(1100)]}}), "1024 are allowed"),
        (json!({"match": {"source": "", "events": ["E"]}}), "`` cannot be the source of an event"),
        (json!({"match": {"source": "s", "events": ["E*x"]}}), "`E*x` cannot be the name of an event"),
        (
            json!({"match": {"source": "s", "events": ["E"], "where": "$.x = 1) || ($.y = 2"}}),
            "the condition is not whole: this `)` closes nothing",
        ),
        (json!({"match": {"source": "s", "events": ["E"], "where": " "}}), "the condition is empty"),
    ] {
        says(&json!({}), &json!({ "metric_filter": section }), message);
    }
    let two = json!({"metric_filters": [{"pattern": "x"}, {"pattern": "y", "metric": {"name": "z"}}]});
    says(&json!({}), &two, "the filters of one detection feed one metric");
    says(&json!({}), &json!({"description": "x"}), "the detection does nothing");
}

#[test]
fn alarms() {
    let on = |more: Value| {
        let mut section = json!({"metric": {"namespace": "N", "name": "m"}});
        section.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap());
        section
    };
    let metric = |id: &str, period: u32| json!({"id": id, "metric": {"namespace": "N", "name": id}, "statistic": "Sum", "period": period});
    let dimensions: Value = (0..31).map(|i| (format!("d{i}"), json!("v"))).collect();
    for (section, message) in [
        (json!({}), "the alarm looks at no metric"),
        (on(json!({"metrics": [metric("a", 60)]})), "`metric`, `metrics` and `anomaly` exclude each other"),
        (on(json!({"statistic": "Sum", "extended_statistic": "p99"})), "`statistic` and `extended_statistic` exclude each other"),
        (on(json!({"evaluate_low_sample_count_percentiles": "ignore"})), "this is for percentiles only"),
        (on(json!({"evaluation_periods": 2, "datapoints_to_alarm": 3})), "`datapoints_to_alarm` is above `evaluation_periods`, which is 2"),
        (on(json!({"period": "30m", "evaluation_periods": 49})), "88200 seconds, 86400 are allowed"),
        (on(json!({"period": "1h", "evaluation_periods": 169})), "608400 seconds, 604800 are allowed"),
        (on(json!({"period": "2m", "wall_clock_window": "UTC"})), "a wall-clock window needs a period of 1m, 5m, 1h, 1d or 7d"),
        (json!({"metric": {"namespace": "N", "name": "m", "dimensions": dimensions}}), "31 dimensions, 30 are allowed"),
        (json!({"metrics": [metric("a", 60), metric("a", 60)]}), "the id `a` is used twice"),
        (json!({"metrics": [metric("a", 60), metric("b", 300), {"id": "e", "expression": "a / b"}]}), "the metrics have different periods"),
        (json!({"metrics": [metric("a", 60), metric("b", 60)]}), "0 entries return data, exactly one must"),
        (json!({"metrics": [{"id": "a", "metric": {"namespace": "N", "name": "m"}}]}), "a metric needs its `statistic`"),
        (json!({"metrics": [metric("a", 60)], "unit": "Count"}), "`unit` goes into the entries of `metrics`"),
        (on(json!({"notify": ["nobody"]})), "the stack declares no topic `nobody`"),
        (on(json!({"actions": [{"ec2": "stop"}]})), "an EC2 action needs the dimension InstanceId"),
        (
            on(json!({"ok_actions": [{"arn": "arn:aws:aiops:us-east-1:111122223333:investigation-group:x"}]})),
            "an investigation can only start on ALARM",
        ),
        (on(json!({"actions": [{"arn": "arn:aws:automate:us-east-1:ec2:hibernate"}]})), "there is no action `hibernate` on instances"),
        (on(json!({"actions": [{"arn": "arn:aws:swf:us-east-1:111122223333:action/x"}]})), "is no action of an alarm"),
        (on(json!({"actions": [{"arn": "arn:aws:lambda:us-east-1:111122223333:layer:x"}]})), "is no action of an alarm"),
        (on(json!({"actions": [{"lambda": "no name"}]})), "`no name` is no name of a function"),
        (on(json!({"actions": [{"lambda": "f:$LATEST"}]})), "`f:$LATEST` names $LATEST"),
        (on(json!({"actions": [{"lambda": "arn:aws:lambda:us-east-1:111122223333:function:a:b:c"}]})), "`a:b:c` is no name of a function"),
        (on(json!({"actions": [{"lambda": "f", "ec2": "stop"}]})), "an action has exactly one of"),
        (
            on(json!({"actions": [{"scaling_policy": "arn:aws:autoscaling:us-east-1:111122223333:autoScalingGroup:x"}]})),
            "is no action of an alarm",
        ),
        (json!({"composite": "TRUE", "actions": [{"scaling_policy": SCALING}]}), "a composite alarm cannot run Auto Scaling policies"),
        (
            json!({"anomaly": {"metric": {"namespace": "N", "name": "m"}, "band": 2}, "actions": [{"scaling_policy": SCALING}]}),
            "an anomaly alarm cannot run Auto Scaling policies",
        ),
        (
            json!({"metrics": [{"id": "a", "metric": {"namespace": "N", "name": "m"}, "statistic": "Sum", "period": 60}], "actions": [{"ec2": "stop"}]}),
            "an alarm on metric math or a band cannot act on EC2 instances",
        ),
        (on(json!({"ok_actions": [{"investigation": INVESTIGATION}]})), "an investigation can only start on ALARM"),
        (on(json!({"actions": [{"arn": "arn:aws:s3:::bucket"}]})), "CloudWatch alarms have no action of the service s3"),
        (
            on(json!({"actions": [{"arn": "arn:aws:sns:us-east-1:111122223333:t.fifo"}]})),
            "delivery from alarms to FIFO topics is not documented by AWS",
        ),
        (on(json!({"actions": [{"incident": "arn:aws:sns:us-east-1:111122223333:t"}]})), "is of the service sns, ssm-incidents is wanted"),
        (
            on(json!({"actions": [{"lambda": "a"}, {"lambda": "b"}, {"lambda": "c"}, {"lambda": "d"}, {"lambda": "e"}, {"lambda": "f"}]})),
            "6 actions for one state, 5 are allowed",
        ),
        (on(json!({"description": "x".repeat(1000)})), "1024 are allowed"),
        (on(json!({"tags": {"aws:x": "y"}})), "the tag `aws:x` starts with `aws:`"),
        (
            on(json!({"tag_propagation": {"enabled": true, "included": ["a"], "excluded": ["b"]}})),
            "`included` and `excluded` exclude each other",
        ),
        (on(json!({"suppressor": {"alarm": "other", "wait_period": 1, "extension_period": 1}})), "only a composite alarm has a suppressor"),
        (on(json!({"ok_actions": [{"ops_item": {"severity": 1}}]})), "OpsItems and incidents have an effect on ALARM only"),
        (json!({"metric": {"namespace": "N", "name": "m", "dimensions": {":d": "v"}}}), "AWS refuses the dimension `:d`"),
        (json!({"composite": "ALARM(d)"}), "composite_alarm/case/d looks at itself, through its rule or its suppressor"),
        (on(json!({"composite": "TRUE"})), "a composite alarm has no `metric`"),
        (json!({"composite": "ALARM(other) AND OK(other) OR TRUE"}), "`AND` and `OR` side by side need brackets"),
        (json!({"composite": "ALARM(othr)"}), "no detection with an alarm is called `othr`"),
        (json!({"composite": "TRUE", "actions": [{"ec2": "stop"}]}), "a composite alarm cannot act on EC2 instances"),
        (json!({"anomaly": {"metric": {"namespace": "N", "name": "m"}, "band": -1}}), "a band has a positive width"),
    ] {
        says(&json!({}), &json!({ "alarm": section }), message);
    }
    let silent = json!({"metric_filter": {"pattern": "{ $.a = 1 }", "dimensions": {"User": "$.u"}}, "alarm": {}});
    says(&json!({}), &silent, "the filter publishes the dimensions [User], the alarm asks for []");
    says(&json!({}), &json!({"metric_filter": {"pattern": "x"}, "alarm": null}), "expected a value, found nothing");
}

#[test]
fn topics_and_subscriptions() {
    let fine = json!({"metric_filter": {"pattern": "x"}});
    for (topic, message) in [
        (json!({"kms_key": "alias/aws/sns"}), "CloudWatch cannot publish through `alias/aws/sns`"),
        (
            json!({"arn": "arn:aws:sns:us-east-1:111122223333:t", "display_name": "x"}),
            "a topic named by `arn` is never changed, so `display_name` has no effect",
        ),
        (json!({"arn": "arn:aws:sqs:us-east-1:111122223333:q"}), "is not the ARN of a topic"),
        (json!({"arn": "topic"}), "`topic` is not an ARN"),
        (json!({"policy": {"Version": "2012-10-17"}}), "a policy needs a `Statement`"),
        (json!({"policy": {"Statement": [], "Id": "x".repeat(31_000)}}), "30720 are allowed"),
        (json!({"subscriptions": [{"email": "nobody"}]}), "`nobody` is no endpoint for email"),
        (json!({"subscriptions": [{"email": "a@example.com", "sms": "+491701234567"}]}), "a subscription has exactly one endpoint"),
        (json!({"subscriptions": [{"sms": "0170"}]}), "`0170` is no endpoint for sms"),
        (json!({"subscriptions": [{"https": "http://example.com"}]}), "is no endpoint for https"),
        (json!({"subscriptions": [{"sqs": "arn:aws:sns:us-east-1:111122223333:t"}]}), "is no endpoint for sqs"),
        (
            json!({"subscriptions": [{"firehose": "arn:aws:firehose:us-east-1:111122223333:deliverystream/d"}]}),
            "`role_arn` belongs to a Firehose subscription",
        ),
        (json!({"subscriptions": [{"email": "a@example.com", "raw_message_delivery": true}]}), "email has no raw delivery"),
    ] {
        says(&json!({"topics": {"t": topic}}), &fine, message);
    }
    says(&json!({"defaults": {"alarm": {"notify": ["t"]}}}), &fine, "the stack declares no topic `t`");
    says(&json!({"parameters": {"nobody": 1}}), &fine, "no detection declares a parameter `nobody`");
}
