//! The state of a composite alarm from those it names (spec, section 4.8).

use std::collections::BTreeMap;

use super::State;
use crate::kinds::composite_alarm::rule::Rule;

/// What a rule comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    State(State),
    /// AWS does not say; why.
    Uncertain(String),
    /// It is no rule; why.
    Invalid(String),
}

/// Evaluates a rule as it is written.
pub fn composite(rule: &str, states: &BTreeMap<String, State>) -> Answer {
    let readings = match Rule::readings(rule) {
        Ok(readings) => readings,
        Err((message, at)) => return Answer::Invalid(format!("{message} (at byte {at})")),
    };
    if let Some(too_much) = readings.iter().find_map(|reading| reading.check_size().err()) {
        return Answer::Invalid(too_much);
    }
    let answers: Vec<bool> = readings.iter().flat_map(|reading| holds(reading, states)).collect();
    let unknown = readings.iter().flat_map(Rule::alarms).find(|alarm| !states.contains_key(*alarm));
    match (answers.first(), unknown) {
        (Some(first), _) if answers.iter().all(|answer| answer == first) => Answer::State(if *first { State::Alarm } else { State::Ok }),
        (_, Some(unknown)) => Answer::Uncertain(format!("the state of `{unknown}` is not given")),
        _ if readings.len() > 1 => Answer::Uncertain("AWS does not say which of AND and OR binds first".to_owned()),
        _ => Answer::Uncertain("AWS does not say how a share that is no whole number is rounded".to_owned()),
    }
}

/// The truth of a rule; both answers where it hangs on rounding or on a state that is not given.
fn holds(rule: &Rule, states: &BTreeMap<String, State>) -> Vec<bool> {
    let is = |wanted: &str, alarm: &String| states.get(alarm).map_or(vec![false, true], |state| vec![state.text() == wanted]);
    match rule {
        Rule::Always(yes) => vec![*yes],
        Rule::Is { state, alarm } => is(state, alarm),
        Rule::Not(rule) => holds(rule, states).into_iter().map(|answer| !answer).collect(),
        Rule::All(rules) => join(rules, states, |a, b| a && b),
        Rule::Any(rules) => join(rules, states, |a, b| a || b),
        Rule::AtLeast { count, not, state, alarms } => {
            let answers: Vec<Vec<bool>> = alarms.iter().map(|alarm| is(state, alarm)).collect();
            let sure = answers.iter().filter(|answer| answer.iter().all(|is| is != not)).count();
            let possible = answers.iter().filter(|answer| answer.iter().any(|is| is != not)).count();
            needed(count, alarms.len()).into_iter().flat_map(|needed| [sure >= needed, possible >= needed]).collect()
        }
    }
}

fn join(rules: &[Rule], states: &BTreeMap<String, State>, with: fn(bool, bool) -> bool) -> Vec<bool> {
    let pairs = |known: Vec<bool>, next: Vec<bool>| {
        let mut both: Vec<bool> = known.iter().flat_map(|a| next.iter().map(move |b| with(*a, *b))).collect();
        // Only which answers there are counts.
        both.sort_unstable();
        both.dedup();
        both
    };
    rules.iter().map(|rule| holds(rule, states)).reduce(pairs).unwrap_or_default()
}

/// How many alarms `2` or `50%` are: rounded down and rounded up.
fn needed(count: &str, of: usize) -> Vec<usize> {
    let number = count.trim_end_matches('%').parse().unwrap_or(usize::MAX);
    if !count.ends_with('%') {
        return vec![number];
    }
    let hundredths = number.saturating_mul(of);
    let mut both = vec![hundredths / 100, hundredths.div_ceil(100)];
    both.dedup();
    both
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_and_what_they_hang_on() {
        let states =
            BTreeMap::from([("a", State::Alarm), ("b", State::Ok), ("c", State::InsufficientData)].map(|(n, s)| (n.to_owned(), s)));
        let (alarm, ok) = (Answer::State(State::Alarm), Answer::State(State::Ok));
        for (rule, expected) in [
            ("ALARM(a) AND NOT ALARM(c)", alarm.clone()),
            ("NOT OK(b)", ok.clone()),
            ("AT_LEAST(2, NOT OK, (a, b, c))", alarm.clone()),
            (
                "AT_LEAST(67%, NOT OK, (a, b, c))",
                Answer::Uncertain("AWS does not say how a share that is no whole number is rounded".to_owned()),
            ),
            ("AT_LEAST(50%, ALARM, (a, b))", alarm.clone()),
            ("ALARM(a) OR ALARM(b) AND ALARM(c)", Answer::Uncertain("AWS does not say which of AND and OR binds first".to_owned())),
            ("ALARM(a) OR ALARM(b) AND ALARM(a)", alarm.clone()),
            ("FALSE", ok.clone()),
            ("ALARM(x)", Answer::Uncertain("the state of `x` is not given".to_owned())),
            ("TRUE OR ALARM(x)", alarm.clone()),
            ("AT_LEAST(1, NOT OK, (a, x))", alarm),
            ("AT_LEAST(3, NOT OK, (a, b, x))", ok),
        ] {
            assert_eq!(composite(rule, &states), expected, "{rule}");
        }
        assert!(matches!(composite("ALARM(a) ALARM(b)", &states), Answer::Invalid(_)));
        // With its names in quotes, as trailarm writes them, there would be more characters than a rule may have.
        let long = vec![format!("ALARM({})", "a".repeat(23)); 300].join(" OR ");
        assert_eq!(long.len(), 10_196);
        assert_eq!(composite(&long, &BTreeMap::from([("a".repeat(23), State::Alarm)])), Answer::State(State::Alarm));
    }
}
