//! The bucket, its policy, its queue, and the distribution that reads it.

use upsign_policy::{Encryption, UploadPolicy};

use super::{InvalidDeployment, Resources, attribute, policy, refer, resource, sub, with_references};
use crate::node::{Node, list, map, text};
use crate::{
    CorsDocument, Deployment, DeploymentBucket, Guard, IamPolicy, LifecycleDocument, NotificationDocument,
    NotificationTarget, Reads,
};

/// The name of each resource for the bucket of that index.
pub(super) fn named(name: &str, index: usize) -> String {
    if index == 0 { name.to_owned() } else { format!("{name}{}", index + 1) }
}

pub(super) fn buckets(deployment: &Deployment, guards: &[Guard]) -> Result<Resources, InvalidDeployment> {
    let mut resources = Resources::new();
    for (index, bucket) in deployment.buckets().iter().enumerate() {
        resources.push((named("UploadsBucket", index), one(deployment, bucket)?));
        resources.extend(bucket_policy(deployment, bucket, index, guards)?);
        if deployment.reads == Reads::CloudFront {
            resources.extend(distribution(bucket, index));
        }
    }
    if deployment.notify == NotificationTarget::Queue {
        resources.extend(queue(deployment));
    }
    Ok(resources)
}

/// What CloudFront needs and nothing else.
pub(super) fn reading(deployment: &Deployment) -> Result<Resources, InvalidDeployment> {
    let mut resources = Resources::new();
    for (index, bucket) in deployment.buckets().iter().enumerate() {
        resources.extend(bucket_policy(deployment, bucket, index, &[])?);
        resources.extend(distribution(bucket, index));
    }
    Ok(resources)
}

fn bucket_policy(
    deployment: &Deployment,
    bucket: &DeploymentBucket<'_>,
    index: usize,
    guards: &[Guard],
) -> Result<Option<(String, Node)>, InvalidDeployment> {
    let name = named("Distribution", index);
    let arn = format!("arn:${{AWS::Partition}}:cloudfront::${{AWS::AccountId}}:distribution/${{{name}}}");
    let refuses = IamPolicy::for_bucket(deployment, bucket, guards, Some(&arn))?;
    let bucket = refer(&named("UploadsBucket", index));
    let members = map([("Bucket", bucket), ("PolicyDocument", policy(&refuses))]);
    let resource = resource("AWS::S3::BucketPolicy", members);
    Ok((!refuses.is_empty()).then(|| (named("UploadsBucketPolicy", index), resource)))
}

fn one(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Result<Node, InvalidDeployment> {
    let mut properties = vec![
        ("BucketName", text(bucket.bucket().as_str())),
        ("PublicAccessBlockConfiguration", closed()),
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
        properties.push(("CorsConfiguration", cors.to_cloud_node()));
    }
    properties
        .push(("LifecycleConfiguration", LifecycleDocument::for_bucket(deployment, bucket).to_cloud_node()));
    if let Some(tells) = NotificationDocument::for_bucket(deployment, bucket, "${UploadsQueue.Arn}") {
        properties.push(("NotificationConfiguration", with_references(tells.to_cloud_node())));
    }
    properties.push(("MetricsConfigurations", Node::List(vec![map([("Id", text(super::alarms::METRICS))])])));
    let mut members = vec![("Type", text("AWS::S3::Bucket"))];
    if deployment.notify == NotificationTarget::Queue {
        // S3 tries the queue when it takes the document. The queue's policy names the bucket by its fixed name, so that
        // neither waits for the other.
        members.push(("DependsOn", text("UploadsQueuePolicy")));
    }
    members.push(("DeletionPolicy", text("Retain")));
    members.push(("UpdateReplacePolicy", text("Retain")));
    members.push(("Properties", map(properties)));
    Ok(map(members))
}

pub(super) fn closed() -> Node {
    let names = ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"];
    map(names.map(|name| (name, true.into())))
}

/// What the first route that asks for one asks for; else S3's own keys.
fn encryption(bucket: &DeploymentBucket<'_>) -> Node {
    let asked = bucket.routes().iter().find_map(|route: &&UploadPolicy| route.encryption());
    let mut members = vec![("SSEAlgorithm", text(asked.map_or("AES256", Encryption::as_str)))];
    if let Some(key) = asked.and_then(Encryption::customer_key) {
        members.push(("KMSMasterKeyID", text(key.as_str())));
    }
    let mut rule = vec![("ServerSideEncryptionByDefault", map(members))];
    if asked.is_some_and(|asked| asked.as_str().starts_with("aws:kms")) {
        rule.push(("BucketKeyEnabled", true.into()));
    }
    map([("ServerSideEncryptionConfiguration", Node::List(vec![map(rule)]))])
}

fn queue(deployment: &Deployment) -> Resources {
    let kept: i64 = 1_209_600;
    let dead = map([("MessageRetentionPeriod", kept.into()), ("SqsManagedSseEnabled", true.into())]);
    let redrive = map([
        ("deadLetterTargetArn", attribute("UploadsDeadLetters", "Arn")),
        ("maxReceiveCount", Node::Number(5)),
    ]);
    let queue = map([
        ("VisibilityTimeout", Node::Number(180)),
        ("MessageRetentionPeriod", kept.into()),
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

/// CloudFront's cache policy "CachingOptimized", the same id in every account.
pub(super) const CACHING_OPTIMIZED: &str = "658327ea-f89d-4fab-a63d-7e88639e58f6";

fn distribution(bucket: &DeploymentBucket<'_>, index: usize) -> Resources {
    let (access, name) = (named("DistributionAccess", index), named("Distribution", index));
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
        // An origin with access control has no identity, and says so by an empty text.
        ("S3OriginConfig", map([("OriginAccessIdentity", text(""))])),
    ]);
    let behaviour = map([
        ("TargetOriginId", text("uploads")),
        ("ViewerProtocolPolicy", text("redirect-to-https")),
        ("CachePolicyId", text(CACHING_OPTIMIZED)),
        ("AllowedMethods", list(["GET", "HEAD"])),
        ("Compress", true.into()),
    ]);
    let config = map([
        ("Enabled", true.into()),
        ("Comment", text(format!("what was uploaded to {}", bucket.bucket()))),
        ("HttpVersion", text("http2and3")),
        ("Origins", Node::List(vec![origin])),
        ("DefaultCacheBehavior", behaviour),
    ]);
    let control = map([("OriginAccessControlConfig", control)]);
    vec![
        (access, resource("AWS::CloudFront::OriginAccessControl", control)),
        (name, resource("AWS::CloudFront::Distribution", map([("DistributionConfig", config)]))),
    ]
}
