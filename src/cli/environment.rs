//! What the environment says, beside the `TRAILARM_…` variables of flags: where CI runs us, and its tokens.

/// A variable that is set to something.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A variable that says yes.
pub(super) fn is_on(name: &str) -> bool {
    variable(name).is_some_and(|value| value == "true" || value == "1")
}
