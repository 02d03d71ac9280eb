//! What the caller lacks, asked of IAM's simulator. It knows policies and, where it may see them, those of the organization.

use aws_sdk_iam::types::PolicyEvaluationDecisionType::Allowed;

use super::Policy;
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
            lacks.extend(of_resource(aws, &source, &statement.action, resource).await?);
        }
    }
    Ok(lacks)
}

async fn of_resource(aws: &Clients, source: &str, actions: &[&str], resource: &str) -> Result<Vec<Lack>, AccountError> {
    let (mut lacks, mut marker) = (Vec::new(), None);
    loop {
        let names = actions.iter().map(|action| (*action).to_owned()).collect();
        let request = aws.iam.simulate_principal_policy().policy_source_arn(source).set_action_names(Some(names));
        let page = aws.call(SIMULATE, source, request.resource_arns(resource).set_marker(marker).send()).await?;
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
