//! Which events of a file a pattern matches: grep for CloudTrail.

use std::collections::BTreeMap;

use filter_pattern::{Malformed, Matcher, PatternSet, Rule, Verdict};

use crate::events::{Gate, Visitor};

/// What is kept of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Only how many matched.
    Counts,
    /// The text of those that matched.
    Matches,
    /// The text of all, to explain them.
    Everything,
}

/// Looks at the records of one file.
pub struct Search<'s> {
    matcher: Matcher<'s>,
    gate: Option<&'s Gate>,
    keep: Keep,
    pub found: Found,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    pub events: usize,
    pub matched: usize,
    /// Events of which nobody can say, by the question they hang on.
    pub uncertain: BTreeMap<Rule, usize>,
    /// In the order of the file.
    pub kept: Vec<String>,
}

impl<'s> Search<'s> {
    /// An event is found when one of the patterns matches. `gate`: of the same patterns.
    pub fn new(set: &'s PatternSet, gate: Option<&'s Gate>, keep: Keep) -> Self {
        // To explain events, they must be read.
        let gate = gate.filter(|_| keep != Keep::Everything);
        Self { matcher: set.matcher(), gate, keep, found: Found::default() }
    }
}

impl Visitor for Search<'_> {
    fn read(&mut self, text: &str, start: usize) -> Result<usize, Malformed> {
        self.matcher.eval_record(text, start)
    }

    fn gate(&self) -> Option<&Gate> {
        self.gate
    }

    fn skipped(&mut self, _: &str) {
        self.found.events += 1;
    }

    fn record(&mut self, text: &str, start: usize, end: usize) {
        let hits = self.matcher.hits();
        let matches = hits.iter().any(|(_, verdict)| *verdict == Verdict::Match);
        self.found.events += 1;
        self.found.matched += usize::from(matches);
        if let Some((_, Verdict::Uncertain(doubt))) = hits.first().filter(|_| !matches) {
            *self.found.uncertain.entry(doubt.rule).or_default() += 1;
        }
        if self.keep == Keep::Everything || (self.keep == Keep::Matches && matches) {
            self.found.kept.push(one_line(&text[start..end]));
        }
    }
}

/// A record on one line: a line break in JSON is never inside a string.
fn one_line(record: &str) -> String {
    if record.contains('\n') { record.lines().map(str::trim).collect::<Vec<_>>().join(" ") } else { record.to_owned() }
}
