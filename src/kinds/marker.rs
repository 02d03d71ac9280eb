//! The line that says an alarm is ours: the last of its description, read by the responder too.
//!
//! `managed by trailarm · stack account-baseline · api-gateway-abuse/rest-api-built.yaml · 1f3a9c20`
//!
//! The last word is the fingerprint of the definition that was applied. It is not compared; it
//! tells, without a call per alarm, whether the tags can have changed.

use sha2::{Digest, Sha256};

use crate::state::{Attributes, text};

const START: &str = "managed by trailarm · stack ";

/// Who manages an alarm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marker {
    pub stack: String,
    /// The file of the detection.
    pub file: String,
    pub fingerprint: String,
}

impl Marker {
    /// The marker as the property `managed_by`.
    pub fn managed_by(stack: &str, file: &str) -> String {
        format!("{stack} · {file}")
    }

    /// The line for a description.
    pub fn line(managed_by: &str, fingerprint: &str) -> String {
        format!("{START}{managed_by} · {fingerprint}")
    }

    /// Splits a description into the user's text and the marker.
    pub fn split(description: &str) -> (String, Option<Self>) {
        let (text, last) = description.trim_end().rsplit_once('\n').unwrap_or(("", description.trim_end()));
        match Self::parse(last) {
            Some(marker) => (text.trim_end().to_owned(), Some(marker)),
            None => (description.trim_end().to_owned(), None),
        }
    }

    fn parse(line: &str) -> Option<Self> {
        let mut parts = line.strip_prefix(START)?.split(" · ");
        let (stack, file) = (parts.next()?, parts.next()?);
        let fingerprint = parts.next().unwrap_or_default();
        let whole = parts.next().is_none();
        whole.then(|| Self { stack: stack.to_owned(), file: file.to_owned(), fingerprint: fingerprint.to_owned() })
    }
}

/// Whether the property `managed_by` names this stack.
pub fn is_ours(attributes: &Attributes, stack: &str) -> bool {
    text(attributes, "managed_by").split_once(" · ").is_some_and(|(owner, _)| owner == stack)
}

/// The first 8 hexadecimal digits of the SHA-256 of the properties as JSON.
pub fn fingerprint(attributes: &Attributes) -> String {
    let json = serde_json::to_vec(attributes).unwrap_or_default();
    Sha256::digest(&json).iter().take(4).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_is_read_back_and_other_text_is_not_one() {
        let managed_by = Marker::managed_by("base", "pack/a.yaml");
        let line = Marker::line(&managed_by, "0a1b2c3d");
        let marker = Marker { stack: "base".into(), file: "pack/a.yaml".into(), fingerprint: "0a1b2c3d".into() };
        for (description, text, found) in [
            (format!("Text.\nRunbook: x\n{line}"), "Text.\nRunbook: x", Some(marker.clone())),
            (line.clone(), "", Some(marker)),
            (format!("{line}\nmore"), format!("{line}\nmore").as_str(), None),
            ("managed by hand".to_owned(), "managed by hand", None),
            (String::new(), "", None),
        ] {
            assert_eq!(Marker::split(&description), (text.to_owned(), found), "{description}");
        }
    }
}
