//! Events with the shapes and sizes that CloudTrail writes, made up: account 111122223333,
//! example.com. The same for the same number.

use std::fmt::Write;

/// Source, event names, request parameters: what a busy account calls most, and now and then what
/// detections look for.
const CALLS: &[(&str, &str, &str)] = &[
    (
        "ec2",
        "DescribeInstances",
        r#"{"instancesSet":{"items":[{"instanceId":"i-0a1b2c3d4e5f60718"}]},"filterSet":{"items":[{"name":"tag:team","valueSet":{"items":[{"value":"platform"}]}}]}}"#,
    ),
    ("sts", "AssumeRole", r#"{"roleArn":"arn:aws:iam::111122223333:role/reader","roleSessionName":"session-1784","durationSeconds":3600}"#),
    (
        "kms",
        "Decrypt",
        r#"{"encryptionContext":{"aws:s3:arn":"arn:aws:s3:::logs-111122223333"},"encryptionAlgorithm":"SYMMETRIC_DEFAULT"}"#,
    ),
    ("s3", "GetBucketAcl", r#"{"bucketName":"logs-111122223333","Host":"logs-111122223333.s3.us-east-1.amazonaws.com","acl":""}"#),
    ("logs", "DescribeLogStreams", r#"{"logGroupName":"/aws/lambda/orders","logStreamNamePrefix":"2026/11/25","limit":50}"#),
    ("dynamodb", "DescribeTable", r#"{"tableName":"orders"}"#),
    ("lambda", "GetFunction20150331v2", r#"{"functionName":"arn:aws:lambda:us-east-1:111122223333:function:orders"}"#),
    (
        "ssm",
        "UpdateInstanceInformation",
        r#"{"agentVersion":"3.2.1705.0","agentStatus":"Active","platformType":"Linux","platformName":"Amazon Linux","platformVersion":"2023","iPAddress":"10.0.0.17","computerName":"ip-10-0-0-17.ec2.internal","agentName":"amazon-ssm-agent"}"#,
    ),
    ("autoscaling", "DescribeAutoScalingGroups", "null"),
    ("monitoring", "DescribeAlarms", r#"{"maxRecords":100,"alarmNamePrefix":"account-baseline/"}"#),
    (
        "apigateway",
        "CreateRestApi",
        r#"{"createRestApiInput":{"name":"hook","endpointConfiguration":{"types":["REGIONAL"]}},"template":false}"#,
    ),
    (
        "lambda",
        "CreateFunction20150331",
        r#"{"functionName":"hook","runtime":"python3.13","role":"arn:aws:iam::111122223333:role/hook","handler":"index.handler","code":{},"timeout":30,"memorySize":128,"publish":false}"#,
    ),
];

/// The events of interest are one in this many.
const RARE: usize = 200;

/// Digits without a pattern, as ids have them: archives are to be as hard to unpack as real ones.
fn noise(number: usize, salt: u64) -> u64 {
    let mut x = (number as u64).wrapping_add(salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// One event as CloudTrail writes it, about 1.6 KB.
pub(crate) fn event(number: usize) -> String {
    let common = CALLS.len() - 2;
    let call = if number.is_multiple_of(RARE) { common + number / RARE % 2 } else { noise(number, 1) as usize % common };
    let (service, name, parameters) = CALLS[call];
    let (hour, minute, second) = (number / 3600 % 24, number / 60 % 60, number % 60);
    let refused =
        if number % 31 == 7 { r#""errorCode":"AccessDenied","errorMessage":"User is not authorized to perform this action","# } else { "" };
    let (worker, key) = (noise(number, 12) % 17, noise(number, 2));
    let token: String = (20..26).map(|salt| format!("{:016x}", noise(number, salt))).collect();
    let mut out = String::with_capacity(1800);
    let _ = write!(
        out,
        r#"{{"eventVersion":"1.10","userIdentity":{{"type":"AssumedRole","principalId":"AROA{:016X}:worker-{}","arn":"arn:aws:sts::111122223333:assumed-role/worker-{}/worker-{number}","accountId":"111122223333","accessKeyId":"ASIA{key:016X}","sessionContext":{{"sessionIssuer":{{"type":"Role","principalId":"AROAEXAMPLEEXAMPLE","arn":"arn:aws:iam::111122223333:role/worker-{}","accountId":"111122223333","userName":"worker-{}"}},"attributes":{{"creationDate":"2026-11-25T{hour:02}:00:00Z","mfaAuthenticated":"false"}}}}}},"eventTime":"2026-11-25T{hour:02}:{minute:02}:{second:02}Z","eventSource":"{service}.amazonaws.com","eventName":"{name}","awsRegion":"us-east-1","sourceIPAddress":"10.{}.{}.17","userAgent":"aws-sdk-java/2.29.{} Linux/6.1.112 OpenJDK_64-Bit_Server_VM/21.0.5 vendor/Amazon.com_Inc. md/internal exec-env/AWS_ECS_FARGATE",{refused}"requestParameters":{parameters},"responseElements":null,"additionalEventData":{{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"{token}","bytesTransferredOut":{}}},"requestID":"{:08x}-{:04x}-4222-8333-{:012x}","eventID":"{:08x}-{:04x}-4555-8666-{:012x}","readOnly":{},"eventType":"AwsApiCall","managementEvent":true,"recipientAccountId":"111122223333","vpcEndpointId":"vpce-{:017x}","eventCategory":"Management","tlsDetails":{{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"{service}.us-east-1.amazonaws.com"}}}}"#,
        noise(number % 17, 3),
        worker,
        worker,
        worker,
        worker,
        noise(number, 4) % 250,
        noise(number, 5) % 250,
        number % 40,
        noise(number, 13) % 100_000,
        noise(number, 6) >> 32,
        noise(number, 7) >> 48,
        noise(number, 8) >> 16,
        noise(number, 9) >> 32,
        noise(number, 10) >> 48,
        noise(number, 11) >> 16,
        !name.starts_with("Create"),
        noise(number, 14),
    );
    out
}
