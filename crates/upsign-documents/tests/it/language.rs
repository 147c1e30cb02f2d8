//! Decisions of IAM about every element and operator of the policy language, and under mutated policies. The table is written to
//! `golden/iam-language.json`, which `cargo xtask test` also runs through an independent evaluator.

mod mutants;

use serde_json::{Value, json};
use upsign_documents::{IamContext, IamDecision, IamPolicy, IamRequest, RequestPrincipal};

use crate::golden;

const ROLE: &str = "arn:aws:iam::123456789012:role/signer";
const OTHER_ROLE: &str = "arn:aws:iam::123456789012:role/other";
const ACCOUNT: &str = "123456789012";

struct Table(Vec<Value>);

impl Table {
    /// Evaluates a request of `role` and adds the decision to the table.
    fn row(
        &mut self,
        name: &str,
        role: &str,
        (action, key): (&str, &str),
        context: &Value,
        (own, bucket): (&Value, Option<&Value>),
    ) -> IamDecision {
        let resource = format!("arn:aws:s3:::article-images-bucket/{key}");
        let read = |policy: &Value| IamPolicy::from_json(&policy.to_string()).unwrap();
        let (own_policy, bucket_policy) = (read(own), bucket.map(read));
        for policy in [Some(&own_policy), bucket_policy.as_ref()].into_iter().flatten() {
            assert_eq!(policy.not_understood(), [], "{name}");
        }
        let keys = context.as_object().unwrap();
        let context = keys.iter().fold(IamContext::new(), |context, (key, value)| match value {
            Value::Array(list) => context.with_values(key, list.iter().map(|it| it.as_str().unwrap())),
            one => context.with(key, one.as_str().unwrap()),
        });
        let request = IamRequest {
            principal: RequestPrincipal::Role(role.into()),
            action: action.into(),
            resource,
            context,
        };
        let decision = request.evaluate(&[&own_policy], bucket_policy.as_ref());
        let context: serde_json::Map<String, Value> =
            request.context.iter().map(|(key, values)| (key.to_owned(), json!(values))).collect();
        self.0.push(json!({
            "name": name, "principal": {"role": role}, "action": action, "resource": request.resource,
            "context": context, "identity_policy": own, "resource_policy": bucket,
            "verdict": match decision {
                IamDecision::Allowed(_) => "Allowed",
                IamDecision::ExplicitDeny(_) => "ExplicitlyDenied",
                _ => "ImplicitlyDenied",
            },
        }));
        decision
    }
}

#[test]
fn decisions_about_the_policy_language_match_the_golden_table() {
    let mut table = Table(Vec::new());
    negations(&mut table);
    conditions(&mut table);
    variables(&mut table);
    principals(&mut table);
    mutants::mutations(&mut table);
    assert!(table.0.len() >= 250, "{}", table.0.len());
    let rows: Vec<String> = table.0.iter().map(Value::to_string).collect();
    golden::check("iam-language.json", &format!("[\n{}\n]\n", rows.join(",\n")));
}

fn policy(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}

fn nothing() -> Value {
    policy(&json!([{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]))
}

fn negations(table: &mut Table) {
    let all = json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"});
    let in_a = "arn:aws:s3:::article-images-bucket/a/*";
    for (name, statements, allowed) in [
        (
            "NotAction",
            json!([{"Effect": "Allow", "NotAction": ["iam:*", "s3:Delete*"], "Resource": in_a}]),
            ["s3:PutObject a/1", "s3:GetObject a/1"],
        ),
        (
            "NotResource",
            json!([{"Effect": "Allow", "Action": "s3:PutObject", "NotResource": in_a}]),
            ["s3:PutObject b/1", ""],
        ),
        (
            "deny NotAction",
            json!([all, {"Effect": "Deny", "NotAction": "s3:put*", "Resource": "*"}]),
            ["s3:PutObject a/1", "s3:PutObject b/1"],
        ),
        (
            "deny NotResource",
            json!([all, {"Effect": "Deny", "Action": "s3:*", "NotResource": in_a}]),
            ["s3:PutObject a/1", "s3:GetObject a/1"],
        ),
        (
            "both negated",
            json!([{"Effect": "Allow", "NotAction": "s3:GetObject", "NotResource": [in_a, "arn:aws:s3:::*/b/2"]}]),
            ["s3:PutObject b/1", "s3:DeleteObject b/1"],
        ),
    ] {
        for action in ["s3:PutObject", "s3:GetObject", "s3:DeleteObject"] {
            for key in ["a/1", "b/1", "b/2"] {
                let decision = table.row(name, ROLE, (action, key), &json!({}), (&policy(&statements), None));
                let wanted = allowed.contains(&format!("{action} {key}").as_str());
                if key != "b/2" && action != "s3:DeleteObject" {
                    assert_eq!(decision.is_allowed(), wanted, "{name}: {action} {key}");
                }
            }
        }
    }
}

fn conditions(table: &mut Table) {
    let user = |arn: &str| format!("arn:aws:iam::123456789012:{arn}");
    for (operator, key, values, given, holds) in [
        ("StringEquals", "s3:x-amz-acl", json!(["private", "x"]), json!("private"), true),
        ("StringEquals", "s3:x-amz-acl", json!("private"), json!("Private"), false),
        ("StringEquals", "s3:x-amz-acl", json!("priv*"), json!("private"), false),
        ("StringNotEquals", "s3:x-amz-acl", json!(["private", "x"]), json!("x"), false),
        ("StringNotEquals", "s3:x-amz-acl", json!("private"), Value::Null, true),
        ("StringEqualsIgnoreCase", "s3:x-amz-acl", json!("PRIVATE"), json!("private"), true),
        ("StringNotEqualsIgnoreCase", "s3:x-amz-acl", json!("PRIVATE"), json!("private"), false),
        ("StringLike", "s3:x-amz-acl", json!("pr*e"), json!("private"), true),
        ("StringLike", "s3:x-amz-acl", json!("privat?"), json!("private"), true),
        ("StringNotLike", "s3:x-amz-acl", json!("bucket-*"), json!("private"), true),
        ("StringEqualsIfExists", "s3:x-amz-acl", json!("private"), Value::Null, true),
        ("StringEqualsIfExists", "s3:x-amz-acl", json!("private"), json!("public-read"), false),
        ("NumericEquals", "s3:signatureAge", json!("1000"), json!("1000"), true),
        ("NumericNotEquals", "s3:signatureAge", json!("1000"), json!("1001"), true),
        ("NumericLessThan", "s3:signatureAge", json!("1000"), json!("1000"), false),
        ("NumericLessThanEquals", "s3:signatureAge", json!("1000"), json!("1000"), true),
        ("NumericGreaterThan", "s3:signatureAge", json!("1000"), json!("1001"), true),
        ("NumericGreaterThanEquals", "s3:signatureAge", json!("1000"), json!("999"), false),
        ("NumericLessThanIfExists", "s3:signatureAge", json!("1000"), Value::Null, true),
        ("DateEquals", "aws:CurrentTime", json!("2026-01-01T00:00:00Z"), json!("2026-01-01T00:00:00Z"), true),
        (
            "DateNotEquals",
            "aws:CurrentTime",
            json!("2026-01-01T00:00:00Z"),
            json!("2026-01-01T00:00:01Z"),
            true,
        ),
        (
            "DateLessThan",
            "aws:CurrentTime",
            json!("2026-01-01T00:00:00Z"),
            json!("2025-12-31T23:59:59Z"),
            true,
        ),
        (
            "DateLessThanEquals",
            "aws:CurrentTime",
            json!("2026-01-01T00:00:00Z"),
            json!("2026-01-01T00:00:01Z"),
            false,
        ),
        (
            "DateGreaterThan",
            "aws:CurrentTime",
            json!("2026-01-01T00:00:00Z"),
            json!("2026-01-02T00:00:00Z"),
            true,
        ),
        (
            "DateGreaterThanEquals",
            "aws:CurrentTime",
            json!("2026-01-01T00:00:00Z"),
            json!("2026-01-01T00:00:00Z"),
            true,
        ),
        ("Bool", "aws:SecureTransport", json!("true"), json!("true"), true),
        ("Bool", "aws:SecureTransport", json!("true"), Value::Null, false),
        ("BoolIfExists", "aws:SecureTransport", json!("true"), Value::Null, true),
        ("IpAddress", "aws:SourceIp", json!("203.0.113.0/24"), json!("203.0.113.7"), true),
        (
            "IpAddress",
            "aws:SourceIp",
            json!(["203.0.113.0/24", "198.51.100.1"]),
            json!("198.51.100.2"),
            false,
        ),
        ("IpAddress", "aws:SourceIp", json!("2001:db8::/32"), json!("2001:db8:1::1"), true),
        ("NotIpAddress", "aws:SourceIp", json!("203.0.113.0/24"), json!("203.0.113.7"), false),
        ("NotIpAddress", "aws:SourceIp", json!("203.0.113.0/24"), json!("198.51.100.1"), true),
        ("ArnEquals", "aws:PrincipalArn", json!(user("role/signer")), json!(ROLE), true),
        ("ArnLike", "aws:PrincipalArn", json!(user("role/s*")), json!(ROLE), true),
        ("ArnLike", "aws:PrincipalArn", json!("arn:*:iam::*:role/signer"), json!(ROLE), true),
        ("ArnLike", "aws:PrincipalArn", json!("arn:aws:iam:*:role/signer:x"), json!(ROLE), false),
        ("ArnNotLike", "aws:PrincipalArn", json!(user("role/s*")), json!(ROLE), false),
        ("ArnNotEquals", "aws:PrincipalArn", json!(user("role/other")), json!(ROLE), true),
        ("Null", "s3:if-none-match", json!("true"), Value::Null, true),
        ("Null", "s3:if-none-match", json!("true"), json!("*"), false),
        ("Null", "s3:if-none-match", json!("false"), json!("*"), true),
        ("ForAnyValue:StringEquals", "s3:RequestObjectTagKeys", json!(["a", "b"]), json!(["b", "c"]), true),
        ("ForAnyValue:StringEquals", "s3:RequestObjectTagKeys", json!(["a", "b"]), json!(["c", "d"]), false),
        ("ForAnyValue:StringEquals", "s3:RequestObjectTagKeys", json!("a"), Value::Null, false),
        (
            "ForAllValues:StringEquals",
            "s3:RequestObjectTagKeys",
            json!(["a", "b", "c"]),
            json!(["b", "c"]),
            true,
        ),
        ("ForAllValues:StringEquals", "s3:RequestObjectTagKeys", json!(["a", "b"]), json!(["b", "c"]), false),
        ("ForAllValues:StringEquals", "s3:RequestObjectTagKeys", json!("a"), Value::Null, true),
        ("ForAllValues:StringLike", "s3:RequestObjectTagKeys", json!("t*"), json!(["team", "tier"]), true),
        ("ForAllValues:StringNotEquals", "s3:RequestObjectTagKeys", json!(["a"]), json!(["b", "c"]), true),
        ("ForAllValues:StringNotEquals", "s3:RequestObjectTagKeys", json!(["a"]), json!(["a", "c"]), false),
        ("ForAnyValue:StringNotEquals", "s3:RequestObjectTagKeys", json!(["a"]), json!(["a", "c"]), true),
        ("ForAnyValue:StringNotLike", "s3:RequestObjectTagKeys", json!(["a*"]), json!(["ab", "ac"]), false),
    ] {
        let condition = json!({operator: {key: values}});
        let context = if given.is_null() { json!({}) } else { json!({key: given}) };
        let allow =
            json!({"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*", "Condition": condition});
        let name = format!("{operator} {values} with {given}");
        let put = ("s3:PutObject", "a/1");
        let decision = table.row(&name, ROLE, put, &context, (&policy(&allow), None));
        assert_eq!(decision.is_allowed(), holds, "{name}: {decision:?}");
        let deny = json!([
            {"Effect": "Allow", "Action": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*", "Condition": condition},
        ]);
        let decision = table.row(&format!("deny {name}"), ROLE, put, &context, (&policy(&deny), None));
        assert_eq!(decision.is_allowed(), !holds, "deny {name}: {decision:?}");
    }
}

fn variables(table: &mut Table) {
    let tag = "aws:PrincipalTag/team";
    for (resource, key, context, allowed) in [
        ("${aws:PrincipalTag/team}/*", "red/1", json!({tag: "red"}), true),
        ("${aws:PrincipalTag/team}/*", "blue/1", json!({tag: "red"}), false),
        ("${aws:PrincipalTag/team}/*", "red/1", json!({}), false),
        ("${aws:PrincipalTag/team, 'all'}/*", "all/1", json!({}), true),
        ("${aws:PrincipalTag/team, 'all'}/*", "all/1", json!({tag: "red"}), false),
        ("a${*}/*", "a*/1", json!({}), true),
        ("a${*}/*", "ab/1", json!({}), false),
    ] {
        let arn = format!("arn:aws:s3:::article-images-bucket/{resource}");
        let own = policy(&json!({"Effect": "Allow", "Action": "s3:PutObject", "Resource": arn}));
        let decision =
            table.row(&format!("{resource} {key}"), ROLE, ("s3:PutObject", key), &context, (&own, None));
        assert_eq!(decision.is_allowed(), allowed, "{resource} {key}");
    }
    for (given, allowed) in [("red", true), ("blue", false)] {
        let condition = json!({"StringEquals": {"s3:x-amz-acl": "${aws:PrincipalTag/team}"}});
        let own =
            json!({"Effect": "Allow", "Action": "s3:PutObject", "Resource": "*", "Condition": condition});
        let context = json!({tag: "red", "s3:x-amz-acl": given});
        let decision =
            table.row("variable as a value", ROLE, ("s3:PutObject", "a/1"), &context, (&policy(&own), None));
        assert_eq!(decision.is_allowed(), allowed, "{given}");
    }
}

fn principals(table: &mut Table) {
    let root = format!("arn:aws:iam::{ACCOUNT}:root");
    let all = policy(&json!({"Effect": "Allow", "Action": "s3:*", "Resource": "*"}));
    let bucket = |effect: &str, element: &str, principal: Value| {
        let mut statement =
            json!({"Effect": effect, "Action": "s3:*", "Resource": "arn:aws:s3:::article-images-bucket/*"});
        statement[element] = principal;
        policy(&statement)
    };
    for (principal, direct) in [
        (json!("*"), true),
        (json!({"AWS": "*"}), true),
        (json!({"AWS": ROLE}), true),
        (json!({"AWS": [OTHER_ROLE, ROLE]}), true),
        (json!({"AWS": OTHER_ROLE}), false),
        (json!({"AWS": ACCOUNT}), false),
        (json!({"AWS": root}), false),
        (json!({"Service": "cloudfront.amazonaws.com"}), false),
        (json!({"AWS": ROLE, "Service": "cloudfront.amazonaws.com"}), true),
        (json!({"Federated": "cognito-identity.amazonaws.com"}), false),
    ] {
        let allow = bucket("Allow", "Principal", principal.clone());
        let name = format!("principal {principal}");
        let decision =
            table.row(&name, ROLE, ("s3:GetObject", "a/1"), &json!({}), (&nothing(), Some(&allow)));
        assert_eq!(decision.is_allowed(), direct, "{name}");
        let deny = bucket("Deny", "Principal", principal);
        table.row(&format!("deny {name}"), ROLE, ("s3:GetObject", "a/1"), &json!({}), (&all, Some(&deny)));
    }
    for principal in
        [json!({"AWS": [ROLE, ACCOUNT]}), json!({"AWS": [OTHER_ROLE]}), json!({"Service": "x.amazonaws.com"})]
    {
        let deny = bucket("Deny", "NotPrincipal", principal.clone());
        let name = format!("not principal {principal}");
        table.row(&name, ROLE, ("s3:GetObject", "a/1"), &json!({}), (&all, Some(&deny)));
    }
}
