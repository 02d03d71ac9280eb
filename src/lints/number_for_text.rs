//! TA306: an unquoted number against a text of CloudTrail

use filter_pattern::ast::{Operand, Test};

use super::{Lint, Reporter, Subject};
use crate::cloudtrail::properties::is_text;
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA306", severity: Severity::Error, doc: include_str!("number_for_text.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        for clause in filter.pattern.clauses() {
            let selector = clause.selector.to_string();
            let number = match &clause.test {
                Test::Equals(Operand::Number(number)) | Test::Differs(Operand::Number(number)) | Test::Order(_, number) => number,
                _ => continue,
            };
            if is_text(&selector) {
                let help = match clause.test {
                    Test::Order(..) => "texts have no order: use `=` with a wildcard or a regular expression".to_owned(),
                    _ => format!("put it in quotes: \"{}\"", number.lexeme),
                };
                reporter.say(&filter.at(clause.span.0.clone()), format!("{selector} is a text, and {} is a number", number.lexeme), help);
            }
        }
    }
}
