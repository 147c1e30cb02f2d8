//! Notifications of S3: every message is answered, what is accepted is within the bounds, and a key that a record names is read back
//! as it was. The input is a whole message first, then a message of SNS, and then the key of a record that is otherwise valid.

use std::num::NonZeroUsize;

use serde_json::{Value, json};
use upsign_events::{Delivery, DeliveryOrder, SqsBatch, parse};

use crate::within_time_limit;

pub(super) fn run(data: &[u8]) {
    check(data);
    let Ok(text) = str::from_utf8(data) else { return };
    check(json!({"Type": "Notification", "Message": text}).to_string().as_bytes());
    check_batch(text);
    check_key(text);
}

fn check(message: &[u8]) {
    let Ok(notification) = within_time_limit(|| parse(message)) else { return };
    let events: Vec<_> = notification.into_events().collect();
    assert!(events.len() <= 1_000);
    let mut order = DeliveryOrder::new(NonZeroUsize::MIN);
    for event in events.into_iter().flatten() {
        assert!(!event.bucket.is_empty() && event.bucket.len() <= 255);
        let object = event.object();
        assert_eq!((&object.key, &object.version_id), (&event.key, &event.version_id));
        order.record(&event);
        // An event whose order is unknown replaces the one before it, so it is a duplicate of itself afterwards.
        let recorded = if event.sequencer.is_some() { Delivery::Duplicate } else { Delivery::New };
        assert!([recorded, Delivery::Late].contains(&order.check(&event)));
    }
}

fn check_batch(body: &str) {
    let event = json!({"Records": [{"messageId": body, "body": body}]}).to_string();
    let batch = within_time_limit(|| SqsBatch::read(event.as_bytes())).expect("a valid batch");
    assert_eq!(&*batch.records()[0].body, body);
}

/// The key is written with a percent-encoding of every byte, and as it is for EventBridge.
fn check_key(key: &str) {
    let encoded: String = key.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let record = json!({"eventVersion": "2.6", "eventSource": "aws:s3", "eventTime": "2026-11-27T14:06:09Z",
        "eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "b"}, "object": {"key": encoded}}});
    let bridged = json!({"source": "aws.s3", "detail-type": "Object Created", "time": "2026-11-27T14:06:09Z",
        "detail": {"bucket": {"name": "b"}, "object": {"key": key}}});
    let (one, other) = (key_of(&json!({"Records": [record]})), key_of(&bridged));
    assert_eq!(one, other);
    assert!(one.is_none_or(|found| found == key));
}

fn key_of(message: &Value) -> Option<String> {
    let events = parse(message.to_string().as_bytes()).ok()?.into_events();
    let mut keys = events.map(|event| event.ok().map(|event| event.key.as_str().to_owned()));
    keys.next().flatten()
}
