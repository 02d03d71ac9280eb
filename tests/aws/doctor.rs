//! `doctor` over the wire: each link of the chain broken in turn, and just that one named.

use serde_json::{Value, json};

use crate::emulator::{by_hand, url};
use crate::reach::ran;
use crate::standin::{ACCOUNT, REGION, Standin, State, Subscription};
use crate::work::{Run, Work};

const STACK: &str = "\
stack: base
log_group: {from_trail: main}
packs: [./pack]
topics:
  security: {kms_key: alias/security, subscriptions: [{sqs: 'arn:aws:sqs:eu-west-1:111122223333:q'}]}
  pager: {arn: 'arn:aws:sns:eu-west-1:111122223333:pager', allow_alarms: true}
defaults: {alarm: {notify: [security]}}
";

const KEY_USED: &str = "\
metric_filter:
  pattern: '{ ($.eventSource = \"kms.amazonaws.com\") && ($.eventName = \"DisableKey\") }'
  default: 0
alarm: {notify: [security, pager], actions: [{lambda: 'contain:live'}, {ops_item: {severity: 2}}]}
";

const ON_INSTANCE: &str = "\
alarm:
  metric: {namespace: AWS/EC2, name: CPUUtilization, dimensions: {InstanceId: i-1}}
  statistic: Average
  threshold: '> 90'
  notify: []
  actions: [{ec2: stop}]
";

const BOTH: &str = "alarm: {composite: 'ALARM(key-used) AND ALARM(on-instance)'}\n";

fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}

fn allows(service: &str, actions: Value) -> Value {
    json!({ "Effect": "Allow", "Principal": { "Service": service }, "Action": actions, "Resource": "*" })
}

/// An account in which all links hold.
fn applied() -> (Standin, Work) {
    let standin = Standin::start();
    standin.with(|state| {
        state.trails = vec![json!({"Name": "main", "TrailARN": arn("cloudtrail", "trail/main"), "IsMultiRegionTrail": true,
            "CloudWatchLogsLogGroupArn": arn("logs", "log-group:trail:*")})];
        // As AWS makes it: anybody, if of this account.
        let own = json!({ "Version": "2008-10-17", "Statement": [{ "Sid": "theirs", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::111122223333:root" },
            "Action": "SNS:Publish", "Resource": arn("sns", "pager") }] });
        state.topics.insert(arn("sns", "pager"), [("Policy".to_owned(), own.to_string())].into());
        let (protocol, endpoint) = ("sqs".to_owned(), "arn:aws:sqs:eu-west-1:111122223333:pager".to_owned());
        state.subscriptions.push(Subscription { id: 7, topic: arn("sns", "pager"), protocol, endpoint, pending: false, attributes: Default::default() });
        state.reach.functions.insert("contain:live".to_owned(), Vec::new());
        state.reach.roles = ["AWSServiceRoleForCloudWatchEvents", "AWSServiceRoleForCloudWatchAlarms_ActionSSM"].map(str::to_owned).into();
        state.reach.metrics = vec![json!({ "Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Dimensions": [{ "Name": "InstanceId", "Value": "i-1" }] })];
        state.reach.targets.insert("AWS::EC2::Instance i-1".to_owned());
        let policy = json!({ "Statement": [allows("cloudwatch.amazonaws.com", json!(["kms:Decrypt", "kms:GenerateDataKey*"]))] });
        let key = json!({ "arn": arn("kms", "key/k"), "state": "Enabled", "manager": "CUSTOMER", "policy": policy });
        state.reach.keys.insert("alias/security".to_owned(), key);
    });
    let work = Work::new(&standin.url, "AKIA", REGION);
    work.write("trailarm.yaml", STACK).write("pack/key-used.yaml", KEY_USED);
    work.write("pack/on-instance.yaml", ON_INSTANCE).write("pack/both.yaml", BOTH);
    work.apply();
    standin.with(|state| {
        // What SNS gives to a new topic.
        let topic = state.topics.get_mut(&arn("sns", "base-security")).unwrap();
        let own = json!({ "Statement": [{ "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "SNS:Publish",
            "Resource": arn("sns", "base-security"), "Condition": { "StringEquals": { "AWS:SourceOwner": ACCOUNT } } }] });
        topic.insert("Policy".to_owned(), own.to_string());
    });
    (standin, work)
}

/// The links of a verdict: `key-used: filter`.
fn links(run: &Run, verdict: &str) -> Vec<String> {
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr));
    let of_chain = |chain: &Value| {
        let name = chain["detection"].as_str().unwrap().trim_start_matches("pack/").to_owned();
        let links = chain["links"].as_array().unwrap().iter().filter(|link| link["verdict"] == verdict);
        links.map(|link| format!("{name}: {}", link["name"].as_str().unwrap())).collect::<Vec<_>>()
    };
    report["chains"].as_array().unwrap().iter().flat_map(of_chain).collect()
}

fn alarm<'a>(state: &'a mut State, name: &str) -> &'a mut Value {
    state.alarms.get_mut(name).unwrap()
}

fn filter(state: &mut State) -> &mut Value {
    state.filters.get_mut(&("trail".to_owned(), "base/key-used".to_owned())).unwrap()
}

fn policy(state: &mut State, topic: &str, policy: &Value) {
    state.topics.get_mut(&arn("sns", topic)).unwrap().insert("Policy".to_owned(), policy.to_string());
}

/// What is broken, how, the links that are named, and a part of what is said.
type Case = (&'static str, fn(&mut State), &'static [&'static str], &'static str);

const CASES: &[Case] = &[
    ("all is well", |_| (), &[], ""),
    (
        "the trail is of one Region",
        |s| s.trails[0]["IsMultiRegionTrail"] = json!(false),
        &["both: watches", "key-used: trail"],
        "main is not multi-Region",
    ),
    (
        "the trail records no management events",
        |s| s.selectors = json!({"EventSelectors": [{"IncludeManagementEvents": false}]}),
        &["both: watches", "key-used: events"],
        "main records no management events",
    ),
    (
        "advanced selectors record reads only",
        |s| s.selectors = json!({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}, {"Field": "readOnly", "Equals": ["true"]}]}]}),
        &["both: watches", "key-used: events"],
        "main records reads only",
    ),
    (
        "the trail leaves KMS out",
        |s| s.selectors = json!({"EventSelectors": [{"ReadWriteType": "All", "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]}),
        &["both: watches", "key-used: events"],
        "leaves out the events of kms.amazonaws.com",
    ),
    (
        "the trail cannot deliver",
        |s| s.delivery = json!({"LatestCloudWatchLogsDeliveryError": "AccessDenied"}),
        &["both: watches", "key-used: delivery"],
        "main cannot deliver: AccessDenied",
    ),
    (
        "the trail has not delivered for long",
        |s| s.delivery = json!({"LatestCloudWatchLogsDeliveryTime": 1.0}),
        &["both: watches", "key-used: delivery"],
        "days ago",
    ),
    ("the filter is gone", |s| s.filters.clear(), &["both: watches", "key-used: filter"], "base/key-used does not exist"),
    (
        "the filter's pattern changed",
        |s| filter(s)["filterPattern"] = json!("{ $.x = 1 }"),
        &["both: watches", "key-used: filter"],
        "is not as defined: pattern",
    ),
    (
        "the metric has no data",
        |s| {
            s.reach.is_silent = true;
            filter(s)["creationTime"] = json!(1000);
        },
        &["both: watches", "key-used: metric"],
        "had no data in two weeks",
    ),
    (
        "the alarm is gone",
        |s| drop(s.alarms.remove("base/key-used")),
        &["both: watches", "key-used: alarm"],
        "base/key-used does not exist",
    ),
    (
        "the alarm's threshold was raised",
        |s| alarm(s, "base/key-used")["Threshold"] = json!(1e9),
        &["both: watches", "key-used: alarm"],
        "is not as defined: threshold",
    ),
    (
        "the alarm looks elsewhere",
        |s| alarm(s, "base/key-used")["MetricName"] = json!("key-usde"),
        &["both: watches", "key-used: watches"],
        "Trailarm/base/key-usde, and the filter feeds Trailarm/base/key-used",
    ),
    (
        "the alarm looks at a dimension",
        |s| alarm(s, "base/key-used")["Dimensions"] = json!([{"Name": "Region", "Value": "x"}]),
        &["both: watches", "key-used: watches"],
        "by Region, and the filter feeds",
    ),
    (
        "its actions are switched off",
        |s| alarm(s, "base/key-used")["ActionsEnabled"] = json!(false),
        &["key-used: actions"],
        "switched off",
    ),
    (
        "it tells nobody",
        |s| alarm(s, "base/both")["AlarmActions"] = json!([]),
        &["both: actions"],
        "lacks the topic base-security of its definition",
    ),
    (
        "its last action failed",
        |s| {
            let summary = format!("Failed to execute action {}", arn("sns", "pager"));
            ran(&mut s.reach.history, "base/key-used", &summary, &json!({"error": "not authorized"}));
        },
        &["key-used: history"],
        "failed to reach the topic pager: not authorized",
    ),
    ("the topic is gone", |s| drop(s.topics.remove(&arn("sns", "pager"))), &["key-used: topic"], "the topic pager does not exist"),
    (
        "the topic's policy lets nobody in",
        |s| policy(s, "pager", &json!({"Statement": []})),
        &["key-used: policy"],
        "the policy of the topic pager does not let CloudWatch publish",
    ),
    (
        "the topic's policy forbids it",
        |s| {
            policy(
                s,
                "pager",
                &json!({"Statement": [{"Sid": "shut", "Effect": "Deny", "Principal": "*", "Action": "sns:*", "Resource": "*"}]}),
            )
        },
        &["key-used: policy"],
        "the statement shut forbids CloudWatch to publish",
    ),
    (
        "the key does not let CloudWatch in",
        |s| {
            s.reach.keys.get_mut("alias/security").unwrap()["policy"] =
                json!({"Statement": [allows("cloudwatch.amazonaws.com", json!("kms:Decrypt"))]})
        },
        &["both: key", "key-used: key"],
        "does not grant kms:GenerateDataKey to CloudWatch",
    ),
    (
        "the key is switched off",
        |s| s.reach.keys.get_mut("alias/security").unwrap()["state"] = json!("Disabled"),
        &["both: key", "key-used: key"],
        "is Disabled",
    ),
    (
        "the key is AWS's",
        |s| drop(s.topics.get_mut(&arn("sns", "base-security")).unwrap().insert("KmsMasterKeyId".to_owned(), "alias/aws/sns".to_owned())),
        &["both: key", "key-used: key"],
        "alias/aws/sns, which CloudWatch cannot use",
    ),
    (
        "nobody has confirmed",
        |s| s.subscriptions.iter_mut().filter(|s| s.id == 7).for_each(|s| s.pending = true),
        &["key-used: subscription"],
        "waiting: 1",
    ),
    ("nobody subscribes", |s| s.subscriptions.retain(|s| s.id != 7), &["key-used: subscription"], "nobody subscribes to the topic pager"),
    ("the function is gone", |s| s.reach.functions.clear(), &["key-used: function"], "the function contain:live does not exist"),
    (
        "the alias has no permission, though the function has",
        |s| {
            let statements = s.reach.functions.insert("contain:live".to_owned(), Vec::new()).unwrap();
            s.reach.functions.insert("contain".to_owned(), statements);
        },
        &["key-used: permission"],
        "does not let this alarm invoke it",
    ),
    (
        "the permission is for another alarm",
        |s| {
            s.reach.functions.get_mut("contain:live").unwrap()[0]["Condition"]["ArnLike"]["AWS:SourceArn"] =
                json!(arn("cloudwatch", "alarm:other"))
        },
        &["key-used: permission"],
        "does not let this alarm invoke it",
    ),
    (
        "the permission is for another account",
        |s| s.reach.functions.get_mut("contain:live").unwrap()[0]["Condition"]["StringEquals"]["AWS:SourceAccount"] = json!("444455556666"),
        &["key-used: permission"],
        "does not let this alarm invoke it",
    ),
    (
        "the role for OpsItems is not there",
        |s| s.reach.roles.retain(|role| role != "AWSServiceRoleForCloudWatchAlarms_ActionSSM"),
        &["key-used: role"],
        "AWSServiceRoleForCloudWatchAlarms_ActionSSM does not exist",
    ),
    ("the instance is gone", |s| s.reach.targets.clear(), &["on-instance: target"], "stop of the instance i-1: it does not exist"),
    (
        "the role for instances is not there",
        |s| s.reach.roles.retain(|role| role != "AWSServiceRoleForCloudWatchEvents"),
        &["on-instance: role"],
        "AWSServiceRoleForCloudWatchEvents does not exist",
    ),
];

#[test]
fn each_broken_link_is_named_and_no_other() {
    let (standin, work) = applied();
    let whole = standin.with(|state| state.clone());
    for (what, damage, broken, says) in CASES {
        standin.with(|state| *state = whole.clone());
        standin.with(damage);
        let run = work.run(&["doctor", "--format", "json"]);
        assert_eq!(links(&run, "broken"), *broken, "{what}: {}", run.stdout);
        assert_eq!(links(&run, "unknown"), [""; 0], "{what}: {}", run.stdout);
        assert!(run.stdout.contains(says), "{what}: {}", run.stdout);
        assert_eq!(run.code, if broken.is_empty() { 0 } else { 2 }, "{what}: {}", run.stderr);
    }
}

/// What may not be read: operation, error, links.
const CLOSED: &[(&str, &str, &[&str])] = &[
    ("GetTrailStatus", "AccessDeniedException", &["both: watches", "key-used: trail", "key-used: delivery"]),
    ("GetEventSelectors", "AccessDeniedException", &["both: watches", "key-used: events"]),
    ("DescribeLogGroups", "AccessDeniedException", &["both: watches", "key-used: log group"]),
    ("ListMetrics", "AccessDenied", &["both: watches", "key-used: metric", "on-instance: watches"]),
    ("DescribeAlarmHistory", "AccessDenied", &["both: history", "key-used: history", "on-instance: history"]),
    ("DescribeMetricFilters", "AccessDeniedException", &["both: watches", "key-used: filter"]),
    ("DescribeKey", "AccessDeniedException", &["both: key", "key-used: key"]),
    ("GetFunctionConfiguration", "AccessDeniedException", &["key-used: function"]),
    ("GetPolicy", "AccessDeniedException", &["key-used: permission"]),
    ("GetRole", "AccessDenied", &["key-used: role", "on-instance: role"]),
    ("GetResource", "AccessDeniedException", &["on-instance: target"]),
];

#[test]
fn what_may_not_be_read_is_unknown_and_never_sound() {
    let (standin, work) = applied();
    let whole = standin.with(|state| state.clone());
    for (operation, code, unknown) in CLOSED {
        standin.with(|state| *state = whole.clone());
        standin.fail(operation, 99, code);
        let run = work.run(&["doctor", "--format", "json"]);
        assert_eq!(links(&run, "unknown"), *unknown, "{operation}: {}", run.stdout);
        assert_eq!(links(&run, "broken"), [""; 0], "{operation}: {}", run.stdout);
        assert_eq!(run.code, 0, "{operation}: {}", run.stderr);
        standin.fail(operation, 99, code);
        assert_eq!(work.run(&["doctor", "--strict", "--format", "json"]).code, 2, "{operation}");
    }
}

/// That a metric of others has no data may be right or a slip, so it is not known.
#[test]
fn a_metric_that_no_filter_feeds_is_looked_for_by_its_names_and_values() {
    let (standin, work) = applied();
    standin.with(|state| state.reach.metrics[0]["Dimensions"][0]["Value"] = json!("i-2"));
    let run = work.run(&["doctor", "--format", "json"]);
    assert_eq!(
        (run.code, links(&run, "unknown")),
        (0, vec!["both: watches".to_owned(), "on-instance: watches".to_owned()]),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("AWS/EC2/CPUUtilization by InstanceId had no data in two weeks"), "{}", run.stdout);
}

/// What looks whole at a glance: the alarm does less than it should, looks at somebody else, or acts on what nobody knows.
#[test]
fn what_was_changed_by_hand_and_looks_whole_is_named() {
    let (standin, work) = applied();
    let whole = standin.with(|state| state.clone());
    let topic = json!([arn("sns", "base-security")]);
    type Change = (fn(&mut State), &'static str, &'static str);
    let cases: [Change; 4] = [
        (
            |s| alarm(s, "base/key-used")["AlarmActions"] = json!([arn("sns", "base-security")]),
            "key-used: actions",
            "lacks the function contain:live of its definition",
        ),
        (
            |s| alarm(s, "base/on-instance")["Dimensions"][0]["Value"] = json!("i-2"),
            "on-instance: watches",
            "of InstanceId i-2, and its definition says AWS/EC2/CPUUtilization of InstanceId i-1",
        ),
        (|s| alarm(s, "base/on-instance")["MetricName"] = json!("Nothing"), "on-instance: watches", "looks at AWS/EC2/Nothing"),
        (|s| alarm(s, "base/on-instance")["AlarmActions"] = json!([]), "on-instance: actions", "lacks the stop of the instance"),
    ];
    for (damage, link, says) in cases {
        standin.with(|state| *state = whole.clone());
        standin.with(damage);
        let run = work.run(&["doctor", "--format", "json"]);
        assert!(links(&run, "broken").contains(&link.to_owned()) && run.stdout.contains(says), "{says}: {}", run.stdout);
    }
    standin.with(|state| *state = whole.clone());
    standin.with(|state| alarm(state, "base/both")["AlarmActions"] = json!([topic[0], "arn:aws:foo:eu-west-1:111122223333:bar"]));
    let run = work.run(&["doctor", "both", "--format", "json"]);
    assert_eq!(links(&run, "unknown"), ["both: target"], "{}", run.stdout);
}

/// A second log group of the stack has a trail of its own, which may not be read.
#[test]
fn another_log_group_is_not_green_because_trails_are_closed() {
    let (standin, work) = applied();
    standin.with(|state| state.log_groups.push("flow".to_owned()));
    work.write("trailarm.yaml", &STACK.replace("{from_trail: main}", "{name: trail}\nlog_groups: {flow: {name: flow}}"));
    work.write("pack/flow.yaml", "metric_filter: {pattern: '{ $.eventName = \"CreateUser\" }', default: 0, log_group: flow}\nalarm: {}\n");
    work.apply();
    standin.fail("DescribeTrails", 9, "AccessDeniedException");
    let run = work.run(&["doctor", "flow", "--format", "json"]);
    assert_eq!(links(&run, "unknown"), ["flow: trail"], "{}", run.stdout);
}

#[test]
fn a_stopped_trail_and_a_missing_log_group_are_links_too() {
    let (standin, work) = applied();
    standin.with(|state| state.stopped = true);
    let run = work.run(&["doctor", "key-used"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stdout.contains("✗ trail        the trail main is not logging"), "{}", run.stdout);
    standin.with(|state| {
        state.stopped = false;
        state.log_groups.clear();
    });
    let run = work.run(&["doctor", "key-used", "--format", "json"]);
    assert_eq!(links(&run, "broken"), ["key-used: log group"], "{}", run.stdout);
}

#[test]
fn a_chain_as_people_and_programs_read_it() {
    let (standin, work) = applied();
    standin.with(|state| state.reach.functions.clear());
    let run = work.run(&["doctor", "pack/key-used", "--output", "chain.html,chain.md,chain.xml"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    snapbox::assert_data_eq!(
        run.stdout,
        snapbox::str![[r#"
Stack base in account 111122223333, eu-west-1

pack/key-used is broken
  ✓ trail        main logs in all Regions
  ✓ events       main records management events (All)
  ✓ delivery     main delivered [..] ago
  ✓ log group    trail, events are kept for 365 days
  ✓ filter       base/key-used is as defined
  ✓ metric       Trailarm/base/key-used had data in the last two weeks
  ✓ alarm        base/key-used is as defined
  ✓ watches      Trailarm/base/key-used, which the filter feeds
  ✓ actions      4 actions, switched on
  ✓ history      it has not acted in two weeks, so nothing failed
  ✗ function     the function contain:live does not exist
                 → deploy it, with the version or alias that the alarm names, or name another
  · permission   hangs on the function
  ✓ topic        the topic base-security exists
  ✓ policy       the topic base-security lets CloudWatch publish
  ✓ key          the key alias/security lets CloudWatch use it
  ✓ subscription topic base-security: 1 confirmed
  ✓ topic        the topic pager exists
  ✓ policy       the topic pager lets CloudWatch publish
  ✓ subscription topic pager: 1 confirmed
  ✓ role         AWSServiceRoleForCloudWatchAlarms_ActionSSM exists

1 chain: 0 sound, 1 broken, 0 not known.

"#]]
    );
    let read = |name: &str| std::fs::read_to_string(work.path().join(name)).unwrap();
    let (html, markdown, junit) = (read("chain.html"), read("chain.md"), read("chain.xml"));
    assert!(html.contains("<svg") && html.contains("✗ function") && !html.contains("<script"), "{html}");
    assert!(markdown.contains("| ✗ | function | **the function contain:live does not exist** |"), "{markdown}");
    assert!(
        junit.contains("<failure message=\"the function contain:live does not exist\">") && junit.contains("failures=\"1\""),
        "{junit}"
    );
    let nobody = work.run(&["doctor", "key-usd"]);
    assert!(nobody.code == 1 && nobody.stderr.contains("key-used"), "{}", nobody.stderr);
}

/// What is wrong, each once, however many chains it breaks.
#[test]
fn causes_are_told_once() {
    let (standin, work) = applied();
    standin.with(|state| state.reach.functions.clear());
    standin.with(|state| state.stopped = true);
    work.write("trailarm.yaml", &STACK.replace("{from_trail: main}", "{name: trail}"));
    let causes = work.run(&["doctor", "--only-broken", "--output", "causes.md"]);
    snapbox::assert_data_eq!(
        causes.stdout,
        snapbox::str![[r#"
Stack base in account 111122223333, eu-west-1

  ✗ watches      it looks at base/key-used, which is broken at its trail
                 → mend that chain
                 in pack/both

  ✗ trail        main is not logging
                 → start it: `aws cloudtrail start-logging --name main`
                 in pack/key-used

  ✗ function     the function contain:live does not exist
                 → deploy it, with the version or alias that the alarm names, or name another
                 in pack/key-used

3 chains: 1 sound, 2 broken, 0 not known.

"#]]
    );
    let markdown = std::fs::read_to_string(work.path().join("causes.md")).unwrap();
    assert!(markdown.contains("| ✗ | function (function contain:live) | the function contain:live does not exist |"), "{}", markdown);
}

/// The same on the emulator, with what another SDK made there: keys, roles, functions and topics as a real server keeps them. (It drops
/// a trail's log group and keeps no history of alarms.)
#[test]
fn on_the_emulator_each_receiver_is_judged_by_what_it_holds() {
    let (account, region) = ("100000000061", "us-east-1");
    let hand = |service: &str, operation: &str, call: Value| by_hand(account, region, service, operation, &call);
    hand("logs", "create_log_group", json!({"logGroupName": "trail"}));
    let key = hand("kms", "create_key", json!({}))[0]["KeyMetadata"]["Arn"].clone();
    hand("kms", "create_alias", json!({"AliasName": "alias/security", "TargetKeyId": key}));
    let function = json!({"FunctionName": "contain", "Runtime": "python3.12", "Handler": "c.h", "Role": format!("arn:aws:iam::{account}:role/c"),
        "Code": {"ZipFile": format!("PK\u{5}\u{6}{}", "\0".repeat(18))}});
    hand("lambda", "create_function", function);
    let work = Work::new(url(), account, region);
    work.write(
        "trailarm.yaml",
        &STACK.replace("{from_trail: main}", "{name: trail}").replace("eu-west-1", region).replace(", allow_alarms: true", ""),
    );
    work.write("pack/key-used.yaml", &KEY_USED.replace("contain:live", "contain").replace("[security, pager]", "[security]")).apply();
    let of = |verdict: &str| {
        let run = work.run(&["doctor", "key-used", "--format", "json"]);
        links(&run, verdict).into_iter().map(|link| link.replace("key-used: ", "")).collect::<Vec<_>>()
    };
    // The key is as KMS makes it: for the account, and not for CloudWatch; and nobody has made the role.
    assert_eq!(of("broken"), ["trail", "key", "role"]);
    let policy =
        json!({"Version": "2012-10-17", "Statement": [allows("cloudwatch.amazonaws.com", json!(["kms:Decrypt", "kms:GenerateDataKey*"]))]});
    hand("kms", "put_key_policy", json!({"KeyId": key, "PolicyName": "default", "Policy": policy.to_string()}));
    let role = json!({"RoleName": "AWSServiceRoleForCloudWatchAlarms_ActionSSM", "AssumeRolePolicyDocument": "{}"});
    hand("iam", "create_role", role);
    assert_eq!(of("broken"), ["trail"]);
    let sound = of("sound");
    for link in ["filter", "alarm", "watches", "actions", "function", "permission", "topic", "policy", "key", "subscription", "role"] {
        assert!(sound.iter().any(|found| found == link), "{link}: {sound:?}");
    }
    // And each is broken by hand again.
    hand("cloudwatch", "disable_alarm_actions", json!({"AlarmNames": ["base/key-used"]}));
    hand("lambda", "delete_function", json!({"FunctionName": "contain"}));
    assert_eq!(of("broken"), ["trail", "actions", "function"]);
}
