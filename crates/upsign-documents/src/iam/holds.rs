//! Evaluates conditions.

use super::operator::{Quantifier, Test};
use super::pattern::Pattern;
use super::value::{Date, Network, number};
use super::{IamCondition, IamContext};

/// Returns whether a condition holds in a request context.
///
/// Source: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html>.
pub(crate) fn holds(condition: &IamCondition, context: &IamContext) -> bool {
    let operator = condition.operator();
    let given = context.values(condition.key());
    if operator.test == Test::Null {
        return condition.values().iter().any(|value| value.eq_ignore_ascii_case("true") == given.is_none());
    }
    // For an absent key, `ForAllValues` and negated tests without a quantifier succeed; every other test fails unless it has
    // the suffix `IfExists`.
    let Some(given) = given else {
        let for_all = operator.set == Some(Quantifier::ForAllValues);
        return operator.if_exists
            || for_all
            || (operator.set.is_none() && operator.test.negates().is_some());
    };
    let satisfies = |given: &String| {
        let any = |test| condition.values().iter().any(|value| test_one(test, given, value, context));
        // A negated test succeeds if none of the values matches.
        operator.test.negates().map_or_else(|| any(operator.test), |positive| !any(positive))
    };
    match operator.set {
        Some(Quantifier::ForAnyValue) => given.iter().any(satisfies),
        Some(Quantifier::ForAllValues) => given.iter().all(satisfies),
        None => given.first().is_some_and(satisfies),
    }
}

/// Returns whether a value of the request passes a test that is not negated.
fn test_one(test: Test, given: &str, wanted: &str, context: &IamContext) -> bool {
    let numbers = |compare: fn(&f64, &f64) -> bool| {
        number(given).zip(number(wanted)).is_some_and(|(given, wanted)| compare(&given, &wanted))
    };
    let dates = |compare: fn(&Date, &Date) -> bool| {
        Date::parse(given).zip(Date::parse(wanted)).is_some_and(|(given, wanted)| compare(&given, &wanted))
    };
    let matches = |pattern: Pattern, test: fn(&Pattern, &str) -> bool| {
        pattern.resolve(context).is_some_and(|pattern| test(&pattern, given))
    };
    match test {
        Test::StringEquals | Test::BinaryEquals => matches(Pattern::literal(wanted), Pattern::matches),
        Test::StringEqualsIgnoreCase | Test::Bool => matches(Pattern::literal(wanted), |pattern, given| {
            pattern.to_lowercase().matches(&given.to_ascii_lowercase())
        }),
        Test::StringLike => matches(Pattern::wild(wanted), Pattern::matches),
        Test::NumericEquals => numbers(|given, wanted| given.total_cmp(wanted).is_eq()),
        Test::NumericLessThan => numbers(f64::lt),
        Test::NumericLessThanEquals => numbers(f64::le),
        Test::NumericGreaterThan => numbers(f64::gt),
        Test::NumericGreaterThanEquals => numbers(f64::ge),
        Test::DateEquals => dates(Date::eq),
        Test::DateLessThan => dates(Date::lt),
        Test::DateLessThanEquals => dates(Date::le),
        Test::DateGreaterThan => dates(Date::gt),
        Test::DateGreaterThanEquals => dates(Date::ge),
        Test::IpAddress => Network::parse(wanted)
            .zip(Network::parse(given))
            .is_some_and(|(wanted, given)| wanted.contains(&given)),
        Test::ArnEquals | Test::ArnLike => matches(Pattern::wild(wanted), Pattern::matches_arn),
        Test::StringNotEquals
        | Test::StringNotEqualsIgnoreCase
        | Test::StringNotLike
        | Test::NumericNotEquals
        | Test::DateNotEquals
        | Test::NotIpAddress
        | Test::ArnNotEquals
        | Test::ArnNotLike
        | Test::Null => false,
    }
}
