//! A plan → a document, as Terraform's users know it.

use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::audit::change_of_scores;
use super::document::{Block, Document, Piece, Row, Shown, Tone};
use crate::audit::Judgement;
use crate::kinds::Kind;
use crate::plan::{Change, Counts, Field, Plan, fields, meaning};
use crate::read::kind_of;
use crate::state::{Address, Attributes, Resource};

/// Strings longer than this are compared word by word.
const LONG: usize = 40;

/// How much is shown.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// E-mail addresses and URLs of subscriptions in full.
    pub endpoints: bool,
}

/// The whole plan, its last line Terraform's.
///
/// `audited`: what auditors will say before and after.
pub fn plan(plan: &Plan, audited: Option<&(Vec<Judgement>, Vec<Judgement>)>, options: Options) -> Document {
    let mut document = Document::default();
    let scope = &plan.scope;
    document.stack_heading(scope);
    for change in &plan.changes {
        document.blocks.push(block(change, options));
    }
    if !plan.pending.is_empty() {
        let addresses: Vec<String> = plan.pending.iter().map(|a| shown_address(a, options)).collect();
        document.text(Tone::Changed, format!("Waiting for confirmation, so nobody is told there yet: {}", addresses.join(", ")));
        document.text(Tone::Plain, "");
    }
    if let Some((before, after)) = audited {
        document.text(
            Tone::Plain,
            format!(
                "Auditors, of what this stack owns, with a good trail and confirmed subscriptions: {}.",
                change_of_scores(before, after)
            ),
        );
        document.text(Tone::Plain, "");
    }
    document.text(Tone::Strong, summary(plan));
    document
}

/// A property as it is shown: a text without what is nobody's business.
pub(super) fn shown_property(address: &Address, name: &str, value: Value, options: Options) -> Value {
    match value {
        Value::String(text) if !options.endpoints => kind_of(address).shown_value(name, &text).into(),
        other => other,
    }
}

/// Properties of a resource that differ.
pub(super) fn rows_of_fields(address: &Address, fields: &[Field], options: Options) -> Vec<Row> {
    let show = Show { kind: kind_of(address), options };
    fields.iter().map(|field| show.row(&field.name, field.before.clone(), field.after.clone())).collect()
}

/// The properties that a change is about.
pub(super) fn rows_of(change: &Change, options: Options) -> Vec<Row> {
    let show = Show { kind: kind_of(change.address()), options };
    let nothing = Attributes::new();
    let (before, after) = (change.before(), change.after());
    let side = |side: &Option<Resource>| side.as_ref().map_or_else(|| nothing.clone(), |side| side.attributes.clone());
    show.rows(&side(&before), &side(&after))
}

/// `Plan: 1 to add, 0 to change, 0 to destroy.` or `No changes.`
pub fn summary(plan: &Plan) -> String {
    match plan.counts() {
        Counts { add: 0, change: 0, destroy: 0 } => "No changes.".to_owned(),
        Counts { add, change, destroy } => format!("Plan: {add} to add, {change} to change, {destroy} to destroy."),
    }
}

/// The sign of a change, as Terraform draws it.
pub(super) fn sign(change: &Change) -> (&'static str, Tone) {
    match change {
        Change::Create { .. } => ("+", Tone::Added),
        Change::Update { .. } => ("~", Tone::Changed),
        Change::Replace { .. } => ("-/+", Tone::Removed),
        Change::Delete { .. } => ("-", Tone::Removed),
    }
}

/// The address, with what is nobody's business left out.
pub fn shown_address(address: &Address, options: Options) -> String {
    if options.endpoints { address.to_string() } else { format!("{}/{}", address.kind, kind_of(address).shown_name(&address.name)) }
}

fn block(change: &Change, options: Options) -> Block {
    let (sign, tone) = sign(change);
    let note = match change {
        Change::Replace { old, .. } => Some(format!("replaces {old}: one alarm a name, and its kind cannot be changed")),
        Change::Delete { reason, .. } => Some(reason.to_string()),
        _ => None,
    };
    let remarks = meaning(change).map(|meaning| meaning.lines()).unwrap_or_default();
    Block::Change { sign, tone, address: shown_address(change.address(), options), note, rows: rows_of(change, options), remarks }
}

struct Show {
    kind: &'static dyn Kind,
    options: Options,
}

impl Show {
    fn rows(&self, before: &Attributes, after: &Attributes) -> Vec<Row> {
        fields(before, after).into_iter().map(|field| self.row(&field.name, field.before, field.after)).collect()
    }

    fn row(&self, name: &str, before: Option<Value>, after: Option<Value>) -> Row {
        let (sign, value) = match (before, after) {
            (None, Some(after)) => ("+", Shown::One(self.value(name, &after))),
            (Some(before), None) => ("-", Shown::One(self.value(name, &before))),
            (Some(before), Some(after)) => ("~", self.pair(name, &before, &after)),
            (None, None) => ("", Shown::One(String::new())),
        };
        Row { sign, name: name.to_owned(), value }
    }

    fn pair(&self, name: &str, before: &Value, after: &Value) -> Shown {
        match (before, after) {
            (Value::String(b), Value::String(a)) if b.chars().count().max(a.chars().count()) > LONG => words(b, a),
            (Value::Array(b), Value::Array(a)) => Shown::Items(self.items(name, b, a)),
            _ => Shown::Pair(self.value(name, before), self.value(name, after)),
        }
    }

    fn items(&self, name: &str, before: &[Value], after: &[Value]) -> Vec<(&'static str, String)> {
        let gone = before.iter().filter(|v| !after.contains(v)).map(|v| ("-", self.value(name, v)));
        let same = before.iter().filter(|v| after.contains(v)).map(|v| (" ", self.value(name, v)));
        let new = after.iter().filter(|v| !before.contains(v)).map(|v| ("+", self.value(name, v)));
        same.chain(gone).chain(new).collect()
    }

    /// Text in quotes (patterns, which are full of quotes, without), numbers without `.0`.
    fn value(&self, name: &str, value: &Value) -> String {
        match value {
            Value::String(text) => {
                let text = if self.options.endpoints { text.clone() } else { self.kind.shown_value(name, text) };
                if text.contains(['"', '\n']) { text } else { format!("\"{text}\"") }
            }
            Value::Number(number) => number.to_string().trim_end_matches(".0").to_owned(),
            Value::Array(items) => format!("[{}]", items.iter().map(|v| self.value(name, v)).collect::<Vec<_>>().join(", ")),
            other => other.to_string(),
        }
    }
}

fn words(before: &str, after: &str) -> Shown {
    let diff = TextDiff::from_words(before, after);
    let mut pieces: Vec<Piece> = Vec::new();
    for change in diff.iter_all_changes() {
        let tone = match change.tag() {
            ChangeTag::Equal => Tone::Plain,
            ChangeTag::Delete => Tone::Removed,
            ChangeTag::Insert => Tone::Added,
        };
        match pieces.last_mut() {
            Some(last) if last.tone == tone => last.text.push_str(change.value()),
            _ => pieces.push(Piece::new(tone, change.value())),
        }
    }
    Shown::Words(pieces)
}
