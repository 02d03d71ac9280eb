//! Which files: paths, globs, folders and all that lies in them.

use std::io::{BufRead, BufReader, Read};

use camino::{Utf8Path, Utf8PathBuf};
use filter_pattern::json_end;
use globset::{GlobBuilder, GlobMatcher};

use super::trouble;
use crate::finding::Finding;

/// Endings of files that are read when a folder is named; a file that is named is always read.
const ENDINGS: &[&str] = &[".json", ".jsonl", ".ndjson", ".gz", ".tar", ".tgz"];

/// Files of a list of paths, folders and globs, in the order of the list and then of names.
pub fn find(paths: &[Utf8PathBuf]) -> (Vec<Utf8PathBuf>, Vec<Finding>) {
    let (mut files, mut troubles) = (Vec::new(), Vec::new());
    for path in paths {
        let before = (files.len(), troubles.len());
        let is_glob = !path.exists() && path.as_str().contains(['*', '?', '[', '{']);
        if is_glob {
            by_glob(path, &mut files, &mut troubles);
        } else if path.is_dir() {
            walk(path, &has_ending, &mut files, &mut troubles);
        } else {
            files.push(path.clone());
        }
        if (files.len(), troubles.len()) == before {
            let help = "files are found by their endings: .json, .jsonl, .gz, .tar; name a file to read it whatever it is called";
            troubles.push(trouble(path.as_str(), "no file of events here").help(help));
        }
    }
    (files, troubles)
}

fn has_ending(file: &Utf8Path) -> bool {
    let name = file.as_str().to_ascii_lowercase();
    ENDINGS.iter().any(|ending| name.ends_with(ending))
}

fn by_glob(pattern: &Utf8Path, files: &mut Vec<Utf8PathBuf>, troubles: &mut Vec<Finding>) {
    let glob = match GlobBuilder::new(pattern.as_str()).literal_separator(true).build() {
        Ok(glob) => glob.compile_matcher(),
        Err(error) => return troubles.push(trouble(pattern.as_str(), error.kind()).help("write a glob, such as 'logs/**/*.json.gz'")),
    };
    // The walk begins at the last folder that is named without a wildcard.
    let fixed: Utf8PathBuf = pattern.components().take_while(|part| !part.as_str().contains(['*', '?', '[', '{'])).collect();
    let start = if fixed.as_str().is_empty() { Utf8PathBuf::from(".") } else { fixed };
    walk(&start, &|file| matches(&glob, file), files, troubles);
}

fn matches(glob: &GlobMatcher, file: &Utf8Path) -> bool {
    glob.is_match(file.strip_prefix("./").unwrap_or(file))
}

/// Depth first, in the order of names; hidden files and links to folders are left out.
fn walk(folder: &Utf8Path, wanted: &dyn Fn(&Utf8Path) -> bool, files: &mut Vec<Utf8PathBuf>, troubles: &mut Vec<Finding>) {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let mut entries = Vec::new();
        let told = |troubles: &mut Vec<Finding>, error: std::io::Error| {
            troubles.push(trouble(folder.as_str(), error).help("check the path and who may read it"));
        };
        match folder.read_dir_utf8() {
            Ok(found) => found.for_each(|entry| match entry {
                Ok(entry) => entries.push(entry.path().to_owned()),
                Err(error) => told(troubles, error),
            }),
            Err(error) => told(troubles, error),
        }
        entries.retain(|path| !path.file_name().unwrap_or_default().starts_with('.'));
        entries.sort();
        files.extend(entries.iter().filter(|path| path.is_file() && wanted(path)).cloned());
        folders.extend(entries.into_iter().rev().filter(|path| path.is_dir() && !path.is_symlink()));
    }
}

/// Bytes that are read from standard input at a time.
const CHUNK: usize = 1 << 20;

/// Standard input, to `take` with the number of its first line: whole lines as they come in, when the
/// first of them is an event; else all of it, once it ends.
///
/// # Errors
/// It cannot be read, or what `take` says.
pub fn standard_input<E: From<std::io::Error>>(mut take: impl FnMut(Vec<u8>, usize) -> Result<(), E>) -> Result<(), E> {
    let mut input = BufReader::with_capacity(CHUNK, std::io::stdin().lock());
    let (mut waiting, mut line, mut is_lines) = (Vec::new(), 1, None);
    while is_lines != Some(false) {
        let read = input.fill_buf()?;
        if read.is_empty() {
            break;
        }
        let (length, known) = (read.len(), waiting.len());
        let last = memchr::memrchr(b'\n', read);
        waiting.extend_from_slice(read);
        input.consume(length);
        let Some(last) = last else { continue };
        if *is_lines.get_or_insert_with(|| begins_with_an_event(&waiting)) {
            let rest = waiting.split_off(known + last + 1);
            let lines = memchr::memchr_iter(b'\n', &waiting).count();
            take(std::mem::replace(&mut waiting, rest), line)?;
            line += lines;
        }
    }
    input.read_to_end(&mut waiting)?;
    if waiting.is_empty() { Ok(()) } else { take(waiting, line) }
}

/// Whether the first line is one whole JSON object.
pub(super) fn begins_with_an_event(bytes: &[u8]) -> bool {
    let first = bytes.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let Ok(text) = std::str::from_utf8(first.trim_ascii()) else { return false };
    text.starts_with('{') && json_end(text, 0) == Ok(text.len())
}
