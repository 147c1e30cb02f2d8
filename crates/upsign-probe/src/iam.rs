//! The permissions that a run needs.

use serde_json::{Value, json};
use upsign_core::Target;

use crate::plan::ProbePrefix;

/// Actions on objects.
///
/// Source: <https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html>.
const ON_OBJECTS: [&str; 11] = [
    "s3:AbortMultipartUpload",
    "s3:DeleteObject",
    "s3:DeleteObjectVersion",
    "s3:GetObject",
    "s3:GetObjectTagging",
    "s3:GetObjectVersion",
    "s3:GetObjectVersionTagging",
    "s3:PutObject",
    "s3:PutObjectAcl",
    "s3:PutObjectTagging",
    "s3:PutObjectVersionTagging",
];

/// Listings, which are limited to the prefix.
const LISTINGS: [&str; 2] = ["s3:ListBucket", "s3:ListBucketVersions"];

/// Reading settings of the bucket, and listing its uploads, which has no condition on a prefix.
const SETTINGS: [&str; 5] = [
    "s3:GetBucketCORS",
    "s3:GetBucketObjectLockConfiguration",
    "s3:GetBucketVersioning",
    "s3:GetLifecycleConfiguration",
    "s3:ListBucketMultipartUploads",
];

/// Returns the IAM policy with everything that a run does to a bucket of Amazon S3, and nothing else: no key outside of
/// `upsign-probe-*`, and no setting of the bucket is changed.
///
/// ```
/// use upsign_core::Target;
/// let target = Target::aws("uploads-bucket".parse()?, "eu-central-1".parse()?);
/// let policy = upsign_probe::iam_policy(&target);
/// assert_eq!(policy["Statement"][0]["Resource"], "arn:aws:s3:::uploads-bucket/upsign-probe-*");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn iam_policy(target: &Target) -> Value {
    let bucket = target.bucket_arn("*");
    let keys = format!("{}*", ProbePrefix::START);
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ProbeObjects",
                "Effect": "Allow",
                "Action": ON_OBJECTS,
                "Resource": target.object_arn(&keys),
            },
            {
                "Sid": "ProbeListings",
                "Effect": "Allow",
                "Action": LISTINGS,
                "Resource": bucket,
                "Condition": {"StringLike": {"s3:prefix": keys}},
            },
            {
                "Sid": "ProbeSettings",
                "Effect": "Allow",
                "Action": SETTINGS,
                "Resource": bucket,
            },
        ],
    })
}
