//! Tests of the parser with messages of real stores and with arbitrary ones.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a panic is how a test reports a failure")]

mod batches;
mod deliveries;
mod local;
mod malformed;
mod messages;
mod properties;

use serde_json::{Value, json};
use upsign_events::{InvalidNotification, Notification, ObjectEvent, parse};

/// Returns the message that S3 sends when `key`, which is encoded, was stored. The parts of `object` are added to its `object`.
fn created(key: &str, object: &Value) -> Value {
    let mut all = json!({"key": key});
    all.as_object_mut().unwrap().extend(object.as_object().unwrap().clone());
    json!({"Records": [{
        "eventVersion": "2.6",
        "eventSource": "aws:s3",
        "awsRegion": "us-west-2",
        "eventTime": "2026-11-27T14:06:09.746Z",
        "eventName": "ObjectCreated:Put",
        "s3": {"s3SchemaVersion": "1.0", "bucket": {"name": "article-images"}, "object": all},
    }]})
}

fn parsed(message: &Value) -> Result<Notification, InvalidNotification> {
    parse(message.to_string().as_bytes())
}

/// Returns the only event of a message.
#[track_caller]
fn event(message: &Value) -> ObjectEvent {
    let mut events: Vec<_> = parsed(message).unwrap().into_events().collect();
    assert_eq!(events.len(), 1);
    events.remove(0).unwrap()
}

/// Wraps a message as SNS does.
fn sns(message: &str) -> Value {
    json!({
        "Type": "Notification",
        "MessageId": "bac7b3fe-a5c8-4214-bfdc-704cfc1ea8c3",
        "TopicArn": "arn:aws:sns:us-east-1:000000000000:uploads",
        "Subject": "Amazon S3 Notification",
        "Message": message,
        "Timestamp": "2026-11-27T14:06:09.000Z",
    })
}
