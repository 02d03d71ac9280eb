//! Statements to and from Lambda. There is no update: a statement is removed and added again.

use std::collections::BTreeSet;

use futures_util::future::try_join_all;
use serde_json::Value;

use super::{Permission, Target};
use crate::account::aws::Clients;
use crate::account::error::{AccountError, if_there};
use crate::kinds::{Listed, Put, Query, restore};
use crate::state::Resource;

/// All statements of the functions that are asked for, foreign ones too.
pub(super) async fn list(aws: &Clients, query: &Query) -> Result<Vec<Listed>, AccountError> {
    let named = query.named.iter().filter(|address| address.kind == "permission").filter_map(Target::of_address);
    let targets: BTreeSet<Target> = named.chain(query.functions.iter().cloned()).collect();
    let found = try_join_all(targets.iter().map(|target| of_function(aws, target))).await?;
    Ok(found.into_iter().flatten().map(|permission| Listed::from(permission.resource())).collect())
}

async fn of_function(aws: &Clients, target: &Target) -> Result<Vec<Permission>, AccountError> {
    let Some(text) = policy(aws, target).await? else { return Ok(Vec::new()) };
    let wrong = |e: serde_json::Error| AccountError::other("lambda:GetPolicy", &subject(target), &e);
    let policy: Value = serde_json::from_str(&text).map_err(wrong)?;
    let statements = policy["Statement"].as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(statements.iter().filter_map(|statement| from_aws(target, statement)).collect())
}

/// A function's policy as JSON; `None`: it has none, or is not there.
async fn policy(aws: &Clients, target: &Target) -> Result<Option<String>, AccountError> {
    let request = aws.lambda.get_policy().function_name(&target.function).set_qualifier(target.qualifier.clone());
    Ok(if_there(aws.call("lambda:GetPolicy", &subject(target), request.send()).await)?.and_then(|output| output.policy))
}

fn subject(target: &Target) -> String {
    format!("function {target}")
}

/// A statement as AddPermission makes it. Without an id it is nobody's we know.
fn from_aws(target: &Target, statement: &Value) -> Option<Permission> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let condition = |operator: &str, key: &str| {
        let entries = statement["Condition"][operator].as_object()?;
        text(entries.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?.1)
    };
    let source_arn = condition("ArnLike", "aws:SourceArn");
    let source_account = condition("StringEquals", "aws:SourceAccount");
    let conditions: usize =
        statement["Condition"].as_object().into_iter().flatten().map(|(_, keys)| keys.as_object().map_or(1, serde_json::Map::len)).sum();
    let known = usize::from(source_arn.is_some()) + usize::from(source_account.is_some());
    let is_plain = conditions == known && statement["Effect"] == "Allow" && statement["Principal"]["Service"].is_string();
    Some(Permission {
        function: target.function.clone(),
        qualifier: target.qualifier.clone(),
        statement_id: text(&statement["Sid"])?,
        principal: text(&statement["Principal"]["Service"]).unwrap_or_default(),
        action: text(&statement["Action"]).unwrap_or_default(),
        source_arn,
        source_account,
        other: (!is_plain).then(|| statement.clone()),
    })
}

pub(super) async fn put(aws: &Clients, put: Put<'_>) -> Result<(), AccountError> {
    let subject = put.resource.address.to_string();
    let wrong = |e: serde_json::Error| AccountError::other("lambda:AddPermission", &subject, &e);
    let wanted: Permission = restore(&put.resource.attributes).map_err(wrong)?;
    let Some(before) = put.before else { return add(aws, &subject, wanted).await };
    let before: Permission = restore(before).map_err(wrong)?;
    delete(aws, put.resource).await?;
    let added = add(aws, &subject, wanted).await;
    if added.is_err() && before.other.is_none() {
        // What was there is better than nothing; that it did not come back either is told by the error that is told anyway.
        let _ = add(aws, &subject, before).await;
    }
    added
}

async fn add(aws: &Clients, subject: &str, wanted: Permission) -> Result<(), AccountError> {
    let request = aws
        .lambda
        .add_permission()
        .function_name(&wanted.function)
        .set_qualifier(wanted.qualifier)
        .statement_id(&wanted.statement_id)
        .principal(&wanted.principal)
        .action(&wanted.action)
        .set_source_arn(wanted.source_arn)
        .set_source_account(wanted.source_account);
    aws.call("lambda:AddPermission", subject, request.send()).await.map(drop)
}

pub(super) async fn delete(aws: &Clients, resource: &Resource) -> Result<(), AccountError> {
    let subject = resource.address.to_string();
    let wrong = |e: serde_json::Error| AccountError::other("lambda:RemovePermission", &subject, &e);
    let gone: Permission = restore(&resource.attributes).map_err(wrong)?;
    let request =
        aws.lambda.remove_permission().function_name(&gone.function).set_qualifier(gone.qualifier).statement_id(&gone.statement_id);
    if_there(aws.call("lambda:RemovePermission", &subject, request.send()).await).map(drop)
}
