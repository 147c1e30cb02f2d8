//! The policy of a bucket: the guards, and the permission of the CloudFront distribution to read.

use super::super::cloudformation::Template;
use super::super::reference::{Id, Kind};
use super::super::terraform::Module;
use super::super::{InvalidDeployment, Resource};
use crate::deployment::{Deployment, DeploymentBucket};
use crate::iam::IamPolicy;

#[derive(Debug)]
pub(super) struct BucketPolicy {
    index: usize,
    bucket: Id,
    policy: IamPolicy,
}

impl BucketPolicy {
    /// Returns `None` if the bucket needs no policy; S3 refuses empty ones.
    pub(super) fn new(
        deployment: &Deployment,
        bucket: &DeploymentBucket<'_>,
        index: usize,
    ) -> Result<Option<Self>, InvalidDeployment> {
        let reader = Kind::Distribution.nth(index).arn().to_string();
        let policy = IamPolicy::for_bucket(deployment, bucket, Some(&reader))?;
        Ok((!policy.is_empty()).then(|| Self { index, bucket: Kind::Bucket.nth(index), policy }))
    }
}

impl Resource for BucketPolicy {
    fn cloudformation(&self, template: &mut Template) {
        template.resource(
            Kind::BucketPolicy.nth(self.index),
            "AWS::S3::BucketPolicy",
            [("Bucket", self.bucket.reference().into()), ("PolicyDocument", self.policy.to_node())],
        );
    }

    fn terraform(&self, module: &mut Module) {
        module.resource(
            Kind::BucketPolicy.nth(self.index),
            [("bucket", self.bucket.reference().into()), ("policy", self.policy.encoded())],
        );
    }
}
