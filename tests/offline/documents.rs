//! What a plan looks like: word diff, masking, hostile text.

use serde_json::json;
use snapbox::{assert_data_eq, str};
use trailarm::report::{self, Options};

use crate::world::{World, project};

fn drawn(world: &World, stack: &serde_json::Value, detections: &serde_json::Value, options: Options) -> String {
    let planned = world.plan(&project(stack, detections));
    let mut out = Vec::new();
    report::write(&report::plan(&planned.plan, None, options), &mut anstream::StripStream::new(&mut out)).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn a_change_shows_both_sides_and_a_long_string_its_words() {
    let world = World::new(&json!({}));
    let stack = json!({"topics": {"t": {"subscriptions": [{"email": "secops@example.com"}]}}});
    let detection = |events: &[&str], threshold: &str| {
        json!({"d": {"metric_filter": {"match": {"source": "lambda.amazonaws.com", "events": events, "succeeded": true}},
            "alarm": {"threshold": threshold, "notify": ["t"]}}, "e": {"alarm": {"composite": "ALARM(d)"}}})
    };
    world.apply(&world.plan(&project(&stack, &detection(&["CreateFunction2*"], ">= 1"))));
    let mut after = detection(&["CreateFunction2*", "PublishVersion2*"], ">= 3");
    after.as_object_mut().unwrap().remove("e");
    assert_data_eq!(
        drawn(&world, &stack, &after, Options::default()),
        str![[r#"
Stack case in account 111122223333, eu-west-1

  ~ metric_filter/trail:case/d
      ~ pattern = { ($.eventSource = "lambda.amazonaws.com") && {+(($.eventName = "CreateFunction2*") || +}($.eventName = [-"CreateFunction2*")-]{+"PublishVersion2*"))+} && ($.errorCode NOT EXISTS) }
      # events gained: PublishVersion2* of lambda

  ~ alarm/case/d
      ~ threshold = 1 -> 3

  - composite_alarm/case/e  # no definition asks for it
      - actions_enabled = true
      - managed_by      = "case · pack/e.yaml"
      - name            = "case/e"
      - rule            = ALARM("case/d")

Plan: 0 to add, 2 to change, 1 to destroy.

"#]]
    );
}

#[test]
fn endpoints_are_masked_unless_asked_for_and_escape_sequences_are_shown() {
    let world = World::new(&json!({}));
    let stack =
        json!({"topics": {"t": {"display_name": "a\u{202e}b", "subscriptions": [{"https": "https://hooks.example.com/T0/token"}]}}});
    let masked = drawn(&world, &stack, &json!({}), Options::default());
    assert!(masked.contains("endpoint = \"https://hooks.example.com/…\"") && !masked.contains("token"), "{masked}");
    assert!(masked.contains("display_name        = \"a\\u{202e}b\""), "{masked}");
    let shown = drawn(&world, &stack, &json!({}), Options { endpoints: true });
    assert!(shown.contains("endpoint = \"https://hooks.example.com/T0/token\""), "{shown}");
}
