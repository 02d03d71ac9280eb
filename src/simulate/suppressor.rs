//! When a composite alarm with a suppressor runs its actions (spec, section 4.8). Time is a number of units.

use std::collections::{BTreeMap, BTreeSet};

use super::State;

/// `ActionsSuppressorWaitPeriod` and `ActionsSuppressorExtensionPeriod`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suppression {
    pub wait: i64,
    pub extension: i64,
}

/// The times at which actions run, with the state that they are for.
///
/// A wait period begins when the composite changes, an extension period when the suppressor leaves ALARM; when one runs out,
/// the actions for the state at that time run. A wait period ends without them when the suppressor enters ALARM, either when
/// the composite changes again.
pub fn actions(suppression: Suppression, composite: &BTreeMap<i64, State>, suppressor: &BTreeMap<i64, State>) -> Vec<(i64, State)> {
    let mut times: BTreeSet<i64> = composite.keys().chain(suppressor.keys()).copied().collect();
    let (mut state, mut is_suppressed, mut deadline, mut run) = (None, false, None, Vec::new());
    while let Some(time) = times.pop_first() {
        if let Some(next) = suppressor.get(&time) {
            match (is_suppressed, *next == State::Alarm) {
                (false, true) => deadline = None,
                (true, false) => deadline = state.map(|_| time + suppression.extension),
                _ => {}
            }
            is_suppressed = *next == State::Alarm;
        }
        if let Some(next) = composite.get(&time).filter(|next| state != Some(**next)) {
            state = Some(*next);
            deadline = (!is_suppressed).then_some(time + suppression.wait);
        }
        if let Some(state) = state.filter(|_| deadline == Some(time)) {
            run.push((time, state));
            deadline = None;
        }
        times.extend(deadline);
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `2A 7O`: ALARM at 2, OK at 7.
    fn changes(text: &str) -> BTreeMap<i64, State> {
        let change = |word: &str| {
            let (time, state) = word.split_at(word.len() - 1);
            (time.parse().unwrap(), if state == "A" { State::Alarm } else { State::Ok })
        };
        text.split_whitespace().map(change).collect()
    }

    /// The time lines of the AWS page on the suppression of composite alarms, and what they leave out.
    #[test]
    fn actions_wait_for_the_suppressor() {
        for (composite, suppressor, expected) in [
            ("2A", "", vec![(4, State::Alarm)]),
            ("2A 3O", "", vec![(5, State::Ok)]),
            ("2A", "3A", vec![]),
            ("2A", "3A 6O", vec![(9, State::Alarm)]),
            ("2A 7O", "3A 6O", vec![(9, State::Ok)]),
            ("4A", "1A 9O", vec![(12, State::Alarm)]),
            ("", "1A 2O", vec![]),
        ] {
            let run = actions(Suppression { wait: 2, extension: 3 }, &changes(composite), &changes(suppressor));
            assert_eq!(run, expected, "{composite} | {suppressor}");
        }
    }
}
