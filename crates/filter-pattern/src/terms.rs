//! The terms of many patterns, found in one pass over the text of a message.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;

use crate::ast::{Body, Sign};
use crate::pattern::{Pattern, terms_hold};

/// Term patterns, compiled together.
#[derive(Debug, Clone, Default)]
pub(crate) struct TermSet {
    /// Finds all texts, also where they overlap; `None`: there is none.
    automaton: Option<AhoCorasick>,
    texts: BTreeMap<String, usize>,
    /// Index of the pattern, and of each of its terms the sign and the text.
    patterns: Vec<(usize, Vec<(Sign, usize)>)>,
}

impl TermSet {
    /// Adds a pattern of terms; says whether it is one.
    pub(crate) fn add(&mut self, index: usize, pattern: &Pattern) -> bool {
        let Body::Terms(terms) = pattern.body() else { return false };
        let mut slot = |text: &str| {
            let next = self.texts.len();
            *self.texts.entry(text.to_owned()).or_insert(next)
        };
        let terms = terms.iter().map(|term| (term.sign, slot(&term.text))).collect();
        self.patterns.push((index, terms));
        true
    }

    /// Compiles what was added. A set too large for an automaton stays without one.
    pub(crate) fn compile(&mut self) {
        let mut texts: Vec<(&String, &usize)> = self.texts.iter().collect();
        texts.sort_by_key(|(_, slot)| **slot);
        self.automaton = AhoCorasick::new(texts.iter().map(|(text, _)| text.as_str())).ok().filter(|_| !texts.is_empty());
    }

    /// Calls `each` with the patterns that match.
    pub(crate) fn matching(&self, message: &str, mut each: impl FnMut(usize)) {
        if self.patterns.is_empty() {
            return;
        }
        let mut occurs = vec![false; self.texts.len()];
        match &self.automaton {
            Some(automaton) => automaton.find_overlapping_iter(message).for_each(|found| occurs[found.pattern().as_usize()] = true),
            None => self.texts.iter().for_each(|(text, slot)| occurs[*slot] = message.contains(text.as_str())),
        }
        for (index, terms) in &self.patterns {
            if terms_hold(terms.iter().map(|(sign, slot)| (*sign, occurs[*slot]))) {
                each(*index);
            }
        }
    }
}
