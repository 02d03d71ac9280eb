//! The links of the alarm itself: is it as defined, does it look at what is fed, does it act, and did that work.

use std::collections::BTreeSet;

use serde_json::Value;

use super::evidence::{Known, Metric, Runs};
use super::judge::{APPLY, Judge, names};
use super::receiver::receiver_links;
use super::source::duration;
use super::{Action, Link, Verdict};
use crate::detection::BuiltAlarm;
use crate::kinds::composite_alarm::rule::Rule;
use crate::state::{Address, Attributes, text};

impl Judge<'_> {
    pub(super) fn alarm(&self, alarm: &BuiltAlarm) -> Vec<Link> {
        let address = alarm.address();
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
        links.push(if address.kind == "alarm" { self.watches(&address, live) } else { self.children(live) });
        links.push(enabled(self.subject.desired.0.get(&address), live));
        let actions = Action::of_alarm(&address, live);
        links.push(self.history(name, &actions));
        for action in &actions {
            let topic = self.subject.scope.topic_name(&action.arn).map(|topic| Address::new("topic", topic));
            let is_own = topic.is_some_and(|topic| self.subject.desired.0.contains_key(&topic));
            links.extend(receiver_links(action, name, is_own, (self.subject.scope, self.subject.evidence)));
        }
        links
    }

    /// Two strings join a filter and an alarm, and nobody else compares them.
    fn watches(&self, address: &Address, live: &Attributes) -> Link {
        let looked_at = Metric::of_alarm(live);
        let wanted = self.subject.desired.0.get(address).map(Metric::of_alarm).unwrap_or_default();
        if self.unit.watched().is_none() {
            return self.watches_others(&looked_at, &wanted);
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
            if looked_at != wanted {
                return Link::broken("watches", format!("the alarm looks at {metric} by other values than its definition says"), APPLY);
            }
            return Link::sound("watches", format!("{metric}, which the filter feeds"));
        }
        let shown = looked_at.first().map_or_else(|| "nothing".to_owned(), Metric::to_string);
        let dimensions: Vec<String> = dimensions_of(first).into_iter().collect();
        let by = if dimensions.is_empty() { String::new() } else { format!(" by {}", dimensions.join(", ")) };
        let own = format!("{}/{}{by}", text(first, "metric_namespace"), text(first, "metric_name"));
        Link::broken("watches", format!("the alarm looks at {shown}, and the filter feeds {own}"), APPLY)
    }

    /// Metrics that nothing of this detection feeds.
    fn watches_others(&self, looked_at: &[Metric], wanted: &[Metric]) -> Link {
        if looked_at != wanted {
            let shown = |metrics: &[Metric]| metrics.iter().map(Metric::with_values).collect::<Vec<_>>().join(" and ");
            let says = format!("the alarm looks at {}, and its definition says {}", shown(looked_at), shown(wanted));
            return Link::broken("watches", says, APPLY);
        }
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
        let children = rule.alarms_in(self.subject.scope);
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
        let odd = |wanted: Verdict| {
            let of = |name: &&str| self.feeds.get(*name).copied().flatten().filter(|(verdict, _)| *verdict == wanted);
            children.iter().find_map(|name| Some((*name, of(name)?.1)))
        };
        if let Some((name, link)) = odd(Verdict::Broken) {
            return Link::broken("watches", format!("it looks at {name}, which is broken at its {link}"), "mend that chain");
        }
        if let Some((name, link)) = odd(Verdict::Unknown) {
            return Link::unknown("watches", format!("it looks at {name}, whose {link} is not known"));
        }
        Link::sound("watches", format!("{} alarms, and their chains hold", children.len()))
    }

    /// The newest run of each action that the alarm has now.
    fn history(&self, name: &str, actions: &[Action]) -> Link {
        let (runs, is_cut) = match &self.subject.evidence.runs {
            Known::Is(Runs { runs, is_cut }) => (runs, *is_cut),
            Known::Unknown(why) => return Link::unknown("history", why),
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
        if is_cut && newest.len() < actions.len() {
            return Link::unknown("history", "the alarms of this Region act so often that not all of it was read");
        }
        match newest.iter().map(|(_, run)| run.at / 1000).max() {
            Some(at) => Link::sound("history", format!("acted {} ago", duration((self.subject.evidence.now - at).max(0)))),
            None => Link::sound("history", "it has not acted in two weeks, so nothing failed"),
        }
    }
}

fn as_defined(name: &str, desired: Option<&Attributes>, live: &Attributes) -> Link {
    // Switch, actions and metric are links of their own, and tags and text reach nobody.
    const APART: &[&str] =
        &["actions_enabled", "alarm_actions", "namespace", "metric_name", "dimensions", "tags", "description", "managed_by"];
    let differing = |but| desired.map(|desired| names(desired, live, but)).unwrap_or_default();
    if differing(APART).is_empty() {
        let rest = differing(&[]);
        let but = if rest.is_empty() { "is as defined".to_owned() } else { format!("is as defined, but for {rest}") };
        return Link::sound("alarm", format!("{name} {but}"));
    }
    let differing = differing(APART);
    Link::broken("alarm", format!("{name} is not as defined: {differing}"), APPLY)
}

/// Whether it acts, and on all that it should.
fn enabled(desired: Option<&Attributes>, live: &Attributes) -> Link {
    if live.get("actions_enabled") == Some(&Value::Bool(false)) {
        let remedy = "switch them on: `trailarm apply`, or `actions_enabled: true` where the definition has them off";
        return Link::broken("actions", "the alarm's actions are switched off", remedy);
    }
    let wanted: BTreeSet<&str> = desired.into_iter().flat_map(Action::named).collect();
    let own: BTreeSet<&str> = Action::named(live).collect();
    if let Some(missing) = wanted.difference(&own).next() {
        let missing = Action::of((*missing).to_owned(), None);
        return Link::broken("actions", format!("the alarm lacks the {} of its definition", missing.words()), APPLY);
    }
    if own.is_empty() {
        let remedy = "name a topic: `notify: [security]`, in the detection or in `defaults:`";
        return Link::broken("actions", "the alarm does nothing on ALARM", remedy);
    }
    let others = own.difference(&wanted).count();
    let more = if others == 0 { String::new() } else { format!(", {others} of which the definition does not name") };
    Link::sound(
        "actions",
        if own.len() == 1 { format!("one action, switched on{more}") } else { format!("{} actions, switched on{more}", own.len()) },
    )
}

/// Names of the dimensions under which a filter reports.
fn dimensions_of(filter: &Attributes) -> BTreeSet<String> {
    let own = filter.get("dimensions").and_then(Value::as_object).into_iter().flatten().map(|(key, _)| key.clone());
    let system = filter.get("emit_system_field_dimensions").and_then(Value::as_array).into_iter().flatten();
    own.chain(system.filter_map(Value::as_str).map(str::to_owned)).collect()
}
