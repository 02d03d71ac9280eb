//! The JSON Schema of the YAML, from the types that read it.

use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use crate::detection::DetectionSection;
use crate::stack::StackSection;

/// The two kinds of file, and whichever of them it is.
#[derive(Debug, Clone, Copy)]
pub enum Document {
    Any,
    Detection,
    Stack,
}

/// The schema of a kind of file.
pub fn schema(document: Document) -> Value {
    let generator = SchemaSettings::draft2020_12().into_generator();
    let schema = match document {
        Document::Detection => generator.into_root_schema_for::<DetectionSection>(),
        Document::Stack => generator.into_root_schema_for::<StackSection>(),
        Document::Any => return any(),
    };
    let mut schema = schema.to_value();
    loosen(&mut schema, true);
    schema
}

/// A stack is told by its key `stack`.
fn any() -> Value {
    let mut definitions = serde_json::Map::new();
    for (name, document) in [("Detection", Document::Detection), ("Stack", Document::Stack)] {
        let mut root = schema(document);
        if let Some(Value::Object(inner)) = root.as_object_mut().and_then(|map| map.remove("$defs")) {
            definitions.extend(inner);
        }
        definitions.insert(name.to_owned(), root);
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "trailarm detection or stack",
        "if": { "required": ["stack"] },
        "then": { "$ref": "#/$defs/Stack" },
        "else": { "$ref": "#/$defs/Detection" },
        "$defs": definitions,
    })
}

/// As the loader does: text may be written as a plain scalar of any type, and `${…}` may stand for
/// any scalar or list.
fn loosen(schema: &mut Value, root: bool) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(|s| loosen(s, false)),
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                if !matches!(key.as_str(), "enum" | "required" | "const" | "pattern") {
                    loosen(inner, false);
                }
            }
            without_null(map);
            if !root && takes_scalar_or_list(map) && !map.contains_key("anyOf") {
                text_as_any_scalar(map);
                let strict = Value::Object(std::mem::take(map));
                *map =
                    json!({ "anyOf": [strict, { "type": "string", "pattern": r"\$\{[^{}]+\}" }] }).as_object().cloned().unwrap_or_default();
            }
        }
        _ => {}
    }
}

/// A key without a value is an error, not an absent key.
fn without_null(map: &mut serde_json::Map<String, Value>) {
    if let Some(Value::Array(types)) = map.get_mut("type") {
        types.retain(|t| t != "null");
    }
    if let Some(Value::Array(choices)) = map.get_mut("anyOf") {
        choices.retain(|c| c.get("type").is_none_or(|t| t != "null"));
    }
}

fn takes_scalar_or_list(map: &serde_json::Map<String, Value>) -> bool {
    let names = |t: &Value| t.as_str().is_some_and(|t| t != "object" && t != "null");
    match map.get("type") {
        Some(Value::Array(types)) => types.iter().any(names),
        Some(one) => names(one),
        None => false,
    }
}

fn text_as_any_scalar(map: &mut serde_json::Map<String, Value>) {
    if let Some(Value::Array(values)) = map.get_mut("enum") {
        let numbers: Vec<Value> = values.iter().filter_map(|v| v.as_str()?.parse::<u32>().ok().map(Value::from)).collect();
        values.extend(numbers);
    }
    let Some(types) = map.get_mut("type") else { return };
    let mut list = match types.take() {
        Value::Array(list) => list,
        one => vec![one],
    };
    if list.contains(&json!("string")) {
        list.extend([json!("number"), json!("boolean")]);
        list.dedup();
    }
    *types = Value::Array(list);
}
