//! The settings of a bucket that follow from what its routes sign.
//!
//! Tags of objects need no setting.

use upsign_policy::{CannedAcl, Encryption, UploadPolicy};

use crate::deployment::{Deployment, DeploymentBucket};
use crate::node::{Node, list, map, text};

/// A setting: its property in CloudFormation, its resource in Terraform, and its members.
type Setting = (&'static str, &'static str, Vec<(&'static str, Node)>);

pub(super) const VERSIONING: &str = "VersioningConfiguration";

/// Returns the settings of a bucket.
pub(super) fn of(deployment: &Deployment, bucket: &DeploymentBucket<'_>) -> Vec<Setting> {
    let mut settings: Vec<Setting> = vec![
        (
            "PublicAccessBlockConfiguration",
            "aws_s3_bucket_public_access_block",
            public_access_block(bucket).into(),
        ),
        (
            "OwnershipControls",
            "aws_s3_bucket_ownership_controls",
            vec![("Rules", list([map([("ObjectOwnership", text(ownership(bucket)))])]))],
        ),
        (
            "BucketEncryption",
            "aws_s3_bucket_server_side_encryption_configuration",
            vec![("ServerSideEncryptionConfiguration", list([encryption(bucket)]))],
        ),
    ];
    if deployment.versioned {
        settings.push((VERSIONING, "aws_s3_bucket_versioning", vec![("Status", text("Enabled"))]));
    }
    // Without this setting, S3 answers uploads to the endpoint of Transfer Acceleration with 400.
    // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/transfer-acceleration.html>
    if bucket.is_accelerated() {
        let status = vec![("AccelerationStatus", text("Enabled"))];
        settings.push(("AccelerateConfiguration", "aws_s3_bucket_accelerate_configuration", status));
    }
    settings
}

/// Returns whether the bucket has Object Lock, without which S3 refuses uploads that lock their objects. It cannot be switched
/// off again, so a bucket whose routes lock nothing does not have it.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html>.
pub(super) fn has_object_lock(bucket: &DeploymentBucket<'_>) -> bool {
    bucket.policies().any(|policy| policy.retention().is_some() || policy.legal_hold())
}

/// Returns who owns uploaded objects, and whether the bucket accepts ACLs.
///
/// With `BucketOwnerEnforced`, ACLs are disabled: S3 answers 400 to every ACL except `bucket-owner-full-control`. With
/// `BucketOwnerPreferred`, ACLs are enabled, and the account of the bucket owns objects that are uploaded with
/// `bucket-owner-full-control`.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>.
fn ownership(bucket: &DeploymentBucket<'_>) -> &'static str {
    let needs_acls = |acl: CannedAcl| acl != CannedAcl::BucketOwnerFullControl;
    let any = bucket.policies().filter_map(UploadPolicy::acl).any(needs_acls);
    if any { "BucketOwnerPreferred" } else { "BucketOwnerEnforced" }
}

/// Returns the public access block. That of policies is always on, because no derived policy is public. That of ACLs rejects
/// uploads with a public ACL, and ignores public ACLs of existing objects.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.
fn public_access_block(bucket: &DeploymentBucket<'_>) -> [(&'static str, Node); 4] {
    let acls = !bucket.policies().filter_map(UploadPolicy::acl).any(CannedAcl::is_public);
    [
        ("BlockPublicAcls", acls.into()),
        ("BlockPublicPolicy", true.into()),
        ("IgnorePublicAcls", acls.into()),
        ("RestrictPublicBuckets", true.into()),
    ]
}

/// Returns the encryption of objects whose upload names none: that which every route of the bucket requests, otherwise keys
/// managed by S3.
///
/// Each upload names its own encryption, so the default does not change what the routes sign. A key that only one of several
/// routes requests must not become the default of the others. With a bucket key, S3 asks KMS once instead of for each object,
/// which costs less; only `aws:kms` has it: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html>.
fn encryption(bucket: &DeploymentBucket<'_>) -> Node {
    let mut requested = bucket.policies().map(UploadPolicy::encryption);
    let first = requested.next().flatten();
    let common = first.filter(|first| requested.all(|other| other == Some(first)));
    let algorithm = ("SSEAlgorithm", text(common.map_or("AES256", Encryption::as_str)));
    let key = common.and_then(Encryption::customer_key).map(|key| ("KMSMasterKeyID", text(key.to_string())));
    let default = ("ServerSideEncryptionByDefault", map([algorithm].into_iter().chain(key)));
    let has_bucket_key = matches!(common, Some(Encryption::Kms(_)));
    map([default].into_iter().chain(has_bucket_key.then(|| ("BucketKeyEnabled", true.into()))))
}
