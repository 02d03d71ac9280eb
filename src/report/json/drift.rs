//! Version 1: drift.

use serde::Serialize;

use super::apply::action;
use crate::blame::{Blame, Culprit};
use crate::drift::{Difference, Unmanaged};
use crate::plan::saved::{SavedScope, live_fingerprint};
use crate::report::drift::key;
use crate::report::plan::{Options, shown_address, shown_property};
use crate::state::{Attributes, Resource, Scope};

/// What `drift --format json` prints.
#[derive(Debug, Serialize)]
pub struct Drift {
    pub format_version: &'static str,
    pub scope: SavedScope,
    pub differences: Vec<V1Difference>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unmanaged: Option<V1Unmanaged>,
}

/// Something that is not as desired.
#[derive(Debug, Serialize)]
pub struct V1Difference {
    pub address: String,
    /// What an apply would do: `create`, `update`, `replace`, `delete`.
    pub action: &'static str,
    /// `drift`, `unclear`, `pending`.
    pub cause: &'static str,
    pub what: &'static str,
    pub live: Option<Attributes>,
    pub desired: Option<Attributes>,
    pub live_fingerprint: String,
    /// `found`, `not_there`, `cut_short`, `no_history`; absent: not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blame: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<V1Culprit>,
}

/// Who changed it.
#[derive(Debug, Serialize)]
pub struct V1Culprit {
    pub principal: String,
    pub time: String,
    pub source_address: String,
    pub event: String,
    pub user_agent: String,
    /// Whether the event names the resource itself, and all newer ones were looked at.
    pub certain: bool,
}

/// What is not ours.
#[derive(Debug, Serialize)]
pub struct V1Unmanaged {
    pub metric_filters: Vec<String>,
    pub alarms: Vec<String>,
}

impl Drift {
    pub fn new(
        scope: &Scope,
        differences: &[Difference],
        blame: &[Option<Blame>],
        unmanaged: Option<&Unmanaged>,
        options: Options,
    ) -> Self {
        let Scope { partition, account_id, region, stack } = scope.clone();
        let one = |(i, difference): (usize, &Difference)| {
            let blame = blame.get(i).and_then(Option::as_ref);
            let (before, after) = (difference.change.before(), difference.change.after());
            V1Difference {
                address: shown_address(difference.change.address(), options),
                action: action(&difference.change),
                cause: key(difference.cause),
                what: difference.what,
                live_fingerprint: live_fingerprint(before.as_ref().map(|side| &side.attributes)),
                live: before.map(|side| shown(side, options)),
                desired: after.map(|side| shown(side, options)),
                blame: blame.map(|blame| match blame {
                    Blame::Found(_) => "found",
                    Blame::NotThere => "not_there",
                    Blame::CutShort => "cut_short",
                    Blame::NoHistory => "no_history",
                }),
                by: blame.and_then(|blame| if let Blame::Found(who) = blame { Some(V1Culprit::from(who)) } else { None }),
            }
        };
        Self {
            format_version: "1.0",
            scope: SavedScope { partition, account_id, region, stack },
            differences: differences.iter().enumerate().map(one).collect(),
            unmanaged: unmanaged.map(|found| V1Unmanaged { metric_filters: found.filters.clone(), alarms: found.alarms.clone() }),
        }
    }
}

fn shown(side: Resource, options: Options) -> Attributes {
    let Resource { address, attributes } = side;
    attributes.into_iter().map(|(name, value)| (name.clone(), shown_property(&address, &name, value, options))).collect()
}

impl From<&Culprit> for V1Culprit {
    fn from(who: &Culprit) -> Self {
        let Culprit { principal, time, source_address, event, user_agent, is_certain } = who.clone();
        Self { principal, time, source_address, event, user_agent, certain: is_certain }
    }
}
