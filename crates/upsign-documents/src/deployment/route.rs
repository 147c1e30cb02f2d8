//! One route of a deployment.

use upsign_core::{Partition, Provider, Target};
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
    provider: Provider,
    infrequent_access_after: Option<u32>,
}

impl DeploymentRoute {
    /// Returns a route without a name, for a service with a single route.
    ///
    /// The host of the target determines the [provider](Self::with_provider).
    #[must_use]
    pub fn new(policy: UploadPolicy) -> Self {
        Self { name: None, provider: provider_of(policy.target()), policy, infrequent_access_after: None }
    }

    /// Sets the name under which clients select the route (default: none).
    #[must_use]
    pub fn with_name(self, name: &str) -> Self {
        Self { name: Some(name.into()), ..self }
    }

    /// Sets the store that the uploads go to (default: the one that the host of the target belongs to, or
    /// [`Provider::Custom`]). Only for [`Provider::Aws`] do templates and modules contain the bucket.
    ///
    /// The host of a store that its users operate, such as MinIO, does not tell which one it is.
    #[must_use]
    pub fn with_provider(self, provider: Provider) -> Self {
        Self { provider, ..self }
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

    /// Returns the store that the uploads go to.
    #[must_use]
    pub const fn provider(&self) -> Provider {
        self.provider
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

/// Returns the provider to whose domain the host of the target belongs.
fn provider_of(target: &Target) -> Provider {
    let store = target.endpoint_url().parse().ok().and_then(|endpoint| Provider::of_host(&endpoint));
    match store {
        Some(store) => store.provider,
        None if target.host().ends_with(Partition::of(target.region()).dns_suffix()) => Provider::Aws,
        None => Provider::Custom,
    }
}

#[cfg(test)]
mod tests {
    use upsign_core::{Addressing, Endpoint};

    use super::*;

    #[test]
    fn host_determines_the_provider() {
        let bucket = || "abc".parse().unwrap();
        for (provider, endpoint) in [
            (Provider::Aws, "https://s3.eu-central-1.amazonaws.com"),
            (Provider::R2, "https://0123456789abcdef.eu.r2.cloudflarestorage.com"),
            (Provider::B2, "https://s3.us-west-004.backblazeb2.com"),
            (Provider::Wasabi, "https://s3.eu-central-1.wasabisys.com"),
            (Provider::DigitalOcean, "https://nyc3.digitaloceanspaces.com"),
            (Provider::Tigris, "https://t3.storage.dev"),
            (Provider::Custom, "http://127.0.0.1:9000"),
        ] {
            let endpoint: Endpoint = endpoint.parse().unwrap();
            let region = "eu-central-1".parse().unwrap();
            let target = Target::at(&endpoint, Addressing::VirtualHosted, bucket(), region);
            let target = target.unwrap_or_else(|_| {
                Target::at(&endpoint, Addressing::Path, bucket(), "eu-central-1".parse().unwrap()).unwrap()
            });
            assert_eq!(provider_of(&target), provider, "{}", target.host());
        }
        assert_eq!(provider_of(&Target::aws(bucket(), "cn-north-1".parse().unwrap())), Provider::Aws);
    }
}
