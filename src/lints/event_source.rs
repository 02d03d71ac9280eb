//! TA403: an event source that does not exist

use filter_pattern::ast::{Operand, Test};

use super::context::SOURCE;
use super::{Lint, Reporter, Subject};
use crate::cloudtrail::{meant, names, sources};
use crate::finding::{Severity, suggest};

pub(super) const LINT: Lint = Lint { code: "TA403", severity: Severity::Warning, doc: include_str!("event_source.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        for clause in filter.pattern.clauses() {
            let (Test::Equals(Operand::Text(glob)) | Test::Differs(Operand::Text(glob))) = &clause.test else { continue };
            let source = &glob.text;
            if clause.selector.to_string() != SOURCE || glob.has_star() || names(source).is_some() {
                continue;
            }
            let at = filter.at(clause.span.0.clone());
            if let Some(meant) = meant(source) {
                let message = format!("no event has the source `{source}`: it is `{meant}`");
                reporter.say_as(Severity::Error, &at, message, format!("write `{meant}`"));
            } else {
                let all: Vec<String> = sources().collect();
                let near = suggest(source, all.iter().map(String::as_str));
                let help = if near.starts_with("did you mean") { near } else { "check it in an event of the service".to_owned() };
                reporter.say(&at, format!("no event source `{source}` is known"), help);
            }
        }
    }
}
