//! Decisions of IAM under the statements of revocations. The table is written to `golden/revoke-matrix.json`, which `cargo xtask test`
//! also gives to another evaluator: servers for tests do not fill in `s3:authType` and `s3:signatureAge`.

use std::path::Path;

use serde_json::{Value, json};
use upsign_diagnose::{Revocation, SignedUrl};
use upsign_documents::{
    Effect, IamContext, IamDecision, IamPolicy, IamRequest, IamStatement, RequestPrincipal,
};

use crate::fixture::Request;

const ROLE: &str = "arn:aws:iam::123456789012:role/signer";
const KEY: &str = "arn:aws:s3:::my-bucket/a/summer 2026.jpg";
const OTHER: &str = "arn:aws:s3:::my-bucket/b.jpg";
const BEFORE: &str = "2026-11-27T11:00:00Z";
const INSTANT: &str = "2026-11-27T12:05:00Z";
const AFTER: &str = "2026-11-27T12:06:00Z";
const LEAKED: &str = "AROAIOSFODNN7EXAMPLE:leaked";

struct Case {
    resource: &'static str,
    action: &'static str,
    auth: &'static str,
    /// The age of the signature in milliseconds.
    age: &'static str,
    user: &'static str,
    issued: &'static str,
}

/// Requests that differ in one thing from an old one by a leaked URL.
fn cases() -> Vec<(&'static str, Case)> {
    let leaked = || Case {
        resource: KEY,
        action: "s3:PutObject",
        auth: "REST-QUERY-STRING",
        age: "300000",
        user: LEAKED,
        issued: BEFORE,
    };
    vec![
        ("the leaked request", leaked()),
        ("at its end", Case { age: "899000", ..leaked() }),
        ("signed now", Case { age: "1000", ..leaked() }),
        ("another key", Case { resource: OTHER, ..leaked() }),
        ("a download", Case { action: "s3:GetObject", ..leaked() }),
        ("a form", Case { auth: "POST", ..leaked() }),
        ("with a header", Case { auth: "REST-HEADER", ..leaked() }),
        ("another session", Case { user: "AROAIOSFODNN7EXAMPLE:fresh", ..leaked() }),
        ("another role", Case { user: "AROAOTHEREXAMPLE0000:leaked", ..leaked() }),
        ("a session from after the instant", Case { issued: AFTER, ..leaked() }),
        ("a session of the instant", Case { issued: INSTANT, ..leaked() }),
    ]
}

fn revocations() -> Vec<(&'static str, Revocation, bool)> {
    let url = |request: &Request| SignedUrl::parse(&request.url()).unwrap();
    let at = INSTANT.parse().unwrap();
    let now = "2026-11-27T12:00:30Z".parse().unwrap();
    let untyped = Request::new("GET", "/a/summer%202026.jpg", &[]);
    // Whether a request that is signed now is stopped, too.
    vec![
        ("url", Revocation::of_url(&url(&Request::put()), at).unwrap(), false),
        ("url of an unknown method", Revocation::of_url(&url(&untyped), at).unwrap(), false),
        ("url that was just signed", Revocation::of_url(&url(&Request::put()), now).unwrap(), true),
        ("session", Revocation::of_signer(LEAKED, "my-bucket", None, at).unwrap(), true),
        ("role", Revocation::of_signer("AROAIOSFODNN7EXAMPLE", "my-bucket", None, at).unwrap(), true),
        ("sessions", Revocation::issued_before(at, "my-bucket", None, at).unwrap(), true),
    ]
}

#[test]
fn decisions_about_revocations_match_the_golden_table() {
    let all = IamPolicy::new([IamStatement::new("All", Effect::Allow, ["*"], ["*"])]);
    let as_json = |policy: &IamPolicy| serde_json::from_str::<Value>(&policy.to_json()).unwrap();
    let mut rows = Vec::new();
    for (name, revocation, stops_new) in revocations() {
        for (case, it) in cases() {
            let request = IamRequest {
                principal: RequestPrincipal::Role(ROLE.into()),
                action: it.action.into(),
                resource: it.resource.into(),
                context: IamContext::new()
                    .with("aws:userid", it.user)
                    .with("aws:TokenIssueTime", it.issued)
                    .with("s3:authType", it.auth)
                    .with("s3:signatureAge", it.age),
            };
            let decision = request.evaluate(&[&all], Some(&revocation.policy()));
            let is_denied = matches!(decision, IamDecision::ExplicitDeny(_));
            assert!(is_denied || case != "the leaked request", "{name}: the leaked request is permitted");
            assert!(!is_denied || case != "with a header", "{name}: the service is stopped");
            if case == "signed now" {
                assert_eq!(is_denied, stops_new, "{name}: {case}");
            }
            let context: serde_json::Map<String, Value> =
                request.context.iter().map(|(key, values)| (key.to_owned(), json!(values))).collect();
            rows.push(json!({
                "name": format!("revoke {name}: {case}"),
                "principal": {"role": ROLE}, "action": it.action, "resource": it.resource, "context": context,
                "identity_policy": as_json(&all), "resource_policy": as_json(&revocation.policy()),
                "verdict": if is_denied { "ExplicitlyDenied" } else { "Allowed" },
            }));
        }
    }
    let text = serde_json::to_string_pretty(&rows).unwrap() + "\n";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/golden/revoke-matrix.json");
    if std::fs::read_to_string(&file).unwrap_or_default() != text {
        let new = Path::new(env!("CARGO_TARGET_TMPDIR")).join("revoke-matrix.json");
        std::fs::write(&new, text).unwrap();
        panic!("{} differs from the decisions in {}", file.display(), new.display());
    }
}
