//! What the caller lacks, asked of IAM's simulator. It knows policies and, where it may see them, those of the organization.

use aws_sdk_iam::types::PolicyEvaluationDecisionType::Allowed;
use aws_sdk_iam::types::{ContextEntry, ContextKeyTypeEnum};

use super::{Policy, Statement};
use crate::account::aws::Clients;
use crate::account::error::{AccountError, Reason};
use crate::arn::Arn;

/// An action that would be refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lack {
    pub action: String,
    pub resource: String,
    /// `implicitDeny`: nothing allows it; `explicitDeny`: something forbids it.
    pub decision: String,
}

const SIMULATE: &str = "iam:SimulatePrincipalPolicy";

/// What of a policy its caller would be refused.
///
/// # Errors
/// The caller cannot be simulated, or may not simulate.
pub(crate) async fn lacking(aws: &Clients, caller: &str, policy: &Policy) -> Result<Vec<Lack>, AccountError> {
    let source = source(aws, caller).await?;
    let mut lacks = Vec::new();
    for statement in &policy.statement {
        for resource in &statement.resource {
            lacks.extend(of_resource(aws, &source, statement, resource).await?);
        }
    }
    Ok(lacks)
}

async fn of_resource(aws: &Clients, source: &str, statement: &Statement, resource: &str) -> Result<Vec<Lack>, AccountError> {
    let (mut lacks, mut marker) = (Vec::new(), None);
    let context = context(statement);
    loop {
        let names = statement.action.iter().map(|action| (*action).to_owned()).collect();
        let request = aws.iam.simulate_principal_policy().policy_source_arn(source).set_action_names(Some(names));
        let page = aws
            .call(SIMULATE, source, request.resource_arns(resource).set_context_entries(context.clone()).set_marker(marker).send())
            .await?;
        let refused = page.evaluation_results.unwrap_or_default().into_iter().filter(|result| result.eval_decision != Allowed);
        lacks.extend(refused.map(|result| Lack {
            action: result.eval_action_name,
            resource: resource.to_owned(),
            decision: result.eval_decision.as_str().to_owned(),
        }));
        marker = page.marker.filter(|_| page.is_truncated);
        if marker.is_none() {
            return Ok(lacks);
        }
    }
}

/// What the call would carry, so that a policy which asks for it allows it.
fn context(statement: &Statement) -> Option<Vec<ContextEntry>> {
    let equal = statement.condition.as_ref()?.get("StringEquals")?.as_object()?;
    let entry = |(key, value): (&String, &serde_json::Value)| {
        let entry = ContextEntry::builder().context_key_name(key).context_key_type(ContextKeyTypeEnum::String);
        entry.context_key_values(value.as_str().unwrap_or_default()).build()
    };
    Some(equal.iter().map(entry).collect())
}

/// The user or the role of a caller: a session is simulated by its role, whose path only IAM knows.
async fn source(aws: &Clients, caller: &str) -> Result<String, AccountError> {
    let unusable = || {
        AccountError::new(
            SIMULATE,
            caller,
            Reason::Other,
            "only users and roles can be simulated, so log in as the role that runs the command",
        )
    };
    let arn: Arn = caller.parse().map_err(|_| unusable())?;
    if arn.service == "iam" && arn.resource.starts_with("user/") {
        return Ok(caller.to_owned());
    }
    let mut parts = arn.resource.split('/');
    let (Some("assumed-role"), Some(role)) = (parts.next(), parts.next()) else { return Err(unusable()) };
    let request = aws.iam.get_role().role_name(role);
    match aws.call("iam:GetRole", role, request.send()).await {
        Ok(output) => output.role.map(|role| role.arn).ok_or_else(unusable),
        // Most roles have no path.
        Err(error) if error.reason == Reason::Denied => Ok(format!("arn:{}:iam::{}:role/{role}", arn.partition, arn.account_id)),
        Err(error) => Err(error),
    }
}
