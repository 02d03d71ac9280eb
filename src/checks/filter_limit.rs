//! TA203: a log group holds 100 metric filters, and 5 with regular expressions.
//!
//! Cannot be seen: the patterns of foreign filters, so only the stack's own regular expressions count.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Code, Finding};
use crate::kinds::metric_filter::{FILTERS_PER_LOG_GROUP, REGEX_FILTERS_PER_LOG_GROUP};
use crate::state::{Address, Attributes, Desired};

/// Counts the filters that each log group would hold.
pub fn filter_limit(desired: &Desired, foreign: &BTreeSet<Address>) -> Vec<Finding> {
    let mut groups: BTreeMap<&str, Vec<(&Address, &Attributes)>> = BTreeMap::new();
    for (address, attributes) in desired.state.0.iter().filter(|(a, _)| a.kind == "metric_filter") {
        groups.entry(group_of(address)).or_default().push((address, attributes));
    }
    let mut findings = Vec::new();
    for (group, filters) in groups {
        let others =
            foreign.iter().filter(|a| a.kind == "metric_filter" && group_of(a) == group && !desired.state.0.contains_key(a)).count();
        let total = filters.len() + others;
        if total > FILTERS_PER_LOG_GROUP {
            let message = format!("the log group {group} would hold {total} metric filters, AWS allows {FILTERS_PER_LOG_GROUP}");
            let help =
                format!("{} are the stack's, {others} are not: switch detections off, or remove filters that nobody needs", filters.len());
            findings.push(place(desired, filters[filters.len() - 1].0, Finding::error(Code::FilterLimit, message).help(help)));
        }
        let regexes: Vec<_> = filters.iter().filter(|(_, a)| has_regex(a)).collect();
        if regexes.len() > REGEX_FILTERS_PER_LOG_GROUP {
            let message = format!(
                "the log group {group} would hold {} filters with regular expressions, AWS allows {REGEX_FILTERS_PER_LOG_GROUP}",
                regexes.len()
            );
            let help = "write some of them with wildcards (`\"Create*\"`) instead";
            findings.push(place(desired, regexes[regexes.len() - 1].0, Finding::error(Code::FilterLimit, message).help(help)));
        }
    }
    findings
}

fn group_of(address: &Address) -> &str {
    address.name.split_once(':').map_or("", |(group, _)| group)
}

fn has_regex(attributes: &Attributes) -> bool {
    let pattern = attributes.get("pattern").and_then(|p| p.as_str()).unwrap_or_default();
    filter_pattern::check(pattern).is_ok_and(|outline| outline.regexes > 0)
}

fn place(desired: &Desired, address: &Address, finding: Finding) -> Finding {
    match desired.notes.get(address) {
        Some(note) => finding.at(&note.span),
        None => finding,
    }
}
