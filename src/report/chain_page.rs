//! Chains → one HTML page: each drawn as a chain of boxes, with what was found and what to do below. No scripts, no network.

use std::fmt::Write;

use super::doctor::{sign, summary};
use super::html::{head, text};
use crate::chain::{Chain, Examined, Link, Verdict};

const STYLE: &str = concat!(include_str!("page.css"), include_str!("chain.css"));

/// A box, the way to the next, and how many stand in a row; in pixels.
const WIDTH: usize = 108;
const HEIGHT: usize = 46;
const GAP: usize = 26;
const ROW: usize = 8;

/// The chains as a page; the broken ones come first.
pub fn chain_page(examined: &Examined) -> String {
    let scope = &examined.scope;
    let title = format!("Chains of {} in {}, {}", scope.stack, scope.account_id, scope.region);
    let mut out = head(&title, STYLE, Some(""));
    // Writing to a String cannot fail.
    let _ = writeln!(
        out,
        "<p class=\"strong\">{}</p>\n<p class=\"faint\">As of {}</p>",
        text(&summary(&examined.chains)),
        text(&examined.time)
    );
    let mut chains: Vec<&Chain> = examined.chains.iter().collect();
    chains.sort_by_key(|chain| match chain.verdict() {
        Verdict::Broken => 0,
        Verdict::Unknown => 1,
        _ => 2,
    });
    for chain in chains {
        let _ = section(chain, &mut out);
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn section(chain: &Chain, out: &mut String) -> std::fmt::Result {
    let verdict = chain.verdict();
    writeln!(out, "<section>\n<h2 class=\"{}\">{} {}</h2>", verdict.key(), sign(verdict), text(&chain.detection))?;
    drawing(chain, out)?;
    let trouble: Vec<&Link> = chain.links.iter().filter(|link| matches!(link.verdict, Verdict::Broken | Verdict::Unknown)).collect();
    if !trouble.is_empty() {
        writeln!(out, "<ul>")?;
        for link in trouble {
            let remedy = if link.remedy.is_empty() { String::new() } else { format!("<br>→ {}", text(&link.remedy)) };
            writeln!(out, "<li><b class=\"{}\">{}</b>: {}{remedy}</li>", link.verdict.key(), text(link.name), text(&link.says))?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "<details><summary>All links</summary>\n<div class=\"scroll\"><table><tbody>")?;
    for link in &chain.links {
        writeln!(
            out,
            "<tr><td class=\"{}\">{}</td><th scope=\"row\">{}</th><td>{}</td></tr>",
            link.verdict.key(),
            sign(link.verdict),
            text(link.name),
            text(&link.says)
        )?;
    }
    writeln!(out, "</tbody></table></div></details>\n</section>")
}

/// Boxes from left to right, row by row; what hangs on a broken link is drawn with a broken line.
fn drawing(chain: &Chain, out: &mut String) -> std::fmt::Result {
    let rows = chain.links.len().div_ceil(ROW);
    let (width, height) = (ROW * (WIDTH + GAP), rows * (HEIGHT + GAP));
    let label = format!("{}: {}", chain.detection, chain.verdict().key());
    writeln!(
        out,
        "<div class=\"scroll\"><svg viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" aria-label=\"{}\">",
        text(&label)
    )?;
    for (i, link) in chain.links.iter().enumerate() {
        let (x, y) = ((i % ROW) * (WIDTH + GAP), (i / ROW) * (HEIGHT + GAP) + 2);
        let (middle, class) = (y + HEIGHT / 2, link.verdict.key());
        match i % ROW {
            _ if i == 0 => {}
            // From the end of the row above, through the gap between them.
            0 => {
                let (end, half) = ((ROW - 1) * (WIDTH + GAP) + WIDTH / 2, GAP / 2);
                writeln!(out, "<path class=\"{class}\" d=\"M{end} {} v{half} H{} v{half}\"/>", y - GAP, x + WIDTH / 2)?;
            }
            _ => writeln!(out, "<path class=\"{class}\" d=\"M{} {middle} h{GAP}\"/>", x - GAP)?,
        }
        writeln!(
            out,
            "<g class=\"{class}\"><title>{}</title><rect x=\"{}\" y=\"{y}\" width=\"{}\" height=\"{HEIGHT}\" rx=\"8\"/>\
             <text x=\"{}\" y=\"{}\">{} {}</text></g>",
            text(&link.says),
            x + 1,
            WIDTH - 2,
            x + WIDTH / 2,
            middle + 5,
            sign(link.verdict),
            text(link.name)
        )?;
    }
    writeln!(out, "</svg></div>")
}
