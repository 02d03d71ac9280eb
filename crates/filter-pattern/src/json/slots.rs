//! Selectors, joined in one tree of names, and the values they find in one pass over an event.

use std::collections::BTreeSet;

use super::scan::{Kind, Malformed, Scanner};
use super::value::{Raw, unescape};
use crate::ast::{Selector, Step};

/// Distinct selectors, in one tree. A selector's index is its slot.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selectors {
    known: Vec<Selector>,
    nodes: Vec<Node>,
}

/// A place that selectors lead through or to.
#[derive(Debug, Clone, Default)]
struct Node {
    slot: Option<usize>,
    /// Slots of this node and of all below it.
    reached: Vec<usize>,
    names: Vec<(String, usize)>,
    /// Indices of `names`, by length: most names of an event are told apart by it.
    by_length: Vec<Vec<usize>>,
    any_name: Option<usize>,
    elements: Vec<(u32, usize)>,
    any_element: Option<usize>,
}

/// What one pass over an event found. Kept between events for its memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    /// By slot.
    pub(crate) values: Vec<Vec<Raw>>,
    /// By slot: how many ways a wildcard opened, whether or not they led to a value.
    pub(crate) branches: Vec<usize>,
    /// By slot: an index was asked of something that is no array.
    pub(crate) no_array: Vec<bool>,
    /// A property that a selector names stands twice in one object.
    pub(crate) duplicates: bool,
    pub(crate) root: Option<Kind>,
}

/// Which of two properties with one name counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Duplicates {
    FirstCounts,
    LastCounts,
}

impl Selectors {
    /// The slot of a selector that was added.
    pub(crate) fn slot(&self, selector: &Selector) -> Option<usize> {
        self.known.iter().position(|known| known == selector)
    }

    /// The slot of a selector, new or known.
    pub(crate) fn add(&mut self, selector: &Selector) -> usize {
        if let Some(slot) = self.slot(selector) {
            return slot;
        }
        let slot = self.known.len();
        self.known.push(selector.clone());
        if self.nodes.is_empty() {
            self.nodes.push(Node::default());
        }
        let mut here = 0;
        self.nodes[0].reached.push(slot);
        for step in &selector.steps {
            here = self.child(here, step);
            self.nodes[here].reached.push(slot);
        }
        self.nodes[here].slot = Some(slot);
        slot
    }

    fn child(&mut self, parent: usize, step: &Step) -> usize {
        let node = &self.nodes[parent];
        let known = match step {
            Step::Name(name) => node.names.iter().find(|(known, _)| known == name).map(|(_, child)| *child),
            Step::AnyName => node.any_name,
            Step::Index(index) => node.elements.iter().find(|(known, _)| known == index).map(|(_, child)| *child),
            Step::AnyIndex => node.any_element,
        };
        if let Some(child) = known {
            return child;
        }
        let child = self.nodes.len();
        self.nodes.push(Node::default());
        let node = &mut self.nodes[parent];
        match step {
            Step::Name(name) => {
                if node.by_length.len() <= name.len() {
                    node.by_length.resize(name.len() + 1, Vec::new());
                }
                node.by_length[name.len()].push(node.names.len());
                node.names.push((name.clone(), child));
            }
            Step::AnyName => node.any_name = Some(child),
            Step::Index(index) => node.elements.push((*index, child)),
            Step::AnyIndex => node.any_element = Some(child),
        }
        child
    }

    /// Reads the JSON value at `start`, and returns where it ends.
    pub(crate) fn read(&self, text: &str, start: usize, duplicates: Duplicates, found: &mut Found) -> Result<usize, Malformed> {
        found.reset(self.known.len());
        let mut reader = Reader { selectors: self, text, scanner: Scanner::new(text, start), found, duplicates };
        reader.scanner.blanks();
        let kind = if self.nodes.is_empty() { reader.scanner.skip()? } else { reader.visit(0)? };
        let end = reader.scanner.at;
        found.root = Some(kind);
        Ok(end)
    }
}

impl Node {
    /// The child of a name as it is written in the event.
    #[inline]
    fn named(&self, name: &str, escaped: bool) -> Option<usize> {
        if escaped {
            let name = unescape(name, true);
            return self.names.iter().position(|(known, _)| *known == name);
        }
        self.by_length.get(name.len())?.iter().copied().find(|i| self.names[*i].0 == name)
    }
}

impl Found {
    /// Forgets the last event.
    pub(crate) fn reset(&mut self, slots: usize) {
        self.values.resize_with(slots, Vec::new);
        self.values.iter_mut().for_each(Vec::clear);
        self.branches.clear();
        self.branches.resize(slots, 0);
        self.no_array.clear();
        self.no_array.resize(slots, false);
        self.duplicates = false;
        self.root = None;
    }
}

struct Reader<'a> {
    selectors: &'a Selectors,
    text: &'a str,
    scanner: Scanner<'a>,
    found: &'a mut Found,
    duplicates: Duplicates,
}

impl<'a> Reader<'a> {
    /// Reads the value here for a node. Recurses along selectors only, so a pattern bounds the depth.
    fn visit(&mut self, node: usize) -> Result<Kind, Malformed> {
        let selectors = self.selectors;
        let node = &selectors.nodes[node];
        let start = self.scanner.at;
        let kind = match self.scanner.peek() {
            Some(b'{') if !node.names.is_empty() || node.any_name.is_some() => {
                self.object(node)?;
                Kind::Object
            }
            Some(b'[') if !node.elements.is_empty() || node.any_element.is_some() => {
                self.array(node)?;
                Kind::Array
            }
            _ => self.scanner.skip()?,
        };
        if !matches!(kind, Kind::Array | Kind::Null) {
            for (_, child) in &node.elements {
                for slot in &selectors.nodes[*child].reached {
                    self.found.no_array[*slot] = true;
                }
            }
        }
        if let Some(slot) = node.slot {
            self.found.values[slot].push(Raw { kind, start, end: self.scanner.at });
        }
        Ok(kind)
    }

    fn object(&mut self, node: &'a Node) -> Result<(), Malformed> {
        // The exact way remembers the members; it is taken where order of duplicates may matter.
        if node.any_name.is_some() || self.duplicates == Duplicates::LastCounts || node.names.len() > 64 {
            return self.object_by_members(node);
        }
        let mut seen = 0_u64;
        self.members(|reader, name, escaped| match node.named(name, escaped) {
            Some(i) if seen & (1 << i) == 0 => {
                seen |= 1 << i;
                reader.visit(node.names[i].1).map(drop)
            }
            Some(_) => {
                reader.found.duplicates = true;
                reader.scanner.skip().map(drop)
            }
            None => reader.scanner.skip().map(drop),
        })
    }

    /// Calls `each` at every value of the object here, to read it or skip it.
    fn members(&mut self, mut each: impl FnMut(&mut Self, &'a str, bool) -> Result<(), Malformed>) -> Result<(), Malformed> {
        let text = self.text;
        self.scanner.at += 1;
        if self.scanner.take(b'}') {
            return Ok(());
        }
        loop {
            self.scanner.blanks();
            let (start, end, escaped) = self.scanner.string()?;
            self.scanner.colon()?;
            each(self, &text[start..end], escaped)?;
            if self.scanner.take(b'}') {
                return Ok(());
            }
            if !self.scanner.take(b',') {
                return self.scanner.malformed("`,` or `}`");
            }
        }
    }

    fn object_by_members(&mut self, node: &'a Node) -> Result<(), Malformed> {
        let mut members = Vec::new();
        self.members(|reader, name, escaped| {
            members.push((unescape(name, escaped), reader.scanner.at));
            reader.scanner.skip().map(drop)
        })?;
        let end = self.scanner.at;
        if self.duplicates == Duplicates::LastCounts {
            members.reverse();
        }
        let mut seen = BTreeSet::new();
        members.retain(|(name, _)| {
            let wanted = node.any_name.is_some() || node.names.iter().any(|(known, _)| known == name);
            let is_new = seen.insert(name.clone());
            self.found.duplicates |= wanted && !is_new;
            is_new
        });
        members.sort_by_key(|(_, at)| *at);
        for (name, at) in &members {
            let named = node.names.iter().find(|(known, _)| known == name).map(|(_, child)| *child);
            if let Some(child) = named {
                self.scanner.at = *at;
                self.visit(child)?;
            }
            if let Some(child) = node.any_name {
                self.scanner.at = *at;
                self.branch(child)?;
            }
        }
        self.scanner.at = end;
        Ok(())
    }

    /// Follows a wildcard.
    fn branch(&mut self, child: usize) -> Result<(), Malformed> {
        for slot in &self.selectors.nodes[child].reached {
            self.found.branches[*slot] += 1;
        }
        self.visit(child).map(drop)
    }

    fn array(&mut self, node: &'a Node) -> Result<(), Malformed> {
        self.scanner.at += 1;
        if self.scanner.take(b']') {
            return Ok(());
        }
        for index in 0_u32.. {
            self.scanner.blanks();
            let start = self.scanner.at;
            let named = node.elements.iter().find(|(known, _)| *known == index).map(|(_, child)| *child);
            match (named, node.any_element) {
                (None, None) => self.scanner.skip().map(drop)?,
                (Some(child), None) => self.visit(child).map(drop)?,
                (None, Some(child)) => self.branch(child)?,
                (Some(child), Some(any)) => {
                    self.visit(child)?;
                    self.scanner.at = start;
                    self.branch(any)?;
                }
            }
            if self.scanner.take(b']') {
                return Ok(());
            }
            if !self.scanner.take(b',') {
                return self.scanner.malformed("`,` or `]`");
            }
        }
        self.scanner.malformed("a shorter array")
    }
}
