//! The policy of a bucket: the guards, and the permission of the CloudFront distribution to read.

use super::super::InvalidDeployment;
use super::super::declared::Declared;
use super::super::reference::Kind;
use crate::deployment::{Deployment, DeploymentBucket};
use crate::iam::IamPolicy;

/// Returns the policy of the bucket at `index`, or `None` if the bucket needs none; S3 refuses empty ones.
pub(super) fn bucket_policy(
    deployment: &Deployment,
    bucket: &DeploymentBucket<'_>,
    index: usize,
) -> Result<Option<Declared>, InvalidDeployment> {
    let reader = Kind::Distribution.nth(index).arn().to_string();
    let policy = IamPolicy::for_bucket(deployment, bucket, Some(&reader))?;
    let declared = Declared::new(Kind::BucketPolicy.nth(index))
        .with("Bucket", Kind::Bucket.nth(index).reference())
        .with("PolicyDocument", policy.to_node());
    Ok((!policy.is_empty()).then_some(declared))
}
