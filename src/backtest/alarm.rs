//! An alarm over what was found: its course, and what it hangs on that nobody knows.

use super::Settings;
use super::metric::{Reading, Watch};
use crate::kinds::alarm::Alarm;
use crate::simulate::{Clocked, Comparison, Course, Evaluation, MissingData, Point, Statistic, Window, course};

/// An alarm that can be simulated.
pub(super) struct Simulation<'a> {
    pub(super) clocked: Clocked,
    pub(super) watch: Watch<'a>,
    edges: Vec<i64>,
    span: (i64, i64),
    /// How many periods CloudWatch looks back, if somebody says it.
    range: Option<usize>,
    /// What is taken to be so.
    pub(super) usual: Reading,
}

impl<'a> Simulation<'a> {
    /// `span`: first and last second of the events.
    /// `is_filtered`: the source shows only some of the events; others are taken to have come in every minute.
    pub(super) fn new(clocked: Clocked, watch: Watch<'a>, (first, last): (i64, i64), settings: Settings) -> Self {
        let Settings { evaluation_range: range, is_filtered, .. } = settings;
        let back =
            clocked.period.saturating_mul(i64::try_from(range.unwrap_or(0).max(clocked.evaluation.usual_range())).unwrap_or(i64::MAX));
        // It is settled before the first event, and has recovered after the last.
        let span = (first - back, last.saturating_add(back).saturating_add(2 * clocked.period));
        let edges = watch.edges(clocked.period);
        let usual = Reading { default_per_event: false, always_events: is_filtered, without: None };
        Self { clocked, watch, edges, span, range, usual }
    }

    /// The course under a reading.
    pub(super) fn course(&self, range: Option<usize>, threshold: Option<f64>, reading: Reading) -> Course {
        let evaluation = Evaluation { threshold: threshold.unwrap_or(self.clocked.evaluation.threshold), ..self.clocked.evaluation };
        let alarm = Clocked { evaluation, ..self.clocked.clone() };
        let range = range.or(self.range).unwrap_or(evaluation.usual_range());
        let point = |start, end, seen| self.watch.point((start, end), seen, reading);
        // A window by the clock reaches back one period more.
        let back = self.clocked.period.saturating_mul(i64::try_from(range).unwrap_or(i64::MAX)).saturating_add(2 * self.clocked.period);
        course(&alarm, range, self.span, &point, &|at| self.quiet_until(at, back))
    }

    /// Until when nothing can change, if nothing did within the window before.
    fn quiet_until(&self, at: i64, back: i64) -> i64 {
        let before = self.edges.partition_point(|edge| *edge <= at);
        let is_quiet = before.checked_sub(1).is_none_or(|last| self.edges[last] < at - back);
        if is_quiet { self.edges.get(before).copied().unwrap_or(i64::MAX) } else { at }
    }

    /// What the course hangs on: sentences.
    pub(super) fn doubts(&self, usual: &Course) -> Vec<String> {
        let periods = self.clocked.evaluation.periods;
        let mut doubts = Vec::new();
        let mut compare = |other: &Course, why: &str| {
            if let Some(at) = usual.differs(other) {
                doubts.push(format!("from {} on, the state depends on {why}", super::shown(at)));
            }
        };
        if self.range.is_none() {
            let others = [periods, periods + 1, periods + 3].map(|range| self.course(Some(range), None, self.usual));
            let first = others.iter().filter(|other| usual.differs(other).is_some()).min_by_key(|other| usual.differs(other));
            if let Some(other) = first {
                compare(other, "how far back CloudWatch looks (the evaluation range), which AWS does not publish");
            }
        }
        if self.watch.counts_defaults() {
            let per_event = self.course(None, None, Reading { default_per_event: true, ..self.usual });
            compare(&per_event, "how often the default value is reported, once a minute or for each event, which AWS does not say");
        }
        if self.usual.always_events && self.watch.has_default() {
            let read = self.course(None, None, Reading { always_events: false, ..self.usual });
            compare(&read, "events that were not read, since a filter reports its default in every minute with any event");
        }
        if let Some(at) = usual.unspecified {
            doubts.push(format!("at {}, AWS documents only that the state is not ALARM; it is kept here", super::shown(at)));
        }
        if let Some(at) = usual.uncertain {
            doubts.push(format!("from {} on, a datapoint is not certain: AWS does not say how it comes about", super::shown(at)));
        }
        doubts
    }

    /// The datapoints of the newest period, one a period, for drawing: start and value.
    pub(super) fn datapoints(&self) -> Vec<(i64, f64)> {
        let period = self.clocked.period;
        let mut found = Vec::new();
        let mut start = self.span.0 - self.span.0.rem_euclid(period);
        while start < self.span.1 {
            let Point { value, .. } = self.watch.point((start, start + period), i64::MAX / 2, self.usual);
            if let Some(value) = value {
                found.push((start, value));
            }
            let next = self.edges.partition_point(|edge| *edge < start + period);
            let is_empty = self.edges.partition_point(|edge| *edge < start) == next && value.is_none_or(|value| value == 0.0);
            // What stays as it is need not be drawn point by point.
            let jump = self.edges.get(next).copied().unwrap_or(self.span.1);
            start = if is_empty { (jump - jump.rem_euclid(period)).max(start + period) } else { start + period };
        }
        found
    }

    pub(super) fn end(&self) -> i64 {
        self.span.1
    }
}

/// Why it cannot be simulated, if it cannot.
pub(super) fn clocked(alarm: &Alarm) -> Result<Clocked, String> {
    let comparison = Comparison::parse(&alarm.comparison_operator).filter(|_| alarm.threshold_metric_id.is_none());
    let (Some(comparison), Some(threshold)) = (comparison, alarm.threshold) else {
        return Err("it compares with a band, which needs a trained model".to_owned());
    };
    let periods = alarm.evaluation_periods as usize;
    let in_math = alarm.metrics.iter().find_map(|query| query.period);
    let period = i64::from(alarm.period.or(in_math).unwrap_or(60));
    if period < 60 {
        return Err("its period is under a minute, and metric filters report once a minute".to_owned());
    }
    let zone = alarm.wall_clock_window.as_deref();
    let window = zone.map_or(Some(Window::Sliding), Window::wall_clock);
    let missing = MissingData::of(alarm.namespace.as_deref(), alarm.treat_missing_data.as_deref());
    let statistic = alarm.extended_statistic.as_deref().and_then(Statistic::parse);
    let ignores_few = alarm.evaluate_low_sample_count_percentiles.as_deref() == Some("ignore");
    Ok(Clocked {
        evaluation: Evaluation {
            periods,
            datapoints: alarm.datapoints_to_alarm.map_or(periods, |datapoints| datapoints as usize),
            missing: missing.ok_or("its treatment of missing data is not known")?,
            comparison,
            threshold,
        },
        period,
        window: window.ok_or_else(|| format!("the time zone {} is not known", zone.unwrap_or_default()))?,
        fewest_samples: statistic.filter(|_| ignores_few).map_or(0.0, Statistic::fewest_samples),
    })
}
