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

/// `{{name}}` → value. What is not named stays, such as expressions of a workflow.
fn filled(template: &str, values: &[(&str, &str)]) -> String {
    let put = |text: String, (name, value): &(&str, &str)| text.replace(&format!("{{{{{name}}}}}"), value);
    values.iter().fold(template.to_owned(), put)
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
    let (source, event, written) = event_of(source, event)?;
    let names = cloudtrail::names(&source).unwrap_or_default();
    let other_event = names.iter().find(|name| !name.starts_with(written.trim_end_matches(char::is_numeric))).copied().unwrap_or("Other");
    let other_source = if source == "iam.amazonaws.com" { "organizations.amazonaws.com" } else { "iam.amazonaws.com" };
    let text = filled(
        DETECTION,
        &[
            ("description", &format!("{written} was called.")),
            ("source", &source),
            ("event", &event),
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
    let fits = |name: &&&str| event.strip_suffix('*').map_or(**name == event, |start| name.starts_with(start));
    let Some(written) = names.iter().find(fits) else {
        let finding = Finding::error(Code::UnknownName, format!("{full} writes no event `{event}`"));
        let dated = names.iter().find(|name| name.strip_prefix(event).is_some_and(|rest| rest.starts_with("20")));
        let dated = dated.map(|name| format!("it is called `{name}`: write `{event}2*`"));
        let help = dated.or_else(|| near(event, names.iter().copied()));
        return Err(finding.help(help.unwrap_or_else(|| format!("`trailarm events --source {source}` lists them"))));
    };
    Ok((full, event.to_owned(), (*written).to_owned()))
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
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let log_group = match &self.log_group {
            Some(name) => format!("{{name: {}}}", quoted(name)),
            None => format!("{{from_trail: {}}}", if self.trail == "auto" { "auto".to_owned() } else { quoted(&self.trail) }),
        };
        let topic = match &self.tells {
            Tells::Email(address) => format!("\n    subscriptions: [{{email: {}}}]", quoted(address)),
            Tells::Topic(arn) => format!(" {{arn: {}}}", quoted(arn)),
        };
        let profile = self.profile.as_ref().filter(|_| self.packs.iter().any(|pack| pack == "cis"));
        let profiles = profile.map_or_else(String::new, |profile| format!("profiles: {{cis: {}}}\n", quoted(profile)));
        let stack = filled(
            STACK,
            &[
                ("stack", &self.name),
                ("log_group", &log_group),
                ("packs", &self.packs.join(", ")),
                ("profiles", &profiles),
                ("topic", &topic),
            ],
        );
        let mut files = vec![Scaffold { path: folder.join(FILE_NAME), text: stack }];
        if self.github {
            let text = filled(GITHUB, &[("version", env!("CARGO_PKG_VERSION"))]);
            files.push(Scaffold { path: folder.join(".github/workflows/trailarm.yml"), text });
        }
        Ok(files)
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
    Err(finding.help("remove it, or work in another folder"))
}

/// Writes files; none of them when one exists.
///
/// # Errors
/// One exists, or cannot be written.
pub fn write(files: &[Scaffold]) -> Result<(), Finding> {
    files.iter().try_for_each(|file| free(&file.path))?;
    for file in files {
        let folder = file.path.parent().filter(|folder| !folder.as_str().is_empty());
        let made = folder.map_or(Ok(()), fs_err::create_dir_all).and_then(|()| create(file));
        made.map_err(|e| Finding::error(Code::Unreadable, e.to_string()).help("check the path and who may write there"))?;
    }
    Ok(())
}

/// A new file: one that came to be meanwhile is not written over.
fn create(file: &Scaffold) -> std::io::Result<()> {
    use std::io::Write;
    let mut new = fs_err::OpenOptions::new().write(true).create_new(true).open(&file.path)?;
    new.write_all(file.text.as_bytes())
}
