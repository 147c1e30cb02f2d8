//! Derives notification configurations, and the queue policy that they need.

use upsign_policy::{UploadMethod, UploadPolicy};

use super::{NotificationDocument, QueueNotification};
use crate::deployment::{Deployment, DeploymentBucket, NotificationTarget};
use crate::iam::{Effect, IamOperator, IamPolicy, IamPrincipal, IamStatement};

/// Every deletion by a lifecycle rule:
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html>.
const EXPIRED: &str = "s3:LifecycleExpiration:*";

impl NotificationDocument {
    /// Derives the configuration for one bucket of a deployment, or `None` for [`NotificationTarget::None`].
    ///
    /// For [`NotificationTarget::Queue`], S3 notifies the queue with the ARN `queue_arn` of objects that are created under the
    /// prefixes to which clients upload, by the routes' upload methods, `CompleteMultipartUpload` included if a route uploads in
    /// parts. It also notifies of pending objects that the lifecycle rule removes, because nobody has confirmed them. For
    /// [`NotificationTarget::EventBridge`], S3 sends every event of the bucket, and `queue_arn` is ignored.
    ///
    /// No prefix contains another one, because S3 refuses overlapping prefixes for the same event type.
    #[must_use]
    pub fn for_bucket(
        deployment: &Deployment,
        bucket: &DeploymentBucket<'_>,
        queue_arn: &str,
    ) -> Option<Self> {
        let queues = match deployment.notification_target {
            // S3 sends none for a directory bucket:
            // <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketNotificationConfiguration.html>.
            _ if bucket.is_directory() => return None,
            NotificationTarget::None => return None,
            NotificationTarget::EventBridge => return Some(Self { queues: Vec::new(), event_bridge: true }),
            NotificationTarget::Queue => bucket.uploaded_prefixes().into_iter().enumerate(),
        };
        let created = events(deployment, bucket);
        let pending: Vec<String> = bucket.policies().flat_map(UploadPolicy::pending_prefixes).collect();
        let queues = queues.map(|(index, prefix)| {
            let expires = pending.iter().any(|folder| folder.starts_with(&prefix));
            QueueNotification {
                id: format!("upsign-{}", index + 1),
                queue: queue_arn.to_owned(),
                events: created.iter().cloned().chain(expires.then(|| EXPIRED.to_owned())).collect(),
                prefix,
            }
        });
        Some(Self { queues: queues.collect(), event_bridge: false })
    }
}

fn events(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Vec<String> {
    let put = bucket.has_put().then_some("Put");
    let post = bucket.signs(UploadMethod::Post).then_some("Post");
    let parts = bucket.has_parts(deployment).then_some("CompleteMultipartUpload");
    let names = [put, post, parts].into_iter().flatten();
    names.map(|name| format!("s3:ObjectCreated:{name}")).collect()
}

impl IamPolicy {
    /// Derives the policy of the notification queue: only S3 may send messages, and only for this bucket of this account.
    ///
    /// Deploy it before the bucket's notification configuration, because S3 sends a test message to the queue when it receives
    /// that configuration, and rejects it if the message fails.
    #[must_use]
    pub fn for_queue(bucket_arn: &str, account: &str, queue_arn: &str) -> Self {
        let statement = IamStatement::new("S3MaySend", Effect::Allow, ["sqs:SendMessage"], [queue_arn]);
        Self::new([statement
            .with_principal(IamPrincipal::Service("s3.amazonaws.com".into()))
            .when(IamOperator::ARN_LIKE, "aws:SourceArn", bucket_arn)
            .when(IamOperator::STRING_EQUALS, "aws:SourceAccount", account)])
    }
}
