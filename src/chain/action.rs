//! What an alarm does on ALARM (spec, section 6.3).

use serde_json::Value;

use crate::arn::Arn;
use crate::state::{Address, Attributes};

/// What an action is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    Topic,
    Function,
    /// Stop, terminate, reboot or recover.
    Instance,
    ScalingPolicy,
    OpsItem,
    ResponsePlan,
    InvestigationGroup,
    /// Of a service that trailarm does not know.
    Other,
}

/// A service-linked role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Role {
    pub name: &'static str,
    /// The service that it is for.
    pub service: &'static str,
}

/// An action of an alarm.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Action {
    pub act: Act,
    pub arn: String,
    /// Of an EC2 action.
    pub instance: Option<String>,
}

impl Act {
    /// By the ARN's service.
    pub fn of(arn: &str) -> Self {
        match arn.parse::<Arn>().map(|arn| arn.service).unwrap_or_default().as_str() {
            "sns" => Self::Topic,
            "lambda" => Self::Function,
            "automate" | "swf" => Self::Instance,
            "autoscaling" => Self::ScalingPolicy,
            "ssm" => Self::OpsItem,
            "ssm-incidents" => Self::ResponsePlan,
            "aiops" => Self::InvestigationGroup,
            _ => Self::Other,
        }
    }

    /// The role by which CloudWatch acts.
    pub fn role(self) -> Option<Role> {
        let role = |name, service| Some(Role { name, service });
        match self {
            Self::Instance => role("AWSServiceRoleForCloudWatchEvents", "events.amazonaws.com"),
            Self::OpsItem => role("AWSServiceRoleForCloudWatchAlarms_ActionSSM", "ssm.alarms.cloudwatch.amazonaws.com"),
            Self::ResponsePlan => {
                role("AWSServiceRoleForCloudWatchAlarms_ActionSSMIncidents", "ssm-incidents.alarms.cloudwatch.amazonaws.com")
            }
            _ => None,
        }
    }

    /// What `drill --include-actions` calls it, of actions that change something.
    pub fn changing(self) -> Option<&'static str> {
        match self {
            Self::Function => Some("lambda"),
            Self::Instance => Some("ec2"),
            Self::ScalingPolicy => Some("autoscaling"),
            Self::Other => Some("other"),
            _ => None,
        }
    }
}

impl Action {
    /// The actions of an alarm on ALARM.
    pub fn of_alarm(alarm: &Address, attributes: &Attributes) -> Vec<Self> {
        let instance = attributes.get("dimensions").and_then(|d| d.get("InstanceId")).and_then(Value::as_str);
        let instance = instance.filter(|_| alarm.kind == "alarm").map(str::to_owned);
        Self::named(attributes).map(|arn| Self::of(arn.to_owned(), instance.as_ref())).collect()
    }

    /// The ARNs of what an alarm does on ALARM.
    pub(super) fn named(alarm: &Attributes) -> impl Iterator<Item = &str> {
        alarm.get("alarm_actions").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }

    /// By its ARN; `instance`: that of the alarm's dimension.
    pub(super) fn of(arn: String, instance: Option<&String>) -> Self {
        let act = Act::of(&arn);
        Self { act, arn, instance: instance.filter(|_| act == Act::Instance).cloned() }
    }

    /// In a few words: `topic base-security`.
    pub fn words(&self) -> String {
        let last = |separators: &[char]| self.arn.rsplit(separators).next().unwrap_or_default();
        match self.act {
            Act::Topic => format!("topic {}", last(&[':'])),
            Act::Function => format!("function {}", self.arn.split_once(":function:").map_or("", |(_, name)| name)),
            Act::Instance => {
                let verb = if self.arn.contains(":swf:") {
                    self.arn.split('.').nth(2).unwrap_or_default().split('/').next().unwrap_or_default()
                } else {
                    last(&[':'])
                };
                format!("{} of the instance {}", verb.to_lowercase(), self.instance.as_deref().unwrap_or("of its dimension"))
            }
            Act::ScalingPolicy => format!("scaling policy {}", last(&['/'])),
            Act::OpsItem => format!("OpsItem {}", last(&[':'])),
            Act::ResponsePlan => format!("response plan {}", last(&['/'])),
            Act::Other => format!("action {}", self.arn),
            Act::InvestigationGroup => format!("investigation group {}", last(&[':'])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_in_words() {
        for (arn, words) in [
            ("arn:aws:sns:eu-west-1:111122223333:base-security", "topic base-security"),
            ("arn:aws:lambda:eu-west-1:111122223333:function:contain:live", "function contain:live"),
            ("arn:aws:automate:eu-west-1:ec2:stop", "stop of the instance i-1"),
            ("arn:aws:swf:eu-west-1:111122223333:action/actions/AWS_EC2.InstanceId.Reboot/1.0", "reboot of the instance i-1"),
            ("arn:aws:autoscaling:eu-west-1:1:scalingPolicy:1:autoScalingGroupName/g:policyName/down", "scaling policy down"),
            ("arn:aws:ssm:eu-west-1:111122223333:opsitem:2#CATEGORY=Security", "OpsItem 2#CATEGORY=Security"),
            ("arn:aws:ssm-incidents::111122223333:response-plan/p", "response plan p"),
            ("arn:aws:aiops:eu-west-1:111122223333:investigation-group:g", "investigation group g"),
        ] {
            let action = Action { act: Act::of(arn), arn: arn.to_owned(), instance: Some("i-1".to_owned()) };
            assert_eq!(action.words(), words);
        }
        assert_eq!(Act::of("arn:aws:s3:::b"), Act::Other);
    }
}
