//! TA305: true, false or null compared with `=`

use filter_pattern::ast::{Operand, Test};

use super::{Lint, Reporter, Subject};
use crate::cloudtrail::properties::{is_flag, is_text};
use crate::finding::Severity;

pub(super) const LINT: Lint = Lint { code: "TA305", severity: Severity::Error, doc: include_str!("boolean_text.md"), check };

fn check(subject: &Subject<'_>, reporter: &mut Reporter<'_>) {
    for filter in &subject.filters {
        for clause in filter.pattern.clauses() {
            let (Test::Equals(Operand::Text(glob)) | Test::Differs(Operand::Text(glob))) = &clause.test else { continue };
            let selector = clause.selector.to_string();
            let is_quoted = filter.text(&clause.operand.0).starts_with('"');
            let is_word = ["true", "false", "null"].contains(&glob.text.as_str());
            if is_flag(&selector) || (is_word && !is_quoted && !is_text(&selector)) {
                let word = if is_word { glob.text.to_uppercase() } else { "TRUE".to_owned() };
                let message = format!("whether `=` and `!=` are ever true on true, false or null, AWS does not say ({selector})");
                let help = format!("write `{selector} IS {word}`; in quotes, {} is a text", glob.text);
                reporter.say(&filter.at(clause.span.0.clone()), message, help);
            }
        }
    }
}
