//! An account in a file: the embedded default, tests, and plans without credentials.
//!
//! It behaves like the account it describes as far as planning and applying go; it is no emulator
//! of AWS. A put is refused where AWS would refuse it for want of a log group or of room.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

use super::error::{AccountError, Reason};
use super::{Account, History, Identity, Trail};
use crate::arn::is_account_id;
use crate::audit::{AlarmSeen, Evidence, Selectors};
use crate::chain;
use crate::kinds::marker::fingerprint;
use crate::kinds::metric_filter::{FILTERS_PER_LOG_GROUP, LIST_FILTERS, LOG_GROUP};
use crate::kinds::topic::policy;
use crate::kinds::{KINDS, Kind, Listed, Put, Query, kind};
use crate::state::{Address, Attributes, Resource, Scope, State, text};

/// The version of the file format that this version writes.
const FORMAT: &str = "1";

/// Why a link of a chain is unknown.
const NOT_HELD: &str = "a snapshot account does not hold it";

/// The account that is used when the file does not exist yet: one trail, its log group, nothing else.
const NEW_ACCOUNT: &str = include_str!("new-account.json");

/// The file: JSON, `resources` by kind and natural key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format_version: String,
    partition: String,
    account_id: String,
    region: String,
    #[serde(default)]
    trails: Vec<Trail>,
    #[serde(default)]
    log_groups: BTreeSet<String>,
    #[serde(default)]
    resources: BTreeMap<String, BTreeMap<String, Attributes>>,
    /// Alarms by address → the fingerprint of the definition that was applied, which their description would bear.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    recorded: BTreeMap<String, String>,
}

impl File {
    /// A topic of this file as the chain looks at it, if it holds it. Whether its subscriptions are confirmed, no file knows.
    fn topic(&self, arn: &str) -> Option<chain::Topic> {
        let own = format!("arn:{}:sns:{}:{}:", self.partition, self.region, self.account_id);
        let attributes = self.resources.get("topic")?.get(arn.strip_prefix(&own)?)?;
        let key = Some(text(attributes, "kms_key").to_owned()).filter(|key| !key.is_empty());
        Some(chain::Topic {
            policy: chain::Known::Is(attributes.get("policy").cloned().unwrap_or_else(|| policy::default(arn, &self.account_id))),
            key_found: chain::Known::Unknown(NOT_HELD.to_owned()),
            key,
            subscriptions: chain::Known::Unknown(NOT_HELD.to_owned()),
        })
    }
}

/// An account in memory, and the file it is kept in.
pub struct SnapshotAccount {
    path: Utf8PathBuf,
    identity: Identity,
    file: RefCell<File>,
    /// The file did not exist: this is the embedded default.
    pub is_new: bool,
}

impl SnapshotAccount {
    /// Opens a file, or the embedded default when there is none.
    ///
    /// # Errors
    /// The file cannot be read or is no snapshot account.
    pub fn open(path: &Utf8Path) -> Result<Self, AccountError> {
        let wrong = |message: String| AccountError::new("reading", path.as_str(), Reason::Snapshot, message);
        if path.as_str().is_empty() {
            return Err(wrong("the path is empty".to_owned()));
        }
        let (text, is_new) = match fs_err::read_to_string(path) {
            Ok(text) => (text, false),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                let folder = path.parent().filter(|f| !f.as_str().is_empty());
                if let Some(folder) = folder.filter(|f| !f.is_dir()) {
                    return Err(wrong(format!("there is no folder {folder}")));
                }
                (NEW_ACCOUNT.to_owned(), true)
            }
            Err(error) => return Err(wrong(error.to_string())),
        };
        let mut file: File = serde_json::from_str(&text).map_err(|e| wrong(e.to_string()))?;
        if file.format_version != FORMAT {
            return Err(wrong(format!("it has the format version {}, this trailarm reads {FORMAT}", file.format_version)));
        }
        check_identity(&file).map_err(wrong)?;
        normalize(&mut file).map_err(wrong)?;
        let identity = Identity {
            partition: file.partition.clone(),
            account_id: file.account_id.clone(),
            region: file.region.clone(),
            caller: path.to_string(),
        };
        Ok(Self { path: path.to_owned(), identity, file: RefCell::new(file), is_new })
    }

    /// What a live account holds, as far as a plan looks at it.
    pub fn of(path: &Utf8Path, identity: &Identity, trails: Vec<Trail>, log_groups: BTreeSet<String>, listed: Vec<Listed>) -> Self {
        let mut by_kind: BTreeMap<String, BTreeMap<String, Attributes>> = BTreeMap::new();
        let mut recorded = BTreeMap::new();
        for Listed { resource: Resource { address, attributes }, recorded: own, .. } in listed {
            recorded.extend(own.map(|own| (address.to_string(), own)));
            by_kind.entry(address.kind).or_default().insert(address.name, attributes);
        }
        let file = File {
            format_version: FORMAT.to_owned(),
            partition: identity.partition.clone(),
            account_id: identity.account_id.clone(),
            region: identity.region.clone(),
            trails,
            log_groups,
            resources: by_kind,
            recorded,
        };
        Self { path: path.to_owned(), identity: identity.clone(), file: RefCell::new(file), is_new: true }
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn save(&self) -> Result<(), AccountError> {
        let wrong = |message: String| AccountError::new("writing", self.path.as_str(), Reason::Snapshot, message);
        let mut json = serde_json::to_string_pretty(&*self.file.borrow()).map_err(|e| wrong(e.to_string()))?;
        json.push('\n');
        // Through a link, not over it.
        let path = self.path.canonicalize_utf8().unwrap_or_else(|_| self.path.clone());
        let partial = Utf8PathBuf::from(format!("{path}.partial"));
        fs_err::write(&partial, json).map_err(|e| wrong(e.to_string()))?;
        fs_err::rename(&partial, &path).map_err(|e| wrong(e.to_string()))
    }

    fn refuse(&self, call: &str, resource: &Resource) -> Result<(), AccountError> {
        let file = self.file.borrow();
        let Some(group) = resource.attributes.get("log_group").and_then(|g| g.as_str()) else { return Ok(()) };
        if !file.log_groups.contains(group) {
            return Err(AccountError::new(call, group, Reason::NotFound, "the log group does not exist"));
        }
        let filters = file.resources.get("metric_filter").into_iter().flatten();
        let others = filters.filter(|(name, a)| **name != resource.address.name && text(a, "log_group") == group);
        if others.count() >= FILTERS_PER_LOG_GROUP {
            return Err(AccountError::new(call, group, Reason::Limit, "the log group has 100 metric filters already"));
        }
        Ok(())
    }
}

/// Names that would go into ARNs and headings.
fn check_identity(file: &File) -> Result<(), String> {
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if !is_account_id(&file.account_id) {
        return Err("`account_id` must have twelve digits".to_owned());
    }
    if !plain(&file.region) || !plain(&file.partition) {
        return Err("`region` and `partition` must be names such as `us-east-1` and `aws`".to_owned());
    }
    Ok(())
}

/// Brings a file that people may have edited into normal form.
fn normalize(file: &mut File) -> Result<(), String> {
    for (name, resources) in &mut file.resources {
        let known = || KINDS.iter().map(|k| k.name());
        let kind = kind(name).ok_or_else(|| format!("there is no kind `{name}`; {}", crate::finding::suggest(name, known())))?;
        for (key, attributes) in resources {
            *attributes = kind.normalize(attributes).map_err(|e| format!("{name}/{key}: {e}"))?;
        }
    }
    Ok(())
}

impl Account for SnapshotAccount {
    fn identity(&self) -> &Identity {
        &self.identity
    }

    async fn trails(&self) -> Result<Vec<Trail>, AccountError> {
        Ok(self.file.borrow().trails.clone())
    }

    async fn selectors(&self, trail: &Trail) -> Result<Option<Selectors>, AccountError> {
        Ok(trail.selectors.clone())
    }

    async fn evidence(&self) -> Result<Evidence, AccountError> {
        let file = self.file.borrow();
        let Identity { partition, account_id, region, .. } = self.identity.clone();
        // Topics are named without a stack; nothing else of the scope is looked at.
        let scope = Scope { partition, account_id, region, stack: String::new() };
        let resources = file.resources.iter().flat_map(|(kind, resources)| {
            resources.iter().map(move |(name, attributes)| (Address::new(kind.as_str(), name), attributes.clone()))
        });
        let mut evidence = Evidence::of_state(&State(resources.collect()), &scope, file.trails.clone(), &BTreeSet::new());
        evidence.assume_confirmed();
        Ok(evidence)
    }

    async fn chain(&self, wanted: &chain::Wanted) -> Result<chain::Evidence, AccountError> {
        let mut evidence = chain::Evidence::unknown(wanted, NOT_HELD);
        let file = self.file.borrow();
        for group in &wanted.log_groups {
            let found = file.log_groups.contains(group);
            if !found {
                evidence.log_groups.insert(group.clone(), chain::Known::Is(None));
            }
        }
        for arn in &wanted.topics {
            if let Some(topic) = file.topic(arn) {
                evidence.topics.insert(arn.clone(), chain::Known::Is(Some(topic)));
            }
        }
        Ok(evidence)
    }

    async fn alarms(&self) -> Result<Vec<AlarmSeen>, AccountError> {
        Ok(self.evidence().await?.alarms)
    }

    async fn history(&self, _: &str, _: &mut dyn FnMut(&serde_json::Value) -> bool) -> Result<History, AccountError> {
        Ok(History::Missing)
    }

    async fn list(&self, kind: &dyn Kind, query: &Query) -> Result<Vec<Listed>, AccountError> {
        let file = self.file.borrow();
        let missing = query.log_groups.iter().find(|g| kind.name() == "metric_filter" && !file.log_groups.contains(*g));
        if let Some(missing) = missing {
            return Err(AccountError::new(
                LIST_FILTERS,
                &format!("{LOG_GROUP}{missing}"),
                Reason::NotFound,
                "the log group does not exist",
            ));
        }
        let wanted = |attributes: &Attributes| match kind.name() {
            "metric_filter" => query.log_groups.contains(text(attributes, "log_group")),
            "subscription" => query.topics.contains(text(attributes, "topic")),
            _ => true,
        };
        let found = file.resources.get(kind.name()).into_iter().flatten().filter(|(_, a)| wanted(a));
        let resource = |(name, attributes): (&String, &Attributes)| Resource {
            address: Address::new(kind.name(), name),
            attributes: attributes.clone(),
        };
        let listed = |resource: Resource| Listed { recorded: file.recorded.get(&resource.address.to_string()).cloned(), ..resource.into() };
        Ok(found.map(resource).map(listed).collect())
    }

    async fn put(&self, kind: &dyn Kind, _: &Scope, put: Put<'_>) -> Result<(), AccountError> {
        self.refuse("put", put.resource)?;
        let Resource { address, attributes } = put.resource.clone();
        if kind.name().ends_with("alarm") {
            self.file.borrow_mut().recorded.insert(address.to_string(), fingerprint(&attributes));
        }
        self.file.borrow_mut().resources.entry(kind.name().to_owned()).or_default().insert(address.name, attributes);
        Ok(())
    }

    async fn delete(&self, kind: &dyn Kind, _: &Scope, resource: &Resource) -> Result<(), AccountError> {
        let mut file = self.file.borrow_mut();
        let name = &resource.address.name;
        file.recorded.remove(&resource.address.to_string());
        if let Some(resources) = file.resources.get_mut(kind.name()) {
            resources.remove(name);
        }
        if kind.name() == "topic" {
            // As in SNS: a topic takes its subscriptions along, the unconfirmed ones too.
            if let Some(subscriptions) = file.resources.get_mut("subscription") {
                subscriptions.retain(|_, a| text(a, "topic") != name);
            }
        }
        file.resources.retain(|_, resources| !resources.is_empty());
        Ok(())
    }

    fn flush(&self) -> Result<(), AccountError> {
        self.save()
    }
}
