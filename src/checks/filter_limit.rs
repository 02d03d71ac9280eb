//! TA203: a log group holds 100 metric filters, and 5 with regular expressions.
//!
//! Cannot be seen: the patterns of foreign filters, so only the stack's own regular expressions count.

use std::collections::{BTreeMap, BTreeSet};

use filter_pattern::Pattern;

use crate::finding::{Code, Finding};
use crate::kinds::metric_filter::{FILTERS_PER_LOG_GROUP, REGEX_FILTERS_PER_LOG_GROUP};
use crate::state::{Address, Attributes, Desired, text};

/// Counts the filters that each log group would hold at most: `leaving` go only after the others have come.
pub fn filter_limit(desired: &Desired, foreign: &BTreeSet<Address>, leaving: &[Address]) -> Vec<Finding> {
    let mut groups: BTreeMap<&str, Vec<(&Address, &Attributes)>> = BTreeMap::new();
    for (address, attributes) in desired.state.of_kind("metric_filter") {
        groups.entry(group_of(address)).or_default().push((address, attributes));
    }
    let mut findings = Vec::new();
    for (group, filters) in groups {
        let at = desired.notes.get(filters[filters.len() - 1].0).map(|n| &n.span);
        let here = |a: &&Address| a.kind == "metric_filter" && group_of(a) == group && !desired.state.0.contains_key(*a);
        let (others, old) = (foreign.iter().filter(here).count(), leaving.iter().filter(here).count());
        let total = filters.len() + others;
        if total > FILTERS_PER_LOG_GROUP {
            let message = format!("the log group {group} would hold {total} metric filters, AWS allows {FILTERS_PER_LOG_GROUP}");
            let help =
                format!("{} are the stack's, {others} are not: switch detections off, or remove filters that nobody needs", filters.len());
            findings.push(Finding::error(Code::FilterLimit, message).maybe_at(at).help(help));
        } else if total + old > FILTERS_PER_LOG_GROUP {
            let message = format!(
                "the log group {group} would hold {} metric filters until {old} old ones are deleted, AWS allows {FILTERS_PER_LOG_GROUP}",
                total + old
            );
            let help = "new filters are made before old ones go, so that nothing is unwatched: do it in two steps, with `--only`";
            findings.push(Finding::error(Code::FilterLimit, message).maybe_at(at).help(help));
        }
        let regexes = filters.iter().filter(|(_, a)| has_regex(a)).count();
        if regexes > REGEX_FILTERS_PER_LOG_GROUP {
            let message = format!(
                "the log group {group} would hold {regexes} filters with regular expressions, AWS allows {REGEX_FILTERS_PER_LOG_GROUP}"
            );
            let help = "write some of them with wildcards (`\"Create*\"`) instead";
            findings.push(Finding::error(Code::FilterLimit, message).maybe_at(at).help(help));
        }
    }
    findings
}

fn group_of(address: &Address) -> &str {
    address.name.split_once(':').map_or("", |(group, _)| group)
}

fn has_regex(attributes: &Attributes) -> bool {
    Pattern::parse(text(attributes, "pattern")).is_ok_and(|pattern| pattern.regexes() > 0)
}
