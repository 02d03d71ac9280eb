//! TA401: CloudTrail writes no such event

use filter_pattern::ast::Clause;

use super::context::{NAME, surrounded};
use super::{Filter, Lint, Reporter, Subject};
use crate::cloudtrail::{is_dated, names, sources, sources_of};
use crate::finding::{Severity, near};

pub(super) const LINT: Lint = Lint { code: "TA401", severity: Severity::Error, doc: include_str!("event_name.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        for one in surrounded(filter) {
            let Some(name) = one.clause.equals_text(NAME).filter(|name| !name.trim_end_matches('*').contains('*')) else { continue };
            match &one.sources {
                None if sources_of(name).is_empty() && !name.ends_with('*') => anywhere(filter, one.clause, name, reporter),
                None => {}
                Some(sources) => in_sources(filter, one.clause, name, sources, reporter),
            }
        }
    }
}

fn fits(known: &str, name: &str) -> bool {
    name.strip_suffix('*').map_or(known == name, |start| known.starts_with(start))
}

fn in_sources(filter: &Filter<'_>, clause: &Clause, name: &str, sources: &[&str], reporter: &mut Reporter<'_>) {
    let Some(known) = sources.iter().map(|source| names(source)).collect::<Option<Vec<_>>>() else { return };
    let known = known.concat();
    if known.iter().any(|known| fits(known, name)) {
        return;
    }
    let at = filter.at(clause.span.0.clone());
    let source = sources.join(" or ");
    // The name of the operation with the date of its API behind it.
    let dated: Vec<&str> = known.iter().copied().filter(|known| is_dated(known, name)).collect();
    if let Some(first) = dated.last() {
        let message = format!(
            "{source} writes no event `{name}`: it is called {}",
            dated.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ")
        );
        return reporter.say(&at, message, format!("write `{first}`, or `{name}2*` for all of them"));
    }
    let is_complete = ["lambda.amazonaws.com", "apigateway.amazonaws.com"].contains(&source.as_str());
    let severity = if is_complete { Severity::Error } else { Severity::Warning };
    if let Some(right) = known.iter().find(|known| known.eq_ignore_ascii_case(name)) {
        return reporter.say(&at, format!("{source} writes no event `{name}`: case matters"), format!("write `{right}`"));
    }
    let elsewhere = sources_of(name);
    let help = if let Some(near) = near(name, known.iter().copied()) {
        near
    } else if elsewhere.is_empty() {
        "check the spelling in the service's API reference".to_owned()
    } else {
        format!("{} writes it", elsewhere.into_iter().take(5).collect::<Vec<_>>().join(" or "))
    };
    reporter.say_as(severity, &at, format!("no event `{name}` of {source} is known"), help);
}

fn anywhere(filter: &Filter<'_>, clause: &Clause, name: &str, reporter: &mut Reporter<'_>) {
    let help = match dated(name).first() {
        Some((source, dated)) => format!("{source} writes `{dated}`"),
        None => "check the spelling, and join it with its source: `($.eventSource = \"…\") && …`".to_owned(),
    };
    reporter.say_as(Severity::Warning, &filter.at(clause.span.0.clone()), format!("no event `{name}` of any source is known"), help);
}

/// Sources that write the name with the date of their API behind it.
pub(super) fn dated(name: &str) -> Vec<(String, &'static str)> {
    let of_source = |source: String| {
        let found = names(&source)?.iter().copied().find(|known| is_dated(known, name))?;
        Some((source, found))
    };
    sources().filter_map(of_source).collect()
}
