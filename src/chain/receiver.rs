//! The links behind the alarm: what it acts on, and whether that lets it.

use serde_json::Value;

use super::action::Role;
use super::evidence::{Evidence, Function, Key, Known, Topic, known_of};
use super::{Act, Action, Link, Verdict};
use crate::arn::Arn;
use crate::kinds::permission::ALARM_SERVICE as LAMBDA_ALARMS;
use crate::kinds::topic_statement::{ALARM_SERVICE, statement};
use crate::resource_policy::{Answer, Request, evaluate};
use crate::state::Scope;

/// What CloudWatch does with the key of an encrypted topic.
const KEY_ACTIONS: [&str; 2] = ["kms:Decrypt", "kms:GenerateDataKey"];

/// `is_own`: the stack manages the topic, so that an apply mends it.
pub(super) fn receiver_links(action: &Action, alarm: &str, is_own: bool, (scope, evidence): (&Scope, &Evidence)) -> Vec<Link> {
    let receiver = Receiver { action, alarm: scope.arn("cloudwatch", &format!("alarm:{alarm}")), is_own, scope };
    let links = match action.act {
        Act::Topic => receiver.topic(known_of(&evidence.topics, &action.arn)),
        Act::Function => receiver.function(known_of(&evidence.functions, &action.arn)),
        Act::Other => vec![Link::unknown("target", format!("{}: trailarm does not know this service", action.words()))],
        Act::OpsItem => vec![receiver.role(evidence)],
        Act::Instance | Act::ResponsePlan => vec![receiver.target(evidence), receiver.role(evidence)],
        Act::ScalingPolicy | Act::InvestigationGroup => vec![receiver.target(evidence)],
    };
    links.into_iter().map(|link| Link { on: Some(action.words()), ..link }).collect()
}

struct Receiver<'a> {
    action: &'a Action,
    alarm: String,
    is_own: bool,
    scope: &'a Scope,
}

impl Receiver<'_> {
    fn request<'r>(&'r self, service: &'r str, action: &'r str, resource: &'r str) -> Request<'r> {
        Request::of_alarm(service, action, resource, (&self.alarm, &self.scope.account_id))
    }

    /// Whether it is of this account.
    fn is_here(&self) -> bool {
        self.action.arn.parse::<Arn>().is_ok_and(|arn| arn.account_id == self.scope.account_id)
    }

    fn topic(&self, found: Known<&Option<Topic>>) -> Vec<Link> {
        let words = self.action.words();
        let waiting = || vec![Link::waiting("policy", "topic"), Link::waiting("subscription", "topic")];
        let topic = match found {
            Known::Is(Some(topic)) => topic,
            Known::Is(None) => {
                let remedy = if self.is_own { "`trailarm apply` makes it" } else { "make it where it should be, or name one that exists" };
                let link = Link::broken("topic", format!("the {words} does not exist"), remedy);
                return [link].into_iter().chain(waiting()).collect();
            }
            Known::Unknown(why) => return [Link::unknown("topic", format!("{words}: {why}"))].into_iter().chain(waiting()).collect(),
        };
        let mut links = vec![Link::sound("topic", format!("the {words} exists")), self.topic_policy(topic)];
        links.extend(topic.key.as_ref().map(|key| self.key(key, &topic.key_found)));
        links.push(self.subscription(topic));
        links
    }

    fn topic_policy(&self, topic: &Topic) -> Link {
        let words = self.action.words();
        let policy = match &topic.policy {
            Known::Is(policy) => policy,
            Known::Unknown(why) => return Link::unknown("policy", format!("{words}: {why}")),
        };
        let remedy = || {
            let own = statement("trailarm", &self.action.arn, self.scope);
            match (self.is_own, self.is_here()) {
                (true, _) => "`trailarm apply` mends it".to_owned(),
                (_, true) => format!("`allow_alarms: true` beside its `arn:` and `trailarm apply` add this statement: {own}"),
                _ => format!("its owner has to add this statement to the topic's policy: {own}"),
            }
        };
        match evaluate(policy, &self.request(ALARM_SERVICE, "sns:Publish", &self.action.arn)) {
            Answer::Allowed => Link::sound("policy", format!("the {words} lets CloudWatch publish")),
            Answer::Denied(statement) => Link::broken(
                "policy",
                format!("{statement} forbids CloudWatch to publish to the {words}"),
                "except cloudwatch.amazonaws.com from it",
            ),
            Answer::NotAllowed => Link::broken("policy", format!("the policy of the {words} does not let CloudWatch publish"), remedy()),
            Answer::Unclear(on) => Link::unknown("policy", format!("whether the {words} lets CloudWatch publish: {on}")),
        }
    }

    fn key(&self, name: &str, found: &Known<Option<Key>>) -> Link {
        let words = self.action.words();
        let remedy = "give the topic a customer key whose policy grants kms:Decrypt and kms:GenerateDataKey* to cloudwatch.amazonaws.com";
        if name == "alias/aws/sns" || name.ends_with(":alias/aws/sns") {
            return Link::broken("key", format!("the {words} is encrypted with alias/aws/sns, which CloudWatch cannot use"), remedy);
        }
        let key = match found {
            Known::Is(Some(key)) => key,
            Known::Is(None) => return Link::broken("key", format!("the key {name} of the {words} does not exist"), remedy),
            Known::Unknown(why) => return Link::unknown("key", format!("{name}: {why}")),
        };
        if key.is_of_aws {
            return Link::broken("key", format!("the {words} is encrypted with a key of AWS, which CloudWatch cannot use"), remedy);
        }
        if key.state != "Enabled" {
            return Link::broken("key", format!("the key {name} of the {words} is {}", key.state), "enable the key, or name another");
        }
        let grant = "let the key's policy grant kms:Decrypt and kms:GenerateDataKey* to cloudwatch.amazonaws.com";
        for action in KEY_ACTIONS {
            let mut request = self.request(ALARM_SERVICE, action, &key.arn);
            request.context.insert("kms:viaservice", format!("sns.{}.amazonaws.com", self.scope.region));
            request.context.insert("kms:encryptioncontext:aws:sns:topicarn", self.action.arn.clone());
            match evaluate(&key.policy, &request) {
                Answer::Allowed => {}
                Answer::Denied(statement) => {
                    return Link::broken("key", format!("{statement} of the key {name} forbids CloudWatch {action}"), grant);
                }
                Answer::NotAllowed => {
                    return Link::broken("key", format!("the policy of the key {name} does not grant {action} to CloudWatch"), grant);
                }
                Answer::Unclear(on) => return Link::unknown("key", format!("whether the key {name} lets CloudWatch {action}: {on}")),
            }
        }
        Link::sound("key", format!("the key {name} lets CloudWatch use it"))
    }

    fn subscription(&self, topic: &Topic) -> Link {
        let words = self.action.words();
        match topic.subscriptions {
            Known::Is((0, 0)) => Link::broken(
                "subscription",
                format!("nobody subscribes to the {words}"),
                if self.is_own { "add `subscriptions:` to the topic, and apply" } else { "its owner has to subscribe somebody" },
            ),
            Known::Is((0, waiting)) => {
                let says = format!("no subscription of the {words} is confirmed; waiting: {waiting}");
                Link::broken(
                    "subscription",
                    says,
                    "follow the link in the mail from AWS; it holds for two days, and `trailarm apply` asks anew after that",
                )
            }
            Known::Is((confirmed, 0)) => Link::sound("subscription", format!("{words}: {confirmed} confirmed")),
            Known::Is((confirmed, waiting)) => Link::sound("subscription", format!("{words}: {confirmed} confirmed, {waiting} waiting")),
            Known::Unknown(ref why) => Link::unknown("subscription", format!("{words}: {why}")),
        }
    }

    fn function(&self, found: Known<&Option<Function>>) -> Vec<Link> {
        let words = self.action.words();
        let waiting = || Link::waiting("permission", "function");
        let function = match found {
            Known::Is(Some(function)) => function,
            Known::Is(None) => {
                let remedy = "deploy it, with the version or alias that the alarm names, or name another";
                return vec![Link::broken("function", format!("the {words} does not exist"), remedy), waiting()];
            }
            Known::Unknown(why) => return vec![Link::unknown("function", format!("{words}: {why}")), waiting()],
        };
        if function.state == "Pending" {
            let link = Link::new("function", Verdict::Unknown, format!("the {words} is being made"), "look again in a minute");
            return vec![link, self.permission(&function.policy)];
        }
        if !matches!(function.state.as_str(), "" | "Active" | "Inactive") {
            let link =
                Link::broken("function", format!("the {words} is {}", function.state), "see why in the Lambda console, and deploy it anew");
            return vec![link, self.permission(&function.policy)];
        }
        vec![Link::sound("function", format!("the {words} exists")), self.permission(&function.policy)]
    }

    fn permission(&self, policy: &Known<Value>) -> Link {
        let words = self.action.words();
        let policy = match policy {
            Known::Is(policy) => policy,
            Known::Unknown(why) => return Link::unknown("permission", format!("{words}: {why}")),
        };
        let remedy = if self.is_here() {
            "`trailarm apply` adds the permission".to_owned()
        } else {
            let condition = format!("--principal {LAMBDA_ALARMS} --source-arn {} --source-account {}", self.alarm, self.scope.account_id);
            format!("in the function's account: `aws lambda add-permission --action lambda:InvokeFunction {condition} …`")
        };
        match evaluate(policy, &self.request(LAMBDA_ALARMS, "lambda:InvokeFunction", &self.action.arn)) {
            Answer::Allowed => Link::sound("permission", format!("the {words} lets this alarm invoke it")),
            Answer::Denied(statement) => {
                Link::broken("permission", format!("{statement} forbids this alarm to invoke the {words}"), remedy)
            }
            Answer::NotAllowed => Link::broken("permission", format!("the {words} does not let this alarm invoke it"), remedy),
            Answer::Unclear(on) => Link::unknown("permission", format!("whether the {words} lets this alarm invoke it: {on}")),
        }
    }

    fn target(&self, evidence: &Evidence) -> Link {
        let words = self.action.words();
        match known_of(&evidence.targets, self.action) {
            Known::Is(true) => Link::sound("target", format!("{words}: it exists")),
            Known::Is(false) => Link::broken("target", format!("{words}: it does not exist"), "name one that does, or remove the action"),
            Known::Unknown(why) => Link::unknown("target", format!("{words}: {why}")),
        }
    }

    fn role(&self, evidence: &Evidence) -> Link {
        let Some(Role { name, service }) = self.action.act.role() else { return Link::sound("role", "none is needed") };
        match known_of(&evidence.roles, &name) {
            Known::Is(true) => Link::sound("role", format!("{name} exists")),
            Known::Is(false) => {
                let remedy = format!("`aws iam create-service-linked-role --aws-service-name {service}`");
                Link::broken("role", format!("{name} does not exist, so CloudWatch cannot act: {}", self.action.words()), remedy)
            }
            Known::Unknown(why) => Link::unknown("role", format!("{name}: {why}")),
        }
    }
}
