//! `runbook:`: what the responder does, as a link or as text that stands in the notification itself.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::yaml::typed::text;

text! {
    /// A link to the runbook.
    Link, 1..=512, r"^[^\x00-\x20]+$", |c| !c.is_control() && !c.is_whitespace(), "one URL, without blanks"
}

/// What to do when it fires; the alarm's description carries it to the responder.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Runbook {
    /// What an alarm of this detection means.
    pub means: Option<String>,
    /// What to find out first.
    #[schemars(length(min = 1))]
    #[serde(default, deserialize_with = "crate::yaml::typed::at_least_one")]
    pub questions: Option<Vec<String>>,
    /// What stops it.
    pub containment: Option<String>,
    /// Where more is written.
    pub link: Option<Link>,
}

impl Runbook {
    /// The lines for an alarm's description, in the order in which they are needed.
    pub fn notice(&self) -> Vec<String> {
        let means = self.means.as_ref().map(|text| format!("Means: {}", text.trim()));
        let numbered = |(i, question): (usize, &String)| format!("{}. {}", i + 1, question.trim());
        let questions = self.questions.iter().flatten().enumerate().map(numbered);
        let containment = self.containment.as_ref().map(|text| format!("Contain: {}", text.trim()));
        let link = self.link.as_ref().map(|link| format!("Runbook: {}", link.0));
        means.into_iter().chain(questions).chain(containment).chain(link).collect()
    }
}

/// A link alone, or a map.
#[derive(Debug, Clone)]
pub struct RunbookSection(pub Runbook);

impl<'de> Deserialize<'de> for RunbookSection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LinkOrMap)
    }
}

struct LinkOrMap;

impl<'de> Visitor<'de> for LinkOrMap {
    type Value = RunbookSection;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a link, or `{means, questions, containment, link}`")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        let link = Link::deserialize(de::value::StrDeserializer::new(text))?;
        Ok(RunbookSection(Runbook { link: Some(link), ..Runbook::default() }))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
        Runbook::deserialize(MapAccessDeserializer::new(map)).map(RunbookSection)
    }
}

impl JsonSchema for RunbookSection {
    fn schema_name() -> Cow<'static, str> {
        "RunbookSection".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let (link, map) = (generator.subschema_for::<Link>(), generator.subschema_for::<Runbook>());
        json_schema!({ "description": "A link to the runbook, or its text", "anyOf": [link, map] })
    }
}
