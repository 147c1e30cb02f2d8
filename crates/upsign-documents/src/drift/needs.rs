//! What fails without a permission, by the action and by what the derived policy permits it for.

use super::Affected;
use super::policy::{Entry, each};
use crate::iam::{Effect, IamPolicy};

/// Statements of derived roles with which the service confirms and deletes uploads: the beginning of their ids, and what fails.
const AFTER_UPLOAD: [(&str, &str); 5] = [
    ("PromoteUploads", "uploads cannot be confirmed, because S3 refuses to copy them to their final keys"),
    (
        "DiscardObjects",
        "confirmed uploads stay at their first key too, until the lifecycle rule deletes them",
    ),
    ("ReadPendingTags", "uploads with tags cannot be confirmed, because S3 refuses to copy them"),
    ("TagInspected", "uploads cannot be confirmed, because their tag cannot be set"),
    ("DeleteUploads", "callers cannot delete their uploads"),
];

/// Returns what fails without this permission, and with which consequence.
pub(super) fn without(
    policy: &IamPolicy,
    entry: &Entry<'_>,
    is_resource_policy: bool,
) -> (Affected, &'static str) {
    let known = AFTER_UPLOAD.iter().find(|(sid, _)| !is_resource_policy && entry.name.starts_with(sid));
    if let Some((_, consequence)) = known {
        return (Affected::Confirmation, consequence);
    }
    let action = entry.action();
    let consequence = match action {
        "sqs:SendMessage" if !is_resource_policy => {
            "webhooks cannot be sent, so uploads are not confirmed either"
        }
        _ => consequence(action, is_resource_policy),
    };
    (affected(policy, action, is_resource_policy), consequence)
}

/// Returns what fails without the permission for `action`.
pub(super) fn affected(policy: &IamPolicy, action: &str, is_resource_policy: bool) -> Affected {
    let allows =
        |action: &str| each(policy, Effect::Allow).any(|it| it.action().eq_ignore_ascii_case(action));
    match action {
        "s3:GetObject" | "s3:GetObjectVersion" if is_resource_policy => Affected::Reads,
        // The service looks at objects that were uploaded in parts.
        "s3:GetObject" | "s3:ListBucket" | "kms:Decrypt" if allows("s3:AbortMultipartUpload") => {
            Affected::Uploads
        }
        "s3:ListBucket" => Affected::Confirmation,
        // Without multipart uploads, only a deployment that confirms uploads may list the bucket.
        "s3:GetObject" | "s3:GetObjectVersion" | "kms:Decrypt" if allows("s3:ListBucket") => {
            Affected::Confirmation
        }
        "s3:GetObject" | "s3:GetObjectVersion" | "kms:Decrypt" => Affected::Reads,
        "sqs:SendMessage" if !is_resource_policy => Affected::Confirmation,
        action if action.starts_with("sqs:") => Affected::Processing,
        _ => Affected::Uploads,
    }
}

/// Returns what fails without the permission for `action`.
pub(super) fn consequence(action: &str, is_resource_policy: bool) -> &'static str {
    match action {
        "s3:GetObject" if is_resource_policy => {
            "the principal that reads the uploads, such as CloudFront, gets 403"
        }
        "s3:PutObject" => "every upload that this role signs fails with 403",
        "s3:PutObjectTagging" => "uploads with tags fail with 403",
        "s3:PutObjectAcl" => "uploads with an ACL fail with 403",
        "s3:AbortMultipartUpload" | "s3:ListMultipartUploadParts" => {
            "multipart uploads can be neither resumed nor aborted"
        }
        "s3:GetObject" | "s3:GetObjectVersion" => {
            "confirmations and reads fail with 403, and so do looks at objects that were uploaded in parts"
        }
        "s3:ListBucket" => "S3 answers 403 instead of 404 for an absent object",
        "s3:*" => "every request to the bucket fails",
        "kms:GenerateDataKey" => "every upload with this KMS key fails with 403",
        "kms:Decrypt" => "multipart uploads cannot be completed, and objects cannot be read",
        "sqs:SendMessage" => "S3 rejects the notification configuration, or sends no notifications",
        "sqs:ReceiveMessage" | "sqs:DeleteMessage" | "sqs:GetQueueAttributes" => {
            "the messages of the queue are not processed"
        }
        "sts:AssumeRole" => "the service obtains no credentials for signing",
        _ => "the service fails when it calls this action",
    }
}
