//! The three protocols of the SDK's services, to and from JSON values.

use aws_smithy_cbor::data::Type;
use aws_smithy_cbor::{Decoder, Encoder};
use aws_smithy_types::DateTime;
use serde_json::{Map, Value, json};

/// CBOR (CloudWatch) → JSON.
pub(crate) fn from_cbor(bytes: &[u8]) -> Value {
    if bytes.is_empty() { json!({}) } else { value(&mut Decoder::new(bytes)) }
}

fn value(decoder: &mut Decoder<'_>) -> Value {
    match decoder.datatype().expect("a CBOR value") {
        Type::Map | Type::MapIndef => {
            let mut map = Map::new();
            let length = decoder.map().expect("a map");
            while length.is_none_or(|n| (map.len() as u64) < n) && decoder.datatype().expect("an entry") != Type::Break {
                let key = decoder.str().expect("a key").into_owned();
                map.insert(key, value(decoder));
            }
            if length.is_none() {
                decoder.skip().expect("a break");
            }
            Value::Object(map)
        }
        Type::Array | Type::ArrayIndef => {
            let mut items = Vec::new();
            let length = decoder.list().expect("a list");
            while length.is_none_or(|n| (items.len() as u64) < n) && decoder.datatype().expect("an item") != Type::Break {
                items.push(value(decoder));
            }
            if length.is_none() {
                decoder.skip().expect("a break");
            }
            Value::Array(items)
        }
        Type::String | Type::StringIndef => json!(decoder.string().expect("text")),
        Type::Bool => json!(decoder.boolean().expect("a truth value")),
        Type::F16 | Type::F32 | Type::F64 => json!(decoder.double().expect("a number")),
        Type::Tag => json!(decoder.timestamp().expect("a time").as_secs_f64()),
        Type::Null => {
            decoder.null().expect("null");
            Value::Null
        }
        _ => json!(decoder.long().expect("a whole number")),
    }
}

/// JSON → CBOR.
pub(crate) fn to_cbor(value: &Value) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    encode(value, &mut encoder);
    encoder.into_writer()
}

fn encode(value: &Value, encoder: &mut Encoder) {
    match value {
        Value::Null => drop(encoder.null()),
        Value::Bool(b) => drop(encoder.boolean(*b)),
        Value::Number(n) if n.is_f64() => drop(encoder.double(n.as_f64().unwrap_or_default())),
        Value::Number(n) => drop(encoder.long(n.as_i64().unwrap_or_default())),
        Value::String(s) => drop(encoder.str(s)),
        Value::Array(items) => {
            encoder.array(items.len());
            items.iter().for_each(|item| encode(item, encoder));
        }
        Value::Object(map) if map.contains_key("$timestamp") => {
            encoder.timestamp(&DateTime::from_secs_f64(map["$timestamp"].as_f64().unwrap_or_default()));
        }
        Value::Object(map) => {
            encoder.map(map.len());
            for (key, item) in map {
                encoder.str(key);
                encode(item, encoder);
            }
        }
    }
}

/// A form (SNS, STS) → a flat JSON object.
pub(crate) fn from_form(body: &[u8]) -> Value {
    let text = String::from_utf8_lossy(body);
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    Value::Object(pairs.map(|(key, value)| (unescape(key), Value::String(unescape(value)))).collect())
}

pub(crate) fn unescape(text: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let hex: String = bytes.by_ref().take(2).map(char::from).collect();
                out.push(u8::from_str_radix(&hex, 16).expect("two hexadecimal digits"));
            }
            other => out.push(other),
        }
    }
    String::from_utf8(out).expect("UTF-8")
}

/// `Attributes.entry.1.key=…`, `Tags.member.1.Key=…` → pairs.
pub(crate) fn pairs(form: &Value, prefix: &str, key: &str, value: &str) -> Vec<(String, String)> {
    let text = |name: String| form.get(name).and_then(Value::as_str).map(str::to_owned);
    (1..).map_while(|i| Some((text(format!("{prefix}.{i}.{key}"))?, text(format!("{prefix}.{i}.{value}")).unwrap_or_default()))).collect()
}

/// Text inside XML.
pub(crate) fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
