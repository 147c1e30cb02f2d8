//! The settings of a bucket that follow from what its routes sign.
//!
//! Tags of objects need no setting. A bucket has no Object Lock, because no policy signs its headers
//! (`x-amz-object-lock-mode` and others), and because objects of such a bucket could not be deleted when they expire.

use upsign_policy::{CannedAcl, Encryption, UploadPolicy};

use crate::deployment::DeploymentBucket;

/// Who owns uploaded objects, and whether the bucket accepts ACLs.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ownership {
    /// ACLs are disabled: S3 answers 400 to every ACL except `bucket-owner-full-control`.
    BucketOwnerEnforced,
    /// ACLs are enabled, and the account of the bucket owns objects that are uploaded with `bucket-owner-full-control`.
    BucketOwnerPreferred,
}

/// The public access block of a bucket. The block of policies is always on, because no derived policy is public.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PublicAccessBlock {
    /// Rejects uploads with a public ACL, and ignores public ACLs of existing objects.
    pub(super) acls: bool,
}

/// The encryption of objects whose upload names none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DefaultEncryption {
    pub(super) algorithm: &'static str,
    pub(super) key: Option<String>,
    /// Whether S3 keeps a key per bucket instead of asking KMS for each object, which costs less.
    ///
    /// Only `aws:kms` has it: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html>.
    pub(super) bucket_key: bool,
}

impl Ownership {
    pub(super) fn of(bucket: &DeploymentBucket<'_>) -> Self {
        let needs_acls = |acl: CannedAcl| acl != CannedAcl::BucketOwnerFullControl;
        if bucket.policies().filter_map(UploadPolicy::acl).any(needs_acls) {
            Self::BucketOwnerPreferred
        } else {
            Self::BucketOwnerEnforced
        }
    }

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::BucketOwnerEnforced => "BucketOwnerEnforced",
            Self::BucketOwnerPreferred => "BucketOwnerPreferred",
        }
    }
}

impl PublicAccessBlock {
    pub(super) fn of(bucket: &DeploymentBucket<'_>) -> Self {
        Self { acls: !bucket.policies().filter_map(UploadPolicy::acl).any(CannedAcl::is_public) }
    }
}

impl DefaultEncryption {
    /// Returns the encryption that every route of the bucket requests, otherwise keys managed by S3.
    ///
    /// Each upload names its own encryption, so the default does not change what the routes sign. A key that only one of
    /// several routes requests must not become the default of the others.
    pub(super) fn of(bucket: &DeploymentBucket<'_>) -> Self {
        let mut requested = bucket.policies().map(UploadPolicy::encryption);
        let first = requested.next().flatten();
        let common = first.filter(|first| requested.all(|other| other == Some(first)));
        Self {
            algorithm: common.map_or("AES256", Encryption::as_str),
            key: common.and_then(Encryption::customer_key).map(ToString::to_string),
            bucket_key: matches!(common, Some(Encryption::Kms(_))),
        }
    }
}
