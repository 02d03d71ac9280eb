//! Pages: more alarms and filters than one answer holds.

use std::fmt::Write as _;

use serde_json::json;

use crate::emulator::{by_hand, url};
use crate::standin::{REGION, Standin};
use crate::work::Work;

/// Detections of which each has a filter, spread over log groups as the limit of 100 demands.
fn write_pairs(work: &Work, count: usize, groups: usize) {
    let mut stack = "stack: big\nlog_group: {name: trail}\npacks: [./pack]\nlog_groups:\n".to_owned();
    for group in 0..groups {
        let _ = writeln!(stack, "  g{group}: {{name: trail-{group}}}");
    }
    work.write("trailarm.yaml", &stack);
    for i in 0..count {
        let group = i % groups;
        let filter = format!("metric_filter: {{pattern: '{{ $.eventName = \"E{i}\" }}', log_group: g{group}}}");
        work.write(&format!("pack/d{i:03}.yaml"), &format!("{filter}\nalarm: {{}}\n"));
    }
}

#[test]
fn the_emulator_pages_250_alarms_and_120_filters() {
    let (account, region) = ("100000000006", "us-east-1");
    let groups: Vec<_> = ["trail", "trail-0", "trail-1"].iter().map(|g| json!({"logGroupName": g})).collect();
    by_hand(account, region, "logs", "create_log_group", &json!(groups));
    let work = Work::new(url(), account, region);
    write_pairs(&work, 120, 2);
    let plan = work.run(&["plan"]);
    assert_eq!(plan.summary(), "Plan: 240 to add, 0 to change, 0 to destroy.", "{}", plan.stderr);

    // As applied, but without waiting for the quotas of 240 calls.
    let filters: Vec<_> = (0..120)
        .map(|i| {
            json!({"logGroupName": format!("trail-{}", i % 2), "filterName": format!("big/d{i:03}"),
                "filterPattern": format!("{{ $.eventName = \"E{i}\" }}"),
                "metricTransformations": [{"metricName": format!("d{i:03}"), "metricNamespace": "Trailarm/big", "metricValue": "1"}]})
        })
        .collect();
    by_hand(account, region, "logs", "put_metric_filter", &json!(filters));
    let alarms: Vec<_> = (0..250)
        .map(|i| {
            json!({"AlarmName": format!("big/d{i:03}"), "MetricName": format!("d{i:03}"), "Namespace": "Trailarm/big", "Statistic": "Sum",
                "AlarmDescription": format!("managed by trailarm · stack big · pack/d{i:03}.yaml · 0"), "Period": 300, "EvaluationPeriods": 1,
                "Threshold": 1.0, "ComparisonOperator": "GreaterThanOrEqualToThreshold", "TreatMissingData": "notBreaching"})
        })
        .collect();
    by_hand(account, region, "cloudwatch", "put_metric_alarm", &json!(alarms));
    let plan = work.run(&["plan"]);
    assert_eq!(plan.summary(), "Plan: 0 to add, 0 to change, 130 to destroy.", "{}", plan.stderr);
    assert!(plan.stderr.contains("warning[TA204]: the plan deletes 130 of the 370 resources"), "{}", plan.stderr);
    let refused = work.run(&["apply", "--auto-approve"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("error[TA204]") && refused.stderr.contains("--allow-deletes 130"), "{}", refused.stderr);
}

#[test]
fn a_plan_costs_pages_and_not_resources() {
    let standin = Standin::start();
    standin.with(|s| {
        s.log_groups.extend(["trail-0".to_owned(), "trail-1".to_owned()]);
        for i in 0..150 {
            let (group, name) = (format!("trail-{}", i % 2), format!("big/d{i:03}"));
            let filter = json!({"logGroupName": group, "filterName": name, "filterPattern": format!("{{ $.eventName = \"E{i}\" }}"),
                "applyOnTransformedLogs": false, "metricTransformations":
                [{"metricName": format!("d{i:03}"), "metricNamespace": "Trailarm/big", "metricValue": "1"}]});
            s.filters.insert((group, name), filter);
            let alarm = json!({"AlarmName": format!("big/d{i:03}"), "AlarmArn": "a", "MetricName": format!("d{i:03}"), "Namespace": "Trailarm/big",
                "Statistic": "Sum", "AlarmDescription": format!("managed by trailarm · stack big · pack/d{i:03}.yaml"), "Period": 300,
                "EvaluationPeriods": 1, "DatapointsToAlarm": 1, "Threshold": 1.0, "ActionsEnabled": true, "TreatMissingData": "notBreaching",
                "ComparisonOperator": "GreaterThanOrEqualToThreshold"});
            s.alarms.insert(format!("big/d{i:03}"), alarm);
        }
    });
    let work = Work::new(&standin.url, "AKIA", REGION);
    write_pairs(&work, 150, 2);
    // The markers carry no fingerprint, so this first plan reads tags once for each alarm.
    let plan = work.run(&["plan"]);
    assert_eq!(plan.summary(), "No changes.", "{}\n{}", plan.stdout, plan.stderr);
    let count = |name: &str, requests: &[String]| requests.iter().filter(|r| *r == name).count();
    let requests = standin.take_requests();
    assert_eq!(count("DescribeAlarms", &requests), 3, "two pages of metric alarms, one of composites");
    assert_eq!(count("DescribeMetricFilters", &requests), 5, "75 filters in each of two groups, and the empty one");
    assert_eq!(count("ListTagsForResource", &requests), 150);
}
