//! The plan: ordered changes, and the scope they are for. A value; nothing in it can run.

mod diff;
mod meaning;
mod narrow;
mod order;
pub mod saved;

pub use diff::{Field, diff, fields};
pub use meaning::{Meaning, meaning};
pub(crate) use narrow::marked;
pub use narrow::narrow;

use serde::{Deserialize, Serialize};

use crate::kinds::kind;
use crate::state::{Address, Attributes, Resource, Scope, State};

/// One change, with both sides.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    Create {
        address: Address,
        after: Attributes,
    },
    Update {
        address: Address,
        before: Attributes,
        after: Attributes,
    },
    /// The name is taken by a resource of another kind (a metric alarm becomes a composite one).
    Replace {
        address: Address,
        old: Address,
        before: Attributes,
        after: Attributes,
    },
    Delete {
        address: Address,
        before: Attributes,
        reason: Reason,
    },
}

/// Why something is deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    NotDefined,
    SwitchedOff,
    Removed,
    /// To the detection of this name.
    Moved(String),
    Destroy,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotDefined => f.write_str("no definition asks for it"),
            Self::SwitchedOff => f.write_str("the detection is switched off"),
            Self::Removed => f.write_str("listed under `removed`"),
            Self::Moved(to) => write!(f, "moved to {to}"),
            Self::Destroy => f.write_str("the stack is destroyed"),
        }
    }
}

impl Reason {
    /// As in a saved plan.
    pub fn key(&self) -> &'static str {
        match self {
            Self::NotDefined => "not_defined",
            Self::SwitchedOff => "switched_off",
            Self::Removed => "removed",
            Self::Moved(_) => "moved",
            Self::Destroy => "destroyed",
        }
    }

    /// The reverse.
    pub fn of_key(key: &str, moved_to: Option<String>) -> Option<Self> {
        match (key, moved_to) {
            ("moved", Some(to)) => Some(Self::Moved(to)),
            (key, None) => {
                [Self::NotDefined, Self::SwitchedOff, Self::Removed, Self::Destroy].into_iter().find(|reason| reason.key() == key)
            }
            _ => None,
        }
    }
}

impl Change {
    pub fn address(&self) -> &Address {
        match self {
            Self::Create { address, .. } | Self::Update { address, .. } | Self::Replace { address, .. } | Self::Delete { address, .. } => {
                address
            }
        }
    }

    /// The resource that is there now.
    pub fn before(&self) -> Option<Resource> {
        match self {
            Self::Create { .. } => None,
            Self::Replace { old, before, .. } => Some(Resource { address: old.clone(), attributes: before.clone() }),
            Self::Update { address, before, .. } | Self::Delete { address, before, .. } => {
                Some(Resource { address: address.clone(), attributes: before.clone() })
            }
        }
    }

    /// The resource that will be there.
    pub fn after(&self) -> Option<Resource> {
        match self {
            Self::Create { address, after } | Self::Update { address, after, .. } | Self::Replace { address, after, .. } => {
                Some(Resource { address: address.clone(), attributes: after.clone() })
            }
            Self::Delete { .. } => None,
        }
    }

    /// Names by which others refer to what this change makes.
    pub(crate) fn provides(&self, scope: &Scope) -> Vec<String> {
        self.after().map_or_else(Vec::new, |r| kind(&r.address.kind).map_or_else(Vec::new, |k| k.provides(scope, &r)))
    }

    /// Names that must exist before this change.
    pub(crate) fn requires(&self, scope: &Scope) -> Vec<String> {
        self.after().map_or_else(Vec::new, |r| kind(&r.address.kind).map_or_else(Vec::new, |k| k.requires(scope, &r)))
    }

    /// Names that this change takes away.
    pub(crate) fn frees(&self, scope: &Scope) -> Vec<String> {
        match self {
            Self::Delete { .. } => {
                self.before().map_or_else(Vec::new, |r| kind(&r.address.kind).map_or_else(Vec::new, |k| k.provides(scope, &r)))
            }
            _ => Vec::new(),
        }
    }

    /// Names that what is there now holds on to.
    pub(crate) fn holds(&self, scope: &Scope) -> Vec<String> {
        self.before().map_or_else(Vec::new, |r| kind(&r.address.kind).map_or_else(Vec::new, |k| k.requires(scope, &r)))
    }
}

/// What would be done, in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    pub scope: Scope,
    pub changes: Vec<Change>,
    pub unchanged: usize,
    /// Desired addresses that exist and are foreign.
    pub conflicts: Vec<Address>,
    /// Subscriptions that wait for their confirmation.
    pub pending: Vec<Address>,
}

/// How many of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Counts {
    pub add: usize,
    pub change: usize,
    pub destroy: usize,
}

impl Plan {
    /// What a state comes to when all changes are carried out.
    pub fn applied_to(&self, state: &State) -> State {
        let mut state = state.clone();
        for change in &self.changes {
            if let Some(before) = change.before() {
                state.0.remove(&before.address);
            }
            if let Some(after) = change.after() {
                state.0.insert(after.address, after.attributes);
            }
        }
        state
    }

    /// As Terraform counts: a replace is one to add and one to destroy.
    pub fn counts(&self) -> Counts {
        let count = |wanted: fn(&Change) -> bool| self.changes.iter().filter(|c| wanted(c)).count();
        let replaces = count(|c| matches!(c, Change::Replace { .. }));
        Counts {
            add: count(|c| matches!(c, Change::Create { .. })) + replaces,
            change: count(|c| matches!(c, Change::Update { .. })),
            destroy: count(|c| matches!(c, Change::Delete { .. })) + replaces,
        }
    }
}
