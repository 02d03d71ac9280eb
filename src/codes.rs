//! What codes mean: pages of lints, and rows of the table in `docs/codes.md`.

use crate::lints::lint;

const TABLE: &str = include_str!("../docs/codes.md");

/// The page of a code, in Markdown.
pub fn page(code: &str) -> Option<String> {
    if let Some(lint) = lint(code) {
        return Some(lint.doc.to_owned());
    }
    let (meaning, remedy) = row(code)?;
    Some(format!("# {code}\n\n{meaning}\n\n{remedy}\n"))
}

/// What a code means, in one line.
pub fn title(code: &str) -> Option<&'static str> {
    match lint(code) {
        Some(lint) => lint.doc.lines().next().and_then(|line| line.split_once(": ")).map(|(_, title)| title),
        None => row(code).map(|(meaning, _)| meaning),
    }
}

/// `| TA102 | what it means | what to do |`
fn row(code: &str) -> Option<(&'static str, &'static str)> {
    let line = TABLE.lines().find_map(|line| line.strip_prefix(&format!("| {code} |")))?;
    let mut cells = line.split(" |").map(str::trim);
    Some((cells.next()?, cells.next()?))
}
