//! `review`: what was built and opened, by whom, tied to what, and why that is suspicious; over files, without an account.

use serde_json::{Value, json};
use snapbox::{assert_data_eq, str};
use tempfile::TempDir;

const ACCOUNT: &str = "111122223333";

fn user(name: &str) -> Value {
    json!({"type": "IAMUser", "arn": format!("arn:aws:iam::{ACCOUNT}:user/{name}"), "accountId": ACCOUNT, "userName": name})
}

fn role(name: &str, session: &str) -> Value {
    json!({"type": "AssumedRole", "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{session}"), "accountId": ACCOUNT,
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": format!("arn:aws:iam::{ACCOUNT}:role/{name}"), "userName": name}}})
}

fn event(time: &str, who: &Value, source: &str, name: &str, parameters: Value, response: Value) -> Value {
    json!({"eventVersion": "1.11", "eventID": format!("{time}-{name}"), "eventTime": format!("2026-11-25T{time}Z"), "userIdentity": who,
        "eventSource": format!("{source}.amazonaws.com"), "eventName": name, "awsRegion": "eu-west-1", "sourceIPAddress": "198.51.100.7",
        "userAgent": "aws-cli/2.31.3", "requestParameters": parameters, "responseElements": response, "readOnly": false,
        "recipientAccountId": ACCOUNT})
}

/// A break-in, and the pipeline beside it.
fn day() -> Vec<Value> {
    let (mallory, ci) = (user("mallory"), role("ci-deployer", "run-1187"));
    let uri = format!(
        "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:{ACCOUNT}:function:billing-sync/invocations"
    );
    let function = json!({"functionName": "billing-sync", "role": format!("arn:aws:iam::{ACCOUNT}:role/admin")});
    let mut refused = event("02:10:00", &mallory, "lambda", "CreateFunction20150331", Value::Null, Value::Null);
    refused["errorCode"] = json!("AccessDenied");
    let mut read = event("02:11:00", &mallory, "lambda", "ListFunctions20150331", Value::Null, Value::Null);
    read["readOnly"] = json!(true);
    vec![
        refused,
        read,
        event("02:14:00", &mallory, "lambda", "CreateFunction20150331", function, json!({"functionName": "billing-sync"})),
        event(
            "02:22:00",
            &mallory,
            "apigateway",
            "CreateRestApi",
            json!({"createRestApiInput": {"name": "billing"}}),
            json!({"restapiUpdate": {"restApiId": "f6g7h8i9j0"}}),
        ),
        event(
            "02:23:00",
            &mallory,
            "apigateway",
            "PutMethod",
            json!({"restApiId": "f6g7h8i9j0", "httpMethod": "POST", "putMethodInput": {"authorizationType": "NONE"}}),
            json!({}),
        ),
        event(
            "02:31:00",
            &mallory,
            "apigateway",
            "PutIntegration",
            json!({"restApiId": "f6g7h8i9j0", "putIntegrationInput": {"uri": uri}}),
            json!({}),
        ),
        event("02:43:00", &mallory, "apigateway", "CreateDeployment", json!({"restApiId": "f6g7h8i9j0"}), json!({"id": "d1"})),
        event(
            "09:00:00",
            &ci,
            "lambda",
            "UpdateFunctionCode20150331v2",
            json!({"functionName": format!("arn:aws:lambda:eu-west-1:{ACCOUNT}:function:orders")}),
            json!({}),
        ),
        event("21:00:00", &mallory, "apigateway", "DeleteRestApi", json!({"restApiId": "f6g7h8i9j0"}), Value::Null),
    ]
}

fn run(events: &[Value], arguments: &[&str]) -> std::process::Output {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("events.json"), json!({ "Records": events }).to_string()).unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_trailarm"));
    command.args(["review", "--from", "events.json"]).args(arguments).current_dir(folder.path()).env_clear().output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_break_in_stands_above_the_pipeline() {
    let output = run(&day(), &["--trusted", "arn:aws:iam::*:role/ci-*"]);
    assert_data_eq!(
        text(&output.stdout),
        str![[r#"
Review of events.json

  ! REST API f6g7h8i9j0 (billing)  # 80 points; deleted 2026-11-25T21:00:00Z by user/mallory; 111122223333, eu-west-1
       2026-11-25T02:22:00Z = CreateRestApi by user/mallory from 198.51.100.7 (aws-cli/2.31.3)
       2026-11-25T02:23:00Z = PutMethod by user/mallory from 198.51.100.7 (aws-cli/2.31.3)
       2026-11-25T02:31:00Z = PutIntegration by user/mallory from 198.51.100.7 (aws-cli/2.31.3)
       2026-11-25T02:43:00Z = CreateDeployment by user/mallory from 198.51.100.7 (aws-cli/2.31.3)
       2026-11-25T21:00:00Z = DeleteRestApi by user/mallory from 198.51.100.7 (aws-cli/2.31.3)
       tied                 = calls the function billing-sync
      # +30 a method or route without authorization
      # +15 it was deleted within a day of its making
      # +15 it was made within an hour of the function billing-sync to which it is tied
      # +10 an IAM user did it, no role: user/mallory
      # +10 user/mallory was refused a call of this kind in the same time

  ! function billing-sync  # 55 points; no record of a deletion; 111122223333, eu-west-1
       2026-11-25T02:14:00Z = CreateFunction20150331 by user/mallory from 198.51.100.7 (aws-cli/2.31.3)
       tied                 = runs as admin
      # +20 it is tied to the REST API f6g7h8i9j0 (billing), which has 80 points
      # +15 it was made within an hour of the REST API f6g7h8i9j0 (billing) to which it is tied
      # +10 an IAM user did it, no role: user/mallory
      # +10 user/mallory was refused a call of this kind in the same time

  · function orders  # 0 points; no record of a deletion; 111122223333, eu-west-1
       2026-11-25T09:00:00Z = UpdateFunctionCode20150331v2 by role/ci-deployer (run-1187) from 198.51.100.7 (aws-cli/2.31.3)
      # -40 only trusted actors touched it

3 resources in 9 events: 2 new, 2 with 50 points or more.

"#]]
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let first = text(&output.stdout).split("\n\n").take(2).collect::<Vec<_>>().join("\n\n");
    assert!(include_str!("../../docs/chain.md").contains(&first), "docs/chain.md shows something else than this:\n{first}");
    let ci = run(&day(), &["--max-suspicion", "50"]);
    assert_eq!(ci.status.code(), Some(2), "{}", text(&ci.stderr));
}

/// The resource that comes of one event, and its points with their reasons.
fn one(who: &Value, source: &str, name: &str, parameters: Value, response: Value) -> Value {
    let output = run(&[event("02:14:00", who, source, name, parameters, response)], &["--format", "json"]);
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", text(&output.stderr)));
    report["resources"][0].clone()
}

#[test]
fn what_makes_a_resource_suspicious() {
    let person = role("developer", "alice");
    let mut function = role("worker", "worker");
    function["inScopeOf"] =
        json!({"issuerType": "AWS::Lambda::Function", "credentialsIssuedTo": "arn:aws:lambda:eu-west-1:111122223333:function:worker"});
    let mut template = role("stack-role", "AWSCloudFormation");
    template["invokedBy"] = json!("cloudformation.amazonaws.com");
    let mut with_key = user("mallory");
    with_key["accessKeyId"] = json!("AKIAIOSFODNN7EXAMPLE");
    let root = json!({"type": "Root", "arn": format!("arn:aws:iam::{ACCOUNT}:root"), "accountId": ACCOUNT});
    let other =
        "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:444455556666:function:f/invocations";
    let made = || (json!({"functionName": "f"}), json!({}));
    for (who, source, name, (parameters, response), kind, id, reason) in [
        (
            &person,
            "lambda",
            "CreateFunctionUrlConfig",
            (json!({"functionName": "f", "authType": "NONE"}), json!({})),
            "function",
            "f",
            "+30 a URL without authorization",
        ),
        (
            &person,
            "lambda",
            "AddPermission20150331v2",
            (json!({"functionName": "f", "principal": "*"}), json!({})),
            "function",
            "f",
            "+30 anybody may invoke it",
        ),
        (
            &person,
            "lambda",
            "AddPermission20150331v2",
            (json!({"functionName": "f:live", "principal": "444455556666"}), json!({})),
            "function",
            "f",
            "+30 another account was let in: 444455556666",
        ),
        (
            &person,
            "lambda",
            "AddLayerVersionPermission20181031",
            (json!({"layerName": "l", "principal": "*"}), json!({})),
            "layer",
            "l",
            "+30 a layer that anybody may use",
        ),
        (
            &person,
            "apigateway",
            "CreateRoute",
            (json!({"apiId": "a1", "routeKey": "GET /x", "authorizationType": "NONE"}), json!({})),
            "HTTP API",
            "a1",
            "+30 a method or route without authorization",
        ),
        (
            &person,
            "apigateway",
            "CreateIntegration",
            (json!({"apiId": "a1", "integrationUri": other}), json!({})),
            "HTTP API",
            "a1",
            "+30 it calls a function of another account: 444455556666",
        ),
        (
            &person,
            "apigateway",
            "UpdateMethod",
            (
                json!({"restApiId": "a1", "updateMethodInput": {"patchOperations": [{"op": "replace", "path": "/authorizationType", "value": "NONE"}]}}),
                json!({}),
            ),
            "REST API",
            "a1",
            "+30 a method lost its authorization",
        ),
        (
            &person,
            "apigateway",
            "CreateApi",
            (json!({"name": "quick", "target": "https://example.com"}), json!({"apiId": "a1"})),
            "HTTP API",
            "a1",
            "+30 it was made with a route for everything",
        ),
        (&with_key, "lambda", "CreateFunction20150331", made(), "function", "f", "+15 it was done with a long-lived key: user/mallory"),
        (
            &person,
            "apigateway",
            "PutIntegration",
            (json!({"restApiId": "a1", "putIntegrationInput": {"type": "HTTP_PROXY", "uri": "https://evil.example.com/x"}}), json!({})),
            "REST API",
            "a1",
            "+30 it hands its calls on to a host outside of AWS",
        ),
        (
            &person,
            "lambda",
            "CreateEventSourceMapping20150331",
            (json!({"functionName": "f", "eventSourceArn": "arn:aws:sqs:eu-west-1:444455556666:q"}), json!({})),
            "function",
            "f",
            "+30 it is fed by another account: 444455556666",
        ),
        (&root, "lambda", "CreateFunction20150331", made(), "function", "f", "+25 the root user did it"),
        (&function, "lambda", "CreateFunction20150331", made(), "function", "f", "+30 a function did it"),
        (&user("mallory"), "lambda", "CreateFunction20150331", made(), "function", "f", "+10 an IAM user did it, no role"),
        (&template, "lambda", "CreateFunction20150331", made(), "function", "f", "-10 CloudFormation did it"),
        (&person, "lambda", "UpdateFunctionCode20150331v2", made(), "function", "f", "+15 the code of an older function was replaced"),
    ] {
        let found = one(who, source, name, parameters, response);
        let reasons: Vec<String> = found["reasons"]
            .as_array()
            .unwrap()
            .iter()
            .map(|r| format!("{:+} {}", r["points"].as_i64().unwrap(), r["text"].as_str().unwrap()))
            .collect();
        assert_eq!((found["kind"].as_str(), found["id"].as_str()), (Some(kind), Some(id)), "{name}: {found}");
        assert!(reasons.iter().any(|found| found.starts_with(reason)), "{name}: {reasons:?}, not {reason}");
    }
    // What only has a name, and what builds nothing.
    let authorizer = one(&person, "apigateway", "CreateAuthorizer", json!({"apiId": "z9", "name": "my-authorizer"}), json!({}));
    assert_eq!((&authorizer["id"], &authorizer["name"]), (&json!("z9"), &Value::Null), "{authorizer}");
    let mut invoked = event("02:14:00", &user("mallory"), "lambda", "Invoke", json!({"functionName": "f"}), json!({}));
    invoked["eventCategory"] = json!("Data");
    let nothing: Value = serde_json::from_slice(&run(&[invoked], &["--format", "json"]).stdout).unwrap();
    assert_eq!(nothing["resources"], json!([]));
    // Answers to browsers before the call are open everywhere.
    let preflight = one(
        &person,
        "apigateway",
        "PutMethod",
        json!({"restApiId": "a1", "httpMethod": "OPTIONS", "putMethodInput": {"authorizationType": "NONE"}}),
        json!({}),
    );
    assert_eq!(preflight["reasons"], json!([]), "{preflight}");
}

/// A name that begins alike, or is of another account, is another function.
#[test]
fn ties_are_by_account_region_and_whole_name() {
    let mallory = user("mallory");
    let mut events = day();
    events.push(event("02:20:00", &mallory, "lambda", "CreateFunction20150331", json!({"functionName": "billing"}), json!({})));
    let mut elsewhere = event("02:21:00", &mallory, "lambda", "CreateFunction20150331", json!({"functionName": "billing-sync"}), json!({}));
    elsewhere["awsRegion"] = json!("us-east-1");
    events.push(elsewhere);
    let report: Value = serde_json::from_slice(&run(&events, &["--format", "json"]).stdout).unwrap();
    let tied = |id: &str, region: &str| {
        let one = report["resources"].as_array().unwrap().iter().find(|one| one["id"] == id && one["region"] == region).unwrap();
        one["reasons"].as_array().unwrap().iter().any(|reason| reason["text"].as_str().unwrap().contains("tied"))
    };
    assert_eq!((tied("billing-sync", "eu-west-1"), tied("billing", "eu-west-1"), tied("billing-sync", "us-east-1")), (true, false, false));
}

#[test]
fn the_same_record_twice_counts_once_and_what_is_no_record_is_told() {
    let mut events = day();
    events.extend(day());
    let count = |events: &[Value]| -> usize {
        let report: Value = serde_json::from_slice(&run(events, &["--format", "json"]).stdout).unwrap();
        report["resources"].as_array().unwrap().iter().map(|one| one["acts"].as_array().unwrap().len()).sum()
    };
    assert_eq!(count(&events), count(&day()));
    events.reverse();
    assert_eq!(count(&events), count(&day()));
    // Hostile values are data: no field need be what it should.
    for odd in [
        json!({"eventSource": "lambda.amazonaws.com"}),
        json!({"eventSource": "lambda.amazonaws.com", "eventName": 7}),
        json!({"eventSource": "apigateway.amazonaws.com", "eventName": "CreateRestApi", "requestParameters": [], "responseElements": "x", "userIdentity": null}),
        json!({"eventSource": "lambda.amazonaws.com", "eventName": "CreateFunction20150331", "requestParameters": {"functionName": "\u{1b}[31m::error::\u{202e}"}, "eventTime": "yesterday"}),
    ] {
        let output = run(&[odd], &[]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert!(!text(&output.stdout).contains(['\u{1b}', '\u{202e}']), "{}", text(&output.stdout));
    }
    let missing =
        std::process::Command::new(env!("CARGO_BIN_EXE_trailarm")).args(["review", "--from", "nowhere.json"]).env_clear().output().unwrap();
    assert!(missing.status.code() == Some(1) && text(&missing.stderr).contains("there is no nowhere.json"));
}
