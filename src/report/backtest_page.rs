//! A backtest → one HTML page, no network: each detection with a timeline that can be zoomed. It is whole without its script.

use std::fmt::Write;

use super::backtest::{advice, duration, number, oddities, plural, what_was_read};
use super::html::{self, head, text};
use crate::backtest::{Outcome, Results, Ringing, shown};
use crate::simulate::State;
use crate::wording;

const STYLE: &str = concat!(include_str!("page.css"), include_str!("backtest.css"));
const SCRIPT: &str = include_str!("backtest.js");
/// Height of a drawing, in its own units: the plot above, the band of states below.
const PLOT: f64 = 84.0;
const BAND: f64 = 10.0;

/// The page. `source`: where the events come from.
pub fn backtest_page(results: &Results, source: &str) -> String {
    let title = format!("Backtest over {source}");
    let mut out = head(&title, STYLE, Some(html::SCRIPT));
    // Writing to a String cannot fail.
    let _ = overview(results, &mut out);
    for (index, outcome) in results.detections.iter().enumerate().filter(|(_, outcome)| is_drawn(outcome)) {
        let _ = section(index, outcome, results.span.unwrap_or_default(), &mut out);
    }
    let _ = write!(out, "</main>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n");
    out
}

/// Whether there is anything to draw.
fn is_drawn(outcome: &Outcome) -> bool {
    let rings = |alarm: &Option<Ringing>| alarm.as_ref().is_some_and(|alarm| !alarm.transitions.is_empty());
    outcome.events > 0 || rings(&outcome.alarm) || outcome.before.as_ref().is_some_and(|before| is_drawn(before))
}

fn overview(results: &Results, out: &mut String) -> std::fmt::Result {
    if results.is_partial {
        writeln!(out, "<p class=\"alarming\">Partial: it was interrupted. What follows is of the part that was read.</p>")?;
    }
    writeln!(out, "<p>{}</p>", text(&what_was_read(results)))?;
    for line in oddities(&results.totals) {
        writeln!(out, "<p class=\"changed\">{}</p>", text(&line))?;
    }
    let compares = results.detections.iter().any(|outcome| outcome.before.is_some());
    write!(out, "<div class=\"scroll\"><table class=\"overview\">\n<thead><tr>")?;
    let was = if compares { "<th scope=\"col\">It was</th>" } else { "" };
    for head in ["Detection", "Severity", "Events", "Alarms", "In alarm", "Notifications"] {
        write!(out, "<th scope=\"col\">{head}</th>{}", if matches!(head, "Events" | "Alarms") { was } else { "" })?;
    }
    writeln!(out, "<th scope=\"col\">Timeline</th></tr></thead>\n<tbody>")?;
    for (index, outcome) in results.detections.iter().enumerate().filter(|(_, outcome)| is_drawn(outcome)) {
        row(index, outcome, (compares, results.span.unwrap_or_default()), out)?;
    }
    writeln!(out, "</tbody></table></div>")?;
    let silent: Vec<String> =
        results.detections.iter().filter(|outcome| !is_drawn(outcome)).map(|outcome| text(&outcome.address)).collect();
    if !silent.is_empty() {
        let word = plural(silent.len() as u64, "detection");
        writeln!(out, "<details><summary>{} {word} matched nothing</summary><p>{}</p></details>", silent.len(), silent.join(", "))?;
    }
    Ok(())
}

fn row(index: usize, outcome: &Outcome, (compares, span): (bool, (i64, i64)), out: &mut String) -> std::fmt::Result {
    let alarm = outcome.alarm.as_ref().filter(|alarm| alarm.not_simulated.is_none());
    let address = text(&outcome.address);
    let name = format!("<a href=\"#d{index}\">{address}</a>");
    let class = if alarm.is_some_and(|alarm| alarm.times > 0) { " class=\"rang\"" } else { "" };
    let cell = |value: Option<String>| format!("<td>{}</td>", value.unwrap_or_else(|| "–".to_owned()));
    let before = outcome.before.as_deref();
    let was = |value: Option<u64>| if compares { cell(value.map(number)) } else { String::new() };
    writeln!(
        out,
        "<tr{class}><th scope=\"row\">{name}</th><td>{}</td><td>{}</td>{}{}{}{}{}<td class=\"lane\">{}</td></tr>",
        text(outcome.severity.as_deref().unwrap_or("–")),
        number(outcome.events),
        was(before.map(|before| before.events)),
        cell(alarm.map(|alarm| number(alarm.times as u64))),
        was(before.and_then(|before| before.alarm.as_ref()).map(|alarm| alarm.times as u64)),
        cell(alarm.map(|alarm| duration(alarm.seconds_in_alarm))),
        cell(alarm.map(|alarm| number(alarm.notifications as u64))),
        lane(outcome, span)
    )
}

/// Events and alarms over the whole time, on a line of the table.
fn lane(outcome: &Outcome, (from, to): (i64, i64)) -> String {
    let width = (to - from).max(60);
    let mut out = format!("<svg viewBox=\"0 0 {width} 10\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
    let alarm = outcome.alarm.as_ref().filter(|alarm| alarm.not_simulated.is_none());
    // Writing to a String cannot fail.
    let _ = alarm.map_or(Ok(()), |alarm| {
        bands(
            alarm,
            (from, to),
            &mut |state, start, end, out| {
                if state == State::Alarm {
                    write!(out, "<rect class=\"state ALARM\" x=\"{}\" y=\"0\" width=\"{}\" height=\"10\"/>", start - from, end - start)?;
                }
                Ok(())
            },
            &mut out,
        )
    });
    for start in outcome.periods.keys() {
        let _ = write!(out, "<rect class=\"events\" x=\"{}\" y=\"3\" width=\"{}\" height=\"4\"/>", start - from, outcome.period);
    }
    out.push_str("</svg>");
    out
}

fn section(index: usize, outcome: &Outcome, span: (i64, i64), out: &mut String) -> std::fmt::Result {
    writeln!(out, "<section id=\"d{index}\">\n<h2>{}</h2>", text(&outcome.address))?;
    version(outcome, span, out)?;
    if let Some(before) = &outcome.before {
        writeln!(out, "<h3>As it was</h3>")?;
        version(before, span, out)?;
    }
    for suggestion in &outcome.suggestions {
        writeln!(out, "<p class=\"strong\">Suggestion: {}</p>", text(&advice(suggestion, outcome)))?;
    }
    rankings(outcome, out)?;
    if !outcome.samples.is_empty() {
        writeln!(out, "<details><summary>The earliest {} events</summary>", outcome.samples.len())?;
        for sample in &outcome.samples {
            let pretty = serde_json::from_str::<serde_json::Value>(sample).and_then(|event| serde_json::to_string_pretty(&event));
            writeln!(out, "<pre>{}</pre>", text(pretty.as_deref().unwrap_or(sample)))?;
        }
        writeln!(out, "</details>")?;
    }
    writeln!(out, "</section>")
}

/// One version of a detection: its numbers, its timeline, its alarm's changes.
fn version(outcome: &Outcome, span: (i64, i64), out: &mut String) -> std::fmt::Result {
    let events = format!("{} {}", number(outcome.events), plural(outcome.events, "event"));
    match &outcome.alarm {
        None => writeln!(out, "<p>{events}, no alarm.</p>")?,
        Some(Ringing { not_simulated: Some(why), .. }) => {
            writeln!(out, "<p>{events}. <span class=\"changed\">The alarm is not simulated: {}</span></p>", text(why))?;
        }
        Some(alarm) => writeln!(
            out,
            "<p>{events}, rang {} {}, {} in ALARM. <code>{}</code></p>",
            number(alarm.times as u64),
            plural(alarm.times as u64, "time"),
            duration(alarm.seconds_in_alarm),
            text(&alarm.rule)
        )?,
    }
    timeline(outcome, span, out)?;
    for (rule, events) in &outcome.uncertain {
        writeln!(
            out,
            "<p class=\"changed\">{events} {} may match: {}</p>",
            plural(*events, "event"),
            text(&wording::open_question(*rule))
        )?;
    }
    let Some(alarm) = &outcome.alarm else { return Ok(()) };
    for doubt in &alarm.doubts {
        writeln!(out, "<p class=\"changed\">Uncertain: {}</p>", text(doubt))?;
    }
    if !alarm.transitions.is_empty() {
        writeln!(out, "<details><summary>{} changes of state</summary>\n<div class=\"scroll\"><table><tbody>", alarm.transitions.len())?;
        for change in &alarm.transitions {
            let (at, from, to) = (shown(change.at), change.from.text(), change.to.text());
            writeln!(out, "<tr><td>{at}</td><td class=\"state {to}\">{from} → {to}</td><td>{}</td></tr>", text(&change.reason))?;
        }
        writeln!(out, "</tbody></table></div></details>")?;
    }
    Ok(())
}

/// Events as bars, datapoints as a line, the threshold, and a band of states. One unit across is a second.
fn timeline(outcome: &Outcome, span: (i64, i64), out: &mut String) -> std::fmt::Result {
    let empty = Vec::new();
    let datapoints = outcome.alarm.as_ref().map_or(&empty, |alarm| &alarm.datapoints);
    let from = span.0.min(outcome.periods.keys().next().copied().unwrap_or(span.0));
    let to = outcome.alarm.as_ref().map_or(span.1, |alarm| alarm.span.1).max(span.1).max(from + 60);
    let threshold = outcome.alarm.as_ref().and_then(|alarm| alarm.threshold);
    let values = datapoints.iter().map(|(_, value)| *value).chain(outcome.periods.values().map(|events| *events as f64));
    let highest = values.chain(threshold).fold(1.0_f64, f64::max) * 1.1;
    let height = |value: f64| PLOT - (value / highest * PLOT).clamp(0.0, PLOT);
    let width = to - from;
    writeln!(
        out,
        "<figure class=\"timeline\" data-from=\"{from}\" data-to=\"{to}\" tabindex=\"0\">\n\
         <svg viewBox=\"0 0 {width} 100\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Timeline of {}\">",
        text(&outcome.address)
    )?;
    if let Some(alarm) = outcome.alarm.as_ref().filter(|alarm| alarm.not_simulated.is_none()) {
        states(alarm, (from, to), out)?;
    }
    for (start, events) in &outcome.periods {
        let (x, top) = (start - from, height(*events as f64));
        writeln!(
            out,
            "<rect class=\"events\" x=\"{x}\" y=\"{top:.2}\" width=\"{}\" height=\"{:.2}\"><title>{}: {events} {}</title></rect>",
            outcome.period,
            PLOT - top,
            shown(*start),
            plural(*events, "event")
        )?;
    }
    if !datapoints.is_empty() {
        let points: Vec<String> = datapoints
            .iter()
            .filter(|(start, _)| *start >= from)
            .map(|(start, value)| format!("{},{:.2}", start - from + outcome.period / 2, height(*value)))
            .collect();
        writeln!(out, "<polyline class=\"datapoints\" points=\"{}\"/>", points.join(" "))?;
    }
    if let Some(threshold) = threshold {
        let y = height(threshold);
        writeln!(
            out,
            "<line class=\"threshold\" x1=\"0\" x2=\"{width}\" y1=\"{y:.2}\" y2=\"{y:.2}\"><title>threshold {threshold}</title></line>"
        )?;
    }
    writeln!(
        out,
        "<line class=\"cursor\" y1=\"0\" y2=\"100\"/>\n</svg>\n\
         <div class=\"axis\"><time>{}</time><time>{}</time><time>{}</time></div>\n\
         <figcaption><output></output><span class=\"controls\" hidden>\
         <button type=\"button\" data-zoom=\"0.5\">Closer</button> <button type=\"button\" data-zoom=\"2\">Farther</button> \
         <button type=\"button\" data-move=\"-0.25\">Earlier</button> <button type=\"button\" data-move=\"0.25\">Later</button> \
         <button type=\"button\" data-all>All</button></span></figcaption>\n</figure>",
        shown(from),
        shown(from + width / 2),
        shown(to)
    )
}

/// Calls `each` with every stretch of one state.
fn bands(
    alarm: &Ringing,
    (from, to): (i64, i64),
    each: &mut dyn FnMut(State, i64, i64, &mut String) -> std::fmt::Result,
    out: &mut String,
) -> std::fmt::Result {
    let changes = alarm.transitions.iter().map(|change| (change.at.clamp(from, to), change.to));
    let starts: Vec<(i64, State)> = [(from, alarm.initial)].into_iter().chain(changes).collect();
    for (i, (start, state)) in starts.iter().enumerate() {
        let end = starts.get(i + 1).map_or(to, |next| next.0);
        if end > *start {
            each(*state, *start, end, out)?;
        }
    }
    Ok(())
}

fn states(alarm: &Ringing, (from, to): (i64, i64), out: &mut String) -> std::fmt::Result {
    let mut band = |state: State, start: i64, end: i64, out: &mut String| {
        writeln!(
            out,
            "<rect class=\"state {0}\" x=\"{1}\" y=\"{2}\" width=\"{3}\" height=\"{BAND}\"><title>{0} from {4} to {5}</title></rect>",
            state.text(),
            start - from,
            100.0 - BAND,
            end - start,
            shown(start),
            shown(end)
        )
    };
    bands(alarm, (from, to), &mut band, out)
}

fn rankings(outcome: &Outcome, out: &mut String) -> std::fmt::Result {
    let rankings = [
        ("Principals", &outcome.principals),
        ("Source addresses", &outcome.addresses),
        ("Events", &outcome.names),
        ("Accounts", &outcome.accounts),
    ];
    if rankings.iter().all(|(_, ranking)| ranking.is_empty()) {
        return Ok(());
    }
    writeln!(out, "<div class=\"rankings\">")?;
    for (title, ranking) in rankings {
        writeln!(out, "<table><thead><tr><th scope=\"col\">{title}</th><th scope=\"col\">Events</th></tr></thead>\n<tbody>")?;
        for (name, events) in ranking {
            writeln!(out, "<tr><td>{}</td><td>{}</td></tr>", text(name), number(*events))?;
        }
        writeln!(out, "</tbody></table>")?;
    }
    writeln!(out, "</div>")
}
