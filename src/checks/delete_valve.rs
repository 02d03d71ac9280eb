//! TA204: one run would delete a large part of what the stack owns.
//!
//! Cannot be seen: whether that is meant. Renames (`moved:`) and replaces do not count.

use crate::finding::{Code, Finding};
use crate::kinds::is_statement;
use crate::plan::{Change, Plan, Reason};
use crate::stack::LimitsSection;

/// What counts as deleted: not what moves, nor statements, which go with what needed them.
pub fn deletes(plan: &Plan) -> usize {
    let counts = |c: &&Change| matches!(c, Change::Delete { address, reason, .. } if !matches!(reason, Reason::Moved(_)) && !is_statement(&address.kind));
    plan.changes.iter().filter(counts).count()
}

/// `allowed` is `--allow-deletes N`.
pub fn delete_valve(plan: &Plan, owned: usize, limits: &LimitsSection, allowed: Option<usize>) -> Option<Finding> {
    let from = limits.from.map_or(10, |n| n as usize);
    let percent = limits.max_delete.map_or(30, |p| p.0 as usize);
    let deletes = deletes(plan);
    let over = owned >= from && deletes * 100 > owned * percent;
    (over && allowed.is_none_or(|n| deletes > n)).then(|| {
        Finding::error(
            Code::DeleteValve,
            format!("the plan deletes {deletes} of the {owned} resources of this stack, more than {percent}%"),
        )
        .help(format!(
            "if that is meant, run it with `--allow-deletes {deletes}`; the limit is `limits: {{max_delete, from}}` in trailarm.yaml"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::Percent;
    use crate::state::{Address, Attributes, Scope};

    fn plan(deletes: usize, reason: &Reason) -> Plan {
        let change =
            |i: usize| Change::Delete { address: Address::new("alarm", i.to_string()), before: Attributes::new(), reason: reason.clone() };
        Plan { scope: Scope::nowhere("s"), changes: (0..deletes).map(change).collect(), unchanged: 0, conflicts: vec![], pending: vec![] }
    }

    #[test]
    fn the_valve_closes_above_the_share_and_from_ten_on() {
        let limits = |percent, from| LimitsSection { max_delete: Some(Percent(percent)), from: Some(from) };
        for (deletes, owned, limits, allowed, closed) in [
            (3, 10, LimitsSection::default(), None, false),
            (4, 10, LimitsSection::default(), None, true),
            (9, 9, LimitsSection::default(), None, false),
            (4, 10, LimitsSection::default(), Some(4), false),
            (5, 10, LimitsSection::default(), Some(4), true),
            (5, 10, limits(50, 10), None, false),
            (1, 2, limits(0, 1), None, true),
        ] {
            let finding = delete_valve(&plan(deletes, &Reason::NotDefined), owned, &limits, allowed);
            assert_eq!(finding.is_some(), closed, "{deletes} of {owned}");
        }
        assert_eq!(delete_valve(&plan(10, &Reason::Moved("x".into())), 10, &LimitsSection::default(), None), None);
    }
}
