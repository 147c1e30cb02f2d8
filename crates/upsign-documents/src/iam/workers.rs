//! Derives the policies of the functions that take messages from queues.

use upsign_policy::UploadPolicy;

use super::derive::{become_signer, count_uploads, list_bucket, send_webhooks};
use super::kms::kms_statements;
use super::{Effect, IamPolicy, IamStatement, confirmation, token_secrets};
use crate::deployment::{Deployment, DeploymentBucket, distinct, is_confirmed_by_events};

impl IamPolicy {
    /// Derives the permissions of the function that confirms uploads when the queue with the ARN `queue_arn` receives their
    /// notifications:
    ///
    /// - `sqs:ReceiveMessage`, `sqs:DeleteMessage` and `sqs:GetQueueAttributes` on the queue, with which Lambda takes messages,
    /// - on the keys of every route whose uploads are confirmed `s3:GetObject`, with `s3:GetObjectVersion` if the bucket is
    ///   versioned, and `s3:ListBucket`, without which S3 answers 403 instead of 404 for an absent object,
    /// - to confirm uploads that an event proves (`claim`, `{id:sealed}`) what
    ///   [`for_deployment`](IamPolicy::for_deployment) lists for `pending_key` and `gate = "tag"`; callers delete nothing by it,
    /// - `kms:Decrypt` for each customer managed KMS key of such a route, and `kms:GenerateDataKey` if objects are copied,
    /// - the table of the quota, the queue of webhooks, and the secrets of upload tokens.
    ///
    /// If another role signs, the permission to assume it takes the place of those on objects and keys.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html>.
    #[must_use]
    pub fn for_consumer(deployment: &Deployment, queue_arn: &str) -> Self {
        let deployment = &deployment.on_aws();
        let mut statements = vec![take_messages(queue_arn)];
        match &deployment.signing_role {
            Some(role) => statements.push(become_signer(role)),
            None => {
                let buckets = deployment.buckets();
                let buckets = buckets.iter().filter(|bucket| !bucket.is_directory());
                statements.extend(buckets.flat_map(|bucket| confirm_objects(deployment, bucket)));
            }
        }
        statements.extend(count_uploads(deployment));
        statements.extend(send_webhooks(deployment));
        statements.extend(token_secrets::statement(deployment));
        Self::numbered(statements)
    }

    /// Derives the permissions of the function that delivers webhooks from the queue with the ARN `queue_arn`: to take its
    /// messages, and to read the secrets that sign them.
    #[must_use]
    pub fn for_deliverer(deployment: &Deployment, queue_arn: &str) -> Self {
        let secrets = token_secrets::read("ReadWebhookSecrets", &deployment.workers.webhook_secrets);
        Self::new([take_messages(queue_arn)].into_iter().chain(secrets))
    }
}

fn take_messages(queue_arn: &str) -> IamStatement {
    let actions = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
    IamStatement::new("TakeMessages", Effect::Allow, actions, [queue_arn])
}

/// Returns the statements for the objects of one bucket. An object that proves nothing is looked at and left alone.
fn confirm_objects(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Vec<IamStatement> {
    let seen: Vec<&UploadPolicy> =
        bucket.policies().filter(|policy| policy.confirmation().confirm()).collect();
    if seen.is_empty() {
        return Vec::new();
    }
    let confirmed: Vec<&UploadPolicy> =
        seen.iter().copied().filter(|policy| is_confirmed_by_events(policy)).collect();
    let mut statements = confirmation::confirm_uploads(&confirmed, deployment.versioned);
    let read = distinct(seen.iter().flat_map(|policy| confirmation::arns(policy)));
    let actions = confirmation::get_object(deployment.versioned);
    statements.push(IamStatement::new("ReadUploads", Effect::Allow, actions, read));
    statements.push(list_bucket(bucket.target()));
    let copies =
        |policy: &&UploadPolicy| is_confirmed_by_events(policy) && policy.pending_template().is_some();
    let actions = |routes: &[&UploadPolicy]| -> &'static [&'static str] {
        if routes.iter().any(copies) { &["kms:GenerateDataKey", "kms:Decrypt"] } else { &["kms:Decrypt"] }
    };
    statements.extend(kms_statements(&seen, actions, deployment.account_in_arns()));
    statements
}
