//! The bucket, its policy, the notification queue, and the CloudFront distribution.

use upsign_policy::Encryption;

use super::super::InvalidDeployment;
use super::super::bucket::{CACHING_OPTIMIZED, METRICS_ID, UPLOADS_CSP};
use super::{Parts, block, body_of};
use crate::cors::CorsDocument;
use crate::deployment::{Deployment, DeploymentBucket, NotificationTarget, Reads};
use crate::iam::IamPolicy;
use crate::lifecycle::LifecycleDocument;
use crate::node::{Node, list, map, text};
use crate::notification::NotificationDocument;

/// Returns the name of a resource of the bucket at `index`. Only the second and later buckets have a number.
pub(super) fn named(name: &str, index: usize) -> String {
    if index == 0 { name.to_owned() } else { format!("{name}_{}", index + 1) }
}

pub(super) fn buckets(deployment: &Deployment) -> Result<Parts, InvalidDeployment> {
    let mut parts = Parts::new();
    for (index, bucket) in deployment.buckets().iter().enumerate() {
        bucket_resources(&mut parts, deployment, bucket, &named("uploads", index));
        documents(&mut parts, deployment, bucket, &named("uploads", index))?;
        if deployment.reads == Reads::CloudFront {
            distribution(&mut parts, bucket, &named("uploads", index));
        }
    }
    if deployment.notification_target == NotificationTarget::Queue {
        queue(&mut parts, deployment);
    }
    Ok(parts)
}

fn bucket_resources(parts: &mut Parts, deployment: &Deployment, bucket: &DeploymentBucket<'_>, name: &str) {
    let id = text(format!("${{aws_s3_bucket.{name}.id}}"));
    let mut add = |kind, members: Vec<(&str, Node)>| parts.push((kind, name.to_owned(), map(members)));
    add("aws_s3_bucket", vec![("bucket", text(bucket.bucket().as_str()))]);
    let closed =
        ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"];
    let closed = closed.map(|name| (name, true.into()));
    add("aws_s3_bucket_public_access_block", [("bucket", id.clone())].into_iter().chain(closed).collect());
    let owner = block([("object_ownership", text("BucketOwnerEnforced"))]);
    add("aws_s3_bucket_ownership_controls", vec![("bucket", id.clone()), ("rule", owner)]);
    if deployment.versioned {
        let enabled = block([("status", text("Enabled"))]);
        add("aws_s3_bucket_versioning", vec![("bucket", id.clone()), ("versioning_configuration", enabled)]);
    }
    let requested = bucket.policies().find_map(upsign_policy::UploadPolicy::encryption);
    let mut by_default = vec![("sse_algorithm", text(requested.map_or("AES256", Encryption::as_str)))];
    by_default.extend(
        requested.and_then(Encryption::customer_key).map(|key| ("kms_master_key_id", text(key.as_str()))),
    );
    let rule = block([("apply_server_side_encryption_by_default", block(by_default))]);
    add("aws_s3_bucket_server_side_encryption_configuration", vec![("bucket", id.clone()), ("rule", rule)]);
    add("aws_s3_bucket_metric", vec![("bucket", id), ("name", text(METRICS_ID))]);
}

fn documents(
    parts: &mut Parts,
    deployment: &Deployment,
    bucket: &DeploymentBucket<'_>,
    name: &str,
) -> Result<(), InvalidDeployment> {
    let id = format!("${{aws_s3_bucket.{name}.id}}");
    let mut add = |kind, body| parts.push((kind, name.to_owned(), body));
    let cors = CorsDocument::for_bucket(deployment, bucket)?;
    if !cors.rules().is_empty() {
        add("aws_s3_bucket_cors_configuration", body_of(cors.to_terraform_node(name, &id)));
    }
    let lifecycle = LifecycleDocument::for_bucket(deployment, bucket);
    add("aws_s3_bucket_lifecycle_configuration", body_of(lifecycle.to_terraform_node(name, &id)));
    let queue_arn = "${aws_sqs_queue.uploads.arn}";
    if let Some(notification) = NotificationDocument::for_bucket(deployment, bucket, queue_arn) {
        let mut body = body_of(notification.to_terraform_node(name, &id));
        if let (Node::Map(members), NotificationTarget::Queue) = (&mut body, deployment.notification_target) {
            // S3 sends a test message when the notification is configured, so the queue's policy must exist before.
            members.push(("depends_on".into(), list(["${aws_sqs_queue_policy.uploads}"])));
        }
        add("aws_s3_bucket_notification", body);
    }
    let reader = format!("${{aws_cloudfront_distribution.{name}.arn}}");
    let policy = IamPolicy::for_bucket(deployment, bucket, Some(&reader))?;
    if !policy.is_empty() {
        add("aws_s3_bucket_policy", body_of(policy.bucket_policy(name, &id)));
    }
    Ok(())
}

fn queue(parts: &mut Parts, deployment: &Deployment) {
    // 14 days, the maximum of SQS.
    let retention = Node::Number(1_209_600);
    let dead =
        map([("message_retention_seconds", retention.clone()), ("sqs_managed_sse_enabled", true.into())]);
    parts.push(("aws_sqs_queue", "dead_letters".into(), dead));
    let redrive = map([
        ("deadLetterTargetArn", text("${aws_sqs_queue.dead_letters.arn}")),
        ("maxReceiveCount", Node::Number(5)),
    ]);
    let body = map([
        ("visibility_timeout_seconds", Node::Number(180)),
        ("message_retention_seconds", retention),
        ("sqs_managed_sse_enabled", true.into()),
        ("redrive_policy", Node::Encoded(Box::new(redrive))),
    ]);
    parts.push(("aws_sqs_queue", "uploads".into(), body));
    let buckets = deployment.buckets();
    let statements = buckets.iter().flat_map(|bucket| {
        let arn = "${aws_sqs_queue.uploads.arn}";
        IamPolicy::for_queue(&bucket.arn(), deployment.account_in_arns(), arn).statements().to_vec()
    });
    let policy = IamPolicy::numbered(statements);
    let body = map([("queue_url", text("${aws_sqs_queue.uploads.id}")), ("policy", policy.encoded())]);
    parts.push(("aws_sqs_queue_policy", "uploads".into(), body));
}

fn distribution(parts: &mut Parts, bucket: &DeploymentBucket<'_>, name: &str) {
    let control = map([
        ("name", text(bucket.bucket().as_str())),
        ("origin_access_control_origin_type", text("s3")),
        ("signing_behavior", text("always")),
        ("signing_protocol", text("sigv4")),
    ]);
    parts.push(("aws_cloudfront_origin_access_control", name.into(), control));
    let security = block([
        ("content_type_options", block([("override", true.into())])),
        (
            "content_security_policy",
            block([("content_security_policy", text(UPLOADS_CSP)), ("override", true.into())]),
        ),
    ]);
    // The name of such a policy cannot contain a dot.
    let headers_name = bucket.bucket().as_str().replace('.', "-");
    let headers = map([("name", text(headers_name)), ("security_headers_config", security)]);
    parts.push(("aws_cloudfront_response_headers_policy", name.into(), headers));
    let origin = block([
        ("origin_id", text("uploads")),
        ("domain_name", text(format!("${{aws_s3_bucket.{name}.bucket_regional_domain_name}}"))),
        ("origin_access_control_id", text(format!("${{aws_cloudfront_origin_access_control.{name}.id}}"))),
    ]);
    let behavior = block([
        ("target_origin_id", text("uploads")),
        ("viewer_protocol_policy", text("redirect-to-https")),
        ("cache_policy_id", text(CACHING_OPTIMIZED)),
        (
            "response_headers_policy_id",
            text(format!("${{aws_cloudfront_response_headers_policy.{name}.id}}")),
        ),
        ("allowed_methods", list(["GET", "HEAD"])),
        ("cached_methods", list(["GET", "HEAD"])),
        ("compress", true.into()),
    ]);
    let everywhere = block([("restriction_type", text("none"))]);
    let body = map([
        ("enabled", true.into()),
        ("comment", text(format!("Uploads to {}", bucket.bucket()))),
        ("http_version", text("http2and3")),
        ("origin", origin),
        ("default_cache_behavior", behavior),
        ("restrictions", block([("geo_restriction", everywhere)])),
        ("viewer_certificate", block([("cloudfront_default_certificate", true.into())])),
    ]);
    parts.push(("aws_cloudfront_distribution", name.into(), body));
}
