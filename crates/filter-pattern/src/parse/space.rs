//! `[ … ]`: fields between commas (spec, section 1.4).

use super::cursor::Cursor;
use super::operand::{operator, test};
use crate::ast::{Body, Entry, Field, Span, Test};
use crate::error::SyntaxError;
use crate::verdict::Rule;

/// Reads a space-delimited pattern; each wrong entry is told.
pub(super) fn parse(text: &str, offset: usize) -> Result<(Body, Option<Rule>), Vec<SyntaxError>> {
    let mut cursor = Cursor::new(text, offset);
    cursor.skip();
    let (mut entries, mut errors) = (Vec::new(), Vec::new());
    cursor.blanks();
    if !cursor.rest().starts_with(']') {
        loop {
            match entry(&mut cursor) {
                Ok(entry) => entries.push(entry),
                Err(error) => {
                    errors.push(error);
                    recover(&mut cursor);
                }
            }
            if !cursor.take(",") {
                break;
            }
        }
    }
    close(&mut cursor, &mut errors);
    check_names(&entries, &mut errors);
    if !errors.is_empty() {
        return Err(errors);
    }
    let alone = entries == [Entry::Ellipsis];
    Ok((Body::SpaceDelimited(entries), alone.then_some(Rule::EllipsisAlone)))
}

fn close(cursor: &mut Cursor<'_>, errors: &mut Vec<SyntaxError>) {
    if !cursor.take("]") {
        errors.push(cursor.error("the `[` at the start is never closed", "end the pattern with `]`"));
        return;
    }
    cursor.blanks();
    if !cursor.is_at_end() {
        let at = cursor.offset()..cursor.offset() + cursor.rest().len();
        let help = "move it inside the brackets; to look for `[` in the text, put the term in quotes";
        errors.push(SyntaxError::new("nothing may follow the closing `]`", at).help(help));
    }
}

/// To the comma or bracket that ends the entry.
fn recover(cursor: &mut Cursor<'_>) {
    loop {
        match cursor.peek() {
            None | Some(',' | ']') => return,
            Some('"') => drop(cursor.quoted()),
            Some('%') => drop(cursor.percent()),
            Some(_) => cursor.skip(),
        }
    }
}

fn entry(cursor: &mut Cursor<'_>) -> Result<Entry, SyntaxError> {
    cursor.blanks();
    let start = cursor.offset();
    let entry = if cursor.take("...") {
        Entry::Ellipsis
    } else if matches!(cursor.peek(), Some(',' | ']')) {
        Entry::Field(Field { name: None, tests: Vec::new(), span: Span(start..start) })
    } else {
        let name = name(cursor)?;
        let tests = tests(cursor, name)?;
        Entry::Field(Field { name: Some(name.to_owned()), tests, span: Span(cursor.since(start)) })
    };
    cursor.blanks();
    match cursor.peek() {
        Some(',' | ']') | None => Ok(entry),
        Some(_) => {
            let message = format!("expected `,` or `]`, found {}", cursor.found());
            Err(cursor.error(message, "fields are separated by commas; a value with blanks stands in quotes"))
        }
    }
}

fn name<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, SyntaxError> {
    let start = cursor.offset();
    let name = cursor.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let at = if name.is_empty() { cursor.here() } else { cursor.since(start) };
    let help = "a field is named by letters, digits, `_` and `-`, a letter or `_` first";
    match name.chars().next() {
        Some(first) if first.is_ascii_alphabetic() || first == '_' => Ok(name),
        Some(_) => Err(SyntaxError::new(format!("a field cannot be called `{name}`"), at).help(help)),
        None => Err(SyntaxError::new(format!("the name of a field is missing, found {}", cursor.found()), at).help(help)),
    }
}

/// Comparisons of one field: `&&` before `||`, each with the name of the field.
fn tests(cursor: &mut Cursor<'_>, name: &str) -> Result<Vec<Vec<Test>>, SyntaxError> {
    cursor.blanks();
    let Some(mut comparison) = operator(cursor)? else { return Ok(Vec::new()) };
    let mut any = vec![Vec::new()];
    loop {
        let test = test(cursor, comparison, ",]&|=<>\"")?;
        if let Some(all) = any.last_mut() {
            all.push(test);
        }
        cursor.blanks();
        if cursor.take("||") {
            any.push(Vec::new());
        } else if !cursor.take("&&") {
            return Ok(any);
        }
        cursor.blanks();
        comparison = next(cursor, name)?;
    }
}

/// The name and operator after `&&` or `||`.
fn next(cursor: &mut Cursor<'_>, name: &str) -> Result<super::operand::Operator, SyntaxError> {
    let start = cursor.offset();
    let other = self::name(cursor)?;
    if other != name {
        let error = SyntaxError::new(format!("`{other}` is compared in the entry of `{name}`"), cursor.since(start));
        return Err(error.help(format!("each field is compared in its own entry: write `{name}` here, or move it")));
    }
    cursor.blanks();
    match operator(cursor)? {
        Some(operator) => Ok(operator),
        None => Err(cursor.error(format!("an operator is missing, found {}", cursor.found()), "write `=`, `!=`, `<`, `>`")),
    }
}

fn check_names(entries: &[Entry], errors: &mut Vec<SyntaxError>) {
    let mut ellipses = 0;
    let mut seen: Vec<&str> = Vec::new();
    for entry in entries {
        let Entry::Field(field) = entry else {
            ellipses += 1;
            continue;
        };
        let Some(name) = field.name.as_deref() else { continue };
        if seen.contains(&name) {
            let error = SyntaxError::new(format!("two fields are called `{name}`"), field.span.0.clone());
            errors.push(error.help("give each field its own name"));
        }
        seen.push(name);
    }
    if ellipses > 1 {
        errors
            .push(SyntaxError::new("a pattern may hold one `...`", 0..0).help("name the fields between, or leave entries empty: `[a,,b]`"));
    }
}
