//! TA406: a property that CloudTrail spells otherwise

use filter_pattern::ast::{Selector, Step};

use super::{Lint, Reporter, Subject};
use crate::cloudtrail::properties::TOP;
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA406", severity: Severity::Error, doc: include_str!("property_name.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        for clause in filter.pattern.clauses() {
            if let Some(right) = respelled(&clause.selector) {
                let message = format!("CloudTrail writes no {}", clause.selector);
                reporter.say(&filter.at(clause.span.0.clone()), message, format!("write `{right}`"));
            }
        }
    }
}

/// The selector as it is meant: another case, or without the envelope that EventBridge puts around events.
fn respelled(selector: &Selector) -> Option<Selector> {
    let (first, rest) = selector.steps.split_first()?;
    let Step::Name(name) = first else { return None };
    if name == "detail" {
        let Some(Step::Name(inner)) = rest.first() else { return None };
        return TOP.contains(&inner.as_str()).then(|| Selector { steps: rest.to_vec() });
    }
    let right = TOP.iter().find(|known| known.eq_ignore_ascii_case(name)).filter(|known| *known != name)?;
    let steps = std::iter::once(Step::Name((*right).to_owned())).chain(rest.iter().cloned());
    Some(Selector { steps: steps.collect() })
}
