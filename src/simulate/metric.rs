//! The state of a metric alarm from its datapoints (spec, sections 4.3, 4.4 and 4.6).
//!
//! Cannot be known: how far back CloudWatch looks (the evaluation range), so it is a parameter, and
//! [`timeline`] says where the answer hangs on it.

use super::State;

/// `ComparisonOperator`, without those of anomaly bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Comparison {
    /// Reads AWS's name.
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "GreaterThanThreshold" => Self::Greater,
            "GreaterThanOrEqualToThreshold" => Self::GreaterOrEqual,
            "LessThanThreshold" => Self::Less,
            "LessThanOrEqualToThreshold" => Self::LessOrEqual,
            _ => return None,
        })
    }

    /// As a threshold is written.
    pub fn sign(self) -> &'static str {
        match self {
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
        }
    }

    /// Whether a value is on the side of the threshold that breaches.
    pub fn breaches(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::Greater => value > threshold,
            Self::GreaterOrEqual => value >= threshold,
            Self::Less => value < threshold,
            Self::LessOrEqual => value <= threshold,
        }
    }
}

/// `TreatMissingData`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingData {
    Missing,
    Ignore,
    Breaching,
    NotBreaching,
}

impl MissingData {
    /// What an alarm does by its namespace and its own word, if it says one. Alarms on AWS/DynamoDB ignore
    /// missing data, whatever they say (PutMetricAlarm; spec, section 4.4).
    pub fn of(namespace: Option<&str>, said: Option<&str>) -> Option<Self> {
        Some(match said.unwrap_or("missing") {
            _ if namespace == Some("AWS/DynamoDB") => Self::Ignore,
            "missing" => Self::Missing,
            "ignore" => Self::Ignore,
            "breaching" => Self::Breaching,
            "notBreaching" => Self::NotBreaching,
            _ => return None,
        })
    }
}

/// What an alarm is evaluated by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Evaluation {
    /// `EvaluationPeriods`.
    pub periods: usize,
    /// `DatapointsToAlarm`.
    pub datapoints: usize,
    pub missing: MissingData,
    pub comparison: Comparison,
    pub threshold: f64,
}

/// What an evaluation comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    State(State),
    /// The state stays as it is.
    Retain,
    /// AWS documents only that it is not ALARM; taken as "stays as it is".
    NotAlarm,
}

impl Evaluation {
    /// How many periods CloudWatch is taken to look back, since it does not say (spec, section 4.3).
    pub fn usual_range(&self) -> usize {
        self.periods.saturating_add(2)
    }

    /// Evaluates the datapoints of the evaluation range, the oldest first; `None`: no data.
    pub fn evaluate(&self, points: &[Option<f64>]) -> Outcome {
        let breaching = |value: &f64| self.comparison.breaches(*value, self.threshold);
        let real: Vec<bool> = points.iter().flatten().map(breaching).collect();
        let decided = |alarm: bool| Outcome::State(if alarm { State::Alarm } else { State::Ok });
        if real.is_empty() {
            return match self.missing {
                MissingData::Missing => Outcome::State(State::InsufficientData),
                MissingData::Ignore => Outcome::Retain,
                MissingData::Breaching => decided(true),
                MissingData::NotBreaching => decided(false),
            };
        }
        let count = |real: &[bool]| real.iter().filter(|b| **b).count();
        if real.len() >= self.periods {
            return decided(count(&real[real.len() - self.periods..]) >= self.datapoints);
        }
        let filled = if self.missing == MissingData::Breaching { self.periods - real.len() } else { 0 };
        if count(&real) + filled >= self.datapoints {
            return decided(true);
        }
        let fills = matches!(self.missing, MissingData::Breaching | MissingData::NotBreaching);
        if fills || real.contains(&false) {
            return decided(false);
        }
        self.premature(points)
    }

    /// Only breaching points, fewer than it takes, and the missing ones are not filled in.
    fn premature(&self, points: &[Option<f64>]) -> Outcome {
        let age = points.iter().position(Option::is_some).map_or(0, |oldest| points.len() - oldest);
        match self.missing {
            MissingData::Ignore => Outcome::Retain,
            _ if age >= self.datapoints => Outcome::State(State::Alarm),
            _ => Outcome::NotAlarm,
        }
    }
}

/// The state after each period, and where it is not certain.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    pub states: Vec<State>,
    /// First period whose state hangs on how far back CloudWatch looks.
    pub depends_on_range: Option<usize>,
    /// First period of which AWS documents only that it is not ALARM.
    pub unspecified: Option<usize>,
}

/// Evaluates after each period. `range`: how many periods CloudWatch looks back; `None`: the usual
/// guess, two more than the alarm has, compared with the other lengths that are possible.
pub fn timeline(evaluation: &Evaluation, points: &[Option<f64>], range: Option<usize>) -> Timeline {
    let run = |range: usize| states(evaluation, points, range);
    let n = evaluation.periods;
    let (states, unspecified) = run(range.unwrap_or(evaluation.usual_range()));
    let others: Vec<_> = if range.is_some() { Vec::new() } else { [n, n + 1, n + 3].into_iter().map(|r| run(r).0).collect() };
    let differs = |i: &usize| others.iter().any(|other| other[*i] != states[*i]);
    let depends_on_range = (0..states.len()).find(differs);
    Timeline { states, depends_on_range, unspecified }
}

fn states(evaluation: &Evaluation, points: &[Option<f64>], range: usize) -> (Vec<State>, Option<usize>) {
    let mut state = State::InsufficientData;
    let (mut states, mut unspecified) = (Vec::with_capacity(points.len()), None);
    for end in 1..=points.len() {
        match evaluation.evaluate(&points[end.saturating_sub(range)..end]) {
            Outcome::State(next) => state = next,
            Outcome::Retain => {}
            Outcome::NotAlarm => {
                unspecified.get_or_insert(end - 1);
            }
        }
        states.push(state);
    }
    (states, unspecified)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(text: &str) -> Vec<Option<f64>> {
        let point = |sign: &str| match sign {
            "X" => Some(1.0),
            "0" => Some(0.0),
            _ => None,
        };
        text.split(' ').map(point).collect()
    }

    fn evaluation(periods: usize, datapoints: usize, missing: MissingData) -> Evaluation {
        Evaluation { periods, datapoints, missing, comparison: Comparison::Greater, threshold: 0.0 }
    }

    #[test]
    fn what_is_easy_to_get_wrong() {
        use MissingData::{Breaching, Ignore, Missing, NotBreaching};
        let (alarm, ok) = (Outcome::State(State::Alarm), Outcome::State(State::Ok));
        for (text, periods, datapoints, missing, expected) in [
            // A good point blocks the premature rule.
            ("0 - X - -", 3, 2, Missing, ok),
            // One breaching point of three is enough for it, once it is old enough.
            ("- - X - -", 3, 3, Missing, alarm),
            ("- - - - X", 3, 3, Missing, Outcome::NotAlarm),
            ("- - X - -", 3, 3, Ignore, Outcome::Retain),
            // With as many points as periods, missing data count for nothing.
            ("X X X - -", 3, 3, NotBreaching, alarm),
            ("- - - - 0", 3, 2, Breaching, alarm),
            ("X - -", 1, 1, NotBreaching, alarm),
            ("- - -", 1, 1, Missing, Outcome::State(State::InsufficientData)),
        ] {
            assert_eq!(evaluation(periods, datapoints, missing).evaluate(&points(text)), expected, "{text} {missing:?}");
        }
    }

    #[test]
    fn a_timeline_says_where_it_hangs_on_the_evaluation_range() {
        let silence = timeline(&evaluation(1, 1, MissingData::NotBreaching), &points("0 X - - -"), None);
        assert_eq!(silence.depends_on_range, Some(2));
        let zeroes = timeline(&evaluation(1, 1, MissingData::NotBreaching), &points("0 X 0 0 0"), None);
        assert_eq!(zeroes.depends_on_range, None);
        assert_eq!(zeroes.states, [State::Ok, State::Alarm, State::Ok, State::Ok, State::Ok]);
        let unclear = timeline(&evaluation(3, 3, MissingData::Missing), &points("X"), Some(5));
        assert_eq!((unclear.states, unclear.unspecified), (vec![State::InsufficientData], Some(0)));
    }
}
