//! TA404: a field of the other API Gateway version

use filter_pattern::ast::{Clause, Selector, Step};

use super::context::surrounded;
use super::{Filter, Lint, Reporter, Subject};
use crate::cloudtrail::api_gateway_version;
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA404", severity: Severity::Error, doc: include_str!("api_gateway_version.md"), check };

const SOURCE: &str = "apigateway.amazonaws.com";

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        for one in surrounded(filter) {
            let Some(of_field) = field_version(&one.clause.selector) else { continue };
            let is_gateway = one.sources.as_ref().is_none_or(|sources| *sources == [SOURCE]);
            let names = names(subject, filter, one.clause);
            let other = Some(3 - of_field);
            if is_gateway && !names.is_empty() && names.iter().all(|name| api_gateway_version(name) == other) {
                let names = names.join(", ");
                let message = format!(
                    "{names} is an event of {}, and {} stands in those of {}",
                    called(3 - of_field),
                    one.clause.selector,
                    called(of_field)
                );
                reporter.say(&filter.at(one.clause.span.0.clone()), message, instead(of_field));
            }
        }
    }
}

/// The names of the events that a condition is joined to. A long `match:` is several filters, each with some of its
/// events and all of `where:`, so they are looked at together.
fn names<'a>(subject: &'a Subject<'_>, filter: &Filter<'_>, clause: &Clause) -> Vec<&'a str> {
    let is_part = |other: &&Filter<'_>| std::ptr::eq(other.unit, filter.unit) && other.built.path == filter.built.path;
    let text = filter.text(&clause.span.0);
    let parts = subject.filters.iter().filter(is_part);
    let same = parts.flat_map(|part| surrounded(part).into_iter().filter(move |one| part.text(&one.clause.span.0) == text));
    same.flat_map(|one| one.names.unwrap_or_default()).collect()
}

fn called(version: u8) -> &'static str {
    if version == 1 { "REST APIs (v1)" } else { "HTTP and WebSocket APIs (v2)" }
}

fn instead(of_field: u8) -> &'static str {
    if of_field == 1 {
        "in v2 the parameters stand directly under `$.requestParameters`: `apiId`, `integrationUri`, `routeKey`"
    } else {
        "in v1 the parameters stand in the input of the operation: `$.requestParameters.putIntegrationInput.uri`, and the API is `restApiId`"
    }
}

/// The version whose events have the field.
fn field_version(selector: &Selector) -> Option<u8> {
    let [Step::Name(first), Step::Name(field), ..] = selector.steps.as_slice() else { return None };
    if first != "requestParameters" {
        return None;
    }
    match field.as_str() {
        "restApiId" | "resourceId" => Some(1),
        input if input.ends_with("Input") => Some(1),
        "apiId" | "integrationUri" | "routeKey" | "integrationId" | "integrationType" | "protocolType" | "routeId" | "target" => Some(2),
        _ => None,
    }
}
