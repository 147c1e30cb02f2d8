//! The S3-compatible stores: names, endpoints and addressing.

use std::fmt;
use std::str::FromStr;

use crate::target::addressing::Addressing;
use crate::target::endpoint::Endpoint;
use crate::target::profile::Evidence;
use crate::target::region::Region;

/// An S3-compatible store, as named by `provider` in `upsign.toml`.
///
/// The provider determines the default endpoint and addressing, and the [`Capabilities`](crate::Capabilities) against
/// which a configuration is checked.
///
/// ```
/// use upsign_core::Provider;
/// let provider: Provider = "r2".parse()?;
/// assert!(!provider.capabilities().post_form);
/// # Ok::<(), upsign_core::UnknownProvider>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provider {
    /// Amazon S3.
    Aws,
    /// Cloudflare R2.
    R2,
    /// Backblaze B2.
    B2,
    /// MinIO.
    Minio,
    /// Wasabi.
    Wasabi,
    /// DigitalOcean Spaces.
    DigitalOcean,
    /// Tigris.
    Tigris,
    /// Garage.
    Garage,
    /// SeaweedFS.
    SeaweedFs,
    /// The S3-compatible side of Google Cloud Storage.
    Gcs,
    /// Hetzner Object Storage.
    Hetzner,
    /// OVHcloud Object Storage.
    Ovh,
    /// Scaleway Object Storage.
    Scaleway,
    /// The Object Gateway of Ceph.
    Ceph,
    /// RustFS.
    RustFs,
    /// LocalStack, an emulator of AWS.
    LocalStack,
    /// Another store. Nothing is known about it, so it is assumed to support what Amazon S3 supports.
    Custom,
}

/// The text is not the name of a [`Provider`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the provider must be one of {}", Provider::ALL.map(Provider::name).join(", "))]
#[non_exhaustive]
pub struct UnknownProvider;

impl Provider {
    /// All providers.
    pub const ALL: [Self; 17] = [
        Self::Aws,
        Self::R2,
        Self::B2,
        Self::Minio,
        Self::Wasabi,
        Self::DigitalOcean,
        Self::Tigris,
        Self::Garage,
        Self::SeaweedFs,
        Self::Gcs,
        Self::Hetzner,
        Self::Ovh,
        Self::Scaleway,
        Self::Ceph,
        Self::RustFs,
        Self::LocalStack,
        Self::Custom,
    ];

    /// Returns the name used in `upsign.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.profile().name
    }

    /// Returns the name of the product, for messages: `Cloudflare R2`.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.profile().title
    }

    /// Returns whether what is known about the store was tried or is only documented.
    ///
    /// ```
    /// use upsign_core::{Evidence, Provider};
    /// assert_eq!(Provider::SeaweedFs.evidence(), Evidence::Tried);
    /// assert_eq!(Provider::R2.evidence().to_string(), "documentation");
    /// ```
    #[must_use]
    pub const fn evidence(self) -> Evidence {
        self.profile().evidence
    }

    /// Returns the endpoint of the provider in a region.
    ///
    /// Returns `None` for providers whose endpoint must be configured, and for AWS, whose endpoints are resolved by
    /// [`Target::aws`](crate::Target::aws).
    #[must_use]
    pub fn endpoint(self, region: &Region) -> Option<Endpoint> {
        // The emulator listens where its container is started.
        let hosts = if self == Self::LocalStack { &[] } else { self.profile().hosts };
        let host = hosts.iter().find_map(|form| form.host_of(region.as_str()))?;
        format!("https://{host}").parse().ok()
    }

    /// Returns `true` if all endpoints of the provider are known, so that any other address belongs to somebody else.
    #[must_use]
    pub const fn has_own_hosts(self) -> bool {
        matches!(self, Self::Aws) || !self.profile().hosts.is_empty()
    }

    /// Returns `true` if the store accepts signatures for domains of its users, so that such a domain can be the address of a
    /// bucket ([`Addressing::BucketHost`]). Other stores with hosts of their own document none, or say that they do not.
    ///
    /// Sources: <https://www.tigrisdata.com/docs/ai-agents/presigned-urls.md>,
    /// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html>,
    /// <https://developers.cloudflare.com/r2/api/s3/presigned-urls/> (not for R2),
    /// <https://docs.hetzner.com/storage/object-storage/supported-actions/> (not for Hetzner).
    #[must_use]
    pub const fn has_custom_domains(self) -> bool {
        matches!(self, Self::Aws | Self::Tigris) || !self.has_own_hosts()
    }

    /// Returns the addressing to use if none is configured.
    ///
    /// Hosted services use virtual-hosted addressing, because their certificates cover subdomains. Self-hosted stores
    /// use path style, because their hosts may have neither subdomains nor wildcard certificates.
    #[must_use]
    pub const fn default_addressing(self) -> Addressing {
        self.profile().addressing
    }
}

impl FromStr for Provider {
    type Err = UnknownProvider;

    fn from_str(name: &str) -> Result<Self, UnknownProvider> {
        Self::ALL.into_iter().find(|provider| provider.name() == name).ok_or(UnknownProvider)
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Target;

    /// Compares host and path prefix of a bucket named `abc`.
    #[track_caller]
    fn check(provider: Provider, region: &str, configured: Option<&str>, host: &str, prefix: &str) {
        let region: Region = region.parse().unwrap();
        let endpoint = configured.map(|url| url.parse().unwrap()).or_else(|| provider.endpoint(&region));
        let endpoint = endpoint.unwrap();
        let target =
            Target::at(&endpoint, provider.default_addressing(), "abc".parse().unwrap(), region).unwrap();
        assert_eq!((target.host(), target.path_prefix()), (host, prefix), "{provider}");
    }

    #[test]
    fn endpoints_by_provider() {
        let account = Some("https://0123456789abcdef.eu.r2.cloudflarestorage.com");
        check(Provider::R2, "auto", account, "abc.0123456789abcdef.eu.r2.cloudflarestorage.com", "");
        check(Provider::B2, "us-west-004", None, "abc.s3.us-west-004.backblazeb2.com", "");
        check(Provider::Wasabi, "eu-central-1", None, "abc.s3.eu-central-1.wasabisys.com", "");
        check(Provider::DigitalOcean, "nyc3", None, "abc.nyc3.digitaloceanspaces.com", "");
        check(Provider::Tigris, "auto", None, "abc.t3.storage.dev", "");
        check(Provider::Gcs, "auto", None, "abc.storage.googleapis.com", "");
        check(Provider::Hetzner, "fsn1", None, "abc.fsn1.your-objectstorage.com", "");
        check(Provider::Ovh, "gra", None, "abc.s3.gra.io.cloud.ovh.net", "");
        check(Provider::Ovh, "us-east-va", None, "abc.s3.us-east-va.io.cloud.ovh.us", "");
        check(Provider::Scaleway, "fr-par", None, "abc.s3.fr-par.scw.cloud", "");
        let operated = [
            Provider::Minio,
            Provider::Garage,
            Provider::SeaweedFs,
            Provider::Ceph,
            Provider::RustFs,
            Provider::LocalStack,
            Provider::Custom,
        ];
        for provider in operated {
            assert_eq!(provider.endpoint(&"us-east-1".parse().unwrap()), None);
            check(provider, "us-east-1", Some("http://127.0.0.1:9000"), "127.0.0.1:9000", "/abc");
        }
        let own = |provider: &Provider| provider.has_own_hosts();
        assert_eq!(Provider::ALL.into_iter().filter(own).count(), 11);
    }

    #[test]
    fn provider_names_round_trip() {
        for provider in Provider::ALL {
            assert_eq!(provider.to_string().parse(), Ok(provider));
        }
        assert_eq!("AWS".parse::<Provider>(), Err(UnknownProvider));
        let message = UnknownProvider.to_string();
        assert!(Provider::ALL.iter().all(|provider| message.contains(provider.name())), "{message}");
    }
}
