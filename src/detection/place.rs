//! A part of a deployed pattern → the place in the file where it is written.

use std::ops::Range;

use filter_pattern::prepare;

use super::{BuiltFilter, Unit};
use crate::yaml::{Node, Span, Value};

impl Unit {
    /// The place of a part of a filter's pattern; `None`: it is written nowhere, since it was made from
    /// `match:` or `except:`.
    pub fn place(&self, built: &BuiltFilter, part: Range<usize>) -> Option<Span> {
        let (tree, text) = (&self.ready.tree, &built.filter.pattern);
        let path = format!("{}.pattern", built.path);
        if let Some(span) = tree.inside(&path, text, part.clone()) {
            return Some(span);
        }
        let wanted = text.get(part)?;
        [path, format!("{}.match.where", built.path)].iter().find_map(|path| {
            let written = prepare(scalar(tree.find(path)?)?);
            let start = written.find(wanted)?;
            tree.inside(path, &written, start..start + wanted.len())
        })
    }

    /// The same, or the nearest that there is: an event or source of `match:`, or the section.
    pub fn nearest_place(&self, built: &BuiltFilter, part: Range<usize>) -> Span {
        let tree = &self.ready.tree;
        let wanted = built.filter.pattern.get(part.clone()).unwrap_or_default();
        let named =
            |path: &str| scalar(tree.find(path)?).filter(|name| wanted.ends_with(&format!("\"{name}\""))).map(|_| tree.locate(path));
        let events = tree.find(&format!("{}.match.events", built.path)).map(|node| &node.value);
        let count = if let Some(Value::List(items)) = events { items.len() } else { 0 };
        let event = || (0..count).find_map(|i| named(&format!("{}.match.events.{i}", built.path)));
        let source = || named(&format!("{}.match.source", built.path));
        self.place(built, part).or_else(event).or_else(source).unwrap_or_else(|| tree.locate(&built.path))
    }
}

fn scalar(node: &Node) -> Option<&str> {
    if let Value::Scalar { text, .. } = &node.value { Some(text) } else { None }
}
