//! Saved plans, as tests: what was reviewed is what is applied, and nothing of anywhere else.

use serde_json::{Value, json};
use snapbox::str;

use crate::cli::Folder;

const STACK: &str = "\
stack: base
log_group: {name: aws-cloudtrail-logs}
packs: [./alarms]
topics: {security: {subscriptions: [{email: secops@example.com}]}}
defaults: {alarm: {notify: [security]}}
";

fn detection(event: &str, threshold: u32) -> String {
    format!(
        "metric_filter: {{match: {{source: iam.amazonaws.com, events: [{event}], succeeded: true}}, default: 0}}\nalarm: {{threshold: {threshold}}}\n"
    )
}

fn folder() -> Folder {
    Folder::new(&[
        ("trailarm.yaml", STACK),
        ("alarms/iam/a.yaml", &detection("CreateUser", 1)),
        ("alarms/iam/b.yaml", &detection("DeleteUser", 1)),
    ])
}

impl Folder {
    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.path().join(name), text).unwrap();
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.path().join(name)).unwrap()
    }

    /// Changes the account behind the tool's back.
    fn by_hand(&self, change: impl Fn(&mut Value)) {
        let mut account: Value = serde_json::from_str(&self.read("account.json")).unwrap();
        change(&mut account["resources"]);
        self.write("account.json", &account.to_string());
    }
}

const ON: [&str; 2] = ["--account", "account.json"];

fn with<'a>(first: &[&'a str]) -> Vec<&'a str> {
    first.iter().copied().chain(ON).collect()
}

#[test]
fn what_was_reviewed_is_applied_and_what_moved_is_refused() {
    let folder = folder();
    folder.trailarm(&with(&["plan", "--out", "plan.json"])).assert().code(0);
    folder.trailarm(&with(&["apply", "plan.json"])).assert().code(0).stdout_eq(str![[r#"
Plan: 6 to add, 0 to change, 0 to destroy.
Apply complete! Resources: 6 added, 0 changed, 0 destroyed.

"#]]);
    // A second time there is nothing left to do, and nothing is done twice.
    folder.trailarm(&with(&["apply", "plan.json"])).assert().code(0).stdout_eq(str![[r#"
Plan: 6 to add, 0 to change, 0 to destroy.
Apply complete! Resources: 0 added, 0 changed, 0 destroyed; 6 were so already.

"#]]);
    folder.write("alarms/iam/a.yaml", &detection("CreateUser", 3));
    folder.write("alarms/iam/b.yaml", &detection("DeleteUser", 3));
    folder.trailarm(&with(&["plan", "--out", "plan.json"])).assert().code(0);
    // Reviewed, and then somebody changes one of the two, and the definitions change as well.
    folder.by_hand(|resources| resources["alarm"]["base/a"]["threshold"] = json!(9));
    folder.write("alarms/iam/b.yaml", &detection("DeleteUser", 7));
    folder.trailarm(&with(&["apply", "plan.json"])).assert().code(1).stdout_eq(str![[r#"
Plan: 0 to add, 2 to change, 0 to destroy.
refused: alarm/base/a: it is not what was reviewed any more
  ! alarm/base/a  # what the plan saw -> what is there now
      ~ threshold = 1 -> 9

Apply incomplete. Resources: 0 added, 1 changed, 0 destroyed; 0 failed, 1 refused, 0 skipped. Look at a new plan for what was refused.

"#]]);
    let account: Value = serde_json::from_str(&folder.read("account.json")).unwrap();
    let threshold = |name: &str| account["resources"]["alarm"][name]["threshold"].clone();
    assert_eq!((threshold("base/a"), threshold("base/b")), (json!(9.0), json!(3.0)), "just what was reviewed");
}

/// What would be created and is there, deleted and gone, or deleted and changed.
#[test]
fn each_kind_of_change_meets_what_is_there() {
    let folder = folder();
    folder.trailarm(&with(&["apply", "--auto-approve"])).assert().code(0);
    std::fs::remove_file(folder.0.path().join("alarms/iam/b.yaml")).unwrap();
    folder.write("alarms/iam/c.yaml", &detection("CreateGroup", 1));
    folder.trailarm(&with(&["plan", "--out", "plan.json"])).assert().code(0);
    folder.by_hand(|resources| {
        resources["alarm"]["base/b"]["threshold"] = json!(2);
        resources["metric_filter"].as_object_mut().unwrap().remove("aws-cloudtrail-logs:base/b");
        resources["composite_alarm"] = json!({"base/c": {"name": "base/c", "rule": "TRUE", "actions_enabled": true}});
    });
    let told = folder.trailarm(&with(&["apply", "plan.json"])).assert().code(1).get_output().stdout.clone();
    let told = String::from_utf8(told).unwrap();
    assert!(told.contains("refused: alarm/base/b: "), "{told}");
    assert!(told.contains("refused: alarm/base/c: "), "a composite alarm has the name now: {told}");
    assert!(told.contains("1 added, 0 changed, 0 destroyed; 1 were so already; 0 failed, 2 refused, 0 skipped"), "{told}");
}

#[test]
fn a_plan_of_anywhere_else_is_refused() {
    let folder = folder();
    folder.trailarm(&with(&["plan", "--out", "plan.json"])).assert().code(0);
    let plan = folder.read("plan.json");
    let account = folder.trailarm(&with(&["apply", "plan.json"]));
    account.assert().code(0);
    let other = folder.read("account.json").replace("111122223333", "444455556666");
    folder.write("other.json", &other);
    folder.write("elsewhere.json", &folder.read("account.json").replace("us-east-1", "eu-west-1"));
    folder.write("half.json", &plan[..plan.len() / 2]);
    folder.write("changed.json", &plan.replace("\"threshold\": 1.0", "\"threshold\": 100.0"));
    folder.write("newer.json", &plan.replace("\"format_version\": \"1.0\"", "\"format_version\": \"3.0\""));
    std::fs::create_dir(folder.0.path().join("second")).unwrap();
    folder.write("second/trailarm.yaml", &STACK.replace("stack: base", "stack: second"));
    for (arguments, message) in [
        (&["apply", "half.json", "--account", "account.json"] as &[&str], "half.json is cut short: it ends in line"),
        (&["apply", "changed.json", "--account", "account.json"], "its fingerprint is that of another plan"),
        (&["apply", "newer.json", "--account", "account.json"], "has the format version 3.0, and this trailarm reads 1.0"),
        (&["apply", "trailarm.yaml", "--account", "account.json"], "is no saved plan"),
        (&["apply", "nowhere.json", "--account", "account.json"], "nowhere.json"),
        (
            &["apply", "plan.json", "--account", "other.json"],
            "the plan is for account 111122223333, us-east-1, and this is account 444455556666",
        ),
        (&["apply", "plan.json", "--account", "elsewhere.json"], "and this is account 111122223333, eu-west-1"),
        (
            &["apply", "plan.json", "--account", "account.json", "--config", "second/trailarm.yaml"],
            "the plan is for the stack base, and second/trailarm.yaml is the stack second",
        ),
        (&["apply", "plan.json", "--account", "account.json", "--only", "x"], "cannot be used with"),
        (&["apply", "plan.json", "--account", "account.json", "--expect", "0000000000000000"], "this is not the plan that was approved"),
        (&["apply", "plan.json", "--account", "account.json", "--expect", "0"], "is too short for a fingerprint"),
    ] {
        let before = (folder.read("account.json"), folder.read("other.json"));
        let output = folder.trailarm(arguments).assert().get_output().clone();
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(message) && !output.status.success(), "{arguments:?}: {told}");
        assert_eq!((folder.read("account.json"), folder.read("other.json")), before, "{arguments:?}");
    }
}

/// The reviewer approves a hash, CI applies the plan that has it.
#[test]
fn a_fingerprint_is_an_approval() {
    let folder = folder();
    folder.trailarm(&with(&["plan", "--out", "plan.json"])).assert().code(0);
    let plan: Value = serde_json::from_str(&folder.read("plan.json")).unwrap();
    let fingerprint = plan["fingerprint"].as_str().unwrap();
    folder.write("alarms/iam/a.yaml", &detection("CreateUser", 2));
    let told = folder.trailarm(&with(&["apply", "--expect", fingerprint])).assert().code(1).get_output().stderr.clone();
    assert!(String::from_utf8(told).unwrap().contains("this is not the plan that was approved"));
    folder.write("alarms/iam/a.yaml", &detection("CreateUser", 1));
    folder.trailarm(&with(&["apply", "--expect", &fingerprint["sha256:".len()..][..16]])).assert().code(0);
    folder.trailarm(&with(&["plan", "--detailed-exitcode"])).assert().code(0);
}

/// The limit on deletes holds for a saved plan as well.
#[test]
fn a_saved_plan_keeps_to_the_limit_on_deletes() {
    let folder = Folder::new(&[("trailarm.yaml", STACK)]);
    for n in 0..8 {
        std::fs::create_dir_all(folder.0.path().join("alarms/iam")).unwrap();
        folder.write(&format!("alarms/iam/d{n}.yaml"), &detection("CreateUser", 1));
    }
    folder.trailarm(&with(&["apply", "--auto-approve"])).assert().code(0);
    for n in 0..7 {
        std::fs::remove_file(folder.0.path().join(format!("alarms/iam/d{n}.yaml"))).unwrap();
    }
    folder.trailarm(&with(&["plan", "--out", "plan.json"])).assert().code(0);
    folder.trailarm(&with(&["apply", "plan.json"])).assert().code(1).stderr_eq(str![[r#"
error[TA204]: the plan deletes 14 resources, more than the stack's limit
  = help: if that was reviewed, run it with `--allow-deletes 14`

1 error

"#]]);
    folder.trailarm(&with(&["apply", "plan.json", "--allow-deletes", "14"])).assert().code(0);
}

#[test]
fn programs_and_auditors_are_told_of_each_change() {
    let folder = folder();
    folder.trailarm(&with(&["plan", "--out", "plan.json"])).assert().code(0);
    let output = folder.trailarm(&with(&["apply", "plan.json", "--json", "--audit-log", "audit.log", "--output", "report.json,report.md"]));
    let output = output.assert().code(0).get_output().stdout.clone();
    let lines: Vec<Value> = String::from_utf8(output).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!((kinds[0], kinds[1], kinds[2], kinds[13]), ("plan", "change_started", "change_finished", "summary"));
    assert_eq!((kinds.len(), &lines[13]["complete"], &lines[13]["done"]), (14, &json!(true), &json!(6)));
    assert!(lines.iter().all(|line| !line.to_string().contains("secops@")), "endpoints are nobody's business");
    let log = folder.read("audit.log");
    assert_eq!(log.lines().count(), 6);
    let first: Vec<&str> = log.lines().next().unwrap().split(' ').collect();
    assert_eq!(first[1..6], ["account.json", "created", "topic/base-security", "in", "111122223333"], "{log}");
    assert!(first[0].ends_with('Z') && first[8].starts_with("sha256:") && first[10].starts_with("sha256:"), "{log}");
    let report: Value = serde_json::from_str(&folder.read("report.json")).unwrap();
    assert_eq!((report["results"].as_array().unwrap().len(), &report["summary"]["complete"]), (6, &json!(true)));
    assert_eq!(folder.read("report.md"), "**Apply complete! Resources: 6 added, 0 changed, 0 destroyed.**\n");
    // A log that cannot be written stops the run before it begins; one that is there grows.
    folder.write("alarms/iam/a.yaml", &detection("CreateUser", 2));
    let told = folder
        .trailarm(&with(&["apply", "--auto-approve", "--audit-log", "no/such/folder.log"]))
        .assert()
        .code(1)
        .get_output()
        .stderr
        .clone();
    assert!(String::from_utf8(told).unwrap().contains("nothing was applied"));
    folder.trailarm(&with(&["apply", "--auto-approve", "--audit-log", "audit.log"])).assert().code(0);
    assert_eq!(folder.read("audit.log").lines().count(), 7);
}

/// Under GitHub Actions: the summary of the step, its outputs, and a note at the line of YAML.
#[test]
fn github_is_told() {
    let folder = folder();
    folder.trailarm(&with(&["apply", "--auto-approve"])).assert().code(0);
    folder.write("alarms/iam/a.yaml", "metric_filter: {pattern: '{ $.eventName = \"*\" }', default: 0}\nalarm: {threshold: 1}\n");
    let command = folder.trailarm(&with(&["plan", "--detailed-exitcode"]));
    let command = command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", "summary.md").env("GITHUB_OUTPUT", "output.txt");
    command.assert().code(2).stderr_eq(str![[r#"
::warning file=alarms/iam/a.yaml,line=1,endLine=1,col=1,endColumn=14,title=metric_filter/aws-cloudtrail-logs%3Abase/a will be changed::MATCHES EVERY EVENT: the metric counts all that the log group receives; sources lost: iam; events gained: * of any source; conditions removed: $.errorCode NOT EXISTS

"#]]);
    assert!(
        folder
            .read("summary.md")
            .starts_with("<!-- trailarm:base/111122223333/us-east-1 -->\n### Plan: 0 to add, 1 to change, 0 to destroy.\n")
    );
    let output = folder.read("output.txt");
    assert!(output.starts_with("changes=1\nfingerprint=sha256:") && output.lines().count() == 2, "{output}");
}

/// What a plan would take along without anybody having seen it, and the forms of an apply that has nothing to do.
#[test]
fn nothing_is_taken_along_and_nothing_is_left_unsaid() {
    let folder = folder();
    folder.trailarm(&with(&["apply", "--auto-approve"])).assert().code(0);
    folder.trailarm(&with(&["apply", "--auto-approve", "--format", "json", "--output", "none.md"])).assert().code(0).stdout_eq(str![[r#"
{
  "format_version": "1.0",
  "plan_fingerprint": "sha256:[..]",
  "results": [],
  "summary": {
    "complete": true,
    "done": 0,
    "already_so": 0,
    "moved": 0,
    "failed": 0,
    "skipped": 0,
    "not_reached": 0
  }
}

"#]]);
    assert!(folder.read("none.md").contains("Apply complete! Resources: 0 added"));
    let told =
        folder.trailarm(&with(&["apply", "--auto-approve", "--output", "no/such/report.md"])).assert().code(1).get_output().stderr.clone();
    assert!(String::from_utf8(told).unwrap().contains("there is no folder no/such"));
    // The topic goes, and somebody subscribed after the review.
    folder.write("trailarm.yaml", "stack: base\nlog_group: {name: aws-cloudtrail-logs}\npacks: [./alarms]\nlimits: {max_delete: 100%}\n");
    folder.trailarm(&with(&["plan", "--out", "plan.json"])).assert().code(0);
    folder.by_hand(|resources| {
        resources["subscription"]["base-security:email:late@example.com"] =
            json!({"topic": "base-security", "protocol": "email", "endpoint": "late@example.com"});
    });
    let told = folder.trailarm(&with(&["apply", "plan.json"])).assert().code(1).get_output().stdout.clone();
    let told = String::from_utf8(told).unwrap();
    assert!(told.contains("refused: topic/base-security") && told.contains("l…@example.com"), "{told}");
    assert!(folder.read("account.json").contains("late@example.com"));
}

/// A name with line ends and signs of Markdown, put there by hand under our prefix, is a name in each form.
#[test]
fn a_hostile_name_is_a_name() {
    let folder = folder();
    folder.trailarm(&with(&["apply", "--auto-approve"])).assert().code(0);
    folder.by_hand(|resources| {
        let mut filter = resources["metric_filter"]["aws-cloudtrail-logs:base/a"].clone();
        let name = "base/x\n\n# H @octocat ![i](https.//evil)\n[click](x)\n  ::add-mask::0";
        filter["name"] = json!(name);
        resources["metric_filter"][format!("aws-cloudtrail-logs:{name}")] = filter;
    });
    folder.trailarm(&with(&["plan", "--output", "plan.md,plan.txt"])).assert().code(0);
    let markdown = folder.read("plan.md");
    // Inside of `<pre>` nothing is read, nor is anybody mentioned.
    let outside: String = markdown.split("<pre>").map(|part| part.split_once("</pre>").map_or(part, |(_, rest)| rest)).collect();
    assert!(!outside.contains('@') && !outside.contains("![i]") && !outside.contains("\n# "), "{outside}");
    assert!(!folder.read("plan.txt").lines().any(|line| line.trim_start().starts_with("::")));
}
