//! What is whose, and what a run refuses to do.

use serde_json::{Value, json};
use trailarm::planning::{Choice, Refusal};

use crate::world::{World, lines, messages, project};

/// The messages of the findings that stop a plan.
#[track_caller]
fn refused(world: &World, stack: &Value, detections: &Value) -> String {
    refusal(world, stack, detections, &Choice::default())
}

#[track_caller]
fn refusal(world: &World, stack: &Value, detections: &Value, choice: &Choice) -> String {
    match world.try_plan(&project(stack, detections), choice) {
        Err(Refusal::Findings(findings)) => messages(&findings),
        Err(other) => panic!("{other}"),
        Ok(planned) => panic!("not refused: {:?}", lines(&planned)),
    }
}

fn apply(world: &World, stack: &Value, detections: &Value) {
    world.apply(&world.plan(&project(stack, detections)));
}

fn metric_alarm() -> Value {
    json!({"alarm": {"metric": {"namespace": "N", "name": "m"}}})
}

#[test]
fn a_filter_under_its_own_name_is_nobodys_until_it_is_adopted() {
    let world = World::new(&json!({}));
    let named = |pattern: &str| json!({"d": {"metric_filter": {"pattern": pattern, "name": "their-own"}}});
    apply(&world, &json!({}), &named("x"));
    assert_eq!(lines(&world.plan(&project(&json!({}), &named("x")))), [""; 0]);
    assert_eq!(refused(&world, &json!({}), &named("y")), "metric_filter/trail:their-own exists and does not belong to this stack");
    let adopted = json!({"d": {"adopt": true, "metric_filter": {"pattern": "y", "name": "their-own"}}});
    apply(&world, &json!({}), &adopted);
    // `destroy` takes what bears the stack's sign, or is adopted and just as it was defined.
    let destroy = Choice { destroy: true, ..Choice::default() };
    let planned = world.try_plan(&project(&json!({}), &named("y")), &destroy).unwrap();
    assert_eq!(lines(&planned), [""; 0]);
    let off = json!({"detections": {"pack/d": {"enabled": false}}});
    assert_eq!(lines(&world.plan(&project(&off, &adopted))), ["- metric_filter/trail:their-own: the detection is switched off"]);
    let planned = world.try_plan(&project(&json!({}), &adopted), &destroy).unwrap();
    assert_eq!(lines(&planned), ["- metric_filter/trail:their-own: the stack is destroyed"]);
}

#[test]
fn destroy_leaves_what_was_to_be_adopted_and_never_was() {
    let theirs =
        json!({"alarm": {"case/d": {"name": "case/d", "actions_enabled": true, "evaluation_periods": 1, "comparison_operator": "x"}}});
    let world = World::new(&theirs);
    let detections = json!({"d": {"adopt": true, "alarm": {"metric": {"namespace": "N", "name": "m"}}}});
    let planned = world.try_plan(&project(&json!({}), &detections), &Choice { destroy: true, ..Choice::default() }).unwrap();
    assert_eq!(lines(&planned), [""; 0]);
}

#[test]
fn another_stacks_alarm_is_foreign() {
    let other = "other · pack/d.yaml";
    let alarm =
        json!({"name": "case/d", "managed_by": other, "actions_enabled": true, "evaluation_periods": 1, "comparison_operator": "x"});
    let world = World::new(&json!({"alarm": {"case/d": alarm}}));
    assert_eq!(refused(&world, &json!({}), &json!({"d": metric_alarm()})), "alarm/case/d exists and does not belong to this stack");
    assert_eq!(lines(&world.plan(&project(&json!({}), &json!({})))), [""; 0]);
}

#[test]
fn what_others_hold_on_to_is_not_deleted() {
    let world = World::new(&json!({}));
    let both = json!({"a": {"alarm": {"composite": "ALARM(b)"}}, "b": metric_alarm()});
    apply(&world, &json!({"topics": {"t": {}}}), &both);
    let ours = json!({"topics": {"t": {"arn": "arn:aws:sns:eu-west-1:111122223333:case-t"}}});
    assert_eq!(refused(&world, &ours, &both), "topic/case-t would be deleted, and the definitions still refer to it");
    let turned = json!({"a": {"alarm": {"composite": "ALARM(b)"}}, "b": {"alarm": {"composite": "TRUE"}}});
    let message = "alarm/case/b cannot become composite_alarm/case/b while composite_alarm/case/a looks at it: AWS refuses to delete it";
    assert_eq!(refused(&world, &json!({"topics": {"t": {}}}), &turned), message);
}

#[test]
fn new_filters_must_fit_beside_the_old_ones() {
    let world = World::new(&json!({}));
    let filters =
        |from: usize| -> Value { (from..from + 60).map(|i| (format!("d{i}"), json!({"metric_filter": {"pattern": "x"}}))).collect() };
    apply(&world, &json!({}), &filters(0));
    let message = "the log group trail would hold 120 metric filters until 60 old ones are deleted, AWS allows 100";
    assert_eq!(refused(&world, &json!({}), &filters(100)), message);
}

#[test]
fn both_ends_of_a_move_are_checked() {
    let world = World::new(&json!({}));
    let detections = json!({"new": metric_alarm(), "old": metric_alarm()});
    for (moved, message) in [
        (json!({"pack/gone": "pack/nwe"}), "`pack/gone` is moved to `pack/nwe`, and there is no such detection"),
        (json!({"pack/old": "pack/new"}), "`pack/old` is moved, and it is still defined"),
    ] {
        assert_eq!(refused(&world, &json!({"moved": moved}), &detections), message);
    }
}

#[test]
fn only_takes_a_filter_with_its_alarm_and_says_when_it_names_nothing() {
    let world = World::new(&json!({}));
    let detection = json!({"metric_filter": {"pattern": "x"}, "alarm": {}});
    apply(&world, &json!({}), &json!({"a": detection, "b": detection}));
    let only = |glob: &str| Choice { only: Some(glob.to_owned()), ..Choice::default() };
    let planned = world.try_plan(&project(&json!({}), &json!({})), &only("pack/a")).unwrap();
    assert_eq!(lines(&planned), ["- alarm/case/a: no definition asks for it", "- metric_filter/trail:case/a: no definition asks for it"]);
    let message = "`--only pack/c` names no detection, topic or address of this stack";
    assert_eq!(refusal(&world, &json!({}), &json!({"a": detection}), &only("pack/c")), message);
}

#[test]
fn only_does_not_delete_a_child_from_under_its_composite() {
    let world = World::new(&json!({}));
    apply(&world, &json!({}), &json!({"a": metric_alarm(), "b": {"alarm": {"composite": "ALARM(a)"}}}));
    let only = |glob: &str| Choice { only: Some(glob.to_owned()), ..Choice::default() };
    let message = "alarm/case/a would be deleted, and composite_alarm/case/b looks at it: AWS refuses that";
    assert_eq!(refusal(&world, &json!({}), &json!({}), &only("pack/a")), message);
    let both = world.try_plan(&project(&json!({}), &json!({})), &only("pack/*")).unwrap();
    assert_eq!(lines(&both).len(), 2);
}

#[test]
fn only_does_not_lose_the_conflict_of_what_it_brings_along() {
    let world = World::new(&json!({"topic": {"case-t": {"name": "case-t"}}}));
    let stack = json!({"topics": {"t": {}}, "defaults": {"alarm": {"notify": ["t"]}}});
    let only = Choice { only: Some("pack/d".to_owned()), ..Choice::default() };
    let message = "topic/case-t exists and does not belong to this stack";
    assert_eq!(refusal(&world, &stack, &json!({"d": metric_alarm()}), &only), message);
}

#[test]
fn a_switched_off_alarm_under_its_own_name_goes() {
    let world = World::new(&json!({}));
    let named = json!({"d": {"alarm": {"metric": {"namespace": "N", "name": "m"}, "name": "their-own"}}});
    apply(&world, &json!({}), &named);
    let off = project(&json!({"detections": {"pack/d": {"enabled": false}}}), &named);
    assert_eq!(lines(&world.plan(&off)), ["- alarm/their-own: the detection is switched off"]);
}

#[test]
fn removed_names_a_filter_of_the_stacks_log_group_only() {
    let theirs = |group: &str| json!({"log_group": group, "name": "old", "pattern": "x", "metric_namespace": "n", "metric_name": "m", "metric_value": "1"});
    let world = World::new(&json!({"metric_filter": {"trail:old": theirs("trail"), "other:old": theirs("other")}}));
    let stack = json!({"removed": ["metric_filter/old"], "log_groups": {"o": {"name": "other"}}});
    assert_eq!(lines(&world.plan(&project(&stack, &json!({})))), ["- metric_filter/trail:old: listed under `removed`"]);
    let defined = json!({"d": {"metric_filter": {"pattern": "y", "name": "old"}}});
    assert_eq!(refused(&world, &stack, &defined), "metric_filter/trail:old is defined and under `removed:` as well");
}
