//! An alarm on the metric that filters of its own detection feed.

use super::{BuiltAlarm, Unit};
use crate::kinds::alarm::Alarm;
use crate::kinds::metric_filter::MetricFilter;
use crate::simulate::{Comparison, Evaluation, MissingData};

/// A metric alarm with the filters that feed it, one at least.
pub struct Watched<'a> {
    pub alarm: &'a Alarm,
    pub filters: Vec<&'a MetricFilter>,
}

/// What each match adds to a metric, and what is reported without one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Count {
    pub value: f64,
    pub default: Option<f64>,
}

impl Unit {
    /// Whether all its filters are of other profiles than the chosen one, so that nothing of it is deployed.
    pub fn is_left_out(&self) -> bool {
        self.ready.is_left_out(self.profile.as_deref())
    }

    /// `None`: no metric alarm, or one that looks elsewhere.
    pub fn watched(&self) -> Option<Watched<'_>> {
        let Some(BuiltAlarm::Metric(alarm)) = &self.alarm else { return None };
        let feeds = |filter: &&MetricFilter| {
            alarm.namespace.as_ref() == Some(&filter.metric_namespace) && alarm.metric_name.as_ref() == Some(&filter.metric_name)
        };
        let filters: Vec<_> = self.filters.iter().map(|built| &built.filter).filter(feeds).collect();
        (!filters.is_empty()).then_some(Watched { alarm, filters })
    }
}

impl Watched<'_> {
    /// `None`: values come from the events, or the filters differ.
    pub fn count(&self) -> Option<Count> {
        let first = self.filters.first()?;
        let alike = self.filters.iter().all(|f| f.metric_value == first.metric_value && f.default_value == first.default_value);
        let value = first.metric_value.parse().ok().filter(|_| alike)?;
        Some(Count { value, default: first.default_value })
    }

    /// `Sum`, `p99`; `None` for bands.
    pub fn statistic(&self) -> Option<&str> {
        self.alarm.statistic.as_deref().or(self.alarm.extended_statistic.as_deref())
    }

    /// `TreatMissingData`, its default put in.
    pub fn missing(&self) -> Option<MissingData> {
        MissingData::of(self.alarm.namespace.as_deref(), self.alarm.treat_missing_data.as_deref())
    }

    /// How it is evaluated; `None` for bands.
    pub fn evaluation(&self) -> Option<Evaluation> {
        let alarm = self.alarm;
        let periods = alarm.evaluation_periods as usize;
        Some(Evaluation {
            periods,
            datapoints: alarm.datapoints_to_alarm.map_or(periods, |m| m as usize),
            missing: self.missing()?,
            comparison: Comparison::parse(&alarm.comparison_operator)?,
            threshold: alarm.threshold?,
        })
    }
}
