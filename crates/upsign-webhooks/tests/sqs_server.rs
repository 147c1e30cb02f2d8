//! The queue outbox against a running ministack, whose endpoint the variable `TEST_S3_MINISTACK` names, and from the queue to a
//! receiver. `cargo xtask test --only servers` starts it.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's panic is its report")]

#[path = "it/receiver.rs"]
mod receiver;

use receiver::Receiver;
use serde_json::{Value, json};
use upsign::{Announce, Announcement, AnnouncementKind, Clock, Credentials, SystemClock};
use upsign_webhooks::{
    SqsOutbox, WebhookAnnouncer, WebhookHeaders, WebhookSecret, WebhookSender, WebhookSigner, WebhookVerifier,
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
async fn a_message_goes_through_a_queue_to_its_receiver() {
    let Some(endpoint) = variable("TEST_S3_MINISTACK") else {
        assert!(variable("TEST_SERVERS").is_none(), "TEST_S3_MINISTACK is not set");
        return;
    };
    let name = format!("webhooks-{}", std::process::id());
    for (name, attributes) in [
        (name.clone(), json!({})),
        (format!("{name}.fifo"), json!({"FifoQueue": "true", "ContentBasedDeduplication": "false"})),
    ] {
        let is_fifo = name.ends_with(".fifo");
        let created =
            call(&endpoint, "CreateQueue", json!({"QueueName": name, "Attributes": attributes})).await;
        let stated: reqwest::Url = created["QueueUrl"].as_str().unwrap().parse().unwrap();
        let queue_url = format!("{endpoint}{}", stated.path());
        let credentials = Credentials::long_term(ACCESS_KEY, SECRET_KEY).unwrap();
        let announcer = WebhookAnnouncer::new(SqsOutbox::new(&queue_url, "us-east-1", credentials).unwrap());
        let key = "a.jpg".parse().unwrap();
        let announcement =
            Announcement::new(AnnouncementKind::Expired, "images", &key, "v1", SystemClock.now());
        announcer.announce(&announcement).await.unwrap();
        announcer.announce(&announcement).await.unwrap();

        let ask = json!({"QueueUrl": queue_url, "MaxNumberOfMessages": 10});
        let mut bodies = Vec::new();
        for _ in 0..3 {
            let received = call(&endpoint, "ReceiveMessage", ask.clone()).await;
            let Some(messages) = received["Messages"].as_array() else { break };
            for message in messages {
                bodies.push(message["Body"].as_str().unwrap().to_owned());
                let handle = json!({"QueueUrl": queue_url, "ReceiptHandle": message["ReceiptHandle"]});
                call(&endpoint, "DeleteMessage", handle).await;
            }
        }
        assert_eq!(bodies.len(), if is_fifo { 1 } else { 2 }, "{name}");
        deliver(&bodies[0], &announcement.id.to_string()).await;
    }
}

/// Delivers the text of a queue as its consumer does.
async fn deliver(text: &str, id: &str) {
    let receiver = Receiver::start(&[("200 OK", "")]).await;
    let secret: WebhookSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".parse().unwrap();
    let signer = WebhookSigner::new([secret.clone()]).unwrap();
    let sender = WebhookSender::new(&format!("http://{}/", receiver.address), signer).unwrap();
    sender.deliver_text(text, SystemClock.now()).await.unwrap();
    let request = receiver.wait_for(1).await.remove(0);
    let headers = WebhookHeaders {
        id: request.header("webhook-id"),
        timestamp: request.header("webhook-timestamp"),
        signature: request.header("webhook-signature"),
    };
    assert_eq!(request.line, "POST / HTTP/1.1");
    assert_eq!(headers.id, format!("msg_{id}"));
    let verifier = WebhookVerifier::new([secret]).unwrap();
    assert_eq!(verifier.verify(headers, request.body.as_bytes(), SystemClock.now()), Ok(()));
}
