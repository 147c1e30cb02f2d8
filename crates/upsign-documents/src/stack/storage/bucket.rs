//! A bucket with its settings and documents: one resource in CloudFormation, one for each setting in Terraform.

use super::super::cloudformation::retained;
use super::super::declared::{Declared, Part};
use super::super::reference::Kind;
use super::super::terraform::expression;
use super::super::{InvalidDeployment, Resource};
use super::METRICS_ID;
use super::region::precondition;
use super::settings;
use crate::cors::CorsDocument;
use crate::deployment::{Deployment, DeploymentBucket, NotificationTarget};
use crate::lifecycle::LifecycleDocument;
use crate::node::{Node, list, map, text};
use crate::notification::NotificationDocument;

/// The namespace of the account in both forms. S3 refuses to create a bucket with such a name unless the request says so.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/gpbucketnamespaces.html>.
const ACCOUNT_REGIONAL: &str = "account-regional";

/// The first version of the Terraform provider whose buckets have a namespace.
///
/// Source: <https://github.com/hashicorp/terraform-provider-aws/pull/46917>.
const NAMESPACE_PROVIDER: (u32, u32) = (6, 37);

/// Returns the bucket at `index`.
pub(super) fn resources(
    deployment: &Deployment,
    bucket: &DeploymentBucket<'_>,
    index: usize,
) -> Result<Vec<Box<dyn Resource>>, InvalidDeployment> {
    let id = Kind::Bucket.nth(index);
    let own = || Node::from(id.reference());
    let name = bucket.bucket().as_str();
    // S3 sends a test message when the notification is configured, so the policy of the queue must exist before. That policy
    // names the bucket by its fixed name instead of a reference, which would make the two depend on each other.
    let queue_policy = Kind::QueuePolicy.id();
    let notifies_queue = deployment.notification_target == NotificationTarget::Queue;
    let mut declared = Declared::new(id)
        .with_attributes(notifies_queue.then(|| ("DependsOn", text(queue_policy.logical()))))
        .with_attributes(retained())
        .in_cloudformation("BucketName", name)
        .in_terraform("bucket", name);
    if deployment.account_regional_buckets {
        declared = declared.with("BucketNamespace", ACCOUNT_REGIONAL).requires_provider(NAMESPACE_PROVIDER);
    }
    if settings::has_object_lock(bucket) {
        declared = declared.with("ObjectLockEnabled", true);
    }
    declared = declared.in_terraform("lifecycle", precondition(bucket.target().region()));
    let mut parts = Vec::new();
    for (property, kind, members) in settings::of(deployment, bucket) {
        declared = declared.in_cloudformation(property, map(members.clone()));
        // One setting has the name of its property in Terraform too.
        let members = if property == settings::VERSIONING { vec![(property, map(members))] } else { members };
        parts.push((kind, [("bucket", own())].into_iter().chain(members).collect()));
    }
    let cors = CorsDocument::for_bucket(deployment, bucket)?;
    if !cors.rules().is_empty() {
        declared = declared.in_cloudformation("CorsConfiguration", cors.to_cloudformation_node());
        parts.push(("aws_s3_bucket_cors_configuration", cors.terraform_body(own())));
    }
    let lifecycle = LifecycleDocument::for_bucket(deployment, bucket);
    declared = declared.in_cloudformation("LifecycleConfiguration", lifecycle.to_cloudformation_node());
    let mut body = lifecycle.terraform_body(own());
    // Rules for noncurrent versions need a versioned bucket.
    let versioning = format!("aws_s3_bucket_versioning.{}", id.terraform_name());
    body.extend(deployment.versioned.then(|| ("depends_on", list([expression(versioning)]))));
    parts.push(("aws_s3_bucket_lifecycle_configuration", body));
    let queue = Kind::Queue.id().arn().to_string();
    if let Some(notification) = NotificationDocument::for_bucket(deployment, bucket, &queue) {
        let configuration = notification.to_cloudformation_node();
        declared = declared.in_cloudformation("NotificationConfiguration", configuration);
        let mut body = notification.terraform_body(own());
        body.extend(notifies_queue.then(|| ("depends_on", list([expression(queue_policy.address())]))));
        parts.push(("aws_s3_bucket_notification", body));
    }
    declared = declared.in_cloudformation("MetricsConfigurations", list([map([("Id", text(METRICS_ID))])]));
    parts.push(("aws_s3_bucket_metric", vec![("bucket", own()), ("name", text(METRICS_ID))]));
    let mut resources: Vec<Box<dyn Resource>> = vec![Box::new(declared)];
    for (kind, body) in parts {
        resources.push(Box::new(Part { of: id, kind, body }));
    }
    Ok(resources)
}
