//! What a check says: a code, a sentence, a place, a next step.

use crate::yaml::Span;

/// Stable names of what can be wrong. `docs/codes.md` has a section for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    Unreadable,
    EmptyFile,
    NotYaml,
    UnknownKey,
    DuplicateKey,
    WrongValue,
    MissingKey,
    BadEvents,
    UnknownName,
    Combination,
    SameAddress,
    PatternLength,
    PatternSyntax,
    Variable,
    Uncertain,
    TestFailed,
    TestIncomplete,
    TrailOrLogGroup,
    Conflict,
    FilterLimit,
    DeleteValve,
    UnknownLiveField,
    Unusable,
    StillUsed,
    Cycle,
    SavedPlan,
    Refused,
    NotRung,
    /// Of a lint; the lint says it.
    Lint(&'static str),
}

/// Every code but those of lints, with the text it is known by.
pub const CODES: &[(Code, &str)] = &[
    (Code::Unreadable, "TA001"),
    (Code::EmptyFile, "TA002"),
    (Code::NotYaml, "TA003"),
    (Code::UnknownKey, "TA004"),
    (Code::DuplicateKey, "TA005"),
    (Code::WrongValue, "TA006"),
    (Code::MissingKey, "TA007"),
    (Code::BadEvents, "TA008"),
    (Code::UnknownName, "TA101"),
    (Code::Combination, "TA102"),
    (Code::SameAddress, "TA103"),
    (Code::PatternLength, "TA104"),
    (Code::PatternSyntax, "TA105"),
    (Code::Variable, "TA106"),
    (Code::Uncertain, "TA107"),
    (Code::TestFailed, "TA108"),
    (Code::TestIncomplete, "TA109"),
    (Code::TrailOrLogGroup, "TA201"),
    (Code::Conflict, "TA202"),
    (Code::FilterLimit, "TA203"),
    (Code::DeleteValve, "TA204"),
    (Code::UnknownLiveField, "TA205"),
    (Code::Unusable, "TA206"),
    (Code::StillUsed, "TA207"),
    (Code::Cycle, "TA208"),
    (Code::SavedPlan, "TA209"),
    (Code::Refused, "TA210"),
    (Code::NotRung, "TA211"),
];

impl Code {
    pub fn text(self) -> &'static str {
        if let Self::Lint(code) = self {
            return code;
        }
        CODES.iter().find(|(code, _)| *code == self).map_or("TA000", |(_, text)| text)
    }
}

/// How bad it is: an error stops the run, a warning is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
}

/// One thing a check has to say. The message is in lower case, without a full stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    pub message: String,
    pub at: Option<Span>,
    pub help: Option<String>,
    pub details: Box<Details>,
}

/// What only some findings have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Details {
    /// What is to be said at the place.
    pub label: Option<String>,
    /// Other places of the same file that belong to it, each with what is to be said there.
    pub also: Vec<(Span, String)>,
    pub notes: Vec<String>,
}

impl Finding {
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, message: message.into(), at: None, help: None, details: Box::default() }
    }

    pub fn as_warning(self) -> Self {
        Self { severity: Severity::Warning, ..self }
    }

    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, message) }
    }

    #[must_use]
    pub fn at(mut self, span: &Span) -> Self {
        self.at = Some(span.clone());
        self
    }

    /// At the place, when there is one.
    #[must_use]
    pub fn maybe_at(mut self, span: Option<&Span>) -> Self {
        self.at = span.cloned();
        self
    }

    /// What is to be said at the place.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.details.label = Some(label.into());
        self
    }

    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.details.notes.push(note.into());
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into()).filter(|help| !help.is_empty());
        self
    }

    /// What is wrong and, on a line of its own, what to do.
    pub fn text(&self) -> String {
        self.help.as_ref().map_or_else(|| self.message.clone(), |help| format!("{}\n{help}", self.message))
    }
}

/// `did you mean "x"?` for the nearest of the known names, or the list of them when none is near.
pub fn suggest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    match near(wrong, known.iter().copied()) {
        Some(near) => near,
        None if known.is_empty() => "none is known here".to_owned(),
        None if known.len() > MOST_NAMES => {
            format!("known here: {}, and {} more", known[..MOST_NAMES].join(", "), known.len() - MOST_NAMES)
        }
        None => format!("known here: {}", known.join(", ")),
    }
}

/// More names than these help nobody.
const MOST_NAMES: usize = 20;

/// Findings as they came, each once: what many detections share is said of each.
pub fn each_once(findings: Vec<Finding>) -> Vec<Finding> {
    let mut once: Vec<Finding> = Vec::with_capacity(findings.len());
    for finding in findings {
        if !once.contains(&finding) {
            once.push(finding);
        }
    }
    once
}

/// The first half of [`suggest`]: where so many names are known that a list of them helps nobody.
pub fn near<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let (distance, name) = known.into_iter().map(|name| (strsim::damerau_levenshtein(wrong, name), name)).min()?;
    (distance <= (wrong.len() / 3).max(1)).then(|| format!("did you mean `{name}`?"))
}
