//! TA308: AWS may refuse the pattern

use super::{Lint, Reporter, Subject};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA308", severity: Severity::Warning, doc: include_str!("may_be_refused.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        if let Some(rule) = filter.pattern.doubt() {
            let message = format!("AWS does not say whether it takes {}", rule.question());
            reporter.say(&filter.whole(), message, rule.rewrite());
        }
    }
}
