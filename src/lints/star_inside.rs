//! TA303: a `*` inside a value

use filter_pattern::ast::{Body, Entry, Operand, Test};

use super::{Filter, Lint, Reporter, Subject};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA303", severity: Severity::Warning, doc: include_str!("star_inside.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        for clause in filter.pattern.clauses() {
            if has_inner_star(&clause.test) {
                say(filter, clause.operand.0.clone(), reporter);
            }
        }
        let Body::SpaceDelimited(entries) = filter.pattern.body() else { continue };
        for entry in entries {
            let Entry::Field(field) = entry else { continue };
            if field.tests.iter().flatten().any(has_inner_star) {
                say(filter, field.span.0.clone(), reporter);
            }
        }
    }
}

fn has_inner_star(test: &Test) -> bool {
    matches!(test, Test::Equals(Operand::Text(glob)) | Test::Differs(Operand::Text(glob)) if glob.has_inner_star())
}

fn say(filter: &Filter<'_>, part: std::ops::Range<usize>, reporter: &mut Reporter<'_>) {
    let help = "use a regular expression, `%^a.*b$%`, or two conditions: `\"a*\"` and `\"*b\"`";
    reporter.say(&filter.at(part), "AWS's pages and behaviour differ on a `*` inside a value", help);
}
