//! TA302: `?` terms beside others are ignored

use filter_pattern::ast::{Body, Sign};

use super::{Lint, Reporter, Subject};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA302", severity: Severity::Error, doc: include_str!("ignored_terms.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        let Body::Terms(terms) = filter.pattern.body() else { continue };
        let optional = terms.iter().find(|term| term.sign == Sign::Optional);
        if let Some(term) = optional.filter(|_| terms.iter().any(|term| term.sign != Sign::Optional)) {
            let message = "`?` terms are ignored as soon as there is a term without `?`";
            reporter.say(&filter.at(term.span.0.clone()), message, "remove them, or write several filters that feed one metric");
        }
    }
}
