//! `except: {actors: […]}`: the clauses that excuse principals, safe when a field is missing.
//!
//! Cannot be told apart: two principals that share a wildcard. An actor is excused by what
//! CloudTrail writes of it: a role by `sessionIssuer.arn`, an AWS service by `invokedBy`, anyone
//! else by `userIdentity.arn`.

use filter_pattern::Condition;

use crate::arn::is_account_id;

const ROLE: &str = "$.userIdentity.sessionContext.sessionIssuer.arn";
const SERVICE: &str = "$.userIdentity.invokedBy";
const PRINCIPAL: &str = "$.userIdentity.arn";

/// An actor as CloudTrail tells it: where, and what is asked there so that it is somebody else. One of these
/// suffices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Actor {
    selector: &'static str,
    others: Vec<Condition>,
}

/// The conditions "it was none of these actors", one for each field, which is named once.
pub(crate) fn none_of(actors: &[Actor]) -> Vec<Condition> {
    let mut selectors: Vec<&'static str> = Vec::new();
    for actor in actors.iter().filter(|actor| !actor.others.is_empty()) {
        if !selectors.contains(&actor.selector) {
            selectors.push(actor.selector);
        }
    }
    let excuse = |selector: &'static str| {
        let here: Vec<&Actor> = actors.iter().filter(|actor| actor.selector == selector).collect();
        let others = match here.as_slice() {
            [actor] => actor.others.clone(),
            several => vec![Condition::all(several.iter().map(|actor| Condition::any(actor.others.clone())))],
        };
        Condition::any([Condition::missing(selector)].into_iter().chain(others))
    };
    selectors.into_iter().map(excuse).collect()
}

/// Reads an actor.
///
/// A `*` inside the ARN is read in different ways by the service (spec, section 2.4), so a pattern
/// with one is cut into parts with stars only at their ends, which all readings agree on.
///
/// # Errors
/// It is neither an ARN of a principal nor the name of a service, or CloudTrail never writes it so.
pub(crate) fn read_actor(actor: &str) -> Result<Actor, String> {
    let selector = match actor.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", _, "iam" | "sts", "", account, ..] if !account.contains('*') && !is_account_id(account) => {
            return Err(format!("`{actor}` names no account: twelve digits, or `*`"));
        }
        ["arn", _, "iam", "", _, resource] if resource.starts_with("role/") => ROLE,
        ["arn", _, "iam", "", _, resource] if is_principal(resource) => PRINCIPAL,
        ["arn", _, "sts", "", _, resource] if resource.starts_with("assumed-role/") && resource.matches('/').count() < 2 => {
            return Err(format!("`{actor}` names no session: CloudTrail writes `assumed-role/<role>/<session>`, so end it with `/*`"));
        }
        ["arn", _, "sts", "", _, resource] if resource.starts_with("assumed-role/") || resource.starts_with("federated-user/") => PRINCIPAL,
        [service] if service.ends_with(".amazonaws.com") && !service.contains('*') => SERVICE,
        _ => return Err(format!("`{actor}` is neither the ARN of a principal nor the name of a service")),
    };
    Ok(Actor { selector, others: parts(actor).iter().map(|part| Condition::differs(selector, part)).collect() })
}

/// What an IAM identity other than a role can be.
fn is_principal(resource: &str) -> bool {
    resource == "root" || resource.starts_with("user/") || resource.starts_with('*')
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
            assert_eq!(none_of(&[read_actor(actor).unwrap()])[0].to_string(), clause);
        }
        for wrong in [
            "ci",
            "arn:aws:s3:::bucket",
            "*",
            "arn:aws:sts::111122223333:assumed-role/ci",
            "arn:aws:iam::111122223333:rol/ci",
            "arn:aws:iam:111122223333:role/ci",
            "arn:aws:iam::12345:role/x",
            "arn:aws:iam::111122223333:group/ops",
        ] {
            assert!(read_actor(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_field_is_named_once_for_all_its_actors() {
        let actors = ["arn:aws:iam::111122223333:user/a", "arn:aws:iam::*:user/ci-*", "cloudformation.amazonaws.com"];
        let actors: Vec<Actor> = actors.iter().map(|actor| read_actor(actor).unwrap()).collect();
        let told: Vec<String> = none_of(&actors).iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                r#"(($.userIdentity.arn NOT EXISTS) || (($.userIdentity.arn != "arn:aws:iam::111122223333:user/a") && (($.userIdentity.arn != "arn:aws:iam::*") || ($.userIdentity.arn != "*:user/ci-*"))))"#,
                r#"(($.userIdentity.invokedBy NOT EXISTS) || ($.userIdentity.invokedBy != "cloudformation.amazonaws.com"))"#,
            ]
        );
        assert_eq!(none_of(&[]), []);
    }

    #[test]
    fn stars_end_up_at_the_ends() {
        for (glob, expected) in [("a", vec!["a"]), ("a*", vec!["a*"]), ("*a", vec!["*a"]), ("*", vec!["*"]), ("*a*b", vec!["*a*", "*b"])] {
            assert_eq!(parts(glob), expected);
        }
    }
}
