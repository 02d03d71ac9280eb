//! Mutation testing: takes each clause out of each pattern, and sees whether a test fails without it.
//!
//! Clauses that `except:` adds are left alone: whom a stack trusts is not the detection's to prove.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use filter_pattern::Pattern;

use super::events::holds_with;
use super::{Case, Suite, TestResult};
use crate::detection::actors::{none_of, read_actor};
use crate::detection::{BuiltFilter, Unit};
use crate::finding::{Code, Finding};
use crate::kinds::metric_filter::MetricFilterSection;
use crate::lints::{UNTESTED_CLAUSE, excused};

const HELP: &str = "add an event that only this clause lets in or keeps out, or say why there is none: `# trailarm: allow TA602 …`";

impl Suite<'_> {
    /// For each detection with a filter: the clauses that no test would miss.
    pub fn mutations(&self) -> Vec<TestResult> {
        let result = |(unit, cases): &(&Unit, Vec<Case>)| TestResult {
            address: unit.ready.address.clone(),
            name: "each clause is tested".to_owned(),
            at: unit.ready.tree.locate("tests"),
            failures: excused(unit, survivors(unit, cases)),
        };
        self.tested.iter().filter(|(unit, _)| !unit.filters.is_empty()).map(result).collect()
    }
}

/// Path of the filter's section, text of the clause, and which of those with that text it is.
type Key<'a> = (&'a str, &'a str, usize);

fn survivors(unit: &Unit, cases: &[Case]) -> Vec<Finding> {
    let (mut lost, mut missed) = (Vec::new(), BTreeSet::new());
    for built in &unit.filters {
        let mutants = built.pattern.without_each();
        let own = mutants.len().saturating_sub(excused_clauses(unit, built));
        let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
        for (span, pattern) in mutants.into_iter().take(own) {
            let mutant = BuiltFilter { pattern, ..built.clone() };
            let clause = built.filter.pattern.get(span.clone()).unwrap_or_default();
            let turn = seen.entry(clause).and_modify(|turn| *turn += 1).or_default();
            let key = (built.path.as_str(), clause, *turn);
            if cases.iter().all(|case| holds_with(unit, case, built, &mutant)) {
                lost.push((built, span, key));
            } else {
                missed.insert(key);
            }
        }
    }
    // A long `match:` is several filters with the same clauses: to miss it in one of them will do.
    lost.retain(|(_, _, key)| !missed.contains(key));
    let told = |(built, span, (_, clause, _)): (&BuiltFilter, Range<usize>, Key<'_>)| {
        let finding = Finding::error(Code::Lint(UNTESTED_CLAUSE.code), format!("{}: no test misses `{clause}`", unit.ready.address));
        finding.at(&unit.nearest_place(built, span)).help(HELP)
    };
    lost.into_iter().map(told).collect()
}

/// How many clauses at a pattern's end come from `except:`.
fn excused_clauses(unit: &Unit, built: &BuiltFilter) -> usize {
    let section = &unit.ready.section;
    let of_path = |path: &str| -> Option<&MetricFilterSection> {
        match path.strip_prefix("metric_filters.") {
            Some(number) => section.metric_filters.as_ref()?.get(number.parse::<usize>().ok()?),
            None => section.metric_filter.as_ref(),
        }
    };
    let except = of_path(&built.path).and_then(|filter| filter.except.as_ref()).and_then(|except| except.actors.as_ref());
    let actors: Vec<_> = except.into_iter().flatten().filter_map(|actor| read_actor(actor).ok()).collect();
    let clauses = |condition: filter_pattern::Condition| {
        let pattern = Pattern::parse(&condition.to_pattern()).ok();
        pattern.map_or(0, |pattern| pattern.clauses().len())
    };
    none_of(&actors).into_iter().map(clauses).sum()
}
