//! `POST /uploads/confirm`: every state is an answer, and every failure a problem.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value, json};
use upsign::confirm::{ConfirmReason, Inspect, InspectError, InspectRequest, InspectVerdict};
use upsign::{Announce, AnnounceError, Announcement, UploadService};
use upsign_http::Api;
use upsign_objects::{ObjectHead, VersionId};
use upsign_policy::{ConfirmationOptions, Gate, Inspection, UploadPolicy};
use upsign_testing::mocks::MockObjectCalls;

use super::{
    ETAG, SECRET, Signer, api_of, assert_problem, checksum, issuer, keys, lost, no_object, policy, refused,
    send, send_as, store,
};
use crate::fixture::json as body_of;

pub(crate) const CONFIRM: &str = "/uploads/confirm";

/// The size of the file of these tests, which one `PUT` uploads.
pub(crate) const SMALL: u64 = 7;

/// A policy whose uploads are confirmed, with these further options.
pub(crate) fn confirmed(build: impl FnOnce(ConfirmationOptions) -> ConfirmationOptions) -> UploadPolicy {
    policy(|builder| builder.confirmation(build(ConfirmationOptions::new().with_confirm(true))))
}

/// The object that the grant of [`upload`] permits.
pub(crate) fn stored() -> ObjectHead {
    let mut head = ObjectHead::new(SMALL, ETAG.parse().unwrap());
    head.content_type = Some("video/mp4".into());
    head.version_id = Some("3sL4kqtJlcpXroDTDmJ".parse::<VersionId>().unwrap());
    head.checksums = vec![checksum()];
    head
}

/// Requests the upload of a small file and returns the grant.
pub(crate) async fn upload(api: &Api<Signer>) -> Value {
    let request = json!({ "contentType": "video/mp4", "contentLength": SMALL });
    let response = send(api, "/upload-url", &request).await;
    assert_eq!(response.status(), 200, "{}", response.body());
    body_of(&response)
}

fn service(
    policy: UploadPolicy,
    head: impl Fn() -> ObjectHead + Send + Sync + 'static,
) -> UploadService<Signer> {
    let mut calls = store();
    calls.expect_head_object().returning(move |_, _| Ok(head()));
    issuer(policy, calls, keys("default", &[SECRET])).into()
}

fn api(head: impl Fn() -> ObjectHead + Send + Sync + 'static) -> Api<Signer> {
    api_of(service(confirmed(|options| options), head))
}

/// The API whose store answers a look at the object with this failure.
fn failing(fail: impl Fn() -> upsign_objects::ObjectError + Send + Sync + 'static) -> Api<Signer> {
    let mut calls = store();
    calls.expect_head_object().returning(move |_, _| Err(fail()));
    api_of(issuer(confirmed(|options| options), calls, keys("default", &[SECRET])))
}

async fn confirm(api: &Api<Signer>) -> (Value, http::Response<String>) {
    let grant = upload(api).await;
    let response = send(api, CONFIRM, &json!({ "uploadToken": grant["uploadToken"] })).await;
    (grant, response)
}

#[tokio::test]
async fn object_that_was_granted_is_confirmed_with_a_receipt() {
    let api = api(stored);
    let (grant, response) = confirm(&api).await;
    assert_eq!(grant["confirm"], true, "{grant}");
    let mut answer = body_of(&response);
    assert_eq!(response.headers()["cache-control"], "no-store");
    let receipt = answer["receipt"].take();
    assert!(receipt.as_str().is_some_and(|receipt| receipt.len() > 100), "{receipt}");
    let expected = json!({
        "state": "confirmed",
        "key": grant["key"],
        "size": SMALL,
        "contentType": "video/mp4",
        "etag": ETAG,
        "versionId": "3sL4kqtJlcpXroDTDmJ",
        "checksum": { "crc64nvme": "AAAAAAAAAAA=" },
        "receipt": null,
    });
    assert_eq!(answer, expected);
    let repeated = send(&api, CONFIRM, &json!({ "uploadToken": grant["uploadToken"] })).await;
    assert_eq!(repeated.body(), response.body(), "a repeated request gets the same answer");
}

type Change = fn(&mut ObjectHead);

#[tokio::test]
async fn object_that_differs_is_a_mismatch_with_its_reason() {
    let changed: [(&str, Change); 2] = [
        ("size", |head| head.size += 1),
        ("content-type", |head| head.content_type = Some("text/html".into())),
    ];
    for (reason, change) in changed {
        let api = api(move || {
            let mut head = stored();
            change(&mut head);
            head
        });
        let (_, response) = confirm(&api).await;
        let answer = body_of(&response);
        assert_eq!((response.status().as_u16(), &answer["state"]), (200, &json!("mismatch")), "{answer}");
        assert_eq!(answer["reason"], reason, "{answer}");
        assert!(answer["receipt"].is_null() && answer["etag"].is_null(), "{answer}");
    }
}

#[tokio::test]
async fn absent_object_is_missing() {
    let (grant, response) = confirm(&failing(no_object)).await;
    assert_eq!(response.status(), 200);
    assert_eq!(body_of(&response), json!({ "state": "missing", "key": grant["key"] }));
}

#[tokio::test]
async fn store_that_fails_is_a_problem() {
    let unavailable = failing(|| refused("HeadObject", 503, "SlowDown"));
    let problem = assert_problem(&confirm(&unavailable).await.1, 503, "store-unavailable");
    assert!(problem["detail"].as_str().unwrap().contains("store"), "{problem}");
    let lost = failing(|| lost("HeadObject"));
    assert_problem(&confirm(&lost).await.1, 503, "store-unavailable");
    let denied = failing(|| refused("HeadObject", 403, ""));
    assert_problem(&confirm(&denied).await.1, 500, "store-refused");
}

#[tokio::test]
async fn token_of_another_caller_or_route_confirms_nothing() {
    let api = api(stored);
    let token = upload(&api).await["uploadToken"].clone();
    let at = crate::fixture::at();
    let response = send_as(&api, "bob", CONFIRM, &json!({ "uploadToken": token }), at).await;
    assert_problem(&response, 403, "upload-token-invalid");
    for token in ["A", "AQID", token.as_str().unwrap().get(1..).unwrap()] {
        let response = send(&api, CONFIRM, &json!({ "uploadToken": token })).await;
        assert_problem(&response, 403, "upload-token-invalid");
    }
}

/// Answers each object with a verdict of the test.
#[derive(Debug)]
struct Verdict(fn() -> Result<InspectVerdict, InspectError>);

#[async_trait]
impl Inspect for Verdict {
    async fn inspect(&self, _: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError> {
        (self.0)()
    }
}

/// The API of a route whose objects are inspected before they are copied to their final key.
fn inspected(verdict: fn() -> Result<InspectVerdict, InspectError>) -> Api<Signer> {
    let gate = Gate::Pending("pending/{id}.{ext}".parse().unwrap());
    let policy = confirmed(|options| options.with_gate(gate).with_inspection(Inspection::Hook));
    let mut calls = store();
    calls.expect_head_object().returning(|call, _| {
        if call.key().as_str().starts_with("pending/") { Ok(stored()) } else { Err(no_object()) }
    });
    let issuer = issuer(policy, calls, keys("default", &[SECRET]));
    api_of(issuer.with_inspector(Verdict(verdict)))
}

#[tokio::test]
async fn refused_content_is_rejected_with_its_reason() {
    for reason in [ConfirmReason::Malware, ConfirmReason::TypeMismatch, ConfirmReason::ActiveContent] {
        let api = match reason {
            ConfirmReason::Malware => inspected(|| Ok(InspectVerdict::Reject(ConfirmReason::Malware))),
            ConfirmReason::TypeMismatch => {
                inspected(|| Ok(InspectVerdict::Reject(ConfirmReason::TypeMismatch)))
            }
            _ => inspected(|| Ok(InspectVerdict::Reject(ConfirmReason::ActiveContent))),
        };
        let (grant, response) = confirm(&api).await;
        let answer = body_of(&response);
        assert_eq!((&answer["state"], &answer["reason"]), (&json!("rejected"), &json!(reason.as_str())));
        assert_eq!(answer["key"], grant["key"], "the key of readers, not that of the upload");
        assert!(!response.body().contains("pending/"), "{answer}");
    }
}

#[tokio::test]
async fn inspection_that_goes_on_is_pending() {
    let (_, response) = confirm(&inspected(|| Ok(InspectVerdict::Later { retry_after: 12 }))).await;
    let answer = body_of(&response);
    assert_eq!((&answer["state"], &answer["reason"]), (&json!("pending"), &json!("inspecting")));
    assert_eq!(answer["retryAfter"], 12);
    assert_eq!(response.headers()["retry-after"], "12");
}

#[tokio::test]
async fn inspector_that_fails_is_a_problem_without_its_cause() {
    let api = inspected(|| Err(InspectError::new("clamd at 10.0.0.7 refused")));
    let (_, response) = confirm(&api).await;
    let problem = assert_problem(&response, 503, "inspection-unavailable");
    assert!(response.headers().contains_key("retry-after") && !problem.to_string().contains("clamd"));
}

/// Records the kinds of the announcements, or fails.
#[derive(Debug, Default)]
struct Announced {
    kinds: Arc<Mutex<Vec<&'static str>>>,
    fails: bool,
}

#[async_trait]
impl Announce for Announced {
    async fn announce(&self, announcement: &Announcement<'_>) -> Result<(), AnnounceError> {
        self.kinds.lock().unwrap().push(announcement.kind.as_str());
        if self.fails { Err(AnnounceError::new("the queue at 10.0.0.8 is full")) } else { Ok(()) }
    }
}

#[tokio::test]
async fn confirmation_is_announced_before_it_is_answered() {
    let announced = Announced::default();
    let kinds = Arc::clone(&announced.kinds);
    let api = api_of(service(confirmed(|options| options), stored).with_announcer(announced));
    assert_eq!(confirm(&api).await.1.status(), 200);
    assert_eq!(*kinds.lock().unwrap(), ["confirmed"]);

    let failing = Announced { fails: true, ..Announced::default() };
    let api = api_of(service(confirmed(|options| options), stored).with_announcer(failing));
    let (_, response) = confirm(&api).await;
    let problem = assert_problem(&response, 503, "announcement-unavailable");
    assert!(response.headers().contains_key("retry-after") && !problem.to_string().contains("10.0.0.8"));
}

#[tokio::test]
async fn gate_by_tag_needs_versions() {
    let policy = confirmed(|options| options.with_gate(Gate::Tag));
    let api = api_of(service(policy, || {
        let mut head = stored();
        head.version_id = None;
        head
    }));
    assert_problem(&confirm(&api).await.1, 500, "versions-required");
}

#[tokio::test]
async fn route_that_confirms_nothing_has_no_endpoint() {
    let api = api_of(issuer(policy(|builder| builder), MockObjectCalls::new(), keys("default", &[SECRET])));
    let response = send(&api, CONFIRM, &json!({ "uploadToken": "A" })).await;
    assert_problem(&response, 404, "not-found");
}
