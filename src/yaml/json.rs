//! A YAML node as JSON text, each number as it is written.

use std::fmt::Write;

use super::{Node, Value};

impl Node {
    /// The node as CloudTrail would have written it.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        write_json(self, &mut out);
        out
    }
}

fn write_json(node: &Node, out: &mut String) {
    match &node.value {
        Value::Null => out.push_str("null"),
        Value::Scalar { text, plain: true } if is_json_scalar(text) => out.push_str(text),
        Value::Scalar { text, plain: true } if ["~", "null"].contains(&text.as_str()) => out.push_str("null"),
        Value::Scalar { text, .. } => quote(text, out),
        Value::List(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                write_json(item, out);
            }
            out.push(']');
        }
        Value::Map(entries) => {
            out.push('{');
            for (i, (key, value)) in entries.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                quote(&key.text, out);
                out.push(':');
                write_json(value, out);
            }
            out.push('}');
        }
    }
}

/// true, false, or a number in JSON's own spelling.
fn is_json_scalar(text: &str) -> bool {
    let number = text.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    ["true", "false"].contains(&text) || (number && serde_json::from_str::<serde_json::Number>(text).is_ok())
}

fn quote(text: &str, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = write!(out, "{}", serde_json::Value::from(text));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::yaml::Source;

    #[test]
    fn numbers_stay_as_they_are_written_and_the_rest_is_text() {
        let yaml =
            "a: 1.0\nb: 012345678901\nc: [true, 'true', no, ~, null, '']\nd: {e: 1e3, f: +1, g: \"x\\ty\", h: }\ni: .5\nj: 2026-11-25";
        let tree = Node::parse(&Arc::new(Source { name: "x.yaml".to_owned(), text: yaml.to_owned() })).unwrap();
        assert_eq!(
            tree.to_json(),
            r#"{"a":1.0,"b":"012345678901","c":[true,"true","no",null,null,""],"d":{"e":1e3,"f":"+1","g":"x\ty","h":null},"i":".5","j":"2026-11-25"}"#
        );
    }
}
