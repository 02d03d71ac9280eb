//! The library and what is made of it: list, show, coverage, events, audit, new, init.

use serde_json::Value;
use snapbox::str;

use crate::cli::Folder;

fn text(folder: &Folder, arguments: &[&str]) -> String {
    let output = folder.trailarm(arguments).assert().get_output().clone();
    String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
}

const STACK: &str = "\
stack: base
log_group: {name: trail}
packs: [cis]
profiles: {cis: security-hub}
topics: {security: {subscriptions: [{email: secops@example.com}]}}
defaults: {alarm: {notify: [security]}}
";

#[test]
fn a_stack_is_written_checked_and_planned_without_an_edit() {
    let folder = Folder::new(&[]);
    folder.trailarm(&["init", "--email", "secops@example.com"]).assert().code(0).stdout_eq(str![[r#"
wrote trailarm.yaml
wrote .github/workflows/trailarm.yml

Next:
  trailarm validate && trailarm test
  trailarm plan --account account.json   # on a new account in a file, without credentials
  trailarm plan                          # on AWS; reads only

"#]]);
    folder.trailarm(&["validate", "--fail-on", "warning"]).assert().code(0).stdout_eq(str![[r#"
61 detections are valid.

"#]]);
    folder.trailarm(&["test", "--require-tests"]).assert().code(0);
    let plan = text(&folder, &["plan", "--account", "account.json"]);
    let end: Vec<&str> = plan.lines().rev().take(5).collect();
    assert!(end.iter().any(|line| line.starts_with("Plan: 14") && line.ends_with(" to add, 0 to change, 0 to destroy.")), "{plan}");
    assert!(plan.contains("Security Hub 0/14 -> 14/14, Prowler 0/15 -> 15/15, CIS 7.0 0/15 -> 15/15, Steampipe 0/15 -> 15/15."), "{plan}");
    folder.trailarm(&["audit"]).assert().code(0);
    // What is there is never written over.
    std::fs::write(folder.0.path().join("trailarm.yaml"), "stack: mine\npacks: []\n").unwrap();
    folder.trailarm(&["init", "--email", "a@example.com"]).assert().code(1).stderr_eq(str![[r#"
error[TA206]: trailarm.yaml exists, and nothing was written
  = help: choose another name or folder

1 error

"#]]);
    assert_eq!(std::fs::read_to_string(folder.0.path().join("trailarm.yaml")).unwrap(), "stack: mine\npacks: []\n");
}

#[test]
fn what_cannot_be_a_stack_is_not_written() {
    let folder = Folder::new(&[]);
    for (arguments, message) in [
        (&["init"] as &[&str], "nobody would be told, and nobody can be asked here"),
        (&["init", "--email", "nobody"], "`nobody` is no endpoint for email"),
        (&["init", "--email", "a@example.com", "--packs", "cis,lambda-persistance"], "did you mean `lambda-persistence`?"),
        (&["init", "--email", "a@example.com", "--stack", "a b"], "is not allowed here"),
        (&["init", "--email", "a@example.com", "--packs", "cis", "--cis-profile", "cis-70"], "did you mean `cis-7.0`?"),
        (&["init", "--topic", "security"], "is not an ARN"),
        (&["init", "--email", "a@example.com", "--stack", "s\npacks: [x]"], "is not allowed here"),
        (&["init", "--email", "a@example.com", "--packs", "post-activation", "--cis-profile", "all"], "add `cis` to `--packs`"),
    ] {
        let told = text(&folder, arguments);
        assert!(told.contains(message), "{arguments:?}: {told}");
        assert_eq!(std::fs::read_dir(folder.0.path()).unwrap().count(), 0, "{arguments:?}");
    }
}

/// GitHub looks for workflows at the root of a repository, and nothing is written by halves.
#[test]
fn a_stack_in_a_folder_has_its_workflow_at_the_root() {
    let folder = Folder::new(&[(".git/HEAD", ""), ("infra/readme", ""), ("blocked/.github", "a file")]);
    folder.trailarm(&["init", "infra/watch", "--email", "a@example.com", "--packs", "cis,cis"]).assert().code(0);
    let workflow = std::fs::read_to_string(folder.0.path().join(".github/workflows/trailarm.yml")).unwrap();
    assert!(workflow.contains("defaults: {run: {working-directory: \"infra/watch\"}}\n"), "{workflow}");
    assert!(text(&folder, &["init", "infra/other", "--email", "a@example.com"]).contains("say `--ci none`"));
    std::fs::write(folder.0.path().join("infra/watch/wrong.yaml"), "alarm: {treshold: 1}\n").unwrap();
    let at_root = folder.trailarm(&["validate", "wrong.yaml", "--format", "github"]).current_dir(folder.0.path().join("infra/watch"));
    at_root.assert().code(1).stdout_eq("::error file=infra/watch/wrong.yaml,line=1,endLine=1,col=9,endColumn=17,title=TA004::[..]\n");
    folder.trailarm(&["validate", "--config", "infra/watch/trailarm.yaml"]).assert().code(0).stdout_eq("15 detections are valid.\n");
    let folder = Folder::new(&[(".github", "a file")]);
    assert!(text(&folder, &["init", "--email", "a@example.com"]).contains("check the path and who may write there"));
    assert!(!folder.0.path().join("trailarm.yaml").exists());
}

/// The commands of the workflow's checks, run as a shell runs them.
#[test]
fn the_workflow_runs_what_it_says() {
    let folder = Folder::new(&[]);
    folder.trailarm(&["init", "--email", "a@example.com", "--packs", "api-gateway-abuse"]).assert().code(0);
    let workflow = std::fs::read_to_string(folder.0.path().join(".github/workflows/trailarm.yml")).unwrap();
    let workflow: Value = serde_yaml::from_str(&workflow).unwrap();
    let steps = workflow["jobs"]["check"]["steps"].as_array().unwrap();
    let runs = |step: &&Value| step["name"] != "install" && step["run"].is_string();
    let binary = std::path::Path::new(env!("CARGO_BIN_EXE_trailarm")).parent().unwrap();
    let path = format!("{}:/usr/bin:/bin", binary.display());
    let mut ran = 0;
    for step in steps.iter().filter(runs) {
        let mut shell = std::process::Command::new("sh");
        let shell = shell.args(["-ec", step["run"].as_str().unwrap()]).current_dir(folder.0.path()).env_clear().env("PATH", &path);
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{step}: {}", String::from_utf8_lossy(&output.stderr));
        ran += 1;
    }
    assert_eq!(ran, 2);
    for job in ["check", "plan"] {
        for step in workflow["jobs"][job]["steps"].as_array().unwrap() {
            let pinned = step["uses"].as_str().is_none_or(|uses| uses.split_once('@').is_some_and(|(_, commit)| commit.len() == 40));
            assert!(pinned, "{step}");
        }
    }
}

#[test]
fn a_new_detection_is_right_at_once() {
    let folder = Folder::new(&[("trailarm.yaml", "stack: base\npacks: [./detections]\n")]);
    folder.trailarm(&["new", "serverless/function-made", "--source", "lambda", "--event", "CreateFunction2*"]).assert().code(0).stdout_eq(
        str![[r#"
wrote detections/serverless/function-made.yaml
It watches CreateFunction2* of lambda; say why in it, and what to do when it fires.
test it: trailarm test detections/serverless/function-made.yaml --mutations

"#]],
    );
    folder.trailarm(&["test", "--require-tests", "--mutations"]).assert().code(0).stdout_eq(str![[r#"
6 passed, 0 failed

"#]]);
    folder.trailarm(&["validate", "--fail-on", "warning"]).assert().code(0);
    for arguments in
        [&["new", "own/sign-in", "-s", "signin", "-e", "Console*"] as &[&str], &["new", "own/any", "-s", "cloudtrail", "-e", "A*"]]
    {
        folder.trailarm(arguments).assert().code(0);
        folder.trailarm(&["test", "--require-tests", "--mutations"]).assert().code(0);
    }
    for (arguments, message) in [
        (&["new", "own/trailarm"] as &[&str], "no detection can be called `trailarm`"),
        (&["new", "serverless/function-made"], "detections/serverless/function-made.yaml exists, and nothing was written"),
        (&["new", "x/y", "--source", "lamda"], "did you mean `lambda`?"),
        (
            &["new", "x/y", "--source", "lambda", "--event", "CreateFunction"],
            "it is called `CreateFunction20150331`: write `CreateFunction2*`",
        ),
        (&["new", "x/y", "--event", "CreateUsr"], "did you mean `CreateUser`?"),
        (&["new", "../y"], "`../y` is no address of a detection"),
        (&["new", "x/Y z"], "`x/Y z` is no address of a detection"),
    ] {
        let told = text(&folder, arguments);
        assert!(told.contains(message), "{arguments:?}: {told}");
    }
}

#[test]
fn detections_are_listed_and_shown() {
    let folder = Folder::new(&[("trailarm.yaml", &format!("{STACK}detections: {{cis/vpc-changed: {{enabled: false}}}}\n"))]);
    folder.trailarm(&["list", "cis/*-changed"]).assert().code(0).stdout_eq(str![[r#"
DETECTION                             SEVERITY  FILTERS  ALARM           TESTS  DESCRIPTION
cis/cloudtrail-configuration-changed  high      1        Sum >= 1 in 5m  3      A trail was created, changed, deleted, started or stopped.
cis/config-changed                    medium    1        Sum >= 1 in 5m  4      The recorder or the delivery of AWS Config was changed.
cis/iam-policy-changed                medium    1        Sum >= 1 in 5m  4      A policy of IAM was changed, attached or detached.
cis/network-acl-changed               low       1        Sum >= 1 in 5m  3      A network ACL was changed.
cis/network-gateway-changed           low       1        Sum >= 1 in 5m  3      A gateway to another network was created, attached, detached or deleted.
cis/organizations-changed             high      1        Sum >= 1 in 5m  4      The organization, its accounts or its policies were changed.
cis/route-table-changed               low       1        Sum >= 1 in 5m  5      A route or a route table was changed.
cis/s3-bucket-policy-changed          medium    1        Sum >= 1 in 5m  4      The access, lifecycle or replication of a bucket was changed.
cis/security-group-changed            low       1        Sum >= 1 in 5m  5      A security group or its rules were changed.
cis/vpc-changed                       off

9 detections, 1 switched off

"#]]);
    folder.trailarm(&["show", "cis/route-table-changed"]).assert().code(0).stdout_eq(str![[r#"
cis/route-table-changed

A route or a route table was changed.

severity   low
ATT&CK 18  T1562.007
CIS 1.2    3.13
CIS 1.4    4.13
CIS 3.0    4.13
CIS 5.0    4.13
CIS 7.0    5.13
tests      5
profile    security-hub

Metric filter base/route-table-changed

Pattern, 240 of 1024 characters (profiles security-hub):
    {($.eventName=CreateRoute)
    || ($.eventName=CreateRouteTable)
    || ($.eventName=ReplaceRoute)
    || ($.eventName=ReplaceRouteTableAssociation)
    || ($.eventName=DeleteRouteTable)
    || ($.eventName=DeleteRoute)
    || ($.eventName=DisassociateRouteTable)}

On trail, into the metric Trailarm/base route-table-changed: 1, 0 when nothing matches

Alarm base/route-table-changed

Rings on Sum >= 1 in 5m, 1 of 1 periods; missing data: notBreaching
On ALARM: arn:aws:sns:us-east-1:000000000000:base-security: email s…@example.com

Runbook

Means: Traffic of subnets goes another way: to the internet, past a firewall, or to a machine that listens.
1. Which route to which target (destinationCidrBlock, gatewayId, networkInterfaceId)?
2. Which subnets use the table?
3. Who did it, and does the pipeline know of it?
Contain: Replace the route by the former one (ReplaceRoute), or delete it.

Cannot see

- tables that are newly associated with a subnet (AssociateRouteTable)
- transit gateway route tables

"#]]);
    folder.trailarm(&["show", "cis/vpc-changed"]).assert().code(1).stderr_eq(str![[r#"
error[TA101]: the stack switched `cis/vpc-changed` off
  = help: look at it with `--shipped`, or say `enabled: true`

1 error

"#]]);
    folder.trailarm(&["show", "root-usag"]).assert().code(1).stderr_eq(str![[r#"
error[TA101]: no detection is called `root-usag`
  = help: did you mean `root-usage`?

1 error

"#]]);
    let shown: Value = serde_json::from_str(&text(&folder, &["show", "cis/root-usage", "--shipped", "--format", "json"])).unwrap();
    assert_eq!(shown["filters"][0]["length"], 102);
    assert_eq!(shown["references"]["CIS 7.0"][0], "5.3");
}

#[test]
fn coverage_tells_gaps_first() {
    let folder = Folder::new(&[("trailarm.yaml", STACK)]);
    folder.trailarm(&["coverage", "T1562", "CloudWatch.1", "5.3"]).assert().code(0).stdout_eq(str![[r#"
AWS Threat Technique Catalog

ID          NAME                                               TACTICS          cis   DETECTIONS
T1562.A001  Impair Defenses: Disable or Modify GuardDuty       defense-evasion  none  none
T1562.007   Impair Defenses: Disable or Modify Cloud Firewall  defense-evasion  5     cis/network-acl-changed, cis/network-gateway-changed, cis/route-table-changed, cis/security-group-changed, cis/vpc-changed
T1562.008   Impair Defenses: Disable or Modify Cloud Logs      defense-evasion  2     cis/cloudtrail-configuration-changed, cis/config-changed

MITRE ATT&CK 18, cloud

ID         NAME                                               TACTICS          cis   DETECTIONS
T1562.001  Impair Defenses: Disable or Modify Tools           defense-evasion  none  none
T1562      Impair Defenses                                    defense-evasion  7     cis/cloudtrail-configuration-changed, cis/config-changed, cis/network-acl-changed, cis/network-gateway-changed, cis/route-table-changed, cis/security-group-changed, cis/vpc-changed
T1562.007  Impair Defenses: Disable or Modify Cloud Firewall  defense-evasion  5     cis/network-acl-changed, cis/network-gateway-changed, cis/route-table-changed, cis/security-group-changed, cis/vpc-changed
T1562.008  Impair Defenses: Disable or Modify Cloud Logs      defense-evasion  2     cis/cloudtrail-configuration-changed, cis/config-changed

CIS AWS Foundations Benchmark 7.0, monitoring

ID   NAME                    cis  DETECTIONS
5.3  Usage of the root user  1    cis/root-usage

Security Hub, CloudWatch

ID            NAME                    cis  DETECTIONS
CloudWatch.1  Usage of the root user  1    cis/root-usage

AWS Threat Technique Catalog 2/3; MITRE ATT&CK 18, cloud 3/4; CIS AWS Foundations Benchmark 7.0, monitoring 1/1; Security Hub, CloudWatch 1/1

"#]]);
    folder.trailarm(&["coverage", "T1562.8"]).assert().code(1).stderr_eq(str![[r#"
error[TA101]: no technique and no control is called `T1562.8`
  = help: did you mean `T1562.008`?

1 error

"#]]);
    let layer: Value = serde_json::from_str(&text(&folder, &["coverage", "--format", "navigator", "--attack-version", "19"])).unwrap();
    assert_eq!((&layer["versions"]["attack"], &layer["domain"]), (&"19".into(), &"enterprise-attack".into()));
    let techniques = layer["techniques"].as_array().unwrap();
    let score = |id: &str| techniques.iter().find(|technique| technique["techniqueID"] == id).map(|technique| technique["score"].clone());
    assert_eq!((score("T1685.002"), score("T1562.008"), score("T1190")), (Some(2.into()), None, Some(0.into())));
    let unfolds = |id: &str| techniques.iter().any(|technique| technique["techniqueID"] == id && technique["showSubtechniques"] == true);
    assert!(unfolds("T1685") && !unfolds("T1685.002"), "the parent says that its parts are shown");
    let json: Value = serde_json::from_str(&text(&folder, &["coverage", "--format", "json"])).unwrap();
    for section in json["sections"].as_array().unwrap() {
        let gaps: Vec<bool> = section["rows"].as_array().unwrap().iter().map(|row| row["detections"] == Value::Array(Vec::new())).collect();
        assert!(gaps.is_sorted_by(|a, b| a >= b), "{}", section["key"]);
    }
}

/// The whole library: what the README says of it.
#[test]
fn the_library_serves_all_controls() {
    let folder = Folder::new(&[]);
    let json: Value = serde_json::from_str(&text(&folder, &["coverage", "--shipped", "--format", "json"])).unwrap();
    let sections = json["sections"].as_array().unwrap();
    let score = |key: &str| sections.iter().find(|section| section["key"] == key).map(|s| (s["covered"].clone(), s["all"].clone()));
    assert_eq!((score("cis"), score("security-hub")), (Some((15.into(), 15.into())), Some((14.into(), 14.into()))));
}

#[test]
fn events_are_found_by_their_names() {
    let folder = Folder::new(&[]);
    folder.trailarm(&["events", "create*", "--source", "lambda"]).assert().code(0).stdout_eq(str![[r#"
SOURCE                EVENT                             NOTE
lambda.amazonaws.com  CreateAlias20150331               listed by others
lambda.amazonaws.com  CreateCapacityProvider            inferred from the operation
lambda.amazonaws.com  CreateCodeSigningConfig           listed by others
lambda.amazonaws.com  CreateEventSourceMapping20150331  seen in real events
lambda.amazonaws.com  CreateFunction20150331            seen in real events
lambda.amazonaws.com  CreateFunctionUrlConfig           seen in real events

"#]]);
    folder.trailarm(&["events", "*Method", "-s", "apigateway", "--format", "markdown"]).assert().code(0).stdout_eq(str![[r#"
| SOURCE | EVENT | NOTE |
| --- | --- | --- |
| apigateway.amazonaws.com | **DeleteMethod** | API Gateway v1 only; seen in real events |
| apigateway.amazonaws.com | **PutMethod** | API Gateway v1 only; seen in real events |
| apigateway.amazonaws.com | **UpdateMethod** | API Gateway v1 only; seen in real events |

"#]]);
    for (arguments, message) in [
        (&["events", "CreateFunction", "-s", "lambda"] as &[&str], "CreateFunction20150331"),
        (&["events", "CreateFunc", "-s", "lambda"], "CloudTrail writes `CreateFunction20150331`; `CreateFunc*` finds all"),
        (&["events"], "lambda.amazonaws.com"),
        (&["events", "ConsoleLogon"], "did you mean `ConsoleLogin`?"),
        (&["events", "-s", "lamda"], "did you mean `lambda`?"),
        (&["events", "[", "-s", "lambda"], "unclosed character class"),
    ] {
        let told = text(&folder, arguments);
        assert!(told.contains(message), "{arguments:?}: {told}");
    }
}

#[test]
fn auditors_are_asked_offline() {
    let folder = Folder::new(&[("trailarm.yaml", STACK)]);
    folder.trailarm(&["audit", "--auditor", "security-hub,cis-7.0"]).assert().code(2).stdout_eq(str![[r#"
CONTROL                            Security Hub           CIS 7.0
Unauthorized API calls             passes  CloudWatch.2   FAILS   5.1
Console sign-in without MFA        passes  CloudWatch.3   passes  5.2
Usage of the root user             passes  CloudWatch.1   passes  5.3
IAM policy changes                 passes  CloudWatch.4   passes  5.4
CloudTrail configuration changes   passes  CloudWatch.5   passes  5.5
Console authentication failures    passes  CloudWatch.6   passes  5.6
Disabling or deletion of KMS keys  passes  CloudWatch.7   passes  5.7
S3 bucket policy changes           passes  CloudWatch.8   passes  5.8
AWS Config changes                 passes  CloudWatch.9   passes  5.9
Security group changes             passes  CloudWatch.10  FAILS   5.10
Network ACL changes                passes  CloudWatch.11  passes  5.11
Network gateway changes            passes  CloudWatch.12  passes  5.12
Route table changes                passes  CloudWatch.13  FAILS   5.13
VPC changes                        passes  CloudWatch.14  passes  5.14
AWS Organizations changes          -                      passes  5.15

AUDITOR  CONTROL                      REASON
CIS 7.0  5.1 Unauthorized API calls   no filter has the text; the nearest is base/unauthorized-api-calls: it lacks `$.eventName != "HeadBucket"`, `$.sourceIPAddress != "delivery.logs.amazonaws.com"`
CIS 7.0  5.10 Security group changes  no filter has the text; the nearest is base/security-group-changed: it lacks `$.eventName = "ModifySecurityGroupRules"`
CIS 7.0  5.13 Route table changes     no filter has the text; the nearest is base/route-table-changed: it lacks `$.eventSource = "ec2.amazonaws.com"`

Assumed: a multi-Region trail that logs all management events delivers to the log group.
Assumed: the subscriptions are confirmed.
Security Hub 14/14, CIS 7.0 12/15

"#]]);
    for (profile, scores) in [
        ("security-hub", "Security Hub 14/14, Prowler 14/15, CIS 7.0 12/15, Steampipe 13/15"),
        ("prowler", "Security Hub 11/14, Prowler 15/15, CIS 7.0 15/15, Steampipe 15/15"),
        ("cis-7.0", "Security Hub 11/14, Prowler 15/15, CIS 7.0 15/15, Steampipe 15/15"),
        ("all", "Security Hub 14/14, Prowler 15/15, CIS 7.0 15/15, Steampipe 15/15"),
    ] {
        assert_eq!(text(&folder, &["audit", "--profile", profile]).lines().last(), Some(scores), "{profile}");
    }
    for (arguments, message) in [
        (&["audit", "--profile", "securityhub"] as &[&str], "did you mean `security-hub`?"),
        (&["audit", "--auditor", "prowlr"], "did you mean `prowler`?"),
    ] {
        let told = text(&folder, arguments);
        assert!(told.contains(message), "{arguments:?}: {told}");
    }
    let other = Folder::new(&[("trailarm.yaml", "stack: s\npacks: [cis]\nprofiles: {ciss: all}\n")]);
    other.trailarm(&["validate"]).assert().code(1).stderr_eq(str![[r#"
error[TA101]: the stack has no pack `ciss`
 --> trailarm.yaml:3:18
  |
3 | profiles: {ciss: all}
  |                  ^^^
  |
  = help: did you mean `cis`?

1 error

"#]]);
}

/// What a stack writes over a pattern is looked at as well, though it stands in another file.
#[test]
fn mutations_reach_what_the_stack_overrides() {
    let stack = "stack: s\npacks: [./alarms]\ndetections: {pack/d: {metric_filter: {pattern: '{ ($.a = 1) && ($.b NOT EXISTS) }'}}}\n";
    let detection = "\
metric_filter: {pattern: '{ $.a = 1 }', default: 0}
alarm: {}
tests: [{name: one, event: {a: 1}, matches: true}, {name: two, event: {a: 2}, matches: false}]
";
    let folder = Folder::new(&[("trailarm.yaml", stack), ("alarms/pack/d.yaml", detection)]);
    folder.trailarm(&["test", "--mutations"]).assert().code(2).stderr_eq(str![[r#"
error[TA602]: pack/d: no test misses `$.b NOT EXISTS`
 --> trailarm.yaml:3:65
  |
3 | detections: {pack/d: {metric_filter: {pattern: '{ ($.a = 1) && ($.b NOT EXISTS) }'}}}
  |                                                                 ^^^^^^^^^^^^^^
  |
  = help: add an event that only this clause lets in or keeps out, or say why there is none: `# trailarm: allow TA602 …`


"#]]);
}

/// Whatever the profile, nothing is wrong with the pack, and its tests miss each clause that is left.
#[test]
fn each_profile_is_whole() {
    for profile in ["security-hub", "prowler", "cis-7.0", "all"] {
        let folder = Folder::new(&[("trailarm.yaml", &STACK.replace("security-hub", profile))]);
        folder.trailarm(&["validate", "--fail-on", "warning"]).assert().code(0).stdout_eq("15 detections are valid.\n").stderr_eq("");
        folder.trailarm(&["test", "--require-tests", "--mutations"]).assert().code(0);
    }
    // A detection of other profiles alone is neither deployed nor tested.
    let detection = "\
metric_filters: [{profiles: [strict], pattern: '{ $.a = 1 }', default: 0}]
alarm: {}
tests: [{name: one, event: {a: 1}, matches: true}]
";
    let other = "metric_filter: {profiles: [wide], pattern: '{ $.b = 1 }', default: 0}\nalarm: {}\ntests: [{name: two, event: {b: 1}, matches: true}]\n";
    let stack = "stack: s\nlog_group: {name: aws-cloudtrail-logs}\npacks: [./alarms]\nprofiles: {pack: wide}\n";
    let folder = Folder::new(&[("trailarm.yaml", stack), ("alarms/pack/d.yaml", detection), ("alarms/pack/e.yaml", other)]);
    folder.trailarm(&["test"]).assert().code(0).stdout_eq("1 passed, 0 failed\n");
    assert!(text(&folder, &["plan", "--account", "account.json"]).contains("Plan: 2 to add"));
}

/// Text of others is data in every format.
#[test]
fn hostile_text_is_harmless() {
    let detection = "\
description: \"<script>alert(1)</script> | `a` \\u001b[31m [x](http://y) @team\"
references: {catalog: ['</td><script>']}
runbook: {means: '```', questions: ['| | |'], containment: '<img src=x onerror=y>'}
metric_filter: {pattern: '{ ($.a = \"```<b>\") || ($.c = \"</pre><script>\") }', default: 0}
";
    let folder = Folder::new(&[("trailarm.yaml", "stack: s\npacks: [./alarms]\n"), ("alarms/pack/d.yaml", detection)]);
    for arguments in [&["show", "pack/d"] as &[&str], &["list"]] {
        for format in ["text", "json", "markdown", "html"] {
            let shown = text(&folder, &[arguments, &["--format", format]].concat());
            assert!(!shown.contains('\u{1b}'), "{format}: {shown}");
            if format == "html" {
                assert!(!shown.contains("<script") && !shown.contains("<img") && !shown.contains("<b>"), "{shown}");
            }
            if format == "markdown" {
                let outside: String = shown.split("````").step_by(2).collect();
                assert!(!outside.contains("<script") && !outside.contains("<img") && !outside.contains(" @team"), "{shown}");
                let rows = outside.lines().filter(|line| line.starts_with("| "));
                let columns: std::collections::BTreeSet<usize> = rows.map(|row| row.replace("\\|", "").matches('|').count()).collect();
                assert!(columns.len() <= 1, "{shown}");
            }
        }
    }
}

#[test]
fn the_shell_is_told_detections_codes_and_events() {
    let folder = Folder::new(&[]);
    let complete = |words: &[&str]| {
        let index = (words.len() - 1).to_string();
        let command = folder.trailarm(&[&["--"] as &[&str], words].concat());
        let command = command.env("TRAILARM_COMPLETE", "bash").env("_CLAP_COMPLETE_INDEX", &index).env("_CLAP_IFS", "\n");
        String::from_utf8(command.assert().code(0).get_output().stdout.clone()).unwrap()
    };
    assert_eq!(complete(&["trailarm", "show", "cis/ro"]), "cis/root-usage\ncis/route-table-changed");
    assert!(complete(&["trailarm", "explain", "TA60"]).contains("TA603"));
    assert!(complete(&["trailarm", "events", "-s", "lambd"]).contains("lambda"));
    assert!(complete(&["trailarm", "init", "--packs", "lam"]).contains("lambda-persistence"));
    folder.trailarm(&["completions", "zsch"]).assert().code(1).stderr_eq(str![[r#"
error[TA101]: no completions for a shell `zsch`
  = help: did you mean `zsh`?

1 error

"#]]);
    assert!(text(&folder, &["completions", "zsh"]).contains("COMPLETE"));
}

/// `docs/library.md` holds what the commands and the story print.
#[test]
fn the_page_of_the_library_is_up_to_date() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/library.md")).unwrap();
    let folder = Folder::new(&[]);
    let table = text(&folder, &["list", "--shipped", "--format", "markdown"]);
    assert!(page.ends_with(&table), "`trailarm list --shipped --format markdown` prints another table");
    for line in crate::story::STEPS.lines().filter(|line| !line.is_empty()) {
        assert!(page.contains(&format!("  {line}\n")), "{line}");
    }
}

/// What a stack may change, its tests allow: those of the file hold for the file.
#[test]
fn shipped_tests_hold_whatever_the_stack_changes() {
    let stack = "stack: s\nlog_group: {name: trail}\npacks: [lambda-persistence]\n\
        parameters: {trusted_actors: [cloudformation.amazonaws.com, \"arn:aws:iam::${account_id}:role/ci-*\"]}\n\
        detections: {lambda-persistence/function-created: {alarm: {threshold: '>= 3'}}}\n";
    let folder = Folder::new(&[("trailarm.yaml", stack)]);
    folder
        .trailarm(&["test", "--mutations", "--filter", "*/function-created"])
        .assert()
        .code(0)
        .stdout_eq("8 passed, 0 failed\n")
        .stderr_eq(str![[r#"
lambda-persistence/function-created: "one match rings, silence is OK again" holds as shipped, and not with what the stack changes
(these detections were tested as shipped; to test a change, put `tests:` beside it under `detections:`)

"#]]);
    let tested = "alarm: {threshold: '>= 3'}, tests: [{name: three ring, matches_per_period: '2 3', alarm_at: [1]}]";
    let folder = Folder::new(&[("trailarm.yaml", &stack.replace("alarm: {threshold: '>= 3'}", tested))]);
    folder.trailarm(&["test", "--filter", "*/function-created"]).assert().code(0).stdout_eq("1 passed, 0 failed\n").stderr_eq("");
    folder.trailarm(&["test", "--filter", "*/function-created", "--require-tests", "--mutations"]).assert().code(0);
}

/// Four roles of the usual length fit into every pattern; more are told as too many, and as nothing else.
#[test]
fn trusted_actors_fit_or_are_too_many() {
    let roles = [
        "OrganizationAccountAccessRole",
        "ci/github-actions-deployer-production",
        "ci/terraform-platform-apply",
        "aws-reserved/sso.amazonaws.com/eu-central-1/AWSReservedSSO_Platform_1a2b3c4d5e6f7081",
        "cdk-hnb659fds-cfn-exec-role-111122223333-eu-central-1",
        "AWSCloudFormationStackSetExecutionRole",
    ];
    for count in 1..=roles.len() {
        let actors: Vec<String> = roles[..count].iter().map(|role| format!("\"arn:aws:iam::111122223333:role/{role}\"")).collect();
        let stack = format!(
            "stack: s\nlog_group: {{name: trail}}\npacks: [api-gateway-abuse, lambda-persistence, post-activation, \
            trail-and-alarm-tampering, cis]\nparameters: {{trusted_actors: [{}]}}\n",
            actors.join(", ")
        );
        let folder = Folder::new(&[("trailarm.yaml", &stack)]);
        let told = text(&folder, &["validate"]);
        let codes: std::collections::BTreeSet<&str> = told.lines().filter_map(|line| line.strip_prefix("error[")?.get(..5)).collect();
        let too_long = std::collections::BTreeSet::from(["TA104"]);
        assert_eq!(codes, if count <= 4 { std::collections::BTreeSet::new() } else { too_long }, "{count}: {told}");
    }
}

/// What all detections of a pack share is wrong once.
#[test]
fn a_wrong_parameter_is_told_once() {
    let stack = "stack: s\nlog_group: {name: trail}\npacks: [lambda-persistence]\nparameters: {trusted_actors: 'arn:aws:iam::*:role/ci'}\n";
    let folder = Folder::new(&[("trailarm.yaml", stack)]);
    folder.trailarm(&["validate"]).assert().code(1).stderr_eq(str![[r#"
error[TA006]: the parameter `trusted_actors` is a list
 --> trailarm.yaml:4:30
  |
4 | parameters: {trusted_actors: 'arn:aws:iam::*:role/ci'}
  |                              ^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: write a list: `['arn:aws:iam::*:role/ci']`

1 error

"#]]);
}

/// A clause is missed by what it adds to the metric, and comments on it may stand beside others.
#[test]
fn mutations_look_at_values_and_at_each_test_of_a_field() {
    let of = |filter: &str, tests: &str| format!("metric_filter: {{{filter}}}\nalarm: {{}}\ntests: [{tests}]\n");
    let sums = of(
        "pattern: '{ ($.a = 1) || ($.b = 1) }', value: $.n",
        "{name: both, event: {a: 1, b: 1, n: 2}, matches: true, value: 2}, {name: none, event: {n: 1}, matches: false}",
    );
    let fields = of(
        "pattern: '[ip, status = 4* || status = 5*]'",
        "{name: client, event: '10.0.0.1 404', matches: true}, {name: fine, event: '10.0.0.1 200', matches: false}",
    );
    let folder = Folder::new(&[("alarms/p/fields.yaml", &fields), ("alarms/p/sums.yaml", &sums)]);
    let told = text(&folder, &["test", "alarms", "--mutations"]);
    assert_eq!(told.matches("p/fields: no test misses `status = 4* || status = 5*`").count(), 1, "{told}");
    assert_eq!(told.matches("p/sums: no test misses").count(), 2, "{told}");
    let allowed = of(
        "pattern: '{ ($.a = 1) || ($.b = 1) }'",
        "{name: one, event: {a: 1}, matches: true}, {name: none, event: {c: 1}, matches: false}",
    );
    let allowed = allowed.replace("metric_filter:", "# trailarm: allow TA503, TA602 no record of b is at hand\nmetric_filter:");
    let folder = Folder::new(&[("alarms/p/allowed.yaml", &allowed)]);
    folder.trailarm(&["test", "alarms", "--mutations"]).assert().code(0);
}

/// What a profile leaves out is not deployed, so nothing counts on it.
#[test]
fn what_a_profile_leaves_out_is_nowhere() {
    let part = "references: {cis: {\"7.0\": \"5.3\"}}\nmetric_filter: {profiles: [one], pattern: '{ $.a = 1 }', default: 0}\nalarm: {}\n";
    let other = "metric_filter: {profiles: [two], pattern: '{ $.b = 1 }', default: 0}\nalarm: {}\n";
    let whole = "alarm: {composite: ALARM(part)}\n";
    let stack = "stack: s\nlog_group: {name: trail}\npacks: [./alarms]\nprofiles: {p: two}\n";
    let folder = Folder::new(&[
        ("trailarm.yaml", stack),
        ("alarms/p/part.yaml", part),
        ("alarms/p/other.yaml", other),
        ("alarms/p/whole.yaml", whole),
    ]);
    assert!(text(&folder, &["validate"]).contains("part"), "a composite alarm names what is not there");
    std::fs::remove_file(folder.0.path().join("alarms/p/whole.yaml")).unwrap();
    folder.trailarm(&["validate"]).assert().code(0);
    assert!(text(&folder, &["coverage", "5.3"]).contains("none"));
    assert!(text(&folder, &["show", "p/part"]).contains("no filter of it is of the profile two"));
    assert!(text(&folder, &["match", "p/part", "trailarm.yaml"]).contains("has no metric filter of the stack's profile"));
    std::fs::write(folder.0.path().join("alarms/p/part.yaml"), part.replace("[one]", "[]")).unwrap();
    assert!(text(&folder, &["validate"]).contains("name at least one, or leave the key out"));
}

/// A stack without the pack is told what to do, and not 59 times that nothing is there.
#[test]
fn an_audit_needs_something_to_judge() {
    let folder = Folder::new(&[("trailarm.yaml", "stack: s\nlog_group: {name: trail}\npacks: [post-activation]\n")]);
    folder.trailarm(&["audit"]).assert().code(1).stderr_eq(str![[r#"
error[TA101]: no detection of the stack is for the controls that auditors judge
  = help: add `cis` to `packs:`; `trailarm audit --live` judges what the account has, whoever made it

1 error

"#]]);
    assert!(text(&folder, &["audit", "--live", "--profile", "all"]).contains("cannot be used with"));
}
