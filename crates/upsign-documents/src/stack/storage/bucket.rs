//! A bucket with its settings and documents.

use super::super::cloudformation::{Template, retained};
use super::super::reference::{Id, Kind};
use super::super::terraform::{Module, arguments, block, expression};
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
    /// Whether S3 accepts uploads at the endpoint of Transfer Acceleration. Without this setting, it answers them with 400.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html>.
    accelerated: bool,
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
            accelerated: bucket.is_accelerated(),
            cors: (!cors.rules().is_empty()).then_some(cors),
            lifecycle: LifecycleDocument::for_bucket(deployment, bucket),
            notification: NotificationDocument::for_bucket(deployment, bucket, &queue),
            notifies_queue: deployment.notification_target == NotificationTarget::Queue,
        })
    }
}

impl Bucket {
    /// Returns the public access block, which both forms have.
    fn public_access_block(&self) -> [(&'static str, Node); 4] {
        let acls = self.public_access_block.acls;
        [
            ("BlockPublicAcls", acls.into()),
            ("BlockPublicPolicy", true.into()),
            ("IgnorePublicAcls", acls.into()),
            ("RestrictPublicBuckets", true.into()),
        ]
    }

    /// Returns the default encryption, which both forms have.
    fn encryption(&self) -> Vec<(&'static str, Node)> {
        let key = self.encryption.key.as_ref().map(|key| ("KMSMasterKeyID", text(key)));
        [("SSEAlgorithm", text(self.encryption.algorithm))].into_iter().chain(key).collect()
    }

    fn ownership(&self) -> Node {
        text(self.ownership.as_str())
    }
}

impl Resource for Bucket {
    fn cloudformation(&self, template: &mut Template) {
        let mut rule = vec![("ServerSideEncryptionByDefault", map(self.encryption()))];
        rule.extend(self.encryption.bucket_key.then(|| ("BucketKeyEnabled", true.into())));
        let mut properties = vec![("BucketName", text(&self.name))];
        properties.extend(self.is_account_regional.then(|| ("BucketNamespace", text(ACCOUNT_REGIONAL))));
        properties.extend([
            ("PublicAccessBlockConfiguration", map(self.public_access_block())),
            ("OwnershipControls", map([("Rules", list([map([("ObjectOwnership", self.ownership())])]))])),
            ("BucketEncryption", map([("ServerSideEncryptionConfiguration", list([map(rule)]))])),
        ]);
        let versioning = map([("Status", text("Enabled"))]);
        properties.extend(self.versioned.then_some(("VersioningConfiguration", versioning)));
        let acceleration = map([("AccelerationStatus", text("Enabled"))]);
        properties.extend(self.accelerated.then_some(("AccelerateConfiguration", acceleration)));
        properties.extend(self.cors.as_ref().map(|it| ("CorsConfiguration", it.to_cloudformation_node())));
        properties.push(("LifecycleConfiguration", self.lifecycle.to_cloudformation_node()));
        let notification = self.notification.as_ref();
        properties.extend(notification.map(|it| ("NotificationConfiguration", it.to_cloudformation_node())));
        properties.push(("MetricsConfigurations", list([map([("Id", text(METRICS_ID))])])));
        let order = self.notifies_queue.then(|| ("DependsOn", text(Kind::QueuePolicy.id().logical())));
        let attributes = order.into_iter().chain(retained());
        template.resource_with(self.id, attributes, properties);
    }

    fn terraform(&self, module: &mut Module) {
        let mut bucket = vec![("bucket", text(&self.name))];
        if self.is_account_regional {
            bucket.push(("bucket_namespace", text(ACCOUNT_REGIONAL)));
            // <https://github.com/hashicorp/terraform-provider-aws/pull/46917>
            module.require_provider(6, 37);
        }
        module.resource(self.id, bucket);
        let id = || Node::from(self.id.reference());
        let mut part = |kind: &str, body: Vec<(String, Node)>| {
            let bucket = [("bucket".to_owned(), id())];
            module.part(self.id, kind, bucket.into_iter().chain(body));
        };
        part("aws_s3_bucket_public_access_block", arguments(self.public_access_block()).collect());
        let ownership = block([("object_ownership", self.ownership())]);
        part("aws_s3_bucket_ownership_controls", vec![("rule".into(), ownership)]);
        if self.versioned {
            let enabled = block([("status", text("Enabled"))]);
            part("aws_s3_bucket_versioning", vec![("versioning_configuration".into(), enabled)]);
        }
        if self.accelerated {
            part("aws_s3_bucket_accelerate_configuration", vec![("status".into(), text("Enabled"))]);
        }
        let mut rule = vec![("apply_server_side_encryption_by_default", block(arguments(self.encryption())))];
        rule.extend(self.encryption.bucket_key.then(|| ("bucket_key_enabled", true.into())));
        let rule = vec![("rule".into(), block(rule))];
        part("aws_s3_bucket_server_side_encryption_configuration", rule);
        part("aws_s3_bucket_metric", vec![("name".into(), text(METRICS_ID))]);
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
