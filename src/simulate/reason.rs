//! Why an alarm changed its state, in the words that CloudWatch uses in notifications (spec, section 4.6).

use super::State;
use super::metric::{Comparison, Evaluation, MissingData};

/// `StateReason` of a metric alarm. `window`: the periods looked at, the oldest first, with their values.
pub(super) fn reason(evaluation: &Evaluation, to: State, window: &[(i64, i64)], values: &[Option<f64>]) -> String {
    let real: Vec<(i64, f64)> = window.iter().zip(values).filter_map(|((start, _), value)| Some((*start, (*value)?))).collect();
    let n = evaluation.periods;
    if real.is_empty() {
        return without_data(evaluation, to);
    }
    let last = &real[real.len().saturating_sub(n)..];
    let breaching = last.iter().filter(|(_, value)| evaluation.comparison.breaches(*value, evaluation.threshold)).count();
    let (count, not, transition, minimum) = match to {
        State::Alarm => (breaching, "", "OK -> ALARM", evaluation.datapoints),
        _ => (last.len() - breaching, "not ", "ALARM -> OK", (n + 1).saturating_sub(evaluation.datapoints)),
    };
    let shown: Vec<String> = last.iter().rev().map(|(start, value)| format!("{value:?} ({})", time(*start))).collect();
    let comparison = match evaluation.comparison {
        Comparison::Greater => "greater than",
        Comparison::GreaterOrEqual => "greater than or equal to",
        Comparison::Less => "less than",
        Comparison::LessOrEqual => "less than or equal to",
    };
    format!(
        "Threshold Crossed: {count} out of the last {n} datapoints [{}] {} {not}{comparison} the threshold ({:?}) (minimum {minimum} {} for {transition} transition).",
        shown.join(", "),
        if count == 1 { "was" } else { "were" },
        evaluation.threshold,
        plural(minimum, "datapoint"),
    )
}

fn without_data(evaluation: &Evaluation, to: State) -> String {
    let n = evaluation.periods;
    let (points, are) = (plural(n, "datapoint"), if n == 1 { "was" } else { "were" });
    if to == State::InsufficientData {
        return format!("Insufficient Data: {n} {points} {are} unknown.");
    }
    let treated = if evaluation.missing == MissingData::Breaching { "Breaching" } else { "NonBreaching" };
    format!(
        "Threshold Crossed: no datapoints were received for {n} {} and {n} missing {points} {are} treated as [{treated}].",
        plural(n, "period")
    )
}

/// `StateReason` of a composite alarm.
pub(super) fn rule_reason(rule: &str, to: State) -> String {
    let is = if to == State::Alarm { "true" } else { "false" };
    format!("the rule {rule} became {is}")
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// `25/11/26 06:01:00`, UTC.
fn time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.strftime("%d/%m/%y %H:%M:%S").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_read_as_those_of_aws() {
        let evaluation = Evaluation {
            periods: 3,
            datapoints: 2,
            missing: MissingData::NotBreaching,
            comparison: Comparison::GreaterOrEqual,
            threshold: 1.0,
        };
        let window = [(0, 300), (300, 600), (600, 900)];
        assert_eq!(
            reason(&evaluation, State::Alarm, &window, &[Some(0.0), Some(2.0), Some(1.5)]),
            "Threshold Crossed: 2 out of the last 3 datapoints [1.5 (01/01/70 00:10:00), 2.0 (01/01/70 00:05:00), 0.0 (01/01/70 00:00:00)] were greater than or equal to the threshold (1.0) (minimum 2 datapoints for OK -> ALARM transition)."
        );
        let one = Evaluation { periods: 1, datapoints: 1, ..evaluation };
        assert_eq!(
            reason(&one, State::Ok, &window[..1], &[Some(0.0)]),
            "Threshold Crossed: 1 out of the last 1 datapoints [0.0 (01/01/70 00:00:00)] was not greater than or equal to the threshold (1.0) (minimum 1 datapoint for ALARM -> OK transition)."
        );
        assert_eq!(
            reason(&one, State::Ok, &window, &[None; 3]),
            "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching]."
        );
        assert_eq!(reason(&evaluation, State::InsufficientData, &window, &[None; 3]), "Insufficient Data: 3 datapoints were unknown.");
    }
}
