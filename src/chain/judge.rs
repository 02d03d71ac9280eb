//! A detection and what was found of it → its chain, link by link.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{Evidence, Known, known_of};
use super::source::{Asks, duration, log_group_link, trail_links};
use super::{Chain, Link, Verdict};
use crate::account::Trail;
use crate::detection::{BuiltAlarm, Unit};
use crate::finding::Finding;
use crate::kinds::composite_alarm::rule::Rule;
use crate::plan::fields;
use crate::state::{Address, Attributes, Live, Scope, State};

/// A new filter's metric comes with the first event after it.
const SETTLING: i64 = 30 * 60;
pub(super) const APPLY: &str = "`trailarm plan` shows what differs, `trailarm apply` mends it";

/// What chains are judged on.
pub struct Subject<'a> {
    pub scope: &'a Scope,
    pub desired: &'a State,
    pub live: &'a Live,
    /// Kinds that could not be read, and why.
    pub unread: &'a BTreeMap<&'static str, String>,
    pub trails: &'a Known<Vec<Trail>>,
    /// The stack's log group; or why the trail does not say it.
    pub log_group: Result<&'a str, &'a Finding>,
    pub evidence: &'a Evidence,
}

/// The chains of a stack's detections, in their order.
pub fn judge(units: &[&Unit], subject: &Subject<'_>) -> Vec<Chain> {
    let mut feeds = Feeds::new();
    let mut chains: BTreeMap<usize, Chain> = BTreeMap::new();
    // A composite alarm is as good as the alarms below it, so those come first.
    let mut open: Vec<usize> = (0..units.len()).collect();
    while !open.is_empty() {
        let is_free = |index: &usize| !hangs(units[*index], units, &feeds, subject.scope);
        // A circle is refused when it is compiled; it must not hang here.
        let next = open.iter().copied().find(is_free).unwrap_or(open[0]);
        open.retain(|index| *index != next);
        let chain = one(units[next], subject, &feeds);
        if let Some(alarm) = &units[next].alarm {
            feeds.insert(alarm.name().to_owned(), chain.feed());
        }
        chains.insert(next, chain);
    }
    chains.into_values().collect()
}

/// How far an alarm can be trusted to ring, by its name: the first link before its actions that is not sound.
pub(super) type Feeds = BTreeMap<String, Option<(Verdict, &'static str)>>;

/// Whether a composite alarm looks at one of the stack's that was not judged yet.
fn hangs(unit: &Unit, units: &[&Unit], feeds: &Feeds, scope: &Scope) -> bool {
    let Some(BuiltAlarm::Composite(alarm)) = &unit.alarm else { return false };
    let Ok(rule) = Rule::parse(&alarm.rule) else { return false };
    let of_stack = |name: &&str| units.iter().any(|other| other.alarm.as_ref().is_some_and(|alarm| alarm.name() == *name));
    rule.alarms_in(scope).into_iter().filter(of_stack).any(|name| !feeds.contains_key(name))
}

fn one(unit: &Unit, subject: &Subject<'_>, feeds: &Feeds) -> Chain {
    let links = match subject.log_group {
        Err(finding) => vec![Link::broken("trail", finding.message.clone(), finding.help.clone().unwrap_or_default())],
        Ok(main) => Judge { unit, subject, main, feeds }.links(),
    };
    Chain { detection: unit.ready.address.clone(), links }
}

pub(super) struct Judge<'a> {
    pub(super) unit: &'a Unit,
    pub(super) subject: &'a Subject<'a>,
    main: &'a str,
    pub(super) feeds: &'a Feeds,
}

impl Judge<'_> {
    fn links(&self) -> Vec<Link> {
        let mut links = self.sources();
        if !self.unit.filters.is_empty() {
            links.push(self.filter());
            links.push(self.metric(&links));
        }
        match &self.unit.alarm {
            None => {
                links.push(Link::new("alarm", Verdict::Without, "the definition has no alarm: matches are counted, nobody is told", ""))
            }
            Some(alarm) => links.extend(self.alarm(alarm)),
        }
        links
    }

    /// The log groups of its filters, each with the trail that feeds it.
    fn sources(&self) -> Vec<Link> {
        let groups: BTreeSet<&str> = self.unit.filters.iter().map(|built| built.filter.log_group.as_str()).collect();
        let mut links = Vec::new();
        for group in groups {
            let filters = self.unit.filters.iter().filter(|built| built.filter.log_group == group);
            let asks = Asks { patterns: filters.map(|built| &built.pattern).collect() };
            let is_fed = matches!(self.subject.trails, Known::Is(trails) if trails.iter().any(|t| t.log_group().as_deref() == Some(group)));
            // Another log group of the stack need not be a trail's; but it may be, where trails could not be read.
            if is_fed || group == self.main || matches!(self.subject.trails, Known::Unknown(_)) {
                links.extend(trail_links(group, self.subject.trails, &asks, self.subject.evidence.now));
            }
            links.push(log_group_link(group, self.subject.evidence));
        }
        links
    }

    pub(super) fn unread(&self, kind: &str) -> Option<&String> {
        self.subject.unread.get(kind)
    }

    pub(super) fn owned(&self, address: &Address) -> Option<&Attributes> {
        self.subject.live.owned.0.get(address)
    }

    fn filter(&self) -> Link {
        if let Some(why) = self.unread("metric_filter") {
            return Link::unknown("filter", why);
        }
        for built in &self.unit.filters {
            if self.subject.evidence.log_groups.get(&built.filter.log_group) == Some(&Known::Is(None)) {
                return Link::waiting("filter", "log group");
            }
            let address = built.filter.resource().address;
            let name = &built.filter.name;
            match (self.owned(&address), self.subject.desired.0.get(&address)) {
                (None, _) if self.subject.live.foreign.contains(&address) => {
                    return Link::broken(
                        "filter",
                        format!("{name} exists, and is not this stack's"),
                        "see the conflict in `trailarm plan`",
                    );
                }
                (None, _) => return Link::broken("filter", format!("{name} does not exist"), "`trailarm apply` makes it"),
                (Some(live), Some(desired)) if live != desired => {
                    return Link::broken("filter", format!("{name} is not as defined: {}", names(desired, live, &[])), APPLY);
                }
                _ => {}
            }
        }
        match self.unit.filters.as_slice() {
            [one] => Link::sound("filter", format!("{} is as defined", one.filter.name)),
            several => Link::sound("filter", format!("{} filters are as defined", several.len())),
        }
    }

    /// Whether the filter's metric has data. Where each event brings some, silence is a break.
    fn metric(&self, before: &[Link]) -> Link {
        let Some(first) = self.unit.filters.first().map(|built| &built.filter) else { return Link::unknown("metric", "there is none") };
        let metric = format!("{}/{}", first.metric_namespace, first.metric_name);
        if let Some(link) = before.iter().find(|link| link.verdict == Verdict::Broken) {
            return Link::waiting("metric", link.name);
        }
        let seen = match known_of(&self.subject.evidence.metrics, &first.metric_namespace) {
            Known::Is(found) => found.contains(&first.metric_name),
            Known::Unknown(why) => return Link::unknown("metric", why),
        };
        if seen {
            return Link::sound("metric", format!("{metric} had data in the last two weeks"));
        }
        let says = format!("{metric} had no data in two weeks");
        if first.default_value.is_none() {
            let remedy = format!("`trailarm drill {} --plant` sends an event through the whole chain", self.unit.ready.address);
            return Link::new(
                "metric",
                Verdict::Unknown,
                format!("{says}: nothing matched, and without `default` only a match brings some"),
                remedy,
            );
        }
        let made = self.subject.live.created.get(&first.resource().address).map(|made| self.subject.evidence.now - made);
        if let Some(age) = made.filter(|age| *age < SETTLING) {
            return Link::unknown(
                "metric",
                format!("{says}; its filter was made {} ago, and the next event brings some", duration(age.max(0))),
            );
        }
        Link::broken("metric", format!("{says}, though each event brings a 0"), "see whether events come into the log group at all")
    }
}

/// The properties that differ, but for some.
pub(super) fn names(desired: &Attributes, live: &Attributes, but: &[&str]) -> String {
    let mut names: Vec<String> =
        fields(live, desired).into_iter().map(|field| field.name.split('.').next().unwrap_or_default().to_owned()).collect();
    names.dedup();
    names.retain(|name| !but.contains(&name.as_str()));
    names.join(", ")
}
