//! Coverage → a document, and a layer for the ATT&CK Navigator.

use std::collections::BTreeSet;

use serde::Serialize;

use super::document::{Block, Document, Piece, Tone};
use crate::coverage::{Row, Section};
use crate::techniques::of_attack;

/// How much is said of each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// How many detections of each pack.
    Counts,
    /// Their addresses as well.
    Names,
}

/// A matrix each: techniques or controls by pack, gaps first. The scores stand first on a page, and last on a terminal.
pub fn coverage(sections: &[Section], detail: Detail, scores_first: bool) -> Document {
    let mut document = Document::default();
    let packs: BTreeSet<&str> =
        sections.iter().flat_map(|section| &section.rows).flat_map(|row| &row.detections).map(|d| pack(d)).collect();
    let score = |section: &Section| {
        let (served, all) = section.score();
        format!("{} {served}/{all}", section.title)
    };
    let scores = sections.iter().map(score).collect::<Vec<_>>().join("; ");
    if scores_first {
        document.text(Tone::Strong, scores.as_str());
    }
    for section in sections {
        document.heading(section.title.as_str());
        let has_tactics = section.rows.iter().any(|row| !row.tactics.is_empty());
        let head = ["ID", "NAME"].into_iter().chain(has_tactics.then_some("TACTICS")).chain(packs.iter().copied());
        let head = head.chain((detail == Detail::Names).then_some("DETECTIONS"));
        let rows = section.rows.iter().map(|row| cells(row, has_tactics, &packs, detail));
        document.blocks.push(Block::Table { head: head.map(str::to_owned).collect(), rows: rows.collect() });
    }
    if !scores_first {
        document.text(Tone::Strong, scores);
    }
    document
}

fn pack(address: &str) -> &str {
    address.split('/').next().unwrap_or_default()
}

fn cells(row: &Row, has_tactics: bool, packs: &BTreeSet<&str>, detail: Detail) -> Vec<Piece> {
    let plain = |text: &str| Piece::new(Tone::Plain, text);
    let is_gap = row.detections.is_empty();
    let id = Piece::new(if is_gap { Tone::Removed } else { Tone::Plain }, row.id.as_str());
    let tactics = has_tactics.then(|| Piece::new(Tone::Faint, row.tactics.join(", ")));
    let counts = packs.iter().map(|own| match row.detections.iter().filter(|address| pack(address) == *own).count() {
        0 => Piece::new(if is_gap { Tone::Removed } else { Tone::Faint }, if is_gap { "none" } else { "." }),
        count => Piece::new(Tone::Added, count.to_string()),
    });
    let names = if is_gap { Piece::new(Tone::Removed, "none") } else { plain(&row.detections.join(", ")) };
    [id, plain(&row.name)].into_iter().chain(tactics).chain(counts).chain((detail == Detail::Names).then_some(names)).collect()
}

/// A layer file of the ATT&CK Navigator (format 4.5): the score is the number of detections, gaps have 0.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Layer {
    name: &'static str,
    versions: Versions,
    domain: &'static str,
    description: &'static str,
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
    unfold(&mut techniques);
    let most = techniques.iter().map(|scored| scored.score).max().unwrap_or(0).max(1);
    Layer {
        name: "trailarm",
        versions: Versions { attack: version.to_string(), navigator: "5.1.0", layer: "4.5" },
        domain: "enterprise-attack",
        description: "Techniques by the number of detections that look for them",
        sorting: 0,
        hide_disabled: false,
        techniques,
        gradient: Gradient { colors: ["#ffb3ba", "#baffc9", "#2ca02c"], min_value: 0, max_value: most },
    }
}

fn scored(row: &Row, version: u32) -> Option<Scored> {
    let technique = of_attack(&row.id, version)?;
    Some(Scored {
        technique_id: technique.id_in(version),
        score: row.detections.len(),
        comment: row.detections.join(", "),
        enabled: true,
        show_subtechniques: false,
    })
}

/// The Navigator shows parts of a technique where the technique itself says so.
fn unfold(techniques: &mut Vec<Scored>) {
    let parents: BTreeSet<&'static str> = techniques.iter().filter_map(|scored| Some(scored.technique_id.split_once('.')?.0)).collect();
    for parent in parents {
        match techniques.iter_mut().find(|scored| scored.technique_id == parent) {
            Some(scored) => scored.show_subtechniques = true,
            None => {
                techniques.push(Scored { technique_id: parent, score: 0, comment: String::new(), enabled: true, show_subtechniques: true })
            }
        }
    }
    techniques.sort_by_key(|scored| scored.technique_id);
}
