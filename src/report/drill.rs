//! A rehearsal → a document: what was heard, after how many seconds.

use super::document::{Block, Document, Piece, Tone};
use crate::chain::{Drill, Outcome};
use crate::state::Scope;

/// What an auditor wants to know of a rehearsal.
pub struct Record<'a> {
    pub id: &'a str,
    /// `<pack>/<name>`.
    pub detection: &'a str,
    /// Its name.
    pub alarm: &'a str,
    pub scope: &'a Scope,
    pub caller: &'a str,
    /// UTC.
    pub started: &'a str,
}

/// What a rehearsal brought; the last line says whether it held.
pub fn drill(record: &Record<'_>, told: &Drill) -> Document {
    let Record { id, detection, alarm, scope, caller, started } = record;
    let mut document = Document::default();
    document.heading(format!("Rehearsal {id} of {detection}"));
    document.text(Tone::Faint, format!("{started} in account {}, {}, by {caller}", scope.account_id, scope.region));
    document.text(Tone::Plain, "");
    if let Some(planted) = &told.planted {
        row(&mut document, planted.metric.map(|s| (Tone::Added, after(s))), "the metric got data");
        row(&mut document, planted.alarm.map(|s| (Tone::Added, after(s))), &format!("{alarm} went into ALARM"));
    }
    for heard in &told.heard {
        let words = heard.action.words();
        match &heard.outcome {
            Outcome::Succeeded(seconds) => row(&mut document, Some((Tone::Added, after(*seconds))), &words),
            Outcome::Failed(seconds, why) => {
                let why = if why.is_empty() { String::new() } else { format!(": {why}") };
                row(&mut document, Some((Tone::Removed, after(*seconds))), &format!("{words} failed{why}"));
            }
            Outcome::Silent => row(&mut document, None, &words),
        }
    }
    document.text(Tone::Plain, "");
    let back = match &told.planted {
        Some(planted) if planted.alarm.is_none() => "it did not ring",
        Some(_) => "it goes back by itself when its period has passed",
        None => "it was put back",
    };
    if told.after == "ALARM" && told.planted.is_none() {
        document.text(Tone::Removed, format!("{alarm} is in ALARM by CloudWatch's own evaluation: this is no rehearsal."));
    } else {
        document.text(Tone::Plain, format!("{alarm} was {} and is {}; {back}.", told.before, told.after));
    }
    let summary = match (told.holds(), told.is_stopped) {
        (true, _) => "Every link was heard.".to_owned(),
        (_, true) => "Stopped before all was heard.".to_owned(),
        _ => format!("Not every link was heard: `trailarm doctor {detection}` looks at each."),
    };
    document.text(Tone::Strong, summary);
    document
}

fn after(seconds: f64) -> String {
    format!("after {seconds:.1} s")
}

fn row(document: &mut Document, heard: Option<(Tone, String)>, what: &str) {
    let (tone, when) = heard.unwrap_or((Tone::Removed, "not heard".to_owned()));
    let sign = if tone == Tone::Added { "✓" } else { "✗" };
    document.blocks.push(Block::Text(vec![Piece::new(tone, format!("  {sign} {when:12}")), Piece::new(Tone::Plain, format!(" {what}"))]));
}
