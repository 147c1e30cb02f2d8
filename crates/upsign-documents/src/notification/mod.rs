//! The notification configuration of a bucket: derivation and file formats.

mod cloudformation;
mod derive;
mod json;
mod terraform;
mod xml;

/// The notification configuration of a bucket. Deploying one replaces the previous configuration completely.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventNotifications.html>.
///
/// ```
/// use upsign_documents::{Deployment, NotificationDocument};
/// # use upsign_core::{CorsOrigins, Target};
/// # use upsign_policy::{Bodyless, UploadPolicy};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
/// #     .content_types(["image/jpeg"])
/// #     .max_size(10 << 20)
/// #     .build()?;
/// # let origins = CorsOrigins::listed(["https://app.example.com".parse()?]);
/// // `policy` is the `UploadPolicy` that signs the uploads, `origins` are those of the pages that upload.
/// let deployment = Deployment::new([policy], origins);
/// let queue_arn = "arn:aws:sqs:ap-southeast-1:123456789012:uploads";
/// let document = NotificationDocument::for_bucket(&deployment, &deployment.buckets()[0], queue_arn);
/// let document = document.ok_or("the deployment has no notifications")?;
/// assert_eq!(document.queues[0].prefix, "articles/");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct NotificationDocument {
    /// The configurations that send to queues.
    pub queues: Vec<QueueNotification>,
    /// Whether S3 sends every event to EventBridge.
    pub event_bridge: bool,
}

/// A configuration that sends the events of one prefix to one queue.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueueNotification {
    /// The id, which must be unique in the document.
    pub id: String,
    /// The ARN of the queue.
    pub queue: String,
    /// The event types, as in `s3:ObjectCreated:Put`.
    pub events: Vec<String>,
    /// The prefix of the keys; empty for all keys. It is not URL-encoded here; the written documents encode it, as S3 requires.
    pub prefix: String,
}

/// The reason why a [`NotificationDocument`] was not read. Features that no derived document uses are refused too.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidNotificationDocument {
    /// The text is not JSON, or a member is unknown, missing or of the wrong type.
    #[error("not a notification document in JSON")]
    Json(#[source] serde_json::Error),
    /// The text is not XML or HCL, or an element is unknown, missing or of the wrong type. Holds the message of the parser.
    #[error("not a notification document: {0}")]
    Text(String),
    /// The template or the Terraform configuration contains no notification configuration. Holds the name that was expected.
    #[error("the file contains no {0}")]
    Absent(&'static str),
}
