//! What was read of the event history, kept in a file: records, and which stretches of time are known. It only grows, a page at a
//! time, so that whatever was read before an interruption is not asked for again.

use std::collections::{BTreeMap, HashSet};
use std::io::{BufRead, BufReader, Write};

use camino::Utf8Path;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::scan::hash;

/// A line of the file: one of these. An enum would not keep records as they are written.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    head: Option<Head>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    known: Option<Known>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    record: Option<Box<RawValue>>,
}

#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    kind: String,
    format_version: String,
    account_id: String,
    region: String,
}

/// From `from` until before `to` all is known of what was asked.
#[derive(Debug, Serialize, Deserialize)]
struct Known {
    asked: String,
    from: i64,
    to: i64,
}

const KIND: &str = "event-history";
const VERSION: &str = "1.0";

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    #[error(transparent)]
    File(#[from] std::io::Error),
    #[error("it is no file of trailarm's event history, or of a newer version")]
    Foreign,
    #[error("it holds the event history of account {0}, {1}")]
    Elsewhere(String, String),
}

/// See the module.
#[derive(Debug)]
pub struct Journal {
    file: fs_err::File,
    path: camino::Utf8PathBuf,
    /// What was asked → stretches, in order, none touching another.
    known: BTreeMap<String, Vec<(i64, i64)>>,
}

impl Journal {
    /// Opens a file or makes it. A line that was not finished is left out.
    ///
    /// # Errors
    /// It cannot be read or written, or is of something else; nothing was changed then.
    pub fn open(path: &Utf8Path, account_id: &str, region: &str) -> Result<Self, JournalError> {
        let text = str::to_owned;
        let head = Head { kind: text(KIND), format_version: text(VERSION), account_id: text(account_id), region: text(region) };
        let mut known: BTreeMap<String, Vec<(i64, i64)>> = BTreeMap::new();
        let (mut whole, mut is_new) = (0, true);
        if path.exists() {
            let mut reader = BufReader::new(fs_err::File::open(path)?);
            let mut line = Vec::new();
            while reader.read_until(b'\n', &mut line)? > 0 && line.ends_with(b"\n") {
                match serde_json::from_slice(&line).unwrap_or_default() {
                    Line { head: Some(found), .. } if is_new => {
                        if (&found.kind, &found.format_version) != (&head.kind, &head.format_version) {
                            return Err(JournalError::Foreign);
                        }
                        if found != head {
                            return Err(JournalError::Elsewhere(found.account_id, found.region));
                        }
                        is_new = false;
                    }
                    Line { known: Some(Known { asked, from, to }), .. } if !is_new => add(known.entry(asked).or_default(), (from, to)),
                    Line { record: Some(_), .. } if !is_new => {}
                    _ => return Err(JournalError::Foreign),
                }
                whole += line.len() as u64;
                line.clear();
            }
            if is_new && !line.is_empty() {
                return Err(JournalError::Foreign);
            }
        }
        let file = fs_err::OpenOptions::new().create(true).append(true).open(path)?;
        file.set_len(whole)?;
        let mut journal = Self { file, path: path.to_owned(), known };
        if is_new {
            journal.write(&[Line { head: Some(head), ..Line::default() }])?;
        }
        Ok(journal)
    }

    /// The stretches that are not known yet, the newest first.
    pub fn gaps(&self, asked: &str, (from, to): (i64, i64)) -> Vec<(i64, i64)> {
        let mut gaps = Vec::new();
        let mut at = from;
        for (start, end) in self.known.get(asked).into_iter().flatten().filter(|(_, end)| *end > from) {
            if *start > at {
                gaps.push((at, (*start).min(to)));
            }
            at = at.max(*end);
        }
        gaps.push((at, to));
        gaps.retain(|(start, end)| start < end);
        gaps.reverse();
        gaps
    }

    /// Keeps a page, and that a stretch is known with it.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&mut self, asked: &str, records: Vec<String>, (from, to): (i64, i64)) -> std::io::Result<()> {
        let raw = records.into_iter().filter_map(|record| RawValue::from_string(record).ok());
        let mut lines: Vec<Line> = raw.map(|record| Line { record: Some(record), ..Line::default() }).collect();
        if from < to {
            let known = Known { asked: asked.to_owned(), from, to };
            lines.push(Line { known: Some(known), ..Line::default() });
            add(self.known.entry(asked.to_owned()).or_default(), (from, to));
        }
        self.write(&lines)
    }

    /// Hands over each record once.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn records(&self, mut each: impl FnMut(&str)) -> std::io::Result<()> {
        let mut seen = HashSet::new();
        for line in BufReader::new(fs_err::File::open(&self.path)?).lines() {
            if let Ok(Line { record: Some(record), .. }) = serde_json::from_str(&line?)
                && seen.insert(hash(record.get()))
            {
                each(record.get());
            }
        }
        Ok(())
    }

    fn write(&mut self, lines: &[Line]) -> std::io::Result<()> {
        let mut text = Vec::new();
        for line in lines {
            serde_json::to_writer(&mut text, line)?;
            text.push(b'\n');
        }
        self.file.write_all(&text)
    }
}

/// Adds a stretch, joined with those that it touches.
fn add(known: &mut Vec<(i64, i64)>, (mut from, mut to): (i64, i64)) {
    known.retain(|(start, end)| {
        let touches = *start <= to && from <= *end;
        if touches {
            (from, to) = (from.min(*start), to.max(*end));
        }
        !touches
    });
    let at = known.partition_point(|(start, _)| *start < from);
    known.insert(at, (from, to));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(path: &Utf8Path) -> Journal {
        Journal::open(path, "111122223333", "eu-west-1").unwrap()
    }

    #[test]
    fn what_was_read_is_not_asked_for_again() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = &Utf8Path::from_path(folder.path()).unwrap().join("history.jsonl");
        let mut journal = open(path);
        assert_eq!(journal.gaps("all", (0, 100)), [(0, 100)]);
        journal.keep("all", vec![r#"{"eventID":"b"}"#.to_owned()], (61, 100)).unwrap();
        journal.keep("all", vec![r#"{"eventID":"a"}"#.to_owned(), r#"{"eventID":"b"}"#.to_owned()], (31, 61)).unwrap();
        assert_eq!(journal.gaps("all", (0, 100)), [(0, 31)]);
        journal.keep("all", vec![], (0, 10)).unwrap();
        drop(journal);
        // It was cut off in the middle of a line.
        let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
        file.write_all(b"{\"record\":{\"eventID\"").unwrap();
        let mut journal = open(path);
        assert_eq!(journal.gaps("all", (5, 150)), [(100, 150), (10, 31)]);
        assert_eq!(journal.gaps("EventName=x", (5, 15)), [(5, 15)]);
        journal.keep("all", vec![r#"{"eventID":"c"}"#.to_owned()], (100, 150)).unwrap();
        let mut records = Vec::new();
        open(path).records(|record| records.push(record.to_owned())).unwrap();
        assert_eq!(records, [r#"{"eventID":"b"}"#, r#"{"eventID":"a"}"#, r#"{"eventID":"c"}"#]);
    }

    #[test]
    fn other_files_are_left_alone() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = &Utf8Path::from_path(folder.path()).unwrap().join("notes.txt");
        for text in ["my notes\n", "my notes", "{\"Records\":[]}\n", "{\"record\":{}}\n"] {
            std::fs::write(path, text).unwrap();
            assert!(matches!(Journal::open(path, "1", "r"), Err(JournalError::Foreign)), "{text}");
            assert_eq!(std::fs::read_to_string(path).unwrap(), text);
        }
        std::fs::remove_file(path).unwrap();
        drop(open(path));
        assert!(matches!(Journal::open(path, "444455556666", "eu-west-1"), Err(JournalError::Elsewhere(..))));
    }
}
