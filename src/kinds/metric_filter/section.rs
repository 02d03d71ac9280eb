//! `metric_filter:` of a detection → one or more metric filters that feed one metric.

use std::borrow::Cow;
use std::collections::BTreeMap;

use filter_pattern::{Condition, Family, MAX_LENGTH, Pattern, Source};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};

use super::MetricFilter;
use crate::detection::actors::{none_of, read_actor};
use crate::detection::{Context, Problems};
use crate::finding::{Code, suggest};
use crate::yaml::typed::{MetricName, Namespace, Unit, text};

text! {
    /// The name of a metric filter (spec, section 6.1).
    FilterName, 1..=512, r"^[^:*]*$", |c| !":*".contains(c) && !c.is_control(), "`:` and `*` cannot stand in the name of a metric filter"
}

text! {
    /// A key or a selector of a dimension.
    DimensionText, 1..=255, r"^[^\x00-\x1f]*$", |c| !c.is_control(), "no control characters in dimensions"
}

text! {
    /// Which accounts and Regions a filter of a central log group looks at.
    Criteria, 0..=2000, r"^[^\x00-\x1f]*$", |c| !c.is_control(), "no control characters here"
}

/// A filter on the log group, and the metric it feeds.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricFilterSection {
    /// The filter pattern, sent as it is written (a pattern over several lines becomes one line).
    pub pattern: Option<String>,
    /// The pattern in typed form; split into several filters when it is longer than AWS takes.
    #[serde(rename = "match")]
    pub matches: Option<MatchSection>,
    /// The profiles of the pack that have this filter. Default: each.
    #[schemars(length(min = 1))]
    #[serde(default, deserialize_with = "crate::yaml::typed::at_least_one")]
    pub profiles: Option<Vec<String>>,
    /// Whom or what the filter does not count.
    pub except: Option<ExceptSection>,
    /// What a matching event adds to the metric: a number, `$.selector` or `$field`. Default 1.
    pub value: Option<MetricValue>,
    /// What is reported when events came in and none matched.
    pub default: Option<f64>,
    pub unit: Option<Unit>,
    /// Name of the dimension → selector of its value; at most three.
    #[schemars(extend("maxProperties" = 3))]
    pub dimensions: Option<BTreeMap<DimensionText, DimensionText>>,
    /// Where the metric goes. Default: the stack's namespace and the detection's name.
    pub metric: Option<MetricSection>,
    /// An existing filter's own name.
    pub name: Option<FilterName>,
    /// Take over the filter if it exists already.
    pub adopt: Option<bool>,
    /// One of the stack's `log_groups`, by its key. Default: the stack's `log_group`.
    pub log_group: Option<String>,
    /// Look at events after the log group's transformer.
    pub apply_on_transformed_logs: Option<bool>,
    pub field_selection_criteria: Option<Criteria>,
    /// `@aws.account`, `@aws.region`: count towards the three dimensions.
    pub emit_system_field_dimensions: Option<Vec<SystemField>>,
}

/// The metric a filter feeds.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MetricSection {
    pub namespace: Option<Namespace>,
    pub name: Option<MetricName>,
}

/// Events by their source and name.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MatchSection {
    /// `eventSource`, such as `lambda.amazonaws.com`.
    pub source: String,
    /// `eventName` as CloudTrail writes it; a `*` at the end stands for anything.
    #[schemars(length(min = 1))]
    pub events: Vec<String>,
    /// true: only calls that succeeded; false: only calls that were refused. Default: both.
    pub succeeded: Option<bool>,
    /// One more condition in the pattern language, without the braces.
    #[serde(rename = "where")]
    pub condition: Option<String>,
}

/// Whom a filter excuses.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExceptSection {
    /// ARNs of roles, users or sessions (with `*`), or names of AWS services.
    pub actors: Option<Vec<String>>,
}

/// `metricValue`: a number, `$.selector` or `$field`, as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricValue(pub String);

impl<'de> Deserialize<'de> for MetricValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let number = text.parse::<f64>().is_ok_and(f64::is_finite) && !text.contains(|c: char| c.is_ascii_alphabetic());
        if (1..=100).contains(&text.len()) && (number || text.starts_with('$')) {
            return Ok(Self(text));
        }
        Err(de::Error::custom(format!(
            "`{text}` is no value for a metric\nhelp: a number, `$.selector` or `$field`, 100 characters at most"
        )))
    }
}

impl JsonSchema for MetricValue {
    fn schema_name() -> Cow<'static, str> {
        "MetricValue".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "anyOf": [{ "type": "number" },
            { "type": "string", "maxLength": 100, "pattern": r"^([+-]?([0-9]+\.?[0-9]*|\.[0-9]+)|\$.*)$" }] })
    }
}

crate::yaml::typed::choice! {
    /// A field that CloudWatch Logs adds to centralised logs.
    SystemField, ["@aws.account", "@aws.region"]
}

/// What to do when the excused actors are what makes a pattern too long.
const FEWER_ACTORS: &str = "excuse fewer actors here: one ARN with a `*` covers several roles (`arn:aws:iam::111122223333:role/ci-*`), \
    and a stack can set the parameter for this detection alone (`detections: {PACK/NAME: {parameters: {…}}}`)";

/// What the filters of a detection come to.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Each with its place in the list of sections.
    pub filters: Vec<(usize, MetricFilter)>,
    pub namespace: String,
    pub metric: String,
    /// A section came to no filter, which was told.
    pub incomplete: bool,
}

impl MetricFilterSection {
    /// The filters of one section, without names for those after the first.
    pub fn compile(&self, context: &Context<'_>, problems: &mut Problems) -> Vec<MetricFilter> {
        self.check(problems);
        let Some(log_group) = self.log_group(context, problems) else { return Vec::new() };
        let patterns = self.patterns(problems);
        let metric = self.metric.clone().unwrap_or_default();
        let text = |map: &BTreeMap<DimensionText, DimensionText>| map.iter().map(|(k, v)| (k.0.clone(), v.0.clone())).collect();
        patterns
            .into_iter()
            .map(|pattern| MetricFilter {
                log_group: log_group.clone(),
                name: self.name.as_ref().map_or_else(String::new, |n| n.0.clone()),
                pattern,
                metric_namespace: metric.namespace.as_ref().map_or_else(|| context.namespace.clone(), |n| n.0.clone()),
                metric_name: metric.name.as_ref().map_or_else(|| context.name.clone(), |n| n.0.clone()),
                metric_value: self.value.as_ref().map_or_else(|| "1".to_owned(), |v| v.0.clone()),
                default_value: self.default,
                dimensions: self.dimensions.as_ref().map(text).unwrap_or_default(),
                unit: self.unit.as_ref().map(|u| u.0.clone()),
                apply_on_transformed_logs: self.apply_on_transformed_logs.unwrap_or(false),
                field_selection_criteria: self.field_selection_criteria.as_ref().map(|c| c.0.clone()),
                emit_system_field_dimensions: self.emit_system_field_dimensions.iter().flatten().map(|f| f.0.clone()).collect(),
            })
            .collect()
    }

    fn log_group(&self, context: &Context<'_>, problems: &mut Problems) -> Option<String> {
        let Some(key) = &self.log_group else { return Some(context.log_group.to_owned()) };
        let found = context.log_groups.get(key).cloned();
        if found.is_none() {
            let known = context.log_groups.keys().map(String::as_str);
            let message = format!("no log group of the stack is called `{key}`");
            problems.push("log_group", Code::UnknownName, message, format!("{} (declare it under `log_groups:`)", suggest(key, known)));
        }
        found
    }

    /// What AWS refuses in combination (spec, sections 3.3 and 6.1).
    fn check(&self, problems: &mut Problems) {
        let dimensions = self.dimensions.as_ref().map_or(0, BTreeMap::len);
        let system = self.emit_system_field_dimensions.as_ref().map_or(0, Vec::len);
        if dimensions > 0 && self.default.is_some() {
            problems.combination("default", "a filter with dimensions cannot have a default value", "remove `default` or `dimensions`");
        }
        if dimensions + system > 3 {
            let message = format!("{} dimensions, 3 are allowed", dimensions + system);
            problems.combination("dimensions", message, "`emit_system_field_dimensions` count as well");
        }
        if self.metric.as_ref().and_then(|m| m.namespace.as_ref()).is_some_and(|n| n.0.starts_with("AWS/")) {
            problems.combination("metric.namespace", "`AWS/` is kept for AWS's own metrics", "choose another namespace");
        }
        match (&self.pattern, &self.matches) {
            (Some(_), Some(_)) => problems.combination("match", "`pattern` and `match` exclude each other", "keep one of them"),
            (None, None) => {
                problems.push(
                    "",
                    Code::MissingKey,
                    "a metric filter needs `pattern` or `match`",
                    "write the raw pattern, or source and events",
                );
            }
            _ => {}
        }
    }

    /// The deployable patterns: one, or several when `match` is too long for one.
    fn patterns(&self, problems: &mut Problems) -> Vec<String> {
        let excused = self.excused(problems);
        let (path, patterns) = match (&self.pattern, &self.matches) {
            (Some(raw), _) => ("pattern", self.raw(raw, excused, problems)),
            (None, Some(matches)) => ("match", matches.split(&excused, problems)),
            (None, None) => return Vec::new(),
        };
        for pattern in &patterns {
            self.check_pattern(path, pattern, problems);
        }
        patterns
    }

    fn check_pattern(&self, path: &str, text: &str, problems: &mut Problems) {
        match Pattern::parse(text) {
            Ok(pattern) => self.check_sources(&pattern, problems),
            Err(errors) if text.trim().chars().count() > MAX_LENGTH => {
                let excuses = self.except.as_ref().is_some_and(|except| except.actors.iter().flatten().next().is_some());
                let help = if excuses {
                    FEWER_ACTORS
                } else {
                    "use `match:`, which splits over several filters, or split it into `metric_filters:`"
                };
                errors.iter().for_each(|error| problems.push(path, Code::PatternLength, error.to_string(), help));
            }
            Err(errors) => {
                for error in errors {
                    let help = error.hint().unwrap_or("AWS would refuse this pattern");
                    problems.push_within(path, text, error.span.clone(), Code::PatternSyntax, error.to_string(), help);
                }
            }
        }
    }

    /// Values are taken from what the pattern's family has: properties of JSON, fields between blanks
    /// (spec, sections 3.1 and 3.3).
    fn check_sources(&self, pattern: &Pattern, problems: &mut Problems) {
        if matches!(pattern.family(), Family::Terms | Family::All) && self.dimensions.is_some() {
            let help = "remove them, or select fields with `{ … }`";
            return problems.combination("dimensions", "dimensions need a JSON or space-delimited pattern", help);
        }
        let value = self.value.iter().map(|value| ("value".to_owned(), &value.0)).filter(|(_, text)| text.starts_with('$'));
        let dimensions = self.dimensions.iter().flatten().map(|(name, selector)| (format!("dimensions.{}", name.0), &selector.0));
        for (path, text) in value.chain(dimensions) {
            let wrong = match Source::parse(text) {
                Ok(Source::Constant(_)) => {
                    Some(("a dimension takes its value from the event".to_owned(), "write `$.name`, or `$field`".to_owned()))
                }
                Ok(source) => pattern
                    .lacks(&source)
                    .map(|why| (why, "write `$.name` for a JSON pattern, `$field` or `$1` for a space-delimited one".to_owned())),
                Err(error) => Some((format!("`{text}` is {error}"), error.hint().unwrap_or_default().to_owned())),
            };
            if let Some((message, help)) = wrong {
                problems.push(&path, Code::WrongValue, message, help);
            }
        }
    }

    fn raw(&self, raw: &str, excused: Vec<Condition>, problems: &mut Problems) -> Vec<String> {
        let pattern = filter_pattern::prepare(raw);
        // What is wrong with it is told of the text as it is written, without what `except` adds.
        if excused.is_empty() || Pattern::parse(&pattern).is_err() {
            return vec![pattern];
        }
        match filter_pattern::narrow(&pattern, excused) {
            Some(narrowed) => vec![narrowed],
            None => {
                problems.combination("except", "`except` needs a JSON pattern, `{ … }`", "only JSON events have fields to excuse by");
                vec![pattern]
            }
        }
    }

    fn excused(&self, problems: &mut Problems) -> Vec<Condition> {
        let actors = self.except.iter().flat_map(|e| e.actors.iter().flatten()).enumerate();
        let mut read = Vec::new();
        for (i, actor) in actors {
            match read_actor(actor) {
                Ok(actor) => read.push(actor),
                Err(message) => {
                    let help = "write `arn:aws:iam::111122223333:role/ci-*`, or a service such as `cloudformation.amazonaws.com`";
                    problems.push(&format!("except.actors.{i}"), Code::WrongValue, message, help);
                }
            }
        }
        none_of(&read)
    }
}

impl MatchSection {
    fn condition(&self, events: &[String], excused: &[Condition]) -> Condition {
        let names = Condition::any(events.iter().map(|name| Condition::equals("$.eventName", name)));
        let mut all = vec![Condition::equals("$.eventSource", &self.source), names];
        match self.succeeded {
            Some(true) => all.push(Condition::missing("$.errorCode")),
            Some(false) => all.push(Condition::equals("$.errorCode", "*")),
            None => {}
        }
        all.extend(self.condition.iter().map(|c| Condition::Raw(strip_group(&filter_pattern::prepare(c)).to_owned())));
        all.extend(excused.iter().cloned());
        Condition::all(all)
    }

    /// What would become a pattern that means something else, or nothing.
    fn check(&self, problems: &mut Problems) -> bool {
        let mut wrong = |path: &str, message: String, help: &str| problems.push(path, Code::WrongValue, message, help);
        let mut right = true;
        if self.events.is_empty() {
            wrong("match.events", "the list of events is empty".to_owned(), "name at least one event");
            right = false;
        }
        let named = |name: &str| !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control());
        for (i, event) in self.events.iter().enumerate().filter(|(_, e)| !named(e) || e.trim_end_matches('*').contains('*')) {
            let message = format!("`{event}` cannot be the name of an event");
            wrong(&format!("match.events.{i}"), message, "write it as CloudTrail does; a `*` may stand at the end");
            right = false;
        }
        if !named(&self.source) {
            wrong("match.source", format!("`{}` cannot be the source of an event", self.source), "write `lambda.amazonaws.com`");
            right = false;
        }
        if let Some(condition) = &self.condition {
            let alone = Pattern::parse(&format!("{{ {} }}", filter_pattern::prepare(condition)));
            let message = match alone {
                _ if condition.trim().is_empty() => Some("the condition is empty".to_owned()),
                Err(errors) => errors.first().map(|error| {
                    let hint = error.hint().map(|hint| format!(" ({hint})")).unwrap_or_default();
                    format!("the condition is not whole: {error}{hint}")
                }),
                Ok(_) => None,
            };
            if let Some(message) = message {
                wrong("match.where", message, "write a condition that could stand between `{` and `}` by itself");
                right = false;
            }
        }
        right
    }

    /// As few patterns as hold all events, each within AWS's length.
    fn split(&self, excused: &[Condition], problems: &mut Problems) -> Vec<String> {
        if !self.check(problems) {
            return Vec::new();
        }
        let whole = self.condition(&self.events, excused).to_pattern();
        if whole.chars().count() <= MAX_LENGTH {
            return vec![whole];
        }
        // In fewest characters, so that it is few filters: a log group has a hundred at most.
        let short = |events: &[String]| self.condition(events, excused).to_short_pattern();
        let fits = |events: &[String]| short(events).chars().count() <= MAX_LENGTH;
        let mut patterns = Vec::new();
        let mut rest = self.events.as_slice();
        if !fits(&rest[..1]) {
            self.too_long(&short(&rest[..1]), excused, problems);
            return Vec::new();
        }
        while !rest.is_empty() {
            let count = (1..=rest.len()).take_while(|n| fits(&rest[..*n])).count().max(1);
            patterns.push(short(&rest[..count]));
            rest = &rest[count..];
        }
        patterns
    }

    /// Not even one event fits: said once.
    fn too_long(&self, pattern: &str, excused: &[Condition], problems: &mut Problems) {
        let length = pattern.chars().count();
        let message = format!("the pattern has {length} characters with one event alone, {MAX_LENGTH} are allowed");
        let help = if excused.is_empty() { "shorten `where`" } else { FEWER_ACTORS };
        problems.push("match", Code::PatternLength, message, help);
    }
}

/// `(x)` → `x` when the outer pair belongs together, since the writer adds its own.
fn strip_group(text: &str) -> &str {
    let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) else { return text };
    let mut depth = 0_i32;
    let whole = inner.chars().all(|c| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        depth >= 0
    });
    if whole && !inner.contains(['"', '%']) { inner } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(events: usize) -> MatchSection {
        MatchSection {
            source: "lambda.amazonaws.com".to_owned(),
            events: (0..events).map(|i| format!("CreateSomethingWithALongName{i}")).collect(),
            succeeded: Some(true),
            condition: Some("($.readOnly IS FALSE)".to_owned()),
        }
    }

    #[test]
    fn a_match_becomes_a_pattern() {
        assert_eq!(
            section(2).split(&[], &mut Problems::default()),
            [
                r#"{ ($.eventSource = "lambda.amazonaws.com") && (($.eventName = "CreateSomethingWithALongName0") || ($.eventName = "CreateSomethingWithALongName1")) && ($.errorCode NOT EXISTS) && ($.readOnly IS FALSE) }"#
            ]
        );
    }

    #[test]
    fn a_long_match_is_split_and_loses_no_event() {
        let section = section(60);
        let patterns = section.split(&[], &mut Problems::default());
        assert_eq!(patterns.len(), 3);
        assert!(patterns.iter().all(|p| p.chars().count() <= MAX_LENGTH && Pattern::parse(p).is_ok()));
        for event in &section.events {
            let quoted = format!("\"{event}\"");
            assert_eq!(patterns.iter().filter(|p| p.contains(&quoted)).count(), 1, "{event}");
        }
    }

    #[test]
    fn only_a_whole_group_loses_its_brackets() {
        for (text, inner) in [("($.a = 1)", "$.a = 1"), ("($.a = 1) || ($.b = 2)", "($.a = 1) || ($.b = 2)"), ("$.a = 1", "$.a = 1")] {
            assert_eq!(strip_group(text), inner);
        }
    }
}
