//! The tree of a YAML file. Scalars stay as written; what type they are is asked by the reader.

use std::cell::RefCell;
use std::fmt;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_yaml::{DuplicateKeyPolicy, NonFiniteFloatPolicy, Spanned};

use super::{Source, Span};
use crate::finding::{Code, Finding};

/// A value and where it stands.
#[derive(Debug, Clone)]
pub struct Node {
    pub value: Value,
    pub span: Span,
}

/// What stands there.
#[derive(Debug, Clone)]
pub enum Value {
    Null,
    /// `plain` is false for quoted and block scalars: those are always text.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    /// In the order of the file.
    Map(Vec<(Key, Node)>),
}

/// The key of a map entry and where it stands.
#[derive(Debug, Clone)]
pub struct Key {
    pub text: String,
    pub span: Span,
}

impl Node {
    /// Parses one YAML document.
    ///
    /// # Errors
    /// The file is empty, is not YAML, or has a key twice; all duplicate keys are reported.
    pub fn parse(source: &Arc<Source>) -> Result<Self, Vec<Finding>> {
        // Numbers stay as they are written, so one like `12e4567` (a commit, say) is text and no overflow.
        let options = serde_yaml::options! {
            duplicate_keys: DuplicateKeyPolicy::PassThrough,
            non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
            with_snippet: false,
        };
        let raw: Spanned<Raw> = serde_yaml::from_str_with_options(&source.text, options).map_err(|e| vec![syntax_error(source, &e)])?;
        let duplicates = RefCell::new(Vec::new());
        let node = Builder { source, duplicates: &duplicates }.node(raw);
        let duplicates = duplicates.into_inner();
        if !duplicates.is_empty() {
            return Err(duplicates);
        }
        if matches!(node.value, Value::Null) {
            return Err(vec![empty_file(source)]);
        }
        Ok(node)
    }

    /// The value of a key, if this is a map and has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entry(key).map(|(_, node)| node)
    }

    /// A map entry with its key.
    pub fn entry(&self, key: &str) -> Option<(&Key, &Self)> {
        match &self.value {
            Value::Map(entries) => entries.iter().find(|(k, _)| k.text == key).map(|(k, n)| (k, n)),
            _ => None,
        }
    }

    /// The entries of a map; empty for anything else.
    pub fn entries(&self) -> &[(Key, Self)] {
        match &self.value {
            Value::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The node at a dotted path.
    pub fn find(&self, path: &str) -> Option<&Self> {
        path.split('.').filter(|step| !step.is_empty()).try_fold(self, |here, step| match &here.value {
            Value::List(items) => items.get(step.parse::<usize>().ok()?),
            _ => here.get(step),
        })
    }

    /// The place a dotted path points at (`alarm.period`, `metric_filters.1.pattern`), or the
    /// nearest place on the way there.
    pub fn locate(&self, path: &str) -> Span {
        let mut here = self;
        let mut span = None;
        for step in path.split('.').filter(|s| !s.is_empty()) {
            let next = match &here.value {
                Value::Map(_) => here.entry(step).map(|(key, node)| (key.span.clone(), node)),
                Value::List(items) => step.parse().ok().and_then(|i: usize| items.get(i)).map(|n| (n.first_key(), n)),
                _ => None,
            };
            let Some((key_span, node)) = next else { break };
            span = Some(if matches!(node.value, Value::Map(_) | Value::List(_)) { key_span } else { node.span.clone() });
            here = node;
        }
        span.unwrap_or_else(|| self.first_key())
    }

    /// A map is pointed at by its first key.
    fn first_key(&self) -> Span {
        self.entries().first().map_or(self.span.clone(), |(key, _)| key.span.clone())
    }

    /// Lays `over` upon this node: maps are merged key by key, anything else is replaced.
    pub fn merge(&mut self, over: &Self) {
        let (Value::Map(mine), Value::Map(theirs)) = (&mut self.value, &over.value) else {
            *self = over.clone();
            return;
        };
        for (key, value) in theirs {
            match mine.iter_mut().find(|(k, _)| k.text == key.text) {
                Some((_, old)) => old.merge(value),
                None => mine.push((key.clone(), value.clone())),
            }
        }
    }

    /// Takes an entry out of a map.
    pub fn remove(&mut self, key: &str) -> Option<Self> {
        let Value::Map(entries) = &mut self.value else { return None };
        let at = entries.iter().position(|(k, _)| k.text == key)?;
        Some(entries.remove(at).1)
    }
}

/// The offset of a tab in front of the first other character of a line outside flow and block text.
fn leading_tab(text: &str) -> Option<usize> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
        let tab = line[..indent].find('\t');
        if let Some(tab) = tab.filter(|_| line[indent..].trim_end().ends_with(':') || line[indent..].contains(": ")) {
            return Some(start + tab);
        }
        start += line.len();
    }
    None
}

fn empty_file(source: &Arc<Source>) -> Finding {
    Finding::error(Code::EmptyFile, "the file holds nothing")
        .at(&Span::start_of(source))
        .help("write a definition into it (`trailarm schema` describes both kinds of file), or remove it")
}

fn syntax_error(source: &Arc<Source>, error: &serde_yaml::Error) -> Finding {
    if source.text.lines().all(|l| l.trim().is_empty() || l.trim_start().starts_with('#')) {
        return empty_file(source);
    }
    if let Some(tab) = leading_tab(&source.text) {
        let span = Span { source: Arc::clone(source), range: tab..tab + 1 };
        let finding = Finding::error(Code::NotYaml, "a line is indented with a tab");
        return finding.at(&span).help("indent with blanks: YAML does not take tabs");
    }
    let offset = error.location().map_or(0, |l| byte_offset(&source.text, l.line(), l.column()));
    let message = error.without_snippet().to_string();
    let message = message.split(" at line ").next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let (message, help) = explain(&message);
    let end = source.text[offset..].chars().next().map_or(offset, |c| offset + c.len_utf8());
    Finding::error(Code::NotYaml, message).at(&Span { source: Arc::clone(source), range: offset..end }).help(help)
}

/// The parser's words in ours, where its own are about itself.
fn explain(message: &str) -> (String, &'static str) {
    let known = [
        ("multiple YAML documents", "the file holds more than one YAML document", "one detection a file: split it at `---`"),
        ("budget breached", "the file is larger or deeper than a definition can be", "split it, and use fewer anchors and levels"),
        ("recursion limit", "the file is deeper than a definition can be", "use fewer levels"),
        ("expected string scalar", "a key must be text", "write `key: value`"),
        ("cannot deserialize null into string", "a key must be text", "write `key: value`; in quotes, \"null\" is text"),
    ];
    match known.iter().find(|(part, ..)| message.contains(part)) {
        Some((_, ours, help)) => ((*ours).to_owned(), help),
        None => (
            format!("this is not YAML: {message}"),
            "look at the line and the one above it: a missing quote, bracket or blank after `:` is the usual cause",
        ),
    }
}

/// The byte offset of a line and column (both from 1, the column in characters).
fn byte_offset(text: &str, line: u64, column: u64) -> usize {
    let skip = usize::try_from(line.saturating_sub(1)).unwrap_or(0);
    let start = text.split_inclusive('\n').take(skip).map(str::len).sum::<usize>();
    let rest = text.get(start..).unwrap_or_default();
    let column = usize::try_from(column.saturating_sub(1)).unwrap_or(0);
    let within = rest.char_indices().nth(column).map_or(rest.len(), |(i, _)| i);
    (start + within).min(text.len())
}

/// What `serde_yaml` hands over, before lexemes are taken from the source.
enum Raw {
    Null,
    Text(String),
    /// A plain scalar that YAML resolves to a number or truth value; its text is in the source.
    Plain(String),
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<String>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RawVisitor;
        impl<'de> Visitor<'de> for RawVisitor {
            type Value = Raw;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a YAML value")
            }
            fn visit_unit<E>(self) -> Result<Raw, E> {
                Ok(Raw::Null)
            }
            fn visit_bool<E>(self, v: bool) -> Result<Raw, E> {
                Ok(Raw::Plain(v.to_string()))
            }
            fn visit_i64<E>(self, v: i64) -> Result<Raw, E> {
                Ok(Raw::Plain(v.to_string()))
            }
            fn visit_u64<E>(self, v: u64) -> Result<Raw, E> {
                Ok(Raw::Plain(v.to_string()))
            }
            fn visit_i128<E>(self, v: i128) -> Result<Raw, E> {
                Ok(Raw::Plain(v.to_string()))
            }
            fn visit_u128<E>(self, v: u128) -> Result<Raw, E> {
                Ok(Raw::Plain(v.to_string()))
            }
            fn visit_f64<E>(self, v: f64) -> Result<Raw, E> {
                Ok(Raw::Plain(v.to_string()))
            }
            fn visit_str<E>(self, v: &str) -> Result<Raw, E> {
                Ok(Raw::Text(v.to_owned()))
            }
            fn visit_string<E>(self, v: String) -> Result<Raw, E> {
                Ok(Raw::Text(v))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Raw, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Raw::List(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Raw::Map(entries))
            }
        }
        deserializer.deserialize_any(RawVisitor)
    }
}

/// Turns [`Raw`] into [`Node`]: spans, lexemes, and duplicate keys.
struct Builder<'a> {
    source: &'a Arc<Source>,
    duplicates: &'a RefCell<Vec<Finding>>,
}

impl Builder<'_> {
    fn span(&self, location: serde_yaml::Location) -> Span {
        let text = &self.source.text;
        let span = location.span();
        let start = span
            .byte_offset()
            .and_then(|o| usize::try_from(o).ok())
            .unwrap_or_else(|| byte_offset(text, location.line(), location.column()));
        let start = text.floor_char_boundary(start);
        let length = span.byte_len().and_then(|l| usize::try_from(l).ok()).unwrap_or(0);
        let end = text.floor_char_boundary(start + length);
        Span { source: Arc::clone(self.source), range: start..start + text[start..end].trim_end().len() }
    }

    fn node(&self, raw: Spanned<Raw>) -> Node {
        let span = self.span(raw.defined);
        let written = &self.source.text[span.range.clone()];
        let quoted = written.starts_with(['"', '\'', '|', '>', '!', '&']);
        let value = match raw.value {
            Raw::Null => Value::Null,
            // Text that would be a number if it stood there plainly stands in a block.
            Raw::Text(text) => {
                let block = text.trim_end().parse::<f64>().is_ok() || ["true", "false"].contains(&text.trim_end());
                Value::Scalar { plain: !quoted && !block, text }
            }
            Raw::Plain(text) if quoted || written.is_empty() => Value::Scalar { text, plain: true },
            Raw::Plain(_) => Value::Scalar { text: written.to_owned(), plain: true },
            Raw::List(items) => Value::List(items.into_iter().map(|item| self.node(item)).collect()),
            Raw::Map(entries) => Value::Map(self.entries(entries)),
        };
        Node { value, span }
    }

    fn entries(&self, raw: Vec<(Spanned<String>, Spanned<Raw>)>) -> Vec<(Key, Node)> {
        let mut entries: Vec<(Key, Node)> = Vec::with_capacity(raw.len());
        for (key, value) in raw {
            let key = Key { span: self.span(key.defined), text: key.value };
            if let Some((first, _)) = entries.iter().find(|(k, _)| k.text == key.text) {
                let (line, _) = first.span.line_column();
                self.duplicates.borrow_mut().push(
                    Finding::error(Code::DuplicateKey, format!("the key `{}` stands twice in one map", key.text))
                        .at(&key.span)
                        .help(format!("it stands on line {line} already: remove one of the two")),
                );
            }
            entries.push((key, self.node(value)));
        }
        entries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Node, Vec<Finding>> {
        Node::parse(&Arc::new(Source { name: "x.yaml".to_owned(), text: text.to_owned() }))
    }

    #[test]
    fn scalars_stay_as_they_are_written() {
        for written in ["012345678901", "no", "1.0", "12e4567", ".inf", "0x10", "12:30", "2026-11-25", "é漢 text", "true"] {
            let tree = parse(&format!("key: {written} # comment\n")).unwrap();
            let Some(Value::Scalar { text, plain: true }) = tree.get("key").map(|n| &n.value) else { panic!("{written}") };
            assert_eq!(text, written);
        }
        for quoted in ["\"5\"", "'5'", "|\n  5\n", ">\n  5\n"] {
            let tree = parse(&format!("key: {quoted}\n")).unwrap();
            assert!(matches!(tree.get("key").map(|n| &n.value), Some(Value::Scalar { plain: false, .. })), "{quoted}");
        }
    }

    #[test]
    fn places_are_where_they_are_in_the_file() {
        let tree = parse("\u{feff}é: 漢\nlist:\n  - a: 1\n  - b: &x 2\nalias: *x\n").unwrap();
        for (path, place) in [("é", (1, 5)), ("list", (2, 1)), ("list.1", (4, 5)), ("list.1.b", (4, 11)), ("nothing", (1, 2))] {
            let (line, column) = tree.locate(path).line_column();
            assert_eq!((line, column), place, "{path}");
        }
    }

    #[test]
    fn merging_replaces_lists_and_lays_maps_over_each_other() {
        let mut tree = parse("a: {b: 1, c: [1, 2]}").unwrap();
        tree.merge(&parse("a: {c: [3], d: 4}").unwrap());
        let keys: Vec<&str> = tree.get("a").map(Node::entries).unwrap_or_default().iter().map(|(k, _)| k.text.as_str()).collect();
        assert_eq!(keys, ["b", "c", "d"]);
        assert!(matches!(tree.get("a").and_then(|a| a.get("c")).map(|n| &n.value), Some(Value::List(items)) if items.len() == 1));
    }
}
