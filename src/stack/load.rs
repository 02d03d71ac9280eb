//! Finds and reads `trailarm.yaml` and the packs it names.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use crate::detection::{Detection, load_pack};
use crate::finding::{Code, Finding};
use crate::yaml::{Node, Source, Span, Value};

/// What the file is called.
pub(crate) const FILE_NAME: &str = "trailarm.yaml";

/// A stack file and its detections, read and not yet compiled.
#[derive(Debug)]
pub struct Project {
    pub path: Utf8PathBuf,
    pub tree: Node,
    pub detections: Vec<Detection>,
    /// What is wrong with files of the packs.
    pub problems: Vec<Finding>,
}

/// The nearest `trailarm.yaml` from `start` upward.
///
/// # Errors
/// There is none.
pub fn find(start: &Utf8Path) -> Result<Utf8PathBuf, Finding> {
    let found = start.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file());
    found.ok_or_else(|| {
        Finding::error(Code::Unreadable, format!("no {FILE_NAME} in {start} or in a folder above it"))
            .help("name one with `--config FILE`, change to the folder of your stack, or write one with `trailarm init`")
    })
}

impl Project {
    /// Reads a stack file and all detections of its packs. What is wrong with a detection's file is
    /// kept in `problems`, so that the others can be looked at as well.
    ///
    /// # Errors
    /// The stack file cannot be read or is not YAML.
    pub fn load(path: &Utf8Path) -> Result<Self, Vec<Finding>> {
        let text = fs_err::read(path)
            .map_err(|e| vec![Finding::error(Code::Unreadable, e.to_string()).help("check the path, and who may read the file")])?;
        let text = String::from_utf8(text)
            .map_err(|_| vec![Finding::error(Code::NotYaml, format!("{path} is not UTF-8")).help("save it as UTF-8")])?;
        Self::parse(path, text)
    }

    /// The same for a text that is, or will be, the stack file at `path`.
    ///
    /// # Errors
    /// It is not YAML.
    pub fn parse(path: &Utf8Path, text: String) -> Result<Self, Vec<Finding>> {
        let tree = Node::parse(&Arc::new(Source { name: path.to_string(), text }))?;
        let base = path.parent().unwrap_or(Utf8Path::new(""));
        let (mut detections, mut problems) = (Vec::new(), Vec::new());
        for read in packs(&tree).iter().flat_map(|(entry, at)| load_pack(entry, base, at)) {
            match read {
                Ok(detection) => detections.push(detection),
                Err(findings) => problems.extend(findings),
            }
        }
        Ok(Self { path: path.to_owned(), tree, detections, problems })
    }

    /// Takes another profile of a pack than the file says.
    ///
    /// # Errors
    /// The name is no YAML.
    pub fn choose_profile(&mut self, pack: &str, profile: &str) -> Result<(), Vec<Finding>> {
        let source = Source { name: "--profile".to_owned(), text: format!("profiles: {{{pack}: {profile}}}") };
        self.tree.merge(&Node::parse(&Arc::new(source))?);
        Ok(())
    }
}

/// The entries of `packs:` that are text; others are reported by the decoder.
fn packs(tree: &Node) -> Vec<(String, Span)> {
    let Some(Value::List(items)) = tree.get("packs").map(|n| &n.value) else { return Vec::new() };
    let text = |node: &Node| match &node.value {
        Value::Scalar { text, .. } => Some((text.clone(), node.span.clone())),
        _ => None,
    };
    items.iter().filter_map(text).collect()
}
