//! The errors of reading notifications.

use upsign_core::InvalidObjectKey;
use upsign_json::InvalidJson;

/// The reason why a message is not a notification of S3.
///
/// Report the message as failed, so that the queue moves it to its dead-letter queue. Its text is not repeated here: anyone who
/// can upload has influence on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidNotification {
    /// The message is longer than 1 MiB, is no JSON object, or has more than 1,000 records.
    #[error("the message is {0}")]
    Json(InvalidJson),
    /// The message has neither `Records`, nor is it an event of EventBridge, a message of SNS or `s3:TestEvent`. Something else
    /// than S3 writes to the queue.
    #[error(
        "the message is JSON, but not a notification of S3, directly, through SNS or through EventBridge"
    )]
    Unknown,
    /// The message is one of SNS of another type, for example `SubscriptionConfirmation`. The named type is expected.
    #[error("the message is one of SNS, but its type is not `Notification`")]
    SnsType,
    /// The message of SNS contains another one of SNS.
    #[error("the message of SNS contains another message of SNS")]
    Nested,
    /// The source of an event of EventBridge is not `aws.s3`. Correct the pattern of the rule.
    #[error("the event of EventBridge is not one of S3: its source is not `aws.s3`")]
    Source,
}

/// The reason why one record of a notification is not an event. The other records are not affected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("record {index} of the notification is invalid: {problem}")]
#[non_exhaustive]
pub struct InvalidRecord {
    /// The position of the record in the message, from 0.
    pub index: usize,
    /// What is wrong.
    pub problem: RecordProblem,
}

impl InvalidRecord {
    /// Returns whether the object has a key that this service cannot have granted. The record needs no further attention: ignore
    /// it, and do not report the message as failed.
    #[must_use]
    pub const fn is_foreign(&self) -> bool {
        matches!(self.problem, RecordProblem::Key(_))
    }
}

/// What is wrong with a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordProblem {
    /// A member is absent or has another form than S3 documents.
    #[error("`{0}` is absent or has another form than S3 documents")]
    Member(&'static str),
    /// The event is one of another service than S3.
    #[error("`eventSource` is not `aws:s3`")]
    Source,
    /// The major version of the event is unknown. S3 increments it if it changes the meaning of members.
    #[error("the major version of the event is unknown")]
    Version,
    /// The key is not percent-encoded UTF-8.
    #[error("the key is not percent-encoded UTF-8")]
    Encoding,
    /// The key is one that S3 accepts, but that is never granted. See [`InvalidRecord::is_foreign`].
    #[error("no upload has this key: {0}")]
    Key(InvalidObjectKey),
}
