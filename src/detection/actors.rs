//! `except: {actors: […]}`: the clauses that excuse principals, safe when a field is missing.
//!
//! Cannot be told apart: two principals that share a wildcard. An actor is excused by what
//! CloudTrail writes of it: a role by `sessionIssuer.arn`, an AWS service by `invokedBy`, anyone
//! else by `userIdentity.arn`.

use filter_pattern::Condition;

const ROLE: &str = "$.userIdentity.sessionContext.sessionIssuer.arn";
const SERVICE: &str = "$.userIdentity.invokedBy";
const PRINCIPAL: &str = "$.userIdentity.arn";

/// The condition "it was not this actor".
///
/// A `*` inside the ARN is read in different ways by the service (spec, section 2.4), so a pattern
/// with one is cut into parts with stars only at their ends, which all readings agree on.
///
/// # Errors
/// It is neither an ARN of a principal nor the name of a service.
pub(crate) fn not_actor(actor: &str) -> Result<Condition, String> {
    let selector = match actor.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", _, "iam", _, _, rest @ ..] if rest.join(":").starts_with("role/") => ROLE,
        ["arn", _, "iam" | "sts", _, _, ..] => PRINCIPAL,
        [service] if service.ends_with(".amazonaws.com") && !service.contains('*') => SERVICE,
        _ => return Err(format!("`{actor}` is neither the ARN of a principal nor the name of a service")),
    };
    let mut clauses = vec![Condition::missing(selector)];
    clauses.extend(parts(actor).iter().map(|part| Condition::differs(selector, part)));
    Ok(Condition::any(clauses))
}

/// `a*b*` → `a*`, `*b*`: together they ask what the whole asks.
fn parts(glob: &str) -> Vec<String> {
    let pieces: Vec<&str> = glob.split('*').collect();
    let last = pieces.len() - 1;
    if last == 0 || (last == 1 && (pieces[0].is_empty() || pieces[1].is_empty())) {
        return vec![glob.to_owned()];
    }
    let star = |yes: bool| if yes { "*" } else { "" };
    pieces
        .iter()
        .enumerate()
        .filter(|(_, piece)| !piece.is_empty())
        .map(|(i, piece)| format!("{}{piece}{}", star(i > 0), star(i < last)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_actor_is_excused_by_its_own_field() {
        for (actor, clause) in [
            (
                "arn:aws:iam::111122223333:role/ci",
                r#"(($.userIdentity.sessionContext.sessionIssuer.arn NOT EXISTS) || ($.userIdentity.sessionContext.sessionIssuer.arn != "arn:aws:iam::111122223333:role/ci"))"#,
            ),
            (
                "arn:aws:iam::*:role/ci-*",
                r#"(($.userIdentity.sessionContext.sessionIssuer.arn NOT EXISTS) || ($.userIdentity.sessionContext.sessionIssuer.arn != "arn:aws:iam::*") || ($.userIdentity.sessionContext.sessionIssuer.arn != "*:role/ci-*"))"#,
            ),
            (
                "arn:aws:iam::111122223333:user/deploy",
                r#"(($.userIdentity.arn NOT EXISTS) || ($.userIdentity.arn != "arn:aws:iam::111122223333:user/deploy"))"#,
            ),
            (
                "cloudformation.amazonaws.com",
                r#"(($.userIdentity.invokedBy NOT EXISTS) || ($.userIdentity.invokedBy != "cloudformation.amazonaws.com"))"#,
            ),
        ] {
            assert_eq!(not_actor(actor).unwrap().to_string(), clause);
        }
        for wrong in ["ci", "arn:aws:s3:::bucket", "*"] {
            assert!(not_actor(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn stars_end_up_at_the_ends() {
        for (glob, expected) in [("a", vec!["a"]), ("a*", vec!["a*"]), ("*a", vec!["*a"]), ("*", vec!["*"]), ("*a*b", vec!["*a*", "*b"])] {
            assert_eq!(parts(glob), expected);
        }
    }
}
