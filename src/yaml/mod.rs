//! YAML with positions: text → [`Node`] tree → typed values, or every error of the file at once.
//!
//! `serde_yaml` parses; the tree keeps where each key and value stands and each scalar as it was
//! written, so that `012345678901` keeps its zero and `no` stays text. The tree is what overrides
//! and parameters work on; only then is it decoded into the types of a detection or a stack.

mod decode;
mod inside;
mod json;
mod node;
mod source;
mod substitute;
pub mod typed;

pub use decode::decode;
pub use node::{Key, Node, Value};
pub use source::{Source, Span};
pub use substitute::{Variables, substitute};
