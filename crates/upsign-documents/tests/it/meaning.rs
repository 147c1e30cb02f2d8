//! Comparison of IAM policies by meaning: whatever the policies look like, the comparison is empty only if every request gets
//! the same decision.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};
use upsign_documents::{
    Difference, IamContext, IamDecision, IamPolicy, IamRequest, RequestPrincipal, Severity,
};

const ROLE: &str = "arn:aws:iam::111111111111:role/a";

fn read(statements: &Value) -> IamPolicy {
    let document = json!({"Version": "2012-10-17", "Statement": statements});
    IamPolicy::from_json(&document.to_string()).unwrap()
}

/// Returns the differences between policies of these statements.
fn compare(derived: &str, deployed: &str) -> Vec<(Severity, String)> {
    let read = |text: &str| {
        let policy = read(&serde_json::from_str(text).unwrap());
        assert_eq!(policy.not_understood(), [], "{text}");
        policy
    };
    let differences = read(derived).differences(&read(deployed));
    differences.iter().map(|it| (it.severity(), it.description().to_owned())).collect()
}

const PUT: &str = r#"{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/raw/*"}"#;

#[test]
fn other_spellings_of_the_same_meaning_are_equal() {
    let two = r#"{"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"],
        "Resource": ["arn:aws:s3:::b/a/*", "arn:aws:s3:::b/b/*"]}"#;
    let guard = r#"{"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalAccount": ["1", "2"]}}}"#;
    let fresh = r#"{"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*",
        "Condition": {"NumericGreaterThan": {"s3:signatureAge": "900000"}}}"#;
    for (one, other) in [
        (PUT, r#"{"Effect": "Allow", "Action": ["S3:putobject"], "Resource": ["arn:aws:s3:::b/raw/*"]}"#),
        (
            PUT,
            r#"{"Effect": "Allow", "Action": "s3:PutObject",
            "Resource": ["arn:aws:s3:::b/raw/?*", "arn:aws:s3:::b/raw/"]}"#,
        ),
        (
            PUT,
            r#"{"Effect": "Allow", "Action": "s3:PutObject",
            "Resource": ["arn:aws:s3:::b/raw/*", "arn:aws:s3:::b/raw/x*"]}"#,
        ),
        (
            two,
            r#"[{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/a/*"},
            {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::b/b/*"},
            {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/a/*"}]"#,
        ),
        (
            guard,
            r#"[{"Effect": "Deny", "Principal": {"AWS": ["*"]}, "Action": "S3:*", "Resource": ["*"],
            "Condition": {"StringNotLike": {"AWS:principalaccount": ["2", "1"]}}}]"#,
        ),
        (
            fresh,
            r#"{"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*",
            "Condition": {"NumericGreaterThan": {"s3:SignatureAge": 9e5}}}"#,
        ),
        (
            fresh,
            r#"[{"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*",
            "Condition": {"NumericGreaterThanEquals": {"s3:signatureAge": "1000000"}}},
            {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*",
            "Condition": {"NumericGreaterThan": {"s3:signatureAge": "900000"},
                "NumericLessThan": {"s3:signatureAge": "1000000"}}}]"#,
        ),
        (
            r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
            r#"[{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"},
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]"#,
        ),
    ] {
        assert_eq!(compare(one, other), [], "{other}");
        assert_eq!(compare(other, one), [], "{other}");
    }
}

#[test]
fn permission_that_a_deny_takes_back_is_not_wider() {
    let deployed = r#"[{"Effect": "Allow", "Action": "s3:*", "Resource": "arn:aws:s3:::b/raw/*"},
        {"Sid": "OnlyPut", "Effect": "Deny", "NotAction": "s3:PutObject", "Resource": "*"}]"#;
    let found = compare(PUT, deployed);
    assert_eq!(found.len(), 1, "{found:?}");
    let description = "every action except s3:PutObject on * is denied (OnlyPut)";
    assert_eq!(found[0], (Severity::Narrower, description.to_owned()));
}

#[test]
fn negated_elements_are_compared() {
    let wider = |statement: &str, description: &str| {
        let found = compare(PUT, &format!("[{PUT}, {statement}]"));
        assert_eq!(found, [(Severity::Wider, description.to_owned())], "{statement}");
    };
    wider(
        r#"{"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:aws:s3:::b/raw/*"}"#,
        "every action except iam:* on arn:aws:s3:::b/raw/* is allowed",
    );
    wider(
        r#"{"Effect": "Allow", "Action": "s3:PutObject", "NotResource": ["x", "y"]}"#,
        "s3:PutObject on every resource except x, y is allowed",
    );
    let broken = |statement: &str, description: &str| {
        let found = compare(PUT, &format!("[{PUT}, {statement}]"));
        assert_eq!(found, [(Severity::Broken, description.to_owned())], "{statement}");
    };
    broken(
        r#"{"Effect": "Deny", "NotAction": "s3:Get*", "Resource": "*"}"#,
        "every action except s3:Get* on * is denied (statement 2)",
    );
    broken(
        r#"{"Effect": "Deny", "Action": "s3:*", "NotResource": "arn:aws:s3:::b/raw/5*"}"#,
        "s3:* on every resource except arn:aws:s3:::b/raw/5* is denied (statement 2)",
    );
}

/// `?` is not a text that `*` could stand for: a pattern with `?` covers none with `*`.
#[test]
fn question_mark_does_not_cover_a_star() {
    let one = r#"{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/raw/?"}"#;
    let description = "s3:PutObject on arn:aws:s3:::b/raw/* is allowed".to_owned();
    assert_eq!(compare(one, PUT), [(Severity::Wider, description)]);
}

#[test]
fn condition_that_is_missing_or_negated_is_wider() {
    let with = |condition: &str| {
        format!(
            r#"{{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "arn:k", "Condition": {condition}}}"#
        )
    };
    let derived = with(r#"{"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}"#);
    for wider in [
        "{}",
        r#"{"StringLike": {"kms:ViaService": "s3.*"}}"#,
        r#"{"StringEqualsIfExists": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}"#,
        r#"{"StringEqualsIgnoreCase": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}"#,
        r#"{"StringEquals": {"kms:ViaService": ["s3.eu-west-1.amazonaws.com", "sqs.eu-west-1.amazonaws.com"]}}"#,
    ] {
        let description =
            "kms:Decrypt on arn:k is allowed beyond the condition StringEquals kms:ViaService".to_owned();
        assert_eq!(compare(&derived, &with(wider)), [(Severity::Wider, description)], "{wider}");
    }
    let negated = with(r#"{"StringNotEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}"#);
    let found: Vec<Severity> =
        compare(&derived, &negated).into_iter().map(|(severity, _)| severity).collect();
    assert_eq!(found, [Severity::Broken, Severity::Wider]);
}

#[test]
fn account_is_not_the_same_principal_as_its_role() {
    let to = |principal: &str| {
        format!(
            r#"{{"Effect": "Allow", "Principal": {{"AWS": "{principal}"}}, "Action": "s3:GetObject", "Resource": "*"}}"#
        )
    };
    let found = compare(&to("111111111111"), &to("arn:aws:iam::111111111111:root"));
    assert_eq!(found, [], "two names of one account");
    let severities = |one: &str, other: &str| {
        compare(&to(one), &to(other)).into_iter().map(|(severity, _)| severity).collect::<Vec<_>>()
    };
    let both = [Severity::Broken, Severity::Wider];
    assert_eq!(severities(ROLE, "111111111111"), both, "a role is permitted directly, an account delegates");
    assert_eq!(severities(ROLE, "arn:aws:iam::222222222222:role/a"), both);
    assert_eq!(severities(ROLE, "*"), [Severity::Wider]);
}

#[test]
fn policy_variables_are_compared_as_unknown_texts() {
    let on = |resource: &str| {
        format!(r#"{{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/{resource}"}}"#)
    };
    assert_eq!(compare(&on("${aws:PrincipalTag/t}/*"), &on("${aws:PrincipalTag/t}/*")), []);
    let severities = |one: &str, other: &str| {
        compare(&on(one), &on(other)).into_iter().map(|(severity, _)| severity).collect::<Vec<_>>()
    };
    assert_eq!(severities("home/*", "home/${aws:username}/*"), [Severity::Broken]);
    assert_eq!(severities("home/${aws:username}/*", "home/*"), [Severity::Wider]);
    let both = [Severity::Broken, Severity::Wider];
    assert_eq!(severities("home/${aws:username}/*", "home/${aws:userid}/*"), both);
    assert_eq!(severities("home/${aws:username}/*", "home/bob/*"), both);
}

#[test]
fn parts_that_are_not_understood_are_listed_with_their_place() {
    let parts = |statement: &str| {
        let policy = read(&json!([serde_json::from_str::<Value>(statement).unwrap()]));
        let again = IamPolicy::from_json(&policy.to_json()).unwrap();
        assert_eq!(again, policy, "nothing is lost");
        policy.not_understood().iter().map(|part| part.member().to_owned()).collect::<Vec<_>>()
    };
    let with = |more: &str| {
        format!(r#"{{"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/*", {more}}}"#)
    };
    for (statement, member) in [
        (with(r#""Foo": 1"#), "Foo"),
        (with(r#""Condition": {"StringMatches": {"a:b": "c"}}"#), "Condition.StringMatches"),
        (
            with(r#""Condition": {"Bool": {"aws:SecureTransport": "yes"}}"#),
            "Condition.Bool.aws:SecureTransport",
        ),
        (with(r#""Condition": {"IpAddress": {"aws:SourceIp": "here"}}"#), "Condition.IpAddress.aws:SourceIp"),
        (
            with(r#""Condition": {"DateLessThan": {"aws:CurrentTime": "now"}}"#),
            "Condition.DateLessThan.aws:CurrentTime",
        ),
        (
            with(r#""Condition": {"NumericEquals": {"s3:max-keys": "${aws:username}"}}"#),
            "Condition.NumericEquals.s3:max-keys",
        ),
        (with(r#""Condition": {"ArnLike": {"aws:SourceArn": "*"}}"#), "Condition.ArnLike.aws:SourceArn"),
        (with(r#""Condition": {"StringEquals": {"a:b": {"Ref": "X"}}}"#), "Condition.StringEquals.a:b"),
        (with(r#""NotAction": "s3:GetObject""#), "Action"),
        (with(r#""NotPrincipal": {"AWS": "111111111111"}"#), "NotPrincipal"),
        (with(r#""Principal": {"AWS": "arn:aws:iam::111111111111:role/*"}"#), "Principal.AWS"),
        (with(r#""Principal": {"Team": "a"}"#), "Principal.Team"),
        (r#"{"Effect": "Allow", "Action": "s3:PutObject"}"#.into(), "Resource"),
        (r#"{"Effect": "allow", "Action": "s3:PutObject", "Resource": "*"}"#.into(), "Effect"),
        (r#"{"Effect": "Allow", "Action": {"Ref": "X"}, "Resource": "*"}"#.into(), "Action"),
        (r#"{"Effect": "Allow", "Action": [], "Resource": "*"}"#.into(), "Action"),
        (r#"{"Effect": "Allow", "Action": "PutObject", "Resource": "*"}"#.into(), "Action"),
    ] {
        assert_eq!(parts(&statement), [member], "{statement}");
    }
    let old =
        r#"{"Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "b/${aws:username}"}, "Foo": 1}"#;
    let old = IamPolicy::from_json(old).unwrap();
    let places: Vec<_> = old.not_understood().iter().map(|it| (it.statement(), it.member())).collect();
    assert_eq!(places, [(None, "Foo"), (Some(0), "Resource")], "the old version has no policy variables");
}

#[test]
fn statement_that_is_not_understood_decides_nothing() {
    let request = IamRequest {
        principal: RequestPrincipal::Role(ROLE.into()),
        action: "s3:PutObject".into(),
        resource: "arn:aws:s3:::b/raw/1".into(),
        context: IamContext::new(),
    };
    let decide = |more: &str| {
        let statements = format!("[{PUT}, {more}]");
        request.evaluate(&[&read(&serde_json::from_str(&statements).unwrap())], None)
    };
    let deny = r#"{"Sid": "D", "Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Foo": {"a:b": "c"}}}"#;
    assert_eq!(decide(deny), IamDecision::Undecided("D".into()));
    assert_eq!(decide(&deny.replace("s3:*", "s3:Get*")), IamDecision::Allowed(String::new()));
    assert_eq!(decide(&deny.replace("Deny", "Allow")), IamDecision::Allowed(String::new()));
    let found = compare_unclear(&deny.replace("Deny", "Allow"));
    assert_eq!(found, [], "reported by `not_understood`, not as a difference");
    let alone = read(&json!([serde_json::from_str::<Value>(&deny.replace("Deny", "Allow")).unwrap()]));
    assert_eq!(request.evaluate(&[&alone], None), IamDecision::Undecided("D".into()));
}

fn compare_unclear(more: &str) -> Vec<Difference> {
    let deployed = read(&serde_json::from_str(&format!("[{PUT}, {more}]")).unwrap());
    assert!(!deployed.not_understood().is_empty());
    read(&serde_json::from_str(PUT).unwrap()).differences(&deployed)
}

#[test]
fn policies_with_many_patterns_are_compared_quickly() {
    let statement = |count: usize, more: &str| {
        let keys = (0..count).map(|index| format!("arn:aws:s3:::b/*/r{index}/*.*{more}"));
        json!([{"Effect": "Allow", "Action": "s3:PutObject", "Resource": keys.collect::<Vec<_>>()}])
    };
    let (many, same) = (read(&statement(300, "")), read(&statement(300, "")));
    assert!(many.differences(&same).is_empty());
    assert_eq!(many.differences(&read(&statement(299, ""))).len(), 1);
    assert!(many.differences(&read(&statement(301, ""))).iter().all(|it| it.severity() == Severity::Wider));
    assert!(!many.differences(&read(&statement(300, "x"))).is_empty());
}

/// The requests of the property tests have these values, and the policies have patterns of them.
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
