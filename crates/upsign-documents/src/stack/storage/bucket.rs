//! A bucket with its settings and documents.

use super::super::cloudformation::Template;
use super::super::reference::{Id, Kind};
use super::super::terraform::{Module, block, expression};
use super::super::{InvalidDeployment, Resource};
use super::METRICS_ID;
use super::settings::{DefaultEncryption, Ownership, PublicAccessBlock};
use crate::cors::CorsDocument;
use crate::deployment::{Deployment, DeploymentBucket, NotificationTarget};
use crate::lifecycle::LifecycleDocument;
use crate::node::{Node, list, map, text};
use crate::notification::NotificationDocument;

/// The namespace of the account in both forms. S3 refuses to create a bucket with such a name unless the request says so.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html>.
const ACCOUNT_REGIONAL: &str = "account-regional";

#[derive(Debug)]
pub(super) struct Bucket {
    id: Id,
    name: String,
    /// Whether the name is in the namespace of the account, where no other account can create buckets.
    is_account_regional: bool,
    ownership: Ownership,
    public_access_block: PublicAccessBlock,
    encryption: DefaultEncryption,
    versioned: bool,
    /// `None` without origins.
    cors: Option<CorsDocument>,
    lifecycle: LifecycleDocument,
    notification: Option<NotificationDocument>,
    /// Whether S3 notifies a queue. S3 sends a test message when the notification is configured, so the policy of the queue
    /// must exist before. That policy names the bucket by its fixed name instead of a reference, which would make the two
    /// depend on each other.
    notifies_queue: bool,
}

impl Bucket {
    pub(super) fn new(
        deployment: &Deployment,
        bucket: &DeploymentBucket<'_>,
        index: usize,
    ) -> Result<Self, InvalidDeployment> {
        let cors = CorsDocument::for_bucket(deployment, bucket)?;
        let queue = Kind::Queue.id().arn().to_string();
        Ok(Self {
            id: Kind::Bucket.nth(index),
            name: bucket.bucket().to_string(),
            is_account_regional: deployment.account_regional_buckets,
            ownership: Ownership::of(bucket),
            public_access_block: PublicAccessBlock::of(bucket),
            encryption: DefaultEncryption::of(bucket),
            versioned: deployment.versioned,
            cors: (!cors.rules().is_empty()).then_some(cors),
            lifecycle: LifecycleDocument::for_bucket(deployment, bucket),
            notification: NotificationDocument::for_bucket(deployment, bucket, &queue),
            notifies_queue: deployment.notification_target == NotificationTarget::Queue,
        })
    }
}

impl Resource for Bucket {
    fn cloudformation(&self, template: &mut Template) {
        let blocked = [
            ("BlockPublicAcls", self.public_access_block.acls),
            ("BlockPublicPolicy", true),
            ("IgnorePublicAcls", self.public_access_block.acls),
            ("RestrictPublicBuckets", true),
        ];
        let ownership = map([("ObjectOwnership", text(self.ownership.as_str()))]);
        let mut encryption = vec![("SSEAlgorithm", text(self.encryption.algorithm))];
        encryption.extend(self.encryption.key.as_ref().map(|key| ("KMSMasterKeyID", text(key))));
        let mut rule = vec![("ServerSideEncryptionByDefault", map(encryption))];
        if self.encryption.bucket_key {
            rule.push(("BucketKeyEnabled", true.into()));
        }
        let mut properties = vec![("BucketName", text(&self.name))];
        if self.is_account_regional {
            properties.push(("BucketNamespace", text(ACCOUNT_REGIONAL)));
        }
        properties.extend([
            (
                "PublicAccessBlockConfiguration",
                map(blocked.map(|(name, blocked)| (name, Node::from(blocked)))),
            ),
            ("OwnershipControls", map([("Rules", list([ownership]))])),
            ("BucketEncryption", map([("ServerSideEncryptionConfiguration", list([map(rule)]))])),
        ]);
        if self.versioned {
            properties.push(("VersioningConfiguration", map([("Status", text("Enabled"))])));
        }
        properties.extend(self.cors.as_ref().map(|it| ("CorsConfiguration", it.to_cloudformation_node())));
        properties.push(("LifecycleConfiguration", self.lifecycle.to_cloudformation_node()));
        let notification = self.notification.as_ref();
        properties.extend(notification.map(|it| ("NotificationConfiguration", it.to_cloudformation_node())));
        properties.push(("MetricsConfigurations", list([map([("Id", text(METRICS_ID))])])));
        let mut attributes =
            vec![("DeletionPolicy", text("Retain")), ("UpdateReplacePolicy", text("Retain"))];
        if self.notifies_queue {
            attributes.insert(0, ("DependsOn", text(Kind::QueuePolicy.id().logical())));
        }
        template.resource_with(self.id, "AWS::S3::Bucket", attributes, properties);
    }

    fn terraform(&self, module: &mut Module) {
        let id = || Node::from(self.id.reference());
        let mut bucket = vec![("bucket", text(&self.name))];
        if self.is_account_regional {
            bucket.push(("bucket_namespace", text(ACCOUNT_REGIONAL)));
            // <https://github.com/hashicorp/terraform-provider-aws/pull/46917>
            module.require_provider(6, 37);
        }
        module.resource(self.id, bucket);
        module.part(
            self.id,
            "aws_s3_bucket_public_access_block",
            [
                ("bucket", id()),
                ("block_public_acls", self.public_access_block.acls.into()),
                ("block_public_policy", true.into()),
                ("ignore_public_acls", self.public_access_block.acls.into()),
                ("restrict_public_buckets", true.into()),
            ],
        );
        let ownership = block([("object_ownership", text(self.ownership.as_str()))]);
        module.part(self.id, "aws_s3_bucket_ownership_controls", [("bucket", id()), ("rule", ownership)]);
        if self.versioned {
            let enabled = block([("status", text("Enabled"))]);
            module.part(
                self.id,
                "aws_s3_bucket_versioning",
                [("bucket", id()), ("versioning_configuration", enabled)],
            );
        }
        let mut encryption = vec![("sse_algorithm", text(self.encryption.algorithm))];
        encryption.extend(self.encryption.key.as_ref().map(|key| ("kms_master_key_id", text(key))));
        let mut rule = vec![("apply_server_side_encryption_by_default", block(encryption))];
        if self.encryption.bucket_key {
            rule.push(("bucket_key_enabled", true.into()));
        }
        module.part(
            self.id,
            "aws_s3_bucket_server_side_encryption_configuration",
            [("bucket", id()), ("rule", block(rule))],
        );
        module.part(self.id, "aws_s3_bucket_metric", [("bucket", id()), ("name", text(METRICS_ID))]);
        if let Some(cors) = &self.cors {
            module.part(self.id, "aws_s3_bucket_cors_configuration", cors.terraform_body(id()));
        }
        let mut lifecycle = self.lifecycle.terraform_body(id());
        if self.versioned {
            // Rules for noncurrent versions need a versioned bucket.
            let versioning = format!("aws_s3_bucket_versioning.{}", self.id.terraform_name());
            lifecycle.push(("depends_on", list([expression(versioning)])));
        }
        module.part(self.id, "aws_s3_bucket_lifecycle_configuration", lifecycle);
        if let Some(notification) = &self.notification {
            let mut body = notification.terraform_body(id());
            if self.notifies_queue {
                let policy = Kind::QueuePolicy.id();
                let policy = format!("{}.{}", policy.terraform_type(), policy.terraform_name());
                body.push(("depends_on", list([expression(policy)])));
            }
            module.part(self.id, "aws_s3_bucket_notification", body);
        }
    }
}
