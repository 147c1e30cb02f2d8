//! Notifications, and the ways that they come.

use upsign_json::{Json, Limits, Object, read_object};

use crate::error::{InvalidNotification, InvalidRecord};
use crate::event::{EventSource, ObjectEvent};
use crate::{event_bridge, record};

/// The maximum size of a message of SQS and SNS: 1 MiB.
///
/// Source: <https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html>.
const MAX_BYTES: usize = 1 << 20;
/// S3 sends one record in a notification, and documents a list.
const MAX_RECORDS: usize = 1_000;
/// `Records` → record → `s3` → `object` are five levels; events have further members, such as `glacierEventData`, that nest deeper.
const MAX_DEPTH: u8 = 12;

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notification {
    /// `s3:TestEvent`, which S3 sends once when a notification is configured. There is nothing to do.
    TestEvent,
    /// The events, in the order of the message.
    Events(Vec<Result<ObjectEvent, InvalidRecord>>),
}

impl Notification {
    /// Returns the events. A test event has none.
    pub fn into_events(self) -> impl Iterator<Item = Result<ObjectEvent, InvalidRecord>> {
        match self {
            Self::TestEvent => Vec::new(),
            Self::Events(events) => events,
        }
        .into_iter()
    }
}

/// Reads a message about objects: what S3 sends to a queue, to a function, or to a topic of SNS whose subscription is a queue with or
/// without raw message delivery, and what EventBridge sends to a target.
///
/// Members that this crate does not know are ignored, as S3 recommends. Time and memory are bounded by the limits of SQS: 1 MiB, in
/// which up to 1,000 records are read.
///
/// ```
/// use upsign_events::{Notification, parse};
/// let test = br#"{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-11-27T14:06:09.000Z","Bucket":"article-images"}"#;
/// assert_eq!(parse(test), Ok(Notification::TestEvent));
/// ```
///
/// # Errors
/// Returns [`InvalidNotification`] if the message is not one of these. A record that cannot be read does not affect the others: it is
/// an `Err` in [`Notification::Events`].
pub fn parse(message: &[u8]) -> Result<Notification, InvalidNotification> {
    let message = read(message)?;
    let is_sns = message.contains("Type") && message.contains("Message");
    if !is_sns {
        return notification(&message, EventSource::S3);
    }
    if text(&message, "Type") != Some("Notification") {
        return Err(InvalidNotification::SnsType);
    }
    let inner = text(&message, "Message").ok_or(InvalidNotification::Unknown)?;
    let inner = read(inner.as_bytes())?;
    if inner.contains("Type") && inner.contains("Message") {
        return Err(InvalidNotification::Nested);
    }
    notification(&inner, EventSource::Sns)
}

fn read(text: &[u8]) -> Result<Object<'_>, InvalidNotification> {
    let limits = Limits::new(MAX_BYTES, MAX_DEPTH).with_max_items(MAX_RECORDS);
    read_object(text, limits).map_err(InvalidNotification::Json)
}

/// Reads a message without the envelope of SNS.
fn notification(message: &Object<'_>, source: EventSource) -> Result<Notification, InvalidNotification> {
    if let Some(records) = message.get("Records").and_then(Json::as_array) {
        let events = records.iter().enumerate().map(|(index, record)| {
            record::read(record, source).map_err(|problem| InvalidRecord { index, problem })
        });
        return Ok(Notification::Events(events.collect()));
    }
    if text(message, "Event") == Some("s3:TestEvent") {
        return Ok(Notification::TestEvent);
    }
    if !message.contains("detail-type") {
        return Err(InvalidNotification::Unknown);
    }
    if text(message, "source") != Some("aws.s3") {
        return Err(InvalidNotification::Source);
    }
    let event = event_bridge::read(message).map_err(|problem| InvalidRecord { index: 0, problem });
    Ok(Notification::Events(vec![event]))
}

/// Returns the text of a member.
pub(crate) fn text<'a>(object: &'a Object<'_>, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Json::as_str)
}
