//! What an alarm does on a change of state: topics by name, and automated actions (spec, section 6.3).

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::arn::Arn;
use crate::detection::{Context, Problems};
use crate::finding::{Code, suggest};
use crate::resource_policy::like;
use crate::state::{Attributes, Scope};
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
    /// ARN of an investigation group of CloudWatch investigations.
    pub investigation: Option<String>,
    /// ARN of a scaling policy of an Auto Scaling group.
    pub scaling_policy: Option<String>,
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
        match action.arn(context).and_then(|arn| allowed(&arn, state, nature, context.scope).map(|()| arn)) {
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
        let Self { lambda, ops_item, ec2, incident, investigation, scaling_policy, arn } = self;
        let scope = context.scope;
        let own = [
            lambda.as_ref().map(|function| of_function(function, scope)),
            ops_item.as_ref().map(|item| {
                let category = item.category.as_ref().map(|c| format!("#CATEGORY={}", c.0)).unwrap_or_default();
                Ok(scope.arn("ssm", &format!("opsitem:{}{category}", item.severity.0)))
            }),
            ec2.as_ref().map(|action| Ok(format!("arn:{}:automate:{}:ec2:{}", scope.partition, scope.region, action.0))),
            incident.as_ref().map(|plan| of_service(plan, "ssm-incidents")),
            investigation.as_ref().map(|group| of_service(group, "aiops")),
            scaling_policy.as_ref().map(|policy| of_service(policy, "autoscaling")),
            arn.as_ref().map(|arn| arn.parse::<Arn>().map(|_| arn.clone())),
        ];
        let mut given = own.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(one), None) => one,
            _ => Err("an action has exactly one of `lambda`, `ops_item`, `ec2`, `incident`, `investigation`, `scaling_policy`, `arn`\n\
                      help: write each action as its own list item"
                .to_owned()),
        }
    }
}

/// Name or ARN of a function, with or without a version or an alias (Lambda AddPermission, FunctionName and Qualifier).
fn of_function(function: &str, scope: &Scope) -> Result<String, String> {
    if function.starts_with("arn:") {
        return of_service(function, "lambda");
    }
    function_name(function)?;
    Ok(scope.arn("lambda", &format!("function:{function}")))
}

/// `contain`, `contain:live`, `contain:7`.
fn function_name(text: &str) -> Result<(), String> {
    let (name, qualifier) = text.split_once(':').map_or((text, None), |(name, qualifier)| (name, Some(qualifier)));
    let plain =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c));
    if qualifier == Some("$LATEST") {
        return Err(format!("`{text}` names $LATEST, which Lambda gives no permission for\nhelp: leave `:$LATEST` out, or name an alias"));
    }
    if plain(name, 64) && qualifier.is_none_or(|qualifier| plain(qualifier, 128)) {
        return Ok(());
    }
    Err(format!("`{text}` is no name of a function\nhelp: write `contain`, `contain:live` (an alias or a version), or an ARN"))
}

fn of_service(arn: &str, service: &str) -> Result<String, String> {
    let parsed: Arn = arn.parse()?;
    if parsed.service == service {
        return Ok(arn.to_owned());
    }
    Err(format!("`{arn}` is of the service {}, {service} is wanted\nhelp: use `arn:` for other actions", parsed.service))
}

/// The ARNs of all that an alarm acts on, in whichever state.
pub(crate) fn actions_of(alarm: &Attributes) -> impl Iterator<Item = &str> {
    let lists = ["alarm_actions", "ok_actions", "insufficient_data_actions"].into_iter();
    lists.filter_map(|list| alarm.get(list)?.as_array()).flatten().filter_map(serde_json::Value::as_str)
}

/// What an action is, by its ARN: how the resource of its ARN reads, and an example (spec, section 6.3).
const FORMS: &[(&str, &str, &str)] = &[
    ("sns", "?*", "arn:aws:sns:region:account:topic"),
    ("lambda", "function:?*", "arn:aws:lambda:region:account:function:name:alias"),
    ("automate", "ec2:?*", "arn:aws:automate:region:ec2:stop"),
    ("swf", "action/actions/AWS_EC2.InstanceId.?*/1.0", "arn:aws:swf:region:account:action/actions/AWS_EC2.InstanceId.Stop/1.0"),
    (
        "autoscaling",
        "scalingPolicy:*:autoScalingGroupName/?*:policyName/?*",
        "arn:aws:autoscaling:region:account:scalingPolicy:id:autoScalingGroupName/group:policyName/policy",
    ),
    ("ssm", "opsitem:?*", "arn:aws:ssm:region:account:opsitem:2#CATEGORY=Security"),
    ("ssm-incidents", "response*plan/?*", "arn:aws:ssm-incidents::account:response-plan/name"),
    ("aiops", "investigation-group:?*", "arn:aws:aiops:region:account:investigation-group:id"),
];

/// The table of section 6.3: which action goes with which alarm.
fn allowed(arn: &str, state: State, nature: Nature, scope: &Scope) -> Result<(), String> {
    let no = |message: &str| Err(message.to_owned());
    let parsed: Arn = arn.parse()?;
    let service = parsed.service.as_str();
    // The service `automate` has no account, so its resource begins a field earlier.
    let resource = if service == "automate" { format!("{}:{}", parsed.account_id, parsed.resource) } else { parsed.resource.clone() };
    let Some((_, form, example)) = FORMS.iter().find(|(known, ..)| *known == service) else {
        return Err(format!("CloudWatch alarms have no action of the service {service}"));
    };
    if !like(form, &resource) {
        return Err(format!("`{arn}` is no action of an alarm\nhelp: write it like `{example}`"));
    }
    if let Some(name) = resource.strip_prefix("function:").filter(|_| service == "lambda") {
        function_name(name)?;
    }
    let verb = resource.trim_start_matches("ec2:").trim_start_matches("action/actions/AWS_EC2.InstanceId.").trim_end_matches("/1.0");
    let is_on_instance = matches!(service, "automate" | "swf");
    match service {
        _ if service != "ssm-incidents" && parsed.region != scope.region && !scope.is_nowhere() => {
            Err(format!("the action is in {}, the alarm in {}: CloudWatch acts in its own Region only", parsed.region, scope.region))
        }
        _ if is_on_instance && !Ec2Action::VALUES.contains(&verb.to_lowercase().as_str()) => {
            Err(format!("there is no action `{verb}` on instances\nhelp: it is one of {}", Ec2Action::VALUES.join(", ")))
        }
        _ if is_on_instance && nature.composite => no("a composite alarm cannot act on EC2 instances"),
        _ if is_on_instance && (nature.math || nature.band) => no("an alarm on metric math or a band cannot act on EC2 instances"),
        _ if is_on_instance && !nature.instance => no("an EC2 action needs the dimension InstanceId"),
        "autoscaling" if nature.composite => no("a composite alarm cannot run Auto Scaling policies"),
        "autoscaling" if nature.band => no("an anomaly alarm cannot run Auto Scaling policies"),
        "aiops" if state != State::Alarm => no("an investigation can only start on ALARM"),
        "ssm" | "ssm-incidents" if state != State::Alarm => no("OpsItems and incidents have an effect on ALARM only"),
        "sns" if arn.ends_with(".fifo") => no("delivery from alarms to FIFO topics is not documented by AWS"),
        _ => Ok(()),
    }
}
