//! TA602: no test misses a clause of the pattern; `trailarm test --mutations` looks for it, since it needs the tests

use super::Lint;
use crate::finding::Severity;

/// Looks at nothing by itself: the suite finds what it says.
pub(crate) const LINT: Lint = Lint { code: "TA602", severity: Severity::Error, doc: include_str!("untested_clause.md"), check: |_, _| {} };
