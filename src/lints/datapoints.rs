//! The values that an alarm on a detection's own metric can ever see (spec, sections 3.2 and 4.5).

use crate::detection::{Count, Unit, Watched};
use crate::simulate::{Comparison, Evaluation};

/// An alarm on a metric that filters of its detection feed with one constant value.
pub(super) struct Counted<'a> {
    pub(super) watched: Watched<'a>,
    pub(super) count: Count,
    evaluation: Evaluation,
}

/// Where a datapoint lies: from the lowest to the highest, the highest perhaps without end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    pub(super) lowest: f64,
    pub(super) highest: f64,
}

/// `None`: no metric alarm, another metric, values taken from events, filters that differ, or a band.
pub(super) fn counted(unit: &Unit) -> Option<Counted<'_>> {
    let watched = unit.watched()?;
    let (count, evaluation) = (watched.count()?, watched.evaluation()?);
    Some(Counted { watched, count, evaluation })
}

impl Counted<'_> {
    pub(super) fn statistic(&self) -> &str {
        self.watched.statistic().unwrap_or_default()
    }

    /// The datapoints there may be, other than missing ones; `None` for statistics whose values are not known.
    pub(super) fn datapoints(&self) -> Option<Range> {
        let Count { value, default } = self.count;
        let default = default.unwrap_or(value);
        let (low, high) = (value.min(default), value.max(default));
        Some(match self.statistic() {
            "SampleCount" => Range { lowest: 1.0, highest: f64::INFINITY },
            "Average" | "Minimum" | "Maximum" => Range { lowest: low, highest: high },
            statistic if statistic.starts_with('p') => Range { lowest: low, highest: high },
            // A sum of at least one value, or of defaults alone.
            "Sum" if low >= 0.0 => Range { lowest: low, highest: if high > 0.0 { f64::INFINITY } else { 0.0 } },
            "Sum" => Range { lowest: f64::NEG_INFINITY, highest: if high > 0.0 { f64::INFINITY } else { high } },
            _ => return None,
        })
    }

    /// Whether some, and whether every, datapoint is on the breaching side.
    pub(super) fn breaches(&self, range: Range) -> (bool, bool) {
        let at = |value: f64| self.evaluation.comparison.breaches(value, self.evaluation.threshold);
        let ends = [at(range.lowest), at(range.highest)];
        (ends.contains(&true), !ends.contains(&false))
    }

    /// Whether it rings on high values.
    pub(super) fn counts_up(&self) -> bool {
        matches!(self.evaluation.comparison, Comparison::Greater | Comparison::GreaterOrEqual)
    }

    /// `Average >= 5`
    pub(super) fn condition(&self) -> String {
        format!("{} {} {}", self.statistic(), self.evaluation.comparison.sign(), self.evaluation.threshold)
    }
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.lowest.to_bits() == self.highest.to_bits() {
            return write!(f, "always {}", self.lowest);
        }
        match (self.lowest.is_finite(), self.highest.is_finite()) {
            (true, false) => write!(f, "{} or more", self.lowest),
            (false, true) => write!(f, "{} or less", self.highest),
            _ => write!(f, "from {} to {}", self.lowest, self.highest),
        }
    }
}
