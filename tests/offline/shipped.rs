//! The detections in the binary are those in `alarms/`, and each is as good as the contract asks.

use std::collections::BTreeSet;
use std::path::Path;

use trailarm::detection::{SHIPPED, load_folder};
use trailarm::stack::detections_alone;

#[test]
fn the_list_of_shipped_detections_is_the_folder() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("alarms");
    let mut files = BTreeSet::new();
    for pack in std::fs::read_dir(&folder).unwrap().flatten() {
        for file in std::fs::read_dir(pack.path()).unwrap().flatten() {
            let stem = file.path().with_extension("").file_name().unwrap().to_string_lossy().into_owned();
            files.insert(format!("{}/{stem}", pack.file_name().to_string_lossy()));
        }
    }
    let listed: BTreeSet<String> = SHIPPED.iter().map(|(address, _)| (*address).to_owned()).collect();
    assert_eq!(listed, files);
}

#[test]
fn shipped_detections_are_valid_and_their_names_are_told_apart_without_the_pack() {
    let folder = camino::Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("alarms");
    let detections: Vec<_> = load_folder(&folder, None).into_iter().map(|d| d.unwrap()).collect();
    let findings = detections_alone(&detections).err().unwrap_or_default();
    assert!(findings.is_empty(), "{}", crate::world::messages(&findings));
    let names: BTreeSet<&str> = detections.iter().map(|d| d.name()).collect();
    assert_eq!(names.len(), detections.len());
}
