//! `$.a.['b.c'][0].*` (spec, section 1.3).

use super::cursor::Cursor;
use crate::ast::{Selector, Step};
use crate::display::is_name_char;
use crate::error::{SyntaxError, shown};

/// Reads a text that is one selector.
pub(crate) fn selector(text: &str) -> Result<Selector, SyntaxError> {
    let mut cursor = Cursor::new(text, 0);
    let selector = read(&mut cursor)?;
    if cursor.is_at_end() {
        return Ok(selector);
    }
    Err(cursor.error(format!("{} is not expected in a selector", cursor.found()), "write names, `.`, `[0]`, `*`"))
}

/// Takes a selector.
pub(super) fn read(cursor: &mut Cursor<'_>) -> Result<Selector, SyntaxError> {
    let start = cursor.offset();
    if !cursor.take("$") {
        let name = cursor.rest().split(|c: char| !is_name_char(c) && c != '.').next().unwrap_or_default();
        let help = match name.trim_start_matches('.') {
            "" if cursor.peek() == Some('"') => "repeat the selector with each value: `$.a = \"x\" || $.a = \"y\"`".to_owned(),
            "" => "write `$.name`".to_owned(),
            name => format!("write `$.{name}`"),
        };
        return Err(cursor.error(format!("a selector starts with `$.`, found {}", cursor.found()), help));
    }
    let mut steps = Vec::new();
    loop {
        let step = match cursor.peek() {
            Some('.') => name(cursor)?,
            Some('[') if steps.is_empty() => {
                return Err(
                    cursor.error("a bracket cannot follow `$` directly", "write `$.['a.b']` for a name, `$.list[0]` for an element")
                );
            }
            Some('[') => index(cursor)?,
            _ => break,
        };
        steps.push(step);
    }
    if steps.is_empty() {
        return Err(SyntaxError::new("the selector names nothing", cursor.since(start)).help("write `$.name`"));
    }
    if steps.iter().filter(|step| matches!(step, Step::AnyName | Step::AnyIndex)).count() > 1 {
        let error = SyntaxError::new("a selector may hold one wildcard", cursor.since(start));
        return Err(error.help("name all but one of the levels"));
    }
    Ok(Selector { steps })
}

fn name(cursor: &mut Cursor<'_>) -> Result<Step, SyntaxError> {
    cursor.skip();
    match cursor.peek() {
        Some('*') => {
            cursor.skip();
            Ok(Step::AnyName)
        }
        Some('[') => bracket(cursor),
        Some('"' | '\'') => {
            Err(cursor.error("a name is not quoted here", "write `$.name`, or `$.['a name']` where it holds dots or blanks"))
        }
        _ => {
            let name = cursor.take_while(is_name_char);
            if name.is_empty() {
                let message = format!("a name is missing after `.`, found {}", cursor.found());
                return Err(cursor.error(message, "write `$.name`"));
            }
            match cursor.peek() {
                Some(c) if !c.is_whitespace() && !".[=!<>)}&|,".contains(c) => {
                    let help = "a name with other characters is written `.['a:b']`";
                    Err(cursor.error(format!("invalid character in a selector: `{}`", shown(c)), help))
                }
                _ => Ok(Step::Name(name.to_owned())),
            }
        }
    }
}

/// `['name']`, after the dot.
fn bracket(cursor: &mut Cursor<'_>) -> Result<Step, SyntaxError> {
    let help = "write `.['a.b']`, in single quotes; an index has no dot before it: `$.list[0]`";
    cursor.skip();
    if !cursor.take("'") {
        return Err(cursor.error("a name in brackets stands in single quotes", help));
    }
    let name = cursor.take_while(|c| c != '\'');
    if name.is_empty() || !cursor.take("']") {
        return Err(cursor.error("this name in brackets is not closed by `']`", help));
    }
    Ok(Step::Name(name.to_owned()))
}

fn index(cursor: &mut Cursor<'_>) -> Result<Step, SyntaxError> {
    cursor.skip();
    let start = cursor.offset();
    let step = if cursor.take("*") {
        Step::AnyIndex
    } else {
        let digits = cursor.take_while(|c| c.is_ascii_digit());
        let index = digits.parse::<u32>().ok().filter(|index| i32::try_from(*index).is_ok());
        match index {
            Some(index) => Step::Index(index),
            None if digits.is_empty() => {
                return Err(cursor.error("an index is a number or `*`", "write `[0]`, or `.['name']` for a name"));
            }
            None => {
                let error = SyntaxError::new("the index is too large", cursor.since(start));
                return Err(error.help("it must be below 2147483648"));
            }
        }
    };
    if cursor.take("]") { Ok(step) } else { Err(cursor.error("this `[` is never closed", "write `[0]` or `[*]`")) }
}
