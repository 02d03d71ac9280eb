//! The page of chains: drawings that show where each breaks, and hostile names that stay names.

use serde_json::Value;
use tempfile::TempDir;
use trailarm::chain::{Chain, Examined, Link, Verdict};
use trailarm::report::chain_page;
use trailarm::state::Scope;

use crate::{ask, picture};

fn link(name: &'static str, verdict: Verdict, says: &str, remedy: &str) -> Link {
    Link { name, on: None, verdict, says: says.to_owned(), remedy: remedy.to_owned() }
}

/// Links that hold, with those given in their places.
fn chain(detection: &str, odd: &[Link]) -> Chain {
    let names = [
        "trail",
        "events",
        "delivery",
        "log group",
        "filter",
        "metric",
        "alarm",
        "watches",
        "actions",
        "history",
        "topic",
        "policy",
        "key",
        "subscription",
    ];
    let sound = |name: &&'static str| {
        odd.iter().find(|link| link.name == *name).cloned().unwrap_or_else(|| link(name, Verdict::Sound, "as it should be", ""))
    };
    Chain { detection: detection.to_owned(), links: names.iter().map(sound).collect() }
}

fn page(chains: Vec<Chain>) -> (TempDir, std::path::PathBuf) {
    let folder = TempDir::new().unwrap();
    let page = folder.path().join("chains.html");
    let scope =
        Scope { partition: "aws".into(), account_id: "111122223333".into(), region: "eu-west-1".into(), stack: "account-baseline".into() };
    let text = chain_page(&Examined { scope, time: "2026-11-30T02:10:00Z".into(), chains });
    // The page forbids all scripts, and so the questions that are asked of it here.
    let policy = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n";
    assert!(text.contains(policy));
    std::fs::write(&page, text.replace(policy, "")).unwrap();
    (folder, page)
}

#[test]
fn a_chain_is_drawn_with_its_break() {
    let key = link(
        "key",
        Verdict::Broken,
        "the policy of the key alias/security does not grant kms:GenerateDataKey to CloudWatch",
        "give the topic a customer key whose policy grants kms:Decrypt and kms:GenerateDataKey* to cloudwatch.amazonaws.com",
    );
    let silent = link(
        "metric",
        Verdict::Unknown,
        "Trailarm/account-baseline/deployed had no data in two weeks: nothing matched, and without `default` only a match brings some",
        "`trailarm drill api-gateway-abuse/deployed --plant` sends an event through the whole chain",
    );
    let (_folder, page) = page(vec![
        chain("lambda-persistence/function-created", &[]),
        chain("api-gateway-abuse/deployed", &[silent]),
        chain("api-gateway-abuse/rest-api-built", &[key]),
    ]);
    let told = ask(
        &page,
        "const box = (g) => g.getBBox();
        const sections = [...document.querySelectorAll('section')];
        const boxes = [...sections[0].querySelectorAll('svg g')];
        const apart = boxes.every((g, i) => boxes.slice(i + 1).every((h) => {
            const [a, b] = [box(g), box(h)];
            return a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y; }));
        const fits = boxes.every((g) => box(g.querySelector('text')).width <= box(g.querySelector('rect')).width);
        return {first: sections.map((s) => s.querySelector('h2').className), red: sections[0].querySelectorAll('svg g.broken').length,
            text: sections[0].querySelector('svg g.broken text').textContent, boxes: boxes.length, apart, fits,
            label: sections[0].querySelector('svg').getAttribute('aria-label'), wide: document.documentElement.scrollWidth <= innerWidth};",
    );
    let told: Value = serde_json::from_str(&told).unwrap_or_else(|e| panic!("{e}: {told}"));
    assert_eq!(told["first"], serde_json::json!(["broken", "unknown", "sound"]), "the broken one first: {told}");
    assert_eq!((told["red"].as_u64(), told["text"].as_str(), told["boxes"].as_u64()), (Some(1), Some("✗ key"), Some(14)), "{told}");
    assert_eq!((&told["apart"], &told["fits"], &told["wide"]), (&Value::Bool(true), &Value::Bool(true), &Value::Bool(true)), "{told}");
    assert_eq!(told["label"], "api-gateway-abuse/rest-api-built: broken");
    picture(&page, "docs/chain.png");
}

#[test]
fn hostile_names_stay_names() {
    let hostile = "</title><script>document.title='pwned'</script><img src=x onerror=document.title='pwned'>";
    let (_folder, page) = page(vec![chain(hostile, &[link("topic", Verdict::Broken, hostile, hostile)])]);
    assert_eq!(ask(&page, "return [document.scripts.length, document.images.length];"), "[1,0]", "the question itself is a script");
}
