//! From a deployment to its notifications.

use upsign_policy::UploadMethod;

use super::{NotificationDocument, QueueNotification};
use crate::{
    Deployment, DeploymentBucket, Effect, IamOperator, IamPolicy, IamPrincipal, IamStatement, Multipart,
    NotificationTarget,
};

impl NotificationDocument {
    /// What one bucket of a deployment tells: each object made by one of the routes' methods under one of their prefixes, to
    /// the queue of this ARN; or everything, to EventBridge. `None` where nobody is told.
    ///
    /// Prefixes do not overlap: S3 refuses two configurations of one event whose prefixes do.
    #[must_use]
    pub fn for_bucket(
        deployment: &Deployment,
        bucket: &DeploymentBucket<'_>,
        queue_arn: &str,
    ) -> Option<Self> {
        let queues = match deployment.notify {
            NotificationTarget::None => return None,
            NotificationTarget::EventBridge => return Some(Self { queues: Vec::new(), event_bridge: true }),
            NotificationTarget::Queue => bucket.prefixes().into_iter().enumerate(),
        };
        let events = events(deployment, bucket);
        let queues = queues.map(|(index, prefix)| QueueNotification {
            id: format!("upsign-{}", index + 1),
            queue: queue_arn.to_owned(),
            events: events.clone(),
            prefix,
        });
        Some(Self { queues: queues.collect(), event_bridge: false })
    }
}

fn events(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Vec<String> {
    let put = bucket.signs(UploadMethod::Put).then_some("Put");
    let post = bucket.signs(UploadMethod::Post).then_some("Post");
    let parts = (deployment.multipart != Multipart::None).then_some("CompleteMultipartUpload");
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
            .when(IamOperator::ARN_LIKE, "aws:SourceArn", bucket_arn)
            .when(IamOperator::STRING_EQUALS, "aws:SourceAccount", account)])
    }
}
