//! The vectors of `upload_tokens.json`, which a Python script computed from the documented format.

use serde_json::Value;
use upsign::policy::{Checksum, ChecksumKind, MultipartChecksum, PlannedSize};
use upsign::quota::QuotaAccount;
use upsign::session::{ResumeWindow, SessionGate, SessionMethod, SessionUpload, TokenKeys, UploadSession};
use upsign::types::{Addressing, MultipartPlan, Resource, Target};
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
    let plan = MultipartPlan::restore(number("size"), number("partSize")).unwrap();
    let upload = SessionUpload {
        route: session["route"].as_str().map(|name| name.parse().unwrap()),
        bucket: text("bucket").parse().unwrap(),
        endpoint: text("endpoint").into(),
        key: text("key").parse().unwrap(),
        method: match session["uploadId"].as_str() {
            Some(id) => SessionMethod::Multipart(id.parse().unwrap()),
            None if session["isForm"].as_bool().unwrap() => SessionMethod::Form,
            None => SessionMethod::Put,
        },
        content_type: text("contentType").parse().unwrap(),
        size: match session["sizeIsMaximum"].as_bool().unwrap() {
            true => PlannedSize::AtMost(plan),
            false => PlannedSize::Exact(plan),
        },
        checksum: session["checksum"].as_str().map(|algorithm| MultipartChecksum {
            algorithm: algorithm.parse().unwrap(),
            kind: checksum_kind(text("checksumKind")).unwrap(),
        }),
        min_size: number("minSize"),
        checksum_value: session["checksumValue"]
            .as_str()
            .map(|base64| Checksum::parse(text("checksum").parse().unwrap(), base64).unwrap()),
        gate: match (session["finalKey"].as_str(), session["isTagged"].as_bool().unwrap()) {
            (Some(key), _) => SessionGate::Pending(key.parse().unwrap()),
            (None, true) => SessionGate::Tag,
            (None, false) => SessionGate::None,
        },
        account: session["account"]
            .as_str()
            .map(|hex| QuotaAccount::from_bytes(u128::from_str_radix(hex, 16).unwrap().to_be_bytes())),
    };
    let (issued, expires) = (number("issuedAt"), number("expiresAt"));
    let window = ResumeWindow::from_secs(expires - issued).unwrap();
    UploadSession::begin(upload, &caller(session), Timestamp::from_unix(issued).unwrap(), window)
}

fn checksum_kind(name: &str) -> Option<ChecksumKind> {
    match name {
        "full-object" => Some(ChecksumKind::FullObject),
        "composite" => Some(ChecksumKind::Composite),
        "parts" => Some(ChecksumKind::Parts),
        _ => None,
    }
}

/// Returns where the session stores its object.
fn target(session: &Value) -> Target {
    let (bucket, endpoint) = (session["bucket"].as_str().unwrap(), session["endpoint"].as_str().unwrap());
    let target = match bucket.parse().unwrap() {
        Resource::Bucket(bucket) if endpoint.starts_with("http:") => {
            let endpoint = endpoint.parse().unwrap();
            Target::at(&endpoint, Addressing::Path, bucket, "us-east-1".parse().unwrap()).unwrap()
        }
        Resource::Bucket(bucket) => Target::aws(bucket, "ap-southeast-1".parse().unwrap()),
        resource => Target::builder(resource, "us-west-2".parse().unwrap()).build().unwrap(),
    };
    assert_eq!(target.endpoint_url(), endpoint);
    target
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

        let target_of = |_: Option<&_>| Some(target(&case["session"]));
        let caller = caller(&case["session"]);
        let verified = keys.verify(token.expose(), &caller, expected.issued_at(), target_of);
        assert_eq!(verified.as_ref(), Ok(&expected), "{name}");
    }
}

#[test]
fn malformed_and_foreign_tokens_are_rejected_for_the_expected_reason() {
    let vectors = vectors();
    let keys = keys(&vectors);
    let typical = &vectors["cases"][0]["session"];
    let (caller, at) = (caller(typical), session(typical).issued_at());
    let target = target(typical);
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
        let error = keys.verify(&token, &caller, at, |_| Some(target.clone())).unwrap_err();
        let reason = format!("{:?}", error.reason());
        let reason = reason.split(' ').next().unwrap();
        assert_eq!(reason, case["reason"].as_str().unwrap(), "{name}");
        assert_eq!(error.to_string(), "the upload token is not valid for this request", "{name}");
    }
}
