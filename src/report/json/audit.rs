//! Version 1: verdicts of auditors.

use serde::Serialize;

use crate::audit::{CONTROLS, Evidence, Judgement, Verdict};

/// What `audit --format json` prints.
#[derive(Debug, Serialize)]
pub struct Audit {
    pub format_version: &'static str,
    pub assumed: Vec<String>,
    pub auditors: Vec<V1Judgement>,
}

/// One auditor.
#[derive(Debug, Serialize)]
pub struct V1Judgement {
    /// `security-hub`, `prowler`, `cis-7.0`, `steampipe`.
    pub auditor: String,
    pub passed: usize,
    pub controls: usize,
    pub verdicts: Vec<V1Verdict>,
}

/// One control.
#[derive(Debug, Serialize)]
pub struct V1Verdict {
    /// The auditor's own name of it.
    pub control: String,
    pub title: &'static str,
    /// The shipped detection made for it.
    pub detection: &'static str,
    /// `passed`, `failed`, `unknown`.
    pub verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Audit {
    pub fn new(judgements: &[Judgement], evidence: &Evidence) -> Self {
        Self { format_version: "1.0", assumed: evidence.assumed.clone(), auditors: judgements.iter().map(V1Judgement::from).collect() }
    }
}

impl From<&Judgement> for V1Judgement {
    fn from(judgement: &Judgement) -> Self {
        let (passed, controls) = judgement.score();
        let verdicts = CONTROLS.iter().zip(&judgement.verdicts).filter_map(|(control, verdict)| {
            let (verdict, reason) = match verdict {
                Verdict::Passed => ("passed", None),
                Verdict::Failed(reason) => ("failed", Some(reason.clone())),
                Verdict::Unknown(reason) => ("unknown", Some(reason.clone())),
                Verdict::NoControl => return None,
            };
            let name = judgement.auditor.name_of(control)?;
            Some(V1Verdict { control: name, title: control.title, detection: control.detection, verdict, reason })
        });
        Self { auditor: judgement.auditor.key(), passed, controls, verdicts: verdicts.collect() }
    }
}
