//! Which conditions decide, and what was found there.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use filter_pattern::Pattern;

/// `condition: found`, one a reason, with the note where there is one.
fn reasons(pattern: &str, message: &str) -> Vec<String> {
    let explanation = Pattern::parse(pattern).unwrap().explain(message);
    let show = |reason: &filter_pattern::Reason| {
        let note = reason.note.as_ref().map(|note| format!(" ({note})")).unwrap_or_default();
        format!("{}: {}{note}", &pattern[reason.span.clone()], reason.found.as_deref().unwrap_or("nothing"))
    };
    explanation.reasons.iter().map(show).collect()
}

#[test]
fn the_conditions_that_decide() {
    for (pattern, message, expected) in [
        ("{ $.a = x && $.b = 2 }", r#"{"a":"x","b":3}"#, vec!["$.b = 2: 3"]),
        ("{ $.a = x && $.b = 2 }", r#"{"a":"x","b":2}"#, vec!["$.a = x: \"x\"", "$.b = 2: 2"]),
        ("{ $.a = x || $.a = y }", r#"{"a":"z"}"#, vec!["$.a = x: \"z\"", "$.a = y: \"z\""]),
        ("{ $.a = x || $.a = y }", r#"{"a":"y"}"#, vec!["$.a = y: \"y\""]),
        ("{ ($.a = x || $.a = y) && ($.c NOT EXISTS) }", r#"{"a":"y","c":null}"#, vec!["$.c NOT EXISTS: null"]),
        ("{ $.a != x }", "{}", vec!["$.a != x: nothing (`!=` is false when the property is missing)"]),
        ("{ $.a = x }", r#"{"a":["x"]}"#, vec!["$.a = x: [\"x\"] (an object or array equals nothing and differs from nothing)"]),
        ("{ $.a[*] = x }", r#"{"a":["y", 1]}"#, vec!["$.a[*] = x: \"y\", 1"]),
        ("{ $.a = x }", "{\"a\":", vec!["$.a = x: nothing (the message is not JSON: expected a value at byte 5)"]),
        ("{ $.a = x }", "{} {}", vec!["$.a = x: nothing (something follows the JSON object at byte 2)"]),
        ("{ $.a = x }", "7", vec!["$.a = x: nothing (the message is no JSON object)"]),
        ("{ $.a = true && $.b = 1 }", r#"{"a":true,"b":1}"#, vec!["$.a = true: true"]),
        ("ERROR -debug", "ERROR debug", vec!["-debug: debug"]),
        ("ERROR -debug", "fine", vec!["ERROR: nothing"]),
        ("?a ?b", "b", vec!["?b: b"]),
        ("?a b", "x", vec!["b: nothing"]),
        ("[a = 1, b = 2]", "1 3", vec!["b = 2: 3"]),
        ("[a, b]", "1 2", vec!["[a, b]: nothing"]),
        ("%x+%", "axx", vec!["%x+%: nothing"]),
        ("[a, b, c]", "1 2", vec!["[a, b, c]: nothing (the message has fewer fields than the pattern)"]),
    ] {
        assert_eq!(reasons(pattern, message), expected, "{pattern} on {message}");
    }
}
