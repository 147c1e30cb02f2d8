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
    pending_days: Option<u32>,
}

impl DeploymentRoute {
    /// Returns a route without a name, for a service with a single route.
    ///
    /// The host of the target determines the [provider](Self::with_provider).
    #[must_use]
    pub fn new(policy: UploadPolicy) -> Self {
        Self {
            name: None,
            provider: provider_of(policy.target()),
            policy,
            infrequent_access_after: None,
            pending_days: None,
        }
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

    /// Deletes objects of this route that nobody confirms after `days` days (default: [`least_pending_days`]). It has an effect only
    /// with [`Gate::Pending`](upsign_policy::Gate::Pending). A smaller number counts as the default, so that no object is deleted
    /// while it can be confirmed.
    ///
    /// [`least_pending_days`]: Self::least_pending_days
    #[must_use]
    pub fn with_pending_days(self, days: u32) -> Self {
        Self { pending_days: Some(days), ..self }
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

    /// Returns after how many days objects that nobody confirms are deleted.
    #[must_use]
    pub fn pending_days(&self) -> u32 {
        self.pending_days.unwrap_or_default().max(self.least_pending_days())
    }

    /// Returns the whole days in which an upload can be confirmed: the lifetime of a grant and the time in which the upload can be
    /// confirmed or continued after it.
    #[must_use]
    pub fn least_pending_days(&self) -> u32 {
        let single = self.policy.expires_in().as_secs().into();
        let single: u64 = self.policy.confirmation().confirm_within().as_secs().saturating_add(single);
        let in_parts = self.policy.multipart().map_or(0, |options| options.resume_window().as_secs());
        u32::try_from(single.max(in_parts).div_ceil(86_400)).unwrap_or(u32::MAX)
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
