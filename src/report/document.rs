//! What is said, without how it looks: a small set of blocks that each format draws its own way.

use crate::state::Scope;

/// A report.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    pub blocks: Vec<Block>,
}

/// A part of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    Heading(String),
    Text(Vec<Piece>),
    /// Text as it is, line for line.
    Code(String),
    /// A row of cells each.
    Table {
        head: Vec<String>,
        rows: Vec<Vec<Piece>>,
    },
    /// A change of a resource.
    Change {
        /// `+`, `~`, `-`, `-/+`.
        sign: &'static str,
        tone: Tone,
        address: String,
        note: Option<String>,
        rows: Vec<Row>,
        /// What it means, a sentence each.
        remarks: Vec<String>,
    },
}

/// A property of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub sign: &'static str,
    pub name: String,
    pub value: Shown,
}

/// How a value is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shown {
    /// Only one side has it, or it needs no comparison.
    One(String),
    Pair(String, String),
    /// A long string, word by word.
    Words(Vec<Piece>),
    /// A list, item by item: sign and text.
    Items(Vec<(&'static str, String)>),
}

/// Text in one tone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub tone: Tone,
    pub text: String,
}

/// What a text means; never the only sign of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Strong,
    Faint,
    Added,
    Changed,
    Removed,
}

impl Piece {
    pub fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into() }
    }
}

impl Document {
    pub fn heading(&mut self, text: impl Into<String>) {
        self.blocks.push(Block::Heading(text.into()));
    }

    /// Which stack, in which account and Region.
    pub fn stack_heading(&mut self, scope: &Scope) {
        self.heading(format!("Stack {} in account {}, {}", scope.stack, scope.account_id, scope.region));
    }

    pub fn text(&mut self, tone: Tone, text: impl Into<String>) {
        self.blocks.push(Block::Text(vec![Piece::new(tone, text)]));
    }
}
