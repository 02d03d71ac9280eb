//! What must hold for every pattern and every message: nothing panics, a printed pattern is the
//! same pattern, a set says what its patterns say, and the engine agrees with a slow reading of the
//! specification that was written apart from it.

mod model;

use std::time::{Duration, Instant};

use filter_pattern::{Pattern, PatternSet, Verdict};
use model::{any_expr, any_json, oracle};
use proptest::prelude::*;

/// Texts near the language: parts of real patterns, put together at random.
fn fragments() -> impl Strategy<Value = String> {
    let parts = prop::sample::select(vec![
        "{", "}", "(", ")", "[", "]", "$", ".", "$.a", "$.b['x']", "[0]", "[*]", ".*", "=", "!=", "<", ">=", "\"x\"", "\"", "\\", "%",
        "%a+%", "1", "-5e3", "&&", "||", "IS", "NULL", "NOT", "EXISTS", "?", "-", "ERROR", "...", ",", " ", "  ", "\t", "\n", "*", "é",
        "\u{202e}", "w1", "null", "'",
    ]);
    prop::collection::vec(parts, 0..40).prop_map(|parts| parts.concat())
}

fn everything(pattern: &str, message: &str) {
    if let Ok(pattern) = Pattern::parse(pattern) {
        let verdict = pattern.eval(message);
        assert_eq!(pattern.explain(message).verdict, verdict);
        assert!(pattern.fields(message).iter().all(|(name, _)| name.starts_with('$')));
        let mut set_verdict = Verdict::NoMatch;
        let set = PatternSet::new([pattern]);
        if let [(0, verdict)] = set.matcher().eval(message) {
            set_verdict = verdict.clone();
        }
        assert_eq!(set_verdict, verdict);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_panics(pattern in ".{0,60}", message in ".{0,60}") {
        everything(&pattern, &message);
    }

    #[test]
    fn nothing_panics_near_the_language(pattern in fragments(), message in fragments()) {
        everything(&pattern, &message);
        everything(&format!("{{{pattern}}}"), &message);
        everything(&format!("[{pattern}]"), &message);
    }

    #[test]
    fn errors_point_into_the_pattern(pattern in fragments()) {
        for text in [format!("{{{pattern}}}"), format!("[{pattern}]"), pattern] {
            for error in Pattern::parse(&text).err().unwrap_or_default() {
                prop_assert!(text.get(error.span.clone()).is_some(), "{text}: {error:?}");
                prop_assert!(error.hint().is_some(), "{text}: {error:?}");
            }
        }
    }

    #[test]
    fn a_printed_pattern_is_the_same_pattern(text in fragments()) {
        for text in [format!("{{{text}}}"), format!("[{text}]"), text] {
            if let Ok(pattern) = Pattern::parse(&text) {
                prop_assert_eq!(&Pattern::parse(&pattern.to_string()).unwrap(), &pattern, "{} from {}", pattern, text);
            }
        }
    }

    /// Also one that is as long as AWS takes, written without a blank.
    #[test]
    fn a_long_printed_pattern_is_the_same_pattern(clauses in prop::collection::vec(prop::sample::select(vec!["$.a=1", "$.b!=x*", "$.c IS NULL", "($.a<2&&$.d NOT EXISTS)"]), 1..200)) {
        let text = format!("{{{}}}", clauses.join("||"));
        if let Ok(pattern) = Pattern::parse(&text) {
            prop_assert_eq!(&Pattern::parse(&pattern.to_string()).unwrap(), &pattern, "{}", pattern);
        }
        let fields: String = clauses.iter().enumerate().map(|(i, _)| format!("f{i}=x,")).collect();
        if let Ok(pattern) = Pattern::parse(&format!("[{fields}]")) {
            prop_assert_eq!(&Pattern::parse(&pattern.to_string()).unwrap(), &pattern, "{}", pattern);
        }
    }

    #[test]
    fn a_set_of_terms_says_what_its_patterns_say(texts in prop::collection::vec("([-?]?\"[ab ]{0,3}\" ){1,4}", 1..6), message in "[abc ]{0,12}") {
        let patterns: Vec<Pattern> = texts.iter().map(|text| Pattern::parse(text).unwrap()).collect();
        let single: Vec<usize> = (0..patterns.len()).filter(|i| patterns[*i].eval(&message).is_match()).collect();
        let set = PatternSet::new(patterns);
        let mut together: Vec<usize> = set.matcher().eval(&message).iter().map(|(i, _)| *i).collect();
        together.sort_unstable();
        prop_assert_eq!(together, single, "{:?} on {}", texts, message);
    }

    #[test]
    fn a_printed_json_pattern_is_the_same_pattern(expr in any_expr()) {
        let pattern = Pattern::parse(&expr.pattern()).unwrap();
        prop_assert_eq!(Pattern::parse(&pattern.to_string()).unwrap(), pattern);
    }

    #[test]
    fn the_engine_agrees_with_the_oracle(expr in any_expr(), event in any_json()) {
        let (pattern, message) = (Pattern::parse(&expr.pattern()).unwrap(), event.text());
        if let Some(expected) = oracle(&expr, &event) {
            prop_assert_eq!(pattern.eval(&message), Verdict::from_bool(expected), "{} on {}", pattern, message);
        }
    }

    #[test]
    fn a_set_says_what_its_patterns_say(exprs in prop::collection::vec(any_expr(), 1..12), events in prop::collection::vec(any_json(), 1..4)) {
        let patterns: Vec<Pattern> = exprs.iter().map(|expr| Pattern::parse(&expr.pattern()).unwrap()).collect();
        let set = PatternSet::new(patterns.clone());
        let mut matcher = set.matcher();
        let file = events.iter().map(|event| event.text()).collect::<Vec<_>>().join("\n");
        let mut at = 0;
        for event in &events {
            let message = event.text();
            let mut together = matcher.eval(&message).to_vec();
            together.sort_by_key(|(i, _)| *i);
            let single = patterns.iter().map(|pattern| pattern.eval(&message)).enumerate().filter(|(_, verdict)| *verdict != Verdict::NoMatch);
            prop_assert_eq!(&together, &single.collect::<Vec<_>>(), "{}", message);
            at = matcher.eval_record(&file, at).unwrap();
            let mut in_file = matcher.hits().to_vec();
            in_file.sort_by_key(|(i, _)| *i);
            prop_assert_eq!(together, in_file);
        }
    }
}

/// Not a measurement: ten times the message may not take a hundred times as long.
#[test]
fn time_grows_with_the_message_and_not_with_its_square() {
    let patterns = [
        "{ $.a = \"*x*y*z*x*y*z*w\" }",
        "{ $.a = %x*x*x*x*x*x*y% }",
        "{ $.a[*] != \"x*y\" || $.b[*].c IS NULL || $.d.* NOT EXISTS }",
        "[a, ..., b = *x*y*z]",
        "?x ?y ?\"x y\"",
    ];
    let messages: [fn(usize) -> String; 7] = [
        |n| "a\"b\"[c]".repeat(n),
        |n| "[x ".repeat(n),
        |n| format!("{}]y", "[x \"z ".repeat(n)),
        |n| format!("{{\"a\":\"{}\"}}", "xy".repeat(n)),
        |n| format!("{{\"a\":[{}0],\"b\":[{}0]}}", "\"x\",".repeat(n), "{\"c\":null},".repeat(n)),
        |n| format!("{{\"a\":{}{}}}", "[".repeat(n), "]".repeat(n)),
        |n| "x \"y [ z\t".repeat(n),
    ];
    let time = |pattern: &Pattern, message: &str| {
        let start = Instant::now();
        std::hint::black_box(pattern.eval(message));
        start.elapsed()
    };
    for pattern in patterns.map(|text| Pattern::parse(text).unwrap()) {
        for message in messages {
            let (short, long) = (message(3_000), message(30_000));
            let base = (0..3).map(|_| time(&pattern, &short)).min().unwrap_or_default().max(Duration::from_micros(300));
            let grown = (0..3).map(|_| time(&pattern, &long)).min().unwrap_or_default();
            assert!(grown < base * 60, "{pattern}: {base:?} became {grown:?}");
        }
    }
}
