//! Which techniques and controls the detections serve, and which none does. Pure.

use crate::audit::CONTROLS;
use crate::detection::Unit;
use crate::techniques::{ATTACK_VERSION, Technique, attack, catalog, is_parent, of_attack};

/// One list of what can be covered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// `catalog`, `attack`, `cis`, `security-hub`.
    pub key: &'static str,
    pub title: String,
    /// Gaps first.
    pub rows: Vec<Row>,
}

/// A technique or control, and the detections that name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: String,
    pub name: String,
    pub tactics: Vec<String>,
    /// Their addresses; empty: a gap.
    pub detections: Vec<String>,
}

/// The version of the CIS benchmark whose controls are listed.
const CIS: &str = "7.0";

/// Catalog, ATT&CK, CIS and Security Hub.
pub fn coverage(units: &[Unit]) -> Vec<Section> {
    let techniques = |key, title: String, table: &[Technique], named: fn(&Unit, &str) -> bool| {
        let rows =
            table.iter().map(|technique| row_of(technique, units, named)).filter(|(is_cloud, row)| *is_cloud || !row.detections.is_empty());
        Section { key, title, rows: sorted(rows.map(|(_, row)| row).collect()) }
    };
    let control = |key, title: String, id: fn(usize) -> Option<String>| {
        let rows = CONTROLS.iter().enumerate().filter_map(|(i, control)| {
            let serving = units.iter().filter(|unit| serves(unit, &control.cis_number(CIS)));
            let detections = serving.map(|unit| unit.ready.address.clone()).collect();
            Some(Row { id: id(i)?, name: control.title.to_owned(), tactics: Vec::new(), detections })
        });
        Section { key, title, rows: sorted(rows.collect()) }
    };
    vec![
        techniques("catalog", "AWS Threat Technique Catalog".to_owned(), catalog(), in_catalog),
        techniques("attack", format!("MITRE ATT&CK {ATTACK_VERSION}, cloud"), attack(), in_attack),
        control("cis", format!("CIS AWS Foundations Benchmark {CIS}, monitoring"), |i| Some(CONTROLS[i].cis_number(CIS))),
        control("security-hub", "Security Hub, CloudWatch".to_owned(), |i| CONTROLS[i].security_hub.as_ref().map(|hub| hub.id.to_owned())),
    ]
}

fn row_of(technique: &Technique, units: &[Unit], named: fn(&Unit, &str) -> bool) -> (bool, Row) {
    let detections = units.iter().filter(|unit| named(unit, technique.id)).map(|unit| unit.ready.address.clone());
    let row = Row {
        id: technique.id.to_owned(),
        name: technique.name.to_owned(),
        tactics: technique.tactics.iter().map(|tactic| (*tactic).to_owned()).collect(),
        detections: detections.collect(),
    };
    (technique.is_cloud, row)
}

/// The catalog takes over ids of ATT&CK, so either reference counts; and who names a part serves the whole.
fn in_catalog(unit: &Unit, id: &str) -> bool {
    let references = unit.ready.section.references.as_ref();
    let named = references.and_then(|references| references.catalog.as_ref());
    named.is_some_and(|named| named.iter().any(|own| own == id || is_parent(id, own))) || attack_ids(unit).any(|own| own == id)
}

fn in_attack(unit: &Unit, id: &str) -> bool {
    attack_ids(unit).any(|own| own == id || is_parent(id, own))
}

/// The techniques of ATT&CK that a detection names, by their ids in [`ATTACK_VERSION`].
fn attack_ids(unit: &Unit) -> impl Iterator<Item = &'static str> {
    let named = unit.ready.section.references.as_ref().and_then(|references| references.attack.as_ref());
    let ids = named.map(|attack| attack.techniques.iter().filter_map(|id| of_attack(id, attack.version)).map(|technique| technique.id));
    ids.into_iter().flatten().collect::<Vec<_>>().into_iter()
}

fn serves(unit: &Unit, number: &str) -> bool {
    let cis = unit.ready.section.references.as_ref().and_then(|references| references.cis.as_ref());
    cis.and_then(|cis| cis.get(CIS)).is_some_and(|own| own == number)
}

/// Gaps first, else as they were.
fn sorted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.sort_by_key(|row| !row.detections.is_empty());
    rows
}

impl Section {
    /// Rows that are served, and all of them.
    pub fn score(&self) -> (usize, usize) {
        (self.rows.iter().filter(|row| !row.detections.is_empty()).count(), self.rows.len())
    }
}
