//! From a system to its notifications.

use upsign_policy::UploadMethod;

use super::{NotificationDocument, QueueNotification};
use crate::{BucketUse, Effect, IamPolicy, IamPrincipal, IamStatement, Multipart, Notify, Operator, System};

impl NotificationDocument {
    /// What one bucket of a system tells: each object made by one of the routes' methods under one of their prefixes, to
    /// the queue of this ARN; or everything, to EventBridge. `None` where nobody is told.
    ///
    /// Prefixes do not overlap: S3 refuses two configurations of one event whose prefixes do.
    #[must_use]
    pub fn for_bucket(system: &System, bucket: &BucketUse<'_>, queue_arn: &str) -> Option<Self> {
        let queues = match system.notify {
            Notify::None => return None,
            Notify::EventBridge => return Some(Self { queues: Vec::new(), event_bridge: true }),
            Notify::Queue => bucket.prefixes().into_iter().enumerate(),
        };
        let events = events(system, bucket);
        let queues = queues.map(|(index, prefix)| QueueNotification {
            id: format!("upsign-{}", index + 1),
            queue: queue_arn.to_owned(),
            events: events.clone(),
            prefix,
        });
        Some(Self { queues: queues.collect(), event_bridge: false })
    }
}

fn events(system: &System, bucket: &BucketUse<'_>) -> Vec<String> {
    let put = bucket.signs(UploadMethod::Put).then_some("Put");
    let post = bucket.signs(UploadMethod::Post).then_some("Post");
    let parts = (system.multipart != Multipart::No).then_some("CompleteMultipartUpload");
    let names = [put, post, parts].into_iter().flatten();
    names.map(|name| format!("s3:ObjectCreated:{name}")).collect()
}

impl IamPolicy {
    /// The policy of the queue: S3 alone may send, for this bucket of this account alone. It has to be there before the
    /// bucket's notification: S3 tries the queue when the document is put.
    #[must_use]
    pub fn for_queue(bucket_arn: &str, account: &str, queue_arn: &str) -> Self {
        let statement = IamStatement::new("S3MaySend", Effect::Allow, ["sqs:SendMessage"], [queue_arn]);
        Self::new([statement
            .with_principal(IamPrincipal::Service("s3.amazonaws.com".into()))
            .when(Operator::ARN_LIKE, "aws:SourceArn", bucket_arn)
            .when(Operator::STRING_EQUALS, "aws:SourceAccount", account)])
    }
}
