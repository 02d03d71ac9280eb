//! One value against one test (spec, sections 2.3 and 2.5).

use crate::ast::{Literal, Operand, Order, Test};
use crate::glob::{Glob, Reading};
use crate::json::value::{Value, holds_null};
use crate::number::{Number, is_number, texts};
use crate::verdict::{Choices, Rule};

/// Whether an existing JSON value passes. `NOT EXISTS` never does: the value is there.
pub(crate) fn json(test: &Test, value: &Value<'_>, choices: &mut Choices) -> bool {
    match test {
        Test::Equals(operand) => json_equal(operand, value, choices) == Some(true),
        Test::Differs(operand) => json_equal(operand, value, choices) == Some(false),
        Test::Order(order, number) => json_order(*order, number, value, choices),
        Test::Is(Literal::True) => *value == Value::Bool(true),
        Test::Is(Literal::False) => *value == Value::Bool(false),
        Test::Is(Literal::Null) => match value {
            Value::Null => true,
            Value::Array(array) => holds_null(array) && choices.choose(Rule::NullInArray) == 1,
            _ => false,
        },
        Test::NotExists => false,
    }
}

/// `None`: the two cannot be compared, and `=` and `!=` are both false.
fn json_equal(operand: &Operand, value: &Value<'_>, choices: &mut Choices) -> Option<bool> {
    match value {
        Value::Object | Value::Array(_) => None,
        Value::Text(text) => Some(match operand {
            Operand::Number(number) => equals_digits(number, text, choices),
            Operand::Text(glob) => glob_matches(glob, text, choices),
            Operand::Regex(regex) => regex.is_match(text, choices),
        }),
        Value::Number(lexeme) => match operand {
            Operand::Number(number) => Some(compare(number, lexeme, choices, std::cmp::Ordering::is_eq)),
            Operand::Text(glob) if glob.is_any() => Some(true),
            Operand::Text(glob) => Some(glob_matches(glob, &number_text(lexeme, choices), choices)),
            Operand::Regex(_) if choices.choose(Rule::RegexOnNumber) == 0 => None,
            Operand::Regex(regex) => Some(regex.is_match(&number_text(lexeme, choices), choices)),
        },
        Value::Bool(flag) => literal_equal(operand, if *flag { "true" } else { "false" }, Rule::Boolean, choices),
        // Observed: `= "*"` is false on null (spec, section 2.3).
        Value::Null if matches!(operand, Operand::Text(glob) if glob.is_any()) => None,
        Value::Null => literal_equal(operand, "null", Rule::Null, choices),
    }
}

/// true, false and null: not comparable, or compared by their text.
fn literal_equal(operand: &Operand, text: &str, rule: Rule, choices: &mut Choices) -> Option<bool> {
    if choices.choose(rule) == 0 {
        return None;
    }
    Some(match operand {
        Operand::Number(_) => false,
        Operand::Text(glob) => glob_matches(glob, text, choices),
        Operand::Regex(regex) => regex.is_match(text, choices),
    })
}

/// An unquoted number and a string.
fn equals_digits(number: &Number, text: &str, choices: &mut Choices) -> bool {
    if !is_number(text) {
        return false;
    }
    match choices.choose(Rule::NumericString) {
        0 => number.lexeme == text,
        1 => compare(number, text, choices, std::cmp::Ordering::is_eq),
        _ => false,
    }
}

fn json_order(order: Order, number: &Number, value: &Value<'_>, choices: &mut Choices) -> bool {
    match value {
        Value::Number(lexeme) => compare(number, lexeme, choices, |o| order.holds(o)),
        Value::Text(text) if is_number(text) => {
            choices.choose(Rule::OrderedString) == 1 && compare(number, text, choices, |o| order.holds(o))
        }
        _ => false,
    }
}

/// Compares as decimals, and as doubles where that says something else.
fn compare(number: &Number, lexeme: &str, choices: &mut Choices, holds: impl Fn(std::cmp::Ordering) -> bool) -> bool {
    let Some((decimal, double)) = number.compare(lexeme) else { return false };
    let (decimal, double) = (holds(decimal), holds(double));
    if decimal == double || choices.choose(Rule::BigNumber) == 0 { decimal } else { double }
}

/// A text against a value; the readings of `*` only count where they differ.
fn glob_matches(glob: &Glob, value: &str, choices: &mut Choices) -> bool {
    let first = glob.matches(value, Reading::Ends);
    if !glob.has_star() || Reading::ALL[1..].iter().all(|reading| glob.matches(value, *reading) == first) {
        return first;
    }
    glob.matches(value, Reading::ALL[choices.choose(Rule::StarInside)])
}

/// The text that stands for a number.
fn number_text(lexeme: &str, choices: &mut Choices) -> String {
    let mut texts = texts(lexeme);
    let last = texts.len() - 1;
    let reading = if last == 0 { 0 } else { choices.choose(Rule::NumberText).min(last) };
    texts.swap_remove(reading)
}

/// Whether a field of a space-delimited event passes.
pub(crate) fn field(test: &Test, field: &str, choices: &mut Choices) -> bool {
    match test {
        Test::Equals(operand) => field_equal(operand, field, false, choices),
        Test::Differs(operand) => !field_equal(operand, field, true, choices),
        Test::Order(order, number) => is_number(field) && compare(number, field, choices, |o| order.holds(o)),
        Test::Is(_) | Test::NotExists => false,
    }
}

/// Equality, or what `!=` negates.
fn field_equal(operand: &Operand, field: &str, negated: bool, choices: &mut Choices) -> bool {
    match operand {
        Operand::Text(glob) => glob_matches(glob, field, choices),
        Operand::Regex(regex) => regex.is_match(field, choices),
        Operand::Number(number) if is_number(field) => {
            let by_value = compare(number, field, choices, std::cmp::Ordering::is_eq);
            let as_text = number.lexeme == field;
            if by_value == as_text || choices.choose(Rule::FieldNumber) == 0 { by_value } else { as_text }
        }
        Operand::Number(_) => negated && choices.choose(Rule::FieldWord) == 1,
    }
}
