//! What is refused, where the caret points, and what to write instead.

#![expect(clippy::unwrap_used, reason = "a test may fail by panicking")]

use filter_pattern::Pattern;

/// The message and the text it points at.
#[track_caller]
fn refused(pattern: &str, expected: &[(&str, &str)]) {
    let errors = Pattern::parse(pattern).unwrap_err();
    let told: Vec<_> = errors.iter().map(|error| (error.to_string(), &pattern[error.span.clone()])).collect();
    let told: Vec<_> = told.iter().map(|(message, at)| (message.as_str(), *at)).collect();
    assert_eq!(told, expected, "{pattern}");
    assert!(errors.iter().all(|error| error.hint().is_some_and(|hint| !hint.is_empty())), "{errors:?}");
}

#[test]
fn json_patterns() {
    for (pattern, message, at) in [
        ("{ }", "a condition is missing, found `}`", "}"),
        ("{", "a condition is missing, found the end of the pattern", ""),
        ("{ $.a = 1", "the `{` at the start is never closed", ""),
        ("{ $.a = 1 } x", "nothing may follow the closing `}`", "x"),
        ("{ $.a = 1) }", "this `)` closes nothing", ")"),
        ("{ ($.a = 1 }", "this `(` is never closed", "("),
        ("{ $.a = 1 || }", "a condition is missing, found `}`", "}"),
        ("{ && $.a = 1 }", "a condition is missing before the operator", "&"),
        ("{ $.a = 1 & $.b = 2 }", "a single `&` or `|` joins nothing", "&"),
        ("{ $.a = 1, $.b = 2 }", "a comma joins nothing here", ","),
        ("{ $.a = 1 $.b = 2 }", "expected `&&`, `||` or `}`, found `$.b`", "$"),
        ("{ $.a = two words }", "expected `&&`, `||` or `}`, found `words`", "w"),
        ("{ a.b = 1 }", "a selector starts with `$.`, found `a.b`", "a"),
        ("{ $ = 1 }", "the selector names nothing", "$"),
        ("{ $.\"a-b\" = 1 }", "a name is not quoted here", "\""),
        ("{ $['a.b'] = 1 }", "a bracket cannot follow `$` directly", "["),
        ("{ $.[\"a.b\"] = 1 }", "a name in brackets stands in single quotes", "\""),
        ("{ $.['a.b = 1 }", "this name in brackets is not closed by `']`", ""),
        ("{ $.a:b = 1 }", "invalid character in a selector: `:`", ":"),
        ("{ $.a[x] = 1 }", "an index is a number or `*`", "x"),
        ("{ $.a[2147483648] = 1 }", "the index is too large", "2147483648"),
        ("{ $.*.* = 1 }", "a selector may hold one wildcard", "$.*.*"),
        ("{ $.a[*]=1 || $.b[*]=1 || $.c[*]=1 || $.d[*]=1 }", "a pattern may hold 3 selectors with a wildcard", "$.d[*]=1"),
        ("{ $.a =  }", "a value is missing, found `}`", "}"),
        ("{ $.a == 1 }", "there is no operator `==`", "="),
        ("{ $.a IS NOT NULL }", "`IS NOT` is not supported", "IS NOT"),
        ("{ $.a EXISTS }", "`EXISTS` is not supported", "EXISTS "),
        ("{ $.a is null }", "keywords are written in upper case", "is null"),
        ("{ $.a IS 5 }", "`IS` is followed by NULL, TRUE or FALSE", "IS "),
        ("{ $.a IN (1, 2) }", "there is no such operator", "IN "),
        ("{ !($.a = 1) }", "there is no `!` before a condition", "!"),
        ("{ NOT ($.a = 1) }", "there is no `NOT` before a condition", "N"),
        ("{ $.a = null }", "`null` is no value to compare with", "null"),
        ("{ $.a = 'x' }", "single quotes are no quotes here", "'"),
        ("{ $.a = $.b }", "a value cannot be compared with another field", "$"),
        ("{ $.a = arn:aws }", "invalid character in an unquoted value: `:`", ":"),
        ("{ $.a = 1E3 }", "a number is written with a lower-case `e`", "1E3"),
        ("{ $.a > \"5\" }", "`>` compares with an unquoted number only", "\"5\""),
        ("{ $.a = \"x\\n\" }", "a backslash escapes only `\"` and `\\`", "\\"),
        ("{ $.a = \"x }", "this quote is never closed", "\""),
        ("{ $.a = %x }", "this `%` of a regular expression is never closed", "%"),
        ("{ $.a = %(x)% }", "regular expressions of filter patterns have no groups", "("),
        ("{ $.a = %a% || $.b = %b% || $.c = %c% }", "a pattern may hold 2 regular expressions", "%c%"),
    ] {
        let errors = Pattern::parse(pattern).unwrap_err();
        let first = &errors[0];
        let found = (first.to_string(), pattern[first.span.clone()].chars().take(10).collect::<String>());
        assert_eq!((found.0.as_str(), found.1.as_str()), (message, at.chars().take(10).collect::<String>().as_str()), "{pattern}");
        assert!(errors.iter().all(|error| error.hint().is_some_and(|hint| !hint.is_empty())), "{errors:?}");
    }
    let long = format!("{{ $.a = \"{}\" }}", "é".repeat(1020));
    let start = long.char_indices().nth(1024).map_or(0, |(i, _)| i);
    refused(&long, &[("the pattern has 1032 characters, 1024 are allowed", &long[start..])]);
    // Blanks at the ends do not count: they are trimmed before the pattern is deployed.
    assert!(Pattern::parse(&format!(" {}\n", "x".repeat(1024))).is_ok());
    let deep = format!("{{ {}$.a = 1{} }}", "(".repeat(200), ")".repeat(200));
    assert_eq!(Pattern::parse(&deep).unwrap_err()[0].to_string(), "the brackets are nested too deep");
}

#[test]
fn all_errors_of_a_pattern_are_told() {
    refused(
        "{ ($.a == 1) && (b = 2) || ($.c = 'x' && $.d IS FALSE) }",
        &[("there is no operator `==`", "="), ("a selector starts with `$.`, found `b`", "b"), ("single quotes are no quotes here", "'")],
    );
    refused("foo.bar time-out ok", &[("invalid character in a term: `.`", "."), ("invalid character in a term: `-`", "-")]);
    refused("[1a, b = 'x', b]", &[("a field cannot be called `1a`", "1a"), ("single quotes are no quotes here", "'")]);
}

#[test]
fn terms() {
    for (pattern, message, at) in [
        ("?Status: x", "invalid character in a term: `:`", ":"),
        ("ERR*", "invalid character in a term: `*`", "*"),
        ("'a b'", "invalid character in a term: `'`", "'"),
        ("- \"x\"", "the sign stands alone", "-"),
        ("a\"b\"", "invalid character in a term: `\"`", "\""),
        ("\"a\"b", "`b` follows a term without a blank", "b"),
        ("\"a", "this quote is never closed", "\""),
        ("ERROR %x%", "a regular expression beside other terms is not documented", "%"),
        ("-%x%", "a regular expression with a sign is not documented", "%"),
        ("%x% ERROR", "a regular expression beside other terms is not documented", "E"),
        ("%%", "the regular expression is empty", ""),
    ] {
        let errors = Pattern::parse(pattern).unwrap_err();
        assert_eq!((errors[0].to_string().as_str(), &pattern[errors[0].span.clone()]), (message, at), "{pattern}");
    }
}

#[test]
fn space_delimited_patterns() {
    refused("[a, b", &[("the `[` at the start is never closed", "")]);
    refused("[a] x", &[("nothing may follow the closing `]`", "x")]);
    refused("[a, a]", &[("two fields are called `a`", "a")]);
    refused("[..., a, ...]", &[("a pattern may hold one `...`", "")]);
    refused("[a = 1 && b = 2]", &[("`b` is compared in the entry of `a`", "b")]);
    refused("[a & b]", &[("expected `,` or `]`, found `&`", "&")]);
    refused("[a > x]", &[("`>` compares with an unquoted number only", "x")]);
    refused("[a = 1 || a]", &[("an operator is missing, found `]`", "]")]);
    refused("[a b]", &[("expected `,` or `]`, found `b`", "b")]);
}
