//! From `log_group:` to the name of a log group: as it is written, or asked of the trail.

use std::collections::BTreeMap;

use super::section::{LogGroupSection, StackSection};
use crate::account::{Identity, Trail};
use crate::arn::Arn;
use crate::finding::{Code, Finding};
use crate::yaml::{Node, Span};

/// The log groups of a stack by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogGroups {
    pub main: String,
    /// By the keys of `log_groups:`.
    pub others: BTreeMap<String, String>,
}

impl LogGroups {
    /// Stand-in names for a look without an account: what a trail would say is not known.
    pub fn offline(section: &StackSection) -> Self {
        let name = |group: Option<&LogGroupSection>| {
            group.and_then(|g| g.name.as_ref()).map_or_else(|| "log-group-of-the-trail".to_owned(), |n| n.0.clone())
        };
        let others = section.log_groups.iter().flatten().map(|(key, group)| (key.clone(), name(Some(group)))).collect();
        Self { main: name(section.log_group.as_ref()), others }
    }

    /// Whether a trail must be asked.
    pub fn need_trails(section: &StackSection) -> bool {
        section.log_group.as_ref().is_none_or(|g| g.name.is_none()) || section.log_groups.iter().flatten().any(|(_, g)| g.name.is_none())
    }
}

/// Resolves all log groups of a stack.
///
/// # Errors
/// There is no such trail, it does not log, it has no log group, or one that is elsewhere.
pub fn resolve(section: &StackSection, tree: &Node, trails: &[Trail], identity: &Identity) -> Result<LogGroups, Vec<Finding>> {
    let mut findings = Vec::new();
    let mut one = |group: Option<&LogGroupSection>, span: &Span| match name_of(group, trails, identity) {
        Ok(name) => name,
        Err((message, help)) => {
            findings.push(Finding::error(Code::TrailOrLogGroup, message).at(span).help(help));
            String::new()
        }
    };
    let main = one(section.log_group.as_ref(), &tree.locate("log_group"));
    let mut others = BTreeMap::new();
    for (key, group) in section.log_groups.iter().flatten() {
        others.insert(key.clone(), one(Some(group), &tree.locate(&format!("log_groups.{key}"))));
    }
    if findings.is_empty() { Ok(LogGroups { main, others }) } else { Err(findings) }
}

type Refusal = (String, String);

fn name_of(group: Option<&LogGroupSection>, trails: &[Trail], identity: &Identity) -> Result<String, Refusal> {
    if let Some(name) = group.and_then(|g| g.name.as_ref()) {
        return Ok(name.0.clone());
    }
    let wanted = group.and_then(|g| g.from_trail.as_deref()).unwrap_or("auto");
    let trail = if wanted == "auto" { automatic(trails, identity)? } else { named(wanted, trails, identity)? };
    usable(trail, identity)
}

/// The logging multi-Region trail that delivers to a log group.
fn automatic<'a>(trails: &'a [Trail], identity: &Identity) -> Result<&'a Trail, Refusal> {
    let place = format!("account {} in {}", identity.account_id, identity.region);
    if trails.is_empty() {
        return refuse(
            format!("there is no trail in {place}"),
            "create a multi-Region trail that delivers to a log group, or name a log group: `log_group: {name: …}`",
        );
    }
    let multi: Vec<&Trail> = trails.iter().filter(|t| t.multi_region).collect();
    if multi.is_empty() {
        return refuse(
            format!("no trail in {place} is multi-Region; there is {}", names(trails.iter())),
            "name one: `log_group: {from_trail: NAME}`",
        );
    }
    let logging: Vec<&Trail> = multi.iter().copied().filter(|t| t.logging != Some(false)).collect();
    if logging.is_empty() {
        return refuse(
            format!("no multi-Region trail in {place} is logging; switched off: {}", names(multi.into_iter())),
            "start it: `aws cloudtrail start-logging --name NAME`",
        );
    }
    let delivering: Vec<&Trail> = logging.iter().copied().filter(|t| t.log_group_arn.is_some()).collect();
    let usable_ones: Vec<&Trail> = delivering.iter().copied().filter(|t| usable(t, identity).is_ok()).collect();
    match (usable_ones.as_slice(), delivering.as_slice()) {
        ([first, rest @ ..], _) if rest.iter().all(|t| t.log_group_arn == first.log_group_arn) => Ok(first),
        ([_, ..], _) => refuse(
            format!("several trails deliver to log groups: {}", names(usable_ones.into_iter())),
            "name the one that is meant: `log_group: {from_trail: NAME}`",
        ),
        // Says what is wrong with its log group.
        ([], [first, ..]) => Ok(first),
        ([], []) => refuse(
            format!("no multi-Region trail in {place} delivers to a log group: {}", names(logging.into_iter())),
            "give the trail a log group (`aws cloudtrail update-trail --cloud-watch-logs-log-group-arn …`)",
        ),
    }
}

fn named<'a>(wanted: &str, trails: &'a [Trail], identity: &Identity) -> Result<&'a Trail, Refusal> {
    let trail = trails.iter().find(|t| t.arn == wanted || t.name == wanted);
    match trail {
        Some(trail) if trail.logging == Some(false) => refuse(
            format!("the trail {} is not logging", trail.name),
            format!("start it: `aws cloudtrail start-logging --name {}`", trail.arn),
        ),
        Some(trail) => Ok(trail),
        None => {
            let place = format!("account {} in {}", identity.account_id, identity.region);
            let known = crate::finding::suggest(wanted, trails.iter().map(|t| t.name.as_str()));
            refuse(format!("there is no trail `{wanted}` in {place}"), known)
        }
    }
}

/// The name of the trail's log group, if metric filters can be put on it from here.
fn usable(trail: &Trail, identity: &Identity) -> Result<String, Refusal> {
    let Some(text) = &trail.log_group_arn else {
        return refuse(
            format!("the trail {} delivers to no log group", trail.name),
            "give it one (`aws cloudtrail update-trail --cloud-watch-logs-log-group-arn …`)",
        );
    };
    let Ok(arn) = text.parse::<Arn>() else {
        return refuse(
            format!("the trail {} names `{text}`, which is not the ARN of a log group", trail.name),
            "mend the trail, or name a log group: `log_group: {name: …}`",
        );
    };
    if arn.account_id != identity.account_id {
        return refuse(
            format!("the log group of the trail {} is in account {}, this is account {}", trail.name, arn.account_id, identity.account_id),
            format!("run trailarm with credentials of account {}, where the events are", arn.account_id),
        );
    }
    if arn.region != identity.region {
        return refuse(
            format!("the log group of the trail {} is in {}, this run is for {}", trail.name, arn.region, identity.region),
            format!("run it with `--region {}`", arn.region),
        );
    }
    Ok(arn.log_group().to_owned())
}

fn names<'a>(trails: impl Iterator<Item = &'a Trail>) -> String {
    trails.map(|t| t.name.as_str()).collect::<Vec<_>>().join(", ")
}

fn refuse<T>(message: impl Into<String>, help: impl Into<String>) -> Result<T, Refusal> {
    Err((message.into(), help.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn here() -> Identity {
        Identity { partition: "aws".into(), account_id: "111122223333".into(), region: "eu-west-1".into(), caller: String::new() }
    }

    fn trail(name: &str, group: &str) -> Trail {
        Trail {
            name: name.into(),
            arn: format!("arn:aws:cloudtrail:eu-west-1:111122223333:trail/{name}"),
            multi_region: true,
            organization: false,
            logging: Some(true),
            log_group_arn: (!group.is_empty()).then(|| group.to_owned()),
            selectors: None,
            delivery: None,
        }
    }

    const GROUP: &str = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/trail:*";

    fn asked(from_trail: &str, trails: &[Trail]) -> Result<String, String> {
        let section = LogGroupSection { name: None, from_trail: Some(from_trail.into()) };
        name_of(Some(&section), trails, &here()).map_err(|(message, help)| format!("{message}; {help}"))
    }

    #[test]
    fn a_trail_is_found_by_itself_by_name_and_by_arn() {
        let trails = [trail("a", ""), trail("b", GROUP), Trail { multi_region: false, ..trail("c", GROUP) }];
        for wanted in ["auto", "b", "c", &trails[1].arn.clone()] {
            assert_eq!(asked(wanted, &trails).as_deref(), Ok("/aws/trail"), "{wanted}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_trail_is_said() {
        let elsewhere = "arn:aws:logs:eu-west-1:444455556666:log-group:org:*";
        let us = "arn:aws:logs:us-east-1:111122223333:log-group:g:*";
        let other = "arn:aws:logs:eu-west-1:111122223333:log-group:other:*";
        for (wanted, trails, message) in [
            ("auto", vec![], "there is no trail in account 111122223333 in eu-west-1"),
            (
                "auto",
                vec![Trail { multi_region: false, ..trail("a", GROUP) }],
                "no trail in account 111122223333 in eu-west-1 is multi-Region",
            ),
            ("auto", vec![Trail { logging: Some(false), ..trail("a", GROUP) }], "is logging; switched off: a"),
            ("auto", vec![trail("a", "")], "delivers to a log group: a"),
            (
                "auto",
                vec![trail("a", elsewhere)],
                "is in account 444455556666, this is account 111122223333; run trailarm with credentials of account 444455556666",
            ),
            ("auto", vec![trail("a", us)], "is in us-east-1, this run is for eu-west-1; run it with `--region us-east-1`"),
            ("auto", vec![trail("a", GROUP), trail("b", other)], "several trails deliver to log groups: a, b"),
            ("trial", vec![trail("trail", GROUP)], "there is no trail `trial` in account 111122223333 in eu-west-1; did you mean `trail`?"),
            ("a", vec![Trail { logging: Some(false), ..trail("a", GROUP) }], "the trail a is not logging"),
            ("a", vec![trail("a", "")], "the trail a delivers to no log group"),
        ] {
            let error = asked(wanted, &trails).unwrap_err();
            assert!(error.contains(message), "{error}");
        }
        assert_eq!(asked("auto", &[trail("a", elsewhere), trail("b", GROUP)]).as_deref(), Ok("/aws/trail"));
    }
}
