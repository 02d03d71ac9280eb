//! The values that an alarm on a detection's own metric can ever see (spec, sections 3.2 and 4.5).

use crate::detection::{BuiltAlarm, Unit};
use crate::kinds::alarm::Alarm;
use crate::simulate::Comparison;

/// An alarm on a metric that filters of its detection feed with one constant value.
pub(super) struct Watched<'a> {
    pub(super) alarm: &'a Alarm,
    pub(super) value: f64,
    pub(super) default: Option<f64>,
    pub(super) statistic: &'a str,
    pub(super) threshold: f64,
    pub(super) comparison: Comparison,
}

/// Where a datapoint lies: from the lowest to the highest, the highest perhaps without end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    pub(super) lowest: f64,
    pub(super) highest: f64,
}

/// `None`: no metric alarm, another metric, values taken from events, filters that differ, or a
/// statistic whose values are not known.
pub(super) fn watched(unit: &Unit) -> Option<Watched<'_>> {
    let Some(BuiltAlarm::Metric(alarm)) = &unit.alarm else { return None };
    let own = |filter: &crate::kinds::metric_filter::MetricFilter| {
        alarm.namespace.as_ref() == Some(&filter.metric_namespace) && alarm.metric_name.as_ref() == Some(&filter.metric_name)
    };
    let filters: Vec<_> = unit.filters.iter().map(|built| &built.filter).filter(|filter| own(filter)).collect();
    let first = filters.first()?;
    let alike = filters.iter().all(|f| f.metric_value == first.metric_value && f.default_value == first.default_value);
    Some(Watched {
        alarm,
        value: first.metric_value.parse().ok().filter(|_| alike)?,
        default: first.default_value,
        statistic: alarm.statistic.as_deref().or(alarm.extended_statistic.as_deref())?,
        threshold: alarm.threshold?,
        comparison: Comparison::parse(&alarm.comparison_operator)?,
    })
}

impl Watched<'_> {
    /// The datapoints there may be, other than missing ones.
    pub(super) fn datapoints(&self) -> Option<Range> {
        let default = self.default.unwrap_or(self.value);
        let (low, high) = (self.value.min(default), self.value.max(default));
        Some(match self.statistic {
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
        let at = |value: f64| self.comparison.breaches(value, self.threshold);
        let ends = [at(range.lowest), at(range.highest)];
        (ends.contains(&true), !ends.contains(&false))
    }

    pub(super) fn missing(&self) -> &str {
        self.alarm.treat_missing_data.as_deref().unwrap_or("missing")
    }

    /// `Average >= 5`
    pub(super) fn condition(&self) -> String {
        let sign = match self.comparison {
            Comparison::Greater => ">",
            Comparison::GreaterOrEqual => ">=",
            Comparison::Less => "<",
            Comparison::LessOrEqual => "<=",
        };
        format!("{} {sign} {}", self.statistic, self.threshold)
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
