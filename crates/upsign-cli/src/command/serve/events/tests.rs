//! The outcomes of messages, with the embedded object store, whose events are those of S3.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};
use upsign::policy::UploadRequest;
use upsign::{Announce, AnnounceError, Announcement};
use upsign_config::Config;
use upsign_core::Identity;

use super::*;
use crate::embedded::{EmbeddedServices, Presigner as EmbeddedPresigner};

const PHOTO: &[u8] = include_bytes!("../../../../assets/demo.jpg");
const PAGE: &[u8] = b"<!DOCTYPE html><html><script>alert(1)</script></html>";
const FILE: &str = r#"
[bucket]
name = "article-images-bucket"
region = "eu-central-1"
[upload]
key = "articles/{sub}/{id}.{ext}"
pending_key = "pending/{sub}/{id}.{ext}"
types = ["image/jpeg"]
max_size = "1 MiB"
bodyless = "refuse"
confirm = true
claim = true
inspect = "magic"
[token]
keys = ["env:UPSIGN_TOKEN_SECRET"]
[cors]
origins = ["https://app.example.com"]
"#;

/// Keeps the kinds of announcements, or fails.
#[derive(Debug, Default)]
struct Announced {
    kinds: Mutex<Vec<&'static str>>,
    fails: AtomicBool,
}

#[async_trait]
impl Announce for Announced {
    async fn announce(&self, announcement: &Announcement<'_>) -> Result<(), AnnounceError> {
        if self.fails.load(Ordering::Relaxed) {
            return Err(AnnounceError::new("no answer"));
        }
        self.kinds.lock().unwrap().push(announcement.kind.as_str());
        Ok(())
    }
}

struct Running {
    services: EmbeddedServices,
    handler: EventHandler<EmbeddedPresigner>,
    announced: Arc<Announced>,
    metrics: Metrics,
    events: upsign_local::ObjectEvents,
}

async fn start() -> Running {
    let config = Config::read("upsign.toml", FILE, |_| None).unwrap();
    let page: SocketAddr = "127.0.0.1:1".parse().unwrap();
    let services = EmbeddedServices::start(page, &config, &[], &[]).await.unwrap();
    let (announced, metrics) = (Arc::new(Announced::default()), Metrics::new());
    let service = services.service().unwrap().with_announcer(Arc::clone(&announced));
    let handler = EventHandler::new(service, &metrics).unwrap();
    let events = services.s3.events();
    Running { services, handler, announced, metrics, events }
}

impl Running {
    /// Uploads these bytes as a JPEG, and returns the message about it.
    async fn upload(&mut self, bytes: &'static [u8]) -> String {
        let caller = Identity::from_verified("https://issuer.example", "alice").unwrap();
        let upload = UploadRequest::described().with_content_type("image/jpeg");
        let upload = upload.with_content_length(bytes.len() as u64);
        let service = &self.handler.service;
        let grant = service.issue(&caller, None, &upload, SystemClock.now()).await.unwrap();
        let put = grant.upload.put().unwrap();
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
        let request = client.put(put.url.expose()).body(bytes);
        let request = put.headers.iter().fold(request, |it, (name, value)| it.header(name, value));
        assert_eq!(request.send().await.unwrap().status(), 200);
        self.event().await
    }

    async fn event(&mut self) -> String {
        self.events.next().await.unwrap().to_string()
    }

    async fn handle(&self, body: &str, receives: u32) -> Handled {
        self.handler.handle(&QueueMessage::new("id", body).with_receive_count(receives)).await
    }

    /// Returns the counters that are not zero.
    fn counted(&self) -> Vec<(String, u64)> {
        let text = self.metrics.text();
        let counters = text
            .lines()
            .filter_map(|line| line.strip_prefix("upsign_events_total{outcome=\"")?.split_once("\"} "));
        let counters = counters.map(|(name, count)| (name.to_owned(), count.parse().unwrap()));
        let mut counters: Vec<_> = counters.filter(|(_, count)| *count > 0).collect();
        counters.sort();
        counters
    }

    fn kinds(&self) -> Vec<&'static str> {
        self.announced.kinds.lock().unwrap().clone()
    }
}

fn counts<const N: usize>(expected: [(&str, u64); N]) -> Vec<(String, u64)> {
    expected.map(|(name, count)| (name.to_owned(), count)).to_vec()
}

#[tokio::test]
async fn uploads_are_confirmed_or_rejected_once() {
    let mut running = start().await;
    let photo = running.upload(PHOTO).await;
    assert_eq!(running.handle(&photo, 1).await, Handled::Done);
    // SQS delivers a message at least once.
    assert_eq!(running.handle(&photo, 2).await, Handled::Done);
    // The copy to the final key, and the deletion of the pending object.
    let soon = Duration::from_millis(200);
    while let Ok(Some(event)) = tokio::time::timeout(soon, running.events.next()).await {
        assert_eq!(running.handle(&event, 1).await, Handled::Done);
    }
    let page = running.upload(PAGE).await;
    assert_eq!(running.handle(&page, 1).await, Handled::Done);
    assert_eq!(running.kinds(), ["confirmed", "rejected"]);
    let counted = running.counted();
    for expected in counts([("confirmed", 1), ("rejected", 1), ("repeated", 1)]) {
        assert!(counted.contains(&expected), "{counted:?}");
    }
}

#[tokio::test]
async fn event_whose_handling_fails_is_handled_again() {
    let mut running = start().await;
    let photo = running.upload(PHOTO).await;
    running.announced.fails.store(true, Ordering::Relaxed);
    assert_eq!(running.handle(&photo, 1).await, Handled::Retry(Duration::from_secs(2)));
    assert_eq!(running.handle(&photo, 3).await, Handled::Retry(Duration::from_secs(8)));
    running.announced.fails.store(false, Ordering::Relaxed);
    assert_eq!(running.handle(&photo, 4).await, Handled::Done);
    assert_eq!(running.kinds(), ["confirmed"]);
    assert_eq!(running.counted(), counts([("confirmed", 1), ("failed", 2)]));
}

#[tokio::test]
async fn expiry_is_announced() {
    let mut running = start().await;
    let created = running.upload(PHOTO).await;
    let record: Value = serde_json::from_str(&created).unwrap();
    let key = record["Records"][0]["s3"]["object"]["key"].as_str().unwrap();
    let bucket = running.services.buckets().pop_first().unwrap();
    assert!(running.services.s3.expire(&bucket, key).await.unwrap());
    let expired = running.event().await;
    assert_eq!(running.handle(&expired, 1).await, Handled::Done);
    assert_eq!(running.handle(&expired, 2).await, Handled::Done);
    assert_eq!(running.kinds(), ["expired"]);
    assert_eq!(running.counted(), counts([("expired", 1), ("repeated", 1)]));
}

#[tokio::test]
async fn messages_that_cannot_be_read_stay_and_others_are_deleted() {
    let mut running = start().await;
    let photo = running.upload(PHOTO).await;
    for poison in ["", "not JSON", "{}", "{\"id\":\"msg_1\",\"body\":\"\"}"] {
        assert_eq!(running.handle(poison, 1).await, Handled::Retry(UNREADABLE), "{poison}");
    }
    let test = json!({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "article-images-bucket"});
    let elsewhere = photo.replace("pending", "elsewhere");
    let other_bucket = photo.replace("article-images-bucket", "other-bucket");
    let removed = photo.replace("ObjectCreated:Put", "ObjectRemoved:Delete");
    for ignored in [&test.to_string(), &elsewhere, &other_bucket, &removed] {
        assert_eq!(running.handle(ignored, 1).await, Handled::Done, "{ignored}");
    }
    assert!(running.kinds().is_empty());
    // One record of several cannot be read: the others are handled, and once.
    let mut several: Value = serde_json::from_str(&photo).unwrap();
    several["Records"].as_array_mut().unwrap().push(json!({"eventSource": "aws:s3"}));
    assert_eq!(running.handle(&several.to_string(), 1).await, Handled::Retry(Duration::from_secs(2)));
    assert_eq!(running.handle(&several.to_string(), 2).await, Handled::Retry(Duration::from_secs(4)));
    assert_eq!(running.kinds(), ["confirmed"]);
    let expected = [("confirmed", 1), ("ignored", 3), ("repeated", 1), ("unreadable", 6)];
    assert_eq!(running.counted(), counts(expected));
}

#[test]
fn pauses_double_up_to_a_quarter_of_an_hour() {
    let seconds = [1, 2, 3, 9, 10, u32::MAX].map(|receives| BACKOFF.longest(receives).as_secs());
    assert_eq!(seconds, [2, 4, 8, 512, 900, 900]);
}

#[test]
fn outcomes_have_names_of_their_own() {
    let names: std::collections::BTreeSet<&str> = Outcome::ALL.iter().map(|it| it.as_str()).collect();
    assert_eq!(names.len(), Outcome::ALL.len());
}
