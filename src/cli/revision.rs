//! Definitions as they were: in another file, or at a revision of git.
//!
//! Cannot be seen: what shipped packs were in an older version of this program.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

use super::backtest::is_file;
use super::failure::Failure;
use super::library::{Library, Which};
use crate::detection::{Unit, load_file};
use crate::finding::{Code, Finding};

/// The detections of a stack file, of a detection file or of a revision. `detections`: as they stand on the command line.
///
/// # Errors
/// There is no such file or revision, or what was there is wrong.
pub(super) fn before(text: &str, which: &Which, detections: &[String]) -> Result<Vec<Unit>, Failure> {
    let path = Utf8Path::new(text);
    if path.is_file() {
        return of_file(path, which, detections);
    }
    if is_file(text) {
        let finding = Finding::error(Code::Unreadable, format!("there is no file {text} to compare with"));
        return Err(finding.help("name a stack file, a detection file or a revision of git").into());
    }
    of_revision(text, which, detections)
}

fn of_file(path: &Utf8Path, which: &Which, detections: &[String]) -> Result<Vec<Unit>, Failure> {
    if path.file_name() == Some("trailarm.yaml") {
        return Ok(Library::load(Some(path))?.units);
    }
    let mut detection = load_file(path)?;
    // Whatever its file is called, it is compared with the one that is named.
    if let [name] = detections {
        detection.address = if is_file(name) { load_file(Utf8Path::new(name))?.address } else { name.clone() };
    }
    let address = detection.address.clone();
    let mut units = Library::with(vec![detection], which.stack_file().as_deref())?;
    units.retain(|unit| unit.ready.address == address);
    Ok(units)
}

fn of_revision(revision: &str, which: &Which, detections: &[String]) -> Result<Vec<Unit>, Failure> {
    let files: Vec<&String> = detections.iter().filter(|text| is_file(text)).collect();
    let stack = which.stack_file();
    let Some(first) = stack.as_deref().or(files.first().map(|file| Utf8Path::new(file.as_str()))) else {
        let finding = Finding::error(Code::Combination, "the shipped detections are in this program, and in no revision of git");
        return Err(finding.help("compare with a file, or inside of a stack").into());
    };
    let root = Utf8PathBuf::from(git(first.parent().unwrap_or(Utf8Path::new("")), &["rev-parse", "--show-toplevel"])?.trim_end());
    let checkout = Checkout::new(&root, revision)?;
    let there = |path: &Utf8Path| -> Result<Utf8PathBuf, Failure> {
        let whole = path.canonicalize_utf8().ok();
        let inside = whole.as_deref().and_then(|path| path.strip_prefix(&root).ok()).map(|path| checkout.0.join(path));
        inside.filter(|path| path.is_file()).ok_or_else(|| {
            let finding = Finding::error(Code::Unreadable, format!("there is no {path} at {revision}"));
            finding.help("name a later revision, or a file to compare with").into()
        })
    };
    let stack = stack.as_deref().map(there).transpose()?;
    if files.is_empty() {
        return Ok(Library::load(stack.as_deref())?.units);
    }
    let paths = files.iter().map(|file| there(Utf8Path::new(file.as_str()))).collect::<Result<Vec<_>, _>>()?;
    Library::with(paths.iter().map(|path| load_file(path)).collect::<Result<Vec<_>, _>>()?, stack.as_deref())
}

/// Files of a revision, in a folder that ends with this.
struct Checkout(Utf8PathBuf);

impl Checkout {
    fn new(root: &Utf8Path, revision: &str) -> Result<Self, Failure> {
        let unusable =
            |error: std::io::Error| Finding::error(Code::Unreadable, error.to_string()).help("check the folder for temporary files");
        let archive = git_bytes(root, &["archive", "--format=tar", "--end-of-options", revision, "*.yaml", "*.yml"])
            .or_else(|_| git_bytes(root, &["archive", "--format=tar", "--end-of-options", revision, "*.yaml"]))?;
        let folder = std::env::temp_dir().join(format!("trailarm-{:016x}", fastrand::u64(..)));
        let folder = Utf8PathBuf::try_from(folder)
            .map_err(|error| Finding::error(Code::Unreadable, error.to_string()).help("set TMPDIR to a folder with a UTF-8 path"))?;
        fs_err::create_dir(&folder).map_err(unusable)?;
        let checkout = Self(folder);
        tar::Archive::new(archive.as_slice()).unpack(&checkout.0).map_err(unusable)?;
        Ok(checkout)
    }
}

impl Drop for Checkout {
    fn drop(&mut self) {
        // What stays behind is only of no use.
        let _ = fs_err::remove_dir_all(&self.0);
    }
}

fn git(folder: &Utf8Path, arguments: &[&str]) -> Result<String, Failure> {
    Ok(String::from_utf8_lossy(&git_bytes(folder, arguments)?).into_owned())
}

fn git_bytes(folder: &Utf8Path, arguments: &[&str]) -> Result<Vec<u8>, Failure> {
    let folder = if folder.as_str().is_empty() { Utf8Path::new(".") } else { folder };
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output().map_err(|error| {
        let finding = Finding::error(Code::Unreadable, format!("git cannot be run: {error}"));
        finding.help("install git, or compare with a file")
    })?;
    if output.status.success() {
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let finding = Finding::error(Code::Unreadable, format!("git: {}", said.trim().lines().next().unwrap_or("it failed")));
    Err(finding.help("name a revision such as HEAD~1 or origin/main, or a file").into())
}
