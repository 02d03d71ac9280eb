//! All that people see. The only code that writes for them; every value passes the one `escape`.

mod apply;
mod document;
mod escape;
mod findings;
mod plan;
mod progress;
mod terminal;

pub use apply::apply_report;
pub use document::{Block, Document, Piece, Row, Shown, Tone};
pub use escape::escape;
pub use findings::findings;
pub use plan::{Options, plan, summary};
pub use progress::Progress;
pub use terminal::write;
