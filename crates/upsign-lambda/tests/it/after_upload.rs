//! The calls that follow an upload, in the events of each sender, with the method `DELETE`, and what a function adds to them.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value, json};
use upsign::confirm::{ConfirmReason, Inspect, InspectError, InspectRequest, InspectVerdict};
use upsign::quota::MemoryQuota;
use upsign::read::{AuthorizeRead, ReadAuthorization};
use upsign::session::TokenKeys;
use upsign::{Announce, AnnounceError, Announcement, AuthorizeError, Decision};
use upsign_config::Config;
use upsign_core::{Credentials, Identity};
use upsign_http::authenticate_fn;
use upsign_lambda::environment::FunctionSettings;
use upsign_lambda::{RoleSigner, StartError, UploadFunction};
use upsign_objects::{CallFailure, DeletedObject, ObjectError, ObjectHead, ObjectTags, StoreError};
use upsign_testing::FixedClock;
use upsign_testing::mocks::MockObjectCalls;

use crate::events::{alb, at_path, function_url, http_v2, rest_v1};

const FILE: &str = r#"
bucket = { name = "photos-bucket", region = "ap-southeast-1" }
cors = { origins = ["https://app.example.com"] }
deployment = { reads = "presigned" }

[upload]
key = "photos/{sub}/{id}.{ext}"
types = ["image/jpeg"]
max_size = "5 MiB"
bodyless = "refuse"
confirm = true
delete = true

[token]
keys = ["env:UPSIGN_TOKEN_SECRET"]

[auth]
user_pool = "ap-southeast-1_AbCdEf123"
client_ids = ["client-1"]
token_use = "any"
"#;

const SIZE: u64 = 7;

fn stored(size: u64) -> ObjectHead {
    let mut head = ObjectHead::new(size, "9b2cf535f27731c974343645a3985328".parse().unwrap());
    head.content_type = Some("image/jpeg".into());
    head.version_id = Some("v1".parse().unwrap());
    head
}

/// A store with an object of this size until it is deleted.
fn store(size: u64) -> MockObjectCalls {
    let gone = Arc::new(Mutex::new(false));
    let deleted = Arc::clone(&gone);
    let mut store = MockObjectCalls::new();
    store.expect_head_object().returning(move |_, _| match *gone.lock().unwrap() {
        true => Err(ObjectError::new("HeadObject", CallFailure::Store(StoreError::new(404)))),
        false => Ok(stored(size)),
    });
    store.expect_delete_object().returning(move |_, _| {
        *deleted.lock().unwrap() = true;
        Ok(DeletedObject::default())
    });
    store
}

fn settings(file: &str, size: u64) -> FunctionSettings {
    let config = Config::read("upsign.toml", file, |_| None).unwrap();
    let credentials = Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    FunctionSettings::new(config, credentials)
        .with_token_keys(TokenKeys::new("default", [[7; 32]]).unwrap())
        .with_objects(move |_| Arc::new(store(size)))
}

fn function(settings: FunctionSettings) -> UploadFunction<RoleSigner> {
    UploadFunction::behind_authorizer(settings).unwrap().with_clock(FixedClock::new("2026-01-01T00:00:00Z"))
}

/// Sends a request whose event has this method, as the sender states it.
async fn call(
    function: &UploadFunction<RoleSigner>,
    event: fn(Option<&str>) -> Value,
    method: &str,
    path: &str,
    body: &Value,
) -> Value {
    let mut event = at_path(event(Some(&body.to_string())), path);
    match event.get("httpMethod").is_some() {
        true => event["httpMethod"] = method.into(),
        false => event["requestContext"]["http"]["method"] = method.into(),
    }
    function.answer(&event.to_string()).await.unwrap()
}

fn body_of(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

/// Requests an upload and confirms it. Returns the grant and the answer.
async fn confirm(function: &UploadFunction<RoleSigner>, event: fn(Option<&str>) -> Value) -> (Value, Value) {
    let upload = json!({ "contentType": "image/jpeg", "contentLength": SIZE });
    let grant = body_of(&call(function, event, "POST", "/upload-url", &upload).await);
    let token = json!({ "uploadToken": grant["uploadToken"] });
    let answer = call(function, event, "POST", "/uploads/confirm", &token).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
    (grant, body_of(&answer))
}

/// A function that authenticates its callers itself, as behind a function URL and a load balancer.
fn authenticating(settings: FunctionSettings) -> UploadFunction<RoleSigner> {
    let authenticate = authenticate_fn(|request, _| {
        assert_eq!(request.headers["authorization"], "Bearer x.y.z");
        async { Ok(Identity::from_verified("https://issuer.example", "alice")?) }
    });
    let function = UploadFunction::with_authenticator(settings.api().unwrap(), authenticate);
    function.with_clock(FixedClock::new("2026-01-01T00:00:00Z"))
}

#[tokio::test]
async fn every_sender_can_make_every_call() {
    for event in [rest_v1 as fn(Option<&str>) -> Value, http_v2, function_url, alb] {
        let settings = settings(FILE, SIZE).without_metrics();
        let has_authorizer = !event(None)["requestContext"]["authorizer"].is_null();
        let function = if has_authorizer { function(settings) } else { authenticating(settings) };
        let (grant, confirmed) = confirm(&function, event).await;
        assert_eq!((&confirmed["state"], &confirmed["key"]), (&json!("confirmed"), &grant["key"]));
        let receipt = json!({ "receipt": confirmed["receipt"] });
        let read = body_of(&call(&function, event, "POST", "/uploads/read-url", &receipt).await);
        assert!(read["readUrl"].as_str().unwrap().contains("versionId=v1"), "{read}");
        for _ in 0..2 {
            let deleted = call(&function, event, "DELETE", "/uploads", &receipt).await;
            assert_eq!(deleted["statusCode"], 200, "{deleted}");
            assert_eq!(body_of(&deleted), json!({ "state": "deleted", "key": grant["key"] }));
        }
        let posted = call(&function, event, "POST", "/uploads", &receipt).await;
        assert_eq!(posted["statusCode"], 405, "{posted}");
    }
}

#[tokio::test]
async fn deployment_without_reads_signs_none() {
    for (reads, section) in [("none", ""), ("cloudfront", "[cloudfront]\npublic_reads = true\n")] {
        let file = FILE.replace("\"presigned\"", &format!("\"{reads}\"")) + section;
        let function = function(settings(&file, SIZE).without_metrics());
        let answer = call(&function, http_v2, "POST", "/uploads/read-url", &json!({ "receipt": "A" })).await;
        assert_eq!(answer["statusCode"], 404, "{reads}");
    }
}

/// Returns a file whose uploads are read by signed URLs of CloudFront.
fn signed_reads() -> String {
    let key = concat!(env!("CARGO_MANIFEST_DIR"), "/../upsign-config/tests/it/cloudfront.pem");
    let distribution = "arn:aws:cloudfront::123456789012:distribution/E1A2B3C4D5E6F7";
    let reads = format!("\"cloudfront\", distribution_arn = \"{distribution}\"");
    format!(
        "{}[cloudfront]\nprivate_key = \"file:{key}\"\ndomain = \"files.example.com\"\nkey_pair_id = \"K2JCJMDEHXQW5F\"\n",
        FILE.replace("\"presigned\"", &reads)
    )
}

#[cfg(feature = "cloudfront")]
#[tokio::test]
async fn urls_to_read_are_those_of_the_distribution() {
    let function = function(settings(&signed_reads(), SIZE).without_metrics());
    let (_, confirmed) = confirm(&function, http_v2).await;
    let receipt = json!({ "receipt": confirmed["receipt"] });
    let read = body_of(&call(&function, http_v2, "POST", "/uploads/read-url", &receipt).await);
    let url = read["readUrl"].as_str().unwrap();
    assert!(url.starts_with("https://files.example.com/photos/"), "{url}");
    for part in ["versionId=v1&", "&Expires=1767225900&", "&Key-Pair-Id=K2JCJMDEHXQW5F&Hash-Algorithm=SHA256"]
    {
        assert!(url.contains(part), "{part} is not in {url}");
    }
    for (line, error) in [
        ("domain = \"files.example.com\"\n", "cloudfront.domain is not set"),
        ("key_pair_id = \"K2JCJMDEHXQW5F\"\n", "cloudfront.key_pair_id is not set"),
    ] {
        let settings = settings(&signed_reads().replace(line, ""), SIZE);
        let Err(StartError::Reads(found)) = UploadFunction::behind_authorizer(settings) else {
            panic!("{line}")
        };
        assert!(found.to_string().contains(error), "{found}");
    }
    // The functions of events and of webhooks have the same configuration, and their roles may not read the key.
    let without = signed_reads().replace("tests/it/cloudfront.pem", "tests/it/absent.pem");
    assert!(settings(&without, SIZE).service().is_ok());
}

#[cfg(not(feature = "cloudfront"))]
#[test]
fn urls_of_cloudfront_need_their_feature() {
    let error = UploadFunction::behind_authorizer(settings(&signed_reads(), SIZE)).unwrap_err();
    assert!(matches!(error, StartError::CloudFrontDisabled), "{error:?}");
    assert!(settings(&signed_reads(), SIZE).service().is_ok());
}

/// Refuses every object, and lets nobody read.
#[derive(Debug, Default)]
struct Refusing(Arc<Mutex<Vec<&'static str>>>);

#[async_trait]
impl Inspect for Refusing {
    async fn inspect(&self, _: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError> {
        Ok(InspectVerdict::Reject(ConfirmReason::Malware))
    }
}

#[async_trait]
impl AuthorizeRead for Refusing {
    async fn authorize_read(&self, _: &ReadAuthorization<'_>) -> Result<Decision, AuthorizeError> {
        Ok(Decision::Deny)
    }
}

#[async_trait]
impl Announce for Refusing {
    async fn announce(&self, announcement: &Announcement<'_>) -> Result<(), AnnounceError> {
        self.0.lock().unwrap().push(announcement.kind.as_str());
        Ok(())
    }
}

#[tokio::test]
async fn extensions_of_the_application_are_called() {
    let announced = Refusing::default();
    let kinds = Arc::clone(&announced.0);
    let settings = settings(FILE, SIZE).without_metrics().with_read_authorizer(Refusing::default());
    let function = function(settings.with_announcer(announced));
    let (_, confirmed) = confirm(&function, http_v2).await;
    let receipt = json!({ "receipt": confirmed["receipt"] });
    let read = call(&function, http_v2, "POST", "/uploads/read-url", &receipt).await;
    assert_eq!((&read["statusCode"], &body_of(&read)["code"]), (&json!(403), &json!("read-forbidden")));
    assert_eq!(*kinds.lock().unwrap(), ["confirmed"]);
}

#[tokio::test]
async fn objects_of_a_hook_are_inspected() {
    let gate = "confirm = true\ninspect = \"hook\"\ngate = \"tag\"";
    let file = FILE.replace("confirm = true", gate);
    let mut calls = store(SIZE);
    calls.expect_get_object_tagging().returning(|_, _| Ok(ObjectTags::default()));
    calls.expect_put_object_tagging().returning(|_, _| Ok(()));
    let calls = Arc::new(calls);
    let settings = settings(&file, SIZE).without_metrics().with_objects(move |_| Arc::clone(&calls) as _);
    let function = function(settings.with_inspector(Refusing::default()));
    let (_, answer) = confirm(&function, http_v2).await;
    assert_eq!((&answer["state"], &answer["reason"]), (&json!("rejected"), &json!("malware")));
}

#[tokio::test]
async fn confirmations_are_counted_by_state() {
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let counts = async |size: u64| {
        let written = Arc::clone(&lines);
        let settings = settings(FILE, size);
        let function =
            function(settings.with_metrics_to(move |line| written.lock().unwrap().push(line.to_owned())));
        let (grant, answer) = confirm(&function, http_v2).await;
        let proof = json!({ "uploadToken": grant["uploadToken"] });
        call(&function, http_v2, "DELETE", "/uploads", &proof).await;
        let lines: Vec<Value> =
            lines.lock().unwrap().drain(..).map(|line| serde_json::from_str(&line).unwrap()).collect();
        for line in &lines {
            let text = line.to_string();
            for secret in ["alice", "photos", answer["receipt"].as_str().unwrap_or("receipt")] {
                assert!(!text.contains(secret), "{secret} is in {text}");
            }
        }
        lines
    };
    let sum = |lines: &[Value], name: &str| lines.iter().filter_map(|line| line[name].as_u64()).sum::<u64>();
    let lines = counts(SIZE).await;
    assert_eq!((sum(&lines, "UploadConfirmed"), sum(&lines, "UploadDeleted")), (1, 1));
    let lines = counts(SIZE + 1).await;
    assert_eq!((sum(&lines, "UploadConfirmed"), sum(&lines, "UploadMismatch")), (0, 1));
    assert!(lines.iter().any(|line| line["ConfirmReason"] == "size"), "{lines:?}");
}

#[test]
fn quota_in_memory_is_refused() {
    let file = format!(
        "{FILE}\n[limit]\nper_day = 20\n[quota]\nstore = \"memory\"\nfail = \"closed\"\n[server]\nsingle_process = true\n"
    );
    let settings = || settings(&file, SIZE).without_metrics();
    let error = UploadFunction::behind_authorizer(settings()).unwrap_err();
    assert!(matches!(error, StartError::MemoryQuota), "{error}");
    assert!(UploadFunction::behind_authorizer(settings().with_quota_store(MemoryQuota::new())).is_ok());
}

const QUEUE: &str =
    "outbox = \"sqs\"\nqueue_url = \"https://sqs.ap-southeast-1.amazonaws.com/123456789012/webhooks\"\n";
const IN_PROCESS: &str = "outbox = \"process\"\n[server]\nsingle_process = true\n";

fn with_webhook(outbox: &str) -> FunctionSettings {
    let section = "[webhook]\nurl = \"https://app.example.com/hook\"\nsecrets = [\"env:WEBHOOK_SECRET\"]";
    settings(&format!("{FILE}\n{section}\n{outbox}"), SIZE).without_metrics()
}

#[test]
fn webhook_in_memory_is_refused() {
    let error = UploadFunction::behind_authorizer(with_webhook(IN_PROCESS)).unwrap_err();
    assert!(matches!(error, StartError::WebhookInProcess), "{error}");
    assert!(
        error.to_string().contains("set \"sqs\" and queue_url, or call FunctionSettings::with_announcer")
    );
    // The service of a function that handles notifications starts under the same conditions.
    assert!(matches!(with_webhook(IN_PROCESS).service(), Err(StartError::WebhookInProcess)));
}

#[cfg(not(feature = "webhooks"))]
#[test]
fn webhook_needs_a_feature() {
    let error = UploadFunction::behind_authorizer(with_webhook(QUEUE)).unwrap_err();
    assert!(matches!(error, StartError::WebhooksDisabled), "{error}");
    assert!(error.to_string().contains("build it with the feature `webhooks`"), "{error}");
    assert!(matches!(with_webhook(QUEUE).service(), Err(StartError::WebhooksDisabled)));
}

#[tokio::test]
async fn announcer_of_the_application_replaces_the_webhook() {
    for outbox in [QUEUE, IN_PROCESS] {
        let announced = Refusing::default();
        let kinds = Arc::clone(&announced.0);
        let function = function(with_webhook(outbox).with_announcer(announced));
        confirm(&function, http_v2).await;
        assert_eq!(*kinds.lock().unwrap(), ["confirmed"], "{outbox}");
    }
}

#[cfg(feature = "webhooks")]
mod queue {
    //! The queue of `[webhook]`, at a server of this machine.

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Answers every call of SQS with this status, and returns the bodies of the calls.
    async fn sqs(status: u16) -> (String, Arc<Mutex<Vec<Value>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/123456789012/webhooks", listener.local_addr().unwrap());
        let calls: Arc<Mutex<Vec<Value>>> = Arc::default();
        let received = Arc::clone(&calls);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (mut request, mut part) = (Vec::new(), [0; 4096]);
                while !request.ends_with(b"}") {
                    let count = stream.read(&mut part).await.unwrap();
                    request.extend(&part[..count]);
                }
                let request = String::from_utf8(request).unwrap();
                // Signed with the credentials of the function.
                assert!(request.contains("Credential=AKIDEXAMPLE/"), "{request}");
                let (_, body) = request.split_once("\r\n\r\n").unwrap();
                received.lock().unwrap().push(serde_json::from_str(body).unwrap());
                let answer = "{\"MessageId\": \"5fea7756\"}";
                let head = format!("HTTP/1.1 {status} Answer\r\ncontent-length: {}\r\n", answer.len());
                stream
                    .write_all(format!("{head}connection: close\r\n\r\n{answer}").as_bytes())
                    .await
                    .unwrap();
            }
        });
        (url, calls)
    }

    fn function_with(url: &str) -> UploadFunction<RoleSigner> {
        function(with_webhook(&format!("outbox = \"sqs\"\nqueue_url = \"{url}\"\n")))
    }

    #[tokio::test]
    async fn confirmations_are_passed_to_the_queue() {
        let (url, calls) = sqs(200).await;
        let (grant, _) = confirm(&function_with(&url), http_v2).await;
        let calls = calls.lock().unwrap();
        assert_eq!((calls.len(), &calls[0]["QueueUrl"]), (1, &json!(url)));
        let message: Value = serde_json::from_str(calls[0]["MessageBody"].as_str().unwrap()).unwrap();
        let body: Value = serde_json::from_str(message["body"].as_str().unwrap()).unwrap();
        assert_eq!((&body["type"], &body["data"]["key"]), (&json!("upload.confirmed"), &grant["key"]));
    }

    #[tokio::test]
    async fn upload_is_not_confirmed_while_the_queue_refuses() {
        let (url, calls) = sqs(403).await;
        let function = function_with(&url);
        let upload = json!({ "contentType": "image/jpeg", "contentLength": SIZE });
        let grant = body_of(&call(&function, http_v2, "POST", "/upload-url", &upload).await);
        let token = json!({ "uploadToken": grant["uploadToken"] });
        let answer = call(&function, http_v2, "POST", "/uploads/confirm", &token).await;
        assert_eq!(body_of(&answer)["code"], "announcement-unavailable", "{answer}");
        assert_eq!((&answer["statusCode"], calls.lock().unwrap().len()), (&json!(503), 1));
    }
}
