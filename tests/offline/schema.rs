//! The published schema and the loader agree on every fixture, and each shipped file passes both.

use std::path::{Path, PathBuf};

use serde_json::Value;
use trailarm::detection::{Detection, load_file};
use trailarm::schema::{Document, schema};
use trailarm::stack::{Project, check, detections_alone};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().flatten().map(|e| e.path()).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

/// A stack file is told by its name: `stack-…`.
fn is_stack(path: &Path) -> bool {
    path.file_name().unwrap().to_string_lossy().starts_with("stack") || path.ends_with("trailarm.yaml")
}

fn schema_accepts(path: &Path) -> bool {
    let value: Value = serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let document = if is_stack(path) { Document::Stack } else { Document::Detection };
    jsonschema::validator_for(&schema(document)).unwrap().is_valid(&value)
}

fn loader_accepts(path: &Path) -> bool {
    let path = camino::Utf8Path::from_path(path).unwrap();
    if is_stack(path.as_std_path()) {
        return Project::load(path).is_ok_and(|project| check(&project).is_empty());
    }
    let alone = |detection: Detection| detections_alone(&[detection]).is_empty();
    load_file(path).is_ok_and(alone)
}

#[test]
fn what_the_loader_accepts_the_schema_accepts() {
    let mut all = files("tests/fixtures/accepted");
    all.extend(files("alarms/api-gateway-abuse"));
    all.extend(files("alarms/lambda-persistence"));
    all.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/first-stack/trailarm.yaml"));
    for path in all {
        assert!(loader_accepts(&path), "the loader refuses {}", path.display());
        assert!(schema_accepts(&path), "the schema refuses {}", path.display());
    }
}

#[test]
fn what_the_loader_refuses_the_schema_refuses() {
    for path in files("tests/fixtures/refused") {
        assert!(!loader_accepts(&path), "the loader accepts {}", path.display());
        assert!(!schema_accepts(&path), "the schema accepts {}", path.display());
    }
}
