//! What auditors will say: Security Hub, Prowler, Steampipe and the CIS benchmark, each control of the
//! CIS monitoring section, from what is desired or from what an account holds.
//!
//! Cannot be known: the code of Security Hub, which is not public (what is known of it: its texts are compared
//! byte by byte, and it wants a subscriber); and human auditors, for whom the benchmark's text is read strictly.

mod aws;
pub mod control;
mod demand;
mod evidence;
mod text;

use std::fmt;

pub(crate) use self::aws::{alarms, selectors};
pub use self::control::{CONTROLS, Control};
pub use self::evidence::{AlarmSeen, Evidence, FilterSeen, Selectors, Subscribers};
use self::text::Need;
use crate::detection::Unit;
use crate::finding::{Code, Finding, suggest};
use crate::planning::Planned;
use crate::state::State;

/// Versions of the CIS AWS Foundations Benchmark that are judged.
pub const CIS_VERSIONS: &[&str] = &["1.4", "1.5", "2.0", "3.0", "4.0", "5.0", "6.0", "7.0"];

/// Who judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Auditor {
    SecurityHub,
    /// 5.46
    Prowler,
    /// A version of the benchmark.
    Cis(&'static str),
    Steampipe,
}

/// Those that are asked when nobody says which.
pub const USUAL: &[Auditor] = &[Auditor::SecurityHub, Auditor::Prowler, Auditor::Cis("7.0"), Auditor::Steampipe];

impl Auditor {
    /// `security-hub`, `prowler`, `steampipe`, `cis-7.0`.
    ///
    /// # Errors
    /// There is none of that name.
    pub fn parse(name: &str) -> Result<Self, Finding> {
        let all = || [Self::SecurityHub, Self::Prowler, Self::Steampipe].into_iter().chain(CIS_VERSIONS.iter().map(|v| Self::Cis(v)));
        all().find(|auditor| auditor.key() == name).ok_or_else(|| {
            let keys: Vec<String> = all().map(Self::key).collect();
            let finding = Finding::error(Code::UnknownName, format!("no auditor is called `{name}`"));
            finding.help(suggest(name, keys.iter().map(String::as_str)))
        })
    }

    pub fn key(self) -> String {
        match self {
            Self::SecurityHub => "security-hub".to_owned(),
            Self::Prowler => "prowler".to_owned(),
            Self::Steampipe => "steampipe".to_owned(),
            Self::Cis(version) => format!("cis-{version}"),
        }
    }

    /// What the auditor calls the control; `None`: it has no such control.
    pub fn name_of(self, control: &Control) -> Option<String> {
        match self {
            Self::SecurityHub => control.security_hub.as_ref().map(|hub| hub.id.to_owned()),
            Self::Prowler | Self::Steampipe => Some(control.cis_number("5.0")),
            Self::Cis(version) => Some(control.cis_number(version)),
        }
    }
}

impl fmt::Display for Auditor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SecurityHub => f.write_str("Security Hub"),
            Self::Prowler => f.write_str("Prowler"),
            Self::Steampipe => f.write_str("Steampipe"),
            Self::Cis(version) => write!(f, "CIS {version}"),
        }
    }
}

/// What an auditor will say of a control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    Passed,
    /// Why.
    Failed(String),
    /// What could not be read, and decides.
    Unknown(String),
    /// The auditor has no such control.
    NoControl,
}

/// All verdicts of one auditor, in the order of [`CONTROLS`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    pub auditor: Auditor,
    pub verdicts: Vec<Verdict>,
}

impl Judgement {
    /// Controls passed, and controls there are.
    pub fn score(&self) -> (usize, usize) {
        let passed = self.verdicts.iter().filter(|verdict| **verdict == Verdict::Passed).count();
        let all = self.verdicts.iter().filter(|verdict| **verdict != Verdict::NoControl).count();
        (passed, all)
    }
}

impl fmt::Display for Judgement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (passed, all) = self.score();
        write!(f, "{} {passed}/{all}", self.auditor)
    }
}

/// What these auditors will say.
pub fn judge(auditors: &[Auditor], evidence: &Evidence) -> Vec<Judgement> {
    Panel::new(auditors).judge(evidence)
}

/// Auditors with what they ask of texts, made ready once for all evidence.
struct Panel(Vec<(Auditor, Vec<Option<Need>>)>);

impl Panel {
    fn new(auditors: &[Auditor]) -> Self {
        let needs = |auditor: &Auditor| (*auditor, CONTROLS.iter().map(|control| need(*auditor, control)).collect());
        Self(auditors.iter().map(needs).collect())
    }

    fn judge(&self, evidence: &Evidence) -> Vec<Judgement> {
        let one = |(auditor, needs): &(Auditor, Vec<Option<Need>>)| {
            let verdict = |(control, need): (&Control, &Option<Need>)| match need {
                Some(need) => demand::verdict((*auditor, control), need, evidence),
                None => Verdict::NoControl,
            };
            Judgement { auditor: *auditor, verdicts: CONTROLS.iter().zip(needs).map(verdict).collect() }
        };
        self.0.iter().map(one).collect()
    }
}

/// What the usual auditors will say before and after the changes of a plan, on a trail as it should be.
/// `None`: nothing in it is for them.
pub fn of_plan(planned: &Planned) -> Option<(Vec<Judgement>, Vec<Judgement>)> {
    let is_for_auditors = |unit: &Unit| unit.ready.section.references.as_ref().is_some_and(|references| references.cis.is_some());
    if !planned.compiled.units.iter().any(is_for_auditors) {
        return None;
    }
    let panel = Panel::new(USUAL);
    let judged = |state: &State| {
        let evidence = Evidence::of_desired(state, &planned.plan.scope, &planned.log_group, &planned.compiled.existing_topics);
        panel.judge(&evidence)
    };
    let (before, after) = (judged(&planned.live.owned), judged(&planned.plan.applied_to(&planned.live.owned)));
    before.iter().chain(&after).any(|judgement| judgement.score().0 > 0).then_some((before, after))
}

/// What an auditor asks of the text of a control's filter; `None`: it has no such control.
fn need(auditor: Auditor, control: &Control) -> Option<Need> {
    Some(match auditor {
        Auditor::SecurityHub => Need::Bytes(control.security_hub.as_ref()?.text),
        Auditor::Prowler => Need::prowler(&control.prowler),
        Auditor::Steampipe => Need::steampipe(&control.steampipe),
        Auditor::Cis(version) => Need::cis(control.cis_texts(version)),
    })
}

/// What an auditor misses in the text of a pattern; nothing: it takes it. `None`: it has no such control.
pub fn missed(auditor: Auditor, control: &Control, pattern: &str) -> Option<Vec<String>> {
    need(auditor, control).map(|need| need.missed(pattern))
}
