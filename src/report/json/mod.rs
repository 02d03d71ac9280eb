//! JSON for programs: types of their own, so that what is inside may change and the output does not.

pub mod audit;
pub mod coverage;
pub mod events;
pub mod library;
pub mod v1;

/// JSON that people can read as well.
///
/// # Errors
/// The value has no form in JSON, such as a map whose keys are no text.
pub fn pretty(value: &impl serde::Serialize) -> std::io::Result<String> {
    serde_json::to_string_pretty(value).map_err(std::io::Error::from)
}
