//! The published schema and the loader agree on every fixture, and each shipped file passes both.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};
use trailarm::detection::{Detection, load_file};
use trailarm::schema::{Document, schema};
use trailarm::stack::{Project, check, detections_alone};

use crate::emulator;

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

/// Whether a JSON Schema validator of another language takes each file, by its own schema and by the one for both.
fn schema_accepts(paths: &[PathBuf]) -> Vec<bool> {
    let own = validated(paths, |path| if is_stack(path) { Document::Stack } else { Document::Detection });
    assert_eq!(own, validated(paths, |_| Document::Any));
    own
}

fn validated(paths: &[PathBuf], document: fn(&Path) -> Document) -> Vec<bool> {
    let pair = |path: &PathBuf| {
        let value: Value = serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        json!([schema(document(path)), value])
    };
    let pairs: Value = paths.iter().map(pair).collect();
    let mut python = emulator::python();
    python.args(["-c", include_str!("validate.py")]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = python.spawn().unwrap();
    child.stdin.take().unwrap().write_all(pairs.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    serde_json::from_slice(&output.stdout).unwrap()
}

fn loader_accepts(path: &Path) -> bool {
    let path = camino::Utf8Path::from_path(path).unwrap();
    if is_stack(path.as_std_path()) {
        return Project::load(path).is_ok_and(|project| check(&project).is_ok());
    }
    let alone = |detection: Detection| detections_alone(&[detection]).is_ok();
    load_file(path).is_ok_and(alone)
}

#[test]
fn what_the_loader_accepts_the_schema_accepts() {
    let mut all = files("tests/fixtures/accepted");
    all.extend(files("alarms/api-gateway-abuse"));
    all.extend(files("alarms/lambda-persistence"));
    all.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/first-stack/trailarm.yaml"));
    for (path, accepted) in all.iter().zip(schema_accepts(&all)) {
        assert!(loader_accepts(path), "the loader refuses {}", path.display());
        assert!(accepted, "the schema refuses {}", path.display());
    }
}

#[test]
fn what_the_loader_refuses_the_schema_refuses() {
    let all = files("tests/fixtures/refused");
    for (path, accepted) in all.iter().zip(schema_accepts(&all)) {
        assert!(!loader_accepts(path), "the loader accepts {}", path.display());
        assert!(!accepted, "the schema accepts {}", path.display());
    }
}
