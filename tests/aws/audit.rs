//! `audit --live` over the wire: each link of the chain broken in turn, and what each auditor says then.

use serde_json::{Value, json};

use crate::standin::{ACCOUNT, REGION, Standin, State, Subscription};
use crate::work::Work;

const STACK: &str = "\
stack: base
log_group: {from_trail: auto}
packs: [cis]
topics: {security: {subscriptions: [{sqs: 'arn:aws:sqs:eu-west-1:111122223333:q'}]}}
defaults: {alarm: {notify: [security]}}
";

/// An account with the whole pack applied.
fn applied() -> (Standin, Work) {
    let standin = Standin::start();
    let group = format!("arn:aws:logs:{REGION}:{ACCOUNT}:log-group:trail:*");
    standin.with(|state| {
        state.trails = vec![json!({"Name": "main", "TrailARN": format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/main"),
            "IsMultiRegionTrail": true, "CloudWatchLogsLogGroupArn": group})];
    });
    let work = Work::new(&standin.url, "AKIA", REGION);
    work.write("trailarm.yaml", STACK);
    work.apply();
    (standin, work)
}

fn topic() -> String {
    format!("arn:aws:sns:{REGION}:{ACCOUNT}:base-security")
}

fn pending(state: &mut State) {
    state.subscriptions.clear();
    let (protocol, endpoint) = ("email".to_owned(), "secops@example.com".to_owned());
    state.subscriptions.push(Subscription { id: 1, topic: topic(), protocol, endpoint, pending: true, attributes: Default::default() });
}

fn rewrite(state: &mut State, name: &str, change: impl Fn(&str) -> String) {
    let filter = state.filters.get_mut(&("trail".to_owned(), name.to_owned())).unwrap();
    filter["filterPattern"] = change(filter["filterPattern"].as_str().unwrap()).into();
}

/// What is broken, how, the scores then, and a reason that is given.
type Case = (&'static str, fn(&mut State), &'static str, &'static str);

const CASES: &[Case] = &[
    ("all is well", |_| (), "Security Hub 14/14, Prowler 15/15, CIS 7.0 15/15, Steampipe 15/15", ""),
    (
        "the trail is stopped",
        |state| state.stopped = true,
        "Security Hub 0/14, Prowler 15/15, CIS 7.0 0/15, Steampipe 0/15",
        "main is not logging",
    ),
    (
        "the trail is of one Region",
        |state| state.trails[0]["IsMultiRegionTrail"] = Value::Bool(false),
        "Security Hub 0/14, Prowler 15/15, CIS 7.0 0/15, Steampipe 0/15",
        "main is not multi-Region",
    ),
    (
        "the trail leaves reads out",
        |state| state.selectors = json!({"EventSelectors": [{"ReadWriteType": "WriteOnly", "IncludeManagementEvents": true}]}),
        "Security Hub 0/14, Prowler 15/15, CIS 7.0 0/15, Steampipe 0/15",
        "main does not record all management events",
    ),
    (
        "the trail has advanced selectors",
        |state| {
            state.selectors =
                json!({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]});
        },
        "Security Hub 14/14, Prowler 15/15, CIS 7.0 15/15, Steampipe 0/15",
        "main has advanced event selectors, which Steampipe does not read",
    ),
    (
        "the trail leaves KMS out",
        |state| {
            state.selectors = json!({"EventSelectors": [{"ReadWriteType": "All", "ExcludeManagementEventSources": ["kms.amazonaws.com"]}]});
        },
        "Security Hub 13/14, Prowler 15/15, CIS 7.0 15/15, Steampipe 15/15",
        "main leaves out the events of KMS",
    ),
    (
        "there is no trail",
        |state| state.trails.clear(),
        "Security Hub 0/14, Prowler 0/15, CIS 7.0 0/15, Steampipe 0/15",
        "there is no trail",
    ),
    (
        "a pattern got a blank",
        |state| rewrite(state, "base/vpc-changed", |text| text.replacen('{', "{ ", 1)),
        "Security Hub 13/14, Prowler 15/15, CIS 7.0 15/15, Steampipe 15/15",
        "the nearest is base/vpc-changed: it differs in blanks",
    ),
    (
        "a pattern lost a name",
        |state| rewrite(state, "base/vpc-changed", |text| text.replace("($.eventName=CreateVpc) || ", "")),
        "Security Hub 13/14, Prowler 14/15, CIS 7.0 14/15, Steampipe 14/15",
        "it lacks `$.eventName = CreateVpc`",
    ),
    (
        "an alarm is gone",
        |state| drop(state.alarms.remove("base/root-usage")),
        "Security Hub 13/14, Prowler 14/15, CIS 7.0 14/15, Steampipe 14/15",
        "no alarm is on root-usage, the metric of base/root-usage",
    ),
    (
        "nobody subscribes",
        |state| state.subscriptions.clear(),
        "Security Hub 0/14, Prowler 15/15, CIS 7.0 0/15, Steampipe 0/15",
        "nobody subscribes to the topic base-security",
    ),
    (
        "nobody has confirmed",
        pending,
        "Security Hub 0/14, Prowler 15/15, CIS 7.0 0/15, Steampipe 15/15",
        "no subscription of the topic base-security is confirmed",
    ),
];

#[test]
fn each_broken_link_is_told_by_the_auditors_that_look_at_it() {
    let (standin, work) = applied();
    let whole = standin.with(|state| state.clone());
    for (what, damage, scores, reason) in CASES {
        standin.with(|state| *state = whole.clone());
        standin.with(damage);
        let run = work.run(&["audit", "--live"]);
        assert_eq!(run.summary(), *scores, "{what}: {}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains(reason), "{what}: {}", run.stdout);
        assert_eq!(run.code, if reason.is_empty() { 0 } else { 2 }, "{what}");
    }
}

/// What may not be read is neither passed nor failed; and a snapshot keeps what auditors look at.
#[test]
fn what_may_not_be_read_is_unknown_and_a_snapshot_is_judged_as_the_account() {
    let (standin, work) = applied();
    let whole = standin.with(|state| state.clone());
    standin.fail("GetEventSelectors", 9, "AccessDeniedException");
    let run = work.run(&["audit", "--live", "--auditor", "cis-7.0,prowler"]);
    assert_eq!((run.code, run.summary()), (2, "CIS 7.0 0/15, Prowler 15/15"), "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.contains("unknown 5.1") && run.stdout.contains("the event selectors of main could not be read"), "{}", run.stdout);
    standin.with(|state| *state = whole.clone());
    standin.fail("ListSubscriptionsByTopic", 9, "AuthorizationError");
    let run = work.run(&["audit", "--live", "--auditor", "cis-7.0", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let first = &report["auditors"][0]["verdicts"][0];
    assert_eq!((&first["verdict"], &first["control"]), (&json!("unknown"), &json!("5.1")), "{first}");
    assert_eq!(first["reason"], "the subscriptions of the topic base-security could not be read");
    // A log group of another account is not looked at here, though it may have the same name.
    standin.with(|state| *state = whole.clone());
    standin.with(|state| state.trails[0]["CloudWatchLogsLogGroupArn"] = json!("arn:aws:logs:us-east-1:444455556666:log-group:trail:*"));
    let run = work.run(&["audit", "--live"]);
    assert!(run.stdout.contains("the log group of main is in account 444455556666, us-east-1: judge it there"), "{}", run.stdout);
    standin.with(|state| *state = whole.clone());
    standin.with(|state| state.selectors = json!({"EventSelectors": [{"ReadWriteType": "WriteOnly"}]}));
    assert_eq!(work.run(&["snapshot", "account.json"]).code, 0);
    let (live, file) = (work.run(&["audit", "--live"]), work.run(&["audit", "--account", "account.json"]));
    // A file cannot say who confirmed since, so that is said.
    let assumed = "Assumed: the subscriptions are confirmed.\n";
    assert!(file.stdout.contains(assumed), "{}", file.stdout);
    assert_eq!((live.code, live.stdout), (2, file.stdout.replace(assumed, "")));
}
