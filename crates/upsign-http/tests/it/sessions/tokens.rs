//! Upload tokens over HTTP: every call refuses a token that is not exactly the caller's own with one answer, and calls no store.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use upsign::{Access, Route, UploadService};
use upsign_core::{Target, Timestamp};
use upsign_http::Api;
use upsign_policy::{Bodyless, KeyTemplate, UploadPolicy};
use upsign_testing::mocks::MockObjectCalls;

use super::{
    ABORT, COMPLETE, MIB, PARTS, SECRET, SIZE, STATUS, Signer, api_of, assert_problem, begin, completion,
    head, issuer, keys, no_such_upload, options, policy, send_as, store, three_parts,
};
use crate::fixture::{at, json as body_of};

const OTHER: [u8; 32] = [8; 32];

/// A valid request of each call with this token.
fn requests(token: &str) -> [(&'static str, Value); 4] {
    [
        (PARTS, json!({ "uploadToken": token, "partNumbers": [1, 2] })),
        (STATUS, json!({ "uploadToken": token })),
        (COMPLETE, completion(token)),
        (ABORT, json!({ "uploadToken": token })),
    ]
}

/// Sends `token` in every call and asserts that all are refused alike.
async fn refused_everywhere(api: &Api<Signer>, caller: &str, token: &str, at: Timestamp, why: &str) {
    let mut answers = BTreeSet::new();
    for (path, body) in requests(token) {
        let response = send_as(api, caller, path, &body, at).await;
        let code = body_of(&response)["code"].clone();
        assert_eq!(
            (response.status().as_u16(), code.as_str()),
            (403, Some("upload-token-invalid")),
            "{why} {path}"
        );
        answers.insert(assert_problem(&response, 403, "upload-token-invalid").to_string());
    }
    assert_eq!(answers.len(), 1, "{why}: {answers:?}");
}

/// A service that creates uploads and would panic at any other call to the store.
fn strict(keys: upsign::session::TokenKeys) -> Api<Signer> {
    api_of(issuer(policy(|builder| builder), store(), keys))
}

async fn token_of(api: &Api<Signer>) -> String {
    begin(api).await["uploadToken"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn token_is_good_for_its_caller_only() {
    let api = strict(keys("default", &[SECRET]));
    let token = token_of(&api).await;
    refused_everywhere(&api, "bob", &token, at(), "the token of alice with the JWT of bob").await;
    refused_everywhere(&api, "Alice", &token, at(), "another spelling of the subject").await;
}

#[tokio::test]
async fn token_expires() {
    let api = strict(keys("default", &[SECRET]));
    let token = token_of(&api).await;
    let end: Timestamp = "2026-01-02T00:00:00Z".parse().unwrap();
    refused_everywhere(&api, "alice", &token, end, "at the expiry").await;
    refused_everywhere(&api, "alice", &token, end.saturating_add(86_400), "a day later").await;
    let body = json!({ "uploadToken": token, "partNumbers": [1] });
    let before = send_as(&api, "alice", PARTS, &body, "2026-01-01T23:59:59Z".parse().unwrap()).await;
    assert_eq!(before.status(), 200);
}

#[tokio::test]
async fn token_of_another_deployment_or_key_is_refused() {
    let token = token_of(&strict(keys("default", &[SECRET]))).await;
    let deployment = strict(keys("staging", &[SECRET]));
    refused_everywhere(&deployment, "alice", &token, at(), "another deployment").await;
    let secret = strict(keys("default", &[OTHER]));
    refused_everywhere(&secret, "alice", &token, at(), "another secret").await;
}

/// The first key signs and all verify, so a key is rotated in two steps. Afterwards, its tokens are refused.
#[tokio::test]
async fn token_outlives_its_key_only_while_the_key_is_configured() {
    let token = token_of(&strict(keys("default", &[SECRET]))).await;
    let rotating = strict(keys("default", &[OTHER, SECRET]));
    let body = json!({ "uploadToken": token, "partNumbers": [1] });
    assert_eq!(send_as(&rotating, "alice", PARTS, &body, at()).await.status(), 200);
    let rotated = strict(keys("default", &[OTHER]));
    refused_everywhere(&rotated, "alice", &token, at(), "the key was removed").await;
}

fn policy_for(bucket: &str, region: &str) -> UploadPolicy {
    let target = Target::aws(bucket.parse().unwrap(), region.parse().unwrap());
    let template = KeyTemplate::parse("videos/{id}.{ext}", &[]).unwrap();
    UploadPolicy::builder(target, template, Bodyless::Refuse)
        .content_types(["video/mp4"])
        .max_size(100 * MIB)
        .multipart(options(upsign_policy::MultipartMode::Always))
        .build()
        .unwrap()
}

#[tokio::test]
async fn token_is_bound_to_bucket_and_endpoint() {
    let token = token_of(&strict(keys("default", &[SECRET]))).await;
    for (bucket, region) in [("other-bucket", "ap-southeast-1"), ("videos-bucket", "eu-central-1")] {
        let moved = issuer(policy_for(bucket, region), store(), keys("default", &[SECRET]));
        refused_everywhere(&api_of(moved), "alice", &token, at(), bucket).await;
    }
}

fn named(name: &str, calls: MockObjectCalls, secret: [u8; 32]) -> Route<Signer> {
    let issuer = issuer(policy_for("videos-bucket", "ap-southeast-1"), calls, keys("default", &[secret]));
    Route::named(name.parse().unwrap(), issuer)
}

#[tokio::test]
async fn token_is_bound_to_its_route() {
    let begin = json!({ "route": "clips", "contentType": "video/mp4", "contentLength": SIZE });
    let service = UploadService::new([named("clips", store(), SECRET)]).unwrap();
    let grant = body_of(&send_as(&api_of(service), "alice", "/upload-url", &begin, at()).await);
    let token = grant["uploadToken"].as_str().unwrap();
    let service = UploadService::new([named("films", store(), SECRET)]).unwrap();
    refused_everywhere(&api_of(service), "alice", token, at(), "the route does not exist").await;
    // Routes may have keys of their own.
    let service =
        UploadService::new([named("films", store(), SECRET), named("clips", store(), OTHER)]).unwrap();
    refused_everywhere(&api_of(service), "alice", token, at(), "a key of another route").await;
}

/// The caller has lost the group since the upload began.
#[tokio::test]
async fn access_to_the_route_is_checked_again() {
    let grant = {
        let service = UploadService::new([named("clips", store(), SECRET)]).unwrap();
        let begin = json!({ "route": "clips", "contentType": "video/mp4", "contentLength": SIZE });
        body_of(&send_as(&api_of(service), "alice", "/upload-url", &begin, at()).await)
    };
    let access = Access::unrestricted().with_groups(["editors"]);
    let service = UploadService::new([named("clips", store(), SECRET).with_access(access)]).unwrap();
    let api = api_of(service);
    for (path, body) in requests(grant["uploadToken"].as_str().unwrap()) {
        let response = send_as(&api, "alice", path, &body, at()).await;
        assert_problem(&response, 403, "route-forbidden");
        assert_eq!(response.headers()["www-authenticate"], "Bearer error=\"insufficient_scope\"", "{path}");
    }
}

/// Changes every character of a token, one at a time.
#[tokio::test]
async fn every_changed_character_is_refused() {
    let api = strict(keys("default", &[SECRET]));
    let token = token_of(&api).await;
    for index in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        let (path, body) = requests(&changed)[index % 4].clone();
        let response = send_as(&api, "alice", path, &body, at()).await;
        assert_problem(&response, 403, "upload-token-invalid");
    }
}

#[tokio::test]
async fn other_texts_are_refused() {
    let api = strict(keys("default", &[SECRET]));
    let token = token_of(&api).await;
    let cut = token.get(..token.len() - 1).unwrap();
    let half = token.get(..token.len() / 2).unwrap();
    let padded = format!("{token}=");
    let longer = format!("{token}A");
    let twice = format!("{token}{token}");
    let spaced = format!(" {token}");
    let long = "A".repeat(10_923);
    for text in ["", "A", "null", cut, half, &padded, &longer, &twice, &spaced, &long, "\u{0}", "ä"] {
        refused_everywhere(&api, "alice", text, at(), text.get(..text.len().min(20)).unwrap_or("ä")).await;
    }
    // Longer than any body may be.
    let huge = "A".repeat(4 << 20);
    for (path, body) in requests(&huge) {
        assert_problem(&send_as(&api, "alice", path, &body, at()).await, 413, "body-too-large");
    }
}

/// A token without the caller's own credentials is worth nothing.
#[tokio::test]
async fn token_does_not_authenticate() {
    let api = strict(keys("default", &[SECRET]));
    let token = token_of(&api).await;
    for (path, body) in requests(&token) {
        let request = http::Request::post(path).header("origin", crate::fixture::ORIGIN);
        let request = request.body(bytes::Bytes::from(body.to_string())).unwrap();
        let response = api.handle(&request, at(), &super::ByName).await;
        assert_problem(&response, 401, "unauthorized");
        assert_eq!(response.headers()["www-authenticate"], "Bearer");
    }
}

/// These requests succeed with the caller's own token, so the refusals above are not due to anything else.
#[tokio::test]
async fn own_token_is_accepted_by_every_call() {
    let mut calls = store();
    calls.expect_list_parts().returning(|_, _| Ok(three_parts()));
    calls.expect_complete_multipart_upload().returning(|_, _| Ok(super::completed()));
    calls.expect_abort_multipart_upload().returning(|_, _| Err(no_such_upload("AbortMultipartUpload")));
    calls.expect_head_object().returning(|_, _| Ok(head()));
    let api = api_of(issuer(policy(|builder| builder), calls, keys("default", &[SECRET])));
    let token = token_of(&api).await;
    for (path, body) in requests(&token) {
        let expected = if path == ABORT { 409 } else { 200 };
        assert_eq!(send_as(&api, "alice", path, &body, at()).await.status(), expected, "{path}");
    }
}
