//! `trailarm alarm eval`: the simulation by itself, for programs.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};

use clap::{Args, Subcommand};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Answer;
use super::failure::Failure;
use super::lines::each_object;
use crate::kinds::alarm::{Statistic, is_statistic};
use crate::simulate::{
    Answer as RuleAnswer, Comparison, Evaluation, MissingData, Outcome, State, Suppression, Window, actions, composite, timeline,
};

/// Periods of wall-clock windows (PutMetricAlarm).
const WALL_CLOCK_PERIODS: [i64; 5] = [60, 300, 3600, 86_400, 604_800];
/// More periods than this are nobody's alarm.
const MOST_PERIODS: i64 = 86_400;

#[derive(Debug, Args)]
pub(super) struct AlarmArgs {
    #[command(subcommand)]
    command: AlarmCommand,
}

#[derive(Debug, Subcommand)]
enum AlarmCommand {
    /// Answer JSON objects {id, kind, …} on standard input with {id, result}, one a line
    ///
    /// Kind `metric`: {config: {evaluation_periods, datapoints_to_alarm, evaluation_range, treat_missing_data,
    /// comparison_operator, threshold, statistic, namespace}, datapoints: [0, null, 1]}, the oldest first, null for no data.
    /// AWS publishes no evaluation range: it is taken to be evaluation_periods + 2 where none is given.
    /// Kind `composite`: {rule, states: {name: ALARM}}. The result is a state, RETAIN, NOT_ALARM (AWS documents no more),
    /// `uncertain`, `invalid`, or `unsupported`.
    ///
    /// Kind `sequence`: {config, steps: [{value: 1}, {value: null}]}; the result is a list of {state, actions}, from
    /// INSUFFICIENT_DATA on. Kind `window`: {config: {period, evaluation_periods, wall_clock_window: ZONE}, evaluated_at: TIME};
    /// the result is the starts of the periods looked at. Kind `suppressor`: {config: {wait_period, extension_period}, composite_changes: {t2:
    /// ALARM}, suppressor_changes: {}}; the result is when actions run, `t5:OK`.
    Eval,
}

pub(super) fn run(args: &AlarmArgs) -> Result<Answer, Failure> {
    match args.command {
        AlarmCommand::Eval => eval(&mut std::io::stdin().lock(), &mut std::io::stdout().lock()),
    }
}

#[derive(Deserialize)]
struct Question {
    #[serde(default)]
    id: Value,
    kind: String,
    config: Option<Config>,
    datapoints: Option<Vec<Option<f64>>>,
    rule: Option<String>,
    states: Option<BTreeMap<String, String>>,
    steps: Option<Vec<Map<String, Value>>>,
    evaluated_at: Option<String>,
    composite_changes: Option<BTreeMap<String, String>>,
    suppressor_changes: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct Config {
    namespace: Option<String>,
    evaluation_periods: Option<usize>,
    datapoints_to_alarm: Option<usize>,
    evaluation_range: Option<usize>,
    treat_missing_data: Option<String>,
    comparison_operator: Option<String>,
    threshold: Option<f64>,
    threshold_metric_id: Option<String>,
    statistic: Option<String>,
    /// Seconds.
    period: Option<i64>,
    wait_period: Option<i64>,
    extension_period: Option<i64>,
    wall_clock_window: Option<Value>,
}

fn eval(input: &mut impl BufRead, output: &mut impl Write) -> Result<Answer, Failure> {
    each_object(input, |question: Question| Ok(writeln!(output, "{}", json!({"id": question.id, "result": result(&question)}))?))
}

/// `unsupported` for kinds that are not simulated, `invalid` for what is no alarm.
fn result(question: &Question) -> Value {
    match question.kind.as_str() {
        "metric" if question.config.as_ref().is_some_and(is_unsupported) => json!("unsupported"),
        "metric" => metric(question).unwrap_or_else(|| json!("invalid")),
        "sequence" => sequence(question).unwrap_or_else(|| json!("unsupported")),
        "window" => window(question).unwrap_or_else(|| json!("invalid")),
        "suppressor" => suppressor(question).unwrap_or_else(|| json!("invalid")),
        "composite" => rule(question).unwrap_or_else(|| json!("invalid")),
        _ => json!("unsupported"),
    }
}

/// Bands need a trained model; trimmed statistics are not published (spec, section 4.5).
fn is_unsupported(config: &Config) -> bool {
    let is_known = |name: &str| Statistic::VALUES.contains(&name) || name.starts_with('p');
    config.threshold_metric_id.is_some() || config.statistic.as_deref().is_some_and(|name| !is_known(name))
}

fn evaluation(config: &Config) -> Option<Evaluation> {
    let periods = config.evaluation_periods?;
    if config.statistic.as_deref().is_some_and(|name| !is_statistic(name)) {
        return None;
    }
    let datapoints = config.datapoints_to_alarm.unwrap_or(periods);
    if !(1..=periods).contains(&datapoints) {
        return None;
    }
    Some(Evaluation {
        periods,
        datapoints,
        missing: MissingData::of(config.namespace.as_deref(), config.treat_missing_data.as_deref())?,
        comparison: Comparison::parse(config.comparison_operator.as_deref()?)?,
        threshold: config.threshold?,
    })
}

fn metric(question: &Question) -> Option<Value> {
    let config = question.config.as_ref()?;
    let points = question.datapoints.as_ref()?;
    // The points are those of the evaluation range; an older one has left it.
    let evaluation = evaluation(config)?;
    let range = config.evaluation_range.unwrap_or(evaluation.usual_range()).min(points.len());
    Some(match evaluation.evaluate(&points[points.len() - range..]) {
        Outcome::State(state) => json!(state.text()),
        Outcome::Retain => json!("RETAIN"),
        Outcome::NotAlarm => json!("NOT_ALARM"),
    })
}

fn rule(question: &Question) -> Option<Value> {
    let states = question.states.iter().flatten().map(|(name, state)| Some((name.clone(), State::parse(state)?)));
    let states = states.collect::<Option<BTreeMap<_, _>>>()?;
    Some(match composite(question.rule.as_deref()?, &states) {
        RuleAnswer::State(state) => json!(state.text()),
        RuleAnswer::Uncertain(_) => json!("uncertain"),
        RuleAnswer::Invalid(_) => json!("invalid"),
    })
}

/// The state after each step, and the actions that run since it changed. `None`: a step has no value to look at.
fn sequence(question: &Question) -> Option<Value> {
    let config = question.config.as_ref().filter(|config| !is_unsupported(config))?;
    let value = |step: &Map<String, Value>| match step.get("value")? {
        Value::Null => Some(None),
        value => value.as_f64().map(Some),
    };
    let points: Vec<Option<f64>> = question.steps.as_ref()?.iter().map(value).collect::<Option<_>>()?;
    let evaluation = evaluation(config)?;
    let range = config.evaluation_range.unwrap_or(evaluation.usual_range());
    let states = timeline(&evaluation, &points, Some(range)).states;
    let before = [State::InsufficientData].into_iter().chain(states.iter().copied());
    let step = |(before, state): (State, &State)| {
        let actions = match state {
            _ if before == *state => Vec::new(),
            State::Alarm => vec!["AlarmActions"],
            State::Ok => vec!["OKActions"],
            State::InsufficientData => vec!["InsufficientDataActions"],
        };
        json!({"state": state.text(), "actions": actions})
    };
    Some(before.zip(&states).map(step).collect())
}

fn window(question: &Question) -> Option<Value> {
    let config = question.config.as_ref()?;
    let at: jiff::Timestamp = question.evaluated_at.as_ref()?.parse().ok()?;
    let (period, periods) = (config.period.filter(|period| *period > 0)?, i64::try_from(config.evaluation_periods?).ok()?);
    let window = match &config.wall_clock_window {
        None | Some(Value::Null) => Window::Sliding,
        Some(zone) => Window::wall_clock(zone.as_str().or_else(|| zone.get("timezone")?.as_str()).unwrap_or("UTC"))?,
    };
    let is_taken = matches!(window, Window::Sliding) || WALL_CLOCK_PERIODS.contains(&period);
    let periods =
        window.periods(period, Some(periods).filter(|periods| is_taken && (1..=MOST_PERIODS).contains(periods))?, periods, at.as_second());
    let starts = periods.into_iter().map(|(start, _)| jiff::Timestamp::from_second(start).ok());
    Some(starts.collect::<Option<Vec<_>>>()?.into_iter().map(|start| json!(start.to_string())).collect())
}

fn suppressor(question: &Question) -> Option<Value> {
    let config = question.config.as_ref()?;
    let changes = |changes: &Option<BTreeMap<String, String>>| {
        let change = |(time, state): (&String, &String)| Some((time.strip_prefix('t')?.parse().ok()?, State::parse(state)?));
        changes.iter().flatten().map(change).collect::<Option<BTreeMap<i64, State>>>()
    };
    let suppression = Suppression { wait: config.wait_period?, extension: config.extension_period? };
    let run = actions(suppression, &changes(&question.composite_changes)?, &changes(&question.suppressor_changes)?);
    Some(run.into_iter().map(|(time, state)| json!(format!("t{time}:{}", state.text()))).collect())
}
