//! Statements of a Lambda function's resource policy that let an alarm invoke it (Lambda AddPermission; spec, section 6.3).
//!
//! Each is for one function, version or alias, and one alarm. Nobody writes them: an alarm with a function of this account and
//! Region among its actions has one. A function of another account is opened there.
//!
//! Cannot be seen: statements on functions that neither the definitions nor the stack's live alarms name.

mod aws;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::alarm::actions_of;
use super::{Call, Kind, Listed, Put, Query, erase, restore};
use crate::account::aws::Clients;
use crate::arn::Arn;
use crate::state::{Address, Attributes, Desired, Resource, Scope, State};

/// Who invokes functions for alarms.
pub const ALARM_SERVICE: &str = "lambda.alarms.cloudwatch.amazonaws.com";
const INVOKE: &str = "lambda:InvokeFunction";

/// A statement in normal form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permission {
    /// Name of the function.
    pub function: String,
    /// A version or an alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qualifier: Option<String>,
    pub statement_id: String,
    /// The service that may do it.
    pub principal: String,
    pub action: String,
    /// The alarm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_arn: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_account: Option<String>,
    /// The whole statement, when it says anything else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other: Option<Value>,
}

impl Permission {
    pub fn resource(self) -> Resource {
        let target = Target { function: self.function.clone(), qualifier: self.qualifier.clone() };
        Resource { address: Address::new("permission", format!("{target}:{}", self.statement_id)), attributes: erase(&self) }
    }

    /// What an alarm needs.
    fn of_alarm(target: Target, alarm: &str, scope: &Scope) -> Self {
        Self {
            function: target.function,
            qualifier: target.qualifier,
            statement_id: statement_id(&scope.stack, alarm),
            principal: ALARM_SERVICE.to_owned(),
            action: INVOKE.to_owned(),
            source_arn: Some(scope.arn("cloudwatch", &format!("alarm:{alarm}"))),
            source_account: Some(scope.account_id.clone()),
            other: None,
        }
    }
}

/// `trailarm-<stack>-` and digits of the alarm's name: at most 86 of the 100 characters.
fn statement_id(stack: &str, alarm: &str) -> String {
    let digest = Sha256::digest(alarm.as_bytes());
    let digits: String = digest.iter().take(DIGITS / 2).map(|byte| format!("{byte:02x}")).collect();
    format!("trailarm-{stack}-{digits}")
}

const DIGITS: usize = 12;

/// Just the digits stand behind the stack's name, so `a` does not own what `a-b` made.
fn is_ours(statement_id: &str, stack: &str) -> bool {
    let digits = statement_id.strip_prefix("trailarm-").and_then(|rest| rest.strip_prefix(stack)).and_then(|rest| rest.strip_prefix('-'));
    digits.is_some_and(|digits| digits.len() == DIGITS && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// A function, or one of its versions or aliases: `contain`, `contain:live`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    pub function: String,
    pub qualifier: Option<String>,
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.function)?;
        self.qualifier.iter().try_for_each(|qualifier| write!(f, ":{qualifier}"))
    }
}

impl Target {
    /// Of an alarm's action, if that is a function of this account and Region.
    pub fn of_action(arn: &str, scope: &Scope) -> Option<Self> {
        let arn: Arn = arn.parse().ok()?;
        let place = (arn.partition.as_str(), arn.region.as_str(), arn.account_id.as_str());
        let here = arn.service == "lambda" && place == (scope.partition.as_str(), scope.region.as_str(), scope.account_id.as_str());
        Self::parse(arn.resource.strip_prefix("function:").filter(|_| here)?)
    }

    /// Of an address: what stands before the statement's id.
    fn of_address(address: &Address) -> Option<Self> {
        Self::parse(address.name.rsplit_once(':')?.0)
    }

    fn parse(text: &str) -> Option<Self> {
        let (function, qualifier) = text.split_once(':').map_or((text, None), |(function, qualifier)| (function, Some(qualifier)));
        (!function.is_empty()).then(|| Self { function: function.to_owned(), qualifier: qualifier.map(str::to_owned) })
    }
}

/// The functions that alarms of a state invoke, each with the alarm's address.
fn invoked(state: &State, scope: &Scope) -> BTreeSet<(Target, Address)> {
    let targets = |(address, attributes): (&Address, &Attributes)| -> Vec<(Target, Address)> {
        actions_of(attributes).filter_map(|arn| Some((Target::of_action(arn, scope)?, address.clone()))).collect()
    };
    state.alarms().flat_map(targets).collect()
}

/// The functions that alarms of a state invoke.
pub(crate) fn functions(state: &State, scope: &Scope) -> BTreeSet<Target> {
    invoked(state, scope).into_iter().map(|(target, _)| target).collect()
}

/// The permissions that the desired alarms need, each with the address of its alarm.
pub fn compile(desired: &Desired, scope: &Scope) -> Vec<(Address, Resource)> {
    let needed = invoked(&desired.state, scope).into_iter();
    needed.map(|(target, alarm)| (alarm.clone(), Permission::of_alarm(target, &alarm.name, scope).resource())).collect()
}

/// See [`Permission`].
pub struct PermissionKind;

impl Kind for PermissionKind {
    fn name(&self) -> &'static str {
        "permission"
    }

    fn resource(&self, attributes: &Attributes) -> Result<Resource, serde_json::Error> {
        Ok(restore::<Permission>(attributes)?.resource())
    }

    fn owns(&self, scope: &Scope, resource: &Resource) -> bool {
        let id = resource.address.name.rsplit(':').next().unwrap_or_default();
        is_ours(id, &scope.stack)
    }

    fn requires(&self, scope: &Scope, resource: &Resource) -> Vec<String> {
        // It comes after its alarm, and goes before it: the alarm is what it is found by.
        let Ok(permission) = restore::<Permission>(&resource.attributes) else { return Vec::new() };
        permission.source_arn.iter().filter_map(|arn| Some(format!("alarm:{}", scope.alarm_name(arn)?))).collect()
    }

    fn list<'a>(&'a self, aws: &'a Clients, query: &'a Query) -> Call<'a, Vec<Listed>> {
        Box::pin(aws::list(aws, query))
    }

    fn put<'a>(&'a self, aws: &'a Clients, _: &'a Scope, put: Put<'a>) -> Call<'a, ()> {
        Box::pin(aws::put(aws, put))
    }

    fn delete<'a>(&'a self, aws: &'a Clients, _: &'a Scope, resource: &'a Resource) -> Call<'a, ()> {
        Box::pin(aws::delete(aws, resource))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_owns_just_its_own_statements() {
        let own = statement_id("a", "a/x");
        assert_eq!(own, "trailarm-a-6a7fdc0dd5b4".replace("6a7fdc0dd5b4", own.rsplit('-').next().unwrap()));
        assert!(is_ours(&own, "a"));
        for (id, stack) in [
            (statement_id("a-b", "x"), "a"),
            (statement_id("a-0123456789ab", "x"), "a"),
            ("trailarm-a-0123456789ab-live".to_owned(), "a"),
            ("trailarm-a-0123".to_owned(), "a"),
            ("by-hand".to_owned(), "a"),
        ] {
            assert!(!is_ours(&id, stack), "{id}");
        }
        assert!(statement_id(&"s".repeat(64), &"n".repeat(255)).len() <= 100);
    }

    #[test]
    fn functions_of_this_account_are_told_from_others() {
        let scope = Scope { partition: "aws".into(), account_id: "111122223333".into(), region: "eu-west-1".into(), stack: "a".into() };
        let of = |arn: &str| Target::of_action(arn, &scope).map(|target| target.to_string());
        assert_eq!(of("arn:aws:lambda:eu-west-1:111122223333:function:f").as_deref(), Some("f"));
        assert_eq!(of("arn:aws:lambda:eu-west-1:111122223333:function:f:live").as_deref(), Some("f:live"));
        for other in [
            "arn:aws:lambda:eu-west-1:444455556666:function:f",
            "arn:aws:lambda:us-east-1:111122223333:function:f",
            "arn:aws:sns:eu-west-1:111122223333:f",
            "f",
        ] {
            assert_eq!(of(other), None, "{other}");
        }
    }
}
