//! An alarm over time: evaluated minute by minute, as CloudWatch does (spec, sections 4.2, 4.3 and 4.6).
//! Times are seconds since 1970; there is no clock.

use std::collections::BTreeMap;

use super::composite::{Answer, composite};
use super::metric::{Evaluation, Outcome};
use super::reason::{reason, rule_reason};
use super::window::{Window, pace};
use super::{State, Suppression, actions};

/// A metric alarm, as far as its states go.
#[derive(Debug, Clone)]
pub struct Clocked {
    pub evaluation: Evaluation,
    /// Seconds.
    pub period: i64,
    pub window: Window,
    /// With fewer samples than this the state is kept (`EvaluateLowSampleCountPercentile: ignore`); 0: always evaluated.
    pub fewest_samples: f64,
}

/// What a metric has in a period, as far as it has arrived.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// `None`: no data.
    pub value: Option<f64>,
    pub samples: u64,
    /// false: AWS does not say how the value comes about.
    pub is_certain: bool,
}

/// A change of an alarm's state.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    pub at: i64,
    pub from: State,
    pub to: State,
    /// In the words of AWS.
    pub reason: String,
}

/// What an alarm does in a stretch of time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Course {
    pub transitions: Vec<Transition>,
    /// First evaluation of which AWS documents only that it is not ALARM.
    pub unspecified: Option<i64>,
    /// First evaluation that looks at a value of which AWS does not say how it comes about.
    pub uncertain: Option<i64>,
}

impl Course {
    /// The state at a time; a change at that time counts.
    pub fn state_at(&self, at: i64) -> State {
        let before = self.transitions.partition_point(|change| change.at <= at);
        before.checked_sub(1).map_or(State::InsufficientData, |last| self.transitions[last].to)
    }

    /// Seconds in ALARM until `end`.
    pub fn seconds_in_alarm(&self, end: i64) -> i64 {
        let ends = self.transitions.iter().skip(1).map(|next| next.at).chain([end]);
        self.transitions
            .iter()
            .zip(ends)
            .filter(|(change, _)| change.to == State::Alarm)
            .map(|(change, until)| (until - change.at).max(0))
            .sum()
    }

    /// How often it went into a state.
    pub fn times_in(&self, state: State) -> usize {
        self.transitions.iter().filter(|change| change.to == state).count()
    }

    /// The first time at which two courses are in different states.
    pub fn differs(&self, other: &Self) -> Option<i64> {
        let mut times: Vec<i64> = self.transitions.iter().chain(&other.transitions).map(|change| change.at).collect();
        times.sort_unstable();
        times.into_iter().find(|at| self.state_at(*at) != other.state_at(*at))
    }

    /// The states from each change on.
    fn changes(&self) -> BTreeMap<i64, State> {
        self.transitions.iter().map(|change| (change.at, change.to)).collect()
    }

    fn go(&mut self, at: i64, to: State, reason: impl FnOnce() -> String) {
        let from = self.transitions.last().map_or(State::InsufficientData, |last| last.to);
        if from != to {
            self.transitions.push(Transition { at, from, to, reason: reason() });
        }
    }
}

/// Evaluates an alarm from `from` to `to`. `range`: how many periods CloudWatch looks back. `point`: start and end of a period,
/// and the time of the evaluation, since what arrives later is not seen yet. `quiet`: until when no datapoint can be another than
/// at a time, so that it need not be looked at again.
pub fn course(
    alarm: &Clocked,
    range: usize,
    (from, to): (i64, i64),
    point: &impl Fn(i64, i64, i64) -> Point,
    quiet: &impl Fn(i64) -> i64,
) -> Course {
    let periods = i64::try_from(alarm.evaluation.periods).unwrap_or(i64::MAX);
    let range = i64::try_from(range).unwrap_or(i64::MAX);
    let step = pace(alarm.period, periods);
    let mut course = Course::default();
    let mut at = from + (-from).rem_euclid(step);
    while at <= to {
        evaluate(alarm, &alarm.window.periods(alarm.period, range, periods, at), at, point, &mut course);
        let until = quiet(at).min(to);
        at += step * ((until - at - 1).div_euclid(step)).max(1);
    }
    course
}

fn evaluate(alarm: &Clocked, window: &[(i64, i64)], at: i64, point: &impl Fn(i64, i64, i64) -> Point, course: &mut Course) {
    let points: Vec<Point> = window.iter().map(|(start, end)| point(*start, *end, at)).collect();
    if points.iter().any(|point| !point.is_certain) {
        course.uncertain.get_or_insert(at);
    }
    let newest = points.iter().rev().find(|point| point.value.is_some());
    if newest.is_some_and(|newest| (newest.samples as f64) < alarm.fewest_samples) {
        return;
    }
    let values: Vec<Option<f64>> = points.iter().map(|point| point.value).collect();
    match alarm.evaluation.evaluate(&values) {
        Outcome::State(to) => course.go(at, to, || reason(&alarm.evaluation, to, window, &values)),
        Outcome::Retain => {}
        Outcome::NotAlarm => {
            course.unspecified.get_or_insert(at);
        }
    }
}

/// A composite alarm over the courses of those it names. `Err`: what is wrong with its rule.
///
/// # Errors
/// It is no rule.
pub fn composite_course(rule: &str, children: &BTreeMap<String, &Course>, (from, to): (i64, i64)) -> Result<Course, String> {
    let mut times: Vec<i64> =
        children.values().flat_map(|child| &child.transitions).map(|change| change.at).filter(|at| *at <= to).collect();
    times.push(from);
    times.sort_unstable();
    times.dedup();
    let mut course = Course::default();
    for at in times {
        let states: BTreeMap<String, State> = children.iter().map(|(name, child)| (name.clone(), child.state_at(at))).collect();
        match composite(rule, &states) {
            Answer::State(to) => course.go(at, to, || rule_reason(rule, to)),
            Answer::Uncertain(_) => {
                course.uncertain.get_or_insert(at);
            }
            Answer::Invalid(why) => return Err(why),
        }
    }
    Ok(course)
}

/// When a composite alarm runs its actions, held back by the course of its suppressor.
pub fn suppressed(composite: &Course, suppressor: &Course, suppression: Suppression) -> Vec<(i64, State)> {
    actions(suppression, &composite.changes(), &suppressor.changes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::simulate::{Comparison, MissingData};

    fn alarm(period: i64, periods: usize, missing: MissingData) -> Clocked {
        let evaluation = Evaluation { periods, datapoints: periods, missing, comparison: Comparison::GreaterOrEqual, threshold: 1.0 };
        Clocked { evaluation, period, window: Window::Sliding, fewest_samples: 0.0 }
    }

    /// One event at each of these seconds; zero where there is none, if `zeroes`.
    fn series(events: &'static [i64], zeroes: bool, delay: i64) -> impl Fn(i64, i64, i64) -> Point {
        move |start, end, seen| {
            let count = events.iter().filter(|at| (start..end).contains(*at) && **at + delay < seen).count() as u64;
            let value = (count > 0 || zeroes).then_some(count as f64);
            Point { value, samples: count, is_certain: true }
        }
    }

    fn shown(course: &Course) -> Vec<(i64, &'static str)> {
        course.transitions.iter().map(|change| (change.at / 60, change.to.text())).collect()
    }

    #[test]
    fn one_event_stays_in_the_window_for_its_period() {
        let zeroes = course(&alarm(300, 1, MissingData::NotBreaching), 3, (0, 3600), &series(&[630], true, 0), &|at| at);
        assert_eq!(shown(&zeroes), [(0, "OK"), (11, "ALARM"), (16, "OK")]);
        assert_eq!((zeroes.seconds_in_alarm(3600), zeroes.times_in(State::Alarm)), (300, 1));
        // Without zeroes, the one point counts until it leaves the evaluation range.
        let gaps = course(&alarm(300, 1, MissingData::NotBreaching), 3, (0, 3600), &series(&[630], false, 0), &|at| at);
        assert_eq!(shown(&gaps), [(0, "OK"), (11, "ALARM"), (26, "OK")]);
        assert_eq!(zeroes.differs(&gaps), Some(16 * 60));
        assert_eq!(zeroes.differs(&zeroes), None);
    }

    #[test]
    fn a_burst_across_the_boundary_falls_into_one_period() {
        let late = alarm(300, 1, MissingData::NotBreaching);
        let two = Clocked { evaluation: Evaluation { threshold: 2.0, ..late.evaluation }, ..late.clone() };
        assert_eq!(shown(&course(&two, 1, (0, 3600), &series(&[590, 610], true, 0), &|at| at)), [(0, "OK"), (11, "ALARM"), (15, "OK")]);
        let by_clock = Clocked { window: Window::wall_clock("UTC").unwrap(), ..two };
        assert_eq!(shown(&course(&by_clock, 1, (0, 3600), &series(&[590, 610], true, 0), &|at| at)), [(0, "OK")]);
        // What arrives when its period has gone by is never seen.
        assert_eq!(shown(&course(&late, 1, (0, 3600), &series(&[630], true, 600), &|at| at)), [(0, "OK")]);
    }

    #[test]
    fn a_composite_follows_those_it_names() {
        let child = course(&alarm(300, 1, MissingData::NotBreaching), 1, (0, 3600), &series(&[630], true, 0), &|at| at);
        let quiet = course(&alarm(300, 1, MissingData::Missing), 1, (0, 3600), &series(&[], false, 0), &|at| at);
        let children = BTreeMap::from([("a".to_owned(), &child), ("b".to_owned(), &quiet)]);
        let both = composite_course("ALARM(a) AND NOT ALARM(b)", &children, (0, 3600)).unwrap();
        assert_eq!(shown(&both), [(0, "OK"), (11, "ALARM"), (16, "OK")]);
        let unclear = composite_course("ALARM(c)", &children, (0, 3600)).unwrap();
        assert_eq!((unclear.transitions.len(), unclear.uncertain), (0, Some(0)));
        assert!(composite_course("ALARM(a", &children, (0, 3600)).is_err());
        let run = suppressed(&both, &child, Suppression { wait: 60, extension: 120 });
        assert_eq!(run, [(60, State::Ok), (17 * 60, State::Ok)]);
    }
}
