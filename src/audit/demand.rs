//! The chain that each auditor follows, from the trail to the subscriber, and where it breaks.

use super::control::Control;
use super::evidence::{APART, AlarmSeen, Evidence, FilterSeen};
use super::text::{LACKS, Need, likeness};
use super::{Auditor, Verdict};
use crate::account::Trail;

/// What an auditor asks beside the text.
struct Demand {
    /// Multi-Region, and logging.
    trail: bool,
    events: Events,
    subscriber: Subscriber,
}

/// Which management events the trail must record.
#[derive(PartialEq)]
enum Events {
    Whatever,
    /// All, said by selectors of either kind.
    All,
    /// All, said by basic selectors: advanced ones are not looked at.
    AllBasic,
}

/// Who must be told by the alarm.
#[derive(PartialEq)]
enum Subscriber {
    Whoever,
    /// A subscription, confirmed or not.
    Any,
    Confirmed,
}

fn demand(auditor: Auditor) -> Demand {
    match auditor {
        Auditor::Prowler => Demand { trail: false, events: Events::Whatever, subscriber: Subscriber::Whoever },
        Auditor::Steampipe => Demand { trail: true, events: Events::AllBasic, subscriber: Subscriber::Any },
        Auditor::SecurityHub | Auditor::Cis(_) => Demand { trail: true, events: Events::All, subscriber: Subscriber::Confirmed },
    }
}

/// Goes on, or has an answer.
type Step<T> = Result<T, Verdict>;

/// `need`: what the auditor asks of the text of the control's filter.
pub(super) fn verdict((auditor, control): (Auditor, &Control), need: &Need, evidence: &Evidence) -> Verdict {
    let demand = demand(auditor);
    let chain = || {
        let groups = log_groups(auditor, control, &demand, evidence)?;
        let filters = filters(need, trap(auditor, control), (control, &groups), &evidence.filters)?;
        let alarms = alarms(&filters, &evidence.alarms)?;
        told(&demand, &alarms, evidence)
    };
    chain().err().unwrap_or(Verdict::Passed)
}

fn fail<T>(reason: impl Into<String>) -> Step<T> {
    Err(Verdict::Failed(reason.into()))
}

/// The log groups of the trails that will do.
fn log_groups(auditor: Auditor, control: &Control, demand: &Demand, evidence: &Evidence) -> Step<Vec<String>> {
    let trails = &evidence.trails;
    if trails.is_empty() {
        return fail("there is no trail");
    }
    let checked: Vec<Step<String>> = {
        let here = |trail: &Trail| match evidence.elsewhere(trail) {
            Some(place) => Err(Verdict::Unknown(format!("the log group of {} is in {place}: judge it there", trail.name))),
            None => log_group(auditor, control, demand, trail),
        };
        trails.iter().map(here).collect()
    };
    let good: Vec<String> = checked.iter().filter_map(|step| step.as_ref().ok().cloned()).collect();
    if !good.is_empty() {
        return Ok(good);
    }
    // What cannot be read may be right.
    let told: Vec<Verdict> = checked.into_iter().filter_map(Result::err).collect();
    let unknown = told.iter().find(|verdict| matches!(verdict, Verdict::Unknown(_)));
    Err(unknown.or(told.first()).cloned().unwrap_or(Verdict::Passed))
}

fn log_group(auditor: Auditor, control: &Control, demand: &Demand, trail: &Trail) -> Step<String> {
    let name = &trail.name;
    let Some(group) = trail.log_group() else { return fail(format!("{name} delivers to no log group")) };
    if demand.trail && !trail.multi_region {
        return fail(format!("{name} is not multi-Region"));
    }
    match trail.logging {
        Some(false) if demand.trail => return fail(format!("{name} is not logging")),
        None if demand.trail => return Err(Verdict::Unknown(format!("whether {name} is logging could not be read"))),
        _ => {}
    }
    if demand.events == Events::Whatever {
        return Ok(group);
    }
    let Some(selectors) = &trail.selectors else {
        return Err(Verdict::Unknown(format!("the event selectors of {name} could not be read")));
    };
    match selectors.management_events.as_deref() {
        Some("All") => {}
        Some(APART) => {
            return fail(format!("{name} records reads and writes by selectors of their own, and {auditor} looks for one with both"));
        }
        _ => return fail(format!("{name} does not record all management events")),
    }
    if selectors.advanced && demand.events == Events::AllBasic {
        return fail(format!("{name} has advanced event selectors, which {auditor} does not read"));
    }
    let is_kms = control.security_hub.as_ref().is_some_and(|hub| hub.id == "CloudWatch.7") && auditor == Auditor::SecurityHub;
    if is_kms && selectors.excluded_sources.contains("kms.amazonaws.com") {
        return fail(format!("{name} leaves out the events of KMS"));
    }
    Ok(group)
}

/// Why no filter should have the text that the auditor asks for.
fn trap(auditor: Auditor, control: &Control) -> Option<&'static str> {
    if let Auditor::Cis(version) = auditor { control.cis_trap(version) } else { None }
}

/// The filters with the right text.
fn filters<'a>(
    need: &Need,
    trap: Option<&'static str>,
    (control, groups): (&Control, &[String]),
    all: &'a [FilterSeen],
) -> Step<Vec<&'a FilterSeen>> {
    let here: Vec<&FilterSeen> = all.iter().filter(|filter| groups.contains(&filter.log_group)).collect();
    let judged = here.iter().map(|filter| (*filter, need.missed(&filter.pattern)));
    let judged: Vec<(&FilterSeen, Vec<String>)> = judged.collect();
    let good: Vec<&FilterSeen> = judged.iter().filter(|(_, missed)| missed.is_empty()).map(|(filter, _)| *filter).collect();
    if !good.is_empty() {
        return Ok(good);
    }
    if let Some(trap) = trap {
        return fail(trap);
    }
    let texts = control.cis_texts("7.0").iter().copied().chain(control.security_hub.as_ref().map(|hub| hub.text));
    let texts: Vec<&str> = texts.collect();
    let near = |filter: &FilterSeen| texts.iter().map(|text| likeness(text, &filter.pattern)).fold(0.0, f64::max);
    let nearest = judged.iter().max_by(|(a, _), (b, _)| near(a).total_cmp(&near(b))).filter(|(filter, _)| near(filter) > 0.4);
    match nearest {
        Some((filter, missed)) => fail(format!("no filter has the text; the nearest is {}: {}", filter.name, few(missed))),
        None => fail("no filter has the text"),
    }
}

/// A handful of reasons.
fn few(reasons: &[String]) -> String {
    const FEW: usize = 3;
    let part = |(i, reason): (usize, &String)| if i == 0 { reason.clone() } else { reason.trim_start_matches(LACKS).to_owned() };
    let shown = reasons.iter().take(FEW).enumerate().map(part).collect::<Vec<_>>().join(", ");
    if reasons.len() > FEW { format!("{shown} and {} more", reasons.len() - FEW) } else { shown }
}

/// The alarms on the metrics of these filters; auditors compare the metric's name.
fn alarms<'a>(filters: &[&FilterSeen], all: &'a [AlarmSeen]) -> Step<Vec<&'a AlarmSeen>> {
    let on = |alarm: &&AlarmSeen| filters.iter().any(|filter| filter.metric == alarm.metric);
    let found: Vec<&AlarmSeen> = all.iter().filter(on).collect();
    match (found.is_empty(), filters.first()) {
        (true, Some(filter)) => fail(format!("no alarm is on {}, the metric of {}", filter.metric, filter.name)),
        _ => Ok(found),
    }
}

/// Whether one of the alarms tells somebody.
fn told(demand: &Demand, alarms: &[&AlarmSeen], evidence: &Evidence) -> Step<()> {
    if demand.subscriber == Subscriber::Whoever {
        return Ok(());
    }
    let name = alarms.first().map_or("", |alarm| alarm.name.as_str());
    let topics: Vec<&String> = alarms.iter().flat_map(|alarm| &alarm.actions).filter(|arn| arn.contains(":sns:")).collect();
    if topics.is_empty() {
        return fail(format!("{name} tells no topic"));
    }
    let known: Vec<_> = topics.iter().filter_map(|arn| evidence.subscribers.get(*arn)).collect();
    let enough = |needs_confirmed: bool| known.iter().any(|s| s.confirmed > 0 || (!needs_confirmed && s.pending > 0));
    if enough(demand.subscriber == Subscriber::Confirmed) {
        return Ok(());
    }
    let topic = topics[0].rsplit(':').next().unwrap_or_default();
    if known.len() < topics.len() {
        return Err(Verdict::Unknown(format!("the subscriptions of the topic {topic} could not be read")));
    }
    if known.iter().any(|s| s.pending > 0) {
        return fail(format!("no subscription of the topic {topic} is confirmed"));
    }
    fail(format!("nobody subscribes to the topic {topic}"))
}
