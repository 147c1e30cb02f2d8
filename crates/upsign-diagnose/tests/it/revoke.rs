//! Statements that stop issued URLs: their effect by the evaluator, merging into policies, and what is refused.

use upsign_core::{Target, Timestamp};
use upsign_diagnose::{MAX_POLICY_BYTES, NamedPolicy, Revocation, RevocationError, SignedUrl};
use upsign_documents::{IamContext, IamDecision, IamPolicy, IamRequest, RequestPrincipal};
use upsign_policy::{Bodyless, UploadPolicy};

use crate::fixture::{Request, SECRET, TOKEN};

const SIGNED_AT: &str = "2026-11-27T12:00:00Z";
const PRESENT: &str = r#"{"Version": "2008-10-17", "Id": "Kept", "Statement": {"Sid": "All", "Effect": "Allow", "Principal": {"AWS": "*"},
    "Action": "s3:*", "Resource": "*", "Condition": {"FutureOperator": {"aws:x": "y"}}}}"#;
const ALL: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "All", "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}"#;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Returns whether a presigned request is denied by the policy of a bucket.
fn denied(policy: &str, action: &str, object: &str, context: &[(&str, &str)]) -> bool {
    let mut given = IamContext::new().with("s3:authType", "REST-QUERY-STRING");
    for (key, value) in context {
        given = given.with(key, *value);
    }
    let request = IamRequest {
        principal: RequestPrincipal::Role("arn:aws:iam::123456789012:role/signer".into()),
        action: action.into(),
        resource: format!("arn:aws:s3:::{object}"),
        context: given,
    };
    let policy = IamPolicy::from_json(policy).unwrap();
    matches!(request.evaluate(&[], Some(&policy)), IamDecision::ExplicitDeny(_))
}

fn effects(revocation: &Revocation, is_stopped: bool) -> Vec<&str> {
    revocation.effects.iter().filter(|it| it.is_stopped == is_stopped).map(|it| &*it.request).collect()
}

#[test]
fn leaked_url_is_denied_and_its_neighbors_are_not() {
    let url = Request::put().signed_url();
    let revocation = Revocation::of_url(&url, at("2026-11-27T12:05:00Z")).unwrap();
    assert_eq!(revocation.removable_at, at("2026-11-27T12:15:00Z"));
    let policy = revocation.merged(ALL).unwrap();
    let object = "my-bucket/a/summer 2026.jpg";
    // The age of the URL when it is revoked, with a clock that differs by 30 seconds, and at its end.
    for age in ["270000", "300000", "899000"] {
        assert!(denied(&policy, "s3:PutObject", object, &[("s3:signatureAge", age)]), "{age}");
    }
    let old = ("s3:signatureAge", "300000");
    let neighbors = [
        ("s3:PutObject", "my-bucket/a/summer 2026.jpg2", vec![old]),
        ("s3:PutObject", "my-bucket/a/summer", vec![old]),
        ("s3:GetObject", object, vec![old]),
        ("s3:PutObject", object, vec![("s3:signatureAge", "1000")]),
        ("s3:PutObject", object, vec![old, ("s3:authType", "REST-HEADER")]),
        ("s3:PutObject", object, vec![old, ("s3:authType", "POST")]),
    ];
    for (action, object, context) in neighbors {
        assert!(!denied(&policy, action, object, &context), "{action} {object} {context:?}");
    }
    // The statement is what denies: without it, the URL works again.
    assert!(!denied(ALL, "s3:PutObject", object, &[old]));
    assert_eq!(effects(&revocation, true).len(), 2, "{revocation:?}");
    assert!(effects(&revocation, false).contains(&"a presigned URL for another key, as old"));
    let limit = "until the statement is removed, new URLs for this key work for 240 s after signing";
    assert!(revocation.limits.iter().any(|it| **it == *limit), "{:?}", revocation.limits);
}

#[test]
fn url_of_an_unknown_method_is_denied_for_all_actions() {
    // Some clients sign the type of a read or of a deletion too.
    for headers in [&[][..], &[("content-type", "image/jpeg")]] {
        let url = Request::new("GET", "/a.jpg", headers).signed_url();
        let revocation = Revocation::of_url(&url, at("2026-11-27T12:05:00Z")).unwrap();
        for action in
            ["s3:GetObject", "s3:DeleteObject", "s3:PutObject", "s3:GetObjectVersion", "s3:PutObjectAcl"]
        {
            assert!(
                denied(
                    &revocation.policy().to_json(),
                    action,
                    "my-bucket/a.jpg",
                    &[("s3:signatureAge", "300000")]
                ),
                "{action}"
            );
        }
    }
}

#[test]
fn url_with_a_sub_resource_is_denied_for_all_actions() {
    let mut request = Request::put();
    request.query.push(("tagging".to_owned(), String::new()));
    let revocation = Revocation::of_url(&request.signed_url(), at("2026-11-27T12:05:00Z")).unwrap();
    assert_eq!(revocation.statement.actions(), ["s3:*"]);
}

#[test]
fn wildcards_of_a_key_stop_the_key_itself() {
    let url = Request::new("PUT", "/a%2A%3F%24%7Bx%7D.jpg", &[("content-type", "image/jpeg")]).signed_url();
    assert_eq!(url.key(), Some("a*?${x}.jpg"));
    let revocation = Revocation::of_url(&url, at("2026-11-27T12:05:00Z")).unwrap();
    let policy = revocation.policy().to_json();
    let age = [("s3:signatureAge", "300000")];
    assert!(denied(&policy, "s3:PutObject", "my-bucket/a*?${x}.jpg", &age), "{policy}");
    assert!(!denied(&policy, "s3:PutObject", "my-bucket/abcdef?${x}.jpg", &age), "{policy}");
    assert!(revocation.limits.iter().any(|limit| limit.contains("wildcards")));
}

#[test]
fn url_that_was_just_signed_is_denied_whatever_its_age() {
    let revocation = Revocation::of_url(&Request::put().signed_url(), at("2026-11-27T12:00:20Z")).unwrap();
    assert!(!revocation.policy().to_json().contains("signatureAge"));
    assert!(denied(
        &revocation.policy().to_json(),
        "s3:PutObject",
        "my-bucket/a/summer 2026.jpg",
        &[("s3:signatureAge", "0")]
    ));
}

fn policy(key: &str) -> UploadPolicy {
    let target = Target::aws("my-bucket".parse().unwrap(), "eu-central-1".parse().unwrap());
    UploadPolicy::builder(target, key.parse().unwrap(), Bodyless::Refuse)
        .content_types(["image/jpeg"])
        .max_size(1 << 20)
        .build()
        .unwrap()
}

#[test]
fn uploads_of_one_caller_are_denied_and_those_of_others_are_not() {
    let (own, shared) = (policy("u/{sub}/{id}.{ext}"), policy("shared/{id}.{ext}"));
    let routes = [NamedPolicy { name: "own", policy: &own }, NamedPolicy { name: "shared", policy: &shared }];
    let revocation = Revocation::of_caller("alice", "my-bucket", &routes, at(SIGNED_AT)).unwrap();
    let policy = revocation.merged(ALL).unwrap();
    let (fresh, form) = (("s3:signatureAge", "0"), ("s3:authType", "POST"));
    assert!(denied(&policy, "s3:PutObject", "my-bucket/u/alice/1.jpg", &[fresh]));
    assert!(denied(&policy, "s3:PutObject", "my-bucket/u/alice/1.jpg", &[fresh, form]));
    for object in ["my-bucket/u/alice2/1.jpg", "my-bucket/u/bob/1.jpg", "my-bucket/shared/1.jpg"] {
        assert!(!denied(&policy, "s3:PutObject", object, &[fresh]), "{object}");
    }
    let header = [("s3:authType", "REST-HEADER")];
    assert!(!denied(&policy, "s3:PutObject", "my-bucket/u/alice/1.jpg", &header));
    let life = u64::from(own.expires_in().as_secs());
    assert_eq!(revocation.removable_at, at(SIGNED_AT).saturating_add(life));
    assert!(revocation.limits[0].contains("the route shared"), "{:?}", revocation.limits);
    assert!(effects(&revocation, false).contains(&"an upload of another caller"));
}

#[test]
fn subject_with_wildcards_stops_no_other_caller() {
    let own = policy("u/{sub}/{id}.{ext}");
    let routes = [NamedPolicy { name: "own", policy: &own }];
    let revocation = Revocation::of_caller("*", "my-bucket", &routes, at(SIGNED_AT)).unwrap();
    assert!(!denied(&revocation.policy().to_json(), "s3:PutObject", "my-bucket/u/bob/1.jpg", &[]));
}

#[test]
fn what_one_session_signed_is_denied() {
    let id = "AROAIOSFODNN7EXAMPLE:signer";
    let revocation = Revocation::of_signer(id, "my-bucket", None, at(SIGNED_AT)).unwrap();
    let policy = revocation.policy().to_json();
    assert!(denied(&policy, "s3:PutObject", "my-bucket/any", &[("aws:userid", id)]));
    assert!(!denied(
        &policy,
        "s3:PutObject",
        "my-bucket/any",
        &[("aws:userid", "AROAIOSFODNN7EXAMPLE:other")]
    ));
    assert!(!denied(&policy, "s3:PutObject", "other-bucket/any", &[("aws:userid", id)]));
    let role = Revocation::of_signer("AROAIOSFODNN7EXAMPLE", "my-bucket", None, at(SIGNED_AT)).unwrap();
    let policy = role.policy().to_json();
    assert!(denied(
        &policy,
        "s3:GetObject",
        "my-bucket/any",
        &[("aws:userid", "AROAIOSFODNN7EXAMPLE:other")]
    ));
    assert_eq!(role.removable_at, at("2026-11-28T00:00:00Z"));
}

#[test]
fn sessions_from_before_an_instant_are_denied_and_later_ones_are_not() {
    let revocation = Revocation::issued_before(at(SIGNED_AT), "my-bucket", None, at(SIGNED_AT)).unwrap();
    let policy = revocation.policy().to_json();
    let issued = |time| [("aws:TokenIssueTime", time)];
    assert!(denied(&policy, "s3:PutObject", "my-bucket/any", &issued("2026-11-27T11:59:59Z")));
    assert!(!denied(&policy, "s3:PutObject", "my-bucket/any", &issued(SIGNED_AT)));
    // A long-term access key has no session.
    assert!(!denied(&policy, "s3:PutObject", "my-bucket/any", &[]));
    assert!(revocation.limits[0].contains("deactivate the access key"));
    assert_eq!(revocation.removable_at, at("2026-11-29T00:00:00Z"));
    assert_eq!(effects(&revocation, true).len(), 3);
}

#[test]
fn present_policy_keeps_everything_and_gets_the_statement_once() {
    let revocation = Revocation::of_url(&Request::put().signed_url(), at("2026-11-27T12:05:00Z")).unwrap();
    let merged = revocation.merged(PRESENT).unwrap();
    let before: serde_json::Value = serde_json::from_str(PRESENT).unwrap();
    let after: serde_json::Value = serde_json::from_str(&merged).unwrap();
    assert_eq!((&after["Version"], &after["Id"]), (&before["Version"], &before["Id"]));
    assert_eq!(after["Statement"][0], before["Statement"]);
    assert_eq!(after["Statement"][1]["Sid"], "RevokeUrlUntil20261127T121500Z");
    assert_eq!(revocation.merged(&merged).unwrap(), merged);
    // The answer of `get-bucket-policy` contains the policy as a text.
    let answer = serde_json::json!({"Policy": PRESENT}).to_string();
    assert_eq!(revocation.merged(&answer).unwrap(), merged);
    // Another URL with the same end gets another id.
    let other = Request::new("PUT", "/b.jpg", &[("content-type", "image/jpeg")]).signed_url();
    let both = Revocation::of_url(&other, at("2026-11-27T12:05:00Z")).unwrap().merged(&merged).unwrap();
    let both: serde_json::Value = serde_json::from_str(&both).unwrap();
    assert_eq!(both["Statement"][2]["Sid"], "RevokeUrlUntil20261127T121500ZNo2");
}

#[test]
fn policy_that_becomes_too_long_is_refused() {
    let revocation = Revocation::of_url(&Request::put().signed_url(), at("2026-11-27T12:05:00Z")).unwrap();
    let with =
        |length: usize| ALL.replace("\"Sid\": \"All\"", &format!("\"Sid\": \"{}\"", "A".repeat(length)));
    let shortest = serde_json::from_str::<serde_json::Value>(&revocation.merged(&with(0)).unwrap()).unwrap();
    let free = MAX_POLICY_BYTES - shortest.to_string().len();
    assert_eq!(revocation.merged(&with(free)).unwrap().len(), MAX_POLICY_BYTES);
    let error = RevocationError::TooLong { bytes: MAX_POLICY_BYTES + 1 };
    assert_eq!(revocation.merged(&with(free + 1)), Err(error));
}

#[test]
fn what_cannot_be_revoked_is_refused_by_name() {
    let url = |text: &str| SignedUrl::parse(text).unwrap();
    let query = Request::put().url().split_once('?').unwrap().1.to_owned();
    let of = |url: &SignedUrl| Revocation::of_url(url, at("2026-11-27T12:05:00Z")).unwrap_err().code();
    let late = Revocation::of_url(&Request::put().signed_url(), at("2026-11-27T12:15:00Z")).unwrap_err();
    assert_eq!((late.code(), late.is_over()), ("expired", true));
    assert_eq!(of(&url(&format!("https://acc.r2.cloudflarestorage.com/bucket/a?{query}"))), "not-s3");
    assert_eq!(of(&url(&format!("http://localhost:9000/bucket/a?{query}"))), "not-s3");
    assert_eq!(
        of(&url(&format!("https://ap-1.s3-accesspoint.eu-central-1.amazonaws.com/a?{query}"))),
        "not-a-bucket"
    );
    assert_eq!(of(&url(&format!("https://my-bucket.s3.eu-central-1.amazonaws.com/?{query}"))), "no-key");
    let name = "$(id)";
    assert_eq!(of(&url(&format!("https://s3.eu-central-1.amazonaws.com/{name}/a?{query}"))), "bucket");
    let endless = query.replace("X-Amz-Expires=900", "X-Amz-Expires=x");
    assert_eq!(of(&url(&format!("https://my-bucket.s3.eu-central-1.amazonaws.com/a?{endless}"))), "no-end");

    let shared = policy("shared/{id}");
    let routes = [NamedPolicy { name: "shared", policy: &shared }];
    let caller =
        |subject, bucket| Revocation::of_caller(subject, bucket, &routes, at(SIGNED_AT)).unwrap_err();
    assert_eq!(caller("alice", "my-bucket"), RevocationError::CallerNotInKeys);
    assert_eq!(caller("alice", "other-bucket"), RevocationError::CallerNotInKeys);
    assert_eq!(caller("", "my-bucket"), RevocationError::EmptySubject);
    for id in ["", "*", "AROA*:x", "alice", "AIDAIOSFODNN7EXAMPLE:x", "AROAIOSFODNN7EXAMPLE:*"] {
        let error = Revocation::of_signer(id, "my-bucket", None, at(SIGNED_AT)).unwrap_err();
        assert_eq!(error, RevocationError::UserId, "{id}");
    }
    let error = Revocation::issued_before(at(SIGNED_AT), "my-bucket/*", None, at(SIGNED_AT)).unwrap_err();
    assert_eq!(error, RevocationError::Bucket);
    let error = Revocation::issued_before(at(SIGNED_AT), "my-bucket", None, at("2026-11-29T00:00:00Z"));
    assert_eq!(error.unwrap_err().code(), "sessions-ended");
    let revocation = Revocation::issued_before(at(SIGNED_AT), "my-bucket", None, at(SIGNED_AT)).unwrap();
    for text in ["", "{}", "[]", "{\"Statement\": 1}", "{\"Policy\": \"x\"}", "NoSuchBucketPolicy"] {
        assert_eq!(revocation.merged(text), Err(RevocationError::Policy), "{text}");
    }
}

#[test]
fn neither_signature_nor_token_is_repeated() {
    let request = Request::put();
    let revocation = Revocation::of_url(&request.signed_url(), at("2026-11-27T12:05:00Z")).unwrap();
    for text in [format!("{revocation:?}"), revocation.to_json().to_string(), revocation.policy().to_json()] {
        for secret in [&request.signature, TOKEN, SECRET] {
            assert!(!text.contains(secret.get(..20).unwrap()), "{text}");
        }
    }
}
