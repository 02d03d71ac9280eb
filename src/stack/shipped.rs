//! Shipped detections that a stack changes. Their tests are the file's, which nobody can mend from the stack: where one
//! does not hold for the change, it still has to hold for the file. A change is tested by `tests:` beside it.

use super::compile::detections_alone;
use super::load::Project;
use crate::detection::{Detection, Unit};
use crate::finding::Finding;
use crate::yaml::Node;

/// The detection as it is shipped; `None`: it is no shipped one, or the stack has it so.
///
/// # Errors
/// None that a release has: a test compiles them.
pub fn as_shipped(project: &Project, unit: &Unit) -> Result<Option<Unit>, Vec<Finding>> {
    let is_it = |detection: &&Detection| detection.address == unit.ready.address && is_changed(project, detection);
    match project.detections.iter().find(is_it) {
        Some(detection) if !unit.is_left_out() => Ok(detections_alone(std::slice::from_ref(detection))?.pop()),
        _ => Ok(None),
    }
}

fn is_changed(project: &Project, detection: &Detection) -> bool {
    let over = project.tree.get("detections").and_then(|all| all.get(&detection.address)).map(Node::entries).unwrap_or_default();
    let declared = detection.tree.get("parameters").map(Node::entries).unwrap_or_default();
    let values = project.tree.get("parameters").map(Node::entries).unwrap_or_default();
    let is_set = declared.iter().any(|(key, _)| values.iter().any(|(value, _)| value.text == key.text));
    detection.tree.span.source.name.starts_with("embedded:") && (is_set || !over.is_empty())
}
