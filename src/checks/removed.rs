//! TA202, as a warning: `removed:` names something that is not the stack's, so it stays.

use crate::finding::{Code, Finding};
use crate::stack::Compiled;
use crate::state::Live;

pub(super) fn removed(live: &Live, compiled: &Compiled) -> Vec<Finding> {
    let kept = live.foreign.iter().filter(|address| compiled.removed.contains(address));
    kept.map(|address| {
        Finding::warning(Code::Conflict, format!("{address} is listed under `removed`, but it is not this stack's: it stays"))
            .help("delete it by hand, or adopt it first (`adopt: true`)")
    })
    .collect()
}
