//! Recognizes that a statement covers another without looking at all requests: by patterns that match patterns, and by equal
//! conditions.

use super::super::pattern::Pattern;
use super::super::{Effect, IamCondition, IamContext, IamStatement, holds};
use super::{Part, is_tls};

/// Returns whether a single statement evidently applies to every request that `part` applies to.
pub(super) fn covers(statement: &IamStatement, part: Part<'_>, over_tls: bool) -> bool {
    let other = part.statement;
    let lower = |text: &str| Pattern::wild(text).to_lowercase();
    let exact = |text: &str| Pattern::wild(text);
    let over_tls = over_tls && statement.effect == Effect::Allow;
    statement.is_understood()
        && statement.effect == other.effect
        && is_same(&statement.principals, &other.principals)
        && is_same(&statement.not_principals, &other.not_principals)
        && element(
            &statement.actions,
            &statement.not_actions,
            &other.actions,
            &other.not_actions,
            part.action,
            lower,
        )
        && element(
            &statement.resources,
            &statement.not_resources,
            &other.resources,
            &other.not_resources,
            part.resource,
            exact,
        )
        && statement.conditions.iter().all(|condition| {
            other.conditions.iter().any(|it| is_same_condition(it, condition))
                || over_tls && is_tls(condition.key()) && holds(condition, &secure())
        })
}

fn secure() -> IamContext {
    IamContext::new().with("aws:SecureTransport", "true")
}

fn element(
    covering: &[String],
    covering_not: &[String],
    covered: &[String],
    covered_not: &[String],
    one: Option<&str>,
    pattern: impl Fn(&str) -> Pattern,
) -> bool {
    // Most patterns are equal texts, which are found without reading them as patterns.
    let is_within = |text: &str| {
        covering.iter().any(|it| it == text) || {
            let text = pattern(text);
            covering.iter().any(|it| pattern(it).covers(&text))
        }
    };
    match one {
        Some(one) => is_within(one),
        None if covered.is_empty() => covering.is_empty() && is_same(covering_not, covered_not),
        None => covered.iter().all(|one| is_within(one)),
    }
}

/// Returns whether two lists have the same elements in any order.
fn is_same<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    one.iter().all(|it| other.contains(it)) && other.iter().all(|it| one.contains(it))
}

fn is_same_condition(one: &IamCondition, other: &IamCondition) -> bool {
    one.operator() == other.operator()
        && one.key().eq_ignore_ascii_case(other.key())
        && is_same(one.values(), other.values())
}
