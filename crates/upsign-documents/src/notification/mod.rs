//! Who learns of new objects.

mod derive;
mod json;

/// A bucket's notification document. Putting one replaces the whole of the one before.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html>.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotificationDocument {
    /// What goes to queues.
    pub queues: Vec<QueueNotification>,
    /// Whether every event goes to EventBridge.
    pub event_bridge: bool,
}

/// Events of one prefix to one queue.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueNotification {
    /// The id, unique in the document.
    pub id: String,
    /// The ARN of the queue.
    pub queue: String,
    /// Which events, as in `s3:ObjectCreated:Put`.
    pub events: Vec<String>,
    /// What keys begin with; empty for all. Not encoded: S3 wants it encoded as in a form, and so it is written.
    pub prefix: String,
}

/// Why a text is no [`NotificationDocument`] of the kind that is written here.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidNotification {
    /// Not JSON of the right shape.
    #[error("not a notification document in JSON")]
    Json(#[source] serde_json::Error),
    /// Not XML or HCL of the right shape.
    #[error("not a notification document: {0}")]
    Text(String),
    /// A template or a module without it.
    #[error("there is no {0} in it")]
    Absent(&'static str),
}
