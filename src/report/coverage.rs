//! Coverage → a document, and a layer for the ATT&CK Navigator.

use serde::Serialize;

use super::document::{Block, Document, Piece, Tone};
use crate::coverage::{Row, Section};
use crate::techniques::of_attack;

/// A table each, gaps first, and the scores as the last line.
pub fn coverage(sections: &[Section]) -> Document {
    let mut document = Document::default();
    for section in sections {
        document.heading(section.title.as_str());
        let has_tactics = section.rows.iter().any(|row| !row.tactics.is_empty());
        let head = ["ID", "NAME"].into_iter().chain(has_tactics.then_some("TACTICS")).chain(["DETECTIONS"]);
        let rows = section.rows.iter().map(|row| cells(row, has_tactics));
        document.blocks.push(Block::Table { head: head.map(str::to_owned).collect(), rows: rows.collect() });
    }
    let score = |section: &Section| {
        let (served, all) = section.score();
        format!("{} {served}/{all}", section.title)
    };
    document.text(Tone::Strong, sections.iter().map(score).collect::<Vec<_>>().join("; "));
    document
}

fn cells(row: &Row, has_tactics: bool) -> Vec<Piece> {
    let plain = |text: &str| Piece::new(Tone::Plain, text);
    let detections =
        if row.detections.is_empty() { Piece::new(Tone::Removed, "none") } else { Piece::new(Tone::Added, row.detections.join(", ")) };
    let tactics = has_tactics.then(|| Piece::new(Tone::Faint, row.tactics.join(", ")));
    [plain(&row.id), plain(&row.name)].into_iter().chain(tactics).chain([detections]).collect()
}

/// A layer file of the ATT&CK Navigator (format 4.5): the score is the number of detections, gaps have 0.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Layer {
    name: &'static str,
    versions: Versions,
    domain: &'static str,
    description: &'static str,
    filters: Filters,
    sorting: u8,
    hide_disabled: bool,
    techniques: Vec<Scored>,
    gradient: Gradient,
}

#[derive(Debug, Serialize)]
struct Versions {
    attack: String,
    navigator: &'static str,
    layer: &'static str,
}

#[derive(Debug, Serialize)]
struct Filters {
    platforms: [&'static str; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Scored {
    #[serde(rename = "techniqueID")]
    technique_id: &'static str,
    score: usize,
    comment: String,
    enabled: bool,
    show_subtechniques: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Gradient {
    colors: [&'static str; 3],
    min_value: usize,
    max_value: usize,
}

/// The section `attack` as a layer, with the ids of a version of ATT&CK.
pub fn navigator(sections: &[Section], version: u32) -> Layer {
    let rows = sections.iter().filter(|section| section.key == "attack").flat_map(|section| &section.rows);
    let mut techniques: Vec<Scored> = rows.filter_map(|row| scored(row, version)).collect();
    techniques.sort_by_key(|scored| scored.technique_id);
    let most = techniques.iter().map(|scored| scored.score).max().unwrap_or(0).max(1);
    Layer {
        name: "trailarm",
        versions: Versions { attack: version.to_string(), navigator: "5.1.0", layer: "4.5" },
        domain: "enterprise-attack",
        description: "Techniques by the number of detections that look for them",
        filters: Filters { platforms: ["IaaS"] },
        sorting: 0,
        hide_disabled: false,
        techniques,
        gradient: Gradient { colors: ["#ffb3ba", "#baffc9", "#2ca02c"], min_value: 0, max_value: most },
    }
}

fn scored(row: &Row, version: u32) -> Option<Scored> {
    let technique = of_attack(&row.id, crate::techniques::ATTACK_VERSION)?;
    Some(Scored {
        technique_id: technique.id_in(version),
        score: row.detections.len(),
        comment: row.detections.join(", "),
        enabled: true,
        show_subtechniques: row.id.contains('.'),
    })
}
