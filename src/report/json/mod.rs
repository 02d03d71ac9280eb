//! JSON for programs: types of their own, so that what is inside may change and the output does not.

pub mod apply;
pub mod audit;
pub mod backtest;
pub mod coverage;
pub mod doctor;
pub mod drift;
pub mod drill;
pub mod events;
pub mod library;
pub mod review;
pub mod v1;

use super::escape::is_hostile;

/// JSON on one line.
///
/// # Errors
/// See [`pretty`].
pub fn line(value: &impl serde::Serialize) -> std::io::Result<String> {
    serde_json::to_string(value).map(|text| harmless(&text)).map_err(std::io::Error::from)
}

/// JSON that people can read as well.
///
/// # Errors
/// The value has no form in JSON, such as a map whose keys are no text.
pub fn pretty(value: &impl serde::Serialize) -> std::io::Result<String> {
    serde_json::to_string_pretty(value).map(|text| harmless(&text)).map_err(std::io::Error::from)
}

/// JSON escapes what is below a blank; the rest that drives a terminal is only found inside of its texts.
fn harmless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c != '\n' && is_hostile(c) { out.push_str(&format!("\\u{:04x}", u32::from(c))) } else { out.push(c) }
    }
    out
}
