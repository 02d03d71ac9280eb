//! The chain from the trail to who is told: trail → log group → filter → metric → alarm → action → receiver.
//!
//! What is looked at is handed over as [`Evidence`] and [`Live`](crate::state::Live); judging reads nothing.

mod action;
pub(crate) mod aws;
mod drill;
mod evidence;
mod examine;
mod judge;
mod plant;
mod receiver;
mod ringing;
mod source;

pub use action::{Act, Action, Role};
pub use aws::{AlarmNow, LiveAlarm};
pub use drill::{Drill, Heard, MARK_OF_DRILLS, Outcome, Refused, Rehearsal, back_by_hand, drill, quiet, refused};
pub use evidence::{ActionRun, Evidence, Function, Key, Known, LogGroup, Metric, Metrics, Runs, Topic, Wanted};
pub use examine::{Examined, examine};
pub use judge::{Subject, judge};
pub use plant::{MARK, Plant, Planted};

/// What is said of one link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Sound,
    /// Nothing gets past it.
    Broken,
    /// It could not be read.
    Unknown,
    /// It hangs on one that is broken or could not be read, so nothing can be said of it.
    Waiting,
    /// The definition has no such link.
    Without,
}

impl Verdict {
    /// As it stands in JSON.
    pub fn key(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::Broken => "broken",
            Self::Unknown => "unknown",
            Self::Waiting => "waiting",
            Self::Without => "without",
        }
    }
}

/// One link of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// `trail`, `filter`, `subscription`.
    pub name: &'static str,
    /// What receives, of the links behind the alarm: `topic pager`. Several alarms' actions have links of the same names.
    pub on: Option<String>,
    pub verdict: Verdict,
    /// What was found.
    pub says: String,
    /// What to do; empty when nothing is to be done.
    pub remedy: String,
}

impl Link {
    fn new(name: &'static str, verdict: Verdict, says: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, on: None, verdict, says: says.into(), remedy: remedy.into() }
    }

    /// `policy`, `policy (topic pager)`.
    pub fn title(&self) -> String {
        self.on.as_ref().map_or_else(|| self.name.to_owned(), |on| format!("{} ({on})", self.name))
    }

    fn sound(name: &'static str, says: impl Into<String>) -> Self {
        Self::new(name, Verdict::Sound, says, "")
    }

    fn broken(name: &'static str, says: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(name, Verdict::Broken, says, remedy)
    }

    fn unknown(name: &'static str, why: impl Into<String>) -> Self {
        Self::new(name, Verdict::Unknown, why, "")
    }

    fn waiting(name: &'static str, on: &str) -> Self {
        Self::new(name, Verdict::Waiting, format!("hangs on the {on}"), "")
    }
}

/// The chain of one detection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// `<pack>/<name>`.
    pub detection: String,
    pub links: Vec<Link>,
}

impl Chain {
    /// The first link before its actions that is not sound: whether it can ring, whoever hears it.
    fn feed(&self) -> Option<(Verdict, &'static str)> {
        let before = self.links.iter().take_while(|link| link.name != "actions");
        let odd = |wanted: Verdict| before.clone().find(|link| link.verdict == wanted).map(|link| (link.verdict, link.name));
        odd(Verdict::Broken).or_else(|| odd(Verdict::Unknown))
    }

    /// Broken if one link is, unknown if one could not be read.
    pub fn verdict(&self) -> Verdict {
        let has = |verdict| self.links.iter().any(|link| link.verdict == verdict);
        [Verdict::Broken, Verdict::Unknown].into_iter().find(|verdict| has(*verdict)).unwrap_or(Verdict::Sound)
    }
}
