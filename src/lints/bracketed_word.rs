//! TA301: a word in square brackets matches everything

use filter_pattern::ast::{Body, Entry};

use super::{Lint, Reporter, Subject};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA301", severity: Severity::Error, doc: include_str!("bracketed_word.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        let Body::SpaceDelimited(entries) = filter.pattern.body() else { continue };
        let [Entry::Field(field)] = entries.as_slice() else { continue };
        if let Some(name) = field.name.as_ref().filter(|_| field.tests.is_empty()) {
            let message = format!("`[{name}]` is a pattern with one field called {name}, and matches every event");
            reporter.say(&filter.whole(), message, format!("write the term in quotes: '\"[{name}]\"'"));
        }
    }
}
