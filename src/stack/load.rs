//! Finds and reads `trailarm.yaml` and the packs it names.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::section::StackSection;
use crate::detection::{Detection, load_pack};
use crate::finding::{Code, Finding};
use crate::yaml::{Node, Source, decode};

/// What the file is called.
const FILE_NAME: &str = "trailarm.yaml";

/// A stack file and its detections, read and not yet compiled.
#[derive(Debug)]
pub struct Project {
    pub path: Utf8PathBuf,
    pub tree: Node,
    pub detections: Vec<Detection>,
}

/// The nearest `trailarm.yaml` from `start` upward.
///
/// # Errors
/// There is none.
pub fn find(start: &Utf8Path) -> Result<Utf8PathBuf, Finding> {
    let found = start.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file());
    found.ok_or_else(|| {
        Finding::error(Code::Unreadable, format!("no {FILE_NAME} in {start} or in a folder above it"))
            .help("name one with `--config FILE`, or change to the folder of your stack")
    })
}

impl Project {
    /// Reads a stack file and all detections of its packs.
    ///
    /// # Errors
    /// All that is wrong with any of the files.
    pub fn load(path: &Utf8Path) -> Result<Self, Vec<Finding>> {
        let text = fs_err::read(path).map_err(|e| {
            vec![Finding::error(Code::Unreadable, e.to_string()).help("check the path, and who may read the file")]
        })?;
        let text = String::from_utf8(text)
            .map_err(|_| vec![Finding::error(Code::NotYaml, format!("{path} is not UTF-8")).help("save it as UTF-8")])?;
        let source = Arc::new(Source { name: path.to_string(), text });
        let tree = Node::parse(&source)?;
        let mut findings = Vec::new();
        let mut detections = Vec::new();
        let base = path.parent().unwrap_or(Utf8Path::new(""));
        for (entry, at) in packs(&tree) {
            for read in load_pack(&entry, base, &at) {
                match read {
                    Ok(detection) => detections.push(detection),
                    Err(more) => findings.extend(more),
                }
            }
        }
        // A first look at the stack's own keys, so that its errors stand beside those of the packs.
        let mut shape = tree.clone();
        crate::yaml::substitute(&mut shape, &super::compile::placeholders(&tree), &mut Vec::new());
        findings.extend(decode::<StackSection>(&shape).err().unwrap_or_default());
        if findings.is_empty() { Ok(Self { path: path.to_owned(), tree, detections }) } else { Err(findings) }
    }
}

/// The entries of `packs:` that are text; others are reported by the decoder.
fn packs(tree: &Node) -> Vec<(String, crate::yaml::Span)> {
    let Some(crate::yaml::Value::List(items)) = tree.get("packs").map(|n| &n.value) else { return Vec::new() };
    let text = |node: &Node| match &node.value {
        crate::yaml::Value::Scalar { text, .. } => Some((text.clone(), node.span.clone())),
        _ => None,
    };
    items.iter().filter_map(text).collect()
}
