//! Delivery of the messages of a queue.

use std::time::Duration;

use upsign_webhooks::{HandleMessage, Handled, Message, QueueDeliverer, QueueMessage};

use crate::delivery::sender;
use crate::messages::message;
use crate::receiver::Receiver;

/// Handles one message, and returns what becomes of it, with the numbers of deliveries, retries and losses.
async fn handle(answer: &'static str, body: &str, receives: u32) -> (Handled, (u64, u64, u64), usize) {
    let receiver = Receiver::start(&[(answer, "")]).await;
    let deliverer = QueueDeliverer::new(sender(&receiver.address));
    let handled = deliverer.handle(&QueueMessage::new("id", body).with_receive_count(receives)).await;
    let counts = deliverer.counts();
    (handled, (counts.delivered, counts.retried, counts.lost), receiver.requests().len())
}

#[tokio::test]
async fn delivered_messages_and_those_for_a_receiver_that_is_gone_are_deleted() {
    let text = message().to_text().unwrap();
    assert_eq!(handle("204 No Content", &text, 1).await, (Handled::Done, (1, 0, 0), 1));
    assert_eq!(handle("410 Gone", &text, 1).await, (Handled::Done, (0, 0, 1), 1));
}

#[tokio::test]
async fn other_messages_stay_with_growing_pauses() {
    let text = message().to_text().unwrap();
    // Half of a pause is random.
    for (receives, least, most) in
        [(1, 2, 5), (2, 150, 300), (7, 18_000, 36_000), (8, 36_000, 36_000), (u32::MAX, 36_000, 36_000)]
    {
        let (handled, counts, _) = handle("500 Internal Server Error", &text, receives).await;
        // A message that is deleted has no pause, which none of the cases allows.
        let pause = if let Handled::Retry(pause) = handled { pause } else { Duration::ZERO };
        assert!((least..=most).contains(&pause.as_secs()), "{receives}: {pause:?}");
        assert_eq!(counts, (0, 1, 0));
    }
    let (handled, ..) = handle("503 Service Unavailable\r\nretry-after: 3600", &text, 1).await;
    assert_eq!(handled, Handled::Retry(Duration::from_hours(1)));
}

/// The queue may be another one than was meant, so nothing in it is deleted.
#[tokio::test]
async fn messages_that_are_no_webhooks_stay_and_are_not_sent() {
    let other_id = message().to_text().unwrap().replace("msg_", "m_");
    for body in ["", "not JSON", "{\"Records\":[]}", &other_id, &"x".repeat(70_000)] {
        assert!(Message::from_text(body).is_err());
        let expected = (Handled::Retry(Duration::from_mins(5)), (0, 1, 0), 0);
        assert_eq!(handle("200 OK", body, 1).await, expected);
    }
}
