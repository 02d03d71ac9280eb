//! Properties of CloudTrail records: which are always there, which are text, which are flags
//! (CloudTrail user guide, "CloudTrail record contents"; the shapes were counted over real records).

/// Names at the top of a record.
pub const TOP: &[&str] = &[
    "eventVersion",
    "userIdentity",
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "errorCode",
    "errorMessage",
    "requestParameters",
    "responseElements",
    "additionalEventData",
    "requestID",
    "eventID",
    "eventType",
    "apiVersion",
    "managementEvent",
    "readOnly",
    "resources",
    "recipientAccountId",
    "serviceEventDetails",
    "sharedEventID",
    "vpcEndpointId",
    "vpcEndpointAccountId",
    "eventCategory",
    "addendum",
    "sessionCredentialFromConsole",
    "edgeDeviceDetails",
    "tlsDetails",
];

/// Objects and lists, or null.
const CONTAINERS: &[&str] = &[
    "$.userIdentity",
    "$.userIdentity.sessionContext",
    "$.userIdentity.sessionContext.attributes",
    "$.userIdentity.sessionContext.sessionIssuer",
    "$.requestParameters",
    "$.responseElements",
    "$.additionalEventData",
    "$.serviceEventDetails",
    "$.resources",
    "$.tlsDetails",
    "$.addendum",
];

/// The values of properties that have only a few.
const VALUES: &[(&str, &[&str])] = &[
    (
        "$.userIdentity.type",
        &[
            "Root",
            "IAMUser",
            "AssumedRole",
            "Role",
            "FederatedUser",
            "Directory",
            "AWSAccount",
            "AWSService",
            "IdentityCenterUser",
            "SAMLUser",
            "WebIdentityUser",
            "Unknown",
        ],
    ),
    (
        "$.eventType",
        &["AwsApiCall", "AwsServiceEvent", "AwsConsoleAction", "AwsConsoleSignIn", "AwsCloudTrailInsight", "AwsVpceEvent", "AwsMlApiCall"],
    ),
    ("$.additionalEventData.MFAUsed", &["Yes", "No"]),
    ("$.responseElements.ConsoleLogin", &["Success", "Failure"]),
    ("$.userIdentity.sessionContext.attributes.mfaAuthenticated", &["true", "false"]),
    ("$.eventCategory", &["Management", "Data", "Insight", "NetworkActivity", "Aggregated"]),
];

/// In every record.
const ALWAYS: &[&str] = &[
    "$.eventVersion",
    "$.userIdentity",
    "$.eventTime",
    "$.eventSource",
    "$.eventName",
    "$.awsRegion",
    "$.sourceIPAddress",
    "$.eventID",
    "$.eventType",
    "$.recipientAccountId",
];

/// Texts, whatever they look like: account ids are texts of digits, `mfaAuthenticated` is "true" or "false".
const TEXTS: &[&str] = &[
    "$.eventVersion",
    "$.eventTime",
    "$.eventSource",
    "$.eventName",
    "$.eventType",
    "$.eventCategory",
    "$.awsRegion",
    "$.sourceIPAddress",
    "$.userAgent",
    "$.errorCode",
    "$.errorMessage",
    "$.requestID",
    "$.eventID",
    "$.sharedEventID",
    "$.apiVersion",
    "$.recipientAccountId",
    "$.vpcEndpointId",
    "$.sessionCredentialFromConsole",
    "$.userIdentity.type",
    "$.userIdentity.principalId",
    "$.userIdentity.arn",
    "$.userIdentity.accountId",
    "$.userIdentity.accessKeyId",
    "$.userIdentity.userName",
    "$.userIdentity.invokedBy",
    "$.userIdentity.sessionContext.attributes.mfaAuthenticated",
    "$.userIdentity.sessionContext.attributes.creationDate",
    "$.userIdentity.sessionContext.ec2RoleDelivery",
    "$.userIdentity.sessionContext.sessionIssuer.type",
    "$.userIdentity.sessionContext.sessionIssuer.arn",
    "$.userIdentity.sessionContext.sessionIssuer.accountId",
    "$.userIdentity.sessionContext.sessionIssuer.principalId",
    "$.userIdentity.sessionContext.sessionIssuer.userName",
    "$.additionalEventData.MFAUsed",
    "$.responseElements.ConsoleLogin",
    "$.tlsDetails.tlsVersion",
    "$.tlsDetails.cipherSuite",
];

/// JSON's true and false.
const FLAGS: &[&str] = &["$.readOnly", "$.managementEvent"];

/// With (nearly) every event another value: no dimension of a metric.
const MANY_VALUES: &[&str] = &[
    "arn",
    "principalid",
    "accesskeyid",
    "sourceipaddress",
    "useragent",
    "username",
    "eventtime",
    "requestid",
    "eventid",
    "rolesessionname",
];

/// The same property as CloudTrail spells it, if that differs in case only.
pub fn spelled(selector: &str) -> Option<&'static str> {
    let mut known = [TEXTS, CONTAINERS, FLAGS].into_iter().flatten().copied();
    known.find(|known| known.eq_ignore_ascii_case(selector)).filter(|known| *known != selector)
}

/// Whether every record has it.
pub fn is_always_there(selector: &str) -> bool {
    ALWAYS.contains(&selector)
}

/// Whether it is a text wherever it is there.
pub fn is_text(selector: &str) -> bool {
    TEXTS.contains(&selector)
}

/// Whether it is true or false.
pub fn is_flag(selector: &str) -> bool {
    FLAGS.contains(&selector)
}

/// Whether it has so many values that a metric with it as a dimension is switched off by AWS.
pub fn has_many_values(selector: &str) -> bool {
    let name = selector.rsplit(['.', '$']).next().unwrap_or_default().to_lowercase();
    MANY_VALUES.contains(&name.as_str())
}

/// Whether it is an object or a list, or null.
pub fn is_container(selector: &str) -> bool {
    CONTAINERS.contains(&selector)
}

/// All values that it has, where they are few.
pub fn values(selector: &str) -> Option<&'static [&'static str]> {
    VALUES.iter().find(|(known, _)| *known == selector).map(|(_, values)| *values)
}

/// Whether it is the address of a caller.
pub fn is_address(selector: &str) -> bool {
    selector == "$.sourceIPAddress"
}
