//! Notifications of S3 as typed events: directly from SQS, through SNS, or through EventBridge. This crate does no I/O.
//!
//! S3 sends a notification when an object was stored, deleted or tagged. [`parse`] reads one, whichever way it came, and returns
//! the [`ObjectEvent`]s in it with decoded keys. A consumer passes [`ObjectEvent::object`] to
//! [`UploadService::confirm_object`](upsign::UploadService::confirm_object).
//!
//! ```
//! use upsign_events::{BatchFailures, EventKind, SqsBatch, parse};
//!
//! // The event with which Lambda calls a function for the messages of a queue.
//! let batch = SqsBatch::read(
//!     br#"{"Records": [{"messageId": "059f36b4", "body": "{\"Records\":[{\"eventVersion\":\"2.6\",\"eventSource\":\"aws:s3\",\"eventTime\":\"2026-11-27T14:06:09.746Z\",\"eventName\":\"ObjectCreated:Put\",\"s3\":{\"bucket\":{\"name\":\"article-images\"},\"object\":{\"key\":\"articles/a+b.jpg\",\"size\":5}}}]}"},
//!                      {"messageId": "2e1424d4", "body": "not JSON"}]}"#,
//! )?;
//! let mut failures = BatchFailures::new();
//! for message in batch.records() {
//!     let Ok(notification) = parse(message.body.as_bytes()) else {
//!         failures.add(message); // after some receives, the queue moves it to its dead-letter queue
//!         continue;
//!     };
//!     for event in notification.into_events() {
//!         let event = event?;
//!         assert!(matches!(event.kind, EventKind::Created(_)));
//!         assert_eq!((&*event.bucket, event.key.as_str()), ("article-images", "articles/a b.jpg"));
//!     }
//! }
//! assert_eq!(serde_json::to_string(&failures)?, r#"{"batchItemFailures":[{"itemIdentifier":"2e1424d4"}]}"#);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What an event is worth
//!
//! Every program that can write to the queue can write events, and S3 delivers each event at least once, in any order. An event therefore
//! proves nothing about an upload: it only says where to look. `confirm_object` looks at the object, and confirms it only if its
//! key or its metadata proves that the service granted it. It is idempotent, so duplicates need no storage;
//! [`DeliveryOrder`] saves the requests for most of them in a process that runs for long: `upsign serve` uses it, and the functions on
//! Lambda do not.
//!
//! # What is here
//!
//! | to | types |
//! | --- | --- |
//! | read a notification | [`parse`] → [`Notification`] → [`ObjectEvent`]; [`InvalidNotification`], [`InvalidRecord`] |
//! | tell events apart | [`EventKind`], [`Creation`], [`EventSource`] |
//! | read a key back | [`ObjectEvent::parse_key`] with the template of the route |
//! | order events of one key | [`Sequencer`], [`DeliveryOrder`] → [`Delivery`] |
//! | answer a batch of SQS messages in Lambda | [`SqsBatch`], [`SqsRecord`] → [`BatchFailures`]; [`InvalidBatch`] |
//!
//! # What this is not
//!
//! It receives nothing: a Lambda function, or the `Poller` of `upsign-sqs`, gets the messages. It does not verify the signature of
//! SNS messages, because a queue whose policy admits only the topic receives no others.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>,
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html>.

mod batch;
mod delivery;
mod error;
mod event;
mod event_bridge;
mod key;
mod notification;
mod record;
mod sequencer;

pub use batch::{BatchFailures, InvalidBatch, SqsBatch, SqsRecord};
pub use delivery::{Delivery, DeliveryOrder};
pub use error::{InvalidNotification, InvalidRecord, RecordProblem};
pub use event::{Creation, EventKind, EventSource, ObjectEvent};
pub use notification::{Notification, parse};
pub use sequencer::{InvalidSequencer, Sequencer};
#[doc(no_inline)]
pub use upsign::confirm::StoredObjectRef;
#[doc(no_inline)]
pub use upsign_core::{InvalidObjectKey, ObjectKey, Timestamp};
#[doc(no_inline)]
pub use upsign_json::InvalidJson;
#[doc(no_inline)]
pub use upsign_objects::{ETag, VersionId};
#[doc(no_inline)]
pub use upsign_policy::{KeyMismatch, KeyParts, KeyTemplate};
