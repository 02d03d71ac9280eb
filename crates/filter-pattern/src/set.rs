//! Many patterns at once. One pass over an event finds all values that any JSON pattern names, and
//! only those are asked that can match by the event's name (or whatever most of them demand). Another
//! pass finds all terms. Regular expressions and space-delimited patterns are evaluated one by one.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::ast::{Body, Operand, Selector, Step, Test};
use crate::glob::Glob;
use crate::json::program::{Condition, Event, is_whole};
use crate::json::scan::{Kind, Malformed};
use crate::json::slots::Selectors;
use crate::json::value::Value;
use crate::pattern::Pattern;
use crate::terms::TermSet;
use crate::verdict::Verdict;

/// Patterns, compiled together.
#[derive(Debug, Clone, Default)]
pub struct PatternSet {
    patterns: Vec<Pattern>,
    selectors: Selectors,
    /// JSON patterns: index and condition.
    conditions: Vec<(usize, Condition)>,
    index: Index,
    /// Slots of the properties that are kept besides.
    kept: Vec<usize>,
    terms: TermSet,
    /// Indices of patterns that are evaluated by themselves: regular expressions, space-delimited ones,
    /// and those that AWS may refuse, which always have something to say.
    alone: Vec<usize>,
}

/// Which conditions to ask, by the text of one property. Indices are those of `conditions`.
#[derive(Debug, Clone, Default)]
struct Index {
    slot: Option<usize>,
    by_text: BTreeMap<String, Vec<usize>>,
    /// Those that demand a text with a `*`.
    by_glob: Vec<(Glob, usize)>,
    always: Vec<usize>,
}

/// For each slot a condition demands a text of: the texts, with stars as they are written.
type Demands = BTreeMap<usize, BTreeSet<String>>;

impl PatternSet {
    /// Compiles patterns; verdicts name them by their index.
    pub fn new(patterns: impl IntoIterator<Item = Pattern>) -> Self {
        Self::keeping(patterns, &[])
    }

    /// Compiles patterns. The texts of these properties of an event (`eventTime`, `userIdentity.arn`) are found in the same pass.
    pub fn keeping(patterns: impl IntoIterator<Item = Pattern>, properties: &[&str]) -> Self {
        let patterns: Vec<Pattern> = patterns.into_iter().collect();
        let mut selectors = Selectors::default();
        let property = |path: &&str| Selector { steps: path.split('.').map(|name| Step::Name(name.to_owned())).collect() };
        let kept = properties.iter().map(property).map(|selector| selectors.add(&selector)).collect();
        let (mut conditions, mut terms, mut alone) = (Vec::new(), TermSet::default(), Vec::new());
        for (i, pattern) in patterns.iter().enumerate() {
            match pattern.body() {
                Body::Json(expr) if pattern.doubt().is_none() => conditions.push((i, Condition::compile(expr, &mut selectors))),
                _ if terms.add(i, pattern) => {}
                _ => alone.push(i),
            }
        }
        terms.compile();
        let index = Index::new(&conditions);
        Self { patterns, selectors, conditions, index, kept, terms, alone }
    }

    /// How many patterns it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.patterns.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// The patterns, in the order of their indices.
    #[must_use]
    pub fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// The texts of which a property of the root has one in each event that any pattern matches, so that others need not be
    /// looked at. `None`: some pattern does not say.
    #[must_use]
    pub fn demanded(&self, property: &str) -> Option<BTreeSet<String>> {
        let slot = self.selectors.slot(&Selector { steps: vec![Step::Name(property.to_owned())] });
        let only_json = self.conditions.len() == self.patterns.len();
        let mut all = BTreeSet::new();
        for (_, condition) in self.conditions.iter().filter(|_| only_json) {
            all.extend(demands(condition).remove(&slot?)?);
        }
        let is_exact = all.iter().all(|text| !text.contains('*'));
        (only_json && is_exact).then_some(all)
    }

    /// What evaluates events; keep one per thread, for its memory.
    #[must_use]
    pub fn matcher(&self) -> Matcher<'_> {
        Matcher { set: self, event: Event::default(), hits: Vec::new(), known: BTreeMap::new() }
    }
}

impl Index {
    /// Takes the property that most conditions demand a text of, and of those the one with the most texts.
    fn new(conditions: &[(usize, Condition)]) -> Self {
        let demands: Vec<Demands> = conditions.iter().map(|(_, condition)| demands(condition)).collect();
        let mut weight: BTreeMap<usize, (usize, BTreeSet<&str>)> = BTreeMap::new();
        for (slot, texts) in demands.iter().flatten() {
            let (count, known) = weight.entry(*slot).or_default();
            *count += 1;
            known.extend(texts.iter().map(String::as_str));
        }
        let best = weight.iter().max_by_key(|(_, (count, texts))| (*count, texts.len())).map(|(slot, _)| *slot);
        let mut index = Self { slot: best, ..Self::default() };
        for (i, demands) in demands.iter().enumerate() {
            match best.and_then(|slot| demands.get(&slot)) {
                Some(texts) => {
                    for glob in texts.iter().map(|text| Glob { text: text.clone() }) {
                        if glob.has_star() {
                            index.by_glob.push((glob, i));
                        } else {
                            index.by_text.entry(glob.text).or_default().push(i);
                        }
                    }
                }
                None => index.always.push(i),
            }
        }
        index
    }
}

impl Index {
    /// The conditions that demand a text, or one with a star that it may fit.
    fn demanding(&self, text: &str) -> Vec<usize> {
        let by_glob = self.by_glob.iter().filter(|(glob, _)| glob.may_match(text)).map(|(_, i)| *i);
        let mut conditions: Vec<usize> = self.by_text.get(text).into_iter().flatten().copied().chain(by_glob).collect();
        conditions.sort_unstable();
        conditions.dedup();
        conditions
    }
}

/// The texts without which a condition is false, under every reading.
fn demands(condition: &Condition) -> Demands {
    match condition {
        Condition::Test { slot, wildcard: false, test: Test::Equals(Operand::Text(glob)) } if !glob.is_stars() => {
            Demands::from([(*slot, BTreeSet::from([glob.text.clone()]))])
        }
        Condition::Test { .. } => Demands::new(),
        Condition::All(items) => {
            let mut all = Demands::new();
            for (slot, texts) in items.iter().flat_map(demands) {
                let known = all.entry(slot).or_insert_with(|| texts.clone());
                if texts.len() < known.len() {
                    *known = texts;
                }
            }
            all
        }
        Condition::Any(items) => {
            let mut each = items.iter().map(demands);
            let mut any = each.next().unwrap_or_default();
            for other in each {
                any.retain(|slot, texts| other.get(slot).map(|more| texts.extend(more.iter().cloned())).is_some());
            }
            any
        }
    }
}

/// See [`Matcher::indexed`].
enum Indexed<'t> {
    None,
    /// Those that demand this text.
    Text(Cow<'t, str>),
    All,
}

/// Evaluates events against a [`PatternSet`].
#[derive(Debug)]
pub struct Matcher<'s> {
    set: &'s PatternSet,
    event: Event,
    hits: Vec<(usize, Verdict)>,
    /// Texts of the indexed property, and the conditions that demand them.
    known: BTreeMap<String, Vec<usize>>,
}

/// Texts that are remembered: CloudTrail has fewer names of events.
const MOST_KNOWN: usize = 8_192;

impl<'s> Matcher<'s> {
    /// The patterns that match or may match a message, by index, in no particular order.
    pub fn eval(&mut self, message: &str) -> &[(usize, Verdict)] {
        self.hits.clear();
        let is_json =
            !self.set.conditions.is_empty() && self.event.read(&self.set.selectors, message, 0).is_ok_and(|end| is_whole(message, end));
        if is_json {
            self.ask_conditions(message);
        }
        self.ask_text(message);
        &self.hits
    }

    /// Evaluates the JSON value that begins at byte `start` of a longer text, and returns where it
    /// ends: this is how records are read out of a file without looking for their ends first. The
    /// verdicts are in [`Matcher::hits`].
    ///
    /// # Errors
    /// The value is malformed.
    pub fn eval_record(&mut self, text: &str, start: usize) -> Result<usize, Malformed> {
        self.hits.clear();
        let end = self.event.read(&self.set.selectors, text, start)?;
        self.ask_conditions(text);
        self.ask_text(&text[start..end]);
        Ok(end)
    }

    /// The verdicts of the last message that are not `NoMatch`.
    #[must_use]
    pub fn hits(&self) -> &[(usize, Verdict)] {
        &self.hits
    }

    /// The text of a property that [`PatternSet::keeping`] named, by its index, in the record that was read last out of `text`;
    /// `None`: it is missing, or no text.
    #[must_use]
    pub fn property<'t>(&self, index: usize, text: &'t str) -> Option<Cow<'t, str>> {
        let slot = *self.set.kept.get(index)?;
        match self.event.found().values[slot].first()?.value(text) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    fn ask_conditions(&mut self, message: &str) {
        let set = self.set;
        if !matches!(self.event.found().root, Some(Kind::Object | Kind::Array)) {
            return;
        }
        set.index.always.iter().for_each(|i| self.ask(*i, message));
        match self.indexed(message) {
            Indexed::None => {}
            Indexed::Text(text) => {
                if !self.known.contains_key(&*text) {
                    // A property with ever new texts is not worth remembering.
                    if self.known.len() >= MOST_KNOWN {
                        self.known.clear();
                    }
                    self.known.insert(text.clone().into_owned(), set.index.demanding(&text));
                }
                let known = std::mem::take(&mut self.known);
                known.get(&*text).into_iter().flatten().for_each(|i| self.ask(*i, message));
                self.known = known;
            }
            Indexed::All => (0..set.conditions.len()).filter(|i| !set.index.always.contains(i)).for_each(|i| self.ask(i, message)),
        }
    }

    /// Which conditions to ask beyond those that are always asked.
    fn indexed<'t>(&self, message: &'t str) -> Indexed<'t> {
        let slot = self.set.index.slot.filter(|_| !self.event.has_duplicates() && self.event.found().root == Some(Kind::Object));
        let Some(slot) = slot else { return Indexed::All };
        match self.event.found().values[slot].first().map(|raw| raw.value(message)) {
            None | Some(Value::Object | Value::Array(_)) => Indexed::None,
            Some(Value::Text(text)) => Indexed::Text(text),
            // It is no plain text, and what it compares with has several readings.
            Some(Value::Number(_) | Value::Bool(_) | Value::Null) => Indexed::All,
        }
    }

    fn ask(&mut self, condition: usize, message: &str) {
        let (pattern, condition) = &self.set.conditions[condition];
        match self.event.eval(condition, message) {
            Verdict::NoMatch => {}
            verdict => self.hits.push((*pattern, verdict)),
        }
    }

    /// The patterns that look at the text.
    fn ask_text(&mut self, message: &str) {
        let (set, hits) = (self.set, &mut self.hits);
        set.terms.matching(message, |pattern| hits.push((pattern, Verdict::Match)));
        for pattern in &self.set.alone {
            match self.set.patterns[*pattern].eval(message) {
                Verdict::NoMatch => {}
                verdict => self.hits.push((*pattern, verdict)),
            }
        }
    }
}
