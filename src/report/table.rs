//! Tables for a terminal: columns as wide as what stands in them, colours around the padded text.

use super::document::Piece;
use super::escape::escape_line;

/// Each row as cells padded to their columns; the last cell of a row is not padded.
pub(super) fn padded(rows: &[Vec<Piece>]) -> Vec<Vec<Piece>> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let shown = |piece: &Piece| escape_line(&piece.text).into_owned();
    let wide = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|piece| shown(piece).chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(wide).collect();
    let cell = |row: &[Piece], i: usize| {
        let text = shown(&row[i]);
        let is_last = row[i + 1..].iter().all(|piece| piece.text.is_empty());
        Piece::new(row[i].tone, if is_last { text } else { format!("{text:width$}", width = widths[i]) })
    };
    rows.iter().map(|row| (0..row.len()).map(|i| cell(row, i)).collect()).collect()
}
