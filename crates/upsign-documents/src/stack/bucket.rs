//! The bucket, its policy, the notification queue, and the CloudFront distribution.

use upsign_policy::{Encryption, UploadPolicy};

use super::{InvalidDeployment, Resources, attribute, policy, refer, resource, sub, with_references};
use crate::cors::CorsDocument;
use crate::deployment::{Deployment, DeploymentBucket, NotificationTarget, Reads};
use crate::iam::IamPolicy;
use crate::lifecycle::LifecycleDocument;
use crate::node::{Node, list, map, text};
use crate::notification::NotificationDocument;

/// The id of the metrics configuration of each bucket. S3 publishes request metrics only for buckets that have one.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/configure-request-metrics-bucket.html>.
pub(super) const METRICS_ID: &str = "upsign-uploads";

/// Returns the logical id of a resource of the bucket at `index`. Only the second and later buckets have a number.
pub(super) fn named(name: &str, index: usize) -> String {
    if index == 0 { name.to_owned() } else { format!("{name}{}", index + 1) }
}

pub(super) fn buckets(deployment: &Deployment) -> Result<Resources, InvalidDeployment> {
    let mut resources = Resources::new();
    for (index, bucket) in deployment.buckets().iter().enumerate() {
        resources.push((named("UploadsBucket", index), bucket_resource(deployment, bucket)?));
        resources.extend(bucket_policy(deployment, bucket, index)?);
        if deployment.reads == Reads::CloudFront {
            resources.extend(distribution(bucket, index));
        }
    }
    if deployment.notification_target == NotificationTarget::Queue {
        resources.extend(queue(deployment));
    }
    Ok(resources)
}

/// Returns only the resources that reading through CloudFront requires.
pub(super) fn reading(deployment: &Deployment) -> Result<Resources, InvalidDeployment> {
    let deployment = &deployment.clone().with_guards([]);
    let mut resources = Resources::new();
    for (index, bucket) in deployment.buckets().iter().enumerate() {
        resources.extend(bucket_policy(deployment, bucket, index)?);
        resources.extend(distribution(bucket, index));
    }
    Ok(resources)
}

fn bucket_policy(
    deployment: &Deployment,
    bucket: &DeploymentBucket<'_>,
    index: usize,
) -> Result<Option<(String, Node)>, InvalidDeployment> {
    let name = named("Distribution", index);
    let arn = format!("arn:${{AWS::Partition}}:cloudfront::${{AWS::AccountId}}:distribution/${{{name}}}");
    let bucket_policy = IamPolicy::for_bucket(deployment, bucket, Some(&arn))?;
    let bucket = refer(&named("UploadsBucket", index));
    let members = map([("Bucket", bucket), ("PolicyDocument", policy(&bucket_policy))]);
    let resource = resource("AWS::S3::BucketPolicy", members);
    Ok((!bucket_policy.is_empty()).then(|| (named("UploadsBucketPolicy", index), resource)))
}

fn bucket_resource(
    deployment: &Deployment,
    bucket: &DeploymentBucket<'_>,
) -> Result<Node, InvalidDeployment> {
    let mut properties = vec![
        ("BucketName", text(bucket.bucket().as_str())),
        ("PublicAccessBlockConfiguration", public_access_block()),
        (
            "OwnershipControls",
            map([("Rules", Node::List(vec![map([("ObjectOwnership", text("BucketOwnerEnforced"))])]))]),
        ),
        ("BucketEncryption", encryption(bucket)),
    ];
    if deployment.versioned {
        properties.push(("VersioningConfiguration", map([("Status", text("Enabled"))])));
    }
    let cors = CorsDocument::for_bucket(deployment, bucket)?;
    if !cors.rules().is_empty() {
        properties.push(("CorsConfiguration", cors.to_cloudformation_node()));
    }
    properties.push((
        "LifecycleConfiguration",
        LifecycleDocument::for_bucket(deployment, bucket).to_cloudformation_node(),
    ));
    if let Some(notification) = NotificationDocument::for_bucket(deployment, bucket, "${UploadsQueue.Arn}") {
        let node = with_references(notification.to_cloudformation_node());
        properties.push(("NotificationConfiguration", node));
    }
    properties.push(("MetricsConfigurations", Node::List(vec![map([("Id", text(METRICS_ID))])])));
    let mut members = vec![("Type", text("AWS::S3::Bucket"))];
    if deployment.notification_target == NotificationTarget::Queue {
        // S3 sends a test message when the notification is configured, so the queue's policy must exist before. The policy
        // names the bucket by its fixed name instead of a reference, which would make the two depend on each other.
        members.push(("DependsOn", text("UploadsQueuePolicy")));
    }
    members.push(("DeletionPolicy", text("Retain")));
    members.push(("UpdateReplacePolicy", text("Retain")));
    members.push(("Properties", map(properties)));
    Ok(map(members))
}

/// Blocks public access of every kind.
pub(super) fn public_access_block() -> Node {
    let names = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];
    map(names.map(|name| (name, true.into())))
}

/// Returns the default encryption: that of the first route that requests one, otherwise keys managed by S3.
fn encryption(bucket: &DeploymentBucket<'_>) -> Node {
    let requested = bucket.policies().find_map(UploadPolicy::encryption);
    let mut members = vec![("SSEAlgorithm", text(requested.map_or("AES256", Encryption::as_str)))];
    if let Some(key) = requested.and_then(Encryption::customer_key) {
        members.push(("KMSMasterKeyID", text(key.as_str())));
    }
    let mut rule = vec![("ServerSideEncryptionByDefault", map(members))];
    if requested.is_some_and(|requested| requested.as_str().starts_with("aws:kms")) {
        rule.push(("BucketKeyEnabled", true.into()));
    }
    map([("ServerSideEncryptionConfiguration", Node::List(vec![map(rule)]))])
}

fn queue(deployment: &Deployment) -> Resources {
    // 14 days, the maximum of SQS.
    let retention: i64 = 1_209_600;
    let dead = map([("MessageRetentionPeriod", retention.into()), ("SqsManagedSseEnabled", true.into())]);
    let redrive = map([
        ("deadLetterTargetArn", attribute("UploadsDeadLetters", "Arn")),
        ("maxReceiveCount", Node::Number(5)),
    ]);
    let queue = map([
        ("VisibilityTimeout", Node::Number(180)),
        ("MessageRetentionPeriod", retention.into()),
        ("SqsManagedSseEnabled", true.into()),
        ("RedrivePolicy", redrive),
    ]);
    let buckets = deployment.buckets();
    let statements = buckets.iter().flat_map(|bucket| {
        IamPolicy::for_queue(&bucket.arn(), deployment.account_in_arns(), "${UploadsQueue.Arn}")
            .statements()
            .to_vec()
    });
    let may_send = IamPolicy::numbered(statements);
    let members =
        [("Queues", Node::List(vec![refer("UploadsQueue")])), ("PolicyDocument", policy(&may_send))];
    vec![
        ("UploadsDeadLetters".into(), resource("AWS::SQS::Queue", dead)),
        ("UploadsQueue".into(), resource("AWS::SQS::Queue", queue)),
        ("UploadsQueuePolicy".into(), resource("AWS::SQS::QueuePolicy", map(members))),
    ]
}

/// The `Content-Security-Policy` of uploads that CloudFront serves.
///
/// It applies only where a browser opens an upload as a page, or in a frame. Images and media are displayed; `sandbox` without
/// `allow-scripts` runs no script and gives the page an opaque origin, so it cannot read cookies or storage of the domain.
/// Chromium's PDF viewer does not run in a sandbox either: to display PDF, add a behavior with another policy.
pub(super) const UPLOADS_CSP: &str =
    "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox";

/// The id of CloudFront's managed cache policy "CachingOptimized", which is the same in every account.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html>.
pub(super) const CACHING_OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";

fn distribution(bucket: &DeploymentBucket<'_>, index: usize) -> Resources {
    let (access, name) = (named("DistributionAccess", index), named("Distribution", index));
    let headers = named("DistributionHeaders", index);
    let control = map([
        ("Name", sub(format!("${{AWS::StackName}}-{}", index + 1))),
        ("OriginAccessControlOriginType", text("s3")),
        ("SigningBehavior", text("always")),
        ("SigningProtocol", text("sigv4")),
    ]);
    let origin = map([
        ("Id", text("uploads")),
        ("DomainName", attribute(&named("UploadsBucket", index), "RegionalDomainName")),
        ("OriginAccessControlId", attribute(&access, "Id")),
        // CloudFormation requires this member. An origin with access control has an empty identity.
        ("S3OriginConfig", map([("OriginAccessIdentity", text(""))])),
    ]);
    let behavior = map([
        ("TargetOriginId", text("uploads")),
        ("ViewerProtocolPolicy", text("redirect-to-https")),
        ("CachePolicyId", text(CACHING_OPTIMIZED)),
        ("ResponseHeadersPolicyId", refer(&headers)),
        ("AllowedMethods", list(["GET", "HEAD"])),
        ("Compress", true.into()),
    ]);
    let config = map([
        ("Enabled", true.into()),
        ("Comment", text(format!("Uploads to {}", bucket.bucket()))),
        ("HttpVersion", text("http2and3")),
        ("Origins", Node::List(vec![origin])),
        ("DefaultCacheBehavior", behavior),
    ]);
    let security = map([
        ("ContentTypeOptions", map([("Override", true.into())])),
        (
            "ContentSecurityPolicy",
            map([("ContentSecurityPolicy", text(UPLOADS_CSP)), ("Override", true.into())]),
        ),
    ]);
    let headers_config = map([
        ("Name", sub(format!("${{AWS::StackName}}-{}", index + 1))),
        ("SecurityHeadersConfig", security),
    ]);
    let headers_config = map([("ResponseHeadersPolicyConfig", headers_config)]);
    let control = map([("OriginAccessControlConfig", control)]);
    vec![
        (access, resource("AWS::CloudFront::OriginAccessControl", control)),
        (headers, resource("AWS::CloudFront::ResponseHeadersPolicy", headers_config)),
        (name, resource("AWS::CloudFront::Distribution", map([("DistributionConfig", config)]))),
    ]
}
