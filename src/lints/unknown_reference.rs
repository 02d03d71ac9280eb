//! TA603: a reference names a technique or control that is not known

use super::{Lint, Reporter, Subject};
use crate::audit::{CIS_VERSIONS, CONTROLS};
use crate::detection::Unit;
use crate::finding::{Severity, suggest};
use crate::techniques::{RENUMBERED_IN, attack, catalog, of_attack, of_catalog, suggestion};

pub(super) const LINT: Lint = Lint { code: "TA603", severity: Severity::Warning, doc: include_str!("unknown_reference.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for unit in subject.units {
        in_catalog(unit, reporter);
        in_attack(unit, reporter);
        in_cis(unit, reporter);
    }
}

fn in_catalog(unit: &Unit, reporter: &mut Reporter<'_>) {
    let ids = unit.ready.section.references.iter().filter_map(|references| references.catalog.as_ref()).flatten();
    for (i, id) in ids.enumerate().filter(|(_, id)| of_catalog(id).is_none()) {
        let at = unit.ready.tree.locate(&format!("references.catalog.{i}"));
        let help = suggest_near(id, catalog().iter().map(|technique| technique.id));
        reporter.say(&at, format!("the AWS Threat Technique Catalog has no technique `{id}`"), help);
    }
}

fn in_attack(unit: &Unit, reporter: &mut Reporter<'_>) {
    let Some(named) = unit.ready.section.references.as_ref().and_then(|references| references.attack.as_ref()) else { return };
    let tree = &unit.ready.tree;
    if !(1..=RENUMBERED_IN).contains(&named.version) {
        let at = tree.locate("references.attack.version");
        reporter.say(&at, format!("no version {} of ATT&CK is known", named.version), format!("write 1 to {RENUMBERED_IN}"));
        return;
    }
    for (i, id) in named.techniques.iter().enumerate().filter(|(_, id)| of_attack(id, named.version).is_none()) {
        let at = tree.locate(&format!("references.attack.techniques.{i}"));
        // The id of another version.
        let other = attack().iter().find(|technique| technique.id == id || technique.renumbered == Some(id));
        let help = match other {
            Some(technique) => format!("in version {} it is `{}`", named.version, technique.id_in(named.version)),
            None => suggest_near(id, attack().iter().map(|technique| technique.id_in(named.version))),
        };
        reporter.say(&at, format!("ATT&CK {} has no technique `{id}` that is known here", named.version), help);
    }
}

/// The last control on monitoring: that Security Hub is on.
const LAST_OF_MONITORING: u8 = 16;

fn in_cis(unit: &Unit, reporter: &mut Reporter<'_>) {
    let controls = unit.ready.section.references.iter().filter_map(|references| references.cis.as_ref()).flatten();
    let known: Vec<&str> = ["1.2", "1.3"].iter().chain(CIS_VERSIONS).copied().collect();
    for (version, control) in controls {
        let number = control.split_once('.').and_then(|(section, number)| Some((section.parse::<u8>().ok()?, number.parse::<u8>().ok()?)));
        let (message, help) = match (known.contains(&version.as_str()), number) {
            (false, _) => (format!("no version {version} of the CIS benchmark is known"), suggest(version, known.iter().copied())),
            (true, None) => (format!("`{control}` is no number of a control"), "write section and number, such as \"5.1\"".to_owned()),
            (true, Some((section, number))) => {
                let first = CONTROLS[0].cis_number(version);
                let is_monitoring = first.split('.').next() == Some(&section.to_string());
                if !is_monitoring || (1..=LAST_OF_MONITORING).contains(&number) {
                    continue;
                }
                let message = format!("CIS {version} has no control {control} in its section on monitoring");
                (message, format!("its controls are {first} to {section}.{LAST_OF_MONITORING}"))
            }
        };
        // A key with a dot is no path.
        let cis = unit.ready.tree.locate("references.cis");
        let entry = unit.ready.tree.find("references.cis").and_then(|node| node.entry(version)).map(|(key, _)| key.span.clone());
        reporter.say(&entry.unwrap_or(cis), message, help);
    }
}

/// The nearest id; the whole list helps nobody.
fn suggest_near<'a>(id: &str, known: impl Iterator<Item = &'a str>) -> String {
    suggestion(id, known).unwrap_or_else(|| "check the id; `trailarm coverage` lists the known ones".to_owned())
}
