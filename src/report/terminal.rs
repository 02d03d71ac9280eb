//! Draws a document for a terminal. Colour is stripped further down when the stream takes none.

use std::fmt::Write as _;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::document::{Block, Document, Piece, Row, Shown, Tone};
use super::escape;
use super::escape::escape_line;
use super::table::padded;

/// Writes the document.
///
/// # Errors
/// The stream cannot be written.
pub fn write(document: &Document, out: &mut impl Write) -> io::Result<()> {
    let mut text = String::new();
    for block in &document.blocks {
        draw(block, &mut text);
    }
    // What stands between blocks is not needed behind the last one.
    out.write_all(no_command(text.trim_end_matches('\n')).as_bytes())?;
    out.write_all(b"\n")
}

/// A line of a log that begins with `::` or `##[` is a command to GitHub's runner, whatever blanks stand before it. Nothing that
/// is drawn begins so by itself, so it comes from a description or a pattern, and its first sign is made visible.
fn no_command(text: &str) -> std::borrow::Cow<'_, str> {
    let is_command = |line: &str| line.trim_start().starts_with("::") || line.trim_start().starts_with("##[");
    if !text.lines().any(is_command) {
        return text.into();
    }
    let harmless = |line: &str| {
        let rest = line.trim_start();
        let (indent, first) = (&line[..line.len() - rest.len()], rest.chars().next().unwrap_or(' '));
        if is_command(line) { format!("{indent}{}{}", first.escape_unicode(), &rest[first.len_utf8()..]) } else { line.to_owned() }
    };
    text.lines().map(harmless).collect::<Vec<_>>().join("\n").into()
}

fn style(tone: Tone) -> Style {
    let color = |c: AnsiColor| Style::new().fg_color(Some(c.into()));
    match tone {
        Tone::Plain => Style::new(),
        Tone::Strong => Style::new().bold(),
        Tone::Faint => Style::new().dimmed(),
        Tone::Added => color(AnsiColor::Green),
        Tone::Changed => color(AnsiColor::Yellow),
        Tone::Removed => color(AnsiColor::Red),
    }
}

fn paint(tone: Tone, text: &str, out: &mut String) {
    let style = style(tone);
    // Writing to a String cannot fail.
    let _ = write!(out, "{style}{}{style:#}", escape(text));
}

/// For headings and addresses, which are one line whatever they say.
fn paint_line(tone: Tone, text: &str, out: &mut String) {
    paint(tone, &escape_line(text), out);
}

fn sign_tone(sign: &str) -> Tone {
    match sign {
        "+" => Tone::Added,
        "-" | "-/+" => Tone::Removed,
        "~" => Tone::Changed,
        _ => Tone::Plain,
    }
}

fn draw(block: &Block, out: &mut String) {
    match block {
        Block::Heading(text) => {
            paint_line(Tone::Strong, text, out);
            out.push_str("\n\n");
        }
        Block::Text(pieces) => {
            pieces.iter().for_each(|p| paint(p.tone, &p.text, out));
            out.push('\n');
        }
        Block::Code(text) => {
            text.lines().for_each(|line| {
                out.push_str("    ");
                paint(Tone::Plain, line, out);
                out.push('\n');
            });
            out.push('\n');
        }
        Block::Table { head, rows } => draw_table(head, rows, out),
        Block::Change { sign, tone, address, note, rows, remarks } => {
            out.push_str("  ");
            paint(*tone, sign, out);
            out.push(' ');
            paint_line(Tone::Strong, address, out);
            if let Some(note) = note {
                paint(Tone::Faint, &format!("  # {note}"), out);
            }
            out.push('\n');
            let width = rows.iter().map(|r| r.name.chars().count()).max().unwrap_or(0);
            rows.iter().for_each(|row| draw_row(row, width, out));
            for remark in remarks {
                paint_line(Tone::Changed, &format!("      # {remark}"), out);
                out.push('\n');
            }
            out.push('\n');
        }
    }
}

fn draw_table(head: &[String], rows: &[Vec<Piece>], out: &mut String) {
    let head: Vec<Piece> = head.iter().map(|cell| Piece::new(Tone::Strong, cell.as_str())).collect();
    let all: Vec<Vec<Piece>> = [head].into_iter().filter(|head| !head.is_empty()).chain(rows.iter().cloned()).collect();
    for row in padded(&all) {
        for (i, piece) in row.iter().enumerate().filter(|(_, piece)| !piece.text.is_empty()) {
            out.push_str(if i > 0 { "  " } else { "" });
            paint(piece.tone, &piece.text, out);
        }
        out.push('\n');
    }
    out.push('\n');
}

fn draw_row(row: &Row, width: usize, out: &mut String) {
    const INDENT: &str = "      ";
    out.push_str(INDENT);
    paint(sign_tone(row.sign), row.sign, out);
    let _ = write!(out, " {:width$} = ", escape(&row.name));
    let under = format!("\n{INDENT}    ");
    match &row.value {
        Shown::One(text) => out.push_str(&escape(text).replace('\n', &under)),
        Shown::Pair(before, after) => {
            let _ = write!(out, "{} -> {}", escape(before).replace('\n', &under), escape(after).replace('\n', &under));
        }
        Shown::Words(pieces) => pieces.iter().for_each(|p| draw_word(p, &under, out)),
        Shown::Items(items) => {
            out.push('[');
            for (sign, item) in items {
                let _ = write!(out, "{under}");
                paint(sign_tone(sign), &format!("{sign} {item}"), out);
            }
            let _ = write!(out, "\n{INDENT}  ]");
        }
    }
    out.push('\n');
}

/// `[-old-]` and `{+new+}`, as `git diff --word-diff` does: to be read without colour too.
fn draw_word(piece: &Piece, under: &str, out: &mut String) {
    let text = piece.text.replace('\n', under);
    match piece.tone {
        Tone::Removed => paint(Tone::Removed, &format!("[-{text}-]"), out),
        Tone::Added => paint(Tone::Added, &format!("{{+{text}+}}"), out),
        tone => paint(tone, &text, out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_no_place_for_commands() {
        for (text, shown) in [
            ("a\n  ::add-mask::0\nb::c", "a\n  \\u{3a}:add-mask::0\nb::c"),
            ("##[group]x", "\\u{23}#[group]x"),
            ("plain\n:: ", "plain\n\\u{3a}: "),
            ("plain", "plain"),
        ] {
            assert_eq!(no_command(text), shown);
        }
    }
}
