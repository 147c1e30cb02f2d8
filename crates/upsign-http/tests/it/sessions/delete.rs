//! `DELETE /uploads`: the method, its path, both proofs, and preflights.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use serde_json::{Value, json};
use upsign_http::{Api, Endpoint};
use upsign_objects::{DeletedObject, ObjectHead};

use super::confirm::{CONFIRM, confirmed, stored, upload};
use super::{
    ByName, SECRET, Signer, api_of, assert_problem, issuer, keys, no_object, openapi, refused, send, store,
};
use crate::fixture::{ORIGIN, at, json as body_of};

pub(crate) const UPLOADS: &str = "/uploads";

async fn request(
    api: &Api<Signer>,
    method: &str,
    path: &str,
    caller: &str,
    body: String,
) -> Response<String> {
    let request = Request::builder().method(method).uri(path).header("origin", ORIGIN);
    let request = request.header("authorization", format!("Bearer {caller}"));
    let response = api.handle(&request.body(Bytes::from(body)).unwrap(), at(), &ByName).await;
    if method == "DELETE" {
        openapi::assert_described_for(api, path, "delete", &response);
    }
    response
}

pub(crate) async fn delete(api: &Api<Signer>, caller: &str, body: &Value) -> Response<String> {
    request(api, "DELETE", UPLOADS, caller, body.to_string()).await
}

/// An API that lets callers delete, and the versions that it has deleted. The store has an object until then.
fn api(head: fn() -> ObjectHead) -> (Api<Signer>, Arc<Mutex<Vec<String>>>) {
    let deleted: Arc<Mutex<Vec<String>>> = Arc::default();
    let mut calls = store();
    let gone = Arc::clone(&deleted);
    calls
        .expect_head_object()
        .returning(move |_, _| if gone.lock().unwrap().is_empty() { Ok(head()) } else { Err(no_object()) });
    let record = Arc::clone(&deleted);
    calls.expect_delete_object().returning(move |call, _| {
        let version = call.version_id().map_or_else(String::new, |version| version.as_str().to_owned());
        record.lock().unwrap().push(version);
        Ok(DeletedObject::default())
    });
    let policy = confirmed(|options| options.with_delete(true));
    (api_of(issuer(policy, calls, keys("default", &[SECRET]))), deleted)
}

#[tokio::test]
async fn confirmed_upload_is_deleted_by_its_receipt() {
    let (api, deleted) = api(stored);
    let grant = upload(&api).await;
    let confirmation = send(&api, CONFIRM, &json!({ "uploadToken": grant["uploadToken"] })).await;
    let body = json!({ "receipt": body_of(&confirmation)["receipt"] });
    assert_problem(&delete(&api, "bob", &body).await, 403, "forbidden");
    assert!(deleted.lock().unwrap().is_empty());
    for _ in 0..2 {
        let response = delete(&api, "alice", &body).await;
        assert_eq!(response.status(), 200, "{}", response.body());
        assert_eq!(body_of(&response), json!({ "state": "deleted", "key": grant["key"] }));
    }
    assert_eq!(deleted.lock().unwrap()[0], "3sL4kqtJlcpXroDTDmJ", "the confirmed version");
}

#[tokio::test]
async fn upload_that_is_not_confirmed_is_deleted_by_its_token() {
    let (api, deleted) = api(stored);
    let grant = upload(&api).await;
    let body = json!({ "uploadToken": grant["uploadToken"] });
    assert_problem(&delete(&api, "bob", &body).await, 403, "upload-token-invalid");
    let response = delete(&api, "alice", &body).await;
    assert_eq!(body_of(&response), json!({ "state": "deleted", "key": grant["key"] }), "{}", response.body());
    assert_eq!(deleted.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn replaced_object_without_versions_stays() {
    let unversioned = || {
        let mut head = stored();
        head.version_id = None;
        head
    };
    let (first, _) = api(unversioned);
    let grant = upload(&first).await;
    let confirmation = send(&first, CONFIRM, &json!({ "uploadToken": grant["uploadToken"] })).await;
    let receipt = body_of(&confirmation)["receipt"].clone();
    let (replaced, deleted) = api(|| {
        let mut head = stored();
        (head.version_id, head.etag) = (None, "another".parse().unwrap());
        head
    });
    assert_problem(&delete(&replaced, "alice", &json!({ "receipt": receipt })).await, 409, "object-changed");
    assert!(deleted.lock().unwrap().is_empty());
}

#[tokio::test]
async fn invalid_requests_delete_nothing() {
    let (api, deleted) = api(stored);
    for line in include_str!("../golden/session_bodies.txt").lines() {
        let Some(rest) = line.strip_prefix("delete ") else { continue };
        let (code, body) = rest.split_once(' ').unwrap();
        assert_problem(&request(&api, "DELETE", UPLOADS, "alice", body.to_owned()).await, 400, code);
    }
    assert_problem(&request(&api, "DELETE", UPLOADS, "alice", String::new()).await, 400, "body-syntax");
    assert_problem(&delete(&api, "alice", &json!({ "receipt": "A" })).await, 403, "receipt-invalid");
    assert_problem(&delete(&api, "alice", &json!({ "uploadToken": "A" })).await, 403, "upload-token-invalid");
    assert!(deleted.lock().unwrap().is_empty());
}

#[tokio::test]
async fn store_that_fails_is_a_problem() {
    let mut calls = store();
    calls.expect_head_object().returning(|_, _| Ok(stored()));
    calls.expect_delete_object().returning(|_, _| Err(refused("DeleteObject", 503, "SlowDown")));
    let policy = confirmed(|options| options.with_delete(true));
    let api = api_of(issuer(policy, calls, keys("default", &[SECRET])));
    let body = json!({ "uploadToken": upload(&api).await["uploadToken"] });
    assert_problem(&delete(&api, "alice", &body).await, 503, "store-unavailable");
}

#[tokio::test]
async fn each_path_accepts_its_own_method() {
    let (api, _) = api(stored);
    for (method, path, allow) in [
        ("POST", UPLOADS, "DELETE, OPTIONS"),
        ("GET", "/uploads/", "DELETE, OPTIONS"),
        ("DELETE", CONFIRM, "POST, OPTIONS"),
        ("DELETE", "/upload-url", "POST, OPTIONS"),
    ] {
        let request = Request::builder().method(method).uri(path).header("origin", ORIGIN);
        let response = api.handle(&request.body(Bytes::new()).unwrap(), at(), &ByName).await;
        assert_problem(&response, 405, "method-not-allowed");
        assert_eq!(response.headers()["allow"], allow, "{method} {path}");
    }
}

#[tokio::test]
async fn preflights_name_the_method_of_their_path() {
    let (api, _) = api(stored);
    let shared = api.clone().with_path(UPLOADS).unwrap();
    for (api, path, methods) in
        [(&api, UPLOADS, "DELETE"), (&api, "/upload-url", "POST"), (&shared, UPLOADS, "POST, DELETE")]
    {
        let response = request(api, "OPTIONS", path, "nobody", String::new()).await;
        assert_eq!(response.status(), 204);
        assert_eq!(response.headers()["access-control-allow-methods"], methods, "{path}");
    }
}

#[tokio::test]
async fn route_without_deletion_has_no_endpoint() {
    let api = api_of(issuer(confirmed(|options| options), store(), keys("default", &[SECRET])));
    assert!(!api.endpoints().contains(&Endpoint::Delete));
    let request = Request::delete(UPLOADS).header("origin", ORIGIN).body(Bytes::new()).unwrap();
    assert_problem(&api.handle(&request, at(), &ByName).await, 404, "not-found");
}
