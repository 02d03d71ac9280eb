//! What an alarm does on a change of state: topics by name, and automated actions (spec, section 6.3).

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::arn::Arn;
use crate::detection::{Context, Problems};
use crate::finding::{Code, suggest};
use crate::yaml::typed::{choice, number};

/// Actions that an alarm may have for each state.
pub const ACTIONS_PER_STATE: usize = 5;

choice! {
    /// What to do with the instance.
    Ec2Action, ["stop", "terminate", "reboot", "recover"]
}

choice! {
    /// Category of an OpsItem.
    OpsCategory, ["Availability", "Cost", "Performance", "Recovery", "Security"]
}

number! {
    /// Severity of an OpsItem; 1 is the highest.
    OpsSeverity, 1_u32..=4
}

/// One automated action; exactly one of the keys.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct ActionSection {
    /// Name or ARN of a function, with `:version` or `:alias`.
    pub lambda: Option<String>,
    /// An OpsItem in Systems Manager.
    pub ops_item: Option<OpsItem>,
    /// Stop, terminate, reboot or recover the instance of the InstanceId dimension.
    pub ec2: Option<Ec2Action>,
    /// ARN of a response plan of Incident Manager.
    pub incident: Option<String>,
    /// Any other action by its ARN.
    pub arn: Option<String>,
}

/// See [`ActionSection::ops_item`].
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OpsItem {
    pub severity: OpsSeverity,
    pub category: Option<OpsCategory>,
}

/// The state an action list is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Alarm,
    Ok,
    InsufficientData,
}

/// What an alarm is, as far as AWS asks before it takes an action.
#[derive(Debug, Clone, Copy)]
pub struct Nature {
    pub composite: bool,
    pub math: bool,
    pub band: bool,
    pub instance: bool,
}

/// ARNs of the actions for one state, checked against what AWS allows.
pub fn resolve(
    state: State,
    (notify_path, notify): (&str, &[String]),
    (actions_path, actions): (&str, &[ActionSection]),
    nature: Nature,
    context: &Context<'_>,
    problems: &mut Problems,
) -> BTreeSet<String> {
    let mut arns = BTreeSet::new();
    for (i, topic) in notify.iter().enumerate() {
        match context.topics.get(topic) {
            Some(arn) => drop(arns.insert(arn.clone())),
            None => {
                let known = suggest(topic, context.topics.keys().map(String::as_str));
                let message = format!("the stack declares no topic `{topic}`");
                problems.push(
                    &format!("{notify_path}.{i}"),
                    Code::UnknownName,
                    message,
                    format!("{known} (topics are declared in trailarm.yaml)"),
                );
            }
        }
    }
    for (i, action) in actions.iter().enumerate() {
        let path = format!("{actions_path}.{i}");
        match action.arn(context).and_then(|arn| allowed(&arn, state, nature).map(|()| arn)) {
            Ok(arn) => drop(arns.insert(arn)),
            Err(message) => {
                let (message, help) =
                    message.split_once("\nhelp: ").unwrap_or((&message, "see the table of actions in docs/definitions.md"));
                problems.combination(&path, message, help);
            }
        }
    }
    if arns.len() > ACTIONS_PER_STATE {
        let message = format!("{} actions for one state, {ACTIONS_PER_STATE} are allowed", arns.len());
        problems.combination(actions_path, message, "let a topic or a function fan out");
    }
    arns
}

impl ActionSection {
    fn arn(&self, context: &Context<'_>) -> Result<String, String> {
        let Self { lambda, ops_item, ec2, incident, arn } = self;
        let scope = context.scope;
        match (lambda, ops_item, ec2, incident, arn) {
            (Some(function), None, None, None, None) if function.starts_with("arn:") => checked(function, "lambda"),
            (Some(function), None, None, None, None) => Ok(scope.arn("lambda", &format!("function:{function}"))),
            (None, Some(item), None, None, None) => {
                let category = item.category.as_ref().map(|c| format!("#CATEGORY={}", c.0)).unwrap_or_default();
                Ok(scope.arn("ssm", &format!("opsitem:{}{category}", item.severity.0)))
            }
            (None, None, Some(action), None, None) => Ok(format!("arn:{}:automate:{}:ec2:{}", scope.partition, scope.region, action.0)),
            (None, None, None, Some(plan), None) => checked(plan, "ssm-incidents"),
            (None, None, None, None, Some(arn)) => arn.parse::<Arn>().map(|_| arn.clone()),
            _ => Err(
                "an action has exactly one of `lambda`, `ops_item`, `ec2`, `incident`, `arn`\nhelp: write each action as its own list item"
                    .to_owned(),
            ),
        }
    }
}

fn checked(arn: &str, service: &str) -> Result<String, String> {
    let parsed: Arn = arn.parse()?;
    if parsed.service == service {
        return Ok(arn.to_owned());
    }
    Err(format!("`{arn}` is of the service {}, {service} is wanted\nhelp: use `arn:` for other actions", parsed.service))
}

/// The table of section 6.3: which action goes with which alarm.
fn allowed(arn: &str, state: State, nature: Nature) -> Result<(), String> {
    let no = |message: &str| Err(message.to_owned());
    let parsed: Arn = arn.parse()?;
    match parsed.service.as_str() {
        "automate" | "swf" if nature.composite => no("a composite alarm cannot act on EC2 instances"),
        "automate" | "swf" if nature.math => no("an alarm on metric math or a band cannot act on EC2 instances"),
        "automate" | "swf" if !nature.instance => no("an EC2 action needs the dimension InstanceId"),
        "autoscaling" if nature.composite => no("a composite alarm cannot run Auto Scaling policies"),
        "autoscaling" if nature.band => no("an anomaly alarm cannot run Auto Scaling policies"),
        "aiops" if state != State::Alarm => no("an investigation can only start on ALARM"),
        "ssm" | "ssm-incidents" if state != State::Alarm => no("OpsItems and incidents have an effect on ALARM only"),
        "sns" if arn.ends_with(".fifo") => no("delivery from alarms to FIFO topics is not documented by AWS"),
        "sns" | "lambda" | "automate" | "swf" | "autoscaling" | "ssm" | "ssm-incidents" | "aiops" => Ok(()),
        other => Err(format!("CloudWatch alarms have no action of the service {other}")),
    }
}
