//! Which techniques and controls the detections serve, and which none does. Pure.

use crate::audit::{CONTROLS, Control};
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

/// Whose ids the rows have.
#[derive(Debug, Clone, Copy)]
pub struct Versions {
    /// Of MITRE ATT&CK: 18, or 19, which renumbers some.
    pub attack: u32,
    /// Of the CIS benchmark: one of [`crate::audit::CIS_VERSIONS`].
    pub cis: &'static str,
}

/// Catalog, ATT&CK, CIS and Security Hub. What a profile leaves out of a stack serves nothing.
pub fn coverage(units: &[Unit], versions: Versions) -> Vec<Section> {
    let units: Vec<&Unit> = units.iter().filter(|unit| !unit.is_left_out()).collect();
    let techniques = |key, title: String, table: &[Technique], version: u32, named: fn(&Unit, &str) -> bool| {
        let rows = table.iter().map(|technique| row_of(technique, version, &units, named));
        let rows = rows.filter(|(is_cloud, row)| *is_cloud || !row.detections.is_empty());
        Section { key, title, rows: sorted(rows.map(|(_, row)| row).collect()) }
    };
    let controls = |key, title: String, id: &dyn Fn(&Control) -> Option<String>| {
        let rows = CONTROLS.iter().filter_map(|control| {
            let serving = units.iter().filter(|unit| serves(unit, control));
            let detections = serving.map(|unit| unit.ready.address.clone()).collect();
            Some(Row { id: id(control)?, name: control.title.to_owned(), tactics: Vec::new(), detections })
        });
        Section { key, title, rows: sorted(rows.collect()) }
    };
    let Versions { attack: version, cis } = versions;
    vec![
        techniques("catalog", "AWS Threat Technique Catalog".to_owned(), catalog(), ATTACK_VERSION, in_catalog),
        techniques("attack", format!("MITRE ATT&CK {version}, cloud"), attack(), version, in_attack),
        controls("cis", format!("CIS AWS Foundations Benchmark {cis}, monitoring"), &|control| Some(control.cis_number(cis))),
        controls("security-hub", "Security Hub, CloudWatch".to_owned(), &|control| {
            control.security_hub.as_ref().map(|hub| hub.id.to_owned())
        }),
    ]
}

fn row_of(technique: &Technique, version: u32, units: &[&Unit], named: fn(&Unit, &str) -> bool) -> (bool, Row) {
    let detections = units.iter().filter(|unit| named(unit, technique.id)).map(|unit| unit.ready.address.clone());
    let row = Row {
        id: technique.id_in(version).to_owned(),
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

/// Each version of the benchmark has numbers of its own for the same controls.
fn serves(unit: &Unit, control: &Control) -> bool {
    let cis = unit.ready.section.references.as_ref().and_then(|references| references.cis.as_ref());
    cis.is_some_and(|cis| cis.iter().any(|(version, number)| control.cis_number(version) == *number))
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
