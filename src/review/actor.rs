//! Who did it, from where.

use serde_json::Value;

/// The principal of a record (CloudTrail userIdentity element).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Actor {
    /// ARN of the user, or of the role behind a session; `root`, or the service.
    pub principal: String,
    /// Name of the session.
    pub session: Option<String>,
    /// `Root`, `IAMUser`, `AssumedRole`, `AWSService`.
    pub kind: String,
    /// The service that called on its behalf.
    pub through: Option<String>,
    pub address: String,
    pub agent: String,
    /// It used a long-lived key (`AKIA…`), and no session.
    pub has_key: bool,
    /// The function that it runs in: its credentials are that function's.
    pub function: Option<String>,
}

impl Actor {
    pub(super) fn of(record: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let some = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
        let identity = &record["userIdentity"];
        let kind = text(&identity["type"]);
        let issuer = some(&identity["sessionContext"]["sessionIssuer"]["arn"]);
        let principal = [issuer, some(&identity["arn"]), some(&identity["invokedBy"]), some(&identity["principalId"])];
        let session =
            if kind == "AssumedRole" { identity["arn"].as_str().and_then(|arn| arn.rsplit('/').next()).map(str::to_owned) } else { None };
        let in_function = &identity["inScopeOf"];
        Self {
            principal: principal.into_iter().flatten().next().unwrap_or_else(|| "unknown".to_owned()),
            session,
            kind,
            has_key: identity["accessKeyId"].as_str().is_some_and(|key| key.starts_with("AKIA")),
            through: some(&identity["invokedBy"]),
            address: text(&record["sourceIPAddress"]),
            agent: text(&record["userAgent"]),
            function: some(&in_function["credentialsIssuedTo"]).filter(|_| in_function["issuerType"] == "AWS::Lambda::Function"),
        }
    }

    /// `role/ci-deployer (run-1187)`, `user/mallory`.
    pub fn words(&self) -> String {
        let name = self
            .principal
            .split_once(":iam::")
            .map_or(self.principal.as_str(), |(_, rest)| rest.split_once(':').map_or(rest, |(_, name)| name));
        self.session.as_ref().map_or_else(|| name.to_owned(), |session| format!("{name} ({session})"))
    }
}
