//! Draws a document as GitHub-flavoured Markdown. Text is data: nothing in it becomes a tag, a cell or a fence.

use std::fmt::Write;

use super::document::{Block, Document, Piece, Shown, Tone};
use super::escape::escape;

/// The document as Markdown.
pub fn markdown(document: &Document) -> String {
    let mut out = String::new();
    for block in &document.blocks {
        draw(block, &mut out);
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// Text that Markdown takes as it is, on one line.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in escape(text).chars() {
        match c {
            '\n' => out.push(' '),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A backslash keeps nobody from being mentioned, nor an issue from being linked: a comment in between does.
            '@' | '#' => {
                out.push_str(if c == '@' { "@<!-- -->" } else { "\\#<!-- -->" });
            }
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}

fn piece(piece: &Piece) -> String {
    let text = plain(&piece.text);
    match piece.tone {
        Tone::Strong | Tone::Removed if !text.trim().is_empty() => {
            // Blanks inside of the asterisks would make them plain text.
            let (bold, start) = (text.trim(), text.len() - text.trim_start().len());
            format!("{}**{bold}**{}", &text[..start], &text[start + bold.len()..])
        }
        _ => text,
    }
}

/// Code between fences that are longer than any inside.
fn fence(text: &str, out: &mut String) {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let ticks = "`".repeat(longest.max(2) + 1);
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{ticks}\n{}\n{ticks}\n", escape(text));
}

fn draw(block: &Block, out: &mut String) {
    match block {
        Block::Heading(text) => out.push_str(&format!("## {}\n\n", plain(text))),
        Block::Text(pieces) if pieces.iter().all(|p| p.text.is_empty()) => {}
        Block::Text(pieces) => {
            pieces.iter().for_each(|p| out.push_str(&piece(p)));
            out.push_str("\n\n");
        }
        Block::Code(text) => fence(text, out),
        Block::Table { head, rows } => {
            let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
            let columns = rows.iter().map(Vec::len).fold(head.len(), usize::max);
            // A table of Markdown has a head, if an empty one.
            out.push_str(&line((0..columns).map(|i| head.get(i).map_or_else(String::new, |cell| plain(cell))).collect()));
            out.push_str(&line(vec!["---".to_owned(); columns]));
            rows.iter().for_each(|row| out.push_str(&line(row.iter().map(piece).collect())));
            out.push('\n');
        }
        Block::Change { sign, address, note, rows, remarks, .. } => {
            let note = note.as_ref().map(|note| format!(" ({})", plain(note))).unwrap_or_default();
            out.push_str(&format!("- {} **{}**{note}\n", plain(sign), plain(address)));
            rows.iter().for_each(|row| out.push_str(&format!("  - {} {}: {}\n", plain(row.sign), plain(&row.name), value(&row.value))));
            remarks.iter().for_each(|remark| out.push_str(&format!("  - **{}**\n", plain(remark))));
            out.push('\n');
        }
    }
}

fn value(shown: &Shown) -> String {
    match shown {
        Shown::One(text) => plain(text),
        Shown::Pair(before, after) => format!("{} → {}", plain(before), plain(after)),
        Shown::Words(pieces) => pieces.iter().map(word).collect(),
        Shown::Items(items) => items.iter().map(|(sign, item)| plain(&format!("{sign} {item}"))).collect::<Vec<_>>().join(", "),
    }
}

fn word(piece: &Piece) -> String {
    match piece.tone {
        Tone::Removed => format!("~~{}~~", plain(&piece.text)),
        Tone::Added => format!("**{}**", plain(&piece.text)),
        _ => plain(&piece.text),
    }
}
