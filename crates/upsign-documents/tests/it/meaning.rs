//! Comparison of IAM policies by meaning: which spellings are equal, and what each other change is.

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
    let thousands = read(&statement(3_000, ""));
    assert!(thousands.differences(&thousands.clone()).is_empty());
    let many = read(&statement(300, ""));
    assert_eq!(many.differences(&read(&statement(299, ""))).len(), 1);
    let wider = many.differences(&read(&statement(301, "")));
    assert_eq!((wider.len(), wider[0].severity()), (1, Severity::Wider));
    assert!(!many.differences(&read(&statement(300, "x"))).is_empty());
}

/// A deployed file may hold anything, so its size must neither exhaust the stack nor take minutes.
#[test]
fn policies_with_many_overlapping_statements_are_compared_quickly() {
    let conditional = |index: usize| {
        json!({"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::b/raw/*",
            "Condition": {"NumericEquals": {"s3:signatureAge": index.to_string()}}})
    };
    let deployed: Vec<Value> = (0..1_500).map(conditional).collect();
    let wanted = read(&serde_json::from_str(PUT).unwrap());
    let found = wanted.differences(&read(&json!(deployed)));
    assert_eq!((found.len(), found[0].severity()), (1, Severity::Broken));
}
