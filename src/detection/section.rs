//! The keys of a detection file.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use serde_json::Value;

use super::runbook::RunbookSection;
use crate::kinds::alarm::AlarmSection;
use crate::kinds::metric_filter::MetricFilterSection;
use crate::yaml::typed::choice;

choice! {
    /// How bad it is when it fires.
    Severity, ["low", "medium", "high", "critical"]
}

choice! {
    /// Type of a parameter.
    ParameterType, ["string", "number", "boolean", "list"]
}

/// A detection: what to look for, whom to tell, and the proof that it works.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "trailarm detection")]
pub struct DetectionSection {
    /// What happened when it fires. Shown to the responder.
    pub description: Option<String>,
    pub severity: Option<Severity>,
    pub references: Option<References>,
    /// A link, or what it means, what to ask first and how to contain it.
    pub runbook: Option<RunbookSection>,
    /// What it cannot see.
    pub limitations: Option<Vec<String>>,
    /// Values that a stack can set, used as `${name}`.
    pub parameters: Option<BTreeMap<String, Parameter>>,
    /// Take over the resources of this detection if they exist already.
    pub adopt: Option<bool>,
    #[schemars(extend("if" = { "type": "object" }, "then" = { "oneOf": [{ "required": ["pattern"] }, { "required": ["match"] }] }))]
    pub metric_filter: Option<MetricFilterSection>,
    /// Several filters that feed one metric.
    #[schemars(length(min = 1))]
    #[schemars(extend("then" = { "items": { "oneOf": [{ "required": ["pattern"] }, { "required": ["match"] }] } }, "if" = { "type": "array" }))]
    pub metric_filters: Option<Vec<MetricFilterSection>>,
    pub alarm: Option<AlarmSection>,
    pub tests: Option<Vec<TestSection>>,
}

/// Where the detection comes from.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct References {
    /// AWS Threat Technique Catalog.
    pub catalog: Option<Vec<String>>,
    /// MITRE ATT&CK.
    pub attack: Option<Attack>,
    /// Version of the CIS benchmark → control.
    pub cis: Option<BTreeMap<String, String>>,
    pub links: Option<Vec<String>>,
}

/// Techniques of MITRE ATT&CK, whose numbers depend on its version.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attack {
    pub version: u32,
    pub techniques: Vec<String>,
}

/// A value that the stack can set.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    #[serde(rename = "type")]
    pub kind: ParameterType,
    /// Without it, the stack must give a value.
    pub default: Option<Value>,
    pub description: Option<String>,
}

/// A proof that the detection fires on what it should.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TestSection {
    pub name: String,
    /// With the filters of each of these profiles alone. Default: with all that the stack has.
    #[schemars(length(min = 1))]
    #[serde(default, deserialize_with = "crate::yaml::typed::at_least_one")]
    pub profiles: Option<Vec<String>>,
    pub event: Option<EventSection>,
    pub events: Option<Vec<EventSection>>,
    /// JSON or JSONL, relative to this file.
    pub file: Option<String>,
    pub matches: Option<bool>,
    /// What the matching event adds to the metric.
    pub value: Option<f64>,
    /// A strip of matches per period: `0x2 1 0x3`, `_` for no data.
    pub matches_per_period: Option<String>,
    /// The periods, from 0, in which the alarm is in ALARM.
    pub alarm_at: Option<Vec<u32>>,
}

/// A CloudTrail record, or the text of a message of another log.
#[derive(Debug, Clone)]
pub struct EventSection(pub Value);

impl<'de> Deserialize<'de> for EventSection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            value @ (Value::Object(_) | Value::String(_)) => Ok(Self(value)),
            _ => Err(de::Error::custom("an event is a map, or the text of a message\nhelp: write `{eventName: …}`, or a text in quotes")),
        }
    }
}

impl JsonSchema for EventSection {
    fn schema_name() -> Cow<'static, str> {
        "Event".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "A CloudTrail record, or the text of a message of another log",
            "anyOf": [{ "type": "object" }, { "type": "string" }] })
    }
}

/// What a stack changes of a detection.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OverrideSection {
    /// false switches the detection off.
    pub enabled: Option<bool>,
    /// Values for this detection alone.
    pub parameters: Option<BTreeMap<String, Value>>,
    pub description: Option<String>,
    pub severity: Option<Severity>,
    pub runbook: Option<RunbookSection>,
    pub adopt: Option<bool>,
    pub metric_filter: Option<MetricFilterSection>,
    pub metric_filters: Option<Vec<MetricFilterSection>>,
    pub alarm: Option<AlarmSection>,
}
