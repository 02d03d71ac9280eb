//! Whether a JSON pattern can be true, and whether it can be false, over all events there may be.
//!
//! For each property, the values that its conditions can tell apart are tried, in all
//! combinations. Properties are taken as independent of each other, and conditions that cannot be
//! tried out (wildcards, regular expressions) as free: so what is found to be impossible is.

use std::collections::BTreeMap;

use filter_pattern::ast::{Clause, Expr, Operand, Step, Test};
use filter_pattern::{Pattern, Verdict};

/// More combinations are not tried: the lint says nothing then.
const MOST_COMBINATIONS: usize = 200_000;

/// What a pattern can come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Possible {
    /// On any event at all.
    pub(super) can_match: bool,
    /// On an event that has a text or number at every property it names.
    pub(super) can_miss: bool,
}

/// One way a property's value answers its conditions: by index of the clause.
type Answers = BTreeMap<usize, bool>;

/// `None`: too many combinations to say.
pub(super) fn possible(expr: &Expr) -> Option<Possible> {
    let clauses = expr.clauses();
    let mut by_property: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (i, clause) in clauses.iter().enumerate() {
        by_property.entry(clause.selector.to_string()).or_default().push(i);
    }
    let all: Vec<Vec<Answers>> = by_property.values().map(|own| answers(&clauses, own, false)).collect::<Option<_>>()?;
    let present: Vec<Vec<Answers>> = by_property.values().map(|own| answers(&clauses, own, true)).collect::<Option<_>>()?;
    Some(Possible { can_match: search(expr, &all, true)?, can_miss: search(expr, &present, false)? })
}

/// Whether some combination gives the wanted result.
fn search(expr: &Expr, properties: &[Vec<Answers>], wanted: bool) -> Option<bool> {
    let combinations =
        properties.iter().try_fold(1_usize, |n, answers| n.checked_mul(answers.len()).filter(|n| *n <= MOST_COMBINATIONS))?;
    for number in 0..combinations {
        let (mut rest, mut chosen) = (number, Answers::new());
        for answers in properties {
            chosen.extend(answers[rest % answers.len()].iter().map(|(clause, answer)| (*clause, *answer)));
            rest /= answers.len();
        }
        if holds(expr, &chosen, &mut 0) == wanted {
            return Some(true);
        }
    }
    Some(false)
}

/// Clauses are numbered from left to right, as [`Expr::clauses`] lists them.
fn holds(expr: &Expr, chosen: &Answers, next: &mut usize) -> bool {
    let group = match expr {
        Expr::Clause(_) => {
            *next += 1;
            return chosen.get(&(*next - 1)).copied().unwrap_or(false);
        }
        Expr::Any(group) | Expr::All(group) => group,
    };
    // Every item is visited, so that the numbers stay right.
    let results: Vec<bool> = group.items.iter().map(|item| holds(item, chosen, next)).collect();
    if matches!(expr, Expr::Any(_)) { results.contains(&true) } else { !results.contains(&false) }
}

/// The different ways in which values of one property answer its conditions.
fn answers(clauses: &[&Clause], own: &[usize], only_present: bool) -> Option<Vec<Answers>> {
    let selector = &clauses[own[0]].selector;
    let mut out: Vec<Answers> = Vec::new();
    // An element far behind is not built up.
    let is_far = selector.steps.iter().any(|step| matches!(step, Step::Index(index) if *index > 100));
    for (value, text) in candidates(clauses, own, only_present) {
        let message = if value == Candidate::Missing { "{}".to_owned() } else { wrap(&selector.steps, &text) };
        let mut ways = vec![Answers::new()];
        for i in own {
            let options: &[bool] = match answer(clauses[*i], &value, &message).filter(|_| !is_far) {
                Some(true) => &[true],
                Some(false) => &[false],
                None => &[false, true],
            };
            ways = ways.iter().flat_map(|way| options.iter().map(|option| extended(way, *i, *option))).collect();
            if ways.len() > 64 {
                return None;
            }
        }
        for way in ways {
            if !out.contains(&way) {
                out.push(way);
            }
        }
    }
    Some(out)
}

fn extended(way: &Answers, clause: usize, option: bool) -> Answers {
    let mut way = way.clone();
    way.insert(clause, option);
    way
}

/// `None`: free, or in doubt.
fn answer(clause: &Clause, value: &Candidate, message: &str) -> Option<bool> {
    let is_free = match &clause.test {
        Test::Equals(Operand::Regex(_)) | Test::Differs(Operand::Regex(_)) => true,
        // Some text or number nobody named may well begin or end so.
        Test::Equals(Operand::Text(glob)) | Test::Differs(Operand::Text(glob)) => {
            glob.has_star() && !glob.is_any() && *value != Candidate::Named
        }
        _ => false,
    };
    if clause.selector.has_wildcard() || (is_free && *value != Candidate::Missing) {
        return None;
    }
    match Pattern::parse(&format!("{{ {clause} }}")).ok()?.eval(message) {
        Verdict::Match => Some(true),
        Verdict::NoMatch => Some(false),
        Verdict::Uncertain(_) => None,
    }
}

/// What a value stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Candidate {
    Missing,
    /// A text that a condition names, or null, true, false, an object.
    Named,
    /// Any number, or any text that no condition names.
    Other,
}

/// A text that no pattern names.
const FRESH: &str = "\u{e000}other";

/// Values, as JSON, that the conditions may tell apart.
fn candidates(clauses: &[&Clause], own: &[usize], only_present: bool) -> Vec<(Candidate, String)> {
    let quote = |text: &str| serde_json::Value::from(text).to_string();
    let named = |words: &[&str]| words.iter().map(|word| (Candidate::Named, (*word).to_owned())).collect::<Vec<_>>();
    let mut values = vec![(Candidate::Other, quote(FRESH)), (Candidate::Named, quote(""))];
    // `= "*"` asks whether the property is there, so there are events without it.
    let asks_presence = own.iter().any(|i| matches!(&clauses[*i].test, Test::Equals(Operand::Text(glob)) if glob.is_any()));
    if !only_present || asks_presence {
        values.push((Candidate::Missing, String::new()));
    }
    if !only_present {
        values.extend(named(&["null", "true", "false", "{}"]));
    } else if own.iter().any(|i| matches!(clauses[*i].test, Test::Is(_))) {
        values.extend(named(&["true", "false"]));
    }
    let mut numbers = vec![271_828.0];
    for i in own {
        match &clauses[*i].test {
            Test::Equals(Operand::Text(glob)) | Test::Differs(Operand::Text(glob)) => {
                values.push((Candidate::Named, quote(&glob.text.replace('*', ""))));
                numbers.extend(glob.text.parse::<f64>().ok().filter(|number| number.is_finite()));
            }
            Test::Equals(Operand::Number(number)) | Test::Differs(Operand::Number(number)) | Test::Order(_, number) => {
                numbers.push(number.value())
            }
            _ => {}
        }
    }
    values.extend(
        around(numbers).into_iter().filter_map(|number| Some((Candidate::Other, serde_json::Number::from_f64(number)?.to_string()))),
    );
    values.sort();
    values.dedup();
    values
}

/// The numbers, one between each two, and one beyond either end.
fn around(mut numbers: Vec<f64>) -> Vec<f64> {
    numbers.sort_by(f64::total_cmp);
    let (lowest, highest) = (numbers[0], numbers[numbers.len() - 1]);
    let between: Vec<f64> = numbers.windows(2).map(|pair| pair[0].midpoint(pair[1])).collect();
    numbers.extend(between);
    numbers.extend([lowest - lowest.abs() - 1.0, highest + highest.abs() + 1.0]);
    numbers
}

/// A message that has the value where the selector looks.
fn wrap(steps: &[Step], value: &str) -> String {
    steps.iter().rev().fold(value.to_owned(), |inner, step| match step {
        Step::Name(name) => format!("{{{}:{inner}}}", serde_json::Value::from(name.as_str())),
        Step::Index(index) => format!("[{}{inner}]", "0,".repeat((*index as usize).min(100))),
        Step::AnyName => format!("{{\"any\":{inner}}}"),
        Step::AnyIndex => format!("[{inner}]"),
    })
}

#[cfg(test)]
mod tests {
    use filter_pattern::ast::Body;

    use super::*;

    #[test]
    fn what_can_be_true_and_what_can_be_false() {
        for (pattern, can_match, can_miss) in [
            ("{ $.a = x }", true, true),
            ("{ ($.a != x) || ($.a != y) }", true, false),
            ("{ ($.a = x) && ($.a = y) }", false, true),
            ("{ ($.a = \"x*\") && ($.a = \"*y\") }", true, true),
            ("{ ($.a = x) || ($.a != x) }", true, false),
            ("{ ($.a = x) && ($.a NOT EXISTS) }", false, true),
            ("{ ($.n > 5) && ($.n < 5) }", false, true),
            ("{ ($.n > 5) && ($.n < 6) }", true, true),
            ("{ ($.n >= 5) || ($.n < 5) }", true, true),
            ("{ ($.n > 0.7) && ($.n < 0.9) }", true, true),
            ("{ $.n > 10000000000000000 }", true, true),
            ("{ ($.n = \"4*\") && ($.n > 399) }", true, true),
            ("{ ($.n = \"5\") && ($.n > 4) }", true, true),
            ("{ ($.n > 5) && ($.n < -5) }", false, true),
            ("{ $.list[5000] = \"x\" }", true, true),
            ("{ $.a != \"*\" }", false, true),
            ("{ $.a = * }", true, true),
            ("{ ($.a = *) || ($.b != x) }", true, true),
            ("{ ($.f IS TRUE) && ($.f IS FALSE) }", false, true),
            ("{ ($.a = %x%) && ($.a = %y%) }", true, true),
            ("{ ($.a[*] = x) && ($.a[*] = y) }", true, true),
            ("{ ($.a = x && $.b = y) || ($.a = x && $.b != y) }", true, true),
        ] {
            let pattern = Pattern::parse(pattern).unwrap();
            let Body::Json(expr) = pattern.body() else { panic!() };
            assert_eq!(possible(expr), Some(Possible { can_match, can_miss }), "{pattern}");
        }
    }
}
