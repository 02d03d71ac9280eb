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
            if !source.contains('.') {
                let help = match meant(source) {
                    Some(full) => format!("write `{full}`"),
                    None => "a source reads like `iam.amazonaws.com`; was it meant for `$.eventName`?".to_owned(),
                };
                reporter.say_as(Severity::Error, &at, format!("`{source}` cannot be the source of an event"), help);
                continue;
            }
            if let Some(meant) = meant(source) {
                let message = format!("no event has the source `{source}`: it is `{meant}`");
                reporter.say_as(Severity::Error, &at, message, format!("write `{meant}`"));
            } else {
                let all: Vec<String> = sources().collect();
                let near = nearest(source, &all);
                reporter.say(&at, format!("no event source `{source}` is known"), near);
            }
        }
    }
}

/// Compared by what stands before the common ending, or everything short would be near.
fn nearest(source: &str, all: &[String]) -> String {
    const ENDING: &str = ".amazonaws.com";
    let Some(short) = source.strip_suffix(ENDING) else { return format!("sources end with `{ENDING}`") };
    let near = suggest(short, all.iter().filter_map(|known| known.strip_suffix(ENDING)));
    match near.strip_prefix("did you mean `").filter(|_| short.len() > 3) {
        Some(rest) => format!("did you mean `{}{ENDING}`?", rest.trim_end_matches("`?")),
        None => "check it in an event of the service".to_owned(),
    }
}
