//! Files that `trailarm init` and `trailarm new` write: templates, filled in.

use camino::{Utf8Path, Utf8PathBuf};

use crate::cloudtrail;
use crate::detection::packs;
use crate::finding::{Code, Finding, near, suggest};
use crate::stack::FILE_NAME;

const DETECTION: &str = include_str!("detection.yaml");
const STACK: &str = include_str!("trailarm.yaml");
const GITHUB: &str = include_str!("github.yml");

/// A file to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scaffold {
    pub path: Utf8PathBuf,
    pub text: String,
}

/// `{{name}}` → value, each once: what a value says is not looked at. What is not named stays, such as expressions of a
/// workflow.
fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let (mut out, mut rest) = (String::new(), template);
    while let Some(start) = rest.find("{{") {
        let (before, here) = rest.split_at(start);
        out.push_str(before);
        let known = values.iter().find_map(|(name, value)| Some((value, here[2..].strip_prefix(name)?.strip_prefix("}}")?)));
        rest = match known {
            Some((value, after)) => {
                out.push_str(value);
                after
            }
            None => {
                out.push_str("{{");
                &here[2..]
            }
        };
    }
    out + rest
}

/// A text as YAML: in quotes, unless it is a plain word.
fn yaml(text: &str) -> String {
    let is_word =
        text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_*".contains(c));
    let means_something = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_lowercase().as_str());
    if is_word && !means_something { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

/// A detection: one event of one source, with its tests.
///
/// # Errors
/// The address is none, or CloudTrail writes no such source or event.
pub fn detection(folder: &Utf8Path, address: &str, source: &str, event: &str) -> Result<Scaffold, Finding> {
    let parts: Vec<&str> = address.split('/').collect();
    let is_name = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    let [pack, name] = parts.as_slice() else { return Err(no_address(address)) };
    if ![pack, name].into_iter().all(is_name) {
        return Err(no_address(address));
    }
    if format!("{name}.yaml") == FILE_NAME {
        let finding = Finding::error(Code::WrongValue, format!("no detection can be called `{name}`: {FILE_NAME} is the stack's file"));
        return Err(finding.help("choose another name"));
    }
    let (source, event, written) = event_of(source, event)?;
    let names = cloudtrail::names(&source).unwrap_or_default();
    let other_event = names.iter().find(|name| !fits(&event, name)).copied().unwrap_or("Other");
    // A sign-in that failed has no errorCode.
    let (condition, refused) = if source == "signin.amazonaws.com" {
        ("where: $.errorMessage NOT EXISTS", "errorMessage: Failed authentication")
    } else {
        ("succeeded: true", "errorCode: AccessDenied")
    };
    let other_source = if source == "iam.amazonaws.com" { "organizations.amazonaws.com" } else { "iam.amazonaws.com" };
    let text = filled(
        DETECTION,
        &[
            ("description", &format!("{written} was called.")),
            ("source", &source),
            ("event", &yaml(&event)),
            ("condition", condition),
            (
                "read_only",
                if ["Get", "List", "Describe", "Head", "Search"].iter().any(|verb| written.starts_with(verb)) { "true" } else { "false" },
            ),
            ("refused", refused),
            ("event_written", &written),
            ("other_source", other_source),
            ("other_event", other_event),
        ],
    );
    Ok(Scaffold { path: folder.join(pack).join(format!("{name}.yaml")), text })
}

fn no_address(address: &str) -> Finding {
    let finding = Finding::error(Code::WrongValue, format!("`{address}` is no address of a detection"));
    finding.help("write pack and name in lower case, such as `my-pack/user-created`")
}

/// Source in full, event as it goes into `events:`, and one that it stands for.
fn event_of(source: &str, event: &str) -> Result<(String, String, String), Finding> {
    let full = cloudtrail::find_source(source, "`trailarm events NAME` finds the source of an event")?;
    let names = cloudtrail::names(&full).unwrap_or_default();
    let Some(written) = names.iter().find(|name| fits(event, name)) else {
        let finding = Finding::error(Code::UnknownName, format!("{full} writes no event `{event}`"));
        let dated = names.iter().find(|name| name.strip_prefix(event).is_some_and(|rest| rest.starts_with("20")));
        let dated = dated.map(|name| format!("it is called `{name}`: write `{event}2*`"));
        let help = dated.or_else(|| near(event, names.iter().copied()));
        return Err(finding.help(help.unwrap_or_else(|| format!("`trailarm events --source {source}` lists them"))));
    };
    Ok((full, event.to_owned(), (*written).to_owned()))
}

fn fits(event: &str, name: &str) -> bool {
    event.strip_suffix('*').map_or(name == event, |start| name.starts_with(start))
}

/// What a new stack is made of.
#[derive(Debug, Clone)]
pub struct NewStack {
    pub name: String,
    pub packs: Vec<String>,
    /// Of the pack `cis`.
    pub profile: Option<String>,
    /// The trail to ask, or `auto`.
    pub trail: String,
    /// In place of asking a trail.
    pub log_group: Option<String>,
    pub tells: Tells,
    pub github: bool,
}

/// Whom the alarms tell.
#[derive(Debug, Clone)]
pub enum Tells {
    Email(String),
    /// ARN of a topic that exists.
    Topic(String),
}

impl NewStack {
    /// The files, in the order in which they are told.
    ///
    /// # Errors
    /// A pack is not known.
    pub fn files(&self, folder: &Utf8Path) -> Result<Vec<Scaffold>, Finding> {
        if let Some(unknown) = self.packs.iter().find(|pack| !packs().contains(pack.as_str())) {
            return Err(Finding::error(Code::UnknownName, format!("no pack is called `{unknown}`")).help(suggest(unknown, packs())));
        }
        let has_cis = self.packs.iter().any(|pack| pack == "cis");
        if let Some(profile) = self.profile.as_ref().filter(|_| !has_cis) {
            let finding =
                Finding::error(Code::Combination, format!("the profile `{profile}` is one of the pack `cis`, which is not chosen"));
            return Err(finding.help("add `cis` to `--packs`, or leave `--cis-profile` out"));
        }
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let log_group = match &self.log_group {
            Some(name) => format!("{{name: {}}}", quoted(name)),
            None => format!("{{from_trail: {}}}", if self.trail == "auto" { "auto".to_owned() } else { quoted(&self.trail) }),
        };
        let topic = match &self.tells {
            Tells::Email(address) => format!("\n    subscriptions: [{{email: {}}}]", quoted(address)),
            Tells::Topic(arn) => format!(" {{arn: {}}}", quoted(arn)),
        };
        let profiles = self.profile.as_ref().map_or_else(String::new, |profile| format!("profiles: {{cis: {}}}\n", quoted(profile)));
        let stack = filled(
            STACK,
            &[
                ("stack", &yaml(&self.name)),
                ("log_group", &log_group),
                ("packs", &self.packs.join(", ")),
                ("profiles", &profiles),
                ("topic", &topic),
            ],
        );
        let mut files = vec![Scaffold { path: folder.join(FILE_NAME), text: stack }];
        if self.github {
            let (root, inside) = repository(folder);
            let defaults = inside
                .map_or_else(String::new, |inside| format!("defaults: {{run: {{working-directory: {}}}}}\n", quoted(inside.as_str())));
            files.push(Scaffold { path: root.join(".github/workflows/trailarm.yml"), text: filled(GITHUB, &[("defaults", &defaults)]) });
        }
        Ok(files)
    }
}

/// The root of the repository that a folder is in, where GitHub looks for workflows, and the way from there to the folder.
/// Without a repository, the folder itself.
fn repository(folder: &Utf8Path) -> (Utf8PathBuf, Option<Utf8PathBuf>) {
    let here = if folder.as_str().is_empty() { Utf8Path::new(".") } else { folder };
    // A folder that is yet to be made has the parents of the nearest that is there.
    let there = here.ancestors().find(|part| part.is_dir()).unwrap_or(Utf8Path::new("."));
    let (Ok(absolute), Ok(rest)) = (there.canonicalize_utf8(), here.strip_prefix(there)) else { return (folder.to_owned(), None) };
    let absolute = if rest.as_str().is_empty() { absolute } else { absolute.join(rest) };
    match absolute.ancestors().skip(1).find(|part| part.join(".git").exists()) {
        Some(root) if !absolute.join(".git").exists() => {
            let inside = absolute.strip_prefix(root).map(Utf8Path::to_owned).ok();
            (root.to_owned(), inside)
        }
        _ => (folder.to_owned(), None),
    }
}

/// Whether a file may be written there.
///
/// # Errors
/// Something is there already.
pub fn free(path: &Utf8Path) -> Result<(), Finding> {
    // A link that leads nowhere is something, too.
    if path.symlink_metadata().is_err() {
        return Ok(());
    }
    let finding = Finding::error(Code::Unusable, format!("{path} exists, and nothing was written"));
    Err(finding.help("choose another name or folder"))
}

/// Writes files: all of them or none.
///
/// # Errors
/// One exists, or cannot be written.
pub fn write(files: &[Scaffold]) -> Result<(), Finding> {
    files.iter().try_for_each(|file| free(&file.path))?;
    let unwritable = |e: std::io::Error| Finding::error(Code::Unreadable, e.to_string()).help("check the path and who may write there");
    for folder in files.iter().filter_map(|file| file.path.parent()).filter(|folder| !folder.as_str().is_empty()) {
        fs_err::create_dir_all(folder).map_err(unwritable)?;
    }
    for (i, file) in files.iter().enumerate() {
        if let Err(error) = create(file) {
            // Those before it are ours, and of no use by themselves. What cannot be removed stays, and the error is told.
            files[..i].iter().for_each(|file| drop(fs_err::remove_file(&file.path)));
            return Err(unwritable(error));
        }
    }
    Ok(())
}

/// A new file: one that came to be meanwhile is not written over.
fn create(file: &Scaffold) -> std::io::Result<()> {
    use std::io::Write;
    let mut new = fs_err::OpenOptions::new().write(true).create_new(true).open(&file.path)?;
    new.write_all(file.text.as_bytes())
}
