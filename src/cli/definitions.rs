//! What `validate` and `test` look at: the stack, or files and folders of detections.

use std::io::Write;

use camino::Utf8PathBuf;
use clap::Args;

use super::failure::Failure;
use super::session::stack_file;
use crate::detection::{Detection, Unit, load_file, load_folder};
use crate::finding::Finding;
use crate::stack::{Project, as_shipped, check, detections_alone};

/// Which definitions.
#[derive(Debug, Args)]
pub(super) struct Definitions {
    /// Detection files, folders of them, or stack files [default: the stack found upward from here]
    #[arg(value_name = "PATH")]
    paths: Vec<Utf8PathBuf>,
    /// The stack file, where no path is named [default: trailarm.yaml, found upward from here]
    #[arg(long, value_name = "FILE", env = "TRAILARM_CONFIG")]
    config: Option<Utf8PathBuf>,
}

/// Detections that belong together: those of a stack, or those named on the command line.
pub(super) struct Set {
    pub(super) units: Vec<Unit>,
    /// A stack or whole folders: who watches what can be seen.
    pub(super) is_whole: bool,
    /// Switched off by the stack, and so neither tested nor deployed.
    pub(super) disabled: usize,
    /// The stack that they are of.
    project: Option<Project>,
}

impl Set {
    /// A detection as it is shipped, if the stack changes it.
    ///
    /// # Errors
    /// See [`as_shipped`].
    pub(super) fn as_shipped(&self, unit: &Unit) -> Result<Option<Unit>, Failure> {
        self.project.as_ref().map_or(Ok(None), |project| Ok(as_shipped(project, unit)?))
    }

    /// All that the stack changes, as shipped.
    ///
    /// # Errors
    /// See [`as_shipped`].
    pub(super) fn all_as_shipped(&self) -> Result<Vec<Unit>, Failure> {
        self.units.iter().filter_map(|unit| self.as_shipped(unit).transpose()).collect()
    }
}

impl Definitions {
    /// Reads and compiles all of them.
    ///
    /// # Errors
    /// All that is wrong with any.
    pub(super) fn load(&self) -> Result<Vec<Set>, Failure> {
        let (mut sets, mut alone, mut findings) = (Vec::new(), Vec::new(), Vec::new());
        if self.paths.is_empty() {
            sets.extend(stack(stack_file(self.config.as_deref())?, &mut findings));
        }
        for path in &self.paths {
            if path.file_name() == Some("trailarm.yaml") {
                sets.extend(stack(path.clone(), &mut findings));
            } else {
                let read = if path.is_dir() { load_folder(path, None) } else { vec![load_file(path)] };
                gather(read, &mut alone, &mut findings);
            }
        }
        match detections_alone(&alone) {
            Ok(units) if !units.is_empty() => {
                sets.push(Set { units, is_whole: self.paths.iter().any(|path| path.is_dir()), disabled: 0, project: None });
            }
            Ok(_) => {}
            Err(more) => findings.extend(more),
        }
        if findings.is_empty() { Ok(sets) } else { Err(findings.into()) }
    }
}

/// How many detections, for a closing line.
pub(super) fn count(sets: &[Set]) -> usize {
    sets.iter().map(|set| set.units.len() + set.disabled).sum()
}

fn stack(path: Utf8PathBuf, findings: &mut Vec<Finding>) -> Option<Set> {
    let checked = Project::load(&path).and_then(|project| Ok((check(&project)?, project)));
    match checked {
        Ok((compiled, project)) => {
            Some(Set { disabled: compiled.disabled.len(), units: compiled.units, is_whole: true, project: Some(project) })
        }
        Err(more) => {
            findings.extend(more);
            None
        }
    }
}

fn gather(read: Vec<Result<Detection, Vec<Finding>>>, good: &mut Vec<Detection>, findings: &mut Vec<Finding>) {
    for one in read {
        match one {
            Ok(detection) => good.push(detection),
            Err(more) => findings.extend(more),
        }
    }
}

/// A line on stdout.
pub(super) fn say(line: &str) -> Result<(), Failure> {
    Ok(writeln!(anstream::stdout(), "{line}")?)
}
