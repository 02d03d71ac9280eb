//! `{ … }`: recursive descent; after an error it goes on behind the next `&&`, `||` or bracket
//! (spec, section 1.3).

use super::cursor::Cursor;
use super::operand::{operator, test};
use super::selector;
use crate::ast::{Body, Clause, Expr, Group, Literal, Span, Test};
use crate::error::SyntaxError;
use crate::scan::{Piece, pieces};
use crate::verdict::Rule;

/// Deeper brackets than this are a mistake, or an attack on the stack.
const MOST_DEPTH: usize = 100;

/// Reads a JSON pattern; all that is wrong is told.
pub(super) fn parse(text: &str, offset: usize) -> Result<(Body, Option<Rule>), Vec<SyntaxError>> {
    if let Some(error) = missing_quote(text, offset) {
        return Err(vec![error]);
    }
    let mut parser = Parser { cursor: Cursor::new(text, offset), errors: Vec::new(), depth: 0, gave_up: false };
    parser.cursor.skip();
    let expr = parser.any();
    if !parser.gave_up {
        parser.close();
    }
    match expr {
        Some(expr) if parser.errors.is_empty() => Ok((Body::Json(expr), None)),
        _ => Err(parser.errors),
    }
}

/// With an odd number of quotes every other text is read inside out: told alone, where it probably is.
fn missing_quote(text: &str, offset: usize) -> Option<SyntaxError> {
    let pieces = pieces(text);
    if !matches!(pieces.last(), Some(Piece::Open(open)) if text[open.start..].starts_with('"')) {
        return None;
    }
    let texts: Vec<_> =
        pieces.iter().filter_map(|piece| if let Piece::Quoted(at) | Piece::Open(at) = piece { Some(at) } else { None }).collect();
    let operators = [" && ", " || ", "&&(", "||("];
    let swallowed = texts.iter().find(|at| operators.iter().any(|sign| text[at.start..at.end].contains(sign)));
    let suspect = swallowed.or(texts.last())?;
    let error = SyntaxError::new("this quote is never closed", offset + suspect.start..offset + suspect.start + 1);
    Some(error.help("close it, or write `\\\"` for a quote inside"))
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    errors: Vec<SyntaxError>,
    depth: usize,
    /// The rest was not read: what is missing in it is no error.
    gave_up: bool,
}

impl<'a> Parser<'a> {
    /// The closing brace, with nothing behind it.
    fn close(&mut self) {
        loop {
            self.cursor.blanks();
            if self.cursor.is_at_end() {
                let error = self.cursor.error("the `{` at the start is never closed", "end the pattern with `}`");
                return self.errors.push(error);
            }
            if self.cursor.take("}") {
                break;
            }
            // What follows a condition and joins nothing: told once, then read on behind it.
            let error = self.unexpected();
            self.errors.push(error);
            self.recover();
            if self.cursor.peek() == Some(')') {
                self.cursor.skip();
            }
            if self.joins() {
                self.any();
            }
        }
        self.cursor.blanks();
        if !self.cursor.is_at_end() {
            let error = SyntaxError::new(
                "nothing may follow the closing `}`",
                self.cursor.offset()..self.cursor.offset() + self.cursor.rest().len(),
            );
            self.errors.push(error.help("move it inside the braces"));
        }
    }

    fn unexpected(&self) -> SyntaxError {
        match self.cursor.peek() {
            Some(')') => self.cursor.error("this `)` closes nothing", "remove it, or open it with `(`"),
            Some('&' | '|') => self.cursor.error("a single `&` or `|` joins nothing", "write `&&` or `||`"),
            Some(',') => self.cursor.error("a comma joins nothing here", "join conditions with `&&` or `||`"),
            _ => {
                let message = format!("expected `&&`, `||` or `}}`, found {}", self.cursor.found());
                self.cursor.error(message, "join conditions with `&&` or `||`; a value with blanks stands in quotes")
            }
        }
    }

    fn joins(&mut self) -> bool {
        self.cursor.take("&&") || self.cursor.take("||")
    }

    /// To the next place where a condition may begin or the pattern may end.
    fn recover(&mut self) {
        let mut open = 0_usize;
        loop {
            let rest = self.cursor.rest();
            match self.cursor.peek() {
                Some('(') => {
                    open += 1;
                    self.cursor.skip();
                }
                Some(')') if open > 0 => {
                    open -= 1;
                    self.cursor.skip();
                }
                None | Some(')' | '}') => return,
                Some('"') => drop(self.cursor.quoted()),
                Some('%') => drop(self.cursor.percent()),
                Some(_) if open == 0 && (rest.starts_with("&&") || rest.starts_with("||")) => return,
                Some(_) => self.cursor.skip(),
            }
        }
    }

    fn any(&mut self) -> Option<Expr> {
        self.chain("||", Self::all, Expr::Any)
    }

    fn all(&mut self) -> Option<Expr> {
        self.chain("&&", Self::primary, Expr::All)
    }

    /// Items joined by one operator; one alone stays itself. `None`: an error was told.
    fn chain(&mut self, joint: &str, item: fn(&mut Self) -> Option<Expr>, wrap: fn(Group) -> Expr) -> Option<Expr> {
        self.cursor.blanks();
        let start = self.cursor.offset();
        let mut items = vec![item(self)];
        let mut end = self.cursor.offset();
        loop {
            self.cursor.blanks();
            if !self.cursor.take(joint) {
                break;
            }
            items.push(item(self));
            end = self.cursor.offset();
        }
        if items.len() == 1 {
            return items.remove(0);
        }
        let items = items.into_iter().collect::<Option<Vec<_>>>()?;
        Some(wrap(Group { items, bracketed: false, span: Span(start..end) }))
    }

    fn primary(&mut self) -> Option<Expr> {
        self.cursor.blanks();
        let open = self.cursor.offset();
        if !self.cursor.take("(") {
            return self.told(Self::clause).map(Expr::Clause);
        }
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            self.errors.push(SyntaxError::new("the brackets are nested too deep", open..open + 1).help("remove brackets that do nothing"));
            self.gave_up = true;
            self.cursor.take_while(|_| true);
            return None;
        }
        let inner = self.any();
        self.cursor.blanks();
        while !self.gave_up && !matches!(self.cursor.peek(), Some(')' | '}') | None) {
            let error = self.unexpected();
            self.errors.push(error);
            self.recover();
            if self.joins() {
                self.any();
            }
        }
        self.depth -= 1;
        if self.gave_up {
            return None;
        }
        if !self.cursor.take(")") {
            self.errors.push(SyntaxError::new("this `(` is never closed", open..open + 1).help("close it with `)`"));
            return None;
        }
        inner.map(bracket)
    }

    /// Notes the error and reads on behind the condition.
    fn told<T>(&mut self, read: fn(&mut Self) -> Result<T, SyntaxError>) -> Option<T> {
        match read(self) {
            Ok(value) => Some(value),
            Err(error) => {
                self.errors.push(error);
                // What is never closed reaches to the end, where nothing else is missing.
                self.gave_up |= self.cursor.is_at_end();
                self.recover();
                None
            }
        }
    }

    fn clause(&mut self) -> Result<Clause, SyntaxError> {
        let start = self.cursor.offset();
        self.refuse_negation()?;
        let selector = selector::read(&mut self.cursor)?;
        self.cursor.blanks();
        let operand = self.cursor.offset();
        if let Some(operator) = operator(&mut self.cursor)? {
            self.cursor.blanks();
            let operand = self.cursor.offset();
            let test = test(&mut self.cursor, operator, ")}&|,=<>\"")?;
            return Ok(Clause { selector, test, span: Span(self.cursor.since(start)), operand: Span(self.cursor.since(operand)) });
        }
        let test = self.words()?;
        Ok(Clause { selector, test, span: Span(self.cursor.since(start)), operand: Span(self.cursor.since(operand)) })
    }

    /// Operators of other languages in front of a condition.
    fn refuse_negation(&self) -> Result<(), SyntaxError> {
        let help = "turn the condition round: `!=`, `NOT EXISTS`, and `&&` for `||`";
        match self.cursor.rest() {
            rest if rest.starts_with('!') => Err(self.cursor.error("there is no `!` before a condition", help)),
            rest if rest.starts_with("NOT ") || rest.starts_with("NOT(") => {
                Err(self.cursor.error("there is no `NOT` before a condition", help))
            }
            rest if rest.starts_with(['}', ')']) || rest.is_empty() => {
                Err(self.cursor.error(format!("a condition is missing, found {}", self.cursor.found()), "write `$.name = \"value\"`"))
            }
            rest if rest.starts_with(['&', '|']) => {
                Err(self.cursor.error("a condition is missing before the operator", "write `$.name = \"value\"`"))
            }
            _ => Ok(()),
        }
    }

    /// `IS …` and `NOT EXISTS`.
    fn words(&mut self) -> Result<Test, SyntaxError> {
        let start = self.cursor.offset();
        let first = self.word();
        self.cursor.blanks();
        let second = self.word();
        let at = self.cursor.since(start);
        let error = |message: &str, help: &str| Err(SyntaxError::new(message, at.clone()).help(help));
        match (first, second) {
            ("IS", "NULL") => Ok(Test::Is(Literal::Null)),
            ("IS", "TRUE") => Ok(Test::Is(Literal::True)),
            ("IS", "FALSE") => Ok(Test::Is(Literal::False)),
            ("NOT", "EXISTS") => Ok(Test::NotExists),
            ("IS", "NOT") => {
                error("`IS NOT` is not supported", "for a text or a number write `= \"*\"`; for flags ask for the other value")
            }
            (first, _) if first.eq_ignore_ascii_case("EXISTS") => {
                error("`EXISTS` is not supported", "for a text or a number write `= \"*\"`")
            }
            ("IS", _) => error("`IS` is followed by NULL, TRUE or FALSE", "compare other values with `=`"),
            ("NOT", _) => error("`NOT` is followed by EXISTS", "write `NOT EXISTS`, or compare with `!=`"),
            ("in" | "IN" | "LIKE" | "like" | "CONTAINS" | "contains", _) => {
                error("there is no such operator", "write `=` with alternatives in `||`, with a wildcard, or with a `%regex%`")
            }
            (first, second) if ["IS", "NOT", "EXISTS"].contains(&first.to_uppercase().as_str()) => {
                let upper = format!("{first} {second}").trim().to_uppercase();
                error("keywords are written in upper case", &format!("write `{upper}`"))
            }
            ("", _) => {
                let message = format!("an operator is missing, found {}", self.cursor.found());
                Err(self.cursor.error(message, "write `=`, `!=`, `<`, `>`, `IS NULL` or `NOT EXISTS` behind the selector"))
            }
            _ => error("an operator is missing", "write `=`, `!=`, `<`, `>`, `IS NULL` or `NOT EXISTS` behind the selector"),
        }
    }

    fn word(&mut self) -> &'a str {
        self.cursor.take_while(|c| c.is_ascii_alphabetic())
    }
}

/// Marks a group as standing in round brackets.
fn bracket(expr: Expr) -> Expr {
    match expr {
        Expr::Any(group) => Expr::Any(Group { bracketed: true, ..group }),
        Expr::All(group) => Expr::All(Group { bracketed: true, ..group }),
        clause @ Expr::Clause(_) => clause,
    }
}
