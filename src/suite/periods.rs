//! A test on periods: matches a period → datapoints → states of the alarm.
//!
//! Cannot be seen: the delay of CloudTrail. A strip proves logic, not latency.

use super::{Case, failure};
use crate::detection::{BuiltAlarm, Count, Unit};
use crate::finding::{Code, Finding};
use crate::simulate::{Evaluation, State, Strip, Tally, timeline};

/// What does not hold.
pub(super) fn check(unit: &Unit, case: &Case, evaluation: &Evaluation, points: &[Option<f64>], alarm_at: &[usize]) -> Vec<Finding> {
    let title = |code: Code, message: &str, help: &str| vec![failure(unit, case, code, message).at(&case.at).help(help)];
    let timeline = timeline(evaluation, points, None);
    if let Some(period) = timeline.depends_on_range {
        let message = format!("the state after period {period} hangs on how far back CloudWatch looks, which AWS does not publish");
        let has_default = unit.filters.iter().any(|built| built.filter.default_value.is_some());
        let help = if has_default {
            "write `0` where events came in and none matched: `_` is a period without any event"
        } else {
            "give the filter `default: 0`, so that a period without a match is a zero and not missing"
        };
        return title(Code::Uncertain, &message, help);
    }
    if let Some(period) = timeline.unspecified {
        let message = format!("AWS does not say which state the alarm has after period {period}, only that it is not ALARM");
        return title(Code::Uncertain, &message, "use `treat_missing_data: notBreaching`");
    }
    let rings: Vec<usize> = (0..timeline.states.len()).filter(|i| timeline.states[*i] == State::Alarm).collect();
    if rings == alarm_at {
        return Vec::new();
    }
    let states: Vec<&str> = timeline.states.iter().map(|state| state.text()).collect();
    let message = format!("the alarm is in ALARM after {}, expected {}", periods(&rings), periods(alarm_at));
    let failures = title(Code::TestFailed, &message, "correct the alarm (threshold, periods, missing data), or `alarm_at:` of the test");
    failures
        .into_iter()
        .map(|finding| finding.note(format!("datapoints: {}", shown(points))).note(format!("states: {}", states.join(" "))))
        .collect()
}

fn periods(list: &[usize]) -> String {
    match list {
        [] => "no period".to_owned(),
        [one] => format!("period {one}"),
        many => format!("periods {}", many.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

fn shown(points: &[Option<f64>]) -> String {
    points.iter().map(|point| point.map_or_else(|| "_".to_owned(), |value| value.to_string())).collect::<Vec<_>>().join(" ")
}

/// Why a strip cannot be simulated, and what to do.
pub(super) type Wrong = (String, &'static str);

/// The datapoints that the alarm sees, where nothing open decides (spec, section 3.2).
pub(super) fn datapoints(unit: &Unit, strip: &Strip) -> Result<(Evaluation, Vec<Option<f64>>), Wrong> {
    let Some(BuiltAlarm::Metric(_)) = &unit.alarm else {
        return Err(("the detection has no metric alarm".to_owned(), "add `alarm:`, or test events"));
    };
    let Some(watched) = unit.watched() else {
        return Err(("the alarm does not look at the detection's own metric".to_owned(), "a strip simulates only that"));
    };
    let Some(count) = watched.count() else {
        let message = "matches do not all add the same value to the metric, so a number of matches is no datapoint".to_owned();
        return Err((message, "a strip needs filters with one constant `value` and one `default`"));
    };
    let unsupported = || ("the alarm compares in a way that is not simulated".to_owned(), "a strip simulates thresholds, not bands");
    let evaluation = watched.evaluation().ok_or_else(unsupported)?;
    let statistic = Statistic { name: watched.statistic().unwrap_or_default(), count };
    let points = strip.0.iter().map(|tally| statistic.of(*tally)).collect::<Result<Vec<_>, _>>()?;
    Ok((evaluation, points))
}

struct Statistic<'a> {
    name: &'a str,
    count: Count,
}

impl Statistic<'_> {
    /// The datapoint of a period. Whether the default is reported per event or per minute is open,
    /// so with a default only what does not hang on it is known.
    fn of(&self, tally: Tally) -> Result<Option<f64>, Wrong> {
        let uncertain = || {
            let message = format!(
                "with a default value, what `{}` comes to is not known: AWS does not say how often the default is reported",
                self.name
            );
            Err((message, "use the statistic Sum with `default: 0`, or leave `default` out"))
        };
        let Count { value, default } = self.count;
        let count = match tally {
            Tally::Silence => return Ok(None),
            Tally::Matches(count) => f64::from(count),
        };
        match (self.name, default) {
            (_, None) if count == 0.0 => Ok(None),
            ("Sum", None) | ("Sum", Some(0.0)) => Ok(Some(count * value)),
            ("SampleCount", None) => Ok(Some(count)),
            ("Average" | "Minimum" | "Maximum", None) => Ok(Some(value)),
            ("Minimum" | "Maximum" | "Average", Some(default)) if count == 0.0 => Ok(Some(default)),
            ("Maximum", Some(default)) if default <= value => Ok(Some(value)),
            ("Minimum", Some(default)) if default >= value => Ok(Some(value)),
            (_, None) => Err((
                format!("the statistic `{}` is not simulated by a strip", self.name),
                "use Sum, SampleCount, Average, Minimum or Maximum",
            )),
            _ => uncertain(),
        }
    }
}
