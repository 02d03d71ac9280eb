//! `from_trail:` over the wire (the emulator keeps no log group on a trail).

use serde_json::{Value, json};

use crate::standin::{ACCOUNT, REGION, Standin};
use crate::work::Work;

fn trail(name: &str, group: Option<&str>) -> Value {
    let mut trail =
        json!({"Name": name, "TrailARN": format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/{name}"), "IsMultiRegionTrail": true});
    if let Some(group) = group {
        trail["CloudWatchLogsLogGroupArn"] = json!(group);
    }
    trail
}

#[test]
fn the_log_group_is_found_through_the_trail_or_the_error_says_why_not() {
    let ours = format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trail:*");
    let central = format!("arn:aws:logs:{REGION}:444455556666:log-group:central:*");
    let work_with = |trails: Vec<Value>| {
        let standin = Standin::start();
        standin.with(|s| s.trails = trails);
        let work = Work::new(&standin.url, "AKIA", REGION);
        work.write("trailarm.yaml", "stack: s\nlog_group: {from_trail: auto}\npacks: [lambda-persistence]\n");
        work
    };
    let work = work_with(vec![trail("empty", None), trail("main", Some(&ours))]);
    assert_eq!(work.run(&["plan"]).summary(), "Plan: 30 to add, 0 to change, 0 to destroy.");
    for (trails, message, help) in [
        (vec![], "there is no trail in account 111122223333 in eu-west-1", "create a multi-Region trail"),
        (
            vec![trail("empty", None)],
            "no multi-Region trail in account 111122223333 in eu-west-1 delivers to a log group: empty",
            "update-trail",
        ),
        (
            vec![trail("org", Some(&central))],
            "the log group of the trail org is in account 444455556666",
            "credentials of account 444455556666",
        ),
    ] {
        let failed = work_with(trails).run(&["plan"]);
        assert_eq!(failed.code, 1);
        assert!(failed.stderr.contains(message) && failed.stderr.contains(help), "{}", failed.stderr);
        assert!(failed.stderr.contains("trailarm.yaml:2:1"), "{}", failed.stderr);
    }
}
