//! Finds detections: in the binary by the name of a pack, in folders by path.

use std::collections::BTreeSet;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::SHIPPED;
use crate::finding::{Code, Finding, suggest};
use crate::yaml::{Node, Source, Span};

/// A detection that was read, not yet compiled.
#[derive(Debug, Clone)]
pub struct Detection {
    /// `<pack>/<name>`.
    pub address: String,
    pub tree: Node,
}

impl Detection {
    /// The name without the pack.
    pub fn name(&self) -> &str {
        self.address.rsplit('/').next().unwrap_or_default()
    }

    /// The file as the marker of an alarm says it.
    pub fn file(&self) -> String {
        format!("{}.yaml", self.address)
    }
}

type Read = Result<Detection, Vec<Finding>>;

/// The detections of one entry of `packs:`.
pub fn load_pack(entry: &str, base: &Utf8Path, at: &Span) -> Vec<Read> {
    let is_path = entry.starts_with('.') || entry.contains('/');
    if is_path {
        return load_folder(&base.join(entry.trim_start_matches("./")), Some(at));
    }
    let shipped: Vec<_> = SHIPPED.iter().filter(|(address, _)| address.split('/').next() == Some(entry)).collect();
    if shipped.is_empty() {
        let finding = Finding::error(Code::UnknownName, format!("no pack is called `{entry}`"))
            .at(at)
            .help(format!("{} (a folder is named by its path, `./{entry}`)", suggest(entry, packs())));
        return vec![Err(vec![finding])];
    }
    shipped.into_iter().map(|(address, text)| parse_shipped(address, text)).collect()
}

/// Names of the packs in the binary.
pub fn packs() -> BTreeSet<&'static str> {
    SHIPPED.iter().filter_map(|(address, _)| address.split('/').next()).collect()
}

/// All detections of the binary.
pub fn load_shipped() -> Vec<Read> {
    SHIPPED.iter().map(|(address, text)| parse_shipped(address, text)).collect()
}

fn parse_shipped(address: &str, text: &str) -> Read {
    parse(address, &format!("embedded:{address}.yaml"), text)
}

/// All `*.yaml` files of a folder and the folders below it.
pub fn load_folder(folder: &Utf8Path, at: Option<&Span>) -> Vec<Read> {
    let mut files = Vec::new();
    if let Err(error) = collect(folder, &mut files, &mut 0) {
        return vec![Err(vec![unreadable(&error, at).help("check the path: it is relative to the file that names it")])];
    }
    if files.is_empty() {
        let finding = Finding::error(Code::EmptyFile, format!("the folder {folder} holds no detection")).maybe_at(at);
        return vec![Err(vec![finding.help("a detection is a file `<name>.yaml`; write one, or remove the folder from `packs:`")])];
    }
    files.iter().map(|file| load_file(file)).collect()
}

/// One detection file; its pack is the folder it is in.
pub fn load_file(path: &Utf8Path) -> Read {
    let absolute = path.canonicalize_utf8().unwrap_or_else(|_| path.to_owned());
    let pack = absolute.parent().and_then(Utf8Path::file_name).unwrap_or("detections");
    let address = format!("{pack}/{}", path.file_stem().unwrap_or_default());
    match read(path) {
        Ok(text) => parse(&address, path.as_str(), &text),
        Err(finding) => Err(vec![*finding]),
    }
}

fn read(path: &Utf8Path) -> Result<String, Box<Finding>> {
    if path.exists() && !path.is_file() {
        let finding = Finding::error(Code::Unreadable, format!("{path} is not a regular file"));
        return Err(Box::new(finding.help("name a file, or a folder of files")));
    }
    let bytes = fs_err::read(path).map_err(|e| Box::new(unreadable(&e, None).help("check the path and who may read it")))?;
    String::from_utf8(bytes).map_err(|e| {
        let message = format!("{path} is not UTF-8: byte {} is wrong", e.utf8_error().valid_up_to());
        Box::new(Finding::error(Code::NotYaml, message).help("save it as UTF-8"))
    })
}

fn unreadable(error: &std::io::Error, at: Option<&Span>) -> Finding {
    Finding::error(Code::Unreadable, error.to_string()).maybe_at(at)
}

fn parse(address: &str, name: &str, text: &str) -> Read {
    let source = Arc::new(Source { name: name.to_owned(), text: text.to_owned() });
    let tree = Node::parse(&source)?;
    let stem = address.rsplit('/').next().unwrap_or_default();
    if stem.is_empty() || address.contains([':', '*', '"', '$']) || address.chars().any(|c| c.is_control() || c.is_whitespace()) {
        let finding = Finding::error(Code::WrongValue, format!("`{address}` cannot name a detection"));
        return Err(vec![
            finding
                .at(&Span::start_of(&source))
                .help("rename file or folder: no blanks, `:`, `*`, `$` or quotes, since alarms and filters are named after it"),
        ]);
    }
    Ok(Detection { address: address.to_owned(), tree })
}

/// More entries than this are not a folder of detections.
const MOST_ENTRIES: usize = 10_000;

/// Depth first, in the order of names; what starts with a dot, and links to folders, are left out.
fn collect(folder: &Utf8Path, files: &mut Vec<Utf8PathBuf>, seen: &mut usize) -> std::io::Result<()> {
    let mut entries = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        *seen += 1;
        if *seen > MOST_ENTRIES {
            return Err(std::io::Error::other(format!("{folder} lies in a folder of more than {MOST_ENTRIES} entries")));
        }
        let path = Utf8PathBuf::try_from(entry?.path()).map_err(|e| std::io::Error::other(e.to_string()))?;
        entries.push(path);
    }
    entries.sort();
    for path in entries.into_iter().filter(|p| !p.file_name().unwrap_or_default().starts_with('.')) {
        if path.is_dir() {
            if !path.is_symlink() {
                collect(&path, files, seen)?;
            }
        } else if matches!(path.extension(), Some("yaml" | "yml")) && path.file_stem() != Some("trailarm") {
            if !path.is_file() {
                return Err(std::io::Error::other(format!("{path} is not a regular file")));
            }
            files.push(path);
        }
    }
    Ok(())
}
