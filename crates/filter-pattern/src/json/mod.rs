//! JSON events: read once, strictly, and only the values that selectors name are kept.

pub(crate) mod program;
pub(crate) mod scan;
pub(crate) mod slots;
pub(crate) mod value;
