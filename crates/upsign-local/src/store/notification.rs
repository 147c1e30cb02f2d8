//! Notifications about changed objects, in the JSON of S3.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>.

use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Map, json};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;
use upsign::{Clock as _, SystemClock};
use upsign_core::Region;

use super::object::Record;

/// Number of notifications that wait for a slow receiver.
const CAPACITY: usize = 4_096;

/// What changed an object, in the words of S3.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventName {
    Put,
    Post,
    Copy,
    CompleteMultipartUpload,
    Delete,
    DeleteMarkerCreated,
    TaggingPut,
    ExpirationDelete,
    ExpirationDeleteMarkerCreated,
}

impl EventName {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Put => "ObjectCreated:Put",
            Self::Post => "ObjectCreated:Post",
            Self::Copy => "ObjectCreated:Copy",
            Self::CompleteMultipartUpload => "ObjectCreated:CompleteMultipartUpload",
            Self::Delete => "ObjectRemoved:Delete",
            Self::DeleteMarkerCreated => "ObjectRemoved:DeleteMarkerCreated",
            Self::TaggingPut => "ObjectTagging:Put",
            Self::ExpirationDelete => "LifecycleExpiration:Delete",
            Self::ExpirationDeleteMarkerCreated => "LifecycleExpiration:DeleteMarkerCreated",
        }
    }

    /// Returns whether the event describes content. S3 sends neither size nor ETag with the others.
    const fn has_content(self) -> bool {
        matches!(self, Self::Put | Self::Post | Self::Copy | Self::CompleteMultipartUpload | Self::TaggingPut)
    }
}

/// The id of the request that changes an object.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestId(pub(crate) Box<str>);

/// Why an object changes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cause<'a> {
    pub(crate) name: EventName,
    pub(crate) request: &'a RequestId,
}

/// The sender of the notifications of one server.
#[derive(Clone, Debug)]
pub(crate) struct Notifications(broadcast::Sender<Arc<str>>);

impl Notifications {
    pub(crate) fn new() -> Self {
        Self(broadcast::Sender::new(CAPACITY))
    }

    pub(crate) fn subscribe(&self) -> ObjectEvents {
        ObjectEvents(self.0.subscribe())
    }

    /// Sends a notification to everyone who subscribed before. The caller holds the lock of the index, so that the order is
    /// that of the changes.
    pub(super) fn publish(&self, region: &Region, cause: Cause<'_>, record: &Record, sequence: u64) {
        if self.0.receiver_count() > 0 {
            // It fails if the last receiver went away in the meantime.
            let _ = self.0.send(message(region, cause, record, sequence).into());
        }
    }
}

/// The notifications of a [`LocalS3`](crate::LocalS3), from the time of the call that returned it.
///
/// Each one is the JSON text that S3 sends to a queue, with one record: an object was stored by a PUT request, a form, a copy
/// or a multipart upload, it was deleted, it expired, or its tags were set. S3 would send only those that the notification
/// configuration of the bucket selects; this server sends all.
///
/// S3 delivers at least once and in any order. This server delivers once and in order, and drops the oldest notifications,
/// with a warning in the log, if 4,096 of them wait.
#[derive(Debug)]
pub struct ObjectEvents(broadcast::Receiver<Arc<str>>);

impl ObjectEvents {
    /// Waits for the next notification. Returns `None` when the server has stopped and all were returned.
    ///
    /// The call can be cancelled, for example by `tokio::select!`, without losing a notification.
    pub async fn next(&mut self) -> Option<Arc<str>> {
        loop {
            match self.0.recv().await {
                Ok(message) => return Some(message),
                Err(RecvError::Closed) => return None,
                Err(RecvError::Lagged(count)) => {
                    tracing::warn!(count, "S3 notifications dropped: the receiver is too slow");
                }
            }
        }
    }
}

/// Returns the text of a notification.
fn message(region: &Region, cause: Cause<'_>, record: &Record, sequence: u64) -> String {
    let mut object = Map::from_iter([("key".to_owned(), form_encoded(&record.key).into())]);
    if cause.name.has_content() {
        object.insert("size".to_owned(), record.bytes.into());
        object.insert("eTag".to_owned(), record.etag.as_str().into());
    }
    if let Some(id) = &record.version.id {
        object.insert("versionId".to_owned(), id.as_str().into());
    }
    // "Only used with PUTs and DELETEs".
    if cause.name != EventName::TaggingPut {
        object.insert("sequencer".to_owned(), format!("{sequence:016X}").into());
    }
    let event = json!({
        "eventVersion": "2.5",
        "eventSource": "aws:s3",
        "awsRegion": region.as_str(),
        "eventTime": milliseconds(&SystemClock.now().to_string()),
        "eventName": cause.name.as_str(),
        "userIdentity": {"principalId": "LOCAL"},
        "requestParameters": {"sourceIPAddress": "127.0.0.1"},
        "responseElements": {"x-amz-request-id": &*cause.request.0, "x-amz-id-2": crate::s3::HOST_ID},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": crate::s3::HOST_ID,
            "bucket": {
                "name": record.bucket,
                "ownerIdentity": {"principalId": "LOCAL"},
                "arn": format!("arn:aws:s3:::{}", record.bucket),
            },
            "object": object,
        },
    });
    json!({"Records": [event]}).to_string()
}

/// Adds the milliseconds, which S3 always writes, to a time in whole seconds.
fn milliseconds(time: &str) -> String {
    time.strip_suffix('Z').map_or_else(|| time.to_owned(), |seconds| format!("{seconds}.000Z"))
}

/// Returns a key in the encoding of form values, in which S3 writes it: `red flower.jpg` becomes `red+flower.jpg`, and `/` stays.
fn form_encoded(key: &str) -> String {
    let mut encoded = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' | b'/' => {
                encoded.push(char::from(byte));
            }
            // Writing to a String does not fail.
            other => drop(write!(encoded, "%{other:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_form_encoded_except_slashes() {
        for (key, encoded) in [
            ("red flower.jpg", "red+flower.jpg"),
            ("a/b+c%2Fé&x=1.jpg", "a/b%2Bc%252F%C3%A9%26x%3D1.jpg"),
            ("-._*~", "-._*%7E"),
        ] {
            assert_eq!(form_encoded(key), encoded);
        }
    }
}
