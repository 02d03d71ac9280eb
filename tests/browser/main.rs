//! Pages in a real Chromium, headless: their scripts work, nothing hostile runs, a thousand changes open at once.
//! Writes the screenshots of the documentation, when asked to (`SCREENSHOTS=overwrite`).

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

mod backtest;
mod chain;
#[path = "../story/day.rs"]
mod day;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The command of a browser, or a clear failure.
fn chromium() -> &'static str {
    static FOUND: OnceLock<String> = OnceLock::new();
    FOUND.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/chromium.py");
        let python = Command::new("python3").arg(script).arg(target).output().expect("the tests need Python 3.11 or later");
        assert!(python.status.success(), "{}", String::from_utf8_lossy(&python.stderr));
        String::from_utf8(python.stdout).unwrap().trim().to_owned()
    })
}

/// Opens a page; what the browser prints.
fn open(page: &Path, arguments: &[&str]) -> String {
    let profile = TempDir::new().unwrap();
    let quiet = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
        "--window-size=1200,900",
    ];
    let mut command = Command::new(chromium());
    command.args(quiet).arg(format!("--user-data-dir={}", profile.path().display())).args(arguments);
    let output = command.arg(format!("file://{}", page.display())).env("HOME", profile.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// A folder with a stack, and the page of its plan.
struct Stack(TempDir);

impl Stack {
    fn new(files: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    fn run(&self, arguments: &[&str]) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trailarm"));
        let output = command.args(arguments).args(["--account", "account.json"]).current_dir(self.0.path()).env_clear().output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn page(&self) -> PathBuf {
        self.run(&["plan", "--output", "plan.html"]);
        self.0.path().join("plan.html")
    }

    fn asked(&self, script: &str) -> String {
        ask(&self.page(), script)
    }
}

/// A page with a script behind its own, whose answer becomes the title.
fn ask(page: &Path, script: &str) -> String {
    let text = std::fs::read_to_string(page).unwrap();
    let asking = text.replace("</body>", &format!("<script>document.title = JSON.stringify((() => {{ {script} }})());</script>\n</body>"));
    let asked = page.with_file_name("asked.html");
    std::fs::write(&asked, asking).unwrap();
    let dom = open(&asked, &["--dump-dom", "--virtual-time-budget=2000"]);
    dom.split("<title>").nth(1).unwrap().split("</title>").next().unwrap().replace("&amp;", "&").to_owned()
}

const STACK: &str = "stack: account-baseline\nlog_group: {name: aws-cloudtrail-logs}\npacks: [post-activation, cis]\n\
    topics: {security: {subscriptions: [{email: secops@example.com}]}}\ndefaults: {alarm: {notify: [security]}}\n";

/// A plan with something of everything.
fn changed() -> Stack {
    let stack = Stack::new(&[("trailarm.yaml", STACK)]);
    stack.run(&["apply", "--auto-approve"]);
    let changes = "detections:\n  post-activation/identity-by-role: {alarm: {threshold: \">= 3\"}}\n\
          \x20 post-activation/instance-launch-refused: {enabled: false}\n\
          \x20 post-activation/instance-from-function: {metric_filter: {match: {events: [RunInstances]}}}\n\
          \x20 cis/root-usage: {metric_filter: {pattern: '{ $.eventName = \"*\" }'}}
";
    std::fs::write(stack.0.path().join("trailarm.yaml"), format!("{}{changes}", STACK.replace("cis]", "cis, trail-and-alarm-tampering]")))
        .unwrap();
    stack
}

#[test]
fn filters_narrow_and_the_keyboard_will_do() {
    let stack = changed();
    let state = "const count = () => document.querySelectorAll('details.change:not([hidden])').length;
        const shown = () => document.getElementById('shown').textContent;
        const all = count(), first = shown();
        const box = document.querySelector('input[name=action][value=create]');
        box.click();
        const without = count();
        const search = document.querySelector('input[name=address]');
        search.value = 'TRAIL-NARROWED'; search.dispatchEvent(new Event('input', {bubbles: true}));
        const none = count();
        box.click();
        const found = count();
        search.value = ''; search.dispatchEvent(new Event('input', {bubbles: true}));
        document.getElementById('fold').click();
        const open = document.querySelectorAll('details.change[open]').length;
        document.getElementById('unfold').click();
        const unfolded = document.querySelectorAll('details.change[open]').length;
        const reached = [...document.querySelectorAll('input, button, summary')].every((e) => { e.focus(); return document.activeElement === e; });
        return {all, first, without, none, found, open, unfolded, reached};";
    let told = stack.asked(state);
    let told: serde_json::Value = serde_json::from_str(&told).unwrap_or_else(|e| panic!("{e}: {told}"));
    let all = told["all"].as_u64().unwrap();
    assert_eq!(told["first"], format!("{all} of {all} shown"));
    assert!(told["without"].as_u64().unwrap() < all && told["without"].as_u64().unwrap() > 3, "{told}");
    assert_eq!((&told["none"], &told["found"], &told["open"]), (&0.into(), &3.into(), &0.into()), "{told}");
    assert_eq!((&told["unfolded"], &told["reached"]), (&all.into(), &true.into()), "{told}");
}

/// Without its script the page is whole: nothing is hidden but the form.
#[test]
fn it_opens_with_the_summary_and_shows_both_sides() {
    let stack = changed();
    let text = std::fs::read_to_string(stack.page()).unwrap();
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} is missing"));
    assert!(at("<h1>account-baseline Plan: ") < at("<th scope=\"col\">Fingerprint</th>") && at("Fingerprint</th>") < at("<details"));
    assert!(text.contains("<td><del>1</del></td><td><ins>3</ins></td>"), "side by side");
    assert!(text.contains("<p class=\"alarming\">MATCHES EVERY EVENT"), "shouted");
}

#[test]
fn what_is_hostile_does_not_run() {
    let hostile = r#"description: "<script>document.title='pwned'</script><img src=x onerror=document.title='pwned'>"
metric_filter: {pattern: '{ $.a = "</td></details><svg onload=document.title=1>" }', default: 0}
alarm: {threshold: 1, tags: {"a": "</style></script>x"}}
"#;
    let stack = Stack::new(&[("trailarm.yaml", &STACK.replace("post-activation, cis", "./alarms")), ("alarms/p/a.yaml", hostile)]);
    let told =
        stack.asked("return [document.scripts.length, document.images.length, document.querySelectorAll('svg, iframe, object').length];");
    assert_eq!(told, "[2,0,0]", "the page's own script and the question");
    let dom = open(&stack.page(), &["--dump-dom", "--virtual-time-budget=2000"]);
    assert!(dom.contains("<title>account-baseline Plan: "), "{}", &dom[..400]);
}

/// A thousand changes open within two seconds, by the browser's own clock.
#[test]
fn a_thousand_changes_open_at_once() {
    let detection = |i: usize| {
        format!(
            "description: Detection {i}, with what it means and what to do about it.\nalarm: {{metric: {{namespace: N, name: m{i}}}, threshold: {i}}}\n"
        )
    };
    let mut files = vec![("trailarm.yaml".to_owned(), STACK.replace("post-activation, cis", "./alarms"))];
    files.extend((0..1000).map(|i| (format!("alarms/p/d{i}.yaml"), detection(i))));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    let stack = Stack::new(&files);
    let told = stack.asked(
        "const [page] = performance.getEntriesByType('navigation'); document.body.getBoundingClientRect(); \
        return [document.querySelectorAll('details.change').length, Math.round(performance.now() - page.startTime)];",
    );
    let told: Vec<u64> = serde_json::from_str(&told).unwrap_or_else(|e| panic!("{e}: {told}"));
    assert!(told[0] >= 1000, "{told:?}");
    assert!(told[1] < 2000, "{} ms until all of it was laid out", told[1]);
    let begin = Instant::now();
    open(&stack.page(), &["--dump-dom"]);
    assert!(begin.elapsed() < Duration::from_secs(20), "{:?} with the start of the browser", begin.elapsed());
}

/// A picture of a page, of the size of the window; `SCREENSHOTS=overwrite` puts it into the documentation.
fn picture(page: &Path, kept: &str) {
    let picture = page.with_extension("png");
    open(page, &[&format!("--screenshot={}", picture.display())]);
    let taken = std::fs::read(&picture).unwrap();
    // A blank one has a few thousand bytes.
    let size =
        |bytes: &[u8]| (u32::from_be_bytes(bytes[16..20].try_into().unwrap()), u32::from_be_bytes(bytes[20..24].try_into().unwrap()));
    assert!(taken.starts_with(b"\x89PNG") && taken.len() > 30_000, "{} bytes", taken.len());
    assert_eq!(size(&taken), (1200, 900));
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join(kept);
    if std::env::var("SCREENSHOTS").is_ok_and(|mode| mode == "overwrite") {
        std::fs::write(&kept, &taken).unwrap();
    }
    assert_eq!(size(&std::fs::read(&kept).unwrap()), (1200, 900));
}

#[test]
fn the_screenshot_is_taken() {
    picture(&changed().page(), "docs/ci/plan.png");
}
