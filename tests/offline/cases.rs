//! Every kind's `cases.yaml`, both ways and twice: there, again (empty), back (equal).

use serde::Deserialize;
use serde_json::{Value, json};

use crate::world::{World, lines, project};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    from: Side,
    to: Side,
    /// The lines of the plan from `from` to `to`.
    changes: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Side {
    stack: Value,
    detections: Value,
}

#[test]
fn there_again_and_back() {
    for (kind, text) in [
        ("metric_filter", include_str!("../../src/kinds/metric_filter/cases.yaml")),
        ("alarm", include_str!("../../src/kinds/alarm/cases.yaml")),
        ("composite_alarm", include_str!("../../src/kinds/composite_alarm/cases.yaml")),
        ("topic", include_str!("../../src/kinds/topic/cases.yaml")),
        ("topic_statement", include_str!("../../src/kinds/topic_statement/cases.yaml")),
        ("permission", include_str!("../../src/kinds/permission/cases.yaml")),
        ("subscription", include_str!("../../src/kinds/subscription/cases.yaml")),
    ] {
        let cases: Vec<Case> = serde_yaml::from_str(text).unwrap();
        assert!(!cases.is_empty());
        for case in cases {
            run(kind, &case);
        }
    }
}

fn run(kind: &str, case: &Case) {
    let name = format!("{kind}: {}", case.name);
    let world = World::new(&json!({}));
    let (from, to) = (project(&case.from.stack, &case.from.detections), project(&case.to.stack, &case.to.detections));
    world.apply(&world.plan(&from));
    let at_first = world.contents();
    assert_eq!(lines(&world.plan(&from)), [""; 0], "{name}: at first, again");

    let there = world.plan(&to);
    assert_eq!(lines(&there), case.changes, "{name}: there");
    world.apply(&there);
    assert_eq!(lines(&world.plan(&to)), [""; 0], "{name}: again");

    world.apply(&world.plan(&from));
    assert_eq!(world.contents(), at_first, "{name}: back");
}
