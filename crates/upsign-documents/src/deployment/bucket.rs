//! One bucket of a deployment.

use upsign_core::{Bucket, Target};
use upsign_policy::{UploadMethod, UploadPolicy};

/// One bucket of a [`Deployment`](crate::Deployment) with the routes that lead to it.
#[derive(Clone, Debug)]
pub struct DeploymentBucket<'a> {
    pub(super) routes: Vec<&'a UploadPolicy>,
    pub(super) target: &'a Target,
}

impl<'a> DeploymentBucket<'a> {
    /// The bucket's name.
    #[must_use]
    pub fn bucket(&self) -> &'a Bucket {
        self.target.bucket()
    }

    /// The routes that lead to it.
    #[must_use]
    pub fn routes(&self) -> &[&'a UploadPolicy] {
        &self.routes
    }

    pub(crate) const fn target(&self) -> &'a Target {
        self.target
    }

    /// The ARN of the bucket itself.
    #[must_use]
    pub fn arn(&self) -> String {
        match self.target.access_point() {
            Some(point) => point.to_string(),
            None => format!("arn:{}:s3:::{}", self.target.partition(), self.target.bucket()),
        }
    }

    /// The keys of all its routes as IAM knows them, each pattern once.
    pub(crate) fn patterns(&self) -> Vec<String> {
        distinct(self.routes.iter().map(|route| object_arn(route)))
    }

    /// What every key of its routes begins with, each prefix once, and none that another one covers.
    pub(crate) fn prefixes(&self) -> Vec<String> {
        let all = distinct(self.routes.iter().map(|route| route.template().literal_prefix().to_owned()));
        let covered = |one: &String| all.iter().any(|other| other != one && one.starts_with(other.as_str()));
        all.iter().filter(|one| !covered(one)).cloned().collect()
    }

    pub(crate) fn signs(&self, method: UploadMethod) -> bool {
        self.routes.iter().any(|route| route.method() == method)
    }
}

/// The keys of a route as IAM knows them.
pub(crate) fn object_arn(route: &UploadPolicy) -> String {
    route.target().object_arn(&route.template().arn_pattern())
}

/// In order, each once.
pub(crate) fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for text in texts {
        if !out.contains(&text) {
            out.push(text);
        }
    }
    out
}
