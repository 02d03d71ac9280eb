//! The keys of `trailarm.yaml`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use crate::detection::OverrideSection;
use crate::kinds::alarm::{Period, Periods, Statistic, Threshold, TreatMissingData};
use crate::kinds::topic::TopicSection;
use crate::yaml::typed::{LogGroupName, Namespace, TagKey, TagValue, text};

text! {
    /// The name of a stack: names of all its resources start with it.
    StackName, 1..=64, r"^[A-Za-z0-9_-]+$", |c| c.is_ascii_alphanumeric() || "_-".contains(c), "letters, digits, `_` and `-` can stand in the name of a stack"
}

/// A stack: detections of some packs, for one log group.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "trailarm stack")]
pub struct StackSection {
    pub stack: StackName,
    /// Default: the one that the account's multi-Region trail delivers to.
    pub log_group: Option<LogGroupSection>,
    /// Further log groups; a metric filter names them by key.
    pub log_groups: Option<BTreeMap<String, LogGroupSection>>,
    /// Shipped packs by name, own folders by path (`./alarms`).
    pub packs: Vec<String>,
    /// Pack → which of its filters: `{cis: security-hub}`. Default: all of them.
    pub profiles: Option<BTreeMap<String, String>>,
    /// Values of the detections' parameters.
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    pub parameters: Option<BTreeMap<String, IgnoredAny>>,
    pub topics: Option<BTreeMap<String, TopicSection>>,
    pub defaults: Option<DefaultsSection>,
    /// Changes of single detections.
    #[schemars(with = "Option<BTreeMap<String, OverrideSection>>")]
    pub detections: Option<BTreeMap<String, IgnoredAny>>,
    /// Resources under their own names that are now to be deleted: `alarm/old-name`.
    pub removed: Option<Vec<String>>,
    /// Old address of a detection → new address.
    pub moved: Option<BTreeMap<String, String>>,
    pub limits: Option<LimitsSection>,
}

/// A log group: by name, or the one a trail delivers to.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct LogGroupSection {
    pub name: Option<LogGroupName>,
    /// `auto`, or name or ARN of a trail.
    pub from_trail: Option<String>,
}

/// What detections leave out.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DefaultsSection {
    /// Default: `Trailarm/<stack>`.
    pub namespace: Option<Namespace>,
    pub alarm: Option<AlarmDefaults>,
    /// Tags of all alarms and topics.
    #[schemars(extend("maxProperties" = 49))]
    pub tags: Option<BTreeMap<TagKey, TagValue>>,
}

/// Keys of an alarm that can have a default.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlarmDefaults {
    pub statistic: Option<Statistic>,
    pub period: Option<Period>,
    pub threshold: Option<Threshold>,
    pub evaluation_periods: Option<Periods>,
    pub datapoints_to_alarm: Option<Periods>,
    pub treat_missing_data: Option<TreatMissingData>,
    pub actions_enabled: Option<bool>,
    pub notify: Option<Vec<String>>,
    pub notify_ok: Option<Vec<String>>,
    pub notify_insufficient_data: Option<Vec<String>>,
}

/// The valve against mass deletion.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsSection {
    /// Share of the owned resources that one run may delete. Default 30%.
    pub max_delete: Option<Percent>,
    /// Owned resources from which on the limit holds. Default 10.
    pub from: Option<u32>,
}

/// `30%`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Percent(pub u32);

impl<'de> Deserialize<'de> for Percent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.strip_suffix('%').and_then(|n| n.parse().ok()) {
            Some(number @ 0..=100) => Ok(Self(number)),
            _ => Err(de::Error::custom(format!("`{text}` is no share\nhelp: write a percentage, such as `30%`"))),
        }
    }
}

impl JsonSchema for Percent {
    fn schema_name() -> Cow<'static, str> {
        "Percent".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^(100|[0-9]{1,2})%$" })
    }
}
