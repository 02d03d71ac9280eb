//! Chains → a document: a line a link, the break in red with what to do, the count last.

use super::document::{Block, Document, Piece, Tone};
use crate::chain::{Chain, Examined, Link, Verdict};

/// Width of the names of links.
const NAMES: usize = 12;

/// The chains, and how many are broken.
///
/// `only_broken`: each thing that is wrong once, with the chains that it breaks.
pub fn doctor(examined: &Examined, only_broken: bool) -> Document {
    let mut document = Document::default();
    document.stack_heading(&examined.scope);
    if only_broken {
        causes(&examined.chains, &mut document);
    }
    for chain in examined.chains.iter().filter(|_| !only_broken) {
        let (tone, note) = match chain.verdict() {
            Verdict::Broken => (Tone::Removed, " is broken"),
            Verdict::Unknown => (Tone::Changed, " is not known in all its links"),
            _ => (Tone::Strong, ""),
        };
        document.blocks.push(Block::Text(vec![Piece::new(tone, format!("{}{note}", chain.detection))]));
        chain.links.iter().for_each(|link| line(link, &mut document));
        document.text(Tone::Plain, "");
    }
    document.text(Tone::Strong, summary(&examined.chains));
    document
}

/// What is wrong, each once, with the detections whose chains it is in: what breaks most comes first.
fn of_causes(chains: &[Chain]) -> Vec<(&Link, Vec<&str>)> {
    let mut causes: Vec<(&Link, Vec<&str>)> = Vec::new();
    for chain in chains {
        for link in chain.links.iter().filter(|link| matches!(link.verdict, Verdict::Broken | Verdict::Unknown)) {
            match causes.iter_mut().find(|(known, _)| *known == link) {
                Some((_, broken)) => broken.push(&chain.detection),
                None => causes.push((link, vec![&chain.detection])),
            }
        }
    }
    causes.sort_by_key(|(link, broken)| (link.verdict != Verdict::Broken, std::cmp::Reverse(broken.len())));
    causes
}

fn causes(chains: &[Chain], document: &mut Document) {
    for (link, broken) in of_causes(chains) {
        line(link, document);
        document.text(Tone::Faint, format!("    {:NAMES$} in {}", "", few(&broken)));
        document.text(Tone::Plain, "");
    }
}

/// `cis/root-usage`, `28 chains: a, b, c and 25 more`.
fn few(detections: &[&str]) -> String {
    const FEW: usize = 3;
    match detections {
        [one] => (*one).to_owned(),
        some if some.len() <= FEW => format!("{} chains: {}", some.len(), some.join(", ")),
        many => format!("{} chains: {} and {} more", many.len(), many[..FEW].join(", "), many.len() - FEW),
    }
}

fn line(link: &Link, document: &mut Document) {
    let tone = tone(link.verdict);
    let name = Piece::new(tone, format!("  {} {:NAMES$}", sign(link.verdict), link.name));
    document
        .blocks
        .push(Block::Text(vec![name, Piece::new(if tone == Tone::Added { Tone::Plain } else { tone }, format!(" {}", link.says))]));
    if !link.remedy.is_empty() {
        document.text(Tone::Plain, format!("    {:NAMES$} → {}", "", link.remedy));
    }
}

/// The same as tables, for Markdown.
pub fn doctor_tables(examined: &Examined, only_broken: bool) -> Document {
    let mut document = Document::default();
    document.stack_heading(&examined.scope);
    document.text(Tone::Strong, summary(&examined.chains));
    document.text(Tone::Faint, format!("As of {}", examined.time));
    if only_broken {
        let cell = |text: &str| Piece::new(Tone::Plain, text);
        let row = |(link, broken): (&Link, Vec<&str>)| {
            vec![cell(sign(link.verdict)), cell(&link.title()), cell(&link.says), cell(&link.remedy), cell(&few(&broken))]
        };
        let head = ["", "LINK", "FOUND", "TO DO", "CHAINS"].map(str::to_owned).to_vec();
        document.blocks.push(Block::Table { head, rows: of_causes(&examined.chains).into_iter().map(row).collect() });
    }
    for chain in examined.chains.iter().filter(|_| !only_broken) {
        document.text(Tone::Strong, format!("{} {}", sign(chain.verdict()), chain.detection));
        let cell = |text: String| Piece::new(Tone::Plain, text);
        let row = |link: &Link| {
            let says = Piece::new(if link.verdict == Verdict::Broken { Tone::Strong } else { Tone::Plain }, link.says.as_str());
            vec![cell(sign(link.verdict).to_owned()), cell(link.name.to_owned()), says, cell(link.remedy.clone())]
        };
        let head = ["", "LINK", "FOUND", "TO DO"].map(str::to_owned).to_vec();
        document.blocks.push(Block::Table { head, rows: chain.links.iter().map(row).collect() });
    }
    document
}

/// A sign that is told apart without colour.
pub(super) fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Sound => "✓",
        Verdict::Broken => "✗",
        Verdict::Unknown => "?",
        Verdict::Waiting => "·",
        Verdict::Without => "-",
    }
}

fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Sound => Tone::Added,
        Verdict::Broken => Tone::Removed,
        Verdict::Unknown => Tone::Changed,
        Verdict::Waiting | Verdict::Without => Tone::Faint,
    }
}

/// `3 chains: 1 sound, 1 broken, 1 not known.`
pub(super) fn summary(chains: &[Chain]) -> String {
    let count = |verdict| chains.iter().filter(|chain| chain.verdict() == verdict).count();
    let all = chains.len();
    let chains = if all == 1 { "chain" } else { "chains" };
    format!("{all} {chains}: {} sound, {} broken, {} not known.", count(Verdict::Sound), count(Verdict::Broken), count(Verdict::Unknown))
}
