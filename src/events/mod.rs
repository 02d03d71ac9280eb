//! Events in files: `.json`, `.jsonl`, `{"Records": […]}`, gzip, tar. Bytes in, records out; what is
//! wrong is told with file and place, and the rest goes on.

mod files;
mod gate;
mod pieces;
mod records;
mod unpack;

pub use files::{find, standard_input};
pub use gate::Gate;
pub use records::{Texts, Visitor, visit};
pub use unpack::{OnRead, Part, Unpacker};

use crate::finding::{Code, Finding};

/// What is wrong with a file of events.
fn trouble(name: &str, message: impl std::fmt::Display) -> Finding {
    Finding::error(Code::BadEvents, format!("{name}: {message}"))
}
