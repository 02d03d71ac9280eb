//! TA402: an event name without its source

use super::context::{NAME, surrounded};
use super::event_name::dated;
use super::{Lint, Reporter, Subject};
use crate::cloudtrail::sources_of;
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA402", severity: Severity::Warning, doc: include_str!("shared_name.md"), check };

/// Sources that are named in the message.
const SHOWN: usize = 4;

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        for one in surrounded(filter).into_iter().filter(|one| one.sources.is_none()) {
            let Some(name) = one.clause.equals_text(NAME) else { continue };
            let sources = sources_of(name);
            if sources.len() > 1 {
                let more = if sources.len() > SHOWN { format!(" and {} more", sources.len() - SHOWN) } else { String::new() };
                let shown = sources.into_iter().take(SHOWN).collect::<Vec<_>>().join(", ");
                let message = format!("`{name}` is written by several sources: {shown}{more}");
                let other = dated(name).first().map(|(source, dated)| format!(" ({source} writes `{dated}`)")).unwrap_or_default();
                let help = format!("add the source that is meant: `($.eventSource = \"…\") && …`{other}");
                reporter.say(&filter.at(one.clause.span.0.clone()), message, help);
            }
        }
    }
}
