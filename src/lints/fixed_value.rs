//! TA405: a value that CloudTrail never writes there

use filter_pattern::ast::{Operand, Test};

use super::{Lint, Reporter, Subject};
use crate::cloudtrail::properties::{is_address, values};
use crate::finding::{Severity, suggest};

pub(super) const LINT: Lint = Lint { code: "TA405", severity: Severity::Error, doc: include_str!("fixed_value.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        for clause in filter.pattern.clauses() {
            let (Test::Equals(Operand::Text(glob)) | Test::Differs(Operand::Text(glob))) = &clause.test else { continue };
            let selector = clause.selector.to_string();
            let at = filter.at(clause.span.0.clone());
            if let Some(known) = values(&selector).filter(|known| !glob.has_star() && !known.contains(&glob.text.as_str())) {
                let message = format!("{selector} is never `{}`", glob.text);
                let same = known.iter().find(|value| value.eq_ignore_ascii_case(&glob.text));
                let help =
                    same.map_or_else(|| suggest(&glob.text, known.iter().copied()), |value| format!("write `{value}`: case matters"));
                reporter.say_as(if same.is_some() { Severity::Error } else { Severity::Warning }, &at, message, help);
            }
            if is_address(&selector) && is_range(&glob.text) {
                let help = "use a wildcard, `\"10.0.*\"`, or a regular expression, `%^10\\.0\\.%`";
                reporter.say(&at, format!("an address is never `{}`: filter patterns know no ranges of addresses", glob.text), help);
            }
        }
    }
}

/// `10.0.0.0/8`, `2001:db8::/32`
fn is_range(text: &str) -> bool {
    text.split_once('/').is_some_and(|(address, bits)| {
        address.parse::<std::net::IpAddr>().is_ok() && !bits.is_empty() && bits.chars().all(|c| c.is_ascii_digit())
    })
}
