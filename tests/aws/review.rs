//! `review` of the event history, over the stand-in: pages of both sources, and what is still there.

use serde_json::{Value, json};

use crate::standin::{ACCOUNT, REGION, Standin};
use crate::work::Work;

fn event(i: usize, source: &str, name: &str, parameters: Value, response: Value) -> Value {
    let time = jiff::Timestamp::now().as_second() - 3600;
    json!({"eventID": format!("e-{i}"), "eventTime": jiff::Timestamp::from_second(time).unwrap().to_string(), "eventSource": source, "eventName": name,
        "awsRegion": REGION, "recipientAccountId": ACCOUNT, "userIdentity": {"type": "IAMUser", "arn": format!("arn:aws:iam::{ACCOUNT}:user/mallory")},
        "requestParameters": parameters, "responseElements": response, "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli/2"})
}

#[test]
fn the_history_of_both_sources_is_read_and_what_is_left_is_looked_for() {
    let standin = Standin::start();
    standin.with(|state| {
        for i in 0..60 {
            let function = json!({"functionName": format!("f{i}")});
            state.history.push(event(i, "lambda.amazonaws.com", "CreateFunction20150331", function, json!({})));
        }
        state.history.push(event(500, "apigateway.amazonaws.com", "CreateApi", json!({"name": "x"}), json!({"apiId": "a1"})));
        state.history.push(event(501, "ec2.amazonaws.com", "RunInstances", json!({}), json!({})));
        state.reach.targets = ["AWS::Lambda::Function f7", "AWS::ApiGatewayV2::Api a1"].map(str::to_owned).into();
    });
    let work = Work::new(&standin.url, "AKIA", REGION);
    let run = work.run(&["review", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{}{}", run.stdout, run.stderr));
    let of = |id: &str| report["resources"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap()["standing"].clone();
    assert_eq!(
        (report["resources"].as_array().unwrap().len(), of("f7"), of("f8"), of("a1")),
        (61, json!("there"), json!("gone"), json!("there"))
    );
    standin.fail("GetResource", 999, "AccessDeniedException");
    let closed = work.run(&["review", "--format", "json"]);
    assert!(closed.code == 0 && closed.stdout.contains("\"standing\": \"unknown\""), "{}{}", closed.stdout, closed.stderr);
    standin.fail("LookupEvents", 9, "AccessDeniedException");
    let refused = work.run(&["review"]);
    assert!(refused.code == 1 && refused.stderr.contains("cloudtrail:LookupEvents"), "{}", refused.stderr);
}
