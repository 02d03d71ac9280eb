//! Comparisons and what values are compared with: the same in JSON and in space-delimited patterns.

use super::cursor::Cursor;
use crate::ast::{Operand, Order, Test};
use crate::error::{SyntaxError, shown};
use crate::glob::Glob;
use crate::number::{Number, is_number};
use crate::regex::Regex;

/// A comparison operator.
#[derive(Debug, Clone, Copy)]
pub(super) enum Operator {
    Equals,
    Differs,
    Order(Order),
}

/// Takes the operator that stands here.
pub(super) fn operator(cursor: &mut Cursor<'_>) -> Result<Option<Operator>, SyntaxError> {
    let wrong = [("==", "="), ("=~", "= %…%"), ("<>", "!="), ("=>", ">="), ("=<", "<="), ("!==", "!=")];
    for (sign, right) in wrong {
        if cursor.rest().starts_with(sign) {
            return Err(cursor.error(format!("there is no operator `{sign}`"), format!("write `{right}`")));
        }
    }
    let operators = [
        ("!=", Operator::Differs),
        (">=", Operator::Order(Order::GreaterOrEqual)),
        ("<=", Operator::Order(Order::LessOrEqual)),
        (">", Operator::Order(Order::Greater)),
        ("<", Operator::Order(Order::Less)),
        ("=", Operator::Equals),
    ];
    Ok(operators.into_iter().find(|(sign, _)| cursor.take(sign)).map(|(_, operator)| operator))
}

/// What stands behind an operator. `stops` end an unquoted value.
pub(super) fn test(cursor: &mut Cursor<'_>, operator: Operator, stops: &str) -> Result<Test, SyntaxError> {
    cursor.blanks();
    let start = cursor.offset();
    let operand = operand(cursor, stops)?;
    let span = cursor.since(start);
    match (operator, operand) {
        (Operator::Equals, operand) => Ok(Test::Equals(operand)),
        (Operator::Differs, operand) => Ok(Test::Differs(operand)),
        (Operator::Order(order), Operand::Number(number)) => Ok(Test::Order(order, number)),
        (Operator::Order(order), operand) => {
            let message = format!("`{}` compares with an unquoted number only", order.sign());
            let help = match operand {
                Operand::Text(glob) if is_number(&glob.text) => format!("write `{} {}`, without quotes", order.sign(), glob.text),
                _ => "there is no order of texts, times or addresses: use `=` with a wildcard or a regular expression".to_owned(),
            };
            Err(SyntaxError::new(message, span).help(help))
        }
    }
}

fn operand(cursor: &mut Cursor<'_>, stops: &str) -> Result<Operand, SyntaxError> {
    match cursor.peek() {
        Some('"') => Ok(Operand::Text(Glob { text: cursor.quoted()? })),
        Some('%') => {
            let (source, start) = cursor.percent()?;
            Ok(Operand::Regex(Regex::parse(source, start)?))
        }
        Some('\'') => Err(cursor.error("single quotes are no quotes here", "use double quotes")),
        Some('$') => Err(cursor.error("a value cannot be compared with another field", "compare with a text, a number or a `%regex%`")),
        _ => bare(cursor, stops),
    }
}

/// What people bring along from elsewhere.
fn other_language(text: &str) -> Option<&'static str> {
    let is_range = text.split_once('/').is_some_and(|(address, bits)| {
        address.parse::<std::net::IpAddr>().is_ok() && !bits.is_empty() && bits.bytes().all(|b| b.is_ascii_digit())
    });
    match text.chars().next() {
        _ if is_range => Some("there are no ranges of addresses: use a wildcard, `\"10.0.*\"`, or a regular expression, `%^10\\.0\\.%`"),
        Some('“' | '”' | '„' | '‘' | '’') => Some("use straight double quotes"),
        Some('/') if text.len() > 1 && text.ends_with('/') => Some("a regular expression stands between percent signs: `%…%`"),
        Some('[') => Some("there are no lists: join comparisons with `||`"),
        _ => None,
    }
}

fn bare(cursor: &mut Cursor<'_>, stops: &str) -> Result<Operand, SyntaxError> {
    let start = cursor.offset();
    let is_stop = |c: char| c.is_whitespace() || stops.contains(c);
    let text = cursor.take_while(|c| !is_stop(c));
    let error = |message: String, help: String| Err(SyntaxError::new(message, cursor.since(start)).help(help));
    if text.is_empty() {
        let message = format!("a value is missing, found {}", cursor.found());
        return Err(cursor.error(message, "write a text in quotes, a number, or a `%regex%`"));
    }
    if let Some(number) = Number::parse(text) {
        return Ok(Operand::Number(number));
    }
    if is_number(text) {
        let lower = text.replace('E', "e");
        return error("a number is written with a lower-case `e`".to_owned(), format!("write `{lower}`, or `\"{text}\"` for the text"));
    }
    if text.eq_ignore_ascii_case("null") {
        let help = format!("for JSON's null write `IS NULL`; for the text put it in quotes: \"{text}\"");
        return error(format!("`{text}` is no value to compare with"), help);
    }
    if let Some(help) = other_language(text) {
        return error(format!("`{text}` is no value of this language"), help.to_owned());
    }
    match text.char_indices().find(|(_, c)| !(c.is_ascii_alphanumeric() || "_.-*".contains(*c))) {
        None => Ok(Operand::Text(Glob { text: text.to_owned() })),
        Some((i, c)) => {
            let message = format!("invalid character in an unquoted value: `{}`", shown(c));
            let at = start + i;
            Err(SyntaxError::new(message, at..at + c.len_utf8()).help(format!("put it in quotes: {}", crate::display::quote(text))))
        }
    }
}
