//! Text → syntax tree, or everything that is wrong with it (spec, section 1).

mod cursor;
mod json;
mod operand;
mod selector;
mod space;
mod terms;

use crate::ast::{Body, Entry, Expr, Operand, Test};
use crate::error::SyntaxError;
use crate::scan::{Piece, pieces};
use crate::verdict::Rule;

pub(crate) use selector::selector;

/// Characters a pattern may have (PutMetricFilter, `filterPattern`).
pub const MAX_LENGTH: usize = 1024;
/// Regular expressions a pattern may have (CloudWatch Logs user guide, regex syntax).
pub const MAX_REGEXES: usize = 2;
/// Selectors with a wildcard a pattern may have (CloudWatch Logs user guide, filter pattern syntax).
const MAX_WILDCARD_SELECTORS: usize = 3;

/// A tree, and whether AWS takes the pattern at all where no source says so.
pub(crate) type Parsed = Result<(Body, Option<Rule>), Vec<SyntaxError>>;

/// Reads a pattern.
pub(crate) fn parse(text: &str) -> Parsed {
    let trimmed = text.trim();
    let offset = text.len() - text.trim_start().len();
    let length = trimmed.chars().count();
    if length > MAX_LENGTH {
        let start = trimmed.char_indices().nth(MAX_LENGTH).map_or(text.len(), |(i, _)| offset + i);
        let error = SyntaxError::new(format!("the pattern has {length} characters, {MAX_LENGTH} are allowed"), start..text.len());
        return Err(vec![error.help("split it over several filters that feed one metric")]);
    }
    let (body, doubt) = match trimmed.as_bytes() {
        [] => return Ok((Body::All, None)),
        [b'"', inside @ .., b'"'] if inside.iter().all(|b| *b == b' ') => return Ok((Body::All, None)),
        [b'{', ..] => json::parse(trimmed, offset)?,
        [b'[', ..] => space::parse(trimmed, offset)?,
        _ => (terms::parse(trimmed, offset)?, None),
    };
    check_limits(&body, text)?;
    let in_brackets = matches!(body, Body::Json(_) | Body::SpaceDelimited(_));
    let blanks = (in_brackets && trimmed.len() < text.len()).then_some(Rule::BlanksAround);
    let empty = has_empty_text(&body).then_some(Rule::EmptyText);
    Ok((body, blanks.or(doubt).or(empty)))
}

/// What is counted over a whole pattern.
fn check_limits(body: &Body, text: &str) -> Result<(), Vec<SyntaxError>> {
    let mut errors = Vec::new();
    if body.regexes() > MAX_REGEXES {
        let regexes = pieces(text).into_iter().filter_map(|piece| if let Piece::Regex(range) = piece { Some(range) } else { None });
        let at = regexes.into_iter().nth(MAX_REGEXES).unwrap_or(0..text.len());
        let error = SyntaxError::new(format!("a pattern may hold {MAX_REGEXES} regular expressions"), at);
        errors.push(error.help("write some of them with wildcards, or split the pattern over several filters"));
    }
    if let Body::Json(expr) = body {
        let clauses = expr.clauses();
        let mut wild = clauses.iter().filter(|clause| clause.selector.has_wildcard());
        if let Some(clause) = wild.nth(MAX_WILDCARD_SELECTORS) {
            let message = format!("a pattern may hold {MAX_WILDCARD_SELECTORS} selectors with a wildcard");
            errors.push(SyntaxError::new(message, clause.span.0.clone()).help("name the elements, or split the pattern"));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn is_regex(test: &Test) -> bool {
    matches!(test, Test::Equals(Operand::Regex(_)) | Test::Differs(Operand::Regex(_)))
}

fn has_empty_text(body: &Body) -> bool {
    let empty =
        |test: &&Test| matches!(test, Test::Equals(Operand::Text(glob)) | Test::Differs(Operand::Text(glob)) if glob.text.is_empty());
    body.tests().iter().any(empty)
}

impl Body {
    /// Everything that is asked of values or fields.
    pub(crate) fn tests(&self) -> Vec<&Test> {
        match self {
            Self::Json(expr) => Expr::clauses(expr).into_iter().map(|clause| &clause.test).collect(),
            Self::SpaceDelimited(entries) => entries
                .iter()
                .filter_map(|entry| match entry {
                    Entry::Field(field) => Some(field.tests.iter().flatten()),
                    Entry::Ellipsis => None,
                })
                .flatten()
                .collect(),
            Self::All | Self::Terms(_) | Self::Regex(_) => Vec::new(),
        }
    }

    /// How many regular expressions it holds.
    pub(crate) fn regexes(&self) -> usize {
        if matches!(self, Self::Regex(_)) { 1 } else { self.tests().iter().filter(|test| is_regex(test)).count() }
    }
}
