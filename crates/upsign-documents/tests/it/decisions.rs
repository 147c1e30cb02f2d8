//! Whatever two IAM policies look like, their comparison is empty only if every request gets the same decision.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use upsign_documents::{IamContext, IamDecision, IamPolicy, IamRequest, RequestPrincipal, Severity};

const ROLE: &str = "arn:aws:iam::111111111111:role/a";

fn read(statements: &Value) -> IamPolicy {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    IamPolicy::from_json(&document.to_string()).unwrap()
}

/// The requests have these values, and the policies have patterns of them.
const ACTIONS: [&str; 4] = ["s3:PutObject", "s3:PutObjectAcl", "s3:GetObject", "iam:PassRole"];
const RESOURCES: [&str; 5] = ["b/a/1", "b/a/12", "b/b/1", "b/bob/1", "c/1"];
const TAGS: [&str; 3] = ["bob", "a", "Bob"];
const AGES: [&str; 4] = ["1", "5", "9", "x"];
const ADDRESSES: [&str; 3] = ["10.0.0.1", "10.0.1.1", "2001:db8::1"];

fn one_or_many(values: &'static [&'static str]) -> impl Strategy<Value = Value> {
    subsequence(values.to_vec(), 1..3).prop_map(|some| json!(some))
}

fn condition() -> impl Strategy<Value = Value> {
    let texts = select(vec![
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
        "StringEqualsIfExists",
        "StringNotLikeIfExists",
    ]);
    let texts = (texts, one_or_many(&["bob", "a*", "*", "Bob", "?"]))
        .prop_map(|(op, v)| json!({op: {"aws:username": v}}));
    let numbers = select(vec![
        "NumericLessThan",
        "NumericGreaterThanEquals",
        "NumericEquals",
        "NumericNotEquals",
        "NumericLessThanIfExists",
    ]);
    let numbers =
        (numbers, one_or_many(&["1", "5", "8"])).prop_map(|(op, v)| json!({op: {"s3:signatureAge": v}}));
    let addresses =
        (select(vec!["IpAddress", "NotIpAddress"]), one_or_many(&["10.0.0.0/24", "10.0.0.0/8", "::/0"]));
    let addresses = addresses.prop_map(|(op, v)| json!({op: {"aws:SourceIp": v}}));
    let sets = select(vec![
        "ForAnyValue:StringEquals",
        "ForAllValues:StringEquals",
        "ForAllValues:StringNotEquals",
        "ForAnyValue:StringNotLike",
        "ForAllValues:StringLikeIfExists",
    ]);
    let sets = (sets, one_or_many(&["a", "bob"])).prop_map(|(op, v)| json!({op: {"aws:TagKeys": v}}));
    let null =
        (select(vec!["true", "false"]), select(vec!["aws:username", "s3:signatureAge", "aws:TagKeys"]));
    let null = null.prop_map(|(value, key)| json!({"Null": {key: value}}));
    prop_oneof![2 => Just(json!({})), 2 => texts, 1 => numbers, 1 => addresses, 1 => sets, 1 => null]
}

fn statement(resource_policy: bool) -> impl Strategy<Value = Value> {
    let actions = one_or_many(&["s3:PutObject", "s3:Put*", "s3:*", "*", "S3:GetObject", "*:*Role"]);
    let resources = one_or_many(&["b/a/*", "b/*", "b/a/?", "*", "b/${aws:username}/*", "b/bob/*", "?/1"]);
    let principals = select(vec![
        json!("*"),
        json!({"AWS": ROLE}),
        json!({"AWS": "111111111111"}),
        json!({"Service": ["a.aws", "b.aws"]}),
        json!({"AWS": ["arn:aws:iam::111111111111:role/b", "222222222222"], "Service": "a.aws"}),
    ]);
    (any::<bool>(), actions, resources, condition(), principals, prop::bool::weighted(0.3)).prop_map(
        move |(allow, actions, resources, condition, principal, not_principal)| {
            let mut out = json!({"Effect": if allow { "Allow" } else { "Deny" }, "Condition": condition});
            out["Action"] = actions;
            out["Resource"] = resources;
            if resource_policy {
                let name = if not_principal && !allow { "NotPrincipal" } else { "Principal" };
                out[name] = principal;
            }
            out
        },
    )
}

/// Turns an element into its negation.
fn negate(mut statement: Value, name: &str) -> Value {
    let value = statement.as_object_mut().unwrap().remove(name).unwrap();
    statement[format!("Not{name}")] = value;
    statement
}

fn statements(resource_policy: bool) -> impl Strategy<Value = Vec<Value>> {
    let negated = (statement(resource_policy), prop::bool::weighted(0.2), prop::bool::weighted(0.2))
        .prop_map(|(statement, action, resource)| {
            let statement = if action { negate(statement, "Action") } else { statement };
            if resource { negate(statement, "Resource") } else { statement }
        });
    prop::collection::vec(negated, 1..4)
}

fn request(resource_policy: bool) -> impl Strategy<Value = IamRequest> {
    let mut principals = vec![RequestPrincipal::Role(ROLE.into())];
    if resource_policy {
        principals.push(RequestPrincipal::Role("arn:aws:iam::222222222222:role/b".into()));
        principals.push(RequestPrincipal::Role("arn:aws:iam::333333333333:role/c".into()));
        principals.push(RequestPrincipal::Anonymous);
        principals.push(RequestPrincipal::Service("a.aws".into()));
        principals.push(RequestPrincipal::Service("c.aws".into()));
    }
    let username = prop::option::of(select(TAGS.to_vec()));
    let age = prop::option::of(select(AGES.to_vec()));
    let address = prop::option::of(select(ADDRESSES.to_vec()));
    let tags = prop::option::of(subsequence(vec!["a", "bob", "c"], 1..3));
    (select(principals), select(ACTIONS.to_vec()), select(RESOURCES.to_vec()), username, age, address, tags)
        .prop_map(|(principal, action, resource, username, age, address, tags)| {
            let mut context = IamContext::new();
            for (key, value) in
                [("aws:username", username), ("s3:signatureAge", age), ("aws:SourceIp", address)]
            {
                if let Some(value) = value {
                    context = context.with(key, value);
                }
            }
            if let Some(tags) = tags {
                context = context.with_values("aws:TagKeys", tags);
            }
            IamRequest { principal, action: action.into(), resource: resource.into(), context }
        })
}

/// Checks what the differences of two policies say against the decisions about sampled requests, and returns how many
/// requests were decided differently.
fn check_pair(
    derived: &IamPolicy,
    deployed: &IamPolicy,
    requests: &[IamRequest],
    of_resource: bool,
) -> usize {
    let differences = derived.differences(deployed);
    let has = |severity| differences.iter().any(|it| it.severity() == severity);
    let denies_more = differences.iter().any(|it| it.denied_by().is_some());
    let decide = |policy: &IamPolicy, request: &IamRequest| {
        if of_resource { request.evaluate(&[], Some(policy)) } else { request.evaluate(&[policy], None) }
    };
    let mut different = 0;
    for request in requests {
        let (one, other) = (decide(derived, request), decide(deployed, request));
        let explain = || {
            format!(
                "{request:?}\n{one:?} {other:?}\n{differences:?}\n{}{}",
                derived.to_json(),
                deployed.to_json()
            )
        };
        let is_denied = |decision: &IamDecision| matches!(decision, IamDecision::ExplicitDeny(_));
        if other.is_allowed() && !one.is_allowed() {
            assert!(has(Severity::Wider), "{}", explain());
        }
        if one.is_allowed() && !other.is_allowed() {
            assert!(has(Severity::Broken) || denies_more, "{}", explain());
        }
        if is_denied(&one) && !is_denied(&other) {
            assert!(has(Severity::Wider), "{}", explain());
        }
        if is_denied(&other) && !is_denied(&one) {
            assert!(denies_more, "{}", explain());
        }
        different +=
            usize::from(one.is_allowed() != other.is_allowed() || is_denied(&one) != is_denied(&other));
    }
    different
}

#[test]
fn differences_are_empty_only_if_every_request_gets_the_same_decision() {
    for of_resource in [false, true] {
        let mut runner = TestRunner::new(Config::with_cases(400));
        let policies = (statements(of_resource), statements(of_resource), any::<prop::sample::Index>());
        let requests = prop::collection::vec(request(of_resource), 60);
        let (compared, decided_differently, equal) = (Cell::new(0), Cell::new(0), Cell::new(0));
        let result = runner.run(&(policies, requests), |((first, second, index), requests)| {
            // Half of the pairs differ in one statement only.
            let mut near = first.clone();
            let at = index.index(near.len());
            near[at] = second[0].clone();
            // The other half has the same meaning in another order.
            let turned: Vec<Value> = first.iter().rev().cloned().chain([first[0].clone()]).collect();
            let [first, second, near, turned] = [first, second, near, turned].map(|it| read(&json!(it)));
            prop_assert!(first.not_understood().is_empty(), "{:?}", first.not_understood());
            prop_assert_eq!(first.differences(&turned), []);
            for (one, other) in [(&first, &second), (&first, &near), (&near, &first), (&first, &turned)] {
                compared.set(compared.get() + 1);
                equal.set(equal.get() + usize::from(one.differences(other).is_empty()));
                decided_differently
                    .set(decided_differently.get() + check_pair(one, other, &requests, of_resource));
            }
            Ok(())
        });
        result.unwrap();
        println!(
            "{} pairs, {} equal, {} decisions differ",
            compared.get(),
            equal.get(),
            decided_differently.get()
        );
        assert!(decided_differently.get() > 1_000 && equal.get() > 400 && equal.get() < compared.get() - 400);
    }
}
