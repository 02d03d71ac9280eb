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
    let mut answers = Vec::new();
    for reading in &readings {
        match holds(reading, states) {
            Ok(answer) => answers.extend(answer),
            Err(unknown) => return Answer::Uncertain(format!("the state of `{unknown}` is not given")),
        }
    }
    match answers.first() {
        Some(first) if answers.iter().all(|answer| answer == first) => Answer::State(if *first { State::Alarm } else { State::Ok }),
        _ if readings.len() > 1 => Answer::Uncertain("AWS does not say which of AND and OR binds first".to_owned()),
        _ => Answer::Uncertain("AWS does not say how a share that is no whole number is rounded".to_owned()),
    }
}

/// The truth of a rule; two answers where they hang on rounding.
///
/// # Errors
/// The name of an alarm without a state.
fn holds(rule: &Rule, states: &BTreeMap<String, State>) -> Result<Vec<bool>, String> {
    let state = |alarm: &String| states.get(alarm).copied().ok_or_else(|| alarm.clone());
    let is = |wanted: &str, alarm: &String| state(alarm).map(|state| state.text() == wanted);
    match rule {
        Rule::Always(yes) => Ok(vec![*yes]),
        Rule::Is { state, alarm } => Ok(vec![is(state, alarm)?]),
        Rule::Not(rule) => Ok(holds(rule, states)?.into_iter().map(|answer| !answer).collect()),
        Rule::All(rules) => join(rules, states, |a, b| a && b),
        Rule::Any(rules) => join(rules, states, |a, b| a || b),
        Rule::AtLeast { count, not, state, alarms } => {
            let matching = alarms.iter().map(|alarm| is(state, alarm)).collect::<Result<Vec<bool>, _>>()?;
            let matching = matching.into_iter().filter(|is| *is != *not).count();
            Ok(needed(count, alarms.len()).into_iter().map(|needed| matching >= needed).collect())
        }
    }
}

fn join(rules: &[Rule], states: &BTreeMap<String, State>, with: fn(bool, bool) -> bool) -> Result<Vec<bool>, String> {
    let mut answers: Option<Vec<bool>> = None;
    for rule in rules {
        let next = holds(rule, states)?;
        answers = Some(match answers {
            None => next,
            Some(known) => known.iter().flat_map(|a| next.iter().map(move |b| with(*a, *b))).collect(),
        });
        // Only which answers there are counts.
        if let Some(known) = answers.as_mut() {
            known.sort_unstable();
            known.dedup();
        }
    }
    Ok(answers.unwrap_or_default())
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
            ("ALARM(a) OR ALARM(b) AND ALARM(a)", alarm),
            ("FALSE", ok),
            ("ALARM(x)", Answer::Uncertain("the state of `x` is not given".to_owned())),
        ] {
            assert_eq!(composite(rule, &states), expected, "{rule}");
        }
        assert!(matches!(composite("ALARM(a) ALARM(b)", &states), Answer::Invalid(_)));
    }
}
