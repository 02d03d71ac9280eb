//! Lints: what AWS would take, and is a mistake all the same. One file a lint, its documentation
//! beside it; `trailarm explain CODE` prints that.

mod alarm_unit;
mod allow;
mod always_rings;
mod api_gateway_version;
mod boolean_text;
mod bracketed_word;
mod breaching_count;
mod container;
mod context;
mod datapoints;
mod default_not_zero;
mod event_name;
mod event_source;
mod fixed_value;
mod ignored_terms;
mod matches_everything;
mod matches_nothing;
mod may_be_refused;
mod missing_default;
mod missing_differs;
mod mixed_operators;
mod negated_wildcard;
mod never_differs;
mod never_rings;
mod not_a_sum;
mod number_for_text;
mod property_name;
mod shared_name;
mod short_period;
mod star_inside;
mod text_flag;
mod truth;
mod unfed_alarm;
mod unknown_reference;
mod unquoted_hyphen;
mod untested_clause;
mod unwatched_metric;
mod wide_dimension;

use std::ops::Range;

use filter_pattern::Pattern;

use crate::detection::{BuiltFilter, Unit};
use crate::finding::{Code, Finding, Severity};
use crate::yaml::Span;

pub(crate) use allow::excused;
pub(crate) use matches_everything::matches_all;
pub(crate) use matches_nothing::matches_none;
pub(crate) use untested_clause::LINT as UNTESTED_CLAUSE;

/// A lint: its stable code, what it does, and how bad it is.
pub struct Lint {
    pub code: &'static str,
    pub severity: Severity,
    /// Markdown: what is flagged, why it is a mistake, what to write, and what cannot be seen.
    pub doc: &'static str,
    check: fn(&Subject<'_>, &mut Reporter<'_>),
}

/// All of them, by code: patterns, CloudTrail's vocabulary, metrics and alarms, comments.
pub const LINTS: &[&Lint] = &[
    &bracketed_word::LINT,
    &ignored_terms::LINT,
    &star_inside::LINT,
    &missing_differs::LINT,
    &boolean_text::LINT,
    &number_for_text::LINT,
    &never_differs::LINT,
    &may_be_refused::LINT,
    &matches_everything::LINT,
    &matches_nothing::LINT,
    &mixed_operators::LINT,
    &text_flag::LINT,
    &negated_wildcard::LINT,
    &unquoted_hyphen::LINT,
    &container::LINT,
    &event_name::LINT,
    &shared_name::LINT,
    &event_source::LINT,
    &api_gateway_version::LINT,
    &fixed_value::LINT,
    &property_name::LINT,
    &wide_dimension::LINT,
    &missing_default::LINT,
    &not_a_sum::LINT,
    &breaching_count::LINT,
    &alarm_unit::LINT,
    &never_rings::LINT,
    &always_rings::LINT,
    &unwatched_metric::LINT,
    &unfed_alarm::LINT,
    &default_not_zero::LINT,
    &short_period::LINT,
    &allow::LINT,
    &untested_clause::LINT,
    &unknown_reference::LINT,
];

/// What is looked at: detections that belong together.
pub struct Subject<'a> {
    units: &'a [Unit],
    /// Every metric filter.
    filters: Vec<Filter<'a>>,
    /// A stack or whole folders: who watches what can be seen.
    is_whole: bool,
}

/// A metric filter of a detection.
struct Filter<'a> {
    unit: &'a Unit,
    built: &'a BuiltFilter,
    pattern: &'a Pattern,
}

impl Filter<'_> {
    /// Where a part of the pattern is written.
    fn at(&self, part: Range<usize>) -> Span {
        self.unit.nearest_place(self.built, part)
    }

    /// Where the pattern as a whole is written.
    fn whole(&self) -> Span {
        let path = &self.built.path;
        let tree = &self.unit.ready.tree;
        let written = ["pattern", "match"].iter().map(|key| format!("{path}.{key}")).find(|path| tree.find(path).is_some());
        tree.locate(&written.unwrap_or_else(|| path.clone()))
    }

    fn text(&self, part: &Range<usize>) -> &str {
        self.built.filter.pattern.get(part.clone()).unwrap_or_default()
    }
}

/// Takes what one lint has to say.
struct Reporter<'a> {
    lint: &'a Lint,
    findings: Vec<Finding>,
}

impl Reporter<'_> {
    fn say(&mut self, at: &Span, message: impl Into<String>, help: impl Into<String>) {
        self.say_as(self.lint.severity, at, message, help);
    }

    /// With another severity than the lint's usual one.
    fn say_as(&mut self, severity: Severity, at: &Span, message: impl Into<String>, help: impl Into<String>) {
        let finding = Finding { severity, ..Finding::error(Code::Lint(self.lint.code), message) };
        let finding = finding.at(at).help(help);
        if !self.findings.contains(&finding) {
            self.findings.push(finding);
        }
    }
}

/// All that the lints say of detections that belong together, but what comments allow.
pub fn check(units: &[Unit], is_whole: bool) -> Vec<Finding> {
    let filters = units.iter().flat_map(|unit| unit.filters.iter().map(move |built| Filter { unit, built, pattern: &built.pattern }));
    let subject = Subject { units, filters: filters.collect(), is_whole };
    let mut findings = Vec::new();
    for lint in LINTS {
        let mut reporter = Reporter { lint, findings: Vec::new() };
        (lint.check)(&subject, &mut reporter);
        findings.extend(reporter.findings);
    }
    let mut left = allow::filter(units, findings);
    left.sort_by_key(|finding| finding.at.as_ref().map(|at| (at.source.name.clone(), at.range.start)));
    left
}

/// The lint with a code.
pub fn lint(code: &str) -> Option<&'static Lint> {
    LINTS.iter().copied().find(|lint| lint.code == code)
}
