//! How a detection could be quieter, with the numbers behind it: simulated again, not guessed.

use std::collections::BTreeMap;

use super::Ringing;
use super::alarm::Simulation;
use super::census::Names;
use super::metric::Reading;
use crate::simulate::{Comparison, Course, State};

/// An alarm that rang less often needs no advice.
const FEW: usize = 3;
/// Thresholds and principals that are tried.
const MOST_TRIED: usize = 24;

/// Advice.
#[derive(Debug, Clone, PartialEq)]
pub enum Suggestion {
    /// With another threshold (`>= 6`) it would have rung so often.
    Threshold { threshold: f64, times: usize, instead_of: usize },
    /// Without the events of a principal.
    Except { principal: String, events: u64, of: u64, times: usize, instead_of: usize },
}

/// At most one of each kind.
pub(super) fn suggestions(
    simulation: &Simulation<'_>,
    ringing: &Ringing,
    by_principal: &BTreeMap<u16, u64>,
    names: &Names,
    first: i64,
) -> Vec<Suggestion> {
    if ringing.times < FEW {
        return Vec::new();
    }
    let rings = |course: &Course| course.transitions.iter().filter(|change| change.at >= first && change.to == State::Alarm).count();
    let except = except(simulation, ringing.times, by_principal, names, &rings);
    let threshold = threshold(simulation, ringing, &rings);
    except.into_iter().chain(threshold).collect()
}

/// The principal without whom it would have rung least, if that is half as often or less.
fn except(
    simulation: &Simulation<'_>,
    instead_of: usize,
    by_principal: &BTreeMap<u16, u64>,
    names: &Names,
    rings: &impl Fn(&Course) -> usize,
) -> Option<Suggestion> {
    let of: u64 = by_principal.values().sum();
    let mut principals: Vec<(u16, u64)> = by_principal.iter().map(|(index, events)| (*index, *events)).collect();
    principals.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    // People are not excused: their keys are what gets stolen.
    let can_be_excused = |name: &str| name.contains(":role/") || name.ends_with(".amazonaws.com");
    let tried = principals.iter().filter(|(index, events)| events * 5 >= of && can_be_excused(names.name(*index))).take(MOST_TRIED);
    let without = tried.map(|(index, events)| {
        let times = rings(&simulation.course(None, None, Reading { without: Some(*index), ..simulation.usual }));
        Suggestion::Except { principal: names.name(*index).to_owned(), events: *events, of, times, instead_of }
    });
    let times = |suggestion: &Suggestion| match suggestion {
        Suggestion::Except { times, .. } | Suggestion::Threshold { times, .. } => *times,
    };
    without.min_by_key(times).filter(|best| times(best) * 2 <= instead_of)
}

/// The lowest threshold with which it would have rung a quarter as often or less.
fn threshold(simulation: &Simulation<'_>, ringing: &Ringing, rings: &impl Fn(&Course) -> usize) -> Option<Suggestion> {
    let evaluation = simulation.clocked.evaluation;
    if !matches!(evaluation.comparison, Comparison::Greater | Comparison::GreaterOrEqual) {
        return None;
    }
    // A burst that is cut in two by the periods is higher in a sliding window, so the doubles are tried too.
    let mut peaks: Vec<f64> = ringing.datapoints.iter().flat_map(|(_, value)| [*value, value * 2.0]).collect();
    peaks.retain(|peak| *peak >= evaluation.threshold);
    peaks.sort_by(f64::total_cmp);
    peaks.dedup();
    let step = peaks.len().div_ceil(MOST_TRIED).max(1);
    let above = |peak: &f64| if evaluation.comparison == Comparison::GreaterOrEqual { peak.floor() + 1.0 } else { *peak };
    peaks.iter().step_by(step).map(above).find_map(|threshold| {
        let times = rings(&simulation.course(None, Some(threshold), simulation.usual));
        let is_better = times > 0 && times * 4 <= ringing.times;
        is_better.then_some(Suggestion::Threshold { threshold, times, instead_of: ringing.times })
    })
}
