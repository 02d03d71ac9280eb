//! A detection and what was found of it → its chain, link by link.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::evidence::{Evidence, Known, Metric};
use super::receiver::receiver_links;
use super::source::{Asks, duration, log_group_link, trail_links};
use super::{Action, Chain, Link, Verdict};
use crate::account::Trail;
use crate::detection::{BuiltAlarm, Unit};
use crate::finding::Finding;
use crate::kinds::composite_alarm::rule::Rule;
use crate::plan::fields;
use crate::state::{Address, Attributes, Live, Scope, State, text};

/// A new filter's metric comes with the first event after it.
const SETTLING: i64 = 30 * 60;
const APPLY: &str = "`trailarm plan` shows what differs, `trailarm apply` mends it";

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

/// The chain of a detection.
pub fn judge(unit: &Unit, subject: &Subject<'_>) -> Chain {
    let links = match subject.log_group {
        Err(finding) => vec![Link::broken("trail", finding.message.clone(), finding.help.clone().unwrap_or_default())],
        Ok(main) => Judge { unit, subject, main }.links(),
    };
    Chain { detection: unit.ready.address.clone(), links }
}

struct Judge<'a> {
    unit: &'a Unit,
    subject: &'a Subject<'a>,
    main: &'a str,
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
            let asks = Asks { patterns: filters.map(|built| built.filter.pattern.clone()).collect() };
            let is_fed = matches!(self.subject.trails, Known::Is(trails) if trails.iter().any(|t| t.log_group().as_deref() == Some(group)));
            // Another log group of the stack need not be a trail's.
            if is_fed || group == self.main {
                links.extend(trail_links(group, self.subject.trails, &asks, self.subject.evidence.now));
            }
            links.push(log_group_link(group, self.subject.evidence));
        }
        links
    }

    fn unread(&self, kind: &str) -> Option<&String> {
        self.subject.unread.get(kind)
    }

    fn owned(&self, address: &Address) -> Option<&Attributes> {
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
        let seen = match self.subject.evidence.metrics.get(&first.metric_namespace) {
            Some(Known::Is(found)) => found.contains(&first.metric_name),
            Some(Known::Unknown(why)) => return Link::unknown("metric", why),
            None => return Link::unknown("metric", format!("{metric} was not looked at")),
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

    fn alarm(&self, alarm: &BuiltAlarm) -> Vec<Link> {
        let resource = match alarm {
            BuiltAlarm::Metric(alarm) => alarm.as_ref().clone().resource(),
            BuiltAlarm::Composite(alarm) => alarm.as_ref().clone().resource(),
        };
        let address = resource.address;
        let name = &address.name;
        let found = match (self.unread(&address.kind), self.owned(&address)) {
            (Some(why), _) => Err(Link::unknown("alarm", why)),
            (None, None) if self.subject.live.foreign.contains(&address) => {
                Err(Link::broken("alarm", format!("{name} exists, and is not this stack's"), "see the conflict in `trailarm plan`"))
            }
            (None, None) => Err(Link::broken("alarm", format!("{name} does not exist"), "`trailarm apply` makes it")),
            (None, Some(live)) => Ok(live),
        };
        let live = match found {
            Ok(live) => live,
            Err(link) => {
                return vec![link, Link::waiting("watches", "alarm"), Link::waiting("actions", "alarm"), Link::waiting("history", "alarm")];
            }
        };
        let mut links = vec![as_defined(name, self.subject.desired.0.get(&address), live)];
        links.push(if address.kind == "alarm" { self.watches(live) } else { self.children(live) });
        links.push(enabled(live));
        let actions = Action::of_alarm(&address, live);
        links.push(self.history(name, &actions));
        for action in &actions {
            links.extend(receiver_links(action, name, self.subject.scope, self.subject.evidence));
        }
        links
    }

    /// Two strings join a filter and an alarm, and nobody else compares them.
    fn watches(&self, live: &Attributes) -> Link {
        let looked_at = Metric::of_alarm(live);
        if self.unit.watched().is_none() {
            return self.watches_others(&looked_at);
        }
        let fed: Vec<&Attributes> = self.unit.filters.iter().filter_map(|built| self.owned(&built.filter.resource().address)).collect();
        let Some(first) = fed.first() else { return Link::waiting("watches", "filter") };
        let is_fed = |metric: &&Metric| {
            fed.iter().any(|filter| {
                let names = (text(filter, "metric_namespace"), text(filter, "metric_name"));
                names == (metric.namespace.as_str(), metric.name.as_str()) && dimensions_of(filter).iter().eq(metric.dimensions.keys())
            })
        };
        if let Some(metric) = looked_at.iter().find(is_fed) {
            return Link::sound("watches", format!("{metric}, which the filter feeds"));
        }
        let shown = looked_at.first().map_or_else(|| "nothing".to_owned(), Metric::to_string);
        let dimensions: Vec<String> = dimensions_of(first).into_iter().collect();
        let by = if dimensions.is_empty() { String::new() } else { format!(" by {}", dimensions.join(", ")) };
        let own = format!("{}/{}{by}", text(first, "metric_namespace"), text(first, "metric_name"));
        Link::broken("watches", format!("the alarm looks at {shown}, and the filter feeds {own}"), APPLY)
    }

    /// Metrics that nothing of this detection feeds.
    fn watches_others(&self, looked_at: &[Metric]) -> Link {
        for metric in looked_at {
            match self.subject.evidence.others.get(metric) {
                Some(Known::Is(false)) => {
                    let says = format!("{metric} had no data in two weeks");
                    return Link::new(
                        "watches",
                        Verdict::Unknown,
                        says,
                        "if it should have had some, look for a slip in its names and values",
                    );
                }
                Some(Known::Unknown(why)) => return Link::unknown("watches", format!("{metric}: {why}")),
                Some(Known::Is(true)) | None => {}
            }
        }
        let shown: Vec<String> = looked_at.iter().map(Metric::to_string).collect();
        Link::sound("watches", format!("{}, which had data in the last two weeks", shown.join(" and ")))
    }

    /// The alarms that a composite one looks at.
    fn children(&self, live: &Attributes) -> Link {
        let Ok(rule) = Rule::parse(text(live, "rule")) else { return Link::unknown("watches", "its rule cannot be read") };
        let here = self.subject.scope.arn("cloudwatch", "alarm:");
        let children: Vec<&str> = rule.alarms().into_iter().map(|name| name.strip_prefix(&here).unwrap_or(name)).collect();
        let known = |name: &&str| {
            ["alarm", "composite_alarm"].iter().any(|kind| {
                let address = Address::new(*kind, *name);
                self.subject.live.owned.0.contains_key(&address) || self.subject.live.foreign.contains(&address)
            })
        };
        let of_stack = |name: &&str| name.starts_with(&self.subject.scope.prefix());
        if let Some(missing) = children.iter().find(|name| of_stack(name) && !known(name)) {
            return Link::broken("watches", format!("it looks at {missing}, which does not exist"), "`trailarm apply` makes it");
        }
        if let Some(other) = children.iter().find(|name| !of_stack(name) && !known(name)) {
            return Link::unknown("watches", format!("it looks at {other}, which is not this stack's"));
        }
        Link::sound("watches", format!("{} alarms, and all exist", children.len()))
    }

    /// The newest run of each action that the alarm has now.
    fn history(&self, name: &str, actions: &[Action]) -> Link {
        let runs = match &self.subject.evidence.runs {
            Some(Known::Is(runs)) => runs,
            Some(Known::Unknown(why)) => return Link::unknown("history", why),
            None => return Link::unknown("history", "it was not looked at"),
        };
        let newest = |action: &Action| runs.iter().find(|run| run.alarm == name && run.action == action.arn);
        let newest: Vec<_> = actions.iter().filter_map(|action| Some((action, newest(action)?))).collect();
        if let Some((action, run)) = newest.iter().find(|(_, run)| !run.succeeded) {
            let ago = duration((self.subject.evidence.now - run.at / 1000).max(0));
            let why = if run.error.is_empty() { String::new() } else { format!(": {}", run.error) };
            let says = format!("{ago} ago the alarm failed to reach the {}{why}", action.words());
            let remedy = format!("mend what is broken below, and rehearse: `trailarm drill {}`", self.unit.ready.address);
            return Link::broken("history", says, remedy);
        }
        match newest.iter().map(|(_, run)| run.at / 1000).max() {
            Some(at) => Link::sound("history", format!("acted {} ago", duration((self.subject.evidence.now - at).max(0)))),
            None => Link::sound("history", "no failed action in two weeks, and no other"),
        }
    }
}

fn as_defined(name: &str, desired: Option<&Attributes>, live: &Attributes) -> Link {
    // Switch, actions and metric are links of their own, and tags and text reach nobody.
    const APART: &[&str] = &[
        "actions_enabled",
        "alarm_actions",
        "ok_actions",
        "insufficient_data_actions",
        "namespace",
        "metric_name",
        "dimensions",
        "tags",
        "description",
        "managed_by",
    ];
    let differing = desired.map(|desired| names(desired, live, APART)).unwrap_or_default();
    if differing.is_empty() {
        return Link::sound("alarm", format!("{name} is as defined"));
    }
    Link::broken("alarm", format!("{name} is not as defined: {differing}"), APPLY)
}

/// The properties that differ, but for some.
fn names(desired: &Attributes, live: &Attributes, but: &[&str]) -> String {
    let mut names: Vec<String> =
        fields(live, desired).into_iter().map(|field| field.name.split('.').next().unwrap_or_default().to_owned()).collect();
    names.dedup();
    names.retain(|name| !but.contains(&name.as_str()));
    names.join(", ")
}

fn enabled(live: &Attributes) -> Link {
    if live.get("actions_enabled") == Some(&Value::Bool(false)) {
        let remedy = "switch them on: `trailarm apply`, or `actions_enabled: true` where the definition has them off";
        return Link::broken("actions", "the alarm's actions are switched off", remedy);
    }
    let count = live.get("alarm_actions").and_then(Value::as_array).map_or(0, Vec::len);
    if count == 0 {
        return Link::broken(
            "actions",
            "the alarm does nothing on ALARM",
            "name a topic: `notify: [security]`, in the detection or in `defaults:`",
        );
    }
    Link::sound("actions", if count == 1 { "one action, switched on".to_owned() } else { format!("{count} actions, switched on") })
}

/// Names of the dimensions under which a filter reports.
fn dimensions_of(filter: &Attributes) -> BTreeSet<String> {
    let own = filter.get("dimensions").and_then(Value::as_object).into_iter().flatten().map(|(key, _)| key.clone());
    let system = filter.get("emit_system_field_dimensions").and_then(Value::as_array).into_iter().flatten();
    own.chain(system.filter_map(Value::as_str).map(str::to_owned)).collect()
}
