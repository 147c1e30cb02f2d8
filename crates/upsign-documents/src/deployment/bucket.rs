//! One bucket of a deployment, with the routes that upload into it.

use upsign_core::{Bucket, Provider, Target};
use upsign_policy::{UploadMethod, UploadPolicy};

use super::{Deployment, DeploymentRoute, Multipart};

/// One bucket of a [`Deployment`](crate::Deployment), with the routes that upload into it.
///
/// ```
/// use upsign_documents::Deployment;
/// # use upsign_core::{CorsOrigins, Target};
/// # use upsign_policy::{Bodyless, UploadPolicy};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let policy = UploadPolicy::builder(target, "articles/{id}.{ext}".parse()?, Bodyless::Refuse)
/// #     .content_types(["image/jpeg"])
/// #     .max_size(10 << 20)
/// #     .build()?;
/// # let origins = CorsOrigins::listed(["https://app.example.com".parse()?]);
/// // `policy` is the `UploadPolicy` that signs the uploads, `origins` are those of the pages that upload.
/// let deployment = Deployment::new([policy], origins);
/// for bucket in deployment.buckets() {
///     assert_eq!(bucket.arn(), "arn:aws:s3:::article-images-bucket");
///     assert_eq!(bucket.routes().len(), 1);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct DeploymentBucket<'a> {
    pub(super) routes: Vec<&'a DeploymentRoute>,
    pub(super) target: &'a Target,
}

impl<'a> DeploymentBucket<'a> {
    /// Returns the bucket's name.
    #[must_use]
    pub fn bucket(&self) -> &'a Bucket {
        self.target.bucket()
    }

    /// Returns the routes that upload into this bucket.
    #[must_use]
    pub fn routes(&self) -> &[&'a DeploymentRoute] {
        &self.routes
    }

    /// Returns the upload policies of the routes that upload into this bucket.
    pub fn policies(&self) -> impl Iterator<Item = &'a UploadPolicy> {
        self.routes.iter().map(|route| route.policy())
    }

    /// Returns the store that holds the bucket.
    #[must_use]
    pub fn provider(&self) -> Provider {
        self.routes.first().map_or(Provider::Aws, |route| route.provider())
    }

    /// Returns whether a route uploads into this bucket. Names are unique only within a store; in AWS the routes of one bucket
    /// can have different endpoints.
    pub(super) fn holds(&self, route: &DeploymentRoute) -> bool {
        let (own, other) = (self.target, route.policy().target());
        let same_store = self.provider() == route.provider()
            && (route.provider() == Provider::Aws || own.endpoint_url() == other.endpoint_url());
        own.bucket() == other.bucket() && same_store
    }

    /// Returns whether a route signs for the endpoint of S3 Transfer Acceleration, `BUCKET.s3-accelerate.amazonaws.com`.
    pub(crate) fn is_accelerated(&self) -> bool {
        self.policies().any(|route| {
            let endpoint = route.target().host().strip_prefix(self.bucket().as_str());
            endpoint.is_some_and(|endpoint| endpoint.starts_with(".s3-accelerate."))
        })
    }

    pub(crate) const fn target(&self) -> &'a Target {
        self.target
    }

    /// Returns the ARN of the bucket, or of the access point if the routes name one. That of a directory bucket has `*` in place of
    /// the account.
    #[must_use]
    pub fn arn(&self) -> String {
        self.target.bucket_arn("*")
    }

    /// Returns `true` for a directory bucket of S3 Express One Zone. It has no bucket policy with the guards, no CORS
    /// configuration and no notifications.
    #[must_use]
    pub fn is_directory(&self) -> bool {
        self.provider() == Provider::Aws && self.bucket().is_directory()
    }

    /// Returns the object ARNs, with wildcards, that cover the final keys of all routes: those at which objects are read. Each
    /// pattern occurs once.
    pub(crate) fn patterns(&self) -> Vec<String> {
        distinct(self.policies().flat_map(UploadPolicy::object_arns))
    }

    /// Returns the object ARNs, with wildcards, that cover the keys to which clients upload. Each pattern occurs once.
    pub(crate) fn uploaded_patterns(&self) -> Vec<String> {
        distinct(self.policies().flat_map(uploaded_arns))
    }

    /// Returns the prefixes with which the keys begin to which clients upload. None is a prefix of another one.
    pub(crate) fn uploaded_prefixes(&self) -> Vec<String> {
        let prefixes = |policy: &UploadPolicy| match policy.pending_prefixes() {
            none if none.is_empty() => policy.key_prefixes(),
            pending => pending,
        };
        let all = distinct(self.policies().flat_map(prefixes));
        let is_covered =
            |prefix: &String| all.iter().any(|other| other != prefix && prefix.starts_with(other.as_str()));
        all.iter().filter(|prefix| !is_covered(prefix)).cloned().collect()
    }

    /// Returns whether a route of this bucket signs uploads of this method. Parts are uploaded with `PUT`.
    pub(crate) fn signs(&self, method: UploadMethod) -> bool {
        self.policies().any(|route| route.method() == method)
    }

    /// Returns whether a route of this bucket stores files with one `PUT` each.
    pub(crate) fn has_put(&self) -> bool {
        self.policies().any(UploadPolicy::has_put)
    }

    /// Returns the policies of the routes to which multipart uploads are made: those that upload in parts, or all if browsers
    /// run multipart uploads themselves.
    pub(crate) fn multipart_policies(&self, deployment: &Deployment) -> Vec<&'a UploadPolicy> {
        let by_browser = deployment.multipart == Multipart::Browser;
        self.policies().filter(|policy| by_browser || policy.multipart().is_some()).collect()
    }

    /// Returns whether multipart uploads are made to this bucket.
    pub(crate) fn has_parts(&self, deployment: &Deployment) -> bool {
        !self.multipart_policies(deployment).is_empty()
    }
}

/// Returns the object ARNs, with wildcards, that cover the keys to which clients upload: those of objects that are not confirmed
/// yet, or the final ones.
pub(crate) fn uploaded_arns(policy: &UploadPolicy) -> Vec<String> {
    match policy.pending_object_arns() {
        none if none.is_empty() => policy.object_arns(),
        pending => pending,
    }
}

/// Removes duplicates and keeps the order of first occurrence.
pub(crate) fn distinct(texts: impl Iterator<Item = String>) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for text in texts {
        if !out.contains(&text) {
            out.push(text);
        }
    }
    out
}
