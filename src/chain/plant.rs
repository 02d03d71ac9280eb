//! A marked event that matches a detection, made of the detection's own test. Pure.

use filter_pattern::{Pattern, Verdict};
use serde_json::Value;

use crate::detection::{Unit, Watched};
use crate::simulate::MissingData;
use crate::state::{Attributes, text};
use crate::suite::matching_events;

/// The property that marks a planted event. CloudTrail has none of this name.
pub const MARK: &str = "trailarmDrill";
/// More than this many events are no rehearsal.
const MOST: u32 = 100;

/// What is written into the log group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plant {
    pub log_group: String,
    pub namespace: String,
    pub metric: String,
    /// Messages, one an event.
    pub events: Vec<String>,
}

/// When a planted event was seen, in seconds after it was written.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Planted {
    pub metric: Option<f64>,
    pub alarm: Option<f64>,
}

impl Plant {
    /// Of the first event of the detection's tests that still matches once it is marked.
    ///
    /// # Errors
    /// Why the detection cannot be rehearsed so.
    pub fn of(unit: &Unit, id: &str, time: &str) -> Result<Self, String> {
        let watched = unit.watched().ok_or("only an alarm on the detection's own filters can be rehearsed with an event")?;
        let count = needed(&watched)?;
        let tests = matching_events(unit).map_err(|findings| findings.first().map_or_else(String::new, |f| f.message.clone()))?;
        if tests.is_empty() {
            return Err("the detection has no test with an event that matches".to_owned());
        }
        let feeding = |event: &String| {
            let marked = marked(event, id, time, 0)?;
            let built = unit.filters.iter().find(|built| built.pattern.eval(&marked).is_match())?;
            Some((event.clone(), &built.filter))
        };
        let (event, filter) = tests.iter().find_map(feeding).ok_or("no event of its tests matches once it is marked")?;
        Ok(Self {
            log_group: filter.log_group.clone(),
            namespace: filter.metric_namespace.clone(),
            metric: filter.metric_name.clone(),
            events: (0..count).filter_map(|number| marked(&event, id, time, number)).collect(),
        })
    }

    /// Whether a metric filter of its log group matches it: also where AWS leaves open whether it does.
    pub fn feeds(&self, filter: &Attributes) -> bool {
        let Ok(pattern) = Pattern::parse(text(filter, "pattern")) else { return true };
        let matches = |event: &String| !matches!(pattern.eval(event), Verdict::NoMatch);
        text(filter, "log_group") == self.log_group && self.events.first().is_some_and(matches)
    }
}

/// How many events ring the alarm within one period.
fn needed(watched: &Watched<'_>) -> Result<u32, String> {
    let evaluation = watched.evaluation().ok_or("an anomaly alarm cannot be rehearsed with an event")?;
    if evaluation.datapoints > 1 {
        return Err(format!("the alarm needs matches in {} periods, and a drill has one", evaluation.datapoints));
    }
    if watched.filters.iter().any(|filter| !filter.dimensions.is_empty() || !filter.emit_system_field_dimensions.is_empty()) {
        return Err("the filter reports by dimensions, whose values come from the event".to_owned());
    }
    let value = watched.count().map(|count| count.value).ok_or("the filter takes its value from the event")?;
    if watched.missing() == Some(MissingData::Ignore) && watched.count().is_some_and(|count| count.default.is_none()) {
        return Err("it would stay in ALARM: missing data are ignored, and without `default` there are no others".to_owned());
    }
    let of_many = |count: u32| match watched.statistic() {
        Some("Sum") => Some(value * f64::from(count)),
        Some("SampleCount") => Some(f64::from(count)),
        Some("Maximum") => Some(value),
        // Events that do not match bring the default, and change these.
        _ => None,
    };
    let rings = |count: &u32| of_many(*count).is_some_and(|sum| evaluation.comparison.breaches(sum, evaluation.threshold));
    (1..=MOST).find(rings).ok_or_else(|| format!("no number of matches up to {MOST} is sure to ring the alarm"))
}

/// An event with the mark, the time, and an id of its own. `None`: it is not JSON.
fn marked(event: &str, id: &str, time: &str, number: u32) -> Option<String> {
    let mut event: Value = serde_json::from_str(event).ok()?;
    let map = event.as_object_mut()?;
    map.insert(MARK.to_owned(), id.into());
    map.insert("eventTime".to_owned(), time.into());
    map.insert("eventID".to_owned(), format!("{id}-{number}").into());
    Some(event.to_string())
}
