//! The alarms of all detections over what a pass found, composites after those they name.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::alarm::{self, Simulation};
use super::census::Census;
use super::metric::Watch;
use super::scan::Bounds;
use super::subject::{Side, Subject, Tried, is_named};
use super::suggest;
use super::time::MINUTE;
use super::{Outcome, Results, Ringing, Settings};
use crate::detection::BuiltAlarm;
use crate::kinds::alarm::Alarm;
use crate::kinds::composite_alarm::CompositeAlarm;
use crate::simulate::{Course, State, Suppression, composite_course, suppressed};
use crate::wording;

/// Principals, addresses and so on that are told of a detection.
const MOST_TOLD: usize = 10;

/// Simulates the alarms over what was found.
pub fn results(subject: &Subject, census: &Census, bounds: Bounds, settings: Settings) -> Results {
    let span =
        census.minutes.span().map(|(first, last)| (bounds.since.unwrap_or(first * MINUTE), bounds.until.unwrap_or((last + 1) * MINUTE)));
    let stage = Stage { subject, census, settings, span: span.unwrap_or((0, 0)) };
    let mut courses: Vec<Option<(Course, Ringing)>> =
        subject.detections.par_iter().map(|detection| stage.metric_alarm(detection)).collect();
    stage.composites(&mut courses);
    let mut outcomes: Vec<(Side, Outcome)> = Vec::new();
    for (index, (detection, course)) in subject.detections.iter().zip(courses).enumerate() {
        if !detection.is_aside {
            outcomes.push((detection.side, stage.outcome(index, detection, course.map(|(_, ringing)| ringing))));
        }
    }
    Results { totals: census.totals.clone(), span, is_partial: false, detections: paired(outcomes) }
}

/// Each detection of now with the one it was. One that is gone stands by itself, with nothing of now.
fn paired(outcomes: Vec<(Side, Outcome)>) -> Vec<Outcome> {
    let (before, mut now): (Vec<_>, Vec<_>) = outcomes.into_iter().partition(|(side, _)| *side == Side::Before);
    for (_, old) in before {
        match now.iter_mut().find(|(_, new)| new.address == old.address) {
            Some((_, new)) => new.before = Some(Box::new(old)),
            None => {
                let (address, severity, period) = (old.address.clone(), old.severity.clone(), old.period);
                let gone = Outcome { address, severity, period, before: Some(Box::new(old)), ..Outcome::default() };
                now.push((Side::Now, gone));
            }
        }
    }
    now.into_iter().map(|(_, outcome)| outcome).collect()
}

/// All that simulations look at.
struct Stage<'a> {
    subject: &'a Subject,
    census: &'a Census,
    settings: Settings,
    span: (i64, i64),
}

impl Stage<'_> {
    fn simulation(&self, alarm: &Alarm, side: Side) -> Result<Simulation<'_>, String> {
        let clocked = alarm::clocked(alarm)?;
        let watch = Watch::new(alarm, side, self.subject, self.census, self.settings.delay)?;
        Ok(Simulation::new(clocked, watch, self.span, self.settings))
    }

    fn metric_alarm(&self, detection: &Tried) -> Option<(Course, Ringing)> {
        let Some(BuiltAlarm::Metric(alarm)) = &detection.alarm else { return None };
        let mut ringing = Ringing::new(&alarm.name, rule(alarm), alarm.threshold, self.span);
        let simulation = match self.simulation(alarm, detection.side) {
            Ok(simulation) => simulation,
            Err(why) => {
                ringing.not_simulated = Some(why);
                return Some((Course::default(), ringing));
            }
        };
        let course = simulation.course(None, None, simulation.usual);
        ringing.span.1 = simulation.end();
        ringing.doubts = simulation.doubts(&course);
        ringing.datapoints = simulation.datapoints();
        ringing.take(&course, self.span.0);
        let lists = [&alarm.alarm_actions, &alarm.ok_actions, &alarm.insufficient_data_actions];
        let states: Vec<State> = ringing.transitions.iter().map(|change| change.to).collect();
        ringing.notifications = notifications(alarm.actions_enabled, lists, &states);
        Some((course, ringing))
    }

    /// Composite alarms, those first that name no other that is still open.
    fn composites(&self, courses: &mut [Option<(Course, Ringing)>]) {
        let detections = &self.subject.detections;
        let mut open: Vec<usize> =
            (0..detections.len()).filter(|i| matches!(detections[*i].alarm, Some(BuiltAlarm::Composite(_)))).collect();
        while !open.is_empty() {
            let is_free = |index: &usize| open.iter().all(|other| other == index || !names(&detections[*index], &detections[*other]));
            // A circle is refused when it is compiled; it must not hang here.
            let next = open.iter().copied().find(|index| is_free(index)).unwrap_or(open[0]);
            open.retain(|index| *index != next);
            if let Some(BuiltAlarm::Composite(alarm)) = &detections[next].alarm {
                courses[next] = Some(self.composite(alarm, detections[next].side, courses));
            }
        }
    }

    fn composite(&self, alarm: &CompositeAlarm, side: Side, courses: &[Option<(Course, Ringing)>]) -> (Course, Ringing) {
        let mut children: BTreeMap<String, &Course> = BTreeMap::new();
        let mut suppressor = None;
        let mut end = self.span.1;
        for (detection, course) in self.subject.detections.iter().zip(courses).filter(|(detection, _)| detection.side == side) {
            let (Some(built), Some((course, ringing))) = (&detection.alarm, course) else { continue };
            if ringing.not_simulated.is_none() {
                end = end.max(ringing.span.1);
                children.insert(built.name().to_owned(), course);
            }
            if alarm.actions_suppressor.as_deref().is_some_and(|text| is_named(text, built.name())) {
                suppressor = Some(course);
            }
        }
        let mut ringing = Ringing::new(&alarm.name, alarm.rule.clone(), None, (self.span.0, end));
        // The states of its children are settled by then.
        let start = children.values().flat_map(|child| child.transitions.first()).map(|first| first.at).min().unwrap_or(self.span.0);
        let course = match composite_course(&alarm.rule, &children, (start, end)) {
            Ok(course) => course,
            Err(why) => {
                ringing.not_simulated = Some(why);
                return (Course::default(), ringing);
            }
        };
        if course.uncertain.is_some() {
            ringing.doubts.push("its rule hangs on an alarm that is not simulated, or on what AWS does not say".to_owned());
        }
        ringing.take(&course, self.span.0);
        let told: Vec<State> = match (suppressor, &alarm.actions_suppressor) {
            (Some(suppressor), _) => {
                let seconds = |seconds: Option<u32>| seconds.map_or(0, i64::from);
                let suppression = Suppression {
                    wait: seconds(alarm.actions_suppressor_wait_period),
                    extension: seconds(alarm.actions_suppressor_extension_period),
                };
                let run = suppressed(&course, suppressor, suppression);
                run.into_iter().filter(|(at, _)| *at >= self.span.0).map(|(_, state)| state).collect()
            }
            (None, Some(_)) => {
                ringing.doubts.push("its suppressor is not simulated, so it counts as quiet".to_owned());
                ringing.transitions.iter().map(|change| change.to).collect()
            }
            (None, None) => ringing.transitions.iter().map(|change| change.to).collect(),
        };
        let lists = [&alarm.alarm_actions, &alarm.ok_actions, &alarm.insufficient_data_actions];
        ringing.notifications = notifications(alarm.actions_enabled, lists, &told);
        (course, ringing)
    }

    fn outcome(&self, index: usize, detection: &Tried, alarm: Option<Ringing>) -> Outcome {
        let finds = &self.census.detections[index];
        let names = &self.census.names;
        let most = |counts: &BTreeMap<u16, u64>| names.ranked(counts).into_iter().take(MOST_TOLD).collect::<Vec<_>>();
        let metric_alarm = match &detection.alarm {
            Some(BuiltAlarm::Metric(alarm)) => Some(alarm),
            _ => None,
        };
        let period = metric_alarm.and_then(|alarm| alarm.period).map_or(300, i64::from).max(MINUTE);
        let by_principal = finds.series.by_principal();
        let suggestions = match (metric_alarm, &alarm) {
            (Some(metric), Some(ringing)) if ringing.not_simulated.is_none() && detection.side == Side::Now => {
                let simulation = self.simulation(metric, detection.side);
                simulation
                    .map(|simulation| suggest::suggestions(&simulation, ringing, &by_principal, names, self.span.0))
                    .unwrap_or_default()
            }
            _ => Vec::new(),
        };
        let filter = |index: &usize| {
            let filter = &self.subject.filters[*index];
            (filter.name.clone(), filter.text.clone(), self.census.by_filter[*index])
        };
        Outcome {
            address: detection.address.clone(),
            severity: detection.severity.clone(),
            events: finds.events,
            uncertain: finds.uncertain.clone(),
            without_value: finds.without_value,
            filters: detection.filters.iter().map(filter).collect(),
            period,
            periods: finds.series.by_period(period / MINUTE).into_iter().map(|(minute, count)| (minute * MINUTE, count)).collect(),
            principals: most(&by_principal),
            addresses: most(&finds.others[0]),
            names: most(&finds.others[1]),
            accounts: most(&finds.others[2]),
            samples: finds.samples.iter().map(|(_, _, text)| text.clone()).collect(),
            alarm,
            suggestions,
            before: None,
        }
    }
}

/// How many actions run for these states; `lists`: those on ALARM, OK and INSUFFICIENT_DATA.
fn notifications(are_enabled: bool, lists: [&BTreeSet<String>; 3], states: &[State]) -> usize {
    let actions = |state: &State| match state {
        State::Alarm => lists[0].len(),
        State::Ok => lists[1].len(),
        State::InsufficientData => lists[2].len(),
    };
    if are_enabled { states.iter().map(actions).sum() } else { 0 }
}

/// Whether a composite alarm names another.
fn names(detection: &Tried, other: &Tried) -> bool {
    let (Some(BuiltAlarm::Composite(alarm)), Some(other_alarm)) = (&detection.alarm, &other.alarm) else { return false };
    let name = other_alarm.name();
    detection.side == other.side
        && (alarm.rule.contains(name) || alarm.actions_suppressor.as_deref().is_some_and(|text| is_named(text, name)))
}

/// `Sum >= 1, 1 of 1 periods of 5m`.
fn rule(alarm: &Alarm) -> String {
    let statistic = alarm.statistic.as_deref().or(alarm.extended_statistic.as_deref()).unwrap_or("metric math");
    let threshold = alarm.threshold.map_or_else(String::new, |threshold| threshold.to_string());
    let datapoints = alarm.datapoints_to_alarm.unwrap_or(alarm.evaluation_periods);
    let period = alarm.period.or_else(|| alarm.metrics.iter().find_map(|query| query.period)).unwrap_or(60);
    format!(
        "{statistic} {} {threshold}, {datapoints} of {} periods of {}",
        wording::comparison(&alarm.comparison_operator),
        alarm.evaluation_periods,
        wording::seconds(period)
    )
}
