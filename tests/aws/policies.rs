//! What lets alarms act: permissions of functions and statements of topics, planned, applied, repaired and taken back, with what
//! others wrote beside them left as it is.

use serde_json::{Value, json};

use crate::emulator::{by_hand, url};
use crate::standin::{ACCOUNT, REGION as STANDIN_REGION, Standin};
use crate::work::Work;

const REGION: &str = "us-east-1";

fn stack(pager: &str) -> String {
    format!(
        "stack: base\nlog_group: {{name: trail}}\npacks: [./pack]\ntopics:\n  security: {{}}\n  pager: {pager}\ndefaults: {{alarm: {{notify: [security, pager]}}}}\n"
    )
}

fn detection(actions: &str) -> String {
    format!("metric_filter: {{pattern: '{{ $.eventName = \"CreateRestApi\" }}', default: 0}}\nalarm: {{actions: [{actions}]}}\n")
}

/// An account on the emulator with a function, an alias, and a topic that others have opened to themselves.
fn start(account: &str) -> Work {
    by_hand(account, REGION, "logs", "create_log_group", &json!({"logGroupName": "trail"}));
    // An archive of nothing.
    let empty = format!("PK\u{5}\u{6}{}", "\0".repeat(18));
    let function = json!({"FunctionName": "contain", "Runtime": "python3.12", "Handler": "contain.handler",
        "Role": format!("arn:aws:iam::{account}:role/contain"), "Code": {"ZipFile": empty}});
    by_hand(account, REGION, "lambda", "create_function", &function);
    let own =
        json!({"FunctionName": "contain", "StatementId": "theirs", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"});
    by_hand(account, REGION, "lambda", "add_permission", &own);
    let topic = by_hand(account, REGION, "sns", "create_topic", &json!({"Name": "pager"}));
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Sid": "theirs", "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"},
        "Action": "sns:Publish", "Resource": topic[0]["TopicArn"]}]});
    let set = json!({"TopicArn": topic[0]["TopicArn"], "AttributeName": "Policy", "AttributeValue": policy.to_string()});
    by_hand(account, REGION, "sns", "set_topic_attributes", &set);
    let work = Work::new(url(), account, REGION);
    let pager = format!("{{arn: 'arn:aws:sns:{REGION}:{account}:pager', allow_alarms: true}}");
    work.write("trailarm.yaml", &stack(&pager)).write("pack/built.yaml", &detection("{lambda: contain}"));
    work
}

/// The ids of the statements.
fn ids(policy: &Value) -> Vec<String> {
    let policy: Value = serde_json::from_str(policy.as_str().unwrap_or("{}")).unwrap();
    let mut ids: Vec<String> =
        policy["Statement"].as_array().into_iter().flatten().map(|s| s["Sid"].as_str().unwrap_or("").to_owned()).collect();
    ids.sort();
    ids
}

fn of_function(account: &str) -> Vec<String> {
    ids(&by_hand(account, REGION, "lambda", "get_policy", &json!({"FunctionName": "contain"}))[0]["Policy"])
}

fn of_topic(account: &str) -> Vec<String> {
    let topic = json!({"TopicArn": format!("arn:aws:sns:{REGION}:{account}:pager")});
    ids(&by_hand(account, REGION, "sns", "get_topic_attributes", &topic)[0]["Attributes"]["Policy"])
}

#[test]
fn what_lets_alarms_act_comes_and_goes_with_them() {
    let account = "100000000041";
    let work = start(account);
    let applied = work.apply();
    assert_eq!(applied.summary(), "Apply complete! Resources: 5 added, 0 changed, 0 destroyed.");
    let own = of_function(account).into_iter().find(|id| id != "theirs").unwrap();
    assert!(own.starts_with("trailarm-base-"), "{own}");
    assert_eq!(of_topic(account), ["theirs", "trailarm-base"]);

    // Taken away by hand: drift names them, apply brings them back.
    by_hand(account, REGION, "lambda", "remove_permission", &json!({"FunctionName": "contain", "StatementId": own}));
    let drift = work.run(&["drift"]);
    assert_eq!(drift.code, 2, "{}", drift.stderr);
    assert!(drift.stdout.contains(&format!("permission/contain:{own}  # drift: it was deleted by hand")), "{}", drift.stdout);
    assert_eq!(work.apply().summary(), "Apply complete! Resources: 1 added, 0 changed, 0 destroyed.");
    assert_eq!(of_function(account), ["theirs", own.as_str()]);

    // Without the action, and without the statement being asked for, just ours go.
    work.write("trailarm.yaml", &stack(&format!("{{arn: 'arn:aws:sns:{REGION}:{account}:pager'}}")));
    work.write("pack/built.yaml", &detection(""));
    let plan = work.run(&["plan"]);
    assert_eq!(work.run(&["snapshot", "account.json"]).code, 0);
    assert_eq!(work.run(&["plan", "--account", "account.json"]).stdout, plan.stdout, "a snapshot is planned as the account is");
    assert_eq!(work.run(&["plan", "--out", "plan.json"]).code, 0);
    assert!(
        plan.stdout.contains(&format!("- permission/contain:{own}")) && plan.stdout.contains("- topic_statement/pager:trailarm-base"),
        "{}",
        plan.stdout
    );
    let saved = work.run(&["apply", "plan.json"]);
    assert_eq!(saved.summary(), "Apply complete! Resources: 0 added, 1 changed, 2 destroyed.", "{}{}", saved.stdout, saved.stderr);
    work.apply();
    assert_eq!((of_function(account), of_topic(account)), (vec!["theirs".to_owned()], vec!["theirs".to_owned()]));
}

#[test]
fn destroy_leaves_what_others_wrote() {
    let account = "100000000042";
    let work = start(account);
    work.apply();
    let gone = work.run(&["destroy", "--auto-approve"]);
    assert_eq!(gone.code, 0, "{}{}", gone.stdout, gone.stderr);
    assert_eq!((of_function(account), of_topic(account)), (vec!["theirs".to_owned()], vec!["theirs".to_owned()]));
}

/// A stack over the stand-in, whose topic of others is called `pager`.
fn over_standin() -> (Standin, Work, String) {
    let standin = Standin::start();
    let topic = format!("arn:aws:sns:{STANDIN_REGION}:{ACCOUNT}:pager");
    standin.with(|state| {
        state.topics.insert(topic.clone(), [("Policy".to_owned(), json!({"Statement": []}).to_string())].into());
        state.reach.functions.insert("contain:live".to_owned(), Vec::new());
    });
    let work = Work::new(&standin.url, "AKIA", STANDIN_REGION);
    work.write("trailarm.yaml", &stack(&format!("{{arn: '{topic}', allow_alarms: true}}")));
    work.write("pack/built.yaml", &detection("{lambda: 'contain:live'}"));
    (standin, work, topic)
}

#[test]
fn a_statement_that_was_changed_by_hand_is_made_right() {
    let (standin, work, topic) = over_standin();
    work.apply();
    standin.with(|state| {
        let statement = &mut state.reach.functions.get_mut("contain:live").unwrap()[0];
        statement["Condition"]["ArnLike"]["AWS:SourceArn"] = json!("arn:aws:cloudwatch:eu-west-1:444455556666:alarm:theirs");
        let policy = &mut state.topics.get_mut(&topic).unwrap();
        let opened = policy["Policy"].replace("cloudwatch.amazonaws.com", "*");
        policy.insert("Policy".to_owned(), opened);
    });
    let drift = work.run(&["drift"]);
    assert!(drift.code == 2 && drift.stdout.contains("Drift: 2 changed by hand, 0 unclear"), "{}{}", drift.stdout, drift.stderr);
    assert!(drift.stdout.contains("444455556666:alarm:theirs"), "{}", drift.stdout);
    assert_eq!(work.apply().summary(), "Apply complete! Resources: 0 added, 2 changed, 0 destroyed.");
    let statements = standin.with(|state| state.reach.functions["contain:live"].clone());
    assert_eq!(
        (statements.len(), &statements[0]["Condition"]["ArnLike"]["AWS:SourceArn"]),
        (1, &json!("arn:aws:cloudwatch:eu-west-1:111122223333:alarm:base/built"))
    );
}

/// What cannot be read is reported, and nothing is written over it.
#[test]
fn a_policy_that_is_no_json_is_reported_and_left_alone() {
    let (standin, work, topic) = over_standin();
    for policy in ["{\"Statement\": [", "[]", "no policy"] {
        standin.with(|state| drop(state.topics.get_mut(&topic).unwrap().insert("Policy".to_owned(), policy.to_owned())));
        standin.take_requests();
        let run = work.run(&["apply", "--auto-approve"]);
        assert!(
            run.code == 1 && run.stderr.contains("the policy is not a JSON object") && run.stderr.contains("it was left alone"),
            "{}",
            run.stderr
        );
        assert!(!standin.take_requests().iter().any(|request| request == "SetTopicAttributes"), "{policy}");
        assert_eq!(standin.with(|state| state.topics[&topic]["Policy"].clone()), policy);
    }
    // Where nothing is asked of the topic, its policy is nobody's business.
    work.write("trailarm.yaml", &stack(&format!("{{arn: '{topic}'}}")));
    work.apply();
}

#[test]
fn a_function_that_is_missing_is_told_with_what_to_do() {
    let (standin, work, _) = over_standin();
    standin.with(|state| state.reach.functions.clear());
    let run = work.run(&["apply", "--auto-approve"]);
    assert_eq!(run.code, 1, "{}", run.stdout);
    assert!(run.stderr.contains("lambda:AddPermission") || run.stdout.contains("lambda:AddPermission"), "{}{}", run.stdout, run.stderr);
}

/// What a part of a plan leaves, and what a failure leaves, is found by the next one.
#[test]
fn a_permission_is_not_left_behind() {
    let (standin, work, _) = over_standin();
    work.apply();
    let statements = || standin.with(|state| state.reach.functions["contain:live"].len());
    work.write("pack/built.yaml", &detection(""));
    standin.fail("RemovePermission", 1, "AccessDeniedException");
    let failed = work.run(&["apply", "--auto-approve"]);
    assert!(failed.code == 1 && statements() == 1, "{}{}", failed.stdout, failed.stderr);
    let again = work.run(&["plan"]);
    assert_eq!(again.summary(), "Plan: 0 to add, 1 to change, 1 to destroy.", "{}", again.stdout);
    let narrowed = work.run(&["apply", "--auto-approve", "--only", "pack/built"]);
    assert_eq!((narrowed.code, statements()), (0, 0), "{}{}", narrowed.stdout, narrowed.stderr);
    assert_eq!(work.run(&["plan"]).summary(), "No changes.");
}

/// A part of a plan takes along what its alarm needs; a topic that only hears of OK is looked at too.
#[test]
fn a_topic_is_opened_with_the_alarm_that_needs_it_and_closed_with_the_last() {
    let (standin, work, topic) = over_standin();
    let narrowed = work.run(&["apply", "--auto-approve", "--only", "pack/built"]);
    let opened = || standin.with(|state| state.topics[&topic]["Policy"].contains("trailarm-base"));
    assert!(narrowed.code == 0 && opened(), "{}{}", narrowed.stdout, narrowed.stderr);
    work.write("pack/built.yaml", "metric_filter: {pattern: '{ $.x = 1 }', default: 0}\nalarm: {notify: [], notify_ok: [pager]}\n").apply();
    work.write("pack/built.yaml", "metric_filter: {pattern: '{ $.x = 1 }', default: 0}\nalarm: {notify: []}\n");
    work.write("trailarm.yaml", "stack: base\nlog_group: {name: trail}\npacks: [./pack]\ntopics: {security: {}}\n").apply();
    assert!(!opened());
}

/// Two stacks, and one opens the other's topic: neither takes away what the other wrote.
#[test]
fn two_stacks_leave_each_other_alone() {
    let (standin, work, _) = over_standin();
    work.apply();
    let own = format!("arn:aws:sns:{STANDIN_REGION}:{ACCOUNT}:base-security");
    let other = Work::new(&standin.url, "AKIA", STANDIN_REGION);
    other.write(
        "trailarm.yaml",
        &format!("stack: other\nlog_group: {{name: trail}}\npacks: [./pack]\ntopics: {{theirs: {{arn: '{own}', allow_alarms: true}}}}\n"),
    );
    other.write("pack/x.yaml", "metric_filter: {pattern: '{ $.x = 1 }', default: 0}\nalarm: {notify: [theirs]}\n").apply();
    let guest = || standin.with(|state| state.topics[&own].get("Policy").is_some_and(|policy| policy.contains("trailarm-other")));
    assert!(guest());
    let plan = work.run(&["plan"]);
    assert_eq!(plan.summary(), "No changes.", "{}", plan.stdout);
    let policy = "{Statement: [{Effect: Allow, Principal: {AWS: '111122223333'}, Action: 'sns:Publish', Resource: '*'}]}";
    let changed = stack(&format!("{{arn: 'arn:aws:sns:{STANDIN_REGION}:{ACCOUNT}:pager', allow_alarms: true}}"))
        .replace("security: {}", &format!("security: {{policy: {policy}}}"));
    work.write("trailarm.yaml", &changed).apply();
    assert!(guest() && other.run(&["plan"]).summary() == "No changes.");
    // And its own topic, named once more by its ARN, is refused.
    work.write("trailarm.yaml", &stack(&format!("{{arn: '{own}', allow_alarms: true}}")));
    let refused = work.run(&["plan"]);
    assert!(refused.code == 1 && refused.stderr.contains("is this stack's own, and is named here by its ARN"), "{}", refused.stderr);
}

/// An update is a removal and an addition; what was there is put back when the second fails.
#[test]
fn a_permission_that_cannot_be_mended_is_what_it_was() {
    let (standin, work, _) = over_standin();
    work.apply();
    standin.with(|state| {
        let statement = &mut state.reach.functions.get_mut("contain:live").unwrap()[0];
        statement["Condition"]["ArnLike"]["AWS:SourceArn"] = json!("arn:aws:cloudwatch:eu-west-1:444455556666:alarm:theirs");
    });
    standin.fail("AddPermission", 1, "AccessDeniedException");
    assert_eq!(work.run(&["apply", "--auto-approve"]).code, 1);
    let found = standin.with(|state| state.reach.functions["contain:live"].clone());
    assert_eq!(
        (found.len(), &found[0]["Condition"]["ArnLike"]["AWS:SourceArn"]),
        (1, &json!("arn:aws:cloudwatch:eu-west-1:444455556666:alarm:theirs"))
    );
    work.apply();
}
