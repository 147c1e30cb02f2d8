//! `POST /uploads/read-url`: URLs of confirmed objects.

use async_trait::async_trait;
use http::Response;
use serde_json::{Value, json};
use upsign::read::{AuthorizeRead, ReadAuthorization};
use upsign::{AuthorizeError, Decision, UploadService};
use upsign_http::{Api, Endpoint};
use upsign_objects::ObjectHead;
use upsign_policy::{ConfirmationOptions, UploadPolicy};

use super::confirm::{CONFIRM, SMALL, confirmed, stored, upload};
use super::{SECRET, Signer, api_of, assert_problem, issuer, keys, send, send_as, store};
use crate::fixture::{at, json as body_of};

pub(crate) const READ: &str = "/uploads/read-url";

fn service(policy: UploadPolicy, head: fn() -> ObjectHead) -> UploadService<Signer> {
    let mut calls = store();
    calls.expect_head_object().returning(move |_, _| Ok(head()));
    issuer(policy, calls, keys("default", &[SECRET])).into()
}

fn default() -> UploadPolicy {
    confirmed(|options| options)
}

fn api() -> Api<Signer> {
    api_of(service(default(), stored)).with_read_urls(true)
}

/// Uploads and confirms an object, and returns its receipt.
async fn receipt(api: &Api<Signer>) -> Value {
    let grant = upload(api).await;
    let response = send(api, CONFIRM, &json!({ "uploadToken": grant["uploadToken"] })).await;
    body_of(&response)["receipt"].clone()
}

async fn read(api: &Api<Signer>, caller: &str, request: &Value) -> Response<String> {
    send_as(api, caller, READ, request, at()).await
}

#[tokio::test]
async fn uploader_gets_a_url_of_the_confirmed_version() {
    let api = api();
    let response = read(&api, "alice", &json!({ "receipt": receipt(&api).await })).await;
    assert_eq!(
        (response.status().as_u16(), &response.headers()["cache-control"]),
        (200, &"no-store".parse().unwrap())
    );
    let answer = body_of(&response);
    let url = answer["readUrl"].as_str().unwrap();
    for part in ["versionId=3sL4kqtJlcpXroDTDmJ", "response-content-type=video%2Fmp4", "X-Amz-Expires=300"] {
        assert!(url.contains(part), "{part} is not in {url}");
    }
    let expected = json!({
        "readUrl": url,
        "key": answer["key"],
        "versionId": "3sL4kqtJlcpXroDTDmJ",
        "contentType": "video/mp4",
        "expiresIn": 300,
        "expiresAt": answer["expiresAt"],
    });
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn client_can_ask_for_a_shorter_life_and_an_attachment() {
    let api = api();
    let receipt = receipt(&api).await;
    for (asked, answered) in [(60, 60), (300, 300), (301, 300), (604_800, 300)] {
        let request = json!({ "receipt": receipt, "expiresIn": asked, "disposition": "attachment" });
        let answer = body_of(&read(&api, "alice", &request).await);
        assert_eq!(answer["expiresIn"], answered);
        let url = answer["readUrl"].as_str().unwrap();
        assert!(url.contains("response-content-disposition=attachment"), "{url}");
    }
    for invalid in [json!({ "expiresIn": 0 }), json!({ "disposition": "inline" })] {
        let mut request = invalid;
        request["receipt"] = receipt.clone();
        assert_problem(&read(&api, "alice", &request).await, 400, "body-member-type");
    }
}

#[tokio::test]
async fn other_callers_may_not_read() {
    let api = api();
    let receipt = receipt(&api).await;
    assert_problem(&read(&api, "bob", &json!({ "receipt": receipt })).await, 403, "read-forbidden");
}

/// Lets bob read, and fails for carol.
#[derive(Debug)]
struct Readers;

#[async_trait]
impl AuthorizeRead for Readers {
    async fn authorize_read(&self, read: &ReadAuthorization<'_>) -> Result<Decision, AuthorizeError> {
        match read.caller.subject().as_str() {
            "bob" => Ok(Decision::Allow),
            "carol" => Err(AuthorizeError::new("postgres://user:password@db")),
            _ => Ok(Decision::Deny),
        }
    }
}

#[tokio::test]
async fn application_decides_who_reads() {
    let api = api_of(service(default(), stored).with_read_authorizer(Readers)).with_read_urls(true);
    let request = json!({ "receipt": receipt(&api).await });
    assert_eq!(read(&api, "bob", &request).await.status(), 200);
    assert_problem(&read(&api, "alice", &request).await, 403, "read-forbidden");
    let problem = assert_problem(&read(&api, "carol", &request).await, 503, "authorization-unavailable");
    assert!(!problem.to_string().contains("postgres"));
}

#[tokio::test]
async fn forged_receipts_are_refused_alike() {
    let api = api();
    let valid = receipt(&api).await;
    let valid = valid.as_str().unwrap();
    let token = upload(&api).await["uploadToken"].as_str().unwrap().to_owned();
    let other = api_of(issuer(default(), store(), keys("other", &[SECRET]))).with_read_urls(true);
    let mut details = Vec::new();
    for (api, receipt) in [
        (&api, ""),
        (&api, "A"),
        (&api, valid.get(1..).unwrap()),
        (&api, &token),
        (&api, &*format!("{valid}A")),
        (&other, valid),
    ] {
        let problem =
            assert_problem(&read(api, "alice", &json!({ "receipt": receipt })).await, 403, "receipt-invalid");
        details.push(problem["detail"].clone());
    }
    details.dedup();
    assert_eq!(details.len(), 1, "{details:?}");
}

#[tokio::test]
async fn reading_is_disabled_by_default() {
    let api = api_of(service(default(), stored));
    assert!(!api.endpoints().contains(&Endpoint::ReadUrl));
    assert_problem(&read(&api, "alice", &json!({ "receipt": "A" })).await, 404, "not-found");
    let unconfirmed = super::policy(|builder| builder.confirmation(ConfirmationOptions::new()));
    let api = api_of(service(unconfirmed, stored)).with_read_urls(true);
    assert_problem(&read(&api, "alice", &json!({ "receipt": "A" })).await, 404, "not-found");
}

#[tokio::test]
async fn receipt_is_small_enough_for_a_header_or_a_row() {
    let api = api();
    let receipt = receipt(&api).await;
    let length = receipt.as_str().unwrap().len();
    assert!((100..600).contains(&length), "{length} characters for an object of {SMALL} bytes");
}
