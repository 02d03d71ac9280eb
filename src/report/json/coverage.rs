//! Version 1: what the detections cover.

use serde::Serialize;

use crate::coverage::{Row, Section};

/// What `coverage --format json` prints.
#[derive(Debug, Serialize)]
pub struct Coverage<'a> {
    pub format_version: &'static str,
    pub sections: Vec<V1Section<'a>>,
}

/// A list of techniques or controls, gaps first.
#[derive(Debug, Serialize)]
pub struct V1Section<'a> {
    /// `catalog`, `attack`, `cis`, `security-hub`.
    pub key: &'static str,
    pub title: &'a str,
    pub covered: usize,
    pub all: usize,
    pub rows: Vec<V1Row<'a>>,
}

/// A technique or control.
#[derive(Debug, Serialize)]
pub struct V1Row<'a> {
    pub id: &'a str,
    pub name: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub tactics: &'a [String],
    /// Addresses; empty: a gap.
    pub detections: &'a [String],
}

impl<'a> From<&'a [Section]> for Coverage<'a> {
    fn from(sections: &'a [Section]) -> Self {
        Self { format_version: "1.0", sections: sections.iter().map(V1Section::from).collect() }
    }
}

impl<'a> From<&'a Section> for V1Section<'a> {
    fn from(section: &'a Section) -> Self {
        let (covered, all) = section.score();
        Self { key: section.key, title: &section.title, covered, all, rows: section.rows.iter().map(V1Row::from).collect() }
    }
}

impl<'a> From<&'a Row> for V1Row<'a> {
    fn from(row: &'a Row) -> Self {
        Self { id: &row.id, name: &row.name, tactics: &row.tactics, detections: &row.detections }
    }
}
