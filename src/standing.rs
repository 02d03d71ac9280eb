//! Where the changes of a saved plan stand in the account now. Only what they touch is read.

use std::collections::{BTreeMap, BTreeSet};

use crate::account::Account;
use crate::account::error::AccountError;
use crate::kinds::marker::fingerprint;
use crate::kinds::subscription::PENDING;
use crate::kinds::{KINDS, Listed, Query, TagHint};
use crate::plan::{Change, Field, Plan, fields};
use crate::planning::missing_group;
use crate::read::kind_of;
use crate::state::{Address, Attributes, Resource, text};

/// What a change would meet.
#[derive(Debug, Clone, PartialEq)]
pub enum Standing {
    /// What the plan saw.
    AsPlanned,
    /// It has been done already.
    Done,
    /// Something else: what differs from what the plan saw.
    Moved(Vec<Field>),
}

/// The standing of each change, in the plan's order.
///
/// # Errors
/// A call fails; nothing was written.
pub async fn standing<A: Account>(account: &A, plan: &Plan, refresh_tags: bool) -> Result<Vec<Standing>, AccountError> {
    let mut query = query(plan, refresh_tags);
    let mut kinds: BTreeSet<String> = query.named.iter().map(|address| address.kind.clone()).collect();
    if !query.topics.is_empty() {
        kinds.insert("subscription".to_owned());
    }
    let mut live: BTreeMap<Address, Listed> = BTreeMap::new();
    for kind in KINDS.iter().filter(|kind| kinds.contains(kind.name())) {
        let listed = loop {
            match account.list(*kind, &query).await {
                Ok(listed) => break listed,
                // A log group that is gone has no filters.
                Err(error) if missing_group(&error).is_some_and(|group| query.log_groups.remove(group)) => {}
                Err(error) => return Err(error),
            }
        };
        live.extend(listed.into_iter().map(|one| (one.resource.address.clone(), one)));
        if kind.name() == "topic" {
            // And a topic that is gone has no subscriptions.
            query.topics.retain(|topic| live.contains_key(&Address::new("topic", topic)));
        }
    }
    Ok(plan.changes.iter().map(|change| unreviewed(change, plan, &live).unwrap_or_else(|| of(change, &live))).collect())
}

fn is_deletion_of_topic(change: &Change) -> bool {
    matches!(change, Change::Delete { .. }) && change.address().kind == "topic"
}

/// What a change would take along, or get into, that nobody reviewed: subscriptions of a topic that goes, and the topics of
/// others.
fn unreviewed(change: &Change, plan: &Plan, live: &BTreeMap<Address, Listed>) -> Option<Standing> {
    let address = change.address();
    let topic_of = |address: &Address| address.name.split(':').next().unwrap_or_default().to_owned();
    if is_deletion_of_topic(change) {
        let goes =
            |address: &Address| plan.changes.iter().any(|change| matches!(change, Change::Delete { address: own, .. } if own == address));
        let is_other = |other: &Address| other.kind == "subscription" && topic_of(other) == address.name && !goes(other);
        // What waits for its confirmation is nobody's yet.
        let others = live.iter().filter(|(other, listed)| is_other(other) && !listed.resource.attributes.contains_key(PENDING));
        let others: Vec<String> = others.map(|(other, _)| kind_of(other).shown_name(&other.name)).collect();
        let field = Field { name: "subscriptions".to_owned(), before: None, after: Some(others.clone().into()) };
        return (!others.is_empty()).then(|| Standing::Moved(vec![field]));
    }
    if address.kind == "subscription" {
        let topic = live.get(&Address::new("topic", topic_of(address)))?;
        let is_ours = kind_of(&topic.resource.address).owns(&plan.scope, &topic.resource);
        // Or it becomes so by this plan, which saw it as it is.
        let comes = |change: &Change| *change.address() == topic.resource.address && matches!(change, Change::Update { .. });
        let is_taken_over = plan.changes.iter().any(|change| comes(change) && !matches!(of(change, live), Standing::Moved(_)));
        let field = Field { name: "topic".to_owned(), before: None, after: Some("it is not this stack's any more".into()) };
        return (!is_ours && !is_taken_over).then(|| Standing::Moved(vec![field]));
    }
    None
}

/// What to read: the resources of the plan's changes.
fn query(plan: &Plan, refresh_tags: bool) -> Query {
    let sides: Vec<Resource> = plan.changes.iter().flat_map(|change| [change.before(), change.after()]).flatten().collect();
    let named = |name: &str| -> BTreeSet<String> {
        sides.iter().map(|side| text(&side.attributes, name).to_owned()).filter(|text| !text.is_empty()).collect()
    };
    let wanted = plan.changes.iter().filter_map(Change::after).filter(|resource| resource.address.is_alarm());
    let hints = wanted.map(|resource| {
        let tags = resource.attributes.get("tags").and_then(|tags| serde_json::from_value(tags.clone()).ok()).unwrap_or_default();
        (resource.address.clone(), TagHint { fingerprint: fingerprint(&resource.attributes), tags })
    });
    // A metric alarm and a composite one share their names.
    let twins = sides.iter().filter_map(|side| twin(&side.address));
    let subscriptions = sides.iter().filter(|side| side.address.kind == "subscription");
    let mut topics: BTreeSet<String> = subscriptions.map(|side| text(&side.attributes, "topic").to_owned()).collect();
    // A topic takes its subscriptions along.
    topics.extend(plan.changes.iter().filter(|change| is_deletion_of_topic(change)).map(|change| change.address().name.clone()));
    let with_subscriptions: Vec<Address> = topics.iter().map(|topic| Address::new("topic", topic)).collect();
    Query {
        scope: plan.scope.clone(),
        log_groups: named("log_group"),
        topics,
        policies: BTreeSet::new(),
        functions: BTreeSet::new(),
        named: sides.iter().map(|side| side.address.clone()).chain(twins).chain(with_subscriptions).collect(),
        only_named: true,
        fingerprints: hints.collect(),
        refresh_tags,
    }
}

fn of(change: &Change, live: &BTreeMap<Address, Listed>) -> Standing {
    let (before, after) = (change.before(), change.after());
    let nothing = Attributes::new();
    let after = after.as_ref();
    // Where the change begins, and where it ends: two addresses only for a replace.
    let start = before.as_ref().or(after).and_then(|side| seen(&side.address, after, live));
    let end = after.and_then(|side| seen(&side.address, Some(side), live));
    let planned = before.as_ref().map(|side| &side.attributes);
    let wanted = after.map(|side| &side.attributes);
    let is_replace = matches!(change, Change::Replace { .. });
    let waits = end.as_ref().is_some_and(|end| end.contains_key(PENDING));
    let is_over = if is_replace { start.is_none() } else { true };
    if is_over && (end.as_ref() == wanted || waits) && (wanted.is_some() || start.is_none()) {
        return Standing::Done;
    }
    // What has come to stand under the name meanwhile.
    let twin = after.and_then(|side| live.get(&twin(&side.address)?)).filter(|_| !is_replace).map(|listed| &listed.resource.attributes);
    let in_the_way = twin.or(end.as_ref().filter(|_| is_replace));
    let unknown = before.as_ref().and_then(|side| live.get(&side.address)).map(|listed| listed.unknown.as_slice()).unwrap_or_default();
    if start.as_ref() == planned && in_the_way.is_none() && unknown.is_empty() {
        return Standing::AsPlanned;
    }
    let now = in_the_way.or(start.as_ref()).unwrap_or(&nothing);
    let mut moved = fields(planned.unwrap_or(&nothing), now);
    let note = |name: &String| Field { name: name.clone(), before: None, after: Some("a setting that trailarm does not know".into()) };
    moved.extend(unknown.iter().map(note));
    Standing::Moved(moved)
}

/// What stands at an address, with what only the wanted resource says of it.
fn seen(address: &Address, wanted: Option<&Resource>, live: &BTreeMap<Address, Listed>) -> Option<Attributes> {
    let mut attributes = live.get(address)?.resource.attributes.clone();
    if let Some(wanted) = wanted.filter(|wanted| wanted.address == *address) {
        kind_of(address).settle(&mut attributes, &wanted.attributes);
    }
    Some(attributes)
}

/// The other kind of alarm under the same name.
fn twin(address: &Address) -> Option<Address> {
    let kind = match address.kind.as_str() {
        "alarm" => "composite_alarm",
        "composite_alarm" => "alarm",
        _ => return None,
    };
    Some(Address::new(kind, &address.name))
}
