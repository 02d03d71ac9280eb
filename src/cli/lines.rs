//! Lines of JSON in, one object each.

use std::io::BufRead;

use serde::de::DeserializeOwned;

use super::Answer;
use super::failure::Failure;
use crate::finding::{Code, Finding};

/// Calls `each` with every object. A line that is none is told, and the rest goes on.
///
/// # Errors
/// Some line was no such object, after all others were answered; or the streams fail.
pub(super) fn each_object<T: DeserializeOwned>(
    input: &mut impl BufRead,
    mut each: impl FnMut(T) -> Result<(), Failure>,
) -> Result<Answer, Failure> {
    let mut wrong = Vec::new();
    let mut bytes = Vec::new();
    for number in 1.. {
        bytes.clear();
        if input.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice(&bytes) {
            Ok(object) => each(object)?,
            Err(error) => {
                let finding = Finding::error(Code::BadEvents, format!("standard input:{number}:{}: {}", error.column(), reason(&error)));
                wrong.push(finding.help("one JSON object a line; the line was left out"));
            }
        }
    }
    if wrong.is_empty() { Ok(Answer::Yes) } else { Err(wrong.into()) }
}

/// serde's words without its own "at line 1 column 5".
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}
