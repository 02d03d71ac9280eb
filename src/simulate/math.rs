//! Metric math, period by period (spec, section 4.7): `+ - * /`, comparisons, SUM, IF, FILL with a number.
//!
//! Left out: all other functions, and SUM over the time of one metric. An expression with those is not simulated.

use std::collections::BTreeMap;

/// An expression, read.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    Number(f64),
    /// The id of a metric or of another expression.
    Id(String),
    Calculate(Box<Expression>, Operator, Box<Expression>),
    /// SUM over several: `SUM([m1, m2])`; empty: `SUM(METRICS())`.
    Sum(Vec<Expression>),
    If(Box<Expression>, Box<Expression>, Option<Box<Expression>>),
    Fill(Box<Expression>, f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
    And,
    Or,
}

/// What AWS does not say about a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    DivisionByZero,
    SumOfSome,
}

impl Open {
    pub fn question(self) -> &'static str {
        match self {
            Self::DivisionByZero => "AWS does not say what a division by zero comes to",
            Self::SumOfSome => "AWS does not say what SUM does where only some of its metrics have data",
        }
    }
}

/// Operators by how strongly they bind, the weakest first.
const LEVELS: [&[(&str, Operator)]; 5] = [
    &[("||", Operator::Or), ("OR", Operator::Or)],
    &[("&&", Operator::And), ("AND", Operator::And)],
    &[
        ("<=", Operator::LessOrEqual),
        (">=", Operator::GreaterOrEqual),
        ("==", Operator::Equal),
        ("!=", Operator::NotEqual),
        ("<", Operator::Less),
        (">", Operator::Greater),
    ],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[("*", Operator::Multiply), ("/", Operator::Divide)],
];

impl Expression {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is not simulated, or is no expression.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parser = Parser { rest: text, depth: 0 };
        let expression = parser.level(0)?;
        parser.blanks();
        if parser.rest.is_empty() { Ok(expression) } else { Err(format!("`{}` is not simulated", parser.rest)) }
    }

    /// The ids it names.
    pub fn ids(&self) -> Vec<&str> {
        match self {
            Self::Number(_) => Vec::new(),
            Self::Id(id) => vec![id],
            Self::Calculate(a, _, b) => [a.ids(), b.ids()].concat(),
            Self::Sum(items) => items.iter().flat_map(Self::ids).collect(),
            Self::If(condition, yes, no) => [condition.ids(), yes.ids(), no.as_ref().map(|no| no.ids()).unwrap_or_default()].concat(),
            Self::Fill(inner, _) => inner.ids(),
        }
    }

    /// The result for one period. `values`: of each id, `None` for no data. What AWS leaves open is added to `open`.
    pub fn value(&self, values: &BTreeMap<&str, Option<f64>>, open: &mut Vec<Open>) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Id(id) => values.get(id.as_str()).copied().flatten(),
            Self::Calculate(a, operator, b) => {
                let (a, b) = (a.value(values, open)?, b.value(values, open)?);
                operator.apply(a, b).or_else(|| {
                    open.push(Open::DivisionByZero);
                    None
                })
            }
            Self::Sum(items) => {
                let all: Vec<Option<f64>> = match items.as_slice() {
                    [] => values.values().copied().collect(),
                    items => items.iter().map(|item| item.value(values, open)).collect(),
                };
                let some: Vec<f64> = all.iter().flatten().copied().collect();
                if !some.is_empty() && some.len() < all.len() {
                    open.push(Open::SumOfSome);
                }
                (!some.is_empty()).then(|| some.iter().sum())
            }
            Self::If(condition, yes, no) => match (condition.value(values, open)?, no) {
                (truth, _) if truth != 0.0 => yes.value(values, open),
                (_, Some(no)) => no.value(values, open),
                (_, None) => None,
            },
            Self::Fill(inner, number) => Some(inner.value(values, open).unwrap_or(*number)),
        }
    }
}

impl Operator {
    /// `None`: a division by zero.
    fn apply(self, a: f64, b: f64) -> Option<f64> {
        let truth = |holds: bool| Some(f64::from(u8::from(holds)));
        match self {
            Self::Add => Some(a + b),
            Self::Subtract => Some(a - b),
            Self::Multiply => Some(a * b),
            Self::Divide => (b != 0.0).then(|| a / b),
            Self::Less => truth(a < b),
            Self::LessOrEqual => truth(a <= b),
            Self::Greater => truth(a > b),
            Self::GreaterOrEqual => truth(a >= b),
            Self::Equal => truth(a == b),
            Self::NotEqual => truth(a != b),
            Self::And => truth(a != 0.0 && b != 0.0),
            Self::Or => truth(a != 0.0 || b != 0.0),
        }
    }
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

/// Brackets within brackets; more than this is nobody's alarm.
const DEEPEST: usize = 64;

impl Parser<'_> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, sign: &str) -> bool {
        self.blanks();
        let taken = self.rest.strip_prefix(sign);
        // A word ends where no letter follows: ORDER is no OR.
        let ends = |rest: &str| !sign.ends_with(char::is_alphanumeric) || !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        self.rest = taken.filter(|rest| ends(rest)).unwrap_or(self.rest);
        taken.is_some_and(ends)
    }

    fn demand(&mut self, sign: &str) -> Result<(), String> {
        if self.take(sign) { Ok(()) } else { Err(format!("`{sign}` is missing before `{}`", self.rest)) }
    }

    fn level(&mut self, level: usize) -> Result<Expression, String> {
        let Some(operators) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.level(level + 1)?;
        while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.take(sign)) {
            left = Expression::Calculate(Box::new(left), *operator, Box::new(self.level(level + 1)?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expression, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("more than {DEEPEST} brackets within each other"));
        }
        let result = if self.take("-") {
            let negative = Expression::Number(-1.0);
            self.unary().map(|inner| Expression::Calculate(Box::new(negative), Operator::Multiply, Box::new(inner)))
        } else {
            self.primary()
        };
        self.depth -= 1;
        result
    }

    fn primary(&mut self) -> Result<Expression, String> {
        if self.take("(") {
            let inner = self.level(0)?;
            self.demand(")")?;
            return Ok(inner);
        }
        if let Some(number) = self.number() {
            return Ok(Expression::Number(number));
        }
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        if word.is_empty() {
            return Err(format!("a number, an id or a function is missing before `{rest}`"));
        }
        self.rest = rest;
        if !self.take("(") {
            return Ok(Expression::Id(word.to_owned()));
        }
        let result = match word {
            "SUM" => self.sum(),
            "IF" => self.condition(),
            "FILL" => self.fill(),
            _ => Err(format!("the function {word} is not simulated")),
        }?;
        self.demand(")")?;
        Ok(result)
    }

    fn number(&mut self) -> Option<f64> {
        self.blanks();
        let end = self.rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest.len());
        let number = self.rest[..end].parse().ok()?;
        self.rest = &self.rest[end..];
        Some(number)
    }

    fn sum(&mut self) -> Result<Expression, String> {
        if self.take("METRICS") {
            self.demand("(")?;
            self.demand(")")?;
            return Ok(Expression::Sum(Vec::new()));
        }
        if !self.take("[") {
            return Err("SUM over the time of one metric is not simulated".to_owned());
        }
        let mut items = vec![self.level(0)?];
        while self.take(",") {
            items.push(self.level(0)?);
        }
        self.demand("]")?;
        Ok(Expression::Sum(items))
    }

    fn condition(&mut self) -> Result<Expression, String> {
        let condition = self.level(0)?;
        self.demand(",")?;
        let yes = self.level(0)?;
        let no = if self.take(",") { Some(Box::new(self.level(0)?)) } else { None };
        Ok(Expression::If(Box::new(condition), Box::new(yes), no))
    }

    fn fill(&mut self) -> Result<Expression, String> {
        let inner = self.level(0)?;
        self.demand(",")?;
        let sign = if self.take("-") { -1.0 } else { 1.0 };
        let number = self.number().ok_or("FILL is simulated with a number alone")?;
        Ok(Expression::Fill(Box::new(inner), sign * number))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_a_period() {
        let values = BTreeMap::from([("m1", Some(6.0)), ("m2", Some(2.0)), ("zero", Some(0.0)), ("none", None)]);
        for (text, expected, open) in [
            ("m1 + m2 * 2", Some(10.0), &[][..]),
            ("(m1+m2)*2", Some(16.0), &[]),
            ("m1 - m2 - 1", Some(3.0), &[]),
            ("-m1 / m2", Some(-3.0), &[]),
            ("m1 / zero", None, &[Open::DivisionByZero]),
            ("m1 + none", None, &[]),
            ("m1 + FILL(none, 0)", Some(6.0), &[]),
            ("FILL(none, -1.5)", Some(-1.5), &[]),
            ("SUM([m1, m2])", Some(8.0), &[]),
            ("SUM([m1, none])", Some(6.0), &[Open::SumOfSome]),
            ("SUM([none])", None, &[]),
            ("SUM(METRICS())", Some(8.0), &[Open::SumOfSome]),
            ("IF(m1 > 5 AND m2 <= 2, m1, 0)", Some(6.0), &[]),
            ("IF(m1 < 5 || zero, 1, 2)", Some(2.0), &[]),
            ("IF(m1 == 5, 1)", None, &[]),
            ("IF(none, 1, 2)", None, &[]),
            ("m1 != m2", Some(1.0), &[]),
        ] {
            let mut found = Vec::new();
            let result = Expression::parse(text).unwrap_or_else(|e| panic!("{text}: {e}")).value(&values, &mut found);
            assert_eq!((result, found.as_slice()), (expected, open), "{text}");
        }
        assert_eq!(Expression::parse("IF(m1, SUM([m2, 1]), FILL(m3, 0))").unwrap().ids(), ["m1", "m2", "m3"]);
    }

    #[test]
    fn what_is_not_simulated_is_said() {
        for (text, error) in [
            ("ANOMALY_DETECTION_BAND(m1, 2)", "the function ANOMALY_DETECTION_BAND is not simulated"),
            ("SUM(m1)", "SUM over the time of one metric is not simulated"),
            ("FILL(m1, REPEAT)", "FILL is simulated with a number alone"),
            ("m1 ^ 2", "`^ 2` is not simulated"),
            ("m1 +", "a number, an id or a function is missing before ``"),
            ("(m1", "`)` is missing before ``"),
        ] {
            assert_eq!(Expression::parse(text), Err(error.to_owned()), "{text}");
        }
        assert!(Expression::parse(&"(".repeat(100_000)).is_err());
        assert!(Expression::parse(&"-".repeat(100_000)).is_err());
    }
}
