//! A pattern on the first line, a message behind it: nothing panics, a printed pattern is the same
//! pattern, a set says what its pattern says, and no evaluation takes a second.
#![no_main]

use std::time::{Duration, Instant};

use filter_pattern::{Pattern, PatternSet, Verdict};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    let (text, message) = data.split_once('\n').unwrap_or((data, ""));
    let Ok(pattern) = Pattern::parse(text) else { return };
    assert_eq!(Pattern::parse(&pattern.to_string()).as_ref(), Ok(&pattern), "printed");
    let start = Instant::now();
    let verdict = pattern.eval(message);
    assert!(start.elapsed() < Duration::from_secs(1), "slow");
    assert_eq!(pattern.explain(message).verdict, verdict, "explained");
    let set = PatternSet::new([pattern]);
    let mut matcher = set.matcher();
    let in_set = matcher.eval(message).first().map_or(Verdict::NoMatch, |(_, verdict)| verdict.clone());
    assert_eq!(in_set, verdict, "in a set");
});
