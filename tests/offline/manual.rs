//! The YAML of the README and of docs/definitions.md is right as it stands there.

use crate::cli::Folder;

/// The n-th block of YAML of a page.
fn block(page: &str, n: usize) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let text = std::fs::read_to_string(path).unwrap();
    let blocks: Vec<&str> = text.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    blocks[n].to_owned()
}

/// Right without a warning, and its tests hold.
fn holds(folder: &Folder, arguments: &[&str]) {
    folder.trailarm(&["validate", "--fail-on", "warning"]).assert().code(0);
    folder.trailarm(&[&["test", "--require-tests"] as &[&str], arguments].concat()).assert().code(0);
}

#[test]
fn the_readme() {
    let stack = block("README.md", 0).replace("lambda-persistence]", "lambda-persistence, ./alarms]");
    holds(&Folder::new(&[("trailarm.yaml", &stack), ("alarms/iam/role-trust.yaml", &block("README.md", 1))]), &["--mutations"]);
}

#[test]
fn the_definitions() {
    let page = "docs/definitions.md";
    // A detection without tests of its own, for the block that explains tests.
    let tested = "metric_filters:\n\
        - {match: {source: apigateway.amazonaws.com, events: [CreateRestApi], succeeded: true}, default: 0}\n\
        alarm: {period: 5m, threshold: '>= 3', notify: [security]}\n";
    let folder = Folder::new(&[
        ("trailarm.yaml", &block(page, 4)),
        ("alarms/own/first.yaml", &block(page, 0)),
        ("alarms/own/tested.yaml", &format!("{tested}{}", block(page, 1))),
        ("alarms/own/values.yaml", &block(page, 2)),
        ("alarms/own/events/march.jsonl", "{\"eventName\": \"DescribeInstances\"}\n"),
        (
            "alarms/own/allowed.yaml",
            &format!(
                "{}alarm: {{}}\ntests:\n- {{name: a, event: {{eventName: CreateRoute}}, matches: true}}\n- {{name: b, event: {{eventName: CreateApi}}, matches: false}}\n",
                block(page, 3)
            ),
        ),
    ]);
    holds(&folder, &[]);
}
