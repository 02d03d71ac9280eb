//! Techniques that detections name: those of the AWS Threat Technique Catalog and of MITRE ATT&CK. Data.
//!
//! Cannot be known: techniques newer than the tables, and those of ATT&CK that are not of the cloud (only the ones
//! that detections name are listed).

use std::sync::LazyLock;

use crate::finding::near;

/// The version of ATT&CK whose ids the table is kept in.
pub const ATTACK_VERSION: u32 = 18;
/// The version from which on some techniques have other ids.
pub const RENUMBERED_IN: u32 = 19;

/// One technique.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Technique {
    pub id: &'static str,
    pub tactics: Vec<&'static str>,
    pub name: &'static str,
    /// Its id in ATT&CK 19.
    pub renumbered: Option<&'static str>,
    /// Part of the cloud: a gap when nothing looks for it.
    pub is_cloud: bool,
}

impl Technique {
    /// Its id in a version of ATT&CK.
    pub fn id_in(&self, version: u32) -> &'static str {
        self.renumbered.filter(|_| version >= RENUMBERED_IN).unwrap_or(self.id)
    }
}

static CATALOG: LazyLock<Vec<Technique>> = LazyLock::new(|| read(include_str!("catalog.txt"), true));
static ATTACK: LazyLock<Vec<Technique>> = LazyLock::new(|| read(include_str!("attack.txt"), false));

/// `id TAB tactics TAB name [TAB id in version 19 TAB cloud]`
fn read(table: &'static str, is_cloud: bool) -> Vec<Technique> {
    let technique = |line: &'static str| {
        let cells: Vec<&str> = line.split('\t').collect();
        let [id, tactics, name, rest @ ..] = cells.as_slice() else { return None };
        Some(Technique {
            id,
            tactics: tactics.split(',').collect(),
            name,
            renumbered: rest.first().copied().filter(|id| *id != "-"),
            is_cloud: is_cloud || rest.get(1) == Some(&"cloud"),
        })
    };
    table.lines().filter(|line| !line.starts_with('#')).filter_map(technique).collect()
}

/// The AWS Threat Technique Catalog, by id.
pub fn catalog() -> &'static [Technique] {
    &CATALOG
}

/// MITRE ATT&CK, by id.
pub fn attack() -> &'static [Technique] {
    &ATTACK
}

/// A technique of ATT&CK by its id in a version.
pub fn of_attack(id: &str, version: u32) -> Option<&'static Technique> {
    ATTACK.iter().find(|technique| technique.id_in(version) == id)
}

/// A technique of the catalog, which takes over ids of ATT&CK.
pub fn of_catalog(id: &str) -> Option<&'static Technique> {
    CATALOG.iter().find(|technique| technique.id == id)
}

/// A word on an id that is not known: the nearest one. The whole list would help nobody.
pub fn suggestion<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    let wrong = wrong.to_uppercase();
    // `T1562.8` is `T1562.008`.
    let padded = wrong.split_once('.').map(|(whole, part)| format!("{whole}.{part:0>3}"));
    if let Some(padded) = padded.filter(|padded| known.contains(&padded.as_str())) {
        return Some(format!("did you mean `{padded}`?"));
    }
    near(&wrong, known)
}

/// Whether one is the technique of which the other is a part: `T1098` of `T1098.003`.
pub fn is_parent(parent: &str, id: &str) -> bool {
    id.strip_prefix(parent).is_some_and(|rest| rest.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_whole() {
        assert!(catalog().len() > 50 && attack().len() > 90);
        for table in [catalog(), attack()] {
            assert!(table.is_sorted_by(|a, b| a.id < b.id), "each once, in order");
            assert!(
                table.iter().all(|t| t.name.len() > 3 && t.tactics.iter().all(|tactic| tactic.contains(|c: char| c.is_ascii_lowercase())))
            );
        }
        assert_eq!(of_attack("T1685.002", 19), of_attack("T1562.008", 18));
        assert_eq!((of_attack("T1562.008", 19), of_attack("T1685.002", 18)), (None, None));
        assert!(of_catalog("AT1667.001").is_some() && is_parent("T1098", "T1098.003") && !is_parent("T1098", "T1098"));
    }
}
