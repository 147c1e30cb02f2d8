//! A directory bucket of S3 Express One Zone. It has neither CORS nor notifications, versions, request metrics and a policy.

use super::super::Resource;
use super::super::cloudformation::retained;
use super::super::declared::{Declared, Part};
use super::super::reference::Kind;
use super::region::precondition;
use crate::deployment::{Deployment, DeploymentBucket};
use crate::lifecycle::LifecycleDocument;
use crate::node::{Node, map, text};

/// Returns the bucket at `index` with its lifecycle rules. Its zone is part of its name.
///
/// Source:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3express-directorybucket.html>,
/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/s3_directory_bucket>.
pub(super) fn resources(
    deployment: &Deployment,
    bucket: &DeploymentBucket<'_>,
    index: usize,
) -> Vec<Box<dyn Resource>> {
    let id = Kind::DirectoryBucket.nth(index);
    let (name, zone) = (bucket.bucket().as_str(), bucket.bucket().zone().unwrap_or_default());
    // The id of a Local Zone has one more part: `usw2-lax1-az1`.
    // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/opt-in-directory-bucket-lz.html>
    let (redundancy, kind) = if zone.matches('-').count() > 1 {
        ("SingleLocalZone", "LocalZone")
    } else {
        ("SingleAvailabilityZone", "AvailabilityZone")
    };
    let location = map([("name", text(zone)), ("type", text(kind))]);
    let lifecycle = LifecycleDocument::for_bucket(deployment, bucket);
    let declared = Declared::new(id)
        .with_attributes(retained())
        .in_cloudformation("BucketName", name)
        .in_terraform("bucket", name)
        .with("DataRedundancy", redundancy)
        .in_cloudformation("LocationName", zone)
        .in_terraform("location", Node::Blocks(vec![location]))
        .in_cloudformation("LifecycleConfiguration", lifecycle.to_cloudformation_node())
        .in_terraform("lifecycle", precondition(bucket.target().region()));
    let body = lifecycle.terraform_body(Node::from(id.reference()));
    let rules = Part { of: id, kind: "aws_s3_bucket_lifecycle_configuration", body };
    vec![Box::new(declared), Box::new(rules)]
}
