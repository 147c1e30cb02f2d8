//! The policy of a bucket, and the policy of a KMS key that CloudFront uses.

use upsign_core::Partition;

use super::{InvalidBucketPolicy, unconfirmed};
use crate::deployment::{Deployment, DeploymentBucket, Reads};
use crate::iam::{Effect, IamOperator, IamPolicy, IamPrincipal, IamStatement};

impl IamPolicy {
    /// Derives the policy of one bucket: the `Deny` statements of the deployment's guards
    /// ([`Deployment::with_guards`]), those that keep readers from objects that are not confirmed
    /// ([`Gate`](upsign_policy::Gate)), and for [`Reads::CloudFront`] a statement that permits the distribution with the ARN
    /// `distribution_arn` to read.
    ///
    /// Without guards, gates and a distribution the policy [is empty](Self::is_empty), and so is that of a directory bucket, to
    /// which actions of `s3` do not apply. S3 refuses empty policies, so do not deploy it.
    ///
    /// # Errors
    /// Fails if a guard would deny what a route signs, or if the deployment lacks a value that it needs, for example the
    /// account ID for [`Guard::Account`](crate::Guard::Account), or for a gate the [role of the
    /// service](Deployment::with_service_role).
    pub fn for_bucket(
        deployment: &Deployment,
        bucket: &DeploymentBucket<'_>,
        distribution_arn: Option<&str>,
    ) -> Result<Self, InvalidBucketPolicy> {
        let mut statements = Vec::new();
        if bucket.is_directory() {
            return Ok(Self::new(statements));
        }
        for guard in &deployment.guards {
            statements.extend(guard.statements(deployment, bucket)?);
        }
        statements.extend(unconfirmed::statements(deployment, bucket)?);
        if let (Reads::CloudFront, Some(arn)) = (deployment.reads, distribution_arn) {
            statements.push(cloudfront_may_read(deployment, bucket, arn));
        }
        Ok(Self::new(statements))
    }

    /// Derives the statement that the policy of a KMS key needs before a CloudFront distribution can read objects encrypted
    /// with that key.
    ///
    /// Add it to the key policy. Do not replace the policy with it: other principals could no longer use the key.
    #[must_use]
    pub fn for_kms_key(distribution_arn: &str) -> Self {
        let statement = IamStatement::new("CloudFrontMayDecrypt", Effect::Allow, ["kms:Decrypt"], ["*"]);
        Self::new([statement.with_principal(IamPrincipal::Service("cloudfront.amazonaws.com".into())).when(
            IamOperator::STRING_EQUALS,
            "aws:SourceArn",
            distribution_arn,
        )])
    }
}

/// The ARN of the distribution contains its account. `aws:SourceAccount` is not compared in addition, because CloudFront is not
/// documented to send it.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html>.
fn cloudfront_may_read(
    deployment: &Deployment,
    bucket: &DeploymentBucket<'_>,
    distribution_arn: &str,
) -> IamStatement {
    // A signed URL names a version, and reading a version is an action of its own:
    // <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>. Without signatures, everybody could read old versions.
    let actions: &[&str] = match !deployment.public_reads && deployment.versioned {
        true => &["s3:GetObject", "s3:GetObjectVersion"],
        false => &["s3:GetObject"],
    };
    let suffix = Partition::of(bucket.target().region()).dns_suffix();
    let service = if suffix == "amazonaws.com.cn" {
        "cloudfront.cn-north-1.amazonaws.com.cn"
    } else {
        "cloudfront.amazonaws.com"
    };
    IamStatement::new("CloudFrontMayRead", Effect::Allow, actions.iter().copied(), bucket.patterns())
        .with_principal(IamPrincipal::Service(service.into()))
        .when(IamOperator::STRING_EQUALS, "aws:SourceArn", distribution_arn)
}
