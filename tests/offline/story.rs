//! AT1667.001 as a story: a day of an account's noise with a break-in inside, and which alarms ring at which step.

#[path = "../story/day.rs"]
mod day;

use std::collections::BTreeSet;

use serde_json::Value;
use trailarm::detection::Unit;
use trailarm::simulate::{State, timeline};
use trailarm::stack::{Project, check};

pub(crate) use self::day::STEPS;
use self::day::{DAY, STACK, attack, noise};

/// Minutes of the longest period of an alarm.
const LONGEST: usize = 15;

/// The minutes at whose end the alarm of a detection is in ALARM: of each such period, all.
fn rings(unit: &Unit, day: &[(usize, String)]) -> BTreeSet<usize> {
    let watched = unit.watched().unwrap();
    let period = watched.alarm.period.unwrap() as usize / 60;
    let mut counts = vec![0.0; DAY / period];
    for (minute, event) in day {
        counts[minute / period] += unit.filters.iter().map(|built| f64::from(built.pattern.eval(event).is_match())).sum::<f64>();
    }
    let points: Vec<Option<f64>> = counts.into_iter().map(Some).collect();
    let states = timeline(&watched.evaluation().unwrap(), &points, None).states;
    let ringing = states.iter().enumerate().filter(|(_, state)| **state == State::Alarm);
    ringing.flat_map(|(i, _)| i * period..(i + 1) * period).collect()
}

#[test]
fn a_break_in_is_seen_step_by_step_and_an_ordinary_day_is_quiet() {
    let project = Project::parse("trailarm.yaml".into(), STACK.to_owned()).unwrap();
    let units = check(&project).unwrap().units;
    let text = |events: Vec<(usize, Value)>| events.into_iter().map(|(minute, event)| (minute, event.to_string())).collect::<Vec<_>>();
    let quiet = text(noise());
    let loud: Vec<&str> = units.iter().filter(|unit| !rings(unit, &quiet).is_empty()).map(|unit| unit.ready.address.as_str()).collect();
    assert_eq!(loud, [] as [&str; 0], "an ordinary day rings nothing");

    let mut day = noise();
    day.extend(attack().into_iter().flat_map(|(minute, _, events)| events.into_iter().map(move |event| (minute, event))));
    let day = text(day);
    let told: Vec<(&str, BTreeSet<usize>)> = units.iter().map(|unit| (unit.ready.address.as_str(), rings(unit, &day))).collect();
    let mut lines = String::new();
    for (minute, step, _) in attack() {
        lines.push_str(&format!("{:02}:{:02} {step}\n", minute / 60, minute % 60));
        let rang = told.iter().filter(|(_, minutes)| minutes.contains(&minute));
        rang.for_each(|(address, _)| lines.push_str(&format!("    {address}\n")));
    }
    for (address, minutes) in &told {
        let steps = attack().iter().filter(|(minute, ..)| minutes.contains(minute)).count();
        assert!(minutes.len() <= steps * LONGEST, "{address} rings when nothing happens: {minutes:?}");
    }
    assert_eq!(lines, STEPS);
}
