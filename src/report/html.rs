//! Draws a document as one HTML page: no scripts, no network, dark and light, fit to print.

use std::fmt::Write;

use super::document::{Block, Document, Piece, Shown, Tone};
use super::escape::escape;

const STYLE: &str = include_str!("page.css");

/// The document as a page.
pub fn html(title: &str, document: &Document) -> String {
    let mut out = head(title, STYLE, None);
    for block in &document.blocks {
        draw(block, &mut out);
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

/// A page up to its title. `may`: what it may do beside being styled, of a Content-Security-Policy that allows nothing else.
pub(super) fn head(title: &str, style: &str, may: Option<&str>) -> String {
    let policy = may.map_or_else(String::new, |may| {
        format!("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'{may}\">\n")
    });
    let title = text(title);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n{policy}\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n<style>\n{style}</style>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n"
    )
}

/// Lets a page run its own script.
pub(super) const SCRIPT: &str = "; script-src 'unsafe-inline'";

/// Text that is no tag and no attribute.
pub(super) fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut begins = true;
    for c in escape(text).chars() {
        // A line that begins with `::` or `##[` is a command where this is printed into a log of GitHub Actions.
        let is_first = begins && matches!(c, ':' | '#');
        begins = c == '\n' || (begins && c.is_whitespace());
        match c {
            ':' | '#' if is_first => out.push_str(&format!("&#{};", u32::from(c))),
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

fn class(tone: Tone) -> &'static str {
    match tone {
        Tone::Plain => "",
        Tone::Strong => "strong",
        Tone::Faint => "faint",
        Tone::Added => "added",
        Tone::Changed => "changed",
        Tone::Removed => "removed",
    }
}

fn piece(piece: &Piece) -> String {
    match class(piece.tone) {
        "" => text(&piece.text),
        class => format!("<span class=\"{class}\">{}</span>", text(&piece.text)),
    }
}

fn draw(block: &Block, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = match block {
        Block::Heading(heading) => writeln!(out, "<h2>{}</h2>", text(heading)),
        Block::Text(pieces) if pieces.iter().all(|p| p.text.is_empty()) => Ok(()),
        Block::Text(pieces) => writeln!(out, "<p>{}</p>", pieces.iter().map(piece).collect::<String>()),
        Block::Code(code) => writeln!(out, "<pre>{}</pre>", text(code)),
        Block::Table { head, rows } => writeln!(out, "{}", table(head, rows)),
        Block::Change { sign, tone, address, note, rows, remarks } => {
            let note = note.as_ref().map(|note| format!(" <span class=\"faint\">{}</span>", text(note))).unwrap_or_default();
            let rows: String = rows
                .iter()
                .map(|row| {
                    format!(
                        "<tr><td>{}</td><th scope=\"row\">{}</th><td>{}</td></tr>\n",
                        text(row.sign),
                        text(&row.name),
                        value(&row.value)
                    )
                })
                .collect();
            let remarks: String = remarks.iter().map(|remark| format!("<p class=\"changed\">{}</p>\n", text(remark))).collect();
            writeln!(
                out,
                "<h3><span class=\"{}\">{}</span> {}{note}</h3>\n{remarks}<table>\n{rows}</table>",
                class(*tone),
                text(sign),
                text(address)
            )
        }
    };
}

fn table(head: &[String], rows: &[Vec<Piece>]) -> String {
    let head_row = |head: String| if head.is_empty() { head } else { format!("<thead><tr>{head}</tr></thead>\n") };
    let head: String = head.iter().map(|cell| format!("<th scope=\"col\">{}</th>", text(cell))).collect();
    let row = |row: &Vec<Piece>| {
        let cells: String = row.iter().map(|cell| format!("<td>{}</td>", piece(cell))).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let rows: String = rows.iter().map(row).collect();
    format!("<div class=\"scroll\"><table>\n{}<tbody>\n{rows}</tbody>\n</table></div>", head_row(head))
}

fn value(shown: &Shown) -> String {
    match shown {
        Shown::One(one) => text(one),
        Shown::Pair(before, after) => format!("<del>{}</del> <ins>{}</ins>", text(before), text(after)),
        Shown::Words(pieces) => words(pieces),
        Shown::Items(items) => items.iter().map(|(sign, item)| text(&format!("{sign} {item}"))).collect::<Vec<_>>().join("<br>"),
    }
}

/// Both sides of a text in one, word by word.
pub(super) fn words(pieces: &[Piece]) -> String {
    let word = |piece: &Piece| match piece.tone {
        Tone::Removed => format!("<del>{}</del>", text(&piece.text)),
        Tone::Added => format!("<ins>{}</ins>", text(&piece.text)),
        _ => text(&piece.text),
    };
    pieces.iter().map(word).collect()
}
