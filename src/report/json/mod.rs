//! JSON for programs: types of their own, so that what is inside may change and the output does not.

pub mod v1;
