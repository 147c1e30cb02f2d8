//! Single calls: what is sent, which errors are repeated, and what is no answer.

use std::time::Duration;

use upsign_sqs::{Queue, QueueError};

use crate::fake::{FakeQueue, Fault};
use crate::{credentials, now, queue};

const LEASE: Duration = Duration::from_secs(120);

#[tokio::test]
async fn message_is_sent_received_hidden_and_deleted() {
    let fake = FakeQueue::start(&[], &[]).await;
    let queue = queue(&fake.url);
    queue.send("a \"text\"", "id", now()).await.unwrap();
    let received = queue.receive(10, Duration::ZERO, LEASE, now()).await.unwrap();
    assert_eq!((received.len(), &*received[0].id, &*received[0].body), (1, "id-0", "a \"text\""));
    assert!(queue.receive(10, Duration::ZERO, LEASE, now()).await.unwrap().is_empty());
    queue.hide(&received[0], Duration::ZERO, now()).await.unwrap();
    let again = queue.receive(10, Duration::ZERO, LEASE, now()).await.unwrap();
    assert_eq!((received[0].receive_count, again[0].receive_count), (1, 2));
    queue.delete(&again[0], now()).await.unwrap();
    assert!(fake.left().is_empty());

    let sent = &fake.seen("SendMessage")[0];
    let start = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260131/eu-central-1/sqs/aws4_request, \
        SignedHeaders=content-type;host;x-amz-date;x-amz-target, Signature=";
    assert!(sent.authorization.starts_with(start), "{sent:?}");
    assert_eq!(sent.body["QueueUrl"], fake.url);
    assert_eq!(sent.body.get("MessageGroupId"), None);
    assert!(!format!("{received:?}").contains("text"), "{received:?}");
}

#[tokio::test]
async fn fifo_queue_gets_the_id() {
    let fake = FakeQueue::start(&[], &[]).await;
    queue(&format!("{}.fifo", fake.url)).send("text", "id", now()).await.unwrap();
    let body = &fake.seen("SendMessage")[0].body;
    assert_eq!((&body["MessageGroupId"], &body["MessageDeduplicationId"]), (&"id".into(), &"id".into()));
}

#[tokio::test]
async fn numbers_are_those_that_sqs_accepts() {
    let fake = FakeQueue::start(&["a"], &[]).await;
    let day = Duration::from_hours(24);
    queue(&fake.url).receive(1_000, day, day, now()).await.unwrap();
    let body = &fake.seen("ReceiveMessage")[0].body;
    assert_eq!(body["MaxNumberOfMessages"], 10);
    assert_eq!(body["WaitTimeSeconds"], 20);
    assert_eq!(body["VisibilityTimeout"], 43_200);
    assert_eq!(body["MessageSystemAttributeNames"][0], "ApproximateReceiveCount");
}

#[tokio::test]
async fn temporary_errors_of_short_calls_are_repeated() {
    for fault in [Fault::LostRequest, Fault::LostAnswer, Fault::Unavailable, Fault::Throttled] {
        let fake = FakeQueue::start(&[], &[fault, fault]).await;
        queue(&fake.url).send("text", "id", now()).await.unwrap();
        assert_eq!(fake.seen("SendMessage").len(), 3, "{fault:?}");
        let fake = FakeQueue::start(&[], &[fault; 3]).await;
        assert!(queue(&fake.url).send("text", "id", now()).await.is_err());
        assert_eq!(fake.seen("SendMessage").len(), 3, "{fault:?}");
    }
    let fake = FakeQueue::start(&[], &[Fault::Denied]).await;
    let error = queue(&fake.url).send("text", "id", now()).await.unwrap_err();
    assert_eq!(error.to_string(), "SQS answered 400 with the error AccessDeniedException");
    assert_eq!(fake.seen("SendMessage").len(), 1);
}

#[tokio::test]
async fn answer_without_messages_is_none_in_every_spelling() {
    let fake = FakeQueue::start(&[], &[Fault::No, Fault::Null]).await;
    for _ in 0..2 {
        assert_eq!(queue(&fake.url).receive(10, Duration::ZERO, LEASE, now()).await.unwrap(), []);
    }
}

#[tokio::test]
async fn other_answers_are_errors() {
    for (fault, text) in [
        (Fault::NotJson, "the answer is not one of SQS"),
        (Fault::OtherJson, "the answer is not one of SQS"),
        (Fault::TooLarge, "the answer is larger than 8 MiB"),
    ] {
        let fake = FakeQueue::start(&["a"], &[fault]).await;
        let received = queue(&fake.url).receive(10, Duration::ZERO, LEASE, now()).await;
        assert_eq!(received.unwrap_err().to_string(), text);
    }
}

#[tokio::test]
async fn queue_that_does_not_listen_is_an_error_without_its_url() {
    let queue =
        Queue::new("http://127.0.0.1:9/1/q", &"eu-central-1".parse().unwrap(), credentials()).unwrap();
    let error = queue.receive(1, Duration::ZERO, LEASE, now()).await.unwrap_err();
    assert!(matches!(error, QueueError::NoAnswer(_)) && error.retry_may_help());
    assert!(!format!("{error:?}").contains("/1/q"), "{error:?}");
}
