//! From the text in a file to the text that is deployed.

use crate::scan::{Piece, pieces};

/// Trims a pattern and folds line breaks, with the blanks around them, to one blank.
///
/// A pattern on one line is kept byte for byte (auditors compare it so); a pattern written over
/// several lines becomes one line, since no line break inside a deployed pattern is attested.
/// Quoted text and regular expressions are never touched.
pub fn prepare(pattern: &str) -> String {
    let pattern = pattern.trim();
    let mut out = String::with_capacity(pattern.len());
    for piece in pieces(pattern) {
        match piece {
            Piece::Plain(range) => fold(&pattern[range], &mut out),
            Piece::Quoted(range) | Piece::Regex(range) | Piece::Open(range) => out.push_str(&pattern[range]),
        }
    }
    out
}

fn fold(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(start) = rest.find(char::is_whitespace) {
        let (before, space) = rest.split_at(start);
        let end = space.find(|c: char| !c.is_whitespace()).unwrap_or(space.len());
        out.push_str(before);
        let run = &space[..end];
        out.push_str(if run.contains(|c| c != ' ') { " " } else { run });
        rest = &space[end..];
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_stays_and_several_become_one() {
        for (written, deployed) in [
            ("{$.a=\"x\"   ||   $.b  = y}", "{$.a=\"x\"   ||   $.b  = y}"),
            ("  { $.a = 1 }\n", "{ $.a = 1 }"),
            ("{ $.a = 1\n   && $.b = 2 }", "{ $.a = 1 && $.b = 2 }"),
            ("{ $.a = \"x\n y\" }", "{ $.a = \"x\n y\" }"),
            ("{\t$.a = 1 }", "{ $.a = 1 }"),
            (" ", ""),
            ("", ""),
        ] {
            assert_eq!(prepare(written), deployed, "{written:?}");
            assert_eq!(prepare(deployed), deployed, "again {written:?}");
        }
    }
}
