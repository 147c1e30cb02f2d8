//! `/upload-url` on a route with multipart uploads: which files are uploaded in parts, the answer, and failures of the store.

use http::Response;
use serde_json::{Value, json};
use upsign_core::Provider;
use upsign_http::Api;
use upsign_policy::{MultipartMode, MultipartOptions, SizeBound};
use upsign_testing::mocks::MockObjectCalls;

use super::{
    MIB, SECRET, SIZE, Signer, UPLOAD_ID, api, api_of, assert_problem, begin, issuer, keys, options, policy,
    refused, send, store, with_sha256,
};
use crate::fixture::json as body_of;

async fn ask(api: &Api<Signer>, members: Value) -> Response<String> {
    let mut body = json!({ "contentType": "video/mp4" });
    body.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    send(api, "/upload-url", &body).await
}

async fn method(api: &Api<Signer>, members: Value) -> String {
    body_of(&ask(api, members).await)["method"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn answer_describes_the_parts() {
    let grant = begin(&api(store())).await;
    let token = grant["uploadToken"].clone();
    assert!(token.as_str().unwrap().len() > 100);
    let expected = json!({
        "method": "MULTIPART",
        "key": grant["key"],
        "uploadToken": token,
        "partSize": 5 * MIB,
        "partCount": 3,
        "partsAtOnce": 4,
        "contentLength": SIZE,
        "checksumAlgorithm": "crc64nvme",
        "checksumType": "FULL_OBJECT",
        "expiresIn": 86_400,
        "expiresAt": "2026-01-02T00:00:00Z",
    });
    assert_eq!(grant, expected);
    assert!(!grant.to_string().contains(UPLOAD_ID));
}

#[tokio::test]
async fn size_decides_between_one_request_and_parts() {
    let api = api(store());
    for (length, expected) in [(1, "PUT"), (6 * MIB, "PUT"), (6 * MIB + 1, "MULTIPART"), (SIZE, "MULTIPART")]
    {
        assert_eq!(method(&api, json!({ "contentLength": length })).await, expected, "{length}");
    }
}

#[tokio::test]
async fn client_can_ask_for_parts_and_for_an_algorithm() {
    let api = with_sha256(store());
    assert_eq!(method(&api, json!({ "contentLength": 7, "multipart": true })).await, "MULTIPART");
    let grant = ask(&api, json!({ "contentLength": SIZE, "checksumAlgorithm": "sha256" })).await;
    let grant = body_of(&grant);
    assert_eq!(
        (&grant["checksumAlgorithm"], &grant["checksumType"]),
        (&json!("sha256"), &json!("COMPOSITE"))
    );
    let unknown = ask(&api, json!({ "contentLength": SIZE, "checksumAlgorithm": "md2" })).await;
    assert_problem(&unknown, 400, "checksum-not-allowed");
}

#[tokio::test]
async fn request_that_contradicts_the_mode_is_refused() {
    let always = policy(|builder| builder.multipart(options(MultipartMode::Always)));
    let always = api_of(issuer(always, store(), keys("default", &[SECRET])));
    assert_eq!(method(&always, json!({ "contentLength": 1 })).await, "MULTIPART");
    let refused = ask(&always, json!({ "contentLength": 1, "multipart": false })).await;
    assert_problem(&refused, 400, "multipart-not-allowed");

    // A mock without expectations fails the test if the store is called.
    let never = policy(|builder| builder.multipart(options(MultipartMode::No)));
    let never = api_of(issuer(never, MockObjectCalls::new(), keys("default", &[SECRET])));
    assert_eq!(method(&never, json!({ "contentLength": SIZE, "multipart": false })).await, "PUT");
    let refused = ask(&never, json!({ "contentLength": SIZE, "multipart": true })).await;
    assert_problem(&refused, 400, "multipart-not-allowed");
}

#[tokio::test]
async fn invalid_sizes_create_nothing() {
    let api = api(MockObjectCalls::new());
    for (length, status, code) in [
        (json!(0), 400, "too-small"),
        (json!(-1), 400, "content-length-invalid"),
        (json!(1.5), 400, "content-length-invalid"),
        (json!("7"), 400, "content-length-invalid"),
        (json!(100 * MIB + 1), 413, "too-large"),
        (json!(1_u64 << 53), 413, "too-large"),
        (json!((1_u64 << 53) + 1), 400, "content-length-invalid"),
    ] {
        let response = ask(&api, json!({ "contentLength": length, "multipart": true })).await;
        assert_problem(&response, status, code);
    }
    assert_problem(&ask(&api, json!({ "multipart": true })).await, 400, "content-length-required");
}

/// An upload whose size is not known has a maximum number of parts in its answer, and no size.
#[tokio::test]
async fn size_may_be_unknown_if_the_route_binds_a_maximum() {
    let policy =
        policy(|builder| builder.multipart(options(MultipartMode::Always)).size_bound(SizeBound::MaxInParts));
    let api = api_of(issuer(policy, store(), keys("default", &[SECRET])));
    let grant = body_of(&ask(&api, json!({})).await);
    assert_eq!((&grant["method"], &grant["partCount"]), (&json!("MULTIPART"), &json!(20)));
    assert!(grant.get("contentLength").is_none(), "{grant}");
}

#[tokio::test]
async fn upload_without_checksum_names_no_algorithm() {
    let store_without = MultipartOptions::new(MultipartMode::Always, Provider::Ceph.capabilities());
    let policy = policy(|builder| builder.multipart(store_without));
    let grant = begin(&api_of(issuer(policy, store(), keys("default", &[SECRET])))).await;
    assert!(grant.get("checksumAlgorithm").is_none() && grant.get("checksumType").is_none(), "{grant}");
}

#[tokio::test]
async fn failures_of_the_store_are_not_described_to_clients() {
    for (status, code, answer, expected, retry_after) in [
        (503, "SlowDown", 503, "store-unavailable", Some("10")),
        (500, "InternalError", 503, "store-unavailable", Some("10")),
        (403, "AccessDenied", 500, "store-refused", None),
        (404, "NoSuchBucket", 500, "store-refused", None),
    ] {
        let mut calls = MockObjectCalls::new();
        calls
            .expect_create_multipart_upload()
            .returning(move |_, _| Err(refused("CreateMultipartUpload", status, code)));
        let response = ask(&api(calls), json!({ "contentLength": SIZE })).await;
        let problem = assert_problem(&response, answer, expected);
        assert!(!problem.to_string().contains(code), "{problem}");
        let header = response.headers().get("retry-after").map(|value| value.to_str().unwrap());
        assert_eq!(header, retry_after, "{code}");
    }
}

/// Nobody can continue an upload without its token, so it is aborted.
#[tokio::test]
async fn upload_whose_token_would_be_too_long_is_aborted() {
    let mut calls = MockObjectCalls::new();
    calls.expect_create_multipart_upload().returning(|_, _| Ok("u".repeat(9_000).parse().unwrap()));
    calls.expect_abort_multipart_upload().times(1).returning(|_, _| Ok(()));
    let response = ask(&api(calls), json!({ "contentLength": SIZE })).await;
    assert_problem(&response, 500, "internal");
}

/// A client whose first `PUT` was answered by nobody, and whose second is refused with 412, asks for the status.
#[tokio::test]
async fn single_put_that_never_replaces_has_a_status_token() {
    let policy = policy(|builder| builder.replace(upsign_policy::Replace::Never));
    let api = api_of(issuer(policy, store(), keys("default", &[SECRET])));
    let grant = body_of(&ask(&api, json!({ "contentLength": 7 })).await);
    assert_eq!(grant["method"], "PUT");
    assert!(grant["uploadUrl"].is_string() && grant["uploadToken"].is_string(), "{grant}");
}
