//! `tests:` of a detection → cases, with their events read.

use camino::Utf8Path;

use super::periods::datapoints;
use crate::detection::{ALL, TestSection, Unit, profiles_of};
use crate::events::{Texts, Unpacker, visit};
use crate::finding::{Code, Finding, suggest};
use crate::simulate::{Evaluation, Strip, StripError};
use crate::yaml::{Node, Span, Value};

/// A test of a detection.
#[derive(Debug)]
pub struct Case {
    pub name: String,
    pub at: Span,
    /// Only the filters of this profile are looked at.
    pub profile: Option<String>,
    pub expected: Expected,
}

/// What must hold.
#[derive(Debug, Clone)]
pub enum Expected {
    /// Each of the events matches, or none does; and adds this value to the metric.
    Events { events: Vec<String>, matches: bool, value: Option<f64> },
    /// With these datapoints, one a period, the alarm is in ALARM after just these periods (from 0).
    Periods { evaluation: Evaluation, points: Vec<Option<f64>>, alarm_at: Vec<usize> },
}

/// The tests of a detection.
///
/// # Errors
/// All that is wrong with them: a test that asserts nothing, a file that cannot be read.
pub(super) fn cases(unit: &Unit) -> Result<Vec<Case>, Vec<Finding>> {
    let (mut cases, mut findings) = (Vec::new(), Vec::new());
    if unit.is_left_out() {
        return Ok(cases);
    }
    for (i, section) in unit.ready.section.tests.iter().flatten().enumerate() {
        let reader = Reader { unit, section, path: format!("tests.{i}") };
        match reader.expected() {
            Ok(expected) => cases.extend(reader.each_profile(expected)),
            Err(more) => findings.extend(more),
        }
    }
    findings.extend(twice(unit, &cases));
    if findings.is_empty() { Ok(cases) } else { Err(findings) }
}

/// Tests of one name cannot be told apart in a report.
fn twice(unit: &Unit, cases: &[Case]) -> Vec<Finding> {
    let repeated = cases.iter().enumerate().filter(|(i, case)| cases[..*i].iter().any(|other| other.name == case.name));
    let told = |(_, case): (usize, &Case)| {
        let finding = Finding::error(Code::SameAddress, format!("{} has two tests called \"{}\"", unit.ready.address, case.name));
        finding.at(&case.at).help("give each its own name: reports tell tests apart by it")
    };
    repeated.map(told).collect()
}

/// The message that a log group would hold: JSON, or the text itself.
fn message(event: &Node) -> String {
    if let Value::Scalar { text, .. } = &event.value { text.clone() } else { event.to_json() }
}

struct Reader<'a> {
    unit: &'a Unit,
    section: &'a TestSection,
    path: String,
}

type Read<T> = Result<T, Vec<Finding>>;

impl Reader<'_> {
    fn wrong<T>(&self, key: &str, code: Code, message: &str, help: &str) -> Read<T> {
        let at = self.unit.ready.tree.locate(&format!("{}.{key}", self.path));
        Err(vec![Finding::error(code, format!("test \"{}\": {message}", self.section.name)).at(&at).help(help)])
    }

    /// The test as it is, or once for each of the profiles it names that the stack has.
    fn each_profile(&self, expected: Expected) -> Vec<Case> {
        let at = self.unit.ready.tree.locate(&format!("{}.name", self.path));
        let name = self.section.name.clone();
        let Some(profiles) = &self.section.profiles else { return vec![Case { name, at, profile: None, expected }] };
        let chosen = |profile: &&String| self.unit.profile.as_ref().is_none_or(|chosen| chosen == ALL || chosen == *profile);
        let case = |profile: &String| Case {
            name: format!("{name} [{profile}]"),
            at: at.clone(),
            profile: Some(profile.clone()),
            expected: expected.clone(),
        };
        profiles.iter().filter(chosen).map(case).collect()
    }

    fn known_profiles(&self) -> Read<()> {
        let known: Vec<&str> = profiles_of(&self.unit.ready.section).into_iter().chain([ALL]).collect();
        let wrong = self.section.profiles.iter().flatten().find(|profile| !known.contains(&profile.as_str()));
        match wrong {
            Some(profile) => {
                let message = format!("no filter of the detection is of the profile `{profile}`");
                self.wrong("profiles", Code::UnknownName, &message, &suggest(profile, known))
            }
            None => Ok(()),
        }
    }

    fn expected(&self) -> Read<Expected> {
        self.known_profiles()?;
        let section = self.section;
        let ways = [section.event.is_some(), section.events.is_some(), section.file.is_some(), section.matches_per_period.is_some()];
        match ways.iter().filter(|way| **way).count() {
            0 => self.wrong("name", Code::MissingKey, "it looks at nothing", "add `event:`, `events:`, `file:` or `matches_per_period:`"),
            1 if section.matches_per_period.is_some() => self.periods(),
            1 => self.events(),
            _ => {
                let message = "`event`, `events`, `file` and `matches_per_period` exclude each other";
                self.wrong("name", Code::Combination, message, "split it into several tests")
            }
        }
    }

    fn events(&self) -> Read<Expected> {
        let section = self.section;
        if section.alarm_at.is_some() {
            return self.wrong(
                "alarm_at",
                Code::Combination,
                "`alarm_at` belongs to `matches_per_period`",
                "write the matches as a strip: '0x2 1 0x3'",
            );
        }
        let matches = match (section.matches, section.value) {
            (Some(false), Some(_)) => {
                return self.wrong(
                    "value",
                    Code::Combination,
                    "an event that does not match adds no value",
                    "remove `value`, or say `matches: true`",
                );
            }
            (Some(matches), _) => matches,
            (None, Some(_)) => true,
            (None, None) => return self.wrong("name", Code::MissingKey, "it asserts nothing", "add `matches: true` or `matches: false`"),
        };
        if self.unit.filters.is_empty() {
            return self.wrong(
                "name",
                Code::Combination,
                "the detection has no filter to test",
                "test the alarm with `matches_per_period:`",
            );
        }
        let events = self.read_events()?;
        if self.section.file.is_none() && events.iter().any(|event| event == "{}" || event.is_empty()) {
            return self.wrong(
                "name",
                Code::EmptyFile,
                "its event is empty",
                "write the fields that matter; a near miss differs in one of them",
            );
        }
        if events.is_empty() {
            return self.wrong("name", Code::EmptyFile, "there is no event in it", "add at least one");
        }
        Ok(Expected::Events { events, matches, value: section.value })
    }

    fn read_events(&self) -> Read<Vec<String>> {
        let tree = &self.unit.ready.tree;
        if let Some(file) = &self.section.file {
            return self.file(file);
        }
        if let Some(event) = tree.find(&format!("{}.event", self.path)) {
            return Ok(vec![message(event)]);
        }
        match tree.find(&format!("{}.events", self.path)).map(|node| &node.value) {
            Some(Value::List(items)) => Ok(items.iter().map(message).collect()),
            _ => Ok(Vec::new()),
        }
    }

    /// All events of a file beside the detection.
    fn file(&self, file: &str) -> Read<Vec<String>> {
        let source = &self.unit.ready.tree.span.source.name;
        if source.starts_with("embedded:") {
            return self.wrong("file", Code::Unreadable, "a shipped detection has no files beside it", "write the events into the test");
        }
        let path = Utf8Path::new(source).parent().unwrap_or(Utf8Path::new("")).join(file);
        let bytes = match fs_err::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => return self.wrong("file", Code::Unreadable, &error.to_string(), "the path is relative to the detection's file"),
        };
        let (mut events, mut troubles) = (Texts::default(), Vec::new());
        let damage = Unpacker::default().bytes(path.as_str(), &bytes, |part| troubles.extend(visit(part, &mut events)));
        troubles.extend(damage);
        if troubles.is_empty() { Ok(events.0) } else { Err(troubles) }
    }

    fn periods(&self) -> Read<Expected> {
        let section = self.section;
        if section.matches.is_some() || section.value.is_some() {
            let help = "write `alarm_at: [2]`, the periods (from 0) in which the alarm is in ALARM";
            return self.wrong("matches_per_period", Code::Combination, "`matches` and `value` belong to events", help);
        }
        let Some(alarm_at) = &section.alarm_at else {
            return self.wrong(
                "matches_per_period",
                Code::MissingKey,
                "it asserts nothing",
                "add `alarm_at: [2]`, or `[]` for an alarm that never rings",
            );
        };
        let strip: Strip = match section.matches_per_period.as_deref().unwrap_or_default().parse() {
            Ok(strip) => strip,
            Err(StripError { message, help }) => return self.wrong("matches_per_period", Code::WrongValue, &message, help),
        };
        let mut alarm_at: Vec<usize> = alarm_at.iter().map(|period| *period as usize).collect();
        alarm_at.sort_unstable();
        alarm_at.dedup();
        if let Some(beyond) = alarm_at.iter().find(|period| **period >= strip.0.len()) {
            let message = format!("there is no period {beyond}: the strip has {}, counted from 0", strip.0.len());
            return self.wrong("alarm_at", Code::WrongValue, &message, "lengthen the strip, or correct the number");
        }
        match datapoints(self.unit, &strip) {
            Ok((evaluation, points)) => Ok(Expected::Periods { evaluation, points, alarm_at }),
            Err((message, help)) => self.wrong("matches_per_period", Code::Combination, &message, help),
        }
    }
}
