//! Runs the consumer on the notifications of an embedded S3 server.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use upsign::policy::{ConfirmationOptions, Gate, Inspection};
use upsign::prelude::*;
use upsign::session::TokenKeys;
use upsign::{Announce, AnnounceError, Announcement, Presigner, Route, SigV4, UploadService, async_trait};
use upsign_inspect::MagicInspect;
use upsign_lambda::EventFunction;
use upsign_local::{LocalS3, ObjectEvents};
use upsign_objects::HttpObjects;

const PHOTO: &[u8] = include_bytes!("../../../crates/upsign-cli/assets/demo.jpg");
const PAGE: &[u8] = b"<!DOCTYPE html><html><script>alert(1)</script></html>";

struct Running {
    /// The function that `main` runs, with a service that is built here.
    function: EventFunction<Arc<dyn Presigner>>,
    service: UploadService<Arc<dyn Presigner>>,
    announced: Announced,
    s3: LocalS3,
    events: ObjectEvents,
}

/// Records the kinds of announcements.
#[derive(Clone, Debug, Default)]
struct Announced(Arc<Mutex<Vec<&'static str>>>);

#[async_trait]
impl Announce for Announced {
    async fn announce(&self, announcement: &Announcement<'_>) -> Result<(), AnnounceError> {
        self.0.lock().unwrap().push(announcement.kind.as_str());
        Ok(())
    }
}

/// Uploads land below `pending/` with a claim, and are moved to `files/` after their content was inspected.
async fn start() -> Running {
    let keys = Credentials::long_term("LOCLEXAMPLE", "a-secret-of-this-run").unwrap();
    let bucket = || "files".parse().unwrap();
    let s3 = LocalS3::builder(keys.clone(), "us-east-1".parse().unwrap(), bucket()).start().await.unwrap();
    let confirmation = ConfirmationOptions::new()
        .with_confirm(true)
        .with_claim(true)
        .with_inspection(Inspection::Magic)
        .with_gate(Gate::Pending("pending/{sub}/{id}.{ext}".parse().unwrap()));
    let target = s3.target(bucket());
    let template = "files/{sub}/{id}.{ext}".parse().unwrap();
    let policy = UploadPolicy::builder(target.clone(), template, Bodyless::Refuse)
        .content_types(["image/jpeg"])
        .max_size(10 << 20)
        .confirmation(confirmation)
        .build()
        .unwrap();
    let presigner: Arc<dyn Presigner> = Arc::new(SigV4::new().with_credentials(keys));
    let issuer = UploadIssuer::new(policy, presigner.clone()).unwrap();
    let tokens = TokenKeys::new("test", [[7; 32]]).unwrap();
    let issuer = issuer.with_store(HttpObjects::new(target, presigner), tokens);
    let route = Route::unnamed(issuer.with_inspector(MagicInspect::new()));
    let events = s3.events();
    let announced = Announced::default();
    let service = UploadService::new([route]).unwrap().with_announcer(announced.clone());
    Running { function: EventFunction::new(service.clone()), service, announced, s3, events }
}

impl Running {
    /// Uploads these bytes as a JPEG, and returns the final key. `with_claim` is `false` for a client that sends another request
    /// than the granted one.
    async fn upload(&self, bytes: &'static [u8], with_claim: bool) -> String {
        let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
        let upload = UploadRequest::described().with_content_type("image/jpeg");
        let upload = upload.with_content_length(bytes.len() as u64);
        let grant = self.service.issue(&caller, None, &upload, SystemClock.now()).await.unwrap();
        let put = grant.upload.put().unwrap();
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut request = client.put(put.url.expose()).body(bytes);
        for (name, value) in &put.headers {
            if with_claim || name != "x-amz-meta-upsign" {
                request = request.header(name, value);
            }
        }
        let status = request.send().await.unwrap().status();
        assert_eq!(status, if with_claim { 200 } else { 403 });
        grant.key.as_str().to_owned()
    }

    /// Returns the next notification of the server.
    async fn notification(&mut self) -> String {
        self.events.next().await.unwrap().to_string()
    }

    /// Handles one message per body, and returns the ids of those that failed. The first message has the id `1`.
    async fn handle(&self, bodies: &[&str]) -> Vec<String> {
        let message = |(at, body): (usize, &&str)| json!({"messageId": (at + 1).to_string(), "body": body});
        let messages: Vec<Value> = bodies.iter().enumerate().map(message).collect();
        let answer = self.function.answer(&json!({"Records": messages}).to_string()).await.unwrap();
        let failures = answer["batchItemFailures"].as_array().unwrap();
        failures.iter().map(|item| item["itemIdentifier"].as_str().unwrap().to_owned()).collect()
    }

    async fn keys(&self) -> Vec<String> {
        let objects = self.s3.objects(&"files".parse().unwrap()).await;
        objects.into_iter().map(|object| object.key).collect()
    }
}

#[tokio::test]
async fn upload_is_promoted_without_its_client() {
    let mut running = start().await;
    let key = running.upload(PHOTO, true).await;
    assert!(running.keys().await.iter().all(|key| key.starts_with("pending/")));
    let notification = running.notification().await;
    // SQS delivers at least once.
    assert!(running.handle(&[&notification, &notification]).await.is_empty());
    assert_eq!(running.keys().await, [key]);
    assert!(running.handle(&[&notification]).await.is_empty());
    // Repetitions are announced again, with the same id.
    assert!(running.announced.0.lock().unwrap().iter().all(|kind| *kind == "confirmed"));
}

#[tokio::test]
async fn page_with_the_type_of_an_image_stays_pending() {
    let mut running = start().await;
    running.upload(PAGE, true).await;
    let notification = running.notification().await;
    assert!(running.handle(&[&notification]).await.is_empty());
    assert!(running.keys().await.iter().all(|key| key.starts_with("pending/")));
    assert_eq!(*running.announced.0.lock().unwrap(), ["rejected"]);
}

#[tokio::test]
async fn only_failed_messages_are_reported() {
    let mut running = start().await;
    let key = running.upload(PHOTO, true).await;
    let present = running.notification().await;
    let test = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "files"}).to_string();
    let elsewhere = present.replace("pending", "elsewhere");
    let odd = present.replace("pending/", "pending//");
    assert_eq!(running.handle(&["not JSON", &test, &elsewhere, &odd, &present]).await, ["1"]);
    assert_eq!(running.keys().await, [key]);
}

#[tokio::test]
async fn upload_without_its_claim_is_refused_by_the_store() {
    let running = start().await;
    running.upload(PHOTO, false).await;
    assert!(running.keys().await.is_empty());
}
