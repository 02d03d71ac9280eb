//! A period's datums → its datapoint (spec, section 4.5).
//!
//! Left out: trimmed and winsorised statistics (`tm90`, `IQM`, `PR(1:100)`), whose arithmetic is not published.

/// What was reported in a stretch of time.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Datums {
    pub count: u64,
    pub sum: f64,
    pub min: f64,
    pub max: f64,
    /// Each value, and how often.
    pub values: Vec<(f64, u64)>,
}

impl Datums {
    /// Adds `count` datums of one value.
    pub fn add(&mut self, value: f64, count: u64) {
        if count > 0 {
            self.merge(&Self { count, sum: value * count as f64, min: value, max: value, values: vec![(value, count)] });
        }
    }

    /// Adds all of another stretch.
    pub fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        (self.min, self.max) = match self.count {
            0 => (other.min, other.max),
            _ => (self.min.min(other.min), self.max.max(other.max)),
        };
        self.count += other.count;
        self.sum += other.sum;
        self.values.extend_from_slice(&other.values);
    }
}

/// A statistic that can be computed offline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
    /// Percent, from 0 to 100.
    Percentile(f64),
}

/// A datapoint.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Datapoint {
    /// No datum: missing, and never 0.
    Missing,
    Value(f64),
    /// AWS publishes no way to interpolate; the nearest sample.
    Uncertain(f64),
}

impl Statistic {
    /// `Sum`, `p99.9`; `None`: it is not computed offline.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "SampleCount" => Self::SampleCount,
            "Average" => Self::Average,
            "Sum" => Self::Sum,
            "Minimum" => Self::Minimum,
            "Maximum" => Self::Maximum,
            _ => Self::Percentile(name.strip_prefix('p')?.parse().ok().filter(|percent| (0.0..=100.0).contains(percent))?),
        })
    }

    /// The datapoint of a period.
    pub fn of(self, datums: &Datums) -> Datapoint {
        if datums.count == 0 {
            return Datapoint::Missing;
        }
        match self {
            Self::SampleCount => Datapoint::Value(datums.count as f64),
            Self::Average => Datapoint::Value(datums.sum / datums.count as f64),
            Self::Sum => Datapoint::Value(datums.sum),
            Self::Minimum => Datapoint::Value(datums.min),
            Self::Maximum => Datapoint::Value(datums.max),
            Self::Percentile(_) if datums.min >= datums.max => Datapoint::Value(datums.min),
            Self::Percentile(percent) => percentile(percent, &datums.values),
        }
    }

    /// How many samples a percentile needs, where `EvaluateLowSampleCountPercentile` is `ignore` (PutMetricAlarm).
    pub fn fewest_samples(self) -> f64 {
        match self {
            Self::Percentile(percent) if percent >= 50.0 => 10.0 / (1.0 - percent / 100.0),
            Self::Percentile(percent) => 10.0 / (percent / 100.0),
            _ => 0.0,
        }
    }
}

/// Certain where the nearest sample is also what lies between the samples on both sides.
fn percentile(percent: f64, values: &[(f64, u64)]) -> Datapoint {
    let mut sorted = values.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let count: u64 = sorted.iter().map(|(_, count)| count).sum();
    // The value at a place, counted from 0.
    let at = |place: f64| {
        let mut behind = 0;
        let found = sorted.iter().find(|(_, count)| {
            behind += count;
            (behind as f64) > place
        });
        found.or(sorted.last()).map(|(value, _)| *value)
    };
    let place = percent / 100.0 * count.saturating_sub(1) as f64;
    let nearest = at((percent / 100.0 * count as f64).ceil() - 1.0);
    match nearest {
        None => Datapoint::Missing,
        Some(value) if at(place.floor()) == nearest && at(place.ceil()) == nearest => Datapoint::Value(value),
        Some(value) => Datapoint::Uncertain(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn datapoints_of_a_period() {
        use Datapoint::{Missing, Uncertain, Value};
        for (name, values, expected) in [
            ("Sum", &[1.0, 2.0, 4.0][..], Value(7.0)),
            ("SampleCount", &[1.0, 2.0, 4.0], Value(3.0)),
            ("Average", &[1.0, 2.0, 6.0], Value(3.0)),
            ("Minimum", &[-1.0, 2.0], Value(-1.0)),
            ("Maximum", &[-1.0, -2.0], Value(-1.0)),
            ("Sum", &[], Missing),
            ("p50", &[3.0, 1.0, 2.0], Value(2.0)),
            ("p0", &[3.0, 1.0, 2.0], Value(1.0)),
            ("p100", &[3.0, 1.0, 2.0], Value(3.0)),
            ("p99", &[5.0, 5.0], Value(5.0)),
            ("p90", &[1.0, 2.0], Uncertain(2.0)),
            ("p99.9", &[], Missing),
        ] {
            let mut datums = Datums::default();
            values.iter().for_each(|value| datums.add(*value, 1));
            assert_eq!(Statistic::parse(name).unwrap().of(&datums), expected, "{name} of {values:?}");
        }
        assert_eq!(["tm90", "IQM", "p101", "p", ""].map(Statistic::parse), [None; 5]);
        assert_eq!([50.0, 90.0, 10.0].map(|p| Statistic::Percentile(p).fewest_samples().round()), [20.0, 100.0, 100.0]);
    }
}
