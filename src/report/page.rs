//! Plans → one HTML page for reviewers: filters, both sides beside each other, no network. It is whole without its script.

use std::fmt::Write;

use super::audit::change_of_scores;
use super::document::{Row, Shown, Tone};
use super::html::{self, head, text};
use super::plan::summary;
use super::review::{Entry, Review, sides};

const STYLE: &str = concat!(include_str!("page.css"), include_str!("plan.css"));
const SCRIPT: &str = include_str!("plan.js");

/// The plans as a page that opens with their summary.
pub fn page(reviews: &[Review<'_>]) -> String {
    let entries: Vec<Vec<Entry>> = reviews.iter().map(Review::entries).collect();
    let title = match reviews {
        [one] => format!("{} {}", one.plan.scope.stack, summary(one.plan)),
        several => format!("Plans for {} targets", several.len()),
    };
    let mut out = head(&title, STYLE, Some(html::SCRIPT));
    // Writing to a String cannot fail.
    let _ = targets(reviews, &mut out);
    let _ = filters(&entries, &mut out);
    for (review, entries) in reviews.iter().zip(&entries) {
        let _ = section(review, entries, &mut out);
    }
    let _ = write!(out, "</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n");
    out
}

fn targets(reviews: &[Review<'_>], out: &mut String) -> std::fmt::Result {
    writeln!(out, "<div class=\"scroll\"><table class=\"targets\">\n<thead><tr>")?;
    for cell in ["Stack", "Account", "Region", "Add", "Change", "Destroy", "Fingerprint"] {
        write!(out, "<th scope=\"col\">{cell}</th>")?;
    }
    writeln!(out, "</tr></thead>\n<tbody>")?;
    for Review { plan, fingerprint, .. } in reviews {
        let (scope, counts) = (&plan.scope, plan.counts());
        writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td class=\"added\">{}</td><td class=\"changed\">{}</td><td class=\"removed\">{}</td><td><code>{}</code></td></tr>",
            text(&scope.stack),
            text(&scope.account_id),
            text(&scope.region),
            counts.add,
            counts.change,
            counts.destroy,
            text(fingerprint)
        )?;
    }
    writeln!(out, "</tbody></table></div>")
}

/// Boxes for actions and kinds, those that occur.
fn filters(entries: &[Vec<Entry>], out: &mut String) -> std::fmt::Result {
    let all: Vec<&Entry> = entries.iter().flatten().collect();
    if all.is_empty() {
        return writeln!(out, "<p>Nothing is to be changed.</p>");
    }
    writeln!(out, "<form id=\"filters\" hidden>")?;
    for (name, title, of) in [("action", "Actions", (|entry| entry.action) as fn(&Entry) -> &str), ("kind", "Kinds", |entry| &entry.kind)] {
        let mut values: Vec<&str> = all.iter().map(|entry| of(entry)).collect();
        values.sort_unstable();
        values.dedup();
        write!(out, "<fieldset><legend>{title}</legend>")?;
        for value in values {
            let count = all.iter().filter(|entry| of(entry) == value).count();
            let value = text(value);
            write!(out, "<label><input type=\"checkbox\" name=\"{name}\" value=\"{value}\" checked> {value} ({count})</label> ")?;
        }
        writeln!(out, "</fieldset>")?;
    }
    writeln!(
        out,
        "<label>Address <input type=\"search\" name=\"address\" autocomplete=\"off\"></label> \
         <button type=\"button\" id=\"unfold\">Unfold all</button> <button type=\"button\" id=\"fold\">Fold all</button>\n\
         <output id=\"shown\" aria-live=\"polite\"></output>\n</form>"
    )
}

fn section(review: &Review<'_>, entries: &[Entry], out: &mut String) -> std::fmt::Result {
    let scope = &review.plan.scope;
    writeln!(out, "<section>\n<h2>Stack {} in account {}, {}</h2>", text(&scope.stack), text(&scope.account_id), text(&scope.region))?;
    writeln!(out, "<p class=\"strong\">{}</p>", text(&summary(review.plan)))?;
    if let Some((before, after)) = review.audited {
        writeln!(out, "<p>Auditors, of what this stack owns: {}.</p>", text(&change_of_scores(before, after)))?;
    }
    let pending = review.pending();
    if !pending.is_empty() {
        writeln!(out, "<p class=\"changed\">Waiting for confirmation, so nobody is told there yet: {}</p>", text(&pending.join(", ")))?;
    }
    entries.iter().try_for_each(|entry| change(entry, out))?;
    writeln!(out, "</section>")
}

fn tone(action: &str) -> &'static str {
    match action {
        "create" => "added",
        "update" => "changed",
        _ => "removed",
    }
}

fn change(entry: &Entry, out: &mut String) -> std::fmt::Result {
    // What is added is mostly long and of one side; what changes or goes is what reviewers are for.
    let open = if entry.action == "create" && !entry.is_alarming { "" } else { " open" };
    let note = entry.note.as_ref().map(|note| format!(" <span class=\"faint\">{}</span>", text(note))).unwrap_or_default();
    writeln!(
        out,
        "<details class=\"change\" data-action=\"{}\" data-kind=\"{}\"{open}>\n<summary><span class=\"{}\">{} {}</span> <code>{}</code>{note}</summary>",
        entry.action,
        text(&entry.kind),
        tone(entry.action),
        entry.sign,
        entry.action,
        text(&entry.address)
    )?;
    let class = if entry.is_alarming { "alarming" } else { "meaning" };
    for line in &entry.meaning {
        writeln!(out, "<p class=\"{class}\">{}</p>", text(line))?;
    }
    writeln!(
        out,
        "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Property</th><th scope=\"col\">Before</th><th scope=\"col\">After</th></tr></thead>\n<tbody>"
    )?;
    entry.rows.iter().try_for_each(|row| property(row, out))?;
    writeln!(out, "</tbody></table></div>\n</details>")
}

fn property(row: &Row, out: &mut String) -> std::fmt::Result {
    let (before, after) = match &row.value {
        Shown::Words(pieces) => {
            let side = |without: Tone, tag: &str| -> String {
                let kept = pieces.iter().filter(|piece| piece.tone != without);
                kept.map(
                    |piece| if piece.tone == Tone::Plain { text(&piece.text) } else { format!("<{tag}>{}</{tag}>", text(&piece.text)) },
                )
                .collect()
            };
            (side(Tone::Added, "del"), side(Tone::Removed, "ins"))
        }
        _ => {
            let (before, after) = sides(row);
            let tagged = |side: Option<String>, tag: &str| side.map_or_else(String::new, |side| format!("<{tag}>{}</{tag}>", text(&side)));
            (tagged(before, "del"), tagged(after, "ins"))
        }
    };
    writeln!(out, "<tr><th scope=\"row\">{}</th><td>{before}</td><td>{after}</td></tr>", text(&row.name))
}
