//! CloudWatch Logs filter patterns: prepare them for deployment, check their outer form, write
//! them from parts.
//!
//! ```
//! use filter_pattern::{Family, check, prepare};
//!
//! let pattern = prepare("\n  { ($.eventName = \"CreateRestApi\") &&\n    ($.errorCode NOT EXISTS) }\n");
//! assert_eq!(pattern, r#"{ ($.eventName = "CreateRestApi") && ($.errorCode NOT EXISTS) }"#);
//! assert_eq!(check(&pattern).unwrap().family, Family::Json);
//!
//! let error = check(r#"{ ($.eventName = "CreateRestApi) }"#).unwrap_err();
//! assert_eq!(error.to_string(), "this quote is never closed");
//! assert_eq!(error.span, 17..18);
//! ```
//!
//! Patterns are written from conditions, so that quoting and precedence are right:
//!
//! ```
//! use filter_pattern::Condition;
//!
//! let clause = Condition::all([
//!     Condition::equals("$.eventSource", "lambda.amazonaws.com"),
//!     Condition::any([
//!         Condition::equals("$.eventName", "CreateFunction2*"),
//!         Condition::equals("$.eventName", "PublishVersion2*"),
//!     ]),
//!     Condition::missing("$.errorCode"),
//! ]);
//! assert_eq!(
//!     clause.to_pattern(),
//!     r#"{ ($.eventSource = "lambda.amazonaws.com") && (($.eventName = "CreateFunction2*") || ($.eventName = "PublishVersion2*")) && ($.errorCode NOT EXISTS) }"#
//! );
//! ```
//!
//! What this version does not do: parse the inside of a pattern, or evaluate one.
#![warn(missing_docs)]

mod check;
mod condition;
mod prepare;
mod scan;

pub use check::{Family, MAX_LENGTH, MAX_REGEXES, Outline, SyntaxError, check};
pub use condition::{Condition, narrow};
pub use prepare::prepare;
