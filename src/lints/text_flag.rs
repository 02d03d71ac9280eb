//! TA312: `IS` on a text of CloudTrail

use filter_pattern::ast::{Literal, Test};

use super::{Lint, Reporter, Subject};
use crate::cloudtrail::properties::{is_text, values};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA312", severity: Severity::Error, doc: include_str!("text_flag.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        for clause in filter.pattern.clauses() {
            let Test::Is(literal) = clause.test else { continue };
            let selector = clause.selector.to_string();
            if !is_text(&selector) {
                continue;
            }
            let (yes, no) = match values(&selector) {
                Some([yes, no]) => (*yes, *no),
                _ => ("true", "false"),
            };
            let help = match literal {
                Literal::True => format!("write `{selector} = \"{yes}\"`"),
                Literal::False => format!("write `{selector} = \"{no}\"`"),
                Literal::Null => format!("CloudTrail leaves it out: write `{selector} NOT EXISTS`"),
            };
            reporter.say(&filter.at(clause.span.0.clone()), format!("{selector} is a text, so this is never true"), help);
        }
    }
}
