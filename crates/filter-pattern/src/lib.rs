//! x
#![warn(missing_docs)]

pub mod ast;
mod compare;
mod condition;
mod error;
mod glob;
mod json;
mod number;
mod parse;
mod pattern;
mod prepare;
mod regex;
mod scan;
mod space;
mod verdict;

pub use condition::{Condition, narrow};
pub use error::SyntaxError;
pub use glob::Glob;
pub use json::scan::Malformed;
pub use number::Number;
pub use parse::{MAX_LENGTH, MAX_REGEXES};
pub use pattern::{Family, Pattern};
pub use prepare::prepare;
pub use regex::Regex;
pub use verdict::{Doubt, Rule, Verdict};
