//! What is wrong with a section, told by its path; the tree of the file turns the path into a place.

use crate::finding::{Code, Finding};
use crate::yaml::Node;

/// A finding whose place is a path such as `alarm.threshold`.
#[derive(Debug, Clone)]
struct Problem {
    path: String,
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
        self.found.push(Problem { path, finding: Finding::error(code, message).help(help) });
    }

    /// A combination of keys that AWS refuses.
    pub fn combination(&mut self, path: &str, message: impl Into<String>, help: impl Into<String>) {
        self.push(path, Code::Combination, message, help);
    }

    /// The findings, placed in the file they are about.
    pub fn placed_in(self, tree: &Node) -> impl Iterator<Item = Finding> {
        self.found.into_iter().map(move |p| p.finding.at(&tree.locate(&p.path)))
    }
}
