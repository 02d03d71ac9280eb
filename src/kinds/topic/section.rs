//! `topics:` of the stack → topics.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use super::{STACK_TAG, Topic, policy};
use crate::arn::Arn;
use crate::detection::Problems;
use crate::kinds::subscription::SubscriptionSection;
use crate::kinds::topic_statement::{ALARM_SERVICE, TopicStatement, statement};
use crate::resource_policy::{Answer, Request, evaluate};
use crate::state::Scope;
use crate::yaml::typed::{TagKey, TagValue, choice, number, text};

text! {
    /// The name of a topic (spec, section 6.6).
    TopicName, 1..=256, r"^[A-Za-z0-9_-]+$", |c| c.is_ascii_alphanumeric() || "_-".contains(c),
    "letters, digits, `_` and `-` can stand in the name of a topic (FIFO topics cannot be alarm actions)"
}

text! {
    /// What recipients see as the sender.
    DisplayName, 0..=100, r"^[^\x00-\x1f]*$", |c| !c.is_control(), "no control characters here"
}

choice! {
    /// `TracingConfig`.
    Tracing, ["PassThrough", "Active"]
}

choice! {
    /// `SignatureVersion`.
    SignatureVersion, ["1", "2"]
}

number! {
    /// Bytes.
    MessageSize, 1024_u32..=1_048_576
}

choice! {
    /// Attributes of delivery feedback (SetTopicAttributes).
    Feedback, [
        "ApplicationFailureFeedbackRoleArn", "ApplicationSuccessFeedbackRoleArn", "ApplicationSuccessFeedbackSampleRate",
        "FirehoseFailureFeedbackRoleArn", "FirehoseSuccessFeedbackRoleArn", "FirehoseSuccessFeedbackSampleRate",
        "HTTPFailureFeedbackRoleArn", "HTTPSuccessFeedbackRoleArn", "HTTPSuccessFeedbackSampleRate",
        "LambdaFailureFeedbackRoleArn", "LambdaSuccessFeedbackRoleArn", "LambdaSuccessFeedbackSampleRate",
        "SQSFailureFeedbackRoleArn", "SQSSuccessFeedbackRoleArn", "SQSSuccessFeedbackSampleRate",
    ]
}

/// Bytes of a topic's policy (spec, section 6.6).
const MAX_POLICY: usize = 30 * 1024;

/// A topic: one that exists (`arn`), or one that the stack manages.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TopicSection {
    /// An existing topic: used, never changed.
    pub arn: Option<String>,
    /// Default: `<stack>-<key>`.
    pub name: Option<TopicName>,
    /// Take over the topic if it exists already.
    pub adopt: Option<bool>,
    pub display_name: Option<DisplayName>,
    /// A customer key by id, ARN or alias.
    pub kms_key: Option<String>,
    /// Let the alarms of this account and Region publish. A topic of others (`arn`) gets one statement among those of its policy
    /// (default: false); a policy of one's own gets it where it shuts CloudWatch out (default: true).
    pub allow_alarms: Option<bool>,
    /// The resource policy, as a map.
    pub policy: Option<BTreeMap<String, Value>>,
    /// Retries of HTTP deliveries, as a map.
    pub delivery_policy: Option<BTreeMap<String, Value>>,
    pub tracing: Option<Tracing>,
    pub signature_version: Option<SignatureVersion>,
    pub maximum_message_size: Option<MessageSize>,
    /// Roles and rates of delivery feedback, by AWS's names.
    pub feedback: Option<BTreeMap<Feedback, String>>,
    #[schemars(extend("maxProperties" = 49))]
    pub tags: Option<BTreeMap<TagKey, TagValue>>,
    pub subscriptions: Option<Vec<SubscriptionSection>>,
}

/// What a topic of the stack comes to.
pub struct Compiled {
    pub arn: String,
    /// When the stack manages it.
    pub topic: Option<Topic>,
    /// When it is of others, and is to be opened to this account's alarms.
    pub statement: Option<TopicStatement>,
}

/// A topic of the stack.
pub fn compile(key: &str, section: &TopicSection, tags: &BTreeMap<String, String>, scope: &Scope, problems: &mut Problems) -> Compiled {
    if let Some(arn) = &section.arn {
        existing(arn, section, scope, problems);
        return Compiled { arn: arn.clone(), topic: None, statement: statement_in(arn, section, scope, problems) };
    }
    let name = section.name.as_ref().map_or_else(|| format!("{}-{key}", scope.stack), |n| n.0.clone());
    check(section, &name, problems);
    let mut tags = tags.clone();
    tags.extend(section.tags.iter().flatten().map(|(k, v)| (k.0.clone(), v.0.clone())));
    tags.insert(STACK_TAG.to_owned(), scope.stack.clone());
    problems.tags(&tags);
    let object = |map: &BTreeMap<String, Value>| Value::Object(map.clone().into_iter().collect());
    let is_own = |policy: &Value| !policy::is_default(policy, &scope.arn("sns", &name), &scope.account_id);
    let topic = Topic {
        name: name.clone(),
        display_name: section.display_name.as_ref().map_or_else(String::new, |d| d.0.clone()),
        kms_key: section.kms_key.clone(),
        policy: section.policy.as_ref().map(object).map(|p| opened(p, section, &name, scope)).filter(is_own),
        delivery_policy: section.delivery_policy.as_ref().map(object),
        tracing: section.tracing.as_ref().map(|t| t.0.clone()),
        signature_version: section.signature_version.as_ref().map(|v| v.0.clone()),
        maximum_message_size: section.maximum_message_size.map(|s| s.0),
        feedback: section.feedback.iter().flatten().map(|(k, v)| (k.0.clone(), v.clone())).collect(),
        tags,
    };
    Compiled { arn: scope.arn("sns", &name), topic: Some(topic), statement: None }
}

/// A policy that shuts CloudWatch out gets the statement that lets it in, unless that is wanted so.
fn opened(policy: Value, section: &TopicSection, name: &str, scope: &Scope) -> Value {
    let arn = scope.arn("sns", name);
    let alarm = scope.arn("cloudwatch", &format!("alarm:{}any", scope.prefix()));
    let publish = Request::of_alarm(ALARM_SERVICE, "sns:Publish", &arn, (&alarm, &scope.account_id));
    if section.allow_alarms == Some(false) || evaluate(&policy, &publish) != Answer::NotAllowed {
        return policy;
    }
    policy::with_statements(policy, vec![statement("trailarm", &arn, scope)])
}

/// Opens a topic of others, where that is asked for.
fn statement_in(arn: &str, section: &TopicSection, scope: &Scope, problems: &mut Problems) -> Option<TopicStatement> {
    if section.allow_alarms != Some(true) {
        return None;
    }
    let parsed: Arn = arn.parse().ok()?;
    if (parsed.account_id != scope.account_id || parsed.partition != scope.partition) && !scope.is_nowhere() {
        let place = format!("{} in the partition {}", parsed.account_id, parsed.partition);
        let message = format!("the topic is of account {place}: only that account can change its policy");
        problems.combination("allow_alarms", message, "remove it; `trailarm doctor` prints the statement that its owner has to add");
        return None;
    }
    Some(TopicStatement::of_topic(&parsed.resource, scope))
}

fn existing(arn: &str, section: &TopicSection, scope: &Scope, problems: &mut Problems) {
    match arn.parse::<Arn>() {
        Ok(parsed) if parsed.service != "sns" => {
            problems.combination(
                "arn",
                format!("`{arn}` is not the ARN of a topic"),
                "a topic's ARN reads `arn:aws:sns:region:account:name`",
            );
        }
        Ok(parsed) if parsed.region != scope.region && !scope.is_nowhere() => {
            let message =
                format!("the topic is in {}, the alarms in {}: CloudWatch cannot publish across Regions", parsed.region, scope.region);
            problems.combination("arn", message, "name a topic of the same Region; `${region}` stands for it");
        }
        Ok(parsed) if parsed.resource.ends_with(".fifo") => {
            problems.combination("arn", "delivery from alarms to FIFO topics is not documented by AWS", "name a standard topic");
        }
        Ok(_) => {}
        Err(message) => {
            let (message, help) = message.split_once("\nhelp: ").unwrap_or((&message, ""));
            problems.combination("arn", message, help);
        }
    }
    let TopicSection {
        arn: _,
        name,
        adopt,
        display_name,
        kms_key,
        allow_alarms: _,
        policy,
        delivery_policy,
        tracing,
        signature_version,
        maximum_message_size,
        feedback,
        tags,
        subscriptions,
    } = section;
    let managed = [
        ("name", name.is_some()),
        ("adopt", adopt.is_some()),
        ("display_name", display_name.is_some()),
        ("kms_key", kms_key.is_some()),
        ("policy", policy.is_some()),
        ("delivery_policy", delivery_policy.is_some()),
        ("tracing", tracing.is_some()),
        ("signature_version", signature_version.is_some()),
        ("maximum_message_size", maximum_message_size.is_some()),
        ("feedback", feedback.is_some()),
        ("tags", tags.is_some()),
        ("subscriptions", subscriptions.is_some()),
    ];
    for (key, _) in managed.iter().filter(|(_, set)| *set) {
        problems.combination(
            key,
            format!("a topic named by `arn` is never changed, so `{key}` has no effect"),
            "remove it, or remove `arn` to let the stack manage a topic",
        );
    }
}

fn check(section: &TopicSection, name: &str, problems: &mut Problems) {
    if name.chars().count() > 256 || !name.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c)) {
        problems.combination("", format!("`{name}` is no name for a topic"), "letters, digits, `_` and `-`, 256 at most");
    }
    if section.kms_key.as_deref().is_some_and(|k| k == "alias/aws/sns" || k.ends_with(":alias/aws/sns")) {
        let message =
            "CloudWatch cannot publish through `alias/aws/sns`: its key policy cannot name CloudWatch, and deliveries fail in silence";
        problems.combination(
            "kms_key",
            message,
            "use a customer key whose policy grants kms:Decrypt and kms:GenerateDataKey* to cloudwatch.amazonaws.com",
        );
    }
    let length = section.policy.as_ref().map_or(0, |p| Value::Object(p.clone().into_iter().collect()).to_string().len());
    if length > MAX_POLICY {
        problems.combination("policy", format!("the policy has {length} bytes, {MAX_POLICY} are allowed"), "shorten it");
    }
    if section.policy.as_ref().is_some_and(|p| !p.contains_key("Statement")) {
        problems.combination("policy", "a policy needs a `Statement`", "write it as in the AWS documentation, as a YAML map");
    }
}
