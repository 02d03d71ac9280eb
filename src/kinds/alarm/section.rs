//! `alarm:` of a detection, as written.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

use super::actions::ActionSection;
use crate::arn::is_account_id;
use crate::yaml::typed::{MetricName, Seconds, TagKey, TagValue, Unit, choice, number, text};

text! {
    /// The name of an alarm (spec, section 6.2).
    AlarmName, 1..=255, r"^[^\x00-\x1f]*$", |c| !c.is_ascii_control(), "no control characters in the name of an alarm"
}

text! {
    /// A metric's namespace as alarms take it: also `AWS/…`.
    AlarmNamespace, 1..=255, r"^[^:\x00-\x1f][^\x00-\x1f]*$", |c| !c.is_control() && c != ':', "a namespace holds no colon"
}

text! {
    /// The name of a dimension (spec, section 6.2).
    DimensionName, 1..=255, r"^[^:\x00-\x1f\x7f-\uffff][^\x00-\x1f\x7f-\uffff]*$", |c| c.is_ascii() && !c.is_ascii_control(), "ASCII only"
}

text! {
    /// The value of a dimension (spec, section 6.2).
    DimensionValue, 1..=1024, r"^[^\x00-\x1f\x7f-\uffff]*[^\x00-\x20\x7f-\uffff][^\x00-\x1f\x7f-\uffff]*$", |c| c.is_ascii() && !c.is_ascii_control(), "ASCII only"
}

text! {
    /// A time zone: IANA name, offset or `UTC+hh:mm`.
    Timezone, 1..=50, r"^[A-Za-z0-9_+:/\-]+$", |c| c.is_ascii_alphanumeric() || "_+:/-".contains(c), "write `Europe/Berlin`, `UTC` or `+02:00`"
}

text! {
    /// An expression of metric math.
    Expression, 1..=2048, r"^[^\x00]*$", |c| c != '\0', "no NUL"
}

text! {
    /// The rule of a composite alarm, before names are put in.
    Rule, 1..=10240, r"^[^\x00]*$", |c| c != '\0', "no NUL"
}

number! {
    /// How many periods are looked at.
    Periods, 1_u32..=86_400
}

number! {
    /// Minutes of warm-up.
    WarmUpMinutes, 1_u32..=2880
}

choice! {
    /// `Statistic`.
    Statistic, ["SampleCount", "Average", "Sum", "Minimum", "Maximum"]
}

choice! {
    /// `TreatMissingData`.
    TreatMissingData, ["breaching", "notBreaching", "ignore", "missing"]
}

choice! {
    /// `EvaluateLowSampleCountPercentile`.
    LowSampleRule, ["evaluate", "ignore"]
}

choice! {
    /// On which side of the band an anomaly alarm rings.
    BandSide, ["outside", "above", "below"]
}

/// When somebody is told, and who. What is left out comes from the stack's `defaults.alarm`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlarmSection {
    /// The alarm's own name, for an imported one.
    pub name: Option<AlarmName>,
    /// Take over the alarm if it exists already.
    pub adopt: Option<bool>,
    /// Instead of the detection's description.
    pub description: Option<String>,

    pub statistic: Option<Statistic>,
    /// A percentile or a trimmed statistic: `p99`, `tm90`, `IQM`, `PR(1:100)`.
    pub extended_statistic: Option<ExtendedStatistic>,
    /// Length of a period: 10, 20 or 30 seconds, or whole minutes.
    pub period: Option<Period>,
    /// Comparison and number: `>= 1`. A bare number means `>=`.
    pub threshold: Option<Threshold>,
    pub evaluation_periods: Option<Periods>,
    pub datapoints_to_alarm: Option<Periods>,
    pub treat_missing_data: Option<TreatMissingData>,
    /// For percentiles: what to do with few samples.
    pub evaluate_low_sample_count_percentiles: Option<LowSampleRule>,
    /// Values of the filter's dimensions.
    #[schemars(extend("maxProperties" = 30))]
    pub dimensions: Option<BTreeMap<DimensionName, DimensionValue>>,
    pub unit: Option<Unit>,
    /// Periods by the clock (full hours, midnight, Monday) in a time zone, instead of sliding ones.
    pub wall_clock_window: Option<Timezone>,
    pub warm_up: Option<WarmUpSection>,

    /// A metric that no filter of the detection feeds.
    pub metric: Option<AlarmMetric>,
    /// Metric math: exactly one entry returns data.
    #[schemars(length(min = 1, max = 20))]
    pub metrics: Option<Vec<QuerySection>>,
    /// An anomaly detection band around the metric.
    pub anomaly: Option<AnomalySection>,
    /// A composite alarm over other detections: `ALARM(a) AND NOT ALARM(b)`.
    pub composite: Option<Rule>,
    /// For composites: while this alarm rings, actions are held.
    pub suppressor: Option<SuppressorSection>,

    pub actions_enabled: Option<bool>,
    /// Topics of the stack that are told on ALARM.
    pub notify: Option<Vec<String>>,
    pub notify_ok: Option<Vec<String>>,
    pub notify_insufficient_data: Option<Vec<String>>,
    /// Automated actions on ALARM.
    pub actions: Option<Vec<ActionSection>>,
    pub ok_actions: Option<Vec<ActionSection>>,
    pub insufficient_data_actions: Option<Vec<ActionSection>>,
    #[schemars(extend("maxProperties" = 50))]
    pub tags: Option<BTreeMap<TagKey, TagValue>>,
    pub tag_propagation: Option<TagPropagation>,
}

/// A metric by its names.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AlarmMetric {
    pub namespace: AlarmNamespace,
    pub name: MetricName,
    #[schemars(extend("maxProperties" = 30))]
    pub dimensions: Option<BTreeMap<DimensionName, DimensionValue>>,
}

/// An entry of metric math: a metric or an expression.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuerySection {
    pub id: QueryId,
    pub expression: Option<Expression>,
    pub metric: Option<AlarmMetric>,
    /// `Sum`, `p99`, …
    pub statistic: Option<ExtendedStatistic>,
    pub period: Option<Period>,
    pub unit: Option<Unit>,
    pub label: Option<String>,
    /// Default: true for the only expression, else false.
    pub return_data: Option<bool>,
    /// The account the metric is in (cross-account observability).
    pub account_id: Option<AccountId>,
}

/// An anomaly detection band.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnomalySection {
    /// Default: the metric of the detection's filter.
    pub metric: Option<AlarmMetric>,
    /// Width in standard deviations. Default 2.
    pub band: Option<f64>,
    /// Which side rings. Default `outside`.
    pub when: Option<BandSide>,
}

/// What holds back the actions of a composite alarm.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SuppressorSection {
    /// A detection, or the name or ARN of an alarm.
    pub alarm: String,
    pub wait_period: Seconds,
    pub extension_period: Seconds,
}

/// How long a new alarm waits.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WarmUpSection {
    pub minutes: WarmUpMinutes,
    /// Wait to the end even if there is data before.
    pub whole: Option<bool>,
}

/// Which tags of the alarm go along with its actions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TagPropagation {
    pub enabled: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub included: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 50))]
    pub excluded: Vec<String>,
}

impl TagPropagation {
    pub(crate) fn normal(mut self) -> Self {
        self.included.sort();
        self.excluded.sort();
        self
    }
}

/// The id of a metric in metric math.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueryId(pub String);

impl<'de> Deserialize<'de> for QueryId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let rest = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if text.len() <= 255 && text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(rest) {
            return Ok(Self(text));
        }
        Err(de::Error::custom(format!("`{text}` is no id for a metric\nhelp: a lower-case letter first, then letters, digits and `_`")))
    }
}

impl JsonSchema for QueryId {
    fn schema_name() -> Cow<'static, str> {
        "QueryId".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "maxLength": 255, "pattern": "^[a-z][A-Za-z0-9_]*$" })
    }
}

/// Length of a period in seconds: 10, 20, 30 or a multiple of 60 (spec, section 6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period(pub u32);

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Seconds(seconds) = Seconds::deserialize(deserializer)?;
        if [10, 20, 30].contains(&seconds) || (seconds > 0 && seconds.is_multiple_of(60)) {
            return Ok(Self(seconds));
        }
        Err(de::Error::custom(format!("{seconds} seconds is no period\nhelp: 10, 20 or 30 seconds, or whole minutes: `1m`, `5m`, `1h`")))
    }
}

impl JsonSchema for Period {
    fn schema_name() -> Cow<'static, str> {
        "Period".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "10s, 20s, 30s, or whole minutes: 5m, 1h, 1d", "anyOf": [
            { "type": "integer", "enum": [10, 20, 30] }, { "type": "integer", "minimum": 60, "multipleOf": 60 },
            { "type": "string", "pattern": "^([1-9][0-9]*[mhd]|(10|20|30)s?|[0-9]*[02468]0s?)$" }] })
    }
}

/// Twelve digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountId(pub String);

impl<'de> Deserialize<'de> for AccountId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if is_account_id(&text) {
            return Ok(Self(text));
        }
        Err(de::Error::custom(format!("`{text}` is no account id\nhelp: an account id has twelve digits")))
    }
}

impl JsonSchema for AccountId {
    fn schema_name() -> Cow<'static, str> {
        "AccountId".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "string", "pattern": "^[0-9]{12}$" }, { "type": "integer", "minimum": 0, "maximum": 999_999_999_999_u64 }] })
    }
}

/// A statistic beyond the five: percentiles, trimmed and winsorised means, ranges (spec, section 6.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtendedStatistic(pub String);

const STATISTIC_FORMS: &str =
    r"^(SampleCount|Average|Sum|Minimum|Maximum|IQM|(p|tm|tc|ts|wm)([0-9]{1,2}(\.[0-9]{0,10})?|100)|(TM|TC|TS|WM|PR)\([0-9.%:]+\))$";

impl<'de> Deserialize<'de> for ExtendedStatistic {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if is_statistic(&text) {
            return Ok(Self(text));
        }
        Err(de::Error::custom(format!("`{text}` is no statistic\nhelp: such as `Sum`, `p99`, `tm90`, `IQM` or `PR(1:100)`")))
    }
}

/// Whether CloudWatch knows such a statistic: `Sum`, `p99`, `tm90`, `IQM`, `PR(1:100)`.
pub fn is_statistic(text: &str) -> bool {
    if Statistic::VALUES.contains(&text) || text == "IQM" {
        return true;
    }
    let range = ["TM", "TC", "TS", "WM", "PR"].iter().find_map(|f| text.strip_prefix(f)?.strip_prefix('(')?.strip_suffix(')'));
    if let Some(range) = range {
        return !range.is_empty() && range.chars().all(|c| c.is_ascii_digit() || ".%:".contains(c));
    }
    let number = ["p", "tm", "tc", "ts", "wm"].iter().find_map(|f| text.strip_prefix(f));
    number.is_some_and(|n| {
        let (whole, decimals) = n.split_once('.').unwrap_or((n, ""));
        let digits = |t: &str| t.chars().all(|c| c.is_ascii_digit());
        n == "100" || ((1..=2).contains(&whole.len()) && decimals.len() <= 10 && digits(whole) && digits(decimals))
    })
}

impl JsonSchema for ExtendedStatistic {
    fn schema_name() -> Cow<'static, str> {
        "ExtendedStatistic".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": STATISTIC_FORMS })
    }
}

/// Comparison and number.
#[derive(Debug, Clone, PartialEq)]
pub struct Threshold {
    /// As AWS calls it: `GreaterThanOrEqualToThreshold`.
    pub comparison_operator: &'static str,
    pub value: f64,
}

impl FromStr for Threshold {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        const OPERATORS: &[(&str, &str)] = &[
            (">=", "GreaterThanOrEqualToThreshold"),
            ("<=", "LessThanOrEqualToThreshold"),
            (">", "GreaterThanThreshold"),
            ("<", "LessThanThreshold"),
        ];
        let (comparison_operator, number) = OPERATORS
            .iter()
            .find_map(|(sign, name)| text.trim().strip_prefix(sign).map(|rest| (*name, rest)))
            .unwrap_or(("GreaterThanOrEqualToThreshold", text));
        match number.trim().parse::<f64>() {
            Ok(value) if value.is_finite() && !number.contains(|c: char| c.is_ascii_alphabetic() && c != 'e') => {
                Ok(Self { comparison_operator, value })
            }
            _ => Err(format!("`{text}` is no threshold\nhelp: write a comparison and a number, such as `>= 1`; a bare number means `>=`")),
        }
    }
}

impl<'de> Deserialize<'de> for Threshold {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Threshold {
    fn schema_name() -> Cow<'static, str> {
        "Threshold".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "number" },
            { "type": "string", "pattern": r"^\s*(>=|<=|>|<)?\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?\s*$" }] })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds() {
        for (text, operator, value) in [
            (">= 1", "GreaterThanOrEqualToThreshold", 1.0),
            ("3", "GreaterThanOrEqualToThreshold", 3.0),
            ("<0.5", "LessThanThreshold", 0.5),
            ("> -2", "GreaterThanThreshold", -2.0),
            ("<= 1e3", "LessThanOrEqualToThreshold", 1000.0),
        ] {
            assert_eq!(text.parse(), Ok(Threshold { comparison_operator: operator, value }), "{text}");
        }
        for wrong in ["", "== 1", ">= x", "inf", "nan", ">="] {
            assert!(wrong.parse::<Threshold>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn statistics() {
        for right in ["Sum", "p99", "p99.99", "p100", "tm90", "IQM", "PR(1:100)", "TM(10%:90%)"] {
            assert!(is_statistic(right), "{right}");
        }
        for wrong in ["", "sum", "p", "p101", "p99.99999999999", "q90", "PR()"] {
            assert!(!is_statistic(wrong), "{wrong}");
        }
    }
}
