//! `trailarm new PACK/NAME`: a detection with its tests, ready to be changed.

use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use clap::builder::ValueHint;
use clap_complete::{ArgValueCandidates, ArgValueCompleter};

use super::Answer;
use super::completions;
use super::failure::Failure;
use super::session::stack_file;
use crate::report::escape;
use crate::scaffold;
use crate::stack::Project;
use crate::yaml::Value;

/// Where own detections are, unless the stack names a folder.
const USUAL: &str = "alarms";

#[derive(Debug, Args)]
pub(super) struct NewArgs {
    /// Pack and name: my-pack/user-created
    #[arg(value_name = "PACK/NAME")]
    address: String,
    /// Event source to watch: iam, or iam.amazonaws.com
    #[arg(long, short, value_name = "SOURCE", env = "TRAILARM_NEW_SOURCE", default_value = "iam", add = ArgValueCandidates::new(completions::sources))]
    source: String,
    /// Event name as CloudTrail writes it: CreateUser, 'CreateFunction2*'
    #[arg(long, short, value_name = "NAME", env = "TRAILARM_NEW_EVENT", default_value = "CreateUser", add = ArgValueCompleter::new(completions::event_names))]
    event: String,
    /// The folder of your packs [default: the first folder that the stack names, or alarms]
    #[arg(long, value_name = "FOLDER", env = "TRAILARM_FOLDER", value_hint = ValueHint::DirPath)]
    folder: Option<Utf8PathBuf>,
}

pub(super) fn run(args: &NewArgs) -> Result<Answer, Failure> {
    let project = stack_file(None).ok().and_then(|path| Project::load(&path).ok());
    let base = project.as_ref().and_then(|project| project.path.parent()).unwrap_or(Utf8Path::new("")).to_owned();
    let named = project.as_ref().and_then(folder_of);
    let folder = args.folder.clone().unwrap_or_else(|| base.join(named.as_deref().unwrap_or(USUAL)));
    let file = scaffold::detection(&folder, &args.address, &args.source, &args.event)?;
    scaffold::write(std::slice::from_ref(&file))?;
    let mut out = anstream::stdout().lock();
    writeln!(out, "wrote {}", escape(file.path.as_str()))?;
    writeln!(out, "It watches {} of {}; say why in it, and what to do when it fires.", escape(&args.event), escape(&args.source))?;
    writeln!(out, "test it: trailarm test {} --mutations", escape(file.path.as_str()))?;
    if named.is_none_or(|named| base.join(named) != folder) {
        writeln!(out, "to deploy it, add `{}` to `packs:` in trailarm.yaml", escape(&entry(&folder, &base)))?;
    }
    Ok(Answer::Yes)
}

/// A folder as `packs:` names it: from the stack's file.
fn entry(folder: &Utf8Path, base: &Utf8Path) -> String {
    let from_base = folder.strip_prefix(base).unwrap_or(folder);
    let from_base = from_base.strip_prefix(".").unwrap_or(from_base);
    if from_base.starts_with("..") || from_base.is_absolute() { from_base.to_string() } else { format!("./{from_base}") }
}

/// The first entry of `packs:` that is a folder.
fn folder_of(project: &Project) -> Option<String> {
    let Value::List(items) = &project.tree.get("packs")?.value else { return None };
    let text = |value: &Value| if let Value::Scalar { text, .. } = value { Some(text.clone()) } else { None };
    let folder = items.iter().filter_map(|item| text(&item.value)).find(|entry| entry.starts_with('.') || entry.contains('/'))?;
    Some(folder.trim_start_matches("./").to_owned())
}
