//! `trailarm validate`: all errors of all files, without an account.

use std::io::Write;

use camino::Utf8PathBuf;
use clap::Args;

use super::Answer;
use super::failure::Failure;
use super::session::{load_project, open_project};
use crate::detection::{Detection, load_file, load_folder};
use crate::finding::Finding;
use crate::stack::detections_alone;

#[derive(Debug, Args)]
pub(super) struct ValidateArgs {
    /// Detection files, folders of them, or stack files [default: the stack found upward from here]
    #[arg(value_name = "PATH")]
    paths: Vec<Utf8PathBuf>,
    /// The stack file [default: trailarm.yaml, found upward from here]
    #[arg(long, value_name = "FILE", env = "TRAILARM_CONFIG", conflicts_with = "paths")]
    config: Option<Utf8PathBuf>,
}

pub(super) fn run(args: &ValidateArgs) -> Result<Answer, Failure> {
    let mut count = 0;
    let mut findings = Vec::new();
    if args.paths.is_empty() {
        count = open_project(args.config.as_deref())?.detections.len();
    }
    let mut alone = Vec::new();
    for path in &args.paths {
        if path.file_name() == Some("trailarm.yaml") {
            match load_project(path) {
                Ok(project) => count += project.detections.len(),
                Err(Failure::Findings(more)) => findings.extend(more),
                Err(other) => return Err(other),
            }
        } else {
            let read = if path.is_dir() { load_folder(path, None) } else { vec![load_file(path)] };
            gather(read, &mut alone, &mut findings);
        }
    }
    findings.extend(detections_alone(&alone));
    count += alone.len();
    if !findings.is_empty() {
        return Err(findings.into());
    }
    let are = if count == 1 { "detection is" } else { "detections are" };
    writeln!(anstream::stdout(), "{count} {are} valid.")?;
    Ok(Answer::Yes)
}

fn gather(read: Vec<Result<Detection, Vec<Finding>>>, good: &mut Vec<Detection>, findings: &mut Vec<Finding>) {
    for one in read {
        match one {
            Ok(detection) => good.push(detection),
            Err(more) => findings.extend(more),
        }
    }
}
