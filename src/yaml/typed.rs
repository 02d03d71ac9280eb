//! Scalars with limits, each limit said once: the loader and the JSON Schema both read it here.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};

/// Text with a length in characters and an alphabet.
macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $length:expr, $pattern:literal, $allowed:expr, $hint:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub String);

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as ::serde::Deserialize>::deserialize(deserializer)?;
                $crate::yaml::typed::check_text(&text, $length, $allowed, $hint).map_err(::serde::de::Error::custom)?;
                Ok(Self(text))
            }
        }

        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({ "type": "string", "minLength": $length.start(), "maxLength": $length.end(), "pattern": $pattern })
            }
        }
    };
}
pub(crate) use text;

/// For a list that says nothing when it is empty: leaving the key out says that.
pub(crate) fn at_least_one<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<Vec<T>>, D::Error> {
    let list = Option::<Vec<T>>::deserialize(deserializer)?;
    match list {
        Some(list) if list.is_empty() => Err(de::Error::custom("the list is empty\nhelp: name at least one, or leave the key out")),
        list => Ok(list),
    }
}

/// A whole number in a range.
macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $range:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let number = <u32 as ::serde::Deserialize>::deserialize(deserializer)?;
                if $range.contains(&number) {
                    return Ok(Self(number));
                }
                Err(::serde::de::Error::custom(format!(
                    "{number} is out of range\nhelp: choose a number from {} to {}",
                    $range.start(),
                    $range.end()
                )))
            }
        }

        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({ "type": "integer", "minimum": $range.start(), "maximum": $range.end() })
            }
        }
    };
}
pub(crate) use number;

pub(crate) fn check_text(
    text: &str,
    length: std::ops::RangeInclusive<usize>,
    allowed: impl Fn(char) -> bool,
    hint: &str,
) -> Result<(), String> {
    let count = text.chars().count();
    if !length.contains(&count) {
        let (least, most) = (length.start(), length.end());
        return Err(format!(
            "{count} characters are too {}\nhelp: {least} to {most} are allowed",
            if count < *least { "few" } else { "many" }
        ));
    }
    match text.chars().find(|c| !allowed(*c)) {
        Some(wrong) => Err(format!("`{}` is not allowed here\nhelp: {hint}", wrong.escape_default())),
        None => Ok(()),
    }
}

/// Seconds, written `90s`, `5m`, `1h`, `1d` or as a bare number of seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seconds(pub u32);

impl std::str::FromStr for Seconds {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let unit = match &text[digits.len()..] {
            "" | "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            _ => return Err(not_a_duration(text)),
        };
        let number: u32 = digits.parse().map_err(|_| not_a_duration(text))?;
        number.checked_mul(unit).map(Self).ok_or_else(|| format!("`{text}` is too long a time"))
    }
}

fn not_a_duration(text: &str) -> String {
    format!("`{text}` is no length of time\nhelp: write it as `30s`, `5m`, `1h` or `1d`")
}

impl<'de> Deserialize<'de> for Seconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl JsonSchema for Seconds {
    fn schema_name() -> Cow<'static, str> {
        "Seconds".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "30s, 5m, 1h, 1d or a number of seconds",
            "anyOf": [{ "type": "integer", "minimum": 0 }, { "type": "string", "pattern": "^[0-9]+[smhd]?$" }] })
    }
}

/// Text that is one of a list.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident, [$($value:literal),* $(,)?]) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(pub String);

        impl $name {
            pub(crate) const VALUES: &'static [&'static str] = &[$($value),*];
        }

        impl<'de> ::serde::Deserialize<'de> for $name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as ::serde::Deserialize>::deserialize(deserializer)?;
                if Self::VALUES.contains(&text.as_str()) {
                    return Ok(Self(text));
                }
                Err(::serde::de::Error::unknown_variant(&text, Self::VALUES))
            }
        }

        impl ::schemars::JsonSchema for $name {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }
            fn json_schema(_: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                ::schemars::json_schema!({ "type": "string", "enum": Self::VALUES })
            }
        }
    };
}
pub(crate) use choice;

choice! {
    /// Units of a metric (PutMetricData, `StandardUnit`).
    Unit, [
        "Seconds", "Microseconds", "Milliseconds", "Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes", "Bits",
        "Kilobits", "Megabits", "Gigabits", "Terabits", "Percent", "Count", "Bytes/Second", "Kilobytes/Second",
        "Megabytes/Second", "Gigabytes/Second", "Terabytes/Second", "Bits/Second", "Kilobits/Second", "Megabits/Second",
        "Gigabits/Second", "Terabits/Second", "Count/Second", "None",
    ]
}

text! {
    /// A metric's name (spec, section 6.1).
    MetricName, 1..=255, r"^[^:*$]*$", |c| !":*$".contains(c) && !c.is_control(), "`:`, `*` and `$` cannot stand in the name of a metric"
}

text! {
    /// A metric's namespace as PutMetricData and metric filters take it (spec, section 6.1).
    Namespace, 1..=255, r"^[0-9a-zA-Z.\-_/#][0-9a-zA-Z.\-_/# ]*$", |c| c.is_ascii_alphanumeric() || ".-_/# ".contains(c),
    "letters, digits and `.-_/#` can stand in a namespace"
}

text! {
    /// The name of a log group (spec, section 6.1).
    LogGroupName, 1..=512, r"^[.\-_/#A-Za-z0-9]+$", |c| c.is_ascii_alphanumeric() || ".-_/#".contains(c),
    "letters, digits and `.-_/#` can stand in the name of a log group; give the name, not the ARN"
}

text! {
    /// A key of a tag.
    TagKey, 1..=128, r"^[^\x00-\x1f]*$", |c| !c.is_control(), "no control characters in tags"
}

text! {
    /// A value of a tag.
    TagValue, 0..=256, r"^[^\x00-\x1f]*$", |c| !c.is_control(), "no control characters in tags"
}
