//! The manual, as tests: a command, and exactly what the user sees.

use snapbox::cmd::Command;
use snapbox::str;

/// A folder with files, that ends with the test.
pub(crate) struct Folder(pub(crate) tempfile::TempDir);

impl Folder {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::TempDir::new().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    /// The binary in this folder, with nothing of the environment.
    pub(crate) fn trailarm(&self, arguments: &[&str]) -> Command {
        Command::new(env!("CARGO_BIN_EXE_trailarm"))
            .args(arguments)
            .current_dir(self.0.path())
            .env_clear()
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("HOME", self.0.path())
    }
}

const STACK: &str = "\
stack: base
packs: [./alarms]
topics:
  security: {subscriptions: [{email: secops@example.com}]}
defaults: {alarm: {notify: [security]}}
";

const DETECTION: &str = "\
description: A function was created.
metric_filter:
  match: {source: lambda.amazonaws.com, events: [CreateFunction2*], succeeded: true}
alarm: {threshold: '>= 1'}
";

#[test]
fn plan_apply_plan_on_a_new_account() {
    let folder = Folder::new(&[("trailarm.yaml", STACK), ("alarms/made.yaml", DETECTION)]);
    folder
        .trailarm(&["plan", "--account", "account.json", "--detailed-exitcode"])
        .assert()
        .code(2)
        .stdout_eq(str![[r#"
Stack base in account 111122223333, us-east-1

  + topic/base-security
      + name                = "base-security"
      + tags.trailarm:stack = "base"

  + subscription/base-security:email:s…@example.com
      + endpoint = "s…@example.com"
      + protocol = "email"
      + topic    = "base-security"

  + metric_filter/aws-cloudtrail-logs:base/made
      + log_group        = "aws-cloudtrail-logs"
      + metric_name      = "made"
      + metric_namespace = "Trailarm/base"
      + metric_value     = "1"
      + name             = "base/made"
      + pattern          = { ($.eventSource = "lambda.amazonaws.com") && ($.eventName = "CreateFunction2*") && ($.errorCode NOT EXISTS) }

  + alarm/base/made
      + actions_enabled     = true
      + alarm_actions       = ["arn:aws:sns:us-east-1:111122223333:base-security"]
      + comparison_operator = "GreaterThanOrEqualToThreshold"
      + description         = "A function was created."
      + evaluation_periods  = 1
      + managed_by          = "base · alarms/made.yaml"
      + metric_name         = "made"
      + name                = "base/made"
      + namespace           = "Trailarm/base"
      + period              = 300
      + statistic           = "Sum"
      + threshold           = 1
      + treat_missing_data  = "notBreaching"

Plan: 4 to add, 0 to change, 0 to destroy.

"#]])
        .stderr_eq(str![[r#"
note: account.json does not exist yet: this is a new account (111122223333, us-east-1) with a trail and nothing else

"#]]);
    folder
        .trailarm(&["apply", "--account", "account.json", "--auto-approve"])
        .assert()
        .code(0)
        .stdout_eq(str![[r#"
Stack base in account 111122223333, us-east-1

  + topic/base-security
      + name                = "base-security"
      + tags.trailarm:stack = "base"

  + subscription/base-security:email:s…@example.com
      + endpoint = "s…@example.com"
      + protocol = "email"
      + topic    = "base-security"

  + metric_filter/aws-cloudtrail-logs:base/made
      + log_group        = "aws-cloudtrail-logs"
      + metric_name      = "made"
      + metric_namespace = "Trailarm/base"
      + metric_value     = "1"
      + name             = "base/made"
      + pattern          = { ($.eventSource = "lambda.amazonaws.com") && ($.eventName = "CreateFunction2*") && ($.errorCode NOT EXISTS) }

  + alarm/base/made
      + actions_enabled     = true
      + alarm_actions       = ["arn:aws:sns:us-east-1:111122223333:base-security"]
      + comparison_operator = "GreaterThanOrEqualToThreshold"
      + description         = "A function was created."
      + evaluation_periods  = 1
      + managed_by          = "base · alarms/made.yaml"
      + metric_name         = "made"
      + name                = "base/made"
      + namespace           = "Trailarm/base"
      + period              = 300
      + statistic           = "Sum"
      + threshold           = 1
      + treat_missing_data  = "notBreaching"

Plan: 4 to add, 0 to change, 0 to destroy.
Apply complete! Resources: 4 added, 0 changed, 0 destroyed.

"#]])
        .stderr_eq(str![[r#"
note: account.json does not exist yet: this is a new account (111122223333, us-east-1) with a trail and nothing else
created topic/base-security
created subscription/base-security:email:s…@example.com
created metric_filter/aws-cloudtrail-logs:base/made
created alarm/base/made

"#]]);
    folder
        .trailarm(&["plan", "--account", "account.json", "--detailed-exitcode"])
        .assert()
        .code(0)
        .stdout_eq(str![[r#"
Stack base in account 111122223333, us-east-1

No changes.

"#]])
        .stderr_eq(str![]);
}

#[test]
fn apply_asks_and_where_nobody_answers_it_writes_nothing() {
    let folder = Folder::new(&[("trailarm.yaml", STACK), ("alarms/made.yaml", DETECTION)]);
    folder.trailarm(&["apply", "--account", "account.json"]).assert().code(1).stderr_eq(str![[r#"
note: account.json does not exist yet: this is a new account (111122223333, us-east-1) with a trail and nothing else
error[TA206]: nobody can be asked here, and nothing was applied
  = help: say `--auto-approve` once what it does has been reviewed

1 error

"#]]);
    assert!(!folder.0.path().join("account.json").exists());
}

#[test]
fn only_narrows_and_brings_along_what_is_needed() {
    let folder = Folder::new(&[("trailarm.yaml", STACK), ("alarms/made.yaml", DETECTION), ("alarms/other.yaml", DETECTION)]);
    folder.trailarm(&["apply", "--account", "a.json", "--auto-approve"]).assert().code(0);
    std::fs::remove_file(folder.0.path().join("alarms/other.yaml")).unwrap();
    folder.trailarm(&["plan", "--account", "a.json", "--only", "alarms/made"]).assert().code(0).stdout_eq(str![[r#"
Stack base in account 111122223333, us-east-1

No changes.

"#]]);
    folder.trailarm(&["plan", "--account", "b.json", "--only", "alarms/made"]).assert().code(0).stdout_eq(str![[r#"
...
Plan: 3 to add, 0 to change, 0 to destroy.

"#]]);
}

#[test]
fn validate_shows_all_errors_of_all_files() {
    let stack = "stack: base\npacks: [./alarms, lambda-persistance]\nparamters: {}\ndefaults: {alarm: {notify: [security]}}\n";
    let one = "metric_filter: {patern: x}\nalarm: {threshold: '== 1', period: 7s, notify: security}\nseverity: hihg\n";
    let folder = Folder::new(&[
        ("trailarm.yaml", stack),
        ("alarms/one.yaml", one),
        ("alarms/twice.yaml", "metric_filter: {pattern: x}\nalarm: {}\nalarm: {}\n"),
        ("alarms/open.yaml", "description: [a\n"),
        ("alarms/empty.yaml", "# nothing yet\n"),
        ("alarms/tabs.yaml", "alarm:\n\tperiod: 1m\n"),
    ]);
    folder.trailarm(&["validate"]).assert().code(1).stdout_eq(str![]).stderr_eq(str![[r#"
error[TA002]: the file holds nothing
 --> alarms/empty.yaml:1:1
  |
1 | # nothing yet
  | ^
  |
  = help: write a definition into it (`trailarm schema` describes both kinds of file), or remove it

error[TA003]: this is not YAML: unclosed bracket '['
 --> alarms/open.yaml:1:14
  |
1 | description: [a
  |              ^
  |
  = help: look at the line and the one above it: a missing quote, bracket or blank after `:` is the usual cause

error[TA003]: a line is indented with a tab
 --> alarms/tabs.yaml:2:1
  |
2 |     period: 1m
  | ^^^^
  |
  = help: indent with blanks: YAML does not take tabs

error[TA005]: the key `alarm` stands twice in one map
 --> alarms/twice.yaml:3:1
  |
3 | alarm: {}
  | ^^^^^
  |
  = help: it stands on line 2 already: remove one of the two

error[TA101]: no pack is called `lambda-persistance`
 --> trailarm.yaml:2:19
  |
2 | packs: [./alarms, lambda-persistance]
  |                   ^^^^^^^^^^^^^^^^^^
  |
  = help: did you mean `lambda-persistence`? (a folder is named by its path, `./lambda-persistance`)

error[TA004]: there is no key `paramters` here
 --> trailarm.yaml:3:1
  |
3 | paramters: {}
  | ^^^^^^^^^
  |
  = help: did you mean `parameters`?

error[TA004]: there is no key `patern` here
 --> alarms/one.yaml:1:17
  |
1 | metric_filter: {patern: x}
  |                 ^^^^^^
  |
  = help: did you mean `pattern`?

error[TA006]: `== 1` is no threshold
 --> alarms/one.yaml:2:20
  |
2 | alarm: {threshold: '== 1', period: 7s, notify: security}
  |                    ^^^^^^
  |
  = help: write a comparison and a number, such as `>= 1`; a bare number means `>=`

error[TA006]: 7 seconds is no period
 --> alarms/one.yaml:2:36
  |
2 | alarm: {threshold: '== 1', period: 7s, notify: security}
  |                                    ^^
  |
  = help: 10, 20 or 30 seconds, or whole minutes: `1m`, `5m`, `1h`

error[TA006]: expected a list, found `security`
 --> alarms/one.yaml:2:48
  |
2 | alarm: {threshold: '== 1', period: 7s, notify: security}
  |                                                ^^^^^^^^
  |
  = help: write `[a, b]`, or lines that start with `- `

error[TA006]: `hihg` is none of the values this key takes
 --> alarms/one.yaml:3:11
  |
3 | severity: hihg
  |           ^^^^
  |
  = help: did you mean `high`?

11 errors

"#]]);
}

#[test]
fn what_only_the_whole_stack_shows() {
    let long = format!("metric_filter: {{pattern: '{{ $.a = \"{}\" }}'}}\n", "x".repeat(1100));
    let folder = Folder::new(&[
        (
            "trailarm.yaml",
            "stack: base\npacks: [./alarms]\ndetections: {one/plain: {alarm: {notify: [pager]}}, one/plian: {enabled: false}}\n",
        ),
        ("alarms/one/plain.yaml", "metric_filter: {pattern: x}\n"),
        ("alarms/one/same.yaml", "metric_filter: {pattern: x}\n"),
        ("alarms/two/same.yaml", "metric_filter: {pattern: y}\n"),
        ("alarms/one/long.yaml", long.as_str()),
        ("alarms/one/name.yaml", "metric_filter: {pattern: x, name: 'a:b'}\n"),
        ("alarms/one/joined.yaml", "alarm: {composite: 'ALARM(sane) OR ALARM(name)'}\n"),
    ]);
    folder.trailarm(&["validate"]).assert().code(1).stderr_eq(str![[r#"
error[TA006]: `:` is not allowed here
 --> alarms/one/name.yaml:1:35
  |
1 | metric_filter: {pattern: x, name: 'a:b'}
  |                                   ^^^^^
  |
  = help: `:` and `*` cannot stand in the name of a metric filter

error[TA101]: no pack of the stack has a detection `one/plian`
 --> trailarm.yaml:3:53
  |
3 | detections: {one/plain: {alarm: {notify: [pager]}}, one/plian: {enabled: false}}
  |                                                     ^^^^^^^^^
  |
  = help: did you mean `one/plain`?

error[TA101]: no detection with an alarm is called `sane`
 --> alarms/one/joined.yaml:1:20
  |
1 | alarm: {composite: 'ALARM(sane) OR ALARM(name)'}
  |                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: known here: joined, one/joined, one/plain, plain (an alarm outside the stack is named by its ARN)

error[TA104]: the pattern has 1112 characters, 1024 are allowed
 --> alarms/one/long.yaml:1:26
  |
1 | ...n: '{ $.a = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx...xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" }'}
  |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^...^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: use `match:`, which splits over several filters, or split it into `metric_filters:`

error[TA101]: the stack declares no topic `pager`
 --> trailarm.yaml:3:43
  |
3 | detections: {one/plain: {alarm: {notify: [pager]}}, one/plian: {enabled: false}}
  |                                           ^^^^^
  |
  = help: none is known here (topics are declared in trailarm.yaml)

error[TA103]: metric_filter/log-group-of-the-trail:base/same is defined twice: by two/same and by one/same
 --> alarms/two/same.yaml:1:1
  |
1 | metric_filter: {pattern: y}
  | ^^^^^^^^^^^^^
  |
  = help: the other is in alarms/one/same.yaml:1:1; rename one of the two files, or give one its own `name:`

6 errors

"#]]);
}

#[test]
fn a_log_group_holds_100_filters() {
    let names: Vec<String> = (0..101).map(|i| format!("alarms/d{i:03}.yaml")).collect();
    let mut files = vec![("trailarm.yaml", "stack: base\npacks: [./alarms]\n")];
    files.extend(names.iter().map(|name| (name.as_str(), "metric_filter: {pattern: x}\n")));
    Folder::new(&files).trailarm(&["validate"]).assert().code(1).stderr_eq(str![[r#"
error[TA203]: the log group log-group-of-the-trail would hold 101 metric filters, AWS allows 100
 --> alarms/d100.yaml:1:1
  |
1 | metric_filter: {pattern: x}
  | ^^^^^^^^^^^^^
  |
  = help: 101 are the stack's, 0 are not: switch detections off, or remove filters that nobody needs

1 error

"#]]);
}

#[test]
fn no_stack_no_credentials_no_region() {
    let empty = Folder::new(&[]);
    empty.trailarm(&["plan", "--config", "none.yaml"]).assert().code(1).stderr_eq(str![[r#"
error[TA001]: failed to open file `none.yaml`: No such file or directory (os error 2)
  = help: check the path, and who may read the file

1 error

"#]]);
    empty.trailarm(&["plan", "--unknown"]).assert().code(1);
    empty.trailarm(&["--help"]).assert().code(0);
    let folder = Folder::new(&[("trailarm.yaml", STACK), ("alarms/made.yaml", DETECTION), ("account.json", "{")]);
    folder.trailarm(&["plan"]).assert().code(1).stderr_eq(str![[r#"
error[TA206]: no Region is set: sts:GetCallerIdentity on the account: neither flag, environment nor profile names one
  = help: give `--region`, or set AWS_REGION

1 error

"#]]);
    folder.trailarm(&["plan", "--region", "eu-west-1"]).assert().code(1).stderr_eq(str![[r#"
error[TA206]: no AWS credentials were found: sts:GetCallerIdentity on the account: looked in environment, profile, web identity, container and instance
  = help: log in (`aws sso login`), or set AWS_PROFILE, or plan offline with `--account FILE`

1 error

"#]]);
    folder.trailarm(&["plan", "--account", "account.json"]).assert().code(1).stderr_eq(str![[r#"
error[TA206]: the snapshot account cannot be used: reading account.json: EOF while parsing an object at line 1 column 1
  = help: mend the file, or write a new one with `trailarm snapshot`

1 error

"#]]);
    assert_eq!(std::fs::read_to_string(folder.0.path().join("account.json")).unwrap(), "{");
}

#[test]
fn every_flag_has_its_variable() {
    let folder = Folder::new(&[("stack.yaml", STACK), ("alarms/made.yaml", DETECTION)]);
    let run = folder.trailarm(&["plan"]).env("TRAILARM_CONFIG", "stack.yaml").env("TRAILARM_ACCOUNT", "a.json");
    run.env("TRAILARM_DETAILED_EXITCODE", "true").env("TRAILARM_ONLY", "topics/*").assert().code(2).stdout_eq(str![[r#"
...
Plan: 2 to add, 0 to change, 0 to destroy.

"#]]);
}

/// On a terminal a long plan goes through the pager; elsewhere, and with `PAGER=cat`, it does not.
#[test]
fn a_plan_on_a_terminal_is_paged() {
    let folder = Folder::new(&[("trailarm.yaml", STACK), ("alarms/made.yaml", DETECTION)]);
    let terminal = "import os, pty, sys\nsys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";
    for (pager, paged) in [("sed s/^/PAGE:/", true), ("cat", false), ("no-such-pager", false)] {
        let command = Command::new("python3").args(["-c", terminal, env!("CARGO_BIN_EXE_trailarm"), "plan", "--account", "account.json"]);
        let command =
            command.current_dir(folder.0.path()).env_clear().env("PATH", "/usr/bin:/bin").env("PAGER", pager).env("NO_COLOR", "1");
        let output = command.assert().code(0).get_output().stdout.clone();
        let text = String::from_utf8(output).unwrap();
        assert_eq!(text.contains("PAGE:Plan: "), paged, "{pager}: {text}");
        assert!(text.contains("Plan: "), "{pager}: {text}");
    }
}

#[test]
fn a_policy_allows_what_the_stack_needs_and_no_more() {
    let stack = "stack: base\nlog_group: {name: trail}\npacks: [./alarms]\nremoved: [alarm/old]\n";
    let own = "metric_filter: {pattern: x}\nalarm: {name: imported, adopt: true, threshold: 1}\n";
    let both = "alarm: {composite: 'ALARM(a)'}\n";
    let folder = Folder::new(&[("trailarm.yaml", stack), ("alarms/a.yaml", own)]);
    let policy = |commands: &str| {
        let output =
            folder.trailarm(&["iam-policy", "--for", commands, "--account-id", "111122223333", "--region", "eu-west-1"]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str::<serde_json::Value>(&text).unwrap_or_else(|e| panic!("{e}: {}", String::from_utf8_lossy(&output.stderr)))
    };
    let resources = |policy: &serde_json::Value, action: &str| {
        let statements =
            policy["Statement"].as_array().unwrap().iter().filter(|one| one["Action"].as_array().unwrap().contains(&action.into()));
        statements
            .flat_map(|one| one["Resource"].as_array().unwrap().clone())
            .map(|arn| arn.as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let apply = policy("plan,apply");
    let alarms = ["arn:aws:cloudwatch:eu-west-1:111122223333:alarm:base/*", "arn:aws:cloudwatch:eu-west-1:111122223333:alarm:imported"];
    assert_eq!(resources(&apply, "cloudwatch:PutMetricAlarm"), alarms);
    assert_eq!(resources(&apply, "cloudwatch:DeleteAlarms"), alarms);
    assert_eq!(
        resources(&apply, "logs:PutMetricFilter"),
        ["arn:aws:logs:eu-west-1:111122223333:log-group:trail", "arn:aws:logs:eu-west-1:111122223333:log-group:trail:*"]
    );
    assert_eq!(resources(&apply, "sns:DeleteTopic"), ["arn:aws:sns:eu-west-1:111122223333:base-*"]);
    // The log group has a name, so no trail is asked; and nothing is composite.
    assert!(resources(&apply, "cloudtrail:DescribeTrails").is_empty() && resources(&apply, "cloudwatch:PutCompositeAlarm").is_empty());
    let plan = policy("plan");
    for write in ["cloudwatch:PutMetricAlarm", "logs:PutMetricFilter", "sns:Subscribe", "logs:FilterLogEvents"] {
        assert!(resources(&plan, write).is_empty(), "{write} is not for a plan");
    }
    assert_eq!(resources(&policy("backtest"), "logs:FilterLogEvents").len(), 2);
    std::fs::write(folder.0.path().join("alarms/b.yaml"), both).unwrap();
    assert_eq!(resources(&policy("apply"), "cloudwatch:DeleteAlarms"), ["*"], "CloudWatch wants it so for composite alarms");
    folder.trailarm(&["iam-policy", "--for", "doctr"]).assert().code(1);
}

#[test]
fn a_control_policy_denies_to_all_but_those_who_are_trusted() {
    let stack = "stack: base\nlog_group: {name: trail}\npacks: [lambda-persistence]\n\
        parameters: {trusted_actors: ['arn:aws:iam::${account_id}:role/ci-*', cloudformation.amazonaws.com]}\n";
    let folder = Folder::new(&[("trailarm.yaml", stack)]);
    let output = folder.trailarm(&["scp", "--actor", "arn:aws:iam::*:role/break-glass"]).output().unwrap();
    assert!(output.status.success() && String::from_utf8_lossy(&output.stderr).contains("a development account first"));
    let policy: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    for statement in policy["Statement"].as_array().unwrap() {
        assert_eq!(statement["Effect"], "Deny");
        assert_eq!(
            statement["Condition"],
            serde_json::json!({
                "ArnNotLike": { "aws:PrincipalArn": ["arn:aws:iam::*:role/ci-*", "arn:aws:iam::*:role/break-glass"] },
                "ForAllValues:StringNotEquals": { "aws:CalledVia": ["cloudformation.amazonaws.com"] },
            })
        );
    }
    assert_eq!(policy["Statement"][1]["Resource"], serde_json::json!(["arn:aws:cloudwatch:*:*:alarm:base/*"]));
    assert!(output.stdout.len() < 10_240 && policy["Statement"][0]["Action"].as_array().unwrap().contains(&"lambda:CreateFunction".into()));
    std::fs::write(folder.0.path().join("trailarm.yaml"), "stack: base\nlog_group: {name: trail}\npacks: [lambda-persistence]\n").unwrap();
    for (arguments, expected) in [
        (&["scp"][..], "nobody is trusted"),
        (&["scp", "--actor", "arn:aws:sts::111122223333:assumed-role/ci/run"], "knows a session by its role"),
        (&["scp", "--actor", "somebody"], "is neither the ARN of a role or a user nor a service"),
    ] {
        let output = folder.trailarm(arguments).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(1) && output.stdout.is_empty() && told.contains(expected), "{told}");
    }
}
