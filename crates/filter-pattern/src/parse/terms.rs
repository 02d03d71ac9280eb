//! Words and phrases (spec, section 1.2).

use super::cursor::Cursor;
use crate::ast::{Body, Sign, Span, Term};
use crate::error::{SyntaxError, shown};
use crate::regex::Regex;

/// Reads a pattern of terms; each wrong term is told.
pub(super) fn parse(text: &str, offset: usize) -> Result<Body, Vec<SyntaxError>> {
    let mut cursor = Cursor::new(text, offset);
    if text.starts_with('%') {
        return regex(&mut cursor).map_err(|error| vec![error]);
    }
    if text.starts_with('#') {
        let line = text.find('\n').unwrap_or(text.len());
        let error = SyntaxError::new("a comment cannot stand inside a pattern", offset..offset + line);
        return Err(vec![error.help("in YAML, put it above the key `pattern:`")]);
    }
    let (mut terms, mut errors) = (Vec::new(), Vec::new());
    while !cursor.is_at_end() {
        match term(&mut cursor) {
            Ok(term) => terms.push(term),
            Err(error) => {
                errors.push(error);
                cursor.take_while(|c| !c.is_whitespace());
            }
        }
        cursor.blanks();
    }
    if errors.is_empty() { Ok(Body::Terms(terms)) } else { Err(errors) }
}

fn regex(cursor: &mut Cursor<'_>) -> Result<Body, SyntaxError> {
    let (source, start) = cursor.percent()?;
    let regex = Regex::parse(source, start)?;
    cursor.blanks();
    if cursor.is_at_end() { Ok(Body::Regex(regex)) } else { Err(mixed(cursor)) }
}

/// AWS documents `%…%` alone; beside terms no source says what it does (spec, section 5, no. 18).
fn mixed(cursor: &Cursor<'_>) -> SyntaxError {
    cursor.error("a regular expression beside other terms is not documented", "write it alone, or put all of it into one expression")
}

fn term(cursor: &mut Cursor<'_>) -> Result<Term, SyntaxError> {
    let start = cursor.offset();
    let sign = match cursor.peek() {
        Some('?') => Sign::Optional,
        Some('-') => Sign::Excluded,
        _ => Sign::Required,
    };
    if sign != Sign::Required {
        cursor.skip();
    }
    let text = match cursor.peek() {
        Some('"') => cursor.quoted()?,
        Some('%') if sign == Sign::Required => return Err(mixed(cursor)),
        Some('%') => {
            let help = "write the expression alone, without the sign";
            return Err(cursor.error("a regular expression with a sign is not documented", help));
        }
        Some(c) if !c.is_whitespace() => bare(cursor)?.to_owned(),
        _ => {
            let error = SyntaxError::new("the sign stands alone", cursor.since(start));
            return Err(error.help("write it directly before the term: `-word`, `?\"a phrase\"`"));
        }
    };
    if let Some(c) = cursor.peek().filter(|c| !c.is_whitespace()) {
        return Err(cursor.error(format!("`{}` follows a term without a blank", shown(c)), "put a blank between two terms"));
    }
    Ok(Term { sign, text, span: Span(cursor.since(start)) })
}

fn bare<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, SyntaxError> {
    let whole = cursor.rest().split_whitespace().next().unwrap_or_default();
    let text = cursor.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
    match cursor.peek() {
        Some(c) if !c.is_whitespace() => {
            let help = match c {
                '$' | '.' if whole.starts_with("$.") => "conditions on JSON stand in braces: { $.name = \"value\" }".to_owned(),
                '“' | '”' | '„' | '‘' | '’' => "use straight double quotes".to_owned(),
                '*' => "there are no wildcards in terms: a term is found anywhere in the text already".to_owned(),
                '"' => "put the whole term in quotes".to_owned(),
                _ => format!("put it in quotes: {}", crate::display::quote(whole)),
            };
            Err(cursor.error(format!("invalid character in a term: `{}`", shown(c)), help))
        }
        _ => Ok(text),
    }
}
