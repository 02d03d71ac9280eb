//! One event against 1, 10 and 100 patterns, beside `serde_json::Value` and field comparisons
//! written by hand: `cargo bench -p filter-pattern`. Ratios count; both are measured in one run.

#![expect(clippy::unwrap_used, reason = "a benchmark may fail by panicking")]
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod cloudtrail;

use std::hint::black_box;
use std::time::Instant;

use filter_pattern::{Pattern, PatternSet, Verdict};
use serde_json::Value;

/// Source, names, and whether refused calls are left out: what a detection mostly is.
struct Wanted {
    source: String,
    names: Vec<String>,
}

impl Wanted {
    fn number(i: usize) -> Self {
        let names = match i {
            0 => vec!["CreateRestApi".to_owned(), "ImportRestApi".to_owned()],
            1 => vec!["CreateFunction20150331".to_owned()],
            _ => vec![format!("CreateThing{i}"), format!("PutThing{i}")],
        };
        let source = ["apigateway", "lambda", "iam", "ec2"][i % 4];
        Self { source: format!("{source}.amazonaws.com"), names }
    }

    fn pattern(&self) -> Pattern {
        let names: Vec<String> = self.names.iter().map(|name| format!("($.eventName = \"{name}\")")).collect();
        let text = format!("{{ ($.eventSource = \"{}\") && ({}) && ($.errorCode NOT EXISTS) }}", self.source, names.join(" || "));
        Pattern::parse(&text).unwrap()
    }

    fn by_hand(&self, event: &Value) -> bool {
        event["eventSource"] == self.source.as_str()
            && self.names.iter().any(|name| event["eventName"] == name.as_str())
            && event.get("errorCode").is_none()
    }
}

/// Nanoseconds an event, best of several rounds.
fn measure(events: &[String], mut count: impl FnMut(&str) -> usize) -> (f64, usize) {
    let mut best = f64::INFINITY;
    let mut hits = 0;
    for _ in 0..7 {
        let start = Instant::now();
        hits = events.iter().map(|event| count(black_box(event))).sum();
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / events.len() as f64);
    }
    (best, hits)
}

fn main() {
    let events: Vec<String> = (0..4000).map(cloudtrail::event).collect();
    let bytes = events.iter().map(String::len).sum::<usize>() / events.len();
    println!("events of {bytes} bytes\npatterns  filter-pattern ns  serde_json ns  ratio  GB/s");
    for count in [1, 10, 100] {
        let wanted: Vec<Wanted> = (0..count).map(Wanted::number).collect();
        let set = PatternSet::new(wanted.iter().map(Wanted::pattern));
        let mut matcher = set.matcher();
        let (ours, hits) = measure(&events, |event| matcher.eval(event).iter().filter(|(_, verdict)| *verdict == Verdict::Match).count());
        let (theirs, same) = measure(&events, |event| {
            let event: Value = serde_json::from_str(event).unwrap();
            wanted.iter().filter(|wanted| wanted.by_hand(&event)).count()
        });
        assert_eq!(hits, same, "both find the same events");
        println!("{count:>8}  {ours:>17.0}  {theirs:>13.0}  {:>5.1}  {:.2}", theirs / ours, bytes as f64 / ours);
    }
}
