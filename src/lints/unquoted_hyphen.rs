//! TA314: an unquoted value with a hyphen

use filter_pattern::ast::{Operand, Test};

use super::{Lint, Reporter, Subject};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA314", severity: Severity::Warning, doc: include_str!("unquoted_hyphen.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        for clause in filter.pattern.clauses() {
            let (Test::Equals(Operand::Text(glob)) | Test::Differs(Operand::Text(glob))) = &clause.test else { continue };
            if glob.text.contains('-') && !filter.text(&clause.operand.0).starts_with('"') {
                let message = "AWS documents unquoted values of letters, digits and `_` only";
                reporter.say(&filter.at(clause.operand.0.clone()), message, format!("put it in quotes: \"{}\"", glob.text));
            }
        }
    }
}
