//! The links before the metric: the trail, what it records, whether it delivers, and the log group.

use filter_pattern::Pattern;
use filter_pattern::ast::{Body, Clause, Operand, Test};

use super::evidence::{Evidence, Known, known_of};
use super::{Link, Verdict};
use crate::account::Trail;
use crate::audit::Selectors;
use crate::cloudtrail::sources_of;
use crate::resource_policy::like;

/// After this time without a delivery nothing is certain, and after that one something is wrong: CloudTrail delivers within
/// minutes, and there are accounts in which nobody does anything for hours.
const DOUBTFUL: i64 = 3_600;
const SILENT: i64 = 24 * 3_600;

/// What the patterns of a detection ask of a trail.
#[derive(Debug, Clone, Default)]
pub(super) struct Asks<'a> {
    pub patterns: Vec<&'a Pattern>,
}

impl Asks<'_> {
    /// Whether a detection is about the events of a source: `None` where its patterns do not say.
    fn is_about(&self, source: &str) -> Option<bool> {
        let answers: Vec<Option<bool>> = self.patterns.iter().map(|pattern| is_about(pattern, source)).collect();
        if answers.contains(&Some(true)) {
            Some(true)
        } else if answers.contains(&None) {
            None
        } else {
            Some(false)
        }
    }

    /// Whether all events that the patterns ask for change something: `None` where that is not known.
    fn only_writes(&self) -> Option<bool> {
        let all_name = self.patterns.iter().all(|pattern| demanded(pattern, "$.eventName").is_some());
        let names: Vec<&str> = self.patterns.iter().flat_map(|pattern| compared(pattern, "$.eventName")).collect();
        let has = |verbs: &[&str]| names.iter().any(|name| verbs.iter().any(|verb| name.starts_with(verb)));
        let all_write = names.iter().all(|name| WRITES.split(' ').any(|verb| name.starts_with(verb)));
        match (has(&READS), all_name && all_write) {
            (true, _) => Some(false),
            (false, true) => Some(true),
            _ => None,
        }
    }
}

/// Verbs of calls that look, and of calls that certainly change something. What has neither (AssumeRole looks) is not known.
const READS: [&str; 6] = ["Get", "List", "Describe", "Head", "Lookup", "Search"];
const WRITES: &str = "Accept Add Allocate Associate Attach Authorize Cancel Change ConsoleLogin Copy Create Deactivate Delete \
    Deregister Detach Disable Disassociate Enable Import Invite Leave Modify Move Publish Put Reboot Register \
    Release Remove Replace Reset Restore Revoke Rotate Run Schedule Set Start Stop Tag Terminate Untag Update \
    Upgrade Upload";

/// By the sources that a pattern names, or else by those that write the events it names. It is about no other only where it asks for
/// one of those.
fn is_about(pattern: &Pattern, source: &str) -> Option<bool> {
    let is_source = |named: &&str| like(named, source);
    let writes_it = |name: &&str| sources_of(name).iter().any(|writes| writes == source);
    if compared(pattern, "$.eventSource").iter().any(is_source) {
        return Some(true);
    }
    if demanded(pattern, "$.eventSource").is_some() {
        return Some(false);
    }
    if compared(pattern, "$.eventName").iter().any(writes_it) {
        return Some(true);
    }
    let is_plain = |names: &Vec<&str>| names.iter().all(|name| !name.contains('*'));
    demanded(pattern, "$.eventName").filter(is_plain).map(|_| false)
}

/// The texts that a property may equal, wherever in the pattern. A regular expression counts by its beginning.
fn compared<'a>(pattern: &'a Pattern, property: &str) -> Vec<&'a str> {
    let text = |clause: &'a Clause| match &clause.test {
        Test::Equals(Operand::Regex(regex)) if clause.selector.to_string() == property => {
            let source = regex.source.trim_start_matches('^');
            source.split(|c: char| !(c.is_ascii_alphanumeric() || "*.-".contains(c))).next()
        }
        _ => clause.equals_text(property),
    };
    pattern.clauses().into_iter().filter_map(text).collect()
}

/// The texts of which a property has to equal one so that the pattern matches; `None`: it need not.
fn demanded<'a>(pattern: &'a Pattern, property: &str) -> Option<Vec<&'a str>> {
    if let Body::Json(expr) = pattern.body() { expr.demanded(property) } else { None }
}

/// Trail, events and delivery of the best of the trails that deliver to the log group.
pub(super) fn trail_links(group: &str, trails: &Known<Vec<Trail>>, asks: &Asks<'_>, now: i64) -> Vec<Link> {
    let trails = match trails {
        Known::Is(trails) => trails,
        Known::Unknown(why) => return vec![Link::unknown("trail", why)],
    };
    let feeding = trails.iter().filter(|trail| trail.log_group().as_deref() == Some(group));
    let rank = |links: &Vec<Link>| {
        let count = |verdict| links.iter().filter(|link| link.verdict == verdict).count();
        (count(Verdict::Broken), count(Verdict::Unknown))
    };
    let judged = feeding.map(|trail| vec![logging(trail), events(trail, asks), delivery(trail, now)]);
    judged.min_by_key(rank).unwrap_or_else(|| {
        let says = format!("no trail of this Region delivers to the log group {group}");
        let remedy = "name the log group of the trail (`log_group: {from_trail: auto}`), or give a trail this one: `aws cloudtrail \
                      update-trail --name TRAIL --cloud-watch-logs-log-group-arn ARN --cloud-watch-logs-role-arn ROLE`";
        vec![Link::broken("trail", says, remedy), Link::waiting("events", "trail"), Link::waiting("delivery", "trail")]
    })
}

fn logging(trail: &Trail) -> Link {
    let name = &trail.name;
    match trail.logging {
        Some(false) => {
            Link::broken("trail", format!("{name} is not logging"), format!("start it: `aws cloudtrail start-logging --name {name}`"))
        }
        _ if !trail.multi_region => Link::broken(
            "trail",
            format!("{name} is not multi-Region: whoever works in another Region is not seen"),
            format!("`aws cloudtrail update-trail --name {name} --is-multi-region-trail`"),
        ),
        None => Link::unknown("trail", format!("whether {name} is logging may not be read (cloudtrail:GetTrailStatus)")),
        Some(true) => Link::sound("trail", format!("{name} logs in all Regions")),
    }
}

fn events(trail: &Trail, asks: &Asks<'_>) -> Link {
    let name = &trail.name;
    let Some(Selectors { management_events, excluded_sources, .. }) = &trail.selectors else {
        return Link::unknown("events", format!("the event selectors of {name} may not be read (cloudtrail:GetEventSelectors)"));
    };
    let remedy = format!(
        "`aws cloudtrail put-event-selectors --trail-name {name} --event-selectors '[{{\"ReadWriteType\":\"All\",\"IncludeManagementEvents\":true}}]'` \
         (it replaces what is there)"
    );
    for source in excluded_sources {
        let says = format!("{name} leaves out the events of {source}");
        match asks.is_about(source) {
            Some(true) => return Link::broken("events", format!("{says}, which this detection is about"), remedy),
            None => return Link::new("events", Verdict::Unknown, format!("{says}, and this detection may be about them"), remedy),
            Some(false) => {}
        }
    }
    match management_events.as_deref() {
        None => Link::broken("events", format!("{name} records no management events"), remedy),
        Some("ReadOnly") => Link::broken("events", format!("{name} records reads only"), remedy),
        Some("WriteOnly") if asks.only_writes() == Some(false) => {
            Link::broken("events", format!("{name} records writes only, and this detection is about reads"), remedy)
        }
        Some("WriteOnly") if asks.only_writes().is_none() => {
            Link::new("events", Verdict::Unknown, format!("{name} records writes only, and this detection may be about reads"), remedy)
        }
        Some(kind) => Link::sound("events", format!("{name} records management events ({kind})")),
    }
}

fn delivery(trail: &Trail, now: i64) -> Link {
    let name = &trail.name;
    let role = format!("see what the role of {name} may do: it needs logs:CreateLogStream and logs:PutLogEvents on the log group");
    let Some(delivery) = &trail.delivery else {
        return Link::unknown(
            "delivery",
            format!("when {name} delivered last is not known (cloudtrail:GetTrailStatus; a snapshot does not hold it)"),
        );
    };
    if let Some(error) = &delivery.error {
        return Link::broken("delivery", format!("{name} cannot deliver: {error}"), role);
    }
    let Some(delivered) = delivery.last else {
        return Link::broken("delivery", format!("{name} has never delivered to its log group"), role);
    };
    let ago = (now - delivered).max(0);
    let says = format!("{name} delivered {} ago", duration(ago));
    if ago > SILENT {
        return Link::broken("delivery", says, role);
    }
    if ago > DOUBTFUL {
        let remedy = "call anything in this account, and look again in a quarter of an hour";
        return Link::new("delivery", Verdict::Unknown, format!("{says}: nobody did anything, or it is stuck"), remedy);
    }
    Link::sound("delivery", says)
}

pub(super) fn log_group_link(group: &str, evidence: &Evidence) -> Link {
    match known_of(&evidence.log_groups, &group.to_owned()) {
        Known::Is(Some(found)) => {
            let kept = found.retention.map_or_else(|| "for ever".to_owned(), |days| format!("for {days} days"));
            Link::sound("log group", format!("{group}, events are kept {kept}"))
        }
        Known::Is(None) => {
            let remedy = "check name, account and Region; `log_group: {from_trail: auto}` finds the one that the trail delivers to";
            Link::broken("log group", format!("{group} does not exist"), remedy)
        }
        Known::Unknown(why) => Link::unknown("log group", why),
    }
}

/// `4 minutes`, `3 hours`, `2 days`.
pub(super) fn duration(seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..120 => (seconds, "second"),
        120..7_200 => (seconds / 60, "minute"),
        7_200..172_800 => (seconds / 3_600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    format!("{count} {unit}{}", if count == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Delivery;

    fn trail() -> Trail {
        Trail {
            name: "main".into(),
            multi_region: true,
            logging: Some(true),
            log_group_arn: Some("arn:aws:logs:eu-west-1:111122223333:log-group:trail:*".into()),
            selectors: Some(Selectors::all()),
            delivery: delivered(9_900),
            ..Trail::default()
        }
    }

    fn delivered(last: i64) -> Option<Delivery> {
        Some(Delivery { last: Some(last), error: None })
    }

    fn broken(trail: Trail, pattern: &str) -> Vec<(&'static str, Verdict, String)> {
        let pattern = Pattern::parse(pattern).unwrap();
        let asks = Asks { patterns: vec![&pattern] };
        let links = trail_links("trail", &Known::Is(vec![trail]), &asks, 10_000);
        links.into_iter().filter(|link| link.verdict != Verdict::Sound).map(|link| (link.name, link.verdict, link.says)).collect()
    }

    #[test]
    fn each_fault_of_a_trail_is_one_link() {
        let selectors = |kind: Option<&str>, excluded: &[&str]| {
            Some(Selectors {
                management_events: kind.map(str::to_owned),
                excluded_sources: excluded.iter().map(|source| (*source).to_owned()).collect(),
                advanced: false,
            })
        };
        let kms = r#"{ ($.eventSource = "kms.amazonaws.com") && ($.eventName = "DisableKey") }"#;
        let reads = r#"{ $.eventName = "GetObject" || $.eventName = "PutObject" }"#;
        for (change, pattern, link, verdict, says) in [
            (Trail { logging: Some(false), ..trail() }, kms, "trail", Verdict::Broken, "main is not logging"),
            (Trail { multi_region: false, ..trail() }, kms, "trail", Verdict::Broken, "main is not multi-Region"),
            (Trail { selectors: selectors(None, &[]), ..trail() }, kms, "events", Verdict::Broken, "records no management events"),
            (Trail { selectors: selectors(Some("All"), &["kms.amazonaws.com"]), ..trail() }, kms, "events", Verdict::Broken, "leaves out"),
            (Trail { selectors: selectors(Some("WriteOnly"), &[]), ..trail() }, reads, "events", Verdict::Broken, "writes only"),
            (Trail { selectors: selectors(Some("ReadOnly"), &[]), ..trail() }, kms, "events", Verdict::Broken, "reads only"),
            (Trail { selectors: None, ..trail() }, kms, "events", Verdict::Unknown, "may not be read"),
            (
                Trail { delivery: Some(Delivery { last: Some(9_999), error: Some("AccessDenied".into()) }), ..trail() },
                kms,
                "delivery",
                Verdict::Broken,
                "AccessDenied",
            ),
            (Trail { delivery: Some(Delivery::default()), ..trail() }, kms, "delivery", Verdict::Broken, "has never delivered"),
            (Trail { delivery: None, ..trail() }, kms, "delivery", Verdict::Unknown, "is not known"),
            (Trail { delivery: delivered(10_000 - 7_200), ..trail() }, kms, "delivery", Verdict::Unknown, "2 hours ago"),
            (Trail { delivery: delivered(10_000 - 200_000), ..trail() }, kms, "delivery", Verdict::Broken, "2 days ago"),
        ] {
            let found = broken(change, pattern);
            assert_eq!(found.len(), 1, "{found:?}");
            assert_eq!((found[0].0, found[0].1), (link, verdict), "{found:?}");
            assert!(found[0].2.contains(says), "{found:?}");
        }
    }

    #[test]
    fn what_does_not_concern_a_detection_breaks_nothing() {
        assert_eq!(broken(trail(), "{ $.a = 1 }"), []);
        let without_kms = || Selectors { excluded_sources: ["kms.amazonaws.com".to_owned()].into(), ..Selectors::all() };
        assert_eq!(broken(Trail { selectors: Some(without_kms()), ..trail() }, r#"{ $.eventSource = "iam.amazonaws.com" }"#), []);
        let writes = Selectors { management_events: Some("WriteOnly".into()), ..Selectors::all() };
        assert_eq!(broken(Trail { selectors: Some(writes.clone()), ..trail() }, r#"{ $.eventName = "CreateUser" }"#), []);
        let other_than =
            r#"{ ($.eventSource != "kms.amazonaws.com") && ($.eventName = "CreateUser") && ($.eventSource = "iam.amazonaws.com") }"#;
        assert_eq!(broken(Trail { selectors: Some(without_kms()), ..trail() }, other_than), []);
        // By the names of events, and where nothing says it, nobody knows.
        for (selectors, pattern, verdict) in [
            (without_kms(), r#"{ $.eventName = "DisableKey" }"#, Verdict::Broken),
            (without_kms(), r#"{ $.errorCode = "AccessDenied" }"#, Verdict::Unknown),
            // One side of it may be met by any event.
            (without_kms(), r#"{ $.eventSource = "iam.amazonaws.com" || $.errorCode = "AccessDenied" }"#, Verdict::Unknown),
            (without_kms(), r#"{ $.eventName = %^Disable% }"#, Verdict::Unknown),
            (writes.clone(), r#"{ $.eventName = "CreateUser" || $.errorCode = "AccessDenied" }"#, Verdict::Unknown),
            (writes.clone(), r#"{ $.eventName = "AssumeRole" }"#, Verdict::Unknown),
            (writes, r#"{ $.eventName = "*Policy" }"#, Verdict::Unknown),
        ] {
            assert_eq!(broken(Trail { selectors: Some(selectors), ..trail() }, pattern)[0].1, verdict, "{pattern}");
        }
        let other = Trail { log_group_arn: None, ..trail() };
        assert_eq!(broken(other, "{ $.a = 1 }").len(), 3);
    }
}
