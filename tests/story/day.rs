//! AT1667.001 as a story: a day of an account's noise, and a break-in.

use serde_json::{Value, json};

pub(crate) const STACK: &str = "\
stack: account-baseline
log_group: {name: trail}
packs: [api-gateway-abuse, lambda-persistence, post-activation, trail-and-alarm-tampering, cis]
profiles: {cis: cis-7.0}
parameters:
  trusted_actors: ['arn:aws:iam::111122223333:role/ci-deployer', cloudformation.amazonaws.com]
";

/// What rings when; `docs/library.md` shows it.
pub(crate) const STEPS: &str = "\
02:14 function created
    lambda-persistence/function-created
02:22 API built
    api-gateway-abuse/built-by-unexpected-actor
    api-gateway-abuse/method-without-authorization
    api-gateway-abuse/resource-added
    api-gateway-abuse/rest-api-built
02:31 Lambda tied to it
    api-gateway-abuse/built-by-unexpected-actor
    api-gateway-abuse/lambda-integration
    api-gateway-abuse/rest-api-built
    lambda-persistence/opened-to-api-gateway
    lambda-persistence/permission-added
02:43 API deployed
    api-gateway-abuse/built-by-unexpected-actor
    api-gateway-abuse/deployed
20:04 activated: a machine and an admin user
    post-activation/admin-policy-attached
    post-activation/identity-by-role
    post-activation/identity-from-function
    post-activation/instance-from-function
    cis/iam-policy-changed
20:16 the watchers are cut off
    trail-and-alarm-tampering/alarm-silenced
    trail-and-alarm-tampering/metric-filter-changed
    trail-and-alarm-tampering/notification-cut
20:29 the trail is stopped
    trail-and-alarm-tampering/trail-changed
    cis/cloudtrail-configuration-changed
";

/// Minutes of a day.
pub(crate) const DAY: usize = 24 * 60;

fn role(name: &str, session: &str) -> Value {
    json!({
        "type": "AssumedRole",
        "arn": format!("arn:aws:sts::000000000000:assumed-role/{name}/{session}"),
        "accountId": "000000000000",
        "sessionContext": {"sessionIssuer": {"type": "Role", "arn": format!("arn:aws:iam::111122223333:role/{name}"), "userName": name}},
    })
}

fn event(who: &Value, source: &str, name: &str, parameters: Value) -> Value {
    json!({
        "eventVersion": "1.11", "userIdentity": who, "eventSource": format!("{source}.amazonaws.com"), "eventName": name,
        "awsRegion": "us-east-1", "sourceIPAddress": "203.0.113.54", "userAgent": "aws-cli/2.31.3", "requestParameters": parameters,
        "responseElements": {}, "readOnly": name.starts_with("Get") || name.starts_with("Describe") || name.starts_with("List"),
        "eventType": "AwsApiCall", "managementEvent": true, "recipientAccountId": "000000000000", "eventCategory": "Management",
    })
}

/// What an ordinary day brings: the pipeline deploys, CloudFormation builds, people look, services tidy up.
pub(crate) fn noise() -> Vec<(usize, Value)> {
    let ci = role("ci-deployer", "run-1187");
    let mut stack = role("stack-role", "AWSCloudFormation");
    stack["invokedBy"] = json!("cloudformation.amazonaws.com");
    let person = role("developer", "alice");
    let mut scaling = role("autoscaling", "ecs");
    scaling["invokedBy"] = json!("dynamodb.application-autoscaling.amazonaws.com");
    let api = || json!({"restApiId": "a1b2c3d4e5", "putIntegrationInput": {"uri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:orders/invocations"}});
    let mut day = Vec::new();
    for minute in 0..DAY {
        day.push((minute, event(&person, "ec2", "DescribeInstances", json!({}))));
        day.push((minute, event(&person, "lambda", "GetFunction20150331v2", json!({"functionName": "orders"}))));
        if minute % 30 == 0 {
            day.push((minute, event(&ci, "apigateway", "CreateDeployment", json!({"restApiId": "a1b2c3d4e5"}))));
            day.push((minute, event(&ci, "apigateway", "PutIntegration", api())));
            day.push((minute, event(&ci, "lambda", "UpdateFunctionCode20150331v2", json!({"functionName": "orders", "dryRun": false}))));
            day.push((minute, event(&ci, "monitoring", "PutMetricAlarm", json!({"alarmName": "account-baseline/root-usage"}))));
        }
        if minute % 120 == 7 {
            day.push((
                minute,
                event(
                    &stack,
                    "apigateway",
                    "CreateResource",
                    json!({"restApiId": "a1b2c3d4e5", "createResourceInput": {"pathPart": "v2"}}),
                ),
            ));
            day.push((minute, event(&stack, "lambda", "CreateFunction20150331", json!({"functionName": "orders-v2"}))));
            day.push((minute, event(&scaling, "monitoring", "DeleteAlarms", json!({"alarmNames": ["TargetTracking-table/orders"]}))));
        }
    }
    // A typing error.
    let mut refused = event(&person, "lambda", "DeleteFunction20150331", json!(null));
    refused["errorCode"] = json!("ResourceNotFoundException");
    day.push((600, refused));
    day
}

/// The break-in, step by step: minute, what happens, the events.
pub(crate) fn attack() -> Vec<(usize, &'static str, Vec<Value>)> {
    let mallory = json!({"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/mallory", "userName": "mallory"});
    let mut function = role("billing-sync", "billing-sync");
    function["inScopeOf"] = json!({"issuerType": "AWS::Lambda::Function", "credentialsIssuedTo": "arn:aws:lambda:us-east-1:000000000000:function:billing-sync"});
    let uri = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:billing-sync/invocations";
    let gateway = |name: &str, parameters: Value| event(&mallory, "apigateway", name, parameters);
    vec![
        (
            134,
            "function created",
            vec![event(
                &mallory,
                "lambda",
                "CreateFunction20150331",
                json!({"functionName": "billing-sync", "role": "arn:aws:iam::111122223333:role/billing-sync"}),
            )],
        ),
        (
            142,
            "API built",
            vec![
                gateway("CreateRestApi", json!({"createRestApiInput": {"name": "billing"}})),
                gateway("CreateResource", json!({"restApiId": "f6g7h8i9j0", "createResourceInput": {"pathPart": "sync"}})),
                gateway(
                    "PutMethod",
                    json!({"restApiId": "f6g7h8i9j0", "httpMethod": "POST", "putMethodInput": {"authorizationType": "NONE", "apiKeyRequired": false}}),
                ),
            ],
        ),
        (
            151,
            "Lambda tied to it",
            vec![
                gateway("PutIntegration", json!({"restApiId": "f6g7h8i9j0", "putIntegrationInput": {"uri": uri}})),
                event(
                    &mallory,
                    "lambda",
                    "AddPermission20150331v2",
                    json!({"functionName": "billing-sync", "principal": "apigateway.amazonaws.com", "sourceArn": "arn:aws:execute-api:us-east-1:000000000000:f6g7h8i9j0/*"}),
                ),
            ],
        ),
        (
            163,
            "API deployed",
            vec![gateway("CreateDeployment", json!({"restApiId": "f6g7h8i9j0", "createDeploymentInput": {"stageName": "prod"}}))],
        ),
        (
            1204,
            "activated: a machine and an admin user",
            vec![
                event(&function, "ec2", "RunInstances", json!({"instanceType": "p5.48xlarge"})),
                event(&function, "iam", "CreateUser", json!({"userName": "support-2"})),
                event(
                    &function,
                    "iam",
                    "AttachUserPolicy",
                    json!({"userName": "support-2", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
                ),
            ],
        ),
        (
            1216,
            "the watchers are cut off",
            vec![
                event(&mallory, "logs", "DeleteMetricFilter", json!({"logGroupName": "trail", "filterName": "account-baseline/deployed"})),
                event(&mallory, "monitoring", "DisableAlarmActions", json!({"alarmNames": ["account-baseline/deployed"]})),
                event(&mallory, "sns", "DeleteTopic", json!({"topicArn": "arn:aws:sns:us-east-1:000000000000:account-baseline-security"})),
            ],
        ),
        (1229, "the trail is stopped", vec![event(&mallory, "cloudtrail", "StopLogging", json!({"name": "management-events"}))]),
    ]
}
