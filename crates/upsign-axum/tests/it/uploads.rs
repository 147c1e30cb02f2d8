//! Multipart uploads through the router and the server: the memory of bodies, time limits, disconnects and metrics.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use http::{Request, Response, StatusCode};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};
use tower::ServiceExt;
use upsign::session::TokenKeys;
use upsign::{SigV4, UploadIssuer, UploadService};
use upsign_axum::{Limits, Metrics, NoObserver, Server, TrustedProxies, observe, router_with_limits};
use upsign_core::{Credentials, Provider, Target, Timestamp, UploadId, WithCredentials};
use upsign_http::Api;
use upsign_objects::{
    AbortMultipartUpload, CallFailure, CompleteMultipartUpload, CompletedUpload, CopiedObject, CopyObject,
    CreateMultipartUpload, DeleteObject, DeletedObject, GetObject, GetObjectTagging, HeadObject, ListParts,
    ObjectCalls, ObjectError, ObjectHead, ObjectRange, ObjectTags, PartList, PutObjectTagging, StoreError,
    UploadedPart,
};
use upsign_policy::{
    Bodyless, ConfirmationOptions, KeyTemplate, MultipartMode, MultipartOptions, UploadPolicy,
};

use crate::server::{Running, exchange, origins, status};
use crate::{authentication, json as body_of};

const SIZE: u64 = 8 << 20;

/// A store whose uploads have one part, with a slow answer to creating and completing.
#[derive(Clone, Debug, Default)]
struct SlowStore {
    takes: Duration,
    /// Notified when a completion has begun.
    completing: Arc<Notify>,
    completed: Arc<AtomicBool>,
    completions: Arc<AtomicUsize>,
}

fn answer(operation: &'static str, status: u16, code: &str) -> ObjectError {
    ObjectError::new(operation, CallFailure::Store(StoreError::new(status).with_code(code)))
}

#[async_trait]
impl ObjectCalls for SlowStore {
    async fn head_object(&self, _: &HeadObject, _: Timestamp) -> Result<ObjectHead, ObjectError> {
        if self.completed.load(Ordering::SeqCst) {
            let mut head = ObjectHead::new(SIZE, "0123456789abcdef0123456789abcdef-1".parse().unwrap());
            head.content_type = Some("video/mp4".into());
            return Ok(head);
        }
        Err(ObjectError::new("HeadObject", CallFailure::Store(StoreError::new(404))))
    }

    async fn create_multipart_upload(
        &self,
        _: &CreateMultipartUpload,
        _: Timestamp,
    ) -> Result<UploadId, ObjectError> {
        sleep(self.takes).await;
        Ok("upload".parse().unwrap())
    }

    async fn list_parts(&self, _: &ListParts, _: Timestamp) -> Result<PartList, ObjectError> {
        if self.completed.load(Ordering::SeqCst) {
            return Err(answer("ListParts", 404, "NoSuchUpload"));
        }
        let part = UploadedPart::new(upsign_core::PartNumber::MIN, "e1".parse().unwrap(), SIZE);
        Ok(PartList::new(vec![part]))
    }

    /// The object exists as soon as the call was sent. Only the answer takes time.
    async fn complete_multipart_upload(
        &self,
        _: &CompleteMultipartUpload,
        _: Timestamp,
    ) -> Result<CompletedUpload, ObjectError> {
        self.completions.fetch_add(1, Ordering::SeqCst);
        self.completed.store(true, Ordering::SeqCst);
        self.completing.notify_one();
        sleep(self.takes).await;
        Ok(CompletedUpload::new("0123456789abcdef0123456789abcdef-1".parse().unwrap()))
    }

    async fn abort_multipart_upload(
        &self,
        _: &AbortMultipartUpload,
        _: Timestamp,
    ) -> Result<(), ObjectError> {
        Ok(())
    }

    async fn get_object(&self, _: &GetObject, _: Timestamp) -> Result<ObjectRange, ObjectError> {
        Err(answer("GetObject", 501, "NotImplemented"))
    }

    async fn copy_object(&self, _: &CopyObject, _: Timestamp) -> Result<CopiedObject, ObjectError> {
        Err(answer("CopyObject", 501, "NotImplemented"))
    }

    async fn get_object_tagging(
        &self,
        _: &GetObjectTagging,
        _: Timestamp,
    ) -> Result<ObjectTags, ObjectError> {
        Err(answer("GetObjectTagging", 501, "NotImplemented"))
    }

    async fn put_object_tagging(&self, _: &PutObjectTagging, _: Timestamp) -> Result<(), ObjectError> {
        Err(answer("PutObjectTagging", 501, "NotImplemented"))
    }

    async fn delete_object(&self, _: &DeleteObject, _: Timestamp) -> Result<DeletedObject, ObjectError> {
        Err(answer("DeleteObject", 501, "NotImplemented"))
    }
}

fn service(store: SlowStore) -> UploadService<WithCredentials<SigV4, Credentials>> {
    let target = Target::aws("videos-bucket".parse().unwrap(), "ap-southeast-1".parse().unwrap());
    let template = KeyTemplate::parse("videos/{id}", &[]).unwrap();
    let policy = UploadPolicy::builder(target, template, Bodyless::Refuse)
        .content_types(["video/mp4"])
        .max_size(1 << 40)
        .multipart(MultipartOptions::new(MultipartMode::Always, Provider::Aws.capabilities()))
        .confirmation(ConfirmationOptions::new().with_confirm(true))
        .build()
        .unwrap();
    let credentials = Credentials::long_term("AKID", "secret").unwrap();
    let issuer = UploadIssuer::new(policy, WithCredentials::new(SigV4::new(), credentials)).unwrap();
    issuer.with_store(store, TokenKeys::new("default", [[7; 32]]).unwrap()).into()
}

fn app(store: SlowStore, limits: Limits) -> Router {
    router_with_limits(Api::new(service(store), origins()), authentication(), limits)
}

fn request(path: &str, body: impl Into<Body>) -> Request<Body> {
    let request = Request::post(path).header("authorization", "Bearer good");
    request.header("origin", "https://app.example.com").body(body.into()).unwrap()
}

async fn send(app: &Router, path: &str, body: &Value) -> Response<Body> {
    app.clone().oneshot(request(path, body.to_string())).await.unwrap()
}

fn begin() -> Value {
    json!({ "contentType": "video/mp4", "contentLength": SIZE })
}

async fn token(app: &Router) -> String {
    let response = send(app, "/upload-url", &begin()).await;
    assert_eq!(response.status(), StatusCode::OK);
    body_of(response.into_body()).await["uploadToken"].as_str().unwrap().to_owned()
}

fn completion(token: &str) -> Value {
    json!({ "uploadToken": token, "parts": [{ "partNumber": 1, "etag": "e1" }] })
}

/// A body that sends `bytes` at once and never ends.
fn endless(bytes: usize) -> Body {
    use futures_util::StreamExt;
    let first = futures_util::stream::iter([Ok::<_, std::io::Error>(vec![b' '; bytes])]);
    Body::from_stream(first.chain(futures_util::stream::pending()))
}

#[tokio::test(start_paused = true)]
async fn bodies_have_a_common_limit_on_memory() {
    // The first 16 KiB of a body do not count.
    let app = app(SlowStore::default(), Limits::default().with_completion_bytes(80_000));
    let first = tokio::spawn(app.clone().oneshot(request("/uploads/complete", endless(60_000))));
    sleep(Duration::from_secs(1)).await;
    let refused = app.clone().oneshot(request("/uploads/complete", endless(60_000))).await.unwrap();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()["retry-after"], "1");
    assert_eq!(refused.headers()["connection"], "close", "the rest of the body was not read");
    assert_eq!(refused.headers()["access-control-allow-origin"], "https://app.example.com");
    let problem = body_of(refused.into_body()).await;
    assert_eq!(problem["code"], "overloaded");
    assert_eq!(
        problem["detail"],
        "the service has reached its limit of memory for the bodies of concurrent requests"
    );
    let token = token(&app).await;
    // The memory of a body is free when its request has ended, also of those that were refused or cancelled.
    assert_eq!(first.await.unwrap().unwrap().status(), StatusCode::REQUEST_TIMEOUT);
    let cancelled = app.clone().oneshot(request("/uploads/complete", endless(60_000)));
    assert!(timeout(Duration::from_secs(1), cancelled).await.is_err());
    let padded = format!("{}{}", " ".repeat(90_000), completion(&token));
    let response = app.oneshot(request("/uploads/complete", padded)).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
}

/// Clients without credentials send as many large bodies as the server accepts, and never end them.
#[tokio::test(start_paused = true)]
async fn large_bodies_cause_no_small_request_to_be_refused() {
    let limits = Limits::default().with_body_bytes(200_000).with_completion_bytes(200_000);
    let app = app(SlowStore::default(), limits);
    let send_endless = |path: &'static str, bytes| {
        let request = Request::post(path).body(endless(bytes)).unwrap();
        tokio::spawn(app.clone().oneshot(request))
    };
    let fill = |path| async move {
        let mut waiting = Vec::new();
        // Ever smaller bodies fill what is left.
        for bytes in [80_000, 40_000, 20_000, 17_000, 16_500, 16_400] {
            loop {
                let sent = send_endless(path, bytes);
                sleep(Duration::from_millis(10)).await;
                if sent.is_finished() {
                    assert_eq!(sent.await.unwrap().unwrap().status(), StatusCode::SERVICE_UNAVAILABLE);
                    break;
                }
                waiting.push(sent);
            }
        }
        assert!(waiting.len() > 3, "{}", waiting.len());
        waiting
    };
    let of_completions = fill("/uploads/complete").await;
    // The other requests have memory of their own.
    let parts = app.clone().oneshot(request("/uploads/parts", " ".repeat(60_000))).await.unwrap();
    assert_eq!(parts.status(), StatusCode::BAD_REQUEST);
    let of_parts = fill("/uploads/parts").await;
    let token = token(&app).await;
    let identified = json!({ "uploadToken": token });
    assert_eq!(send(&app, "/uploads/status", &identified).await.status(), StatusCode::OK);
    assert_eq!(send(&app, "/uploads/complete", &completion(&token)).await.status(), StatusCode::OK);
    for sent in of_completions.into_iter().chain(of_parts) {
        assert_eq!(sent.await.unwrap().unwrap().status(), StatusCode::REQUEST_TIMEOUT);
    }
}

/// 2,000 bodies of a usual size arrive at the same time.
#[tokio::test(start_paused = true)]
async fn default_memory_is_enough_for_many_small_bodies() {
    let app = app(SlowStore::default(), Limits::default());
    let waiting: Vec<_> = (0..2_000)
        .map(|_| tokio::spawn(app.clone().oneshot(request("/uploads/status", endless(11_000)))))
        .collect();
    sleep(Duration::from_secs(1)).await;
    assert!(!token(&app).await.is_empty());
    for request in waiting {
        assert_eq!(request.await.unwrap().unwrap().status(), StatusCode::REQUEST_TIMEOUT);
    }
}

#[tokio::test]
async fn size_of_a_body_depends_on_its_path() {
    let app = app(SlowStore::default(), Limits::default());
    for (path, bytes, expected) in [
        ("/upload-url", 17 << 10, 413),
        ("/uploads/status", 17 << 10, 413),
        ("/uploads/abort", 17 << 10, 413),
        ("/uploads/parts", 64 << 10, 400),
        ("/uploads/parts", 128 << 10, 413),
        ("/uploads/complete", 1 << 20, 400),
        ("/uploads/complete", 3 << 20, 413),
    ] {
        let response = app.clone().oneshot(request(path, vec![b' '; bytes])).await.unwrap();
        assert_eq!(response.status().as_u16(), expected, "{bytes} bytes for {path}");
    }
}

/// Completing an upload of many parts takes longer than other requests may.
#[tokio::test(start_paused = true)]
async fn calls_to_the_store_have_more_time() {
    for (seconds, expected) in [(20, 200), (31, 503)] {
        let store = SlowStore { takes: Duration::from_secs(seconds), ..SlowStore::default() };
        let app = app(store.clone(), Limits::default());
        let begun = send(&app, "/upload-url", &begin()).await;
        assert_eq!(begun.status().as_u16(), expected, "creating takes {seconds} s");
        let quick = self::app(SlowStore::default(), Limits::default());
        let body = completion(&token(&quick).await);
        let completed = send(&app, "/uploads/complete", &body).await;
        assert_eq!(completed.status().as_u16(), expected, "completing takes {seconds} s");
        if expected == 503 {
            assert_eq!(body_of(completed.into_body()).await["code"], "took-too-long");
            // The client repeats the request, which finds the object.
            assert_eq!(send(&app, "/uploads/complete", &body).await.status(), StatusCode::OK);
            assert_eq!(store.completions.load(Ordering::SeqCst), 1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn time_of_calls_is_configurable() {
    let limits = Limits::default().with_call_time(Duration::from_secs(2));
    let store = SlowStore { takes: Duration::from_secs(3), ..SlowStore::default() };
    assert_eq!(send(&app(store, limits), "/upload-url", &begin()).await.status(), 503);
    // The service, which limits the calls to the store itself, answers before the router gives up.
    assert!(Limits::default().call_time > SlowStore::default().time_per_request());
    let long = Limits::default().with_request_time(Duration::from_secs(60));
    assert_eq!(long.call_time, Duration::from_secs(60), "never less than for other requests");
}

/// A client that disconnects while its upload is completed cancels the request. The store may have completed the upload
/// nevertheless; the repeated request finds out.
#[tokio::test]
async fn client_that_disconnects_while_completing_repeats_the_request() {
    let store = SlowStore { takes: Duration::from_secs(20), ..SlowStore::default() };
    let quick = app(SlowStore::default(), Limits::default());
    let body = completion(&token(&quick).await).to_string();
    let metrics = Metrics::new();
    let served = observe(
        app(store.clone(), Limits::default().with_requests(1)),
        TrustedProxies::default(),
        metrics.clone(),
    );
    let running = Running::start(served, |server: Server| server).await;
    let head = format!(
        "POST /uploads/complete HTTP/1.1\r\nhost: a\r\nauthorization: Bearer good\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    let mut client = TcpStream::connect(running.address).await.unwrap();
    client.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    store.completing.notified().await;
    drop(client);
    // The capacity of one request is free again as soon as the server has noticed.
    let answer = timeout(Duration::from_secs(10), async {
        loop {
            let answer = exchange(running.address, format!("{head}{body}").as_bytes()).await;
            if status(&answer) != "503" {
                return answer;
            }
            sleep(Duration::from_millis(20)).await;
        }
    });
    let answer = answer.await.unwrap();
    assert_eq!(status(&answer), "200", "{answer}");
    assert!(answer.contains(r#""state":"completed""#), "{answer}");
    assert_eq!(store.completions.load(Ordering::SeqCst), 1, "the store completed once");
    assert!(metrics.text().contains("upsign_http_requests_gone_total 1\n"), "{}", metrics.text());
    running.end().await;
}

#[tokio::test]
async fn calls_are_counted_by_route_and_outcome() {
    let metrics = Metrics::new();
    let service = service(SlowStore::default()).with_observer(metrics.clone());
    let api = Api::new(service, origins());
    let app: Router = observe(
        router_with_limits(api, authentication(), Limits::default()),
        TrustedProxies::default(),
        NoObserver,
    );
    let token = token(&app).await;
    let identified = json!({ "uploadToken": token });
    let parts = json!({ "uploadToken": token, "partNumbers": [1] });
    for (path, body, expected) in [
        ("/uploads/parts", &parts, 200),
        ("/uploads/parts", &parts, 200),
        ("/uploads/status", &identified, 200),
        ("/uploads/confirm", &identified, 200),
        ("/uploads/complete", &completion(&token), 200),
        ("/uploads/confirm", &identified, 200),
        ("/uploads/complete", &completion(&token), 200),
        ("/uploads/status", &identified, 200),
        ("/uploads/abort", &identified, 409),
        ("/uploads/status", &json!({ "uploadToken": "A" }), 403),
    ] {
        assert_eq!(send(&app, path, body).await.status().as_u16(), expected, "{path}");
    }
    let text = metrics.text();
    for line in [
        "upsign_issued_total{route=\"\"} 1\n",
        "upsign_session_calls_total{call=\"parts\",route=\"\",outcome=\"signed\"} 2\n",
        "upsign_session_calls_total{call=\"status\",route=\"\",outcome=\"open\"} 1\n",
        "upsign_session_calls_total{call=\"status\",route=\"\",outcome=\"completed\"} 1\n",
        "upsign_session_calls_total{call=\"complete\",route=\"\",outcome=\"completed\"} 1\n",
        "upsign_session_calls_total{call=\"complete\",route=\"\",outcome=\"repeated\"} 1\n",
        "upsign_session_calls_total{call=\"confirm\",route=\"\",outcome=\"missing\"} 1\n",
        "upsign_session_calls_total{call=\"confirm\",route=\"\",outcome=\"confirmed\"} 1\n",
        "upsign_confirmations_total{route=\"\",state=\"missing\",reason=\"\"} 1\n",
        "upsign_confirmations_total{route=\"\",state=\"confirmed\",reason=\"\"} 1\n",
        "upsign_parts_signed_total{route=\"\"} 2\n",
        "upsign_completed_bytes_total{route=\"\"} 8388608\n",
        "upsign_store_seconds_count{operation=\"CreateMultipartUpload\"} 1\n",
        "upsign_store_seconds_count{operation=\"CompleteMultipartUpload\"} 1\n",
        "upsign_store_failures_total{operation=\"ListParts\",code=\"NoSuchUpload\"} 2\n",
        "upsign_refused_total{code=\"upload-completed\",route=\"\"} 1\n",
        "upsign_refused_total{code=\"upload-token-invalid\",route=\"\"} 1\n",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}
