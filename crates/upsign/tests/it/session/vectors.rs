//! The vectors of `upload_tokens.json`, which a Python script computed from the documented format.

use serde_json::Value;
use upsign::policy::ChecksumAlgorithm;
use upsign::session::{MultipartUpload, ResumeWindow, TokenKeys, UploadSession};
use upsign::types::{MultipartPlan, Resource};
use upsign::{Identity, Timestamp};

const VECTORS: &str = include_str!("../../../../upsign-testing/vectors/upload_tokens.json");

fn vectors() -> Value {
    serde_json::from_str(VECTORS).unwrap()
}

fn keys(case: &Value) -> TokenKeys {
    let secret = case["secret"].as_str().unwrap();
    let secret: Vec<u8> = (0..secret.len())
        .step_by(2)
        .map(|start| u8::from_str_radix(secret.get(start..start + 2).unwrap(), 16).unwrap())
        .collect();
    TokenKeys::new(case["deployment"].as_str().unwrap(), [secret]).unwrap()
}

fn caller(session: &Value) -> Identity {
    let text = |name: &str| session[name].as_str().unwrap();
    Identity::from_verified(text("issuer"), text("subject")).unwrap()
}

fn session(session: &Value) -> UploadSession {
    let text = |name: &str| session[name].as_str().unwrap();
    let number = |name: &str| session[name].as_u64().unwrap();
    let upload = MultipartUpload {
        route: session["route"].as_str().map(|name| name.parse().unwrap()),
        bucket: text("bucket").parse().unwrap(),
        key: text("key").parse().unwrap(),
        upload_id: text("uploadId").parse().unwrap(),
        content_type: text("contentType").parse().unwrap(),
        plan: MultipartPlan::restore(number("size"), number("partSize")).unwrap(),
        checksum: session["checksum"].as_str().map(|name| name.parse::<ChecksumAlgorithm>().unwrap()),
    };
    let (issued, expires) = (number("issuedAt"), number("expiresAt"));
    let window = ResumeWindow::from_secs(expires - issued).unwrap();
    UploadSession::begin(upload, &caller(session), Timestamp::from_unix(issued).unwrap(), window)
}

#[test]
fn tokens_agree_with_the_independent_implementation() {
    let vectors = vectors();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() >= 16);
    for case in cases {
        let (name, keys, expected) = (&case["name"], keys(case), session(&case["session"]));
        assert_eq!(keys.key_ids().collect::<Vec<_>>(), [case["keyId"].as_str().unwrap()], "{name}");
        let token = keys.sign(&expected).unwrap();
        assert_eq!(token.expose(), case["token"].as_str().unwrap(), "{name}");

        let bucket_of = |_: Option<&_>| Some(expected.upload().bucket.clone());
        let caller = caller(&case["session"]);
        let verified = keys.verify(token.expose(), &caller, expected.issued_at(), bucket_of);
        assert_eq!(verified.as_ref(), Ok(&expected), "{name}");
    }
}

#[test]
fn malformed_and_foreign_tokens_are_rejected_for_the_expected_reason() {
    let vectors = vectors();
    let keys = keys(&vectors);
    let typical = &vectors["cases"][0]["session"];
    let (caller, at) = (caller(typical), session(typical).issued_at());
    let bucket: Resource = typical["bucket"].as_str().unwrap().parse().unwrap();
    let rejected = vectors["rejected"].as_array().unwrap();
    assert!(rejected.len() >= 40);
    for case in rejected {
        let name = &case["name"];
        let token = case["token"].as_str().map_or_else(
            || {
                let count = usize::try_from(case["token"]["count"].as_u64().unwrap()).unwrap();
                case["token"]["repeat"].as_str().unwrap().repeat(count)
            },
            str::to_owned,
        );
        let error = keys.verify(&token, &caller, at, |_| Some(bucket.clone())).unwrap_err();
        let reason = format!("{:?}", error.reason());
        let reason = reason.split(' ').next().unwrap();
        assert_eq!(reason, case["reason"].as_str().unwrap(), "{name}");
        assert_eq!(error.to_string(), "the upload token is not valid for this request", "{name}");
    }
}
