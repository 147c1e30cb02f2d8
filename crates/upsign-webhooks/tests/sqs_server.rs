//! The queue outbox against a running ministack, whose endpoint the variable `TEST_S3_MINISTACK` names, and from the queue to a
//! receiver. `cargo xtask test --only servers` starts it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's panic is its report")]

#[path = "it/receiver.rs"]
mod receiver;

use std::sync::Arc;

use receiver::Receiver;
use serde_json::{Value, json};
use upsign::{Announce, Announcement, AnnouncementKind, Clock, Credentials, SystemClock};
use upsign_webhooks::{
    Poller, Queue, QueueDeliverer, SqsOutbox, WebhookAnnouncer, WebhookHeaders, WebhookSecret, WebhookSender,
    WebhookSigner, WebhookVerifier,
};

const ACCESS_KEY: &str = "AKIATESTADMIN0000001";
const SECRET_KEY: &str = "adminSecretKeyForTestsOnly00000000000001";

#[expect(clippy::disallowed_methods, reason = "the command that starts the servers passes their addresses")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Calls the emulator without the outbox. It knows the account by the access key alone in this protocol.
async fn call(endpoint: &str, operation: &str, body: Value) -> Value {
    let scope = format!("{ACCESS_KEY}/20260131/us-east-1/sqs/aws4_request");
    let authorization = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00");
    let answer = reqwest::Client::new()
        .post(endpoint)
        .header("x-amz-target", format!("AmazonSQS.{operation}"))
        .header("content-type", "application/x-amz-json-1.0")
        .header("authorization", authorization)
        .body(body.to_string())
        .send()
        .await
        .unwrap();
    let text = answer.text().await.unwrap();
    if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() }
}

#[tokio::test]
async fn messages_go_through_a_queue_to_their_receiver() {
    let Some(endpoint) = variable("TEST_S3_MINISTACK") else {
        assert!(variable("TEST_SERVERS").is_none(), "TEST_S3_MINISTACK is not set");
        return;
    };
    let name = format!("webhooks-{}", std::process::id());
    for (name, attributes) in [
        (name.clone(), json!({})),
        (format!("{name}.fifo"), json!({"FifoQueue": "true", "ContentBasedDeduplication": "false"})),
    ] {
        let created =
            call(&endpoint, "CreateQueue", json!({"QueueName": name, "Attributes": attributes})).await;
        let stated: reqwest::Url = created["QueueUrl"].as_str().unwrap().parse().unwrap();
        let queue_url = format!("{endpoint}{}", stated.path());
        let credentials = Credentials::long_term(ACCESS_KEY, SECRET_KEY).unwrap();
        let queue = Queue::new(&queue_url, &"us-east-1".parse().unwrap(), credentials).unwrap();
        let announcer = WebhookAnnouncer::new(SqsOutbox::with_queue(queue.clone()));
        let key = "a.jpg".parse().unwrap();
        let announcement =
            Announcement::new(AnnouncementKind::Expired, "images", &key, "v1", SystemClock.now());
        announcer.announce(&announcement).await.unwrap();
        announcer.announce(&announcement).await.unwrap();
        // What is no webhook stays.
        queue.send("not JSON", "other", SystemClock.now()).await.unwrap();

        // A FIFO queue removes the repetition.
        let deliveries = if queue.is_fifo() { 1 } else { 2 };
        deliver(queue.clone(), deliveries, &announcement.id.to_string()).await;
        let left = json!({"QueueUrl": queue_url, "AttributeNames": ["All"]});
        let left = call(&endpoint, "GetQueueAttributes", left).await;
        let left = &left["Attributes"];
        assert_eq!(left["ApproximateNumberOfMessages"], "0", "{name}: {left}");
        assert_eq!(left["ApproximateNumberOfMessagesNotVisible"], "1", "{name}: {left}");
    }
}

/// Delivers the webhooks of a queue until this many have arrived.
async fn deliver(queue: Queue, deliveries: usize, id: &str) {
    let receiver = Receiver::start(&[("500 Internal Server Error", ""), ("200 OK", "")]).await;
    let secret: WebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
    let signer = WebhookSigner::new([secret.clone()]).unwrap();
    let sender = WebhookSender::new(&format!("http://{}/", receiver.address), signer).unwrap();
    let deliverer = Arc::new(QueueDeliverer::new(sender));
    let poller = Poller::new(queue, Arc::clone(&deliverer), || SystemClock.now());
    // The first request fails, and its message is delivered again after 2 to 5 seconds.
    poller.run(async { drop(receiver.wait_for(deliveries + 1).await) }).await;
    let counts = deliverer.counts();
    assert_eq!((counts.delivered, counts.lost), (u64::try_from(deliveries).unwrap(), 0));
    for request in receiver.requests() {
        let headers = WebhookHeaders {
            id: request.header("webhook-id"),
            timestamp: request.header("webhook-timestamp"),
            signature: request.header("webhook-signature"),
        };
        assert_eq!(request.line, "POST / HTTP/1.1");
        assert_eq!(headers.id, format!("msg_{id}"));
        let verifier = WebhookVerifier::new([secret.clone()]).unwrap();
        assert_eq!(verifier.verify(headers, request.body.as_bytes(), SystemClock.now()), Ok(()));
    }
}
