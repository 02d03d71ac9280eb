//! Plans → the comment on a pull request: GitHub-flavoured Markdown, within GitHub's limit.
//!
//! Text is data: it stands escaped inside `<pre>` or `<code>`, where Markdown is not read and nobody is mentioned.

use std::fmt::Write;

use super::audit::change_of_scores;
use super::document::{Row, Shown};
use super::escape::{escape, escape_line};
use super::html::{text, words};
use super::plan::summary;
use super::review::{Entry, Review, sides};

/// The most that a comment of GitHub holds, in bytes to be sure (it counts characters).
pub const GITHUB_LIMIT: usize = 65_536;
/// The most that a step summary of GitHub Actions holds.
pub const SUMMARY_LIMIT: usize = 1_048_576;

/// How much is said of a change.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd)]
enum Detail {
    /// Addresses, as many as fit.
    Some,
    /// All addresses.
    Addresses,
    /// The properties of what changes or goes.
    Changes,
    All,
}

/// The line by which the comment is found again, so that it is updated in place.
pub fn marker(reviews: &[Review<'_>]) -> String {
    let key = |review: &Review<'_>| {
        let scope = &review.plan.scope;
        format!("{}/{}/{}", scope.stack, scope.account_id, scope.region)
    };
    let keys: Vec<String> = reviews.iter().map(key).collect();
    format!("<!-- trailarm:{} -->", keys.join(","))
}

/// The plans in at most so many bytes. Where they do not fit, detail is left out, and that is said.
pub fn comment(reviews: &[Review<'_>], limit: usize) -> String {
    let first = marker(reviews);
    let sections: Vec<Section<'_>> = reviews.iter().map(|review| Section { review, entries: review.entries() }).collect();
    for detail in [Detail::All, Detail::Changes, Detail::Addresses] {
        let drawn = draw(&first, &sections, detail, usize::MAX);
        if drawn.len() <= limit {
            return drawn;
        }
    }
    // Halves the number of addresses until they fit; without any, the summary is left.
    let most = sections.iter().map(|section| section.entries.len()).max().unwrap_or(0);
    let mut count = most / 2;
    loop {
        let drawn = draw(&first, &sections, Detail::Some, count);
        if drawn.len() <= limit || count == 0 {
            return drawn;
        }
        count /= 2;
    }
}

struct Section<'a> {
    review: &'a Review<'a>,
    entries: Vec<Entry>,
}

fn draw(first: &str, sections: &[Section<'_>], detail: Detail, most: usize) -> String {
    let mut out = format!("{first}\n");
    // Writing to a String cannot fail.
    let _ = head(sections, &mut out);
    if detail != Detail::All {
        let _ = writeln!(out, "> Shortened to fit into a comment: {}. The plan file has all of it.\n", left_out(detail));
    }
    for section in sections.iter().filter(|section| !section.entries.is_empty()) {
        let _ = body(section, detail, most, &mut out);
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn left_out(detail: Detail) -> &'static str {
    match detail {
        Detail::All => "nothing is left out",
        Detail::Changes => "the properties of what is added are left out",
        Detail::Addresses => "the properties of all changes are left out",
        Detail::Some => "only the first changes are named",
    }
}

fn head(sections: &[Section<'_>], out: &mut String) -> std::fmt::Result {
    match sections {
        [one] => writeln!(out, "### {}\n", summary(one.review.plan))?,
        several => {
            let changed = several.iter().filter(|section| !section.entries.is_empty()).count();
            writeln!(out, "### Plans: changes in {changed} of {} targets\n", several.len())?;
        }
    }
    writeln!(out, "| stack | account | Region | add | change | destroy | fingerprint |\n|---|---|---|--:|--:|--:|---|")?;
    for section in sections {
        let (scope, counts) = (&section.review.plan.scope, section.review.plan.counts());
        let fingerprint = section.review.fingerprint.trim_start_matches("sha256:");
        writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} |",
            code(&scope.stack),
            code(&scope.account_id),
            code(&scope.region),
            counts.add,
            counts.change,
            counts.destroy,
            code(fingerprint.get(..16).unwrap_or(fingerprint))
        )?;
    }
    writeln!(out)
}

fn body(section: &Section<'_>, detail: Detail, most: usize, out: &mut String) -> std::fmt::Result {
    let Section { review, entries } = section;
    let scope = &review.plan.scope;
    writeln!(out, "#### Stack {} in account {}, {}\n", code(&scope.stack), code(&scope.account_id), code(&scope.region))?;
    let alarming: Vec<&Entry> = entries.iter().filter(|entry| entry.is_alarming).collect();
    if !alarming.is_empty() && detail > Detail::Some {
        writeln!(out, "**Look at these first:**\n")?;
        for entry in &alarming {
            let why = entry.meaning.first().or(entry.note.as_ref()).map(String::as_str).unwrap_or_default();
            writeln!(out, "- {} {}: {}", code(entry.sign), code(&entry.address), code(why))?;
        }
        writeln!(out)?;
    }
    if let Some((before, after)) = review.audited {
        writeln!(out, "Auditors, of what this stack owns: {}.\n", change_of_scores(before, after))?;
    }
    let pending = review.pending();
    if !pending.is_empty() {
        let pending: Vec<String> = pending.iter().map(|address| code(address)).collect();
        writeln!(out, "Waiting for confirmation, so nobody is told there yet: {}\n", pending.join(", "))?;
    }
    for (action, title) in [("delete", "to destroy"), ("replace", "to replace"), ("update", "to change"), ("create", "to add")] {
        let own: Vec<&Entry> = entries.iter().filter(|entry| entry.action == action).collect();
        if !own.is_empty() {
            group(&own, title, detail, most, out)?;
        }
    }
    Ok(())
}

fn group(entries: &[&Entry], title: &str, detail: Detail, most: usize, out: &mut String) -> std::fmt::Result {
    let is_told = |entry: &Entry| detail == Detail::All || (detail == Detail::Changes && entry.action != "create");
    if entries.iter().all(|entry| is_told(entry)) {
        writeln!(out, "{} {title}:\n", entries.len())?;
        return entries.iter().try_for_each(|entry| whole(entry, out));
    }
    writeln!(out, "<details><summary>{} {title}</summary>\n\n<pre>", entries.len())?;
    for entry in entries.iter().take(most) {
        writeln!(out, "{} {}", entry.sign, text(&escape_line(&entry.address)))?;
    }
    if entries.len() > most {
        writeln!(out, "… and {} more", entries.len() - most)?;
    }
    writeln!(out, "</pre>\n\n</details>\n")
}

/// A change that unfolds. A blank line ends a block of HTML, so each part is a block of its own.
fn whole(entry: &Entry, out: &mut String) -> std::fmt::Result {
    let note = entry.note.as_ref().map(|note| format!(" {}", code(note))).unwrap_or_default();
    writeln!(out, "<details><summary>{}{note}</summary>\n", code(&format!("{} {}", entry.sign, entry.address)))?;
    for line in &entry.meaning {
        writeln!(out, "- {}", code(line))?;
    }
    writeln!(out, "{}<pre>", if entry.meaning.is_empty() { "" } else { "\n" })?;
    let width = entry.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
    entry.rows.iter().try_for_each(|row| line(row, width, out))?;
    writeln!(out, "</pre>\n\n</details>\n")
}

fn line(row: &Row, width: usize, out: &mut String) -> std::fmt::Result {
    let value = match &row.value {
        Shown::Words(pieces) => words(pieces),
        _ => match sides(row) {
            (Some(before), Some(after)) => format!("<del>{}</del> <ins>{}</ins>", text(&before), text(&after)),
            (before, after) => text(&before.or(after).unwrap_or_default()),
        },
    };
    writeln!(out, "{} {:width$} = {value}", row.sign, text(&row.name))
}

/// Text as code, on one line. What Markdown could read is written as an entity, since it is read between tags as well.
fn code(plain: &str) -> String {
    let line = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut out = String::from("<code>");
    for c in escape(&line).chars() {
        if c.is_alphanumeric() || " /.,()-".contains(c) || !c.is_ascii() {
            out.push(c);
        } else {
            out.push_str(&format!("&#{};", u32::from(c)));
        }
    }
    out + "</code>"
}
