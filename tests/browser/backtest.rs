//! The page of a backtest: the story of AT1667.001, its timelines and what they answer to hand and key.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::day::{STACK, STEPS, attack, noise};
use crate::{ask, open, picture};

/// The page of a day with a break-in, and the same as JSON.
fn story() -> (TempDir, PathBuf, Value) {
    let mut day = noise();
    day.extend(attack().into_iter().flat_map(|(minute, _, events)| events.into_iter().map(move |event| (minute, event))));
    day.sort_by_key(|(minute, _)| *minute);
    let records: Vec<Value> = day
        .into_iter()
        .enumerate()
        .map(|(i, (minute, mut event))| {
            event["eventTime"] = json!(format!("2026-11-24T{:02}:{:02}:{:02}Z", minute / 60, minute % 60, i % 60));
            event["eventID"] = json!(format!("{i:08x}-0000-4000-8000-000000000000"));
            event
        })
        .collect();
    let folder = TempDir::new().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("trailarm.yaml"), STACK).unwrap();
    std::fs::write(path("day.json"), json!({ "Records": records }).to_string()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailarm"));
    command.args(["backtest", "--from", "day.json", "--account-id", "000000000000", "--format", "json", "--output", "day.html"]);
    let output = command.current_dir(folder.path()).env_clear().output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (page, found) = (path("day.html"), serde_json::from_slice(&output.stdout).unwrap());
    (folder, page, found)
}

#[test]
fn the_story_rings_what_it_is_said_to_ring() {
    let (_folder, page, found) = story();
    let rang: BTreeSet<&str> = found["detections"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|detection| detection["alarm"]["alarms"].as_u64().unwrap() > 0)
        .map(|detection| detection["address"].as_str().unwrap())
        .collect();
    let told: BTreeSet<&str> = STEPS.lines().filter_map(|line| line.strip_prefix("    ")).collect();
    assert_eq!(rang, told);
    picture(&page, "docs/backtest.png");
}

#[test]
fn timelines_are_zoomed_and_moved_by_hand_and_key() {
    let (_folder, page, _) = story();
    let told = ask(
        &page,
        "const figure = document.querySelector('figure.timeline'), svg = figure.querySelector('svg');
        const view = () => svg.getAttribute('viewBox').split(' ').map(Number);
        const [, , whole] = view();
        const press = (key) => figure.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
        press('+'); const closer = view();
        press('ArrowRight'); const later = view();
        press('-'); press('0'); const again = view();
        figure.querySelector('[data-zoom=\"0.5\"]').click(); const clicked = view();
        figure.querySelector('[data-all]').click();
        const bar = svg.querySelector('rect.events'), box = svg.getBoundingClientRect();
        const x = box.left + box.width * (Number(bar.getAttribute('x')) + 60) / whole;
        svg.dispatchEvent(new PointerEvent('pointermove', {clientX: x, clientY: box.top + 10, bubbles: true}));
        const said = figure.querySelector('output').textContent;
        const shown = !figure.querySelector('.controls').hidden, reached = (figure.focus(), document.activeElement === figure);
        const links = [...document.querySelectorAll('.overview a')].every((a) => document.querySelector(a.getAttribute('href')));
        return {whole, closer, later, again, clicked, said, shown, reached, links, bars: svg.querySelectorAll('rect.events').length,
            states: svg.querySelectorAll('rect.state.ALARM').length, title: bar.querySelector('title').textContent};",
    );
    let told: Value = serde_json::from_str(&told).unwrap_or_else(|e| panic!("{e}: {told}"));
    let width = |key: &str| told[key][2].as_f64().unwrap();
    let whole = told["whole"].as_f64().unwrap();
    assert!((width("closer") - whole / 2.0).abs() < 1.0 && (width("clicked") - whole / 2.0).abs() < 1.0, "{told}");
    assert!(told["later"][0].as_f64() > told["closer"][0].as_f64() && told["again"] == json!([0, 0, told["whole"], 100]), "{told}");
    assert_eq!((&told["shown"], &told["reached"], &told["links"]), (&json!(true), &json!(true), &json!(true)), "{told}");
    assert!(told["bars"].as_u64().unwrap() >= 1 && told["states"].as_u64().unwrap() >= 1, "{told}");
    assert!(told["said"].as_str().unwrap().contains("event") && told["title"].as_str().unwrap().contains("event"), "{told}");
}

#[test]
fn what_is_hostile_in_events_does_not_run() {
    let folder = TempDir::new().unwrap();
    let hostile = "</td><script>document.title='pwned'</script><img src=x onerror=document.title='pwned'>";
    let event = json!({
        "eventTime": "2026-11-24T06:00:00Z", "eventName": "ConsoleLogin", "eventSource": "signin.amazonaws.com", "sourceIPAddress": hostile,
        "userIdentity": {"type": "Root", "arn": hostile}, "eventType": "AwsConsoleSignIn", "x": hostile,
    });
    std::fs::write(folder.path().join("e.json"), event.to_string()).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_trailarm"));
    command.args(["backtest", "cis/root-usage", "--shipped", "--from", "e.json", "--output", "out.html", "--format", "json"]);
    let output = command.current_dir(folder.path()).env_clear().output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let page = folder.path().join("out.html");
    assert!(std::fs::read_to_string(&page).unwrap().contains("&lt;script&gt;"));
    assert_eq!(ask(&page, "return [document.scripts.length, document.images.length];"), "[2,0]", "its own script and the question");
    assert!(open(&page, &["--dump-dom", "--virtual-time-budget=2000"]).contains("<title>Backtest over e.json"));
}
