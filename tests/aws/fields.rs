//! All fields of all kinds, over the wire: what the emulator drops, the stand-in keeps.

use crate::standin::{REGION, Standin, Subscription};
use crate::work::Work;

const STACK: &str = "\
stack: full
log_group: {name: trail}
log_groups: {central: {name: central}}
packs: [./pack]
topics:
  security:
    display_name: Security
    kms_key: alias/security
    policy:
      Version: '2012-10-17'
      Statement:
        - {Effect: Allow, Principal: {Service: cloudwatch.amazonaws.com}, Action: ['sns:Publish'], Resource: 'arn:aws:sns:eu-west-1:111122223333:full-security'}
    delivery_policy: {http: {defaultHealthyRetryPolicy: {numRetries: 5}}}
    tracing: Active
    signature_version: '2'
    maximum_message_size: 2048
    feedback: {SQSFailureFeedbackRoleArn: 'arn:aws:iam::111122223333:role/feedback'}
    tags: {cost: '0042'}
    subscriptions:
      - {email: SecOps@Example.com}
      - {email_json: secops@example.com}
      - {https: 'https://user:secret@hooks.example.com/x?y=1&z=2'}
      - {http: 'http://hooks.example.com/x'}
      - {sms: '+491701234567'}
      - {sqs: 'arn:aws:sqs:eu-west-1:111122223333:q', raw_message_delivery: true, filter_policy: {severity: [high]}, filter_policy_scope: MessageBody}
      - {lambda: 'arn:aws:lambda:eu-west-1:111122223333:function:f', redrive_policy: {deadLetterTargetArn: 'arn:aws:sqs:eu-west-1:111122223333:dead'}}
      - {firehose: 'arn:aws:firehose:eu-west-1:111122223333:deliverystream/d', role_arn: 'arn:aws:iam::111122223333:role/r'}
      - {application: 'arn:aws:sns:eu-west-1:111122223333:endpoint/GCM/app/id'}
  pager: {arn: 'arn:aws:sns:eu-west-1:444455556666:pager'}
defaults: {tags: {team: platform}}
";

/// Name and text of detections that together use every key.
const DETECTIONS: &[(&str, &str)] = &[
    (
        "filter",
        "metric_filter:
  pattern: '{ $.eventName = \"x\" && $.userIdentity.arn = \"*\" }'
  value: $.size
  unit: Bytes
  dimensions: {User: $.userIdentity.arn}
  metric: {namespace: Own/Space, name: own}
  log_group: central
  apply_on_transformed_logs: true
  field_selection_criteria: '@aws.account = \"111122223333\"'
  emit_system_field_dimensions: ['@aws.region', '@aws.account']
",
    ),
    (
        "plain",
        "description: 'Text with \"quotes\", <brackets> & more.'
runbook: https://runbooks.example.com/x
metric_filter: {pattern: '{ $.a = 1 }', default: 0}
alarm:
  statistic: Maximum
  period: 10s
  threshold: '< 0.5'
  evaluation_periods: 5
  datapoints_to_alarm: 2
  treat_missing_data: breaching
  unit: Count
  actions_enabled: false
  notify: [security, pager]
  notify_ok: [security]
  notify_insufficient_data: [pager]
  actions: [{lambda: 'contain:live'}, {ops_item: {severity: 2, category: Security}}, {incident: 'arn:aws:ssm-incidents::111122223333:response-plan/p'}]
  tags: {own: 'yes', team: other}
  tag_propagation: {enabled: true, included: [team, own]}
  warm_up: {minutes: 30, whole: true}
",
    ),
    (
        "percentile",
        "alarm:
  metric: {namespace: AWS/EC2, name: CPUUtilization, dimensions: {InstanceId: i-0a1b2c3d, AutoScalingGroupName: g}}
  extended_statistic: p99.9
  evaluate_low_sample_count_percentiles: ignore
  threshold: '> 90'
  period: 1h
  wall_clock_window: Europe/Berlin
  actions: [{ec2: stop}, {arn: 'arn:aws:autoscaling:eu-west-1:111122223333:scalingPolicy:id:autoScalingGroupName/g:policyName/p'}]
",
    ),
    (
        "math",
        "alarm:
  threshold: 3
  metrics:
    - {id: a, metric: {namespace: N, name: a, dimensions: {D: v}}, statistic: Sum, period: 1m, unit: Count}
    - {id: b, metric: {namespace: N, name: b}, statistic: p90, period: 1m, account_id: 012345678901}
    - {id: e, expression: a / b, label: Ratio}
",
    ),
    ("band", "metric_filter: {pattern: '{ $.b = 1 }'}\nalarm: {anomaly: {band: 2.5, when: above}, statistic: Sum, evaluation_periods: 2}\n"),
    (
        "joined",
        "alarm:
  composite: '(ALARM(plain) OR ALARM(pack/math)) AND NOT INSUFFICIENT_DATA(band)'
  suppressor: {alarm: percentile, wait_period: 1m, extension_period: 2m}
  notify: [security]
  actions: [{lambda: contain}]
",
    ),
    ("majority", "alarm: {composite: 'AT_LEAST(2, ALARM, (plain, math, band)) AND ALARM(joined)'}\n"),
];

fn start() -> (Standin, Work) {
    let standin = Standin::start();
    standin.with(|s| {
        s.log_groups.push("central".to_owned());
        s.reach.functions = ["contain", "contain:live"].map(|name| (name.to_owned(), Vec::new())).into();
    });
    let work = Work::new(&standin.url, "AKIA", REGION);
    work.write("trailarm.yaml", STACK);
    for (name, text) in DETECTIONS {
        work.write(&format!("pack/{name}.yaml"), text);
    }
    (standin, work)
}

#[test]
fn every_field_goes_out_and_comes_back() {
    let (standin, work) = start();
    assert_eq!(work.apply().summary(), "Apply complete! Resources: 21 added, 0 changed, 0 destroyed.");
    standin.with(|s| {
        let alarm = &s.alarms["full/plain"];
        assert_eq!(alarm["Threshold"], 0.5);
        assert_eq!(alarm["AlarmActions"].as_array().map(Vec::len), Some(5));
        assert_eq!(s.alarms["full/math"]["Metrics"][1]["AccountId"], "012345678901");
        assert_eq!(s.alarms["full/band"]["ThresholdMetricId"], "band");
        assert_eq!(s.alarms["full/band"]["Metrics"].as_array().map(Vec::len), Some(2));
        assert_eq!(
            s.filters[&("central".to_owned(), "full/filter".to_owned())]["emitSystemFieldDimensions"].as_array().map(Vec::len),
            Some(2)
        );
        let pending: Vec<bool> = s.subscriptions.iter().map(|s| s.pending).collect();
        assert_eq!(pending.iter().filter(|p| **p).count(), 4, "e-mail and HTTP wait for their confirmation, and are in sync");
    });
    let destroyed = work.run(&["destroy", "--auto-approve"]);
    assert_eq!(destroyed.code, 0, "{}\n{}", destroyed.stdout, destroyed.stderr);
    standin.with(|s| assert_eq!((s.alarms.len(), s.filters.len(), s.topics.len(), s.subscriptions.len()), (0, 0, 0, 0)));
}

#[test]
fn every_field_is_reset_when_the_definition_drops_it() {
    let (standin, work) = start();
    work.apply();
    work.write("pack/plain.yaml", "metric_filter: {pattern: '{ $.a = 1 }'}\nalarm: {}\n");
    work.write("pack/filter.yaml", "metric_filter: {pattern: '{ $.eventName = \"x\" }', log_group: central}\n");
    work.write("pack/joined.yaml", "alarm: {composite: 'ALARM(plain)'}\n");
    let sqs = "{sqs: 'arn:aws:sqs:eu-west-1:111122223333:q'}";
    let topics = format!("topics:\n  security: {{subscriptions: [{sqs}]}}\n");
    work.write("trailarm.yaml", &format!("{}{topics}", STACK.split("topics:").next().unwrap()));
    let plan = work.run(&["plan"]);
    assert_eq!(plan.summary(), "Plan: 0 to add, 10 to change, 6 to destroy.", "{}\n{}", plan.stdout, plan.stderr);
    work.apply();
    standin.with(|s| {
        let topic = &s.topics["arn:aws:sns:eu-west-1:111122223333:full-security"];
        assert_eq!((topic["KmsMasterKeyId"].as_str(), topic["TracingConfig"].as_str()), ("", "PassThrough"));
        assert!(topic["Policy"].contains("__default_policy_ID"));
        // Those nobody confirmed cannot be deleted; they vanish by themselves.
        let mut left: Vec<&str> = s.subscriptions.iter().map(|s| s.protocol.as_str()).collect();
        left.sort_unstable();
        assert_eq!(left, ["email", "email-json", "http", "https", "sqs"]);
    });
}

#[test]
fn fields_that_trailarm_does_not_know_are_not_wiped() {
    let (standin, work) = start();
    work.apply();
    standin.with(|s| {
        let alarm = s.alarms.get_mut("full/percentile").unwrap();
        alarm["EvaluationCriteria"] = serde_json::json!({"PromQLCriteria": {"Query": "up == 0"}});
        alarm["Threshold"] = serde_json::json!(1.0);
    });
    let refused = work.run(&["apply", "--auto-approve"]);
    assert_eq!(refused.code, 1, "{}", refused.stdout);
    let message =
        "error[TA205]: alarm/full/percentile has settings that trailarm does not know and an update would wipe: EvaluationCriteria";
    assert!(refused.stderr.contains(message), "{}", refused.stderr);
    // Without an update nothing is wiped, and nothing is said.
    standin.with(|s| s.alarms.get_mut("full/percentile").unwrap()["Threshold"] = serde_json::json!(90.0));
    assert_eq!(work.run(&["plan"]).summary(), "No changes.");
}

#[test]
fn a_pending_subscription_is_not_made_twice() {
    let (standin, work) = start();
    work.apply();
    standin.with(|s| {
        let topic = "arn:aws:sns:eu-west-1:111122223333:full-security".to_owned();
        let theirs = Subscription {
            id: 999,
            topic,
            protocol: "email".into(),
            endpoint: "curious@example.com".into(),
            pending: true,
            attributes: [].into(),
        };
        s.subscriptions.push(theirs);
        s.requests.clear();
    });
    let applied = work.run(&["apply", "--auto-approve"]);
    assert_eq!(applied.summary(), "No changes.");
    let waiting = "Waiting for confirmation, so nobody is told there yet: subscription/full-security:email-json:s…@example.com, ";
    assert!(applied.stdout.contains(waiting), "{}", applied.stdout);
    assert!(!standin.take_requests().contains(&"Subscribe".to_owned()));
}
