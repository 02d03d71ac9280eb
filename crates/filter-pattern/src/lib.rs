//! CloudWatch Logs filter patterns, offline: read them with every error at its place, say what AWS
//! would say of a message and why, evaluate many at once, and write them.
//!
//! ```
//! use filter_pattern::{Pattern, Verdict};
//!
//! let pattern = Pattern::parse(r#"{ ($.eventSource = "lambda.amazonaws.com") && ($.eventName = "CreateFunction2*") && ($.errorCode NOT EXISTS) }"#)?;
//! assert_eq!(pattern.eval(r#"{"eventSource": "lambda.amazonaws.com", "eventName": "CreateFunction20150331"}"#), Verdict::Match);
//!
//! let refused = r#"{"eventSource": "lambda.amazonaws.com", "eventName": "CreateFunction20150331", "errorCode": "AccessDenied"}"#;
//! let explanation = pattern.explain(refused);
//! assert_eq!(explanation.verdict, Verdict::NoMatch);
//! assert_eq!(explanation.reasons[0].found.as_deref(), Some(r#""AccessDenied""#));
//! # Ok::<(), Vec<filter_pattern::SyntaxError>>(())
//! ```
//!
//! A pattern that AWS would refuse is refused here, with all that is wrong with it:
//!
//! ```
//! use filter_pattern::Pattern;
//!
//! let errors = Pattern::parse(r#"{ ($.eventName == "Login") && (eventSource = x) }"#).unwrap_err();
//! let told: Vec<_> = errors.iter().map(|e| (e.to_string(), e.span.clone(), e.hint().unwrap())).collect();
//! assert_eq!(told[0], ("there is no operator `==`".to_owned(), 15..16, "write `=`"));
//! assert_eq!(told[1], ("a selector starts with `$.`, found `eventSource`".to_owned(), 31..32, "write `$.eventSource`"));
//! ```
//!
//! Where neither AWS's documentation nor anybody's observation says what the service does, the
//! verdict is [`Verdict::Uncertain`]: it names the question, its readings, and the rewrite that
//! removes the doubt. It never becomes true or false in silence.
//!
//! ```
//! use filter_pattern::{Pattern, Rule, Verdict};
//!
//! let pattern = Pattern::parse(r#"{ $.roleName = "ci*deploy" }"#)?;
//! let Verdict::Uncertain(doubt) = pattern.eval(r#"{"roleName": "ci-main-deploy"}"#) else { panic!() };
//! assert_eq!(doubt.rule, Rule::StarInside);
//! assert_eq!(doubt.rule.rewrite(), "use a regular expression, `%^a.*b$%`, or a `*` at the end only");
//! # Ok::<(), Vec<filter_pattern::SyntaxError>>(())
//! ```
//!
//! Many patterns are evaluated together: one pass over the bytes of an event for all JSON patterns, one
//! for all terms:
//!
//! ```
//! use filter_pattern::{Pattern, PatternSet};
//!
//! let set = PatternSet::new([Pattern::parse(r#"{ $.eventName = "CreateUser" }"#)?, Pattern::parse("?Create ?Delete")?]);
//! let mut matcher = set.matcher();
//! let hits: Vec<usize> = matcher.eval(r#"{"eventName": "CreateUser"}"#).iter().map(|(index, _)| *index).collect();
//! assert_eq!(hits, [0, 1]);
//! # Ok::<(), Vec<filter_pattern::SyntaxError>>(())
//! ```
//!
//! # The language
//!
//! A pattern has at most 1,024 characters. Its first character says which family it is of.
//!
//! **Terms**, over any text; case matters, and a term is found inside words too:
//!
//! | pattern | matches messages |
//! |---|---|
//! | `` (empty), `" "` | all |
//! | `ERROR` | with `ERROR` anywhere |
//! | `ERROR timeout` | with both |
//! | `"time out"` | with the phrase; needed for anything but letters, digits and `_`; `\"` and `\\` are escapes |
//! | `?ERROR ?WARN` | with one of them; beside any other term, `?` terms are ignored |
//! | `ERROR -DEBUG` | with the first and without the second |
//! | `%^\d{3} %` | where the regular expression is found; alone, not beside other terms |
//!
//! **JSON**, over messages that are one JSON object:
//!
//! | part | what it is |
//! |---|---|
//! | `$.a.b`, `$.a[0].b`, `$.['a.b']` | a selector; names of letters, digits, `_`, `-`; others in brackets |
//! | `$.a[*].b`, `$.*` | one wildcard a selector, three such selectors a pattern |
//! | `= "text"`, `!= "text"` | the whole value; `*` at either end stands for anything; a number is compared by its text |
//! | `= 400`, `!= 400`, `<`, `<=`, `>`, `>=` | a number by its value: `-5`, `+1000`, `55.5`, `1e-3` |
//! | `= %regex%`, `!= %regex%` | a search; two a pattern |
//! | `IS NULL`, `IS TRUE`, `IS FALSE` | the JSON literal, not a text |
//! | `NOT EXISTS` | the property is missing; null exists |
//! | `&&`, `\|\|`, `( )` | `&&` binds first |
//!
//! Every comparison with a missing property is false, `!=` too; so is every comparison with an object
//! or an array.
//!
//! **Space-delimited**, over messages of fields: `[ip, user, ..., status = 4*, bytes > 1000]`. Text in
//! `"…"` or `[…]` is one field. `...` stands for any number of fields; without it, the last entry takes
//! the rest of the line. An entry compares only itself: `status = 404 || status = 410`.
//!
//! **Regular expressions** know letters, digits, blank and `:_#=@/;,-`, the operators
//! `^ $ . | ? * + {m,n} [ ] [^ ]`, the classes `\d \D \s \S \w \W`, `\xhh`, and a backslash before an
//! operator. There are no groups: `|` spans the whole expression.
//!
//! # Sources
//!
//! The rules follow AWS's user guide ("Filter pattern syntax for metric filters") and published
//! observations of the service; `tests/vectors` holds known answers, each with its source.
#![warn(missing_docs)]
#![forbid(unsafe_code)]

pub mod ast;
mod compare;
mod condition;
mod display;
mod error;
mod explain;
mod extract;
mod glob;
mod hint;
mod json;
mod mutate;
mod number;
mod parse;
mod pattern;
mod prepare;
mod regex;
mod scan;
mod set;
mod space;
mod terms;
mod verdict;

pub use condition::{Condition, narrow};
pub use error::SyntaxError;
pub use explain::{Explanation, Note, Reason};
pub use extract::{Extracted, Source};
pub use glob::Glob;
pub use hint::Hints;
pub use json::scan::{Malformed, json_end};
pub use number::Number;
pub use parse::{MAX_LENGTH, MAX_REGEXES};
pub use pattern::{Family, Pattern};
pub use prepare::prepare;
pub use regex::Regex;
pub use set::{Matcher, PatternSet};
pub use verdict::{Doubt, Rule, Verdict};

/// The examples of the README are tests.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
