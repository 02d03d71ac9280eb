//! All that people see. The only code that writes for them; every value passes the one `escape`.

mod apply;
mod document;
mod escape;
mod events;
mod findings;
mod github;
pub mod json;
mod junit;
mod lines;
mod plan;
mod progress;
mod sarif;
mod terminal;
mod tree;

pub use apply::apply_report;
pub use document::{Block, Document, Piece, Row, Shown, Tone};
pub use escape::escape;
pub use events::{explanation, table};
pub use findings::{findings, findings_only};
pub use github::github;
pub use junit::junit;
pub use lines::on_lines;
pub use plan::{Options, plan, summary};
pub use progress::Progress;
pub use sarif::sarif;
pub use terminal::write;
pub use tree::syntax_tree;
