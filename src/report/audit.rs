//! Verdicts of auditors → a document: a row a control, then what fails and why.

use super::document::{Block, Document, Piece, Tone};
use crate::audit::{CONTROLS, Evidence, Judgement, Verdict};

/// The verdicts as a table, the reasons, and the scores as the last line.
pub fn audit(judgements: &[Judgement], evidence: &Evidence) -> Document {
    let mut document = Document::default();
    let head = ["CONTROL"].into_iter().map(str::to_owned).chain(judgements.iter().map(|j| j.auditor.to_string()));
    let rows = CONTROLS.iter().enumerate().map(|(i, control)| {
        let title = Piece::new(Tone::Plain, control.title);
        let cells = judgements.iter().map(|judgement| cell(judgement, i));
        [title].into_iter().chain(cells).collect()
    });
    document.blocks.push(Block::Table { head: head.collect(), rows: rows.collect() });
    let reasons: Vec<Vec<Piece>> = judgements.iter().flat_map(reasons).collect();
    if !reasons.is_empty() {
        let head = ["AUDITOR", "CONTROL", "REASON"].map(str::to_owned).to_vec();
        document.blocks.push(Block::Table { head, rows: reasons });
    }
    for assumed in &evidence.assumed {
        document.text(Tone::Faint, format!("Assumed: {assumed}."));
    }
    document.text(Tone::Strong, scores(judgements));
    document
}

/// `Security Hub 14/14, Prowler 15/15`.
pub fn scores(judgements: &[Judgement]) -> String {
    judgements.iter().map(Judgement::to_string).collect::<Vec<_>>().join(", ")
}

/// `Security Hub 0/14 -> 14/14`, for auditors who say something else afterwards.
pub(super) fn change_of_scores(before: &[Judgement], after: &[Judgement]) -> String {
    let one = |(before, after): (&Judgement, &Judgement)| {
        let ((was, of), (is, all)) = (before.score(), after.score());
        if (was, of) == (is, all) { after.to_string() } else { format!("{} {was}/{of} -> {is}/{all}", after.auditor) }
    };
    before.iter().zip(after).map(one).collect::<Vec<_>>().join(", ")
}

fn cell(judgement: &Judgement, control: usize) -> Piece {
    let name = judgement.auditor.name_of(&CONTROLS[control]).unwrap_or_default();
    match &judgement.verdicts[control] {
        Verdict::Passed => Piece::new(Tone::Added, format!("passes  {name}")),
        Verdict::Failed(_) => Piece::new(Tone::Removed, format!("FAILS   {name}")),
        Verdict::Unknown(_) => Piece::new(Tone::Changed, format!("unknown {name}")),
        Verdict::NoControl => Piece::new(Tone::Faint, "-"),
    }
}

fn reasons(judgement: &Judgement) -> Vec<Vec<Piece>> {
    let one = |(i, verdict): (usize, &Verdict)| {
        let (Verdict::Failed(reason) | Verdict::Unknown(reason)) = verdict else { return None };
        let auditor = Piece::new(Tone::Plain, judgement.auditor.to_string());
        let name = judgement.auditor.name_of(&CONTROLS[i]).unwrap_or_default();
        let control = Piece::new(Tone::Plain, format!("{name} {}", CONTROLS[i].title));
        Some(vec![auditor, control, Piece::new(Tone::Plain, reason.as_str())])
    };
    judgement.verdicts.iter().enumerate().filter_map(one).collect()
}
