//! What an alarm sees of the metrics that filters feed: the datapoint of any stretch of time, at any time.

use std::collections::BTreeMap;

use super::census::Census;
use super::series::Series;
use super::subject::{Dimensions, Filter, Metric, Side, Subject, metrics};
use super::time::MINUTE;
use crate::kinds::alarm::{Alarm, MetricQuery};
use crate::simulate::{Datapoint, Datums, Expression, Open, Point, Statistic};

/// What nobody knows and the answer may hang on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reading {
    /// The default is reported for each event that does not match; else once a minute.
    pub(super) default_per_event: bool,
    /// Events came in every minute, though the source shows only some of them.
    pub(super) always_events: bool,
    /// Whose events are left out.
    pub(super) without: Option<u16>,
}

/// The metrics of an alarm.
pub(super) struct Watch<'a> {
    census: &'a Census,
    /// Seconds until an event comes in.
    delay: i64,
    queries: BTreeMap<String, Query<'a>>,
    /// The id of the query whose result is compared.
    result: String,
}

enum Query<'a> {
    Metric { feeds: Vec<(&'a Filter, &'a Series)>, statistic: Statistic },
    Expression(Expression),
}

/// The id of the only metric of an alarm without metric math.
const ONLY: &str = "m";

impl<'a> Watch<'a> {
    /// Why an alarm's metrics are not simulated, if they are not.
    pub(super) fn new(alarm: &Alarm, side: Side, subject: &'a Subject, census: &'a Census, delay: i64) -> Result<Self, String> {
        let mut queries = BTreeMap::new();
        let feeds = |metric: &Metric, dimensions: &Dimensions| feeds((subject, census, side), metric, dimensions);
        if alarm.metrics.is_empty() {
            let metric = metrics(alarm).into_iter().next().ok_or("it names no metric")?;
            let name = alarm.statistic.as_deref().or(alarm.extended_statistic.as_deref()).unwrap_or_default();
            let statistic = Statistic::parse(name).ok_or_else(|| format!("the statistic `{name}` is not computed offline"))?;
            queries.insert(ONLY.to_owned(), Query::Metric { feeds: feeds(&metric.0, metric.1)?, statistic });
            return Ok(Self { census, delay, queries, result: ONLY.to_owned() });
        }
        let mut result = None;
        for query in &alarm.metrics {
            if query.return_data {
                result = Some(query.id.clone());
            }
            queries.insert(query.id.clone(), math(query, feeds)?);
        }
        let result = result.ok_or("no entry of `metrics` returns data")?;
        acyclic(&queries, &result, 0)?;
        Ok(Self { census, delay, queries, result })
    }

    /// The series and the defaults that the datapoints come from.
    fn feeds(&self) -> impl Iterator<Item = (&'a Filter, &'a Series)> {
        self.queries
            .values()
            .flat_map(|query| match query {
                Query::Metric { feeds, .. } => feeds.as_slice(),
                Query::Expression(_) => &[],
            })
            .copied()
    }

    /// Whether any filter reports something where nothing matches.
    pub(super) fn has_default(&self) -> bool {
        self.feeds().any(|(filter, _)| filter.default.is_some())
    }

    /// Whether it matters how often the default is reported.
    pub(super) fn counts_defaults(&self) -> bool {
        let counts = |query: &Query<'_>| match query {
            Query::Metric { feeds, statistic } => feeds.iter().any(|(filter, _)| match (statistic, filter.default) {
                (_, None) | (Statistic::Minimum | Statistic::Maximum, _) => false,
                (Statistic::Sum, Some(default)) => default != 0.0,
                _ => true,
            }),
            Query::Expression(_) => false,
        };
        self.queries.values().any(counts)
    }

    /// Seconds at which the datapoints of a period may change, sorted.
    pub(super) fn edges(&self, period: i64) -> Vec<i64> {
        let late = (self.delay + MINUTE - 1) / MINUTE;
        let own = self.feeds().flat_map(|(_, series)| series.edges());
        let mut flips = self.census.minutes.flips();
        if !self.counts_defaults() {
            // Where only it matters whether there is any event, a gap that is shorter than what is known of a period is none.
            flips = long_gaps(&flips, (period / MINUTE - late).max(1));
        }
        let flips = flips.into_iter().flat_map(|minute| [minute, minute + late]);
        let mut edges: Vec<i64> = own.chain(flips).map(|minute| minute * MINUTE).collect();
        edges.sort_unstable();
        edges.dedup();
        edges
    }

    /// The datapoint from `start` to `end`, as it is known at `seen`.
    pub(super) fn point(&self, (start, end): (i64, i64), seen: i64, reading: Reading) -> Point {
        let mut point = Point { value: None, samples: 0, is_certain: true };
        point.value = self.result_of(&self.result, (start, end), seen, reading, &mut point);
        point
    }

    fn result_of(&self, id: &str, span: (i64, i64), seen: i64, reading: Reading, point: &mut Point) -> Option<f64> {
        match self.queries.get(id)? {
            Query::Metric { feeds, statistic } => {
                let datums = self.datums(feeds, span, seen, reading);
                point.samples += datums.count;
                match statistic.of(&datums) {
                    Datapoint::Missing => None,
                    Datapoint::Value(value) => Some(value),
                    Datapoint::Uncertain(value) => {
                        point.is_certain = false;
                        Some(value)
                    }
                }
            }
            Query::Expression(expression) => {
                let ids = expression.ids();
                let all = self.queries.iter().filter(|(id, query)| {
                    // SUM(METRICS()) names none, and means all metrics.
                    ids.contains(&id.as_str()) || (ids.is_empty() && matches!(query, Query::Metric { .. }))
                });
                let values: Vec<(&str, Option<f64>)> =
                    all.map(|(id, _)| (id.as_str(), self.result_of(id, span, seen, reading, point))).collect();
                let mut open: Vec<Open> = Vec::new();
                let value = expression.value(&values.into_iter().collect(), &mut open);
                point.is_certain &= open.is_empty();
                value
            }
        }
    }

    fn datums(&self, feeds: &[(&Filter, &Series)], (start, end): (i64, i64), seen: i64, reading: Reading) -> Datums {
        let (from, to) = (start.div_euclid(MINUTE), end.div_euclid(MINUTE));
        let mut all = Datums::default();
        for (filter, series) in feeds {
            let (datums, minutes) =
                series.datums((from, to), seen.div_euclid(MINUTE), filter.constant().unwrap_or_default(), reading.without);
            all.merge(&datums);
            let Some(default) = filter.default else { continue };
            // What did not match is known when it has come in.
            let known = to.min((seen - self.delay).div_euclid(MINUTE));
            let (with_events, events) =
                if reading.always_events { ((known - from).max(0).unsigned_abs(), 0) } else { self.census.minutes.tally(from, known) };
            let empty = with_events.saturating_sub(minutes);
            let reports = if reading.default_per_event && empty > 0 { events.saturating_sub(datums.count).max(empty) } else { empty };
            all.add(default, reports);
        }
        all
    }
}

/// Of minutes at which events begin and cease in turn: those around gaps of so many minutes at least.
fn long_gaps(flips: &[i64], least: i64) -> Vec<i64> {
    let gaps = flips.get(1..).unwrap_or_default().chunks_exact(2).filter(|gap| gap[1] - gap[0] >= least);
    let ends = flips.first().into_iter().chain(flips.last());
    let mut kept: Vec<i64> = gaps.flatten().chain(ends).copied().collect();
    kept.sort_unstable();
    kept.dedup();
    kept
}

/// The filters that feed a metric.
fn feeds<'a>(
    (subject, census, side): (&'a Subject, &'a Census, Side),
    metric: &Metric,
    dimensions: &Dimensions,
) -> Result<Vec<(&'a Filter, &'a Series)>, String> {
    let of_metric = subject.filters.iter().zip(&census.metrics).filter(|(filter, _)| filter.side == side && filter.metric == *metric);
    let mut feeds = Vec::new();
    let mut is_known = false;
    for (filter, series) in of_metric {
        is_known = true;
        if let Some(why) = filter.unsupported {
            return Err(format!("the filter {}: {why}", filter.name));
        }
        feeds.extend(filter.channels.iter().position(|channel| channel == dimensions).map(|channel| (filter, &series[channel])));
    }
    match (is_known, feeds.is_empty()) {
        (false, _) => Err(format!("no metric filter here feeds its metric {} {}", metric.0, metric.1)),
        (true, true) => Err("it looks at other dimensions than its filters report, so it has no data".to_owned()),
        _ => Ok(feeds),
    }
}

fn math<'a>(
    query: &MetricQuery,
    feeds: impl Fn(&Metric, &Dimensions) -> Result<Vec<(&'a Filter, &'a Series)>, String>,
) -> Result<Query<'a>, String> {
    if let Some(expression) = &query.expression {
        return Expression::parse(expression).map(Query::Expression).map_err(|why| format!("metric math: {why}"));
    }
    let (Some(namespace), Some(name)) = (&query.namespace, &query.metric_name) else {
        return Err(format!("`{}` names no metric", query.id));
    };
    let statistic = query.stat.as_deref().unwrap_or_default();
    let statistic = Statistic::parse(statistic).ok_or_else(|| format!("the statistic `{statistic}` is not computed offline"))?;
    Ok(Query::Metric { feeds: feeds(&(namespace.clone(), name.clone()), &query.dimensions)?, statistic })
}

/// An expression that names itself is none.
fn acyclic(queries: &BTreeMap<String, Query<'_>>, id: &str, depth: usize) -> Result<(), String> {
    let Some(query) = queries.get(id) else { return Err(format!("metric math names `{id}`, which is not there")) };
    if depth > queries.len() {
        return Err("metric math goes round in a circle".to_owned());
    }
    match query {
        Query::Metric { .. } => Ok(()),
        Query::Expression(expression) => expression.ids().into_iter().try_for_each(|id| acyclic(queries, id, depth + 1)),
    }
}
