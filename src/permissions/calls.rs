//! Every call of this program, what makes it, and what it can be narrowed to.

use crate::chain::Act;

/// A command, by what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    Plan,
    Apply,
    /// `drift --blame`.
    Drift,
    /// `audit --live`.
    Audit,
    /// `backtest` over AWS's sources.
    Backtest,
    /// `test --live`.
    Test,
    Doctor,
    /// With `--plant`.
    Drill,
    Review,
    /// Beside what a plan reads.
    Snapshot,
    /// `iam-policy --check` itself.
    Check,
}

use Purpose::{Apply, Audit, Backtest, Check, Doctor, Drift, Drill, Plan, Review, Snapshot, Test};

impl Purpose {
    pub const ALL: [Self; 11] = [Plan, Apply, Drift, Audit, Backtest, Test, Doctor, Drill, Review, Snapshot, Check];

    /// As it stands on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Plan => "plan",
            Apply => "apply",
            Drift => "drift",
            Audit => "audit",
            Backtest => "backtest",
            Test => "test",
            Doctor => "doctor",
            Drill => "drill",
            Review => "review",
            Snapshot => "snapshot",
            Check => "check",
        }
    }
}

/// What an action can be narrowed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum On {
    /// It has no resource type, or the stack has something that wants all.
    Everything,
    Alarms,
    /// Alarms, unless there are composite ones.
    AlarmsOrComposites,
    LogGroups,
    /// The log streams of rehearsals.
    LogStreams,
    Topics,
    /// Topics that are used and not managed.
    TopicsOfOthers,
    /// Those of them that are opened to alarms.
    OpenedTopics,
    /// Functions of this account that alarms invoke.
    Functions,
    /// Keys of topics.
    Keys,
    /// Roles by which CloudWatch acts.
    Roles,
    /// Whoever calls.
    AnyRole,
    /// Of any Region and account: a trail may be of another, or of the organization.
    Trails,
    /// All functions of the account.
    AnyFunction,
    AnyApi,
}

/// What a stack must have so that a call is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum If {
    Always,
    /// The log group is asked of the trail.
    Trail,
    Composites,
    /// An alarm invokes a function.
    Functions,
    /// A topic that exists is used.
    TopicsOfOthers,
    /// And opened to alarms.
    OpenedTopics,
    /// A topic is encrypted, or may be since it is of others.
    Keys,
    /// An alarm acts by a role of CloudWatch.
    Roles,
    /// An alarm acts on what Cloud Control finds.
    Targets,
}

/// Every call of this program but `sts:GetCallerIdentity`, which needs no permission.
pub(super) const CALLS: &[(&str, On, If, &[Purpose])] = &[
    ("cloudformation:GetResource", On::Everything, If::Targets, &[Doctor, Review]),
    ("cloudtrail:DescribeTrails", On::Everything, If::Trail, &[Plan, Apply, Drift, Audit, Backtest, Doctor, Drill]),
    ("cloudtrail:GetTrailStatus", On::Trails, If::Trail, &[Plan, Apply, Drift, Audit, Backtest, Doctor, Drill]),
    ("cloudtrail:GetEventSelectors", On::Trails, If::Always, &[Audit, Doctor, Snapshot]),
    ("cloudtrail:LookupEvents", On::Everything, If::Always, &[Drift, Backtest, Review]),
    ("cloudwatch:DescribeAlarms", On::Everything, If::Always, &[Plan, Apply, Drift, Audit, Doctor, Drill]),
    ("cloudwatch:DescribeAlarmHistory", On::Everything, If::Always, &[Doctor, Drill]),
    ("cloudwatch:ListMetrics", On::Everything, If::Always, &[Doctor]),
    ("cloudwatch:GetMetricData", On::Everything, If::Always, &[Drill]),
    ("cloudwatch:ListTagsForResource", On::Alarms, If::Always, &[Plan, Apply, Drift, Doctor, Drill]),
    ("cloudwatch:PutMetricAlarm", On::Alarms, If::Always, &[Apply]),
    ("cloudwatch:PutCompositeAlarm", On::Everything, If::Composites, &[Apply]),
    ("cloudwatch:DeleteAlarms", On::AlarmsOrComposites, If::Always, &[Apply]),
    ("cloudwatch:SetAlarmState", On::Alarms, If::Always, &[Drill]),
    ("cloudwatch:TagResource", On::Alarms, If::Always, &[Apply]),
    ("cloudwatch:UntagResource", On::Alarms, If::Always, &[Apply]),
    ("iam:GetRole", On::Roles, If::Roles, &[Doctor]),
    ("iam:GetRole", On::AnyRole, If::Always, &[Check]),
    ("iam:SimulatePrincipalPolicy", On::AnyRole, If::Always, &[Check]),
    ("kms:DescribeKey", On::Keys, If::Keys, &[Doctor]),
    ("kms:GetKeyPolicy", On::Keys, If::Keys, &[Doctor]),
    ("lambda:GetFunctionConfiguration", On::Functions, If::Functions, &[Doctor]),
    ("lambda:GetPolicy", On::Functions, If::Functions, &[Plan, Apply, Drift, Doctor]),
    ("lambda:AddPermission", On::Functions, If::Functions, &[Apply]),
    ("lambda:RemovePermission", On::Functions, If::Functions, &[Apply]),
    ("logs:CreateLogStream", On::LogGroups, If::Always, &[Drill]),
    ("logs:PutLogEvents", On::LogStreams, If::Always, &[Drill]),
    ("logs:DescribeLogGroups", On::Everything, If::Always, &[Doctor]),
    ("logs:DescribeMetricFilters", On::LogGroups, If::Always, &[Plan, Apply, Drift, Audit, Doctor, Drill]),
    ("logs:PutMetricFilter", On::LogGroups, If::Always, &[Apply]),
    ("logs:DeleteMetricFilter", On::LogGroups, If::Always, &[Apply]),
    ("logs:FilterLogEvents", On::LogGroups, If::Always, &[Backtest]),
    ("logs:TestMetricFilter", On::Everything, If::Always, &[Test]),
    ("sns:ListTopics", On::Everything, If::Always, &[Plan, Apply, Drift, Doctor]),
    ("sns:GetTopicAttributes", On::Topics, If::Always, &[Plan, Apply, Drift, Doctor]),
    ("sns:GetTopicAttributes", On::TopicsOfOthers, If::TopicsOfOthers, &[Plan, Apply, Drift, Doctor]),
    ("sns:ListTagsForResource", On::Topics, If::Always, &[Plan, Apply, Drift, Doctor]),
    ("sns:ListSubscriptionsByTopic", On::Topics, If::Always, &[Plan, Apply, Drift, Audit, Doctor]),
    ("sns:ListSubscriptionsByTopic", On::TopicsOfOthers, If::TopicsOfOthers, &[Doctor]),
    ("sns:GetSubscriptionAttributes", On::Everything, If::Always, &[Plan, Apply, Drift, Doctor]),
    ("sns:CreateTopic", On::Topics, If::Always, &[Apply]),
    ("sns:DeleteTopic", On::Topics, If::Always, &[Apply]),
    ("sns:SetTopicAttributes", On::Topics, If::Always, &[Apply]),
    ("sns:SetTopicAttributes", On::OpenedTopics, If::OpenedTopics, &[Apply]),
    ("sns:TagResource", On::Topics, If::Always, &[Apply]),
    ("sns:UntagResource", On::Topics, If::Always, &[Apply]),
    ("sns:Subscribe", On::Topics, If::Always, &[Apply]),
    ("sns:Unsubscribe", On::Everything, If::Always, &[Apply]),
    ("sns:SetSubscriptionAttributes", On::Everything, If::Always, &[Apply]),
];

/// What Cloud Control asks its caller for when it looks for a target (the resource types' schemas, handler `read`).
pub(super) const LOOKING_FOR: &[(Act, &[&str])] = &[
    (Act::Instance, &["ec2:DescribeInstances", "ec2:DescribeInstanceAttribute", "ec2:DescribeVolumes"]),
    (Act::ScalingPolicy, &["autoscaling:DescribePolicies"]),
    (Act::ResponsePlan, &["ssm-incidents:GetResponsePlan", "ssm-incidents:ListTagsForResource"]),
    (Act::InvestigationGroup, &["aiops:GetInvestigationGroup", "aiops:ListTagsForResource"]),
];

/// The same for what a review looks for: whether an API or a function is still there.
pub(super) const REVIEWING: &[(&str, On)] = &[("apigateway:GET", On::AnyApi), ("lambda:GetFunction", On::AnyFunction)];
