//! The outbox in the memory of the process.

use std::time::{Duration, Instant};

use upsign::{Announce, Announcement, AnnouncementKind};
use upsign_webhooks::{InProcessOutbox, Outbox, WebhookAnnouncer};

use crate::delivery::sender;
use crate::messages::message;
use crate::receiver::Receiver;

const SOON: Duration = Duration::from_secs(10);

#[tokio::test]
async fn an_announcement_is_delivered() {
    let receiver = Receiver::start(&[("200 OK", "")]).await;
    let outbox = std::sync::Arc::new(InProcessOutbox::new(sender(&receiver.address)));
    let announcer = WebhookAnnouncer::new(std::sync::Arc::clone(&outbox));
    let (key, at) = ("a.jpg".parse().unwrap(), "2026-01-31T12:00:00Z".parse().unwrap());
    let announcement = Announcement::new(AnnouncementKind::Rejected, "images", &key, "v1", at);
    announcer.announce(&announcement).await.unwrap();
    let request = receiver.wait_for(1).await.remove(0);
    assert_eq!(request.header("webhook-id"), format!("msg_{}", announcement.id));
    assert_eq!(outbox.drain(SOON).await.undelivered, 0);
}

#[tokio::test]
async fn a_failed_message_is_sent_again_after_a_pause() {
    let receiver = Receiver::start(&[("500 Internal Server Error", ""), ("200 OK", "")]).await;
    let outbox = InProcessOutbox::new(sender(&receiver.address));
    let start = Instant::now();
    outbox.put(message()).await.unwrap();
    let requests = receiver.wait_for(2).await;
    assert!(start.elapsed() >= Duration::from_millis(2_400), "{:?}", start.elapsed());
    assert_eq!(requests.len(), 2);
    // The id stays, the time and with it the signature are new.
    assert_eq!(requests[0].header("webhook-id"), requests[1].header("webhook-id"));
    assert_ne!(requests[0].header("webhook-signature"), requests[1].header("webhook-signature"));
    assert_eq!(outbox.drain(SOON).await.undelivered, 0);
    let counts = outbox.counts();
    assert_eq!((counts.delivered, counts.retried, counts.lost), (1, 1, 0));
}

#[tokio::test]
async fn a_shutdown_ends_pauses_with_a_last_attempt() {
    let answers = [("503 Service Unavailable\r\nretry-after: 3600", ""), ("200 OK", "")];
    let receiver = Receiver::start(&answers).await;
    let outbox = InProcessOutbox::new(sender(&receiver.address));
    outbox.put(message()).await.unwrap();
    receiver.wait_for(1).await;
    assert_eq!(outbox.waiting(), 1);
    assert_eq!(outbox.drain(SOON).await.undelivered, 0);
    assert_eq!((receiver.requests().len(), outbox.waiting()), (2, 0));
    assert!(outbox.put(message()).await.is_err());
}

#[tokio::test]
async fn messages_that_are_not_delivered_in_time_are_counted() {
    // Accepts connections and never answers.
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let outbox = InProcessOutbox::new(sender(&listener.local_addr().unwrap().to_string()));
    outbox.put(message()).await.unwrap();
    outbox.put(message()).await.unwrap();
    assert_eq!(outbox.drain(Duration::from_millis(200)).await.undelivered, 2);
}

#[tokio::test]
async fn a_receiver_that_is_gone_gets_no_further_attempt() {
    let receiver = Receiver::start(&[("410 Gone", "")]).await;
    let outbox = InProcessOutbox::new(sender(&receiver.address));
    outbox.put(message()).await.unwrap();
    receiver.wait_for(1).await;
    assert_eq!(outbox.drain(SOON).await.undelivered, 0);
    assert_eq!(receiver.requests().len(), 1);
    let counts = outbox.counts();
    assert_eq!((counts.delivered, counts.retried, counts.lost), (0, 0, 1));
}

#[tokio::test]
async fn a_full_outbox_refuses_messages() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let outbox = InProcessOutbox::new(sender(&listener.local_addr().unwrap().to_string()));
    for _ in 0..1_000 {
        outbox.put(message()).await.unwrap();
    }
    assert!(outbox.put(message()).await.is_err());
    assert_eq!(outbox.waiting(), 1_000);
}
