//! A stack in memory and a snapshot account to plan and apply it on.

use std::cell::Cell;
use std::sync::Arc;

use camino::Utf8PathBuf;
use serde_json::{Value, json};
use trailarm::account::snapshot::SnapshotAccount;
use trailarm::apply::apply;
use trailarm::detection::Detection;
use trailarm::plan::{Change, fields};
use trailarm::planning::{Choice, Planned, Refusal, make_plan};
use trailarm::stack::Project;
use trailarm::yaml::{Node, Source};

/// An account with the log groups `trail` and `other`.
pub(crate) struct World {
    account: SnapshotAccount,
    pub folder: tempfile::TempDir,
}

impl World {
    pub(crate) fn new(resources: &Value) -> Self {
        let folder = tempfile::TempDir::new().unwrap();
        let path = Utf8PathBuf::try_from(folder.path().join("account.json")).unwrap();
        let account = json!({"format_version": "1", "partition": "aws", "account_id": "111122223333", "region": "eu-west-1",
            "log_groups": ["other", "trail"], "resources": resources});
        std::fs::write(&path, account.to_string()).unwrap();
        Self { account: SnapshotAccount::open(&path).unwrap(), folder }
    }

    pub(crate) fn plan(&self, project: &Project) -> Planned {
        match self.try_plan(project, &Choice::default()) {
            Ok(planned) => planned,
            Err(Refusal::Findings(findings)) => panic!("{}", messages(&findings)),
            Err(refusal) => panic!("{refusal}"),
        }
    }

    pub(crate) fn try_plan(&self, project: &Project, choice: &Choice) -> Result<Planned, Refusal> {
        run(make_plan(&self.account, project, choice))
    }

    /// Carries out a plan, all of it.
    pub(crate) fn apply(&self, planned: &Planned) {
        let report = run(apply(&self.account, &planned.plan, &[], &Cell::new(false), &mut |_, _| {}));
        assert!(report.is_complete(), "{:?}", report.results);
    }

    /// The account as it would be written.
    pub(crate) fn contents(&self) -> Value {
        self.account.save().unwrap();
        serde_json::from_str(&std::fs::read_to_string(self.folder.path().join("account.json")).unwrap()).unwrap()
    }
}

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

pub(crate) fn messages(findings: &[trailarm::finding::Finding]) -> String {
    findings.iter().map(|f| f.message.clone()).collect::<Vec<_>>().join("\n")
}

/// A project of a stack and detections, both as JSON, which is YAML too.
pub(crate) fn project(stack: &Value, detections: &Value) -> Project {
    let node = |name: &str, value: &Value| Node::parse(&Arc::new(Source { name: name.to_owned(), text: value.to_string() })).unwrap();
    let mut whole = json!({"stack": "case", "log_group": {"name": "trail"}, "packs": ["./pack"]});
    whole.as_object_mut().unwrap().extend(stack.as_object().cloned().unwrap_or_default());
    let detections = detections.as_object().cloned().unwrap_or_default();
    let detection =
        |(name, value): (&String, &Value)| Detection { address: format!("pack/{name}"), tree: node(&format!("pack/{name}.yaml"), value) };
    Project {
        path: "trailarm.yaml".into(),
        tree: node("trailarm.yaml", &whole),
        detections: detections.iter().map(detection).collect(),
        problems: Vec::new(),
    }
}

/// `~ alarm/case/d: period, threshold`, in the order of the plan.
pub(crate) fn lines(planned: &Planned) -> Vec<String> {
    planned.plan.changes.iter().map(line).collect()
}

fn line(change: &Change) -> String {
    let names = |before, after| fields(before, after).into_iter().map(|f| f.name).collect::<Vec<_>>().join(", ");
    match change {
        Change::Create { address, .. } => format!("+ {address}"),
        Change::Update { address, before, after } => format!("~ {address}: {}", names(before, after)),
        Change::Replace { address, old, .. } => format!("-/+ {address} (was {old})"),
        Change::Delete { address, reason, .. } => format!("- {address}: {reason}"),
    }
}
