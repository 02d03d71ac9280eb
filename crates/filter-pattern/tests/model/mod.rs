//! Patterns and events as plain data, and what the specification says of them: slow, direct, and
//! silent (`None`) wherever section 5 of the specification leaves a question open.

use proptest::prelude::*;

/// A condition, as written.
#[derive(Debug, Clone)]
pub(crate) enum Model {
    Any(Vec<Model>),
    All(Vec<Model>),
    Clause { path: Vec<&'static str>, test: &'static str },
}

/// A JSON value; numbers by lexeme, members in order, duplicates possible.
#[derive(Debug, Clone)]
pub(crate) enum Json {
    Word(&'static str),
    Number(&'static str),
    Text(&'static str),
    List(Vec<Json>),
    Object(Vec<(&'static str, Json)>),
}

const TESTS: [&str; 20] = [
    "= \"x\"",
    "!= \"x\"",
    "= x*",
    "!= *y",
    "= \"*\"",
    "= \"a*b\"",
    "= 1",
    "!= 1",
    "< 2",
    ">= -1.5",
    "= \"12.0\"",
    "!= \"1\"",
    "IS NULL",
    "IS TRUE",
    "IS FALSE",
    "NOT EXISTS",
    "= %^x%",
    "!= %y$%",
    "= \"é\"",
    "> 1e1",
];

pub(crate) fn any_expr() -> impl Strategy<Value = Model> {
    let step = prop::sample::select(vec![".a", ".b", ".['c.d']", "[0]", "[1]"]);
    let wild = prop::sample::select(vec![".*", "[*]"]);
    let path = (prop::sample::select(vec![".a", ".b", ".['c.d']"]), prop::collection::vec(step, 0..3), prop::option::weighted(0.1, wild));
    let path = path.prop_map(|(first, mut rest, wild)| {
        rest.insert(0, first);
        rest.extend(wild);
        rest
    });
    let clause = (path, prop::sample::select(TESTS.to_vec())).prop_map(|(path, test)| Model::Clause { path, test });
    let tree = clause.prop_recursive(3, 12, 4, |inner| {
        let items = prop::collection::vec(inner, 2..4);
        prop_oneof![items.clone().prop_map(Model::Any), items.prop_map(Model::All)]
    });
    // AWS allows two regular expressions and three wildcards a pattern.
    tree.prop_filter("too many of a kind", |model| {
        let text = model.pattern();
        text.matches('%').count() <= 4 && text.matches(".* ").count() + text.matches("[*]").count() <= 3
    })
}

pub(crate) fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        prop::sample::select(vec!["true", "false", "null"]).prop_map(Json::Word),
        prop::sample::select(vec!["1", "1.0", "-1.5", "12.0", "2", "1e1", "9007199254740993"]).prop_map(Json::Number),
        prop::sample::select(vec!["", "x", "xy", "y", "é", "a-b", "ab-ab", "1", "500", "x\ny", "q\"uo\\te"]).prop_map(Json::Text),
    ];
    let name = || prop::sample::select(vec!["a", "b", "c.d", "e"]);
    let value = leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::List),
            prop::collection::vec((name(), inner), 0..4).prop_map(Json::Object)
        ]
    });
    prop::collection::vec((name(), value), 0..5).prop_map(Json::Object)
}

impl Model {
    pub(crate) fn pattern(&self) -> String {
        format!("{{ {} }}", self.text())
    }

    fn text(&self) -> String {
        let join = |items: &[Self], sign: &str| items.iter().map(|item| format!("({})", item.text())).collect::<Vec<_>>().join(sign);
        match self {
            Self::Any(items) => join(items, " || "),
            Self::All(items) => join(items, "&&"),
            Self::Clause { path, test } => format!("${} {test}", path.concat()),
        }
    }
}

impl Json {
    /// Written in different ways: blanks, and names with escapes.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Word(text) | Self::Number(text) => (*text).to_owned(),
            Self::Text(text) => serde_json::Value::from(*text).to_string(),
            Self::List(items) => format!("[{}]", items.iter().map(Self::text).collect::<Vec<_>>().join(" ,")),
            Self::Object(members) => {
                let member = |(i, (name, value)): (usize, &(&str, Self))| {
                    let name = if i % 3 == 2 { name.replace('a', "\\u0061") } else { (*name).to_owned() };
                    format!("\"{name}\" : {}", value.text())
                };
                format!("{{{}}}", members.iter().enumerate().map(member).collect::<Vec<_>>().join(",\n"))
            }
        }
    }
}

/// What the specification says; `None` where it says nothing.
pub(crate) fn oracle(model: &Model, event: &Json) -> Option<bool> {
    match model {
        Model::Any(items) => {
            let results: Vec<_> = items.iter().map(|item| oracle(item, event)).collect();
            if results.contains(&Some(true)) { Some(true) } else { results.into_iter().collect::<Option<Vec<_>>>().map(|_| false) }
        }
        Model::All(items) => {
            let results: Vec<_> = items.iter().map(|item| oracle(item, event)).collect();
            if results.contains(&Some(false)) { Some(false) } else { results.into_iter().collect::<Option<Vec<_>>>().map(|_| true) }
        }
        Model::Clause { path, test } => clause(path, test, event),
    }
}

fn clause(path: &[&str], test: &str, event: &Json) -> Option<bool> {
    let wild = path.last().is_some_and(|step| step.contains('*'));
    let values = select(path, event)?;
    if wild && !test.starts_with(['=', '<', '>']) {
        return None;
    }
    if values.is_empty() {
        return Some(test == "NOT EXISTS");
    }
    let results: Vec<_> = values.into_iter().map(|value| holds(test, value)).collect();
    if results.contains(&Some(true)) { Some(true) } else { results.into_iter().collect::<Option<Vec<_>>>().map(|_| false) }
}

/// The selected values; `None` where a question is open on the way.
fn select<'a>(path: &[&str], value: &'a Json) -> Option<Vec<&'a Json>> {
    let Some((step, rest)) = path.split_first() else { return Some(vec![value]) };
    let next: Vec<&Json> = match (*step, value) {
        (".*", Json::Object(members)) => {
            let mut names: Vec<_> = members.iter().map(|(name, _)| name).collect();
            names.sort_unstable();
            names.dedup();
            if names.len() < members.len() {
                return None;
            }
            members.iter().map(|(_, value)| value).collect()
        }
        ("[*]", Json::List(items)) => items.iter().collect(),
        (step, Json::List(items)) if step.starts_with('[') => {
            step[1..step.len() - 1].parse::<usize>().ok().and_then(|i| items.get(i)).into_iter().collect()
        }
        // `NOT EXISTS` on an element of what is no array is open, unless it is null (J7).
        (step, other) if step.starts_with('[') && step != "[*]" => {
            if matches!(other, Json::Word("null")) {
                return Some(Vec::new());
            }
            return None;
        }
        (step, Json::Object(members)) => {
            let name = step.trim_start_matches('.').trim_start_matches("['").trim_end_matches("']");
            let found: Vec<_> = members.iter().filter(|(known, _)| *known == name).map(|(_, value)| value).collect();
            if found.len() > 1 {
                return None;
            }
            found
        }
        _ => Vec::new(),
    };
    let below: Option<Vec<Vec<&Json>>> = next.into_iter().map(|value| select(rest, value)).collect();
    Some(below?.concat())
}

/// One value against one test, by the table of section 2.3.
fn holds(test: &str, value: &Json) -> Option<bool> {
    match (test, value) {
        ("NOT EXISTS", _) => Some(false),
        ("IS NULL", Json::List(items)) if items.iter().any(|item| matches!(item, Json::Word("null"))) => None,
        ("IS NULL", value) => Some(matches!(value, Json::Word("null"))),
        ("IS TRUE", value) => Some(matches!(value, Json::Word("true"))),
        ("IS FALSE", value) => Some(matches!(value, Json::Word("false"))),
        (_, Json::List(_) | Json::Object(_)) => Some(false),
        ("= \"*\"", Json::Word("null")) => Some(false),
        (test, Json::Word(_)) if test.starts_with(['<', '>']) => Some(false),
        (_, Json::Word(_)) => None,
        (test, Json::Number(lexeme)) => number(test, lexeme),
        (test, Json::Text(text)) => string(test, text),
    }
}

fn number(test: &str, lexeme: &str) -> Option<bool> {
    let value: f64 = lexeme.parse().ok()?;
    Some(match test {
        "= 1" => (value - 1.0).abs() < f64::EPSILON,
        "!= 1" => (value - 1.0).abs() >= f64::EPSILON,
        "< 2" => value < 2.0,
        ">= -1.5" => value >= -1.5,
        "> 1e1" => value > 10.0,
        "= \"*\"" => true,
        _ if lexeme.contains('e') || test.contains('%') => return None,
        "= \"12.0\"" => lexeme == "12.0",
        "!= \"1\"" => lexeme != "1",
        // Texts with letters differ from every number.
        test => test.starts_with('!'),
    })
}

fn string(test: &str, text: &str) -> Option<bool> {
    let is_digits = text.parse::<f64>().is_ok();
    Some(match test {
        "= 1" | "!= 1" | "< 2" | ">= -1.5" | "> 1e1" if is_digits => return None,
        "= 1" | "< 2" | ">= -1.5" | "> 1e1" => false,
        "!= 1" => true,
        "= \"x\"" => text == "x",
        "!= \"x\"" => text != "x",
        "= x*" | "= %^x%" => text.starts_with('x'),
        "!= *y" if text.matches('y').count() > 1 => return None,
        "!= *y" | "!= %y$%" => !text.ends_with('y'),
        "= \"*\"" => true,
        "= \"a*b\"" if text.starts_with('a') && text.ends_with('b') => return None,
        "= \"a*b\"" => false,
        "= \"12.0\"" => text == "12.0",
        "!= \"1\"" => text != "1",
        "= \"é\"" => text == "é",
        _ => return None,
    })
}
