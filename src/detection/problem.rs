//! What is wrong with a section, told by its path; the tree of the file turns the path into a place.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::finding::{Code, Finding};
use crate::yaml::Node;

/// Tags that a resource may have (CloudWatch and SNS TagResource).
const MOST_TAGS: usize = 50;

/// A finding whose place is a path such as `alarm.threshold`.
#[derive(Debug, Clone)]
struct Problem {
    path: String,
    /// A text that stands there, and the part of it that is meant.
    within: Option<(String, Range<usize>)>,
    finding: Finding,
}

/// Collects the problems of one definition.
#[derive(Debug, Default)]
pub struct Problems {
    prefix: String,
    found: Vec<Problem>,
}

impl Problems {
    /// Paths given from now on are below this one.
    pub fn below(&mut self, prefix: impl Into<String>) {
        self.prefix = prefix.into();
    }

    pub fn push(&mut self, path: &str, code: Code, message: impl Into<String>, help: impl Into<String>) {
        let path = if path.is_empty() { self.prefix.clone() } else { format!("{}.{path}", self.prefix) };
        self.found.push(Problem { path, within: None, finding: Finding::error(code, message).help(help) });
    }

    /// As [`Problems::push`], about a part of the text that stands at the path.
    pub fn push_within(
        &mut self,
        path: &str,
        text: &str,
        part: Range<usize>,
        code: Code,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(path, code, message, help);
        if let Some(problem) = self.found.last_mut() {
            problem.within = Some((text.to_owned(), part));
        }
    }

    /// A combination of keys that AWS refuses.
    pub fn combination(&mut self, path: &str, message: impl Into<String>, help: impl Into<String>) {
        self.push(path, Code::Combination, message, help);
    }

    /// Tags that AWS refuses: more than 50, or with its own prefix.
    pub fn tags(&mut self, tags: &BTreeMap<String, String>) {
        if tags.len() > MOST_TAGS {
            let message = format!("{} tags, {MOST_TAGS} are allowed", tags.len());
            self.combination("tags", message, "those of the stack's `defaults.tags` count as well");
        }
        if let Some(key) = tags.keys().find(|key| key.starts_with("aws:")) {
            self.combination("tags", format!("the tag `{key}` starts with `aws:`, which is kept for AWS"), "choose another key");
        }
    }

    /// The findings, placed in the file they are about.
    pub fn placed_in(self, tree: &Node) -> impl Iterator<Item = Finding> {
        self.found.into_iter().map(move |p| {
            let within = p.within.and_then(|(text, part)| tree.inside(&p.path, &text, part));
            p.finding.at(&within.unwrap_or_else(|| tree.locate(&p.path)))
        })
    }
}
