//! A review of APIs and functions → a document: the most suspicious first, each with its reasons.

use super::document::{Block, Document, Row, Shown, Tone};
use crate::review::{Act, Reviewed, SUSPICIOUS, Standing};

/// Acts that are shown of one resource; the rest is counted.
const FEW: usize = 6;
/// From here on it is shown in yellow, and from SUSPICIOUS on in red.
const ODD: i32 = 20;

/// What was found in a source of so many events.
pub fn review(source: &str, records: usize, reviewed: &[Reviewed]) -> Document {
    let mut document = Document::default();
    document.heading(format!("Review of {source}"));
    for one in reviewed {
        let points = one.suspicion();
        let tone = match points {
            SUSPICIOUS.. => Tone::Removed,
            ODD.. => Tone::Changed,
            _ => Tone::Plain,
        };
        let place = [&one.id.account, &one.id.region].into_iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>();
        document.blocks.push(Block::Change {
            sign: if points >= SUSPICIOUS { "!" } else { "·" },
            tone,
            address: one.title(),
            note: Some(format!(
                "{points} points; {}{}",
                standing(&one.standing),
                if place.is_empty() { String::new() } else { format!("; {}", place.join(", ")) }
            )),
            rows: rows(one),
            remarks: one.reasons.iter().map(|reason| format!("{:+} {}", reason.points, reason.text)).collect(),
        });
    }
    let alarming = reviewed.iter().filter(|one| one.suspicion() >= SUSPICIOUS).count();
    let new = reviewed.iter().filter(|one| one.is_new).count();
    let resources = if reviewed.len() == 1 { "1 resource".to_owned() } else { format!("{} resources", reviewed.len()) };
    let summary = format!("{resources} in {records} events: {new} new, {alarming} with {SUSPICIOUS} points or more.");
    document.text(Tone::Strong, summary);
    document
}

/// In a few words.
pub(super) fn standing(standing: &Standing) -> String {
    match standing {
        Standing::Deleted(act) => format!("deleted {} by {}", act.time, act.by.words()),
        Standing::There => "still there".to_owned(),
        Standing::Gone => "gone, and no record says by whom".to_owned(),
        Standing::Unknown(why) => why.clone(),
    }
}

fn rows(one: &Reviewed) -> Vec<Row> {
    let row = |name: &str, value: String| Row { sign: "", name: name.to_owned(), value: Shown::One(value) };
    let mut rows: Vec<Row> = one.acts.iter().take(FEW).map(|act| row(&act.time, sentence(act))).collect();
    if one.acts.len() > FEW {
        rows.push(row("…", format!("{} more, the last {}", one.acts.len() - FEW, one.acts.last().map_or("", |act| &act.time))));
    }
    rows.extend(one.ties.iter().map(|tie| row("tied", tie.words())));
    rows
}

fn sentence(act: &Act) -> String {
    let through = act.by.through.as_ref().filter(|through| **through != act.by.principal);
    let through = through.map(|through| format!(" through {through}")).unwrap_or_default();
    let address = if act.by.address.is_empty() { "nowhere that is told" } else { &act.by.address };
    let agent = if act.by.agent.is_empty() { String::new() } else { format!(" ({})", short(&act.by.agent)) };
    format!("{} by {}{through} from {address}{agent}", act.event, act.by.words())
}

/// The beginning of a long text; JSON has all of it.
fn short(text: &str) -> String {
    const LONG: usize = 60;
    if text.chars().count() <= LONG { text.to_owned() } else { text.chars().take(LONG).chain(['…']).collect() }
}
