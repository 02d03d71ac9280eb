//! From the tree to types, telling every error and not only the first.
//!
//! serde stops at the first error. So: decode, take note of the error, take the entry that caused
//! it out of a copy of the tree, decode again, until it succeeds or nothing is left to take out.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::{Node, Span, Value};
use crate::finding::{Code, Finding, suggest};

/// More errors than this in one file help nobody.
const MOST_ERRORS: usize = 50;

/// Reads a node as a `T`.
///
/// # Errors
/// All that is wrong with it: unknown keys, wrong types, values out of range, missing keys.
pub fn decode<T: DeserializeOwned>(node: &Node) -> Result<T, Vec<Finding>> {
    let mut tree = node.clone();
    let mut findings = Vec::new();
    let mut taken: Vec<(Vec<Step>, String)> = Vec::new();
    while findings.len() < MOST_ERRORS {
        let error = match T::deserialize(Reader(&tree)) {
            Ok(value) if findings.is_empty() => return Ok(value),
            Ok(_) => break,
            Err(error) => error,
        };
        let path: Vec<Step> = error.path.iter().rev().cloned().collect();
        let follows = matches!(&error.what, What::Missing(key) if taken.contains(&(path.clone(), (*key).to_owned())));
        if !follows {
            findings.push(error.finding(&tree));
        }
        let Some((last, parent)) = path.split_last() else { break };
        if let Step::Key(key) = last {
            taken.push((parent.to_vec(), key.clone()));
        }
        if !take_out(&mut tree, parent, last) {
            break;
        }
    }
    findings.sort_by_key(|f| f.at.as_ref().map(|at| at.range.start));
    Err(findings)
}

/// Removes the last step of a path from the tree.
fn take_out(tree: &mut Node, parent: &[Step], last: &Step) -> bool {
    let mut here = tree;
    for step in parent {
        let next = match (&mut here.value, step) {
            (Value::Map(entries), Step::Key(key)) => entries.iter_mut().find(|(k, _)| k.text == *key).map(|(_, n)| n),
            (Value::List(items), Step::Item(i)) => items.get_mut(*i),
            _ => None,
        };
        let Some(next) = next else { return false };
        here = next;
    }
    match (&mut here.value, last) {
        (Value::Map(_), Step::Key(key)) => here.remove(key).is_some(),
        (Value::List(items), Step::Item(i)) if *i < items.len() => {
            items.remove(*i);
            true
        }
        _ => false,
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Key(String),
    Item(usize),
}

#[derive(Debug)]
enum What {
    UnknownKey { key: String, known: &'static [&'static str] },
    UnknownValue { value: String, known: &'static [&'static str] },
    Missing(&'static str),
    Other(String),
}

/// What went wrong, and the way to it, innermost step first.
#[derive(Debug)]
struct Error {
    what: What,
    at: Option<Span>,
    path: Vec<Step>,
}

impl Error {
    fn new(what: What) -> Self {
        Self { what, at: None, path: Vec::new() }
    }

    fn through(mut self, step: Step, span: &Span) -> Self {
        self.at.get_or_insert_with(|| span.clone());
        self.path.push(step);
        self
    }

    fn finding(self, root: &Node) -> Finding {
        let at = self.at.unwrap_or_else(|| root.locate(""));
        let finding = match self.what {
            What::UnknownKey { key, known } => {
                Finding::error(Code::UnknownKey, format!("there is no key `{key}` here")).help(suggest(&key, known.iter().copied()))
            }
            What::UnknownValue { value, known } => {
                Finding::error(Code::WrongValue, format!("`{value}` is none of the values this key takes"))
                    .help(suggest(&value, known.iter().copied()))
            }
            What::Missing(key) => {
                Finding::error(Code::MissingKey, format!("the key `{key}` is missing")).help(format!("add `{key}:` here"))
            }
            What::Other(message) => match message.split_once("\nhelp: ") {
                Some((message, help)) => Finding::error(Code::WrongValue, message).help(help),
                None => Finding::error(Code::WrongValue, message),
            },
        };
        finding.at(&at)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.what)
    }
}

impl std::error::Error for Error {}

impl serde::de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(What::Other(message.to_string()))
    }
    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        Self::new(What::UnknownKey { key: key.to_owned(), known })
    }
    fn unknown_variant(value: &str, known: &'static [&'static str]) -> Self {
        Self::new(What::UnknownValue { value: value.to_owned(), known })
    }
    fn missing_field(key: &'static str) -> Self {
        Self::new(What::Missing(key))
    }
}

impl Node {
    fn found(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Scalar { text, .. } if text.chars().count() > 40 => {
                format!("the text `{}…`", text.chars().take(40).collect::<String>())
            }
            Value::Scalar { text, plain: true } => format!("`{text}`"),
            Value::Scalar { text, .. } => format!("the text \"{text}\""),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a map".to_owned(),
        }
    }

    fn wrong<T>(&self, expected: &str) -> Result<T, Error> {
        let help = match expected {
            "a list" => "write `[a, b]`, or lines that start with `- `",
            "a map" => "write lines of `key: value`",
            "text" if matches!(self.value, Value::Map(_) | Value::List(_)) => {
                "write one text; one that begins with `{` or `[`, as patterns do, stands in single quotes: '{ … }'"
            }
            "text" => "write one value; put it in quotes if it holds `:` or `#`",
            "a value" => "write the value, `{}` for a map of defaults, or remove the key",
            "true or false" => "write `true` or `false`, without quotes",
            _ => "write it as a plain number, without quotes",
        };
        Err(Error::new(What::Other(format!("expected {expected}, found {}\nhelp: {help}", self.found()))))
    }

    fn text(&self, expected: &str) -> Result<&str, Error> {
        match &self.value {
            Value::Scalar { text, .. } => Ok(text),
            _ => self.wrong(expected),
        }
    }

    fn number<T: std::str::FromStr>(&self, expected: &str) -> Result<T, Error> {
        match &self.value {
            Value::Scalar { text, plain: true } => text.parse().or_else(|_| self.wrong(expected)),
            _ => self.wrong(expected),
        }
    }
}

macro_rules! whole_numbers {
    ($($method:ident $visit:ident $type:ty,)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.0.number::<$type>("a whole number")?)
        })*
    };
}

/// A node, for serde to read.
struct Reader<'de>(&'de Node);

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.value {
            Value::Null => visitor.visit_unit(),
            Value::Scalar { text, plain: true } => match text.as_str() {
                "true" => visitor.visit_bool(true),
                "false" => visitor.visit_bool(false),
                text if text.len() > 1 && text.trim_start_matches('-').starts_with('0') && !text.contains('.') => visitor.visit_str(text),
                text => match (text.parse::<u64>(), text.parse::<i64>(), finite(text)) {
                    (Ok(number), ..) => visitor.visit_u64(number),
                    (_, Ok(number), _) => visitor.visit_i64(number),
                    (.., Some(number)) => visitor.visit_f64(number),
                    _ => visitor.visit_str(text),
                },
            },
            Value::Scalar { text, .. } => visitor.visit_str(text),
            Value::List(_) => self.deserialize_seq(visitor),
            Value::Map(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.value {
            Value::Scalar { text, plain: true } if text == "true" => visitor.visit_bool(true),
            Value::Scalar { text, plain: true } if text == "false" => visitor.visit_bool(false),
            _ => self.0.wrong("true or false"),
        }
    }

    whole_numbers! {
        deserialize_i64 visit_i64 i64,
        deserialize_u64 visit_u64 u64,
        deserialize_u32 visit_u32 u32,
        deserialize_i32 visit_i32 i32,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let number = self.0.number::<f64>("a number")?;
        if number.is_finite() { visitor.visit_f64(number) } else { self.0.wrong("a finite number") }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.0.text("text")?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0.value {
            // `alarm:` with nothing behind it says neither "all defaults" nor "no alarm".
            Value::Null => self.0.wrong("a value"),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.value {
            Value::List(items) => visitor.visit_seq(Items { items, next: 0 }),
            _ => self.0.wrong("a list"),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &self.0.value {
            Value::Map(_) => visitor.visit_map(Entries { node: self.0, next: 0 }),
            _ => self.0.wrong("a map"),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, _: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(self, _: &'static str, known: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        let text = self.0.text(&format!("one of {}", known.join(", ")))?;
        visitor.visit_enum(Unit(text))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct identifier
    }
}

fn finite(text: &str) -> Option<f64> {
    let numeric = text.starts_with(|c: char| c.is_ascii_digit() || "+-.".contains(c));
    text.parse::<f64>().ok().filter(|n| numeric && n.is_finite())
}

/// A name that stands for a variant without content.
struct Unit<'a>(&'a str);

impl<'de> EnumAccess<'de> for Unit<'de> {
    type Error = Error;
    type Variant = Self;
    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Error> {
        Ok((seed.deserialize(StrDeserializer::new(self.0))?, self))
    }
}

impl<'de> VariantAccess<'de> for Unit<'de> {
    type Error = Error;
    fn unit_variant(self) -> Result<(), Error> {
        Ok(())
    }
    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Error> {
        Err(serde::de::Error::custom("this value takes no content"))
    }
    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("this value takes no content"))
    }
    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Error> {
        Err(serde::de::Error::custom("this value takes no content"))
    }
}

struct Items<'de> {
    items: &'de [Node],
    next: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = Error;
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        let Some(item) = self.items.get(self.next) else { return Ok(None) };
        let step = Step::Item(self.next);
        self.next += 1;
        seed.deserialize(Reader(item)).map(Some).map_err(|e| e.through(step, &item.locate("")))
    }
}

struct Entries<'de> {
    node: &'de Node,
    next: usize,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        let Some((key, _)) = self.node.entries().get(self.next) else { return Ok(None) };
        let step = Step::Key(key.text.clone());
        seed.deserialize(StrDeserializer::new(&key.text)).map(Some).map_err(|e: Error| e.through(step, &key.span))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let Some((key, value)) = self.node.entries().get(self.next) else {
            return Err(serde::de::Error::custom("a value without a key"));
        };
        self.next += 1;
        let at = match (&value.value, value.span.range.is_empty()) {
            (Value::Map(_) | Value::List(_) | Value::Null, _) | (_, true) => &key.span,
            _ => &value.span,
        };
        seed.deserialize(Reader(value)).map_err(|e| e.through(Step::Key(key.text.clone()), at))
    }
}
