//! One route of a deployment.

use upsign_policy::UploadPolicy;

/// One route of a [`Deployment`](crate::Deployment): an upload policy, the name under which clients select it, and the
/// settings of the bucket that apply to its objects.
///
/// ```
/// use upsign_documents::DeploymentRoute;
/// # use upsign_core::Target;
/// # use upsign_policy::{Bodyless, UploadPolicy};
/// # let target = Target::aws("article-images-bucket".parse()?, "ap-southeast-1".parse()?);
/// # let policy = UploadPolicy::builder(target, "avatars/{id}.{ext}".parse()?, Bodyless::Refuse)
/// #     .content_types(["image/jpeg"])
/// #     .max_size(10 << 20)
/// #     .build()?;
/// // `policy` is the `UploadPolicy` that signs the uploads of this route.
/// let route = DeploymentRoute::new(policy).with_name("avatars").with_infrequent_access_after(60);
/// assert_eq!(route.name(), Some("avatars"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct DeploymentRoute {
    name: Option<Box<str>>,
    policy: UploadPolicy,
    infrequent_access_after: Option<u32>,
}

impl DeploymentRoute {
    /// Returns a route without a name, for a service with a single route.
    #[must_use]
    pub const fn new(policy: UploadPolicy) -> Self {
        Self { name: None, policy, infrequent_access_after: None }
    }

    /// Sets the name under which clients select the route (default: none).
    #[must_use]
    pub fn with_name(self, name: &str) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Moves the uploads of this route to the storage class `STANDARD_IA` (cheaper for objects that are rarely read) after
    /// `days` days. S3 requires at least 30, so a smaller number counts as 30.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html>.
    #[must_use]
    pub fn with_infrequent_access_after(self, days: u32) -> Self {
        Self { infrequent_access_after: Some(days.max(30)), ..self }
    }

    /// Returns the name under which clients select the route, or `None` for the only route of a service.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Returns the policy that signs the uploads of the route.
    #[must_use]
    pub const fn policy(&self) -> &UploadPolicy {
        &self.policy
    }

    /// Returns after how many days the uploads move to `STANDARD_IA`, or `None` if they stay.
    #[must_use]
    pub const fn infrequent_access_after(&self) -> Option<u32> {
        self.infrequent_access_after
    }
}

impl From<UploadPolicy> for DeploymentRoute {
    fn from(policy: UploadPolicy) -> Self {
        Self::new(policy)
    }
}
