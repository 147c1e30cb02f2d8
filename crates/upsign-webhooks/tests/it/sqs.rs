//! The outbox in a queue, against a scripted service. `tests/sqs_server.rs` runs it against an emulator that checks signatures.

use upsign::{Credentials, Timestamp, clock_fn};
use upsign_webhooks::{Message, Outbox, SqsOutbox};

use crate::messages::message;
use crate::receiver::Receiver;

fn outbox(queue_url: &str) -> SqsOutbox {
    let credentials =
        Credentials::long_term("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap();
    let at: Timestamp = "2026-01-31T12:00:00Z".parse().unwrap();
    SqsOutbox::new(queue_url, "eu-central-1", credentials).unwrap().with_clock(clock_fn(move || at))
}

const SENT: (&str, &str) = ("200 OK", r#"{"MessageId":"a","MD5OfMessageBody":"b"}"#);

#[tokio::test]
async fn a_message_is_sent_with_a_signature_in_headers() {
    let receiver = Receiver::start(&[SENT]).await;
    let url = format!("http://{}/123456789012/webhooks", receiver.address);
    outbox(&url).put(message()).await.unwrap();
    let request = receiver.requests().remove(0);
    assert_eq!(request.line, "POST / HTTP/1.1");
    assert_eq!(request.header("content-type"), "application/x-amz-json-1.0");
    assert_eq!(request.header("x-amz-target"), "AmazonSQS.SendMessage");
    let start = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260131/eu-central-1/sqs/aws4_request, \
        SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=";
    assert!(request.header("authorization").starts_with(start), "{request:?}");
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    assert_eq!(body["QueueUrl"], url);
    assert_eq!(Message::from_text(body["MessageBody"].as_str().unwrap()).unwrap(), message());
    assert_eq!(body.get("MessageGroupId"), None);
}

#[tokio::test]
async fn a_fifo_queue_removes_repetitions_by_the_id() {
    let receiver = Receiver::start(&[SENT]).await;
    outbox(&format!("http://{}/123456789012/webhooks.fifo", receiver.address)).put(message()).await.unwrap();
    let body: serde_json::Value = serde_json::from_str(&receiver.requests()[0].body).unwrap();
    assert_eq!(body["MessageDeduplicationId"], message().id());
    assert_eq!(body["MessageGroupId"], message().id());
}

#[tokio::test]
async fn temporary_errors_are_repeated_and_others_are_not() {
    let busy = ("503 Service Unavailable", "");
    let receiver = Receiver::start(&[busy, busy, SENT]).await;
    let url = format!("http://{}/1/webhooks", receiver.address);
    outbox(&url).put(message()).await.unwrap();
    assert_eq!(receiver.requests().len(), 3);

    let receiver = Receiver::start(&[busy]).await;
    let url = format!("http://{}/1/webhooks", receiver.address);
    assert!(outbox(&url).put(message()).await.is_err());
    assert_eq!(receiver.requests().len(), 3);

    let missing =
        ("400 Bad Request", r#"{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no such queue"}"#);
    let receiver = Receiver::start(&[missing]).await;
    let url = format!("http://{}/1/webhooks", receiver.address);
    let error = outbox(&url).put(message()).await.unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(source, "SQS answered 400 with the error QueueDoesNotExist");
    assert_eq!(receiver.requests().len(), 1);
}

#[tokio::test]
async fn an_answer_without_the_id_of_a_message_is_a_failure() {
    let receiver = Receiver::start(&[("200 OK", "<html>")]).await;
    assert!(outbox(&format!("http://{}/1/webhooks", receiver.address)).put(message()).await.is_err());
}

#[test]
fn only_urls_of_queues_are_accepted() {
    let credentials = || Credentials::long_term("AKIDEXAMPLE", "secret").unwrap();
    let accepts = |url: &str, region: &str| SqsOutbox::new(url, region, credentials()).is_ok();
    assert!(accepts("https://sqs.eu-central-1.amazonaws.com/123456789012/webhooks", "eu-central-1"));
    for url in
        ["", "https://sqs.eu-central-1.amazonaws.com/", "http://sqs.example.org/1/a", "https://a.b/1/2?x=y"]
    {
        assert!(!accepts(url, "eu-central-1"), "{url}");
    }
    assert!(!accepts("https://sqs.eu-central-1.amazonaws.com/1/a", ""));
}
