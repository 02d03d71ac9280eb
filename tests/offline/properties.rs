//! For generated stacks: apply then plan is empty; deleting everything leaves the account as it was.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::world::{World, lines, project};

fn filter() -> impl Strategy<Value = Value> {
    let pattern = prop_oneof!["[A-Z]{1,8}", "\\{ \\$\\.[a-z]{1,5} = \"[ -!#%-\\[\\]-~]{0,20}\" \\}", "\\[a, b, \\.\\.\\.\\]"];
    (pattern, prop::option::of(-5.0..5.0), prop::option::of("[0-9]{1,3}"), prop::bool::ANY).prop_map(|(pattern, default, value, other)| {
        let mut section = json!({ "pattern": pattern.replace('%', "p") });
        if let Some(default) = default {
            section["default"] = json!(default);
        }
        if let Some(value) = value {
            section["value"] = json!(value);
        }
        if other {
            section["log_group"] = json!("o");
        }
        section
    })
}

fn alarm() -> impl Strategy<Value = Value> {
    let period = prop_oneof![Just("10s"), Just("1m"), Just("5m"), Just("1h")];
    let missing = prop_oneof![Just("breaching"), Just("notBreaching"), Just("ignore"), Just("missing")];
    let topics = prop::sample::subsequence(vec!["t0", "t1"], 0..=2);
    (period, missing, topics, 1_u32..5, 1_u32..5, -100.0..100.0, prop::collection::btree_map("[a-z]{1,4}", "[ -#%-~é漢]{0,9}", 0..3))
        .prop_map(|(period, missing, topics, periods, datapoints, threshold, tags)| {
            json!({ "period": period, "treat_missing_data": missing, "notify": topics, "evaluation_periods": periods,
                "datapoints_to_alarm": datapoints.min(periods), "threshold": threshold, "tags": tags })
        })
}

fn detection() -> impl Strategy<Value = Value> {
    (prop::option::of(prop::collection::vec(filter(), 1..3)), prop::option::of(alarm()), "[ -#%-~é漢\n]{0,30}").prop_filter_map(
        "does something",
        |(filters, alarm, description)| {
            let mut whole = json!({ "description": description });
            if let Some(mut alarm) = alarm {
                if filters.is_none() {
                    alarm["metric"] = json!({ "namespace": "N", "name": "m" });
                }
                whole["alarm"] = alarm;
            } else if filters.is_none() {
                return None;
            }
            if let Some(filters) = filters {
                whole["metric_filters"] = json!(filters);
            }
            Some(whole)
        },
    )
}

fn stack() -> impl Strategy<Value = (Value, Value)> {
    let detections = prop::collection::btree_map("[a-e]{1,2}", detection(), 0..6);
    let subscriptions = prop::collection::btree_set("[a-z]{1,3}", 0..3);
    let composites = prop::collection::vec(prop::sample::select(vec!["ALARM", "OK", "INSUFFICIENT_DATA"]), 0..3);
    (detections, subscriptions, composites).prop_map(|(detections, subscriptions, composites)| {
        let mut all: Map<String, Value> = detections.into_iter().collect();
        let children: Vec<String> = all.iter().filter(|(_, d)| d.get("alarm").is_some()).map(|(n, _)| n.clone()).collect();
        for (i, state) in composites.iter().enumerate() {
            let rule = children.iter().map(|c| format!("{state}({c})")).collect::<Vec<_>>().join(" OR ");
            let rule = if rule.is_empty() { "TRUE".to_owned() } else { rule };
            all.insert(format!("z{i}"), json!({ "alarm": { "composite": rule } }));
        }
        let emails: Vec<Value> = subscriptions.iter().map(|s| json!({ "email": format!("{s}@example.com") })).collect();
        let stack = json!({ "log_groups": { "o": { "name": "other" } }, "topics": { "t0": { "subscriptions": emails }, "t1": { "display_name": "x" } } });
        (stack, Value::Object(all))
    })
}

/// What was there before and is not ours.
fn foreign() -> Value {
    json!({
        "alarm": { "theirs": { "name": "theirs", "actions_enabled": true, "evaluation_periods": 1, "comparison_operator": "GreaterThanThreshold" } },
        "metric_filter": { "trail:theirs": { "log_group": "trail", "name": "theirs", "pattern": "x", "metric_namespace": "n", "metric_name": "m", "metric_value": "1" } },
        "topic": { "theirs": { "name": "theirs" } },
        "subscription": { "theirs:sms:+49170123456": { "topic": "theirs", "protocol": "sms", "endpoint": "+49170123456" } },
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn apply_then_plan_is_empty_and_deleting_leaves_no_trace((stack, detections) in stack(), (other_stack, others) in stack()) {
        let world = World::new(&foreign());
        let before = world.contents();
        for (stack, detections) in [(&stack, &detections), (&other_stack, &others), (&stack, &detections)] {
            let project = project(stack, detections);
            world.apply(&world.plan(&project));
            prop_assert_eq!(lines(&world.plan(&project)), Vec::<String>::new());
        }
        let nothing = project(&json!({ "log_groups": { "o": { "name": "other" } } }), &json!({}));
        world.apply(&world.plan(&nothing));
        prop_assert_eq!(world.contents(), before);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "[ -~\n\t{}\\[\\]:#&*!|>'\"%@`é漢]{0,80}") {
        let source = std::sync::Arc::new(trailarm::yaml::Source { name: "x".to_owned(), text });
        if let Ok(tree) = trailarm::yaml::Node::parse(&source) {
            let detection = trailarm::detection::Detection { address: "pack/x".to_owned(), tree };
            let findings = trailarm::stack::detections_alone(&[detection]).err().unwrap_or_default();
            trailarm::report::findings(&findings, &mut Vec::new()).unwrap();
        }
    }
}
