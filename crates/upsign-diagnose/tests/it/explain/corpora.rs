//! The URLs and forms of boto3 and the SDK for JavaScript: what was passed to the SDK is what is explained, and no secret is shown.

use serde_json::Value;
use upsign_diagnose::{Explanation, Redacted, Subject};

use super::{assert_no_secret, codes, corpus};

fn text<'a>(case: &'a Value, pointer: &str) -> &'a str {
    case.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn explain(case: &Value, subject: &[u8]) -> Explanation {
    let subject = Subject::read(subject).unwrap_or_else(|error| panic!("{}: {error}", text(case, "/id")));
    Explanation::of(&subject, text(case, "/now").parse().unwrap())
}

#[track_caller]
fn check_secrets(case: &Value, explained: &Explanation) {
    let token = text(case, "/credentials/session_token");
    let encoded = token.replace('/', "%2F").replace('+', "%2B").replace('=', "%3D");
    // Long enough to be no coincidence, and after what is shown of it.
    let parts = [token.get(16..).unwrap_or_default(), encoded.get(16..).unwrap_or_default()];
    let signature = text(case, "/expected/signature").get(8..).unwrap_or_default();
    let secret = text(case, "/credentials/secret_access_key");
    assert_no_secret(
        explained,
        &[parts[0], parts[1], signature, secret, text(case, "/expected/fields/policy")],
    );
}

#[test]
fn presigned_urls_of_the_sdks_are_explained_as_they_were_signed() {
    let mut count = 0;
    for name in ["boto3_presigned_url.jsonl", "boto3_presigned_v4a.jsonl", "js_presigned_url.jsonl"] {
        for case in corpus(name) {
            let url = text(&case, "/expected/url");
            if url.is_empty() || url.contains(' ') {
                continue;
            }
            let explained = explain(&case, url.as_bytes());
            let id = text(&case, "/id");
            let signed: Vec<&str> = case["expected"]["signed_headers"]
                .as_array()
                .unwrap()
                .iter()
                .map(|it| it.as_str().unwrap())
                .collect();
            let required: Vec<&str> = explained.required.iter().map(|it| it.name.as_str()).collect();
            if case["expected"]["algorithm"] == "AWS4-HMAC-SHA256" || name.contains("v4a") {
                assert_eq!(required, signed, "{id}");
                assert_eq!(
                    explained.signing_region.as_ref().map_or("", |it| it.as_str()),
                    text(&case, "/expected/signing_region"),
                    "{id}"
                );
                assert_eq!(explained.validity.signed_at.unwrap().to_string(), text(&case, "/now"), "{id}");
                let seconds = case["expires"].as_u64().unwrap_or_default();
                let lifetime = explained
                    .validity
                    .expires_at
                    .map(|end| end.seconds_since(explained.validity.signed_at.unwrap()));
                assert!(lifetime.is_none_or(|it| it == seconds), "{id}");
            }
            assert_eq!(
                explained.signer.id.as_ref().unwrap().as_str(),
                text(&case, "/credentials/access_key_id"),
                "{id}"
            );
            if let Some(method) = &explained.method {
                // Overrides of the response are those of a read, whose method may also be HEAD.
                let expected = text(&case, "/expected/method").replace("HEAD", "GET");
                assert_eq!(method.replace("HEAD", "GET"), expected, "{id}");
            }
            check_place(&case, &explained);
            check_secrets(&case, &explained);
            count += 1;
        }
    }
    assert!(count > 400, "{count}");
}

/// Compares bucket and key with those that were passed to the SDK.
#[track_caller]
fn check_place(case: &Value, explained: &Explanation) {
    let (id, bucket) = (text(case, "/id"), text(case, "/params/Bucket"));
    let location = explained.location.as_ref().unwrap();
    if bucket.starts_with("arn:") || location.is_assumed {
        return;
    }
    assert_eq!(explained.bucket.as_ref().map_or("", |it| it.as_str()), bucket, "{id} {location:?}");
    if let Some(key) = case.pointer("/params/Key").and_then(Value::as_str) {
        assert_eq!(location.key.as_deref().unwrap_or_default(), key, "{id}");
    }
}

#[test]
fn what_the_corpora_call_a_quirk_is_an_oddity() {
    let expected = [
        ("boto3-global-endpoint", "global-endpoint"),
        ("boto3-fips-host-region-mismatch", "region-mismatch"),
        ("dot-segment-key", "dot-segment"),
        ("empty-segment-key", "empty-segment"),
        ("control-char-key", "control-character"),
    ];
    let mut seen = std::collections::BTreeSet::new();
    for case in corpus("boto3_presigned_url.jsonl").into_iter().chain(corpus("js_presigned_url.jsonl")) {
        let url = text(&case, "/expected/url");
        if url.is_empty() || url.contains(' ') {
            continue;
        }
        let quirks: Vec<&str> =
            case["quirks"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let found = codes(&explain(&case, url.as_bytes()));
        for (quirk, code) in expected {
            if quirks.contains(&quirk) {
                seen.insert(quirk);
                assert!(found.contains(&code), "{}: {quirk}, found {found:?}: {url}", case["id"]);
            }
        }
        let is_rewritten = case.pointer("/expected/whatwg").and_then(Value::as_str) == Some("path-rewritten");
        let names = ["dot-segment", "backslash", "path-rewritten"];
        assert_eq!(
            is_rewritten,
            found.iter().any(|code| names.contains(code)),
            "{}: {found:?} {url}",
            case["id"]
        );
    }
    assert_eq!(seen.len(), expected.len(), "{seen:?}");
}

#[test]
fn forms_of_the_sdks_are_explained_as_they_were_signed() {
    for name in ["boto3_presigned_post.jsonl", "js_presigned_post.jsonl"] {
        for case in corpus(name) {
            let id = text(&case, "/id");
            let Some(expected) = case.get("expected").filter(|it| it.is_object()) else { continue };
            let answer = serde_json::json!({"url": expected["url"], "fields": expected["fields"]});
            let explained = explain(&case, answer.to_string().as_bytes());
            assert_eq!(explained.bucket.as_ref().unwrap().as_str(), text(&case, "/bucket"), "{id}");
            // A key may contain what looks like a signature.
            let key = Redacted::new(text(&case, "/expected/fields/key"));
            assert_eq!(explained.key, Some(key), "{id}");
            assert_eq!(explained.required.len(), expected["fields"].as_object().unwrap().len(), "{id}");
            check_secrets(&case, &explained);
            let unlisted =
                case["fields_without_condition"].as_array().is_some_and(|fields| !fields.is_empty());
            assert_eq!(
                codes(&explained).contains(&"field-without-condition"),
                unlisted,
                "{id} {:#?}",
                explained.oddities
            );
        }
    }
}

#[test]
fn urls_and_forms_of_google_cloud_storage_are_explained_as_they_were_signed() {
    let mut count = 0;
    for case in corpus("gcs_signed.jsonl") {
        let url = text(&case, "/url");
        if url.is_empty() || case.get("key").is_none() || !url.contains("X-Goog-Signature") {
            continue;
        }
        let explained = explain(&case, url.as_bytes());
        let id = text(&case, "/id");
        assert_eq!(explained.scheme.name(), "goog4", "{id}");
        if !explained.location.as_ref().unwrap().is_assumed {
            assert_eq!(explained.bucket.as_ref().unwrap().as_str(), text(&case, "/bucket"), "{id}");
            assert_eq!(
                explained.location.as_ref().unwrap().key.as_deref().unwrap(),
                text(&case, "/key"),
                "{id}"
            );
        }
        let signature = url.rsplit_once("X-Goog-Signature=").unwrap().1;
        assert_no_secret(&explained, &[&signature[8..], text(&case, "/secret")]);
        count += 1;
    }
    assert!(count > 10, "{count}");
}
