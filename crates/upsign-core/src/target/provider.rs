//! The S3-compatible stores: names, endpoints and addressing.

use std::fmt;
use std::str::FromStr;

use crate::target::addressing::Addressing;
use crate::target::endpoint::Endpoint;
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
    /// Another store. Nothing is known about it, so it is assumed to support what Amazon S3 supports.
    Custom,
}

/// The text is not the name of a [`Provider`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the provider must be aws, r2, b2, minio, wasabi, do, tigris, garage, seaweedfs or custom")]
#[non_exhaustive]
pub struct UnknownProvider;

/// How the endpoint of a provider is determined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndpointKind {
    /// AWS's own endpoints, which follow from the region; see [`Target::aws`](crate::Target::aws).
    Aws,
    /// One endpoint per region. The fields are the text before and after the region's name.
    PerRegion(&'static str, &'static str),
    /// One endpoint for all regions.
    Fixed(&'static str),
    /// One endpoint per account, which must be configured. The field is the domain in which its host must be.
    PerAccount(&'static str),
    /// The store is operated by its users, so its endpoint must be configured.
    SelfHosted,
}

impl Provider {
    /// All providers.
    pub const ALL: [Self; 10] = [
        Self::Aws,
        Self::R2,
        Self::B2,
        Self::Minio,
        Self::Wasabi,
        Self::DigitalOcean,
        Self::Tigris,
        Self::Garage,
        Self::SeaweedFs,
        Self::Custom,
    ];

    /// Returns the name used in `upsign.toml`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::R2 => "r2",
            Self::B2 => "b2",
            Self::Minio => "minio",
            Self::Wasabi => "wasabi",
            Self::DigitalOcean => "do",
            Self::Tigris => "tigris",
            Self::Garage => "garage",
            Self::SeaweedFs => "seaweedfs",
            Self::Custom => "custom",
        }
    }

    /// Returns how the endpoint of the provider is determined.
    #[must_use]
    pub const fn endpoint_kind(self) -> EndpointKind {
        match self {
            Self::Aws => EndpointKind::Aws,
            // <https://developers.cloudflare.com/r2/api/s3/api/>. With a jurisdiction, the host is `<account>.<jurisdiction>.r2.cloudflarestorage.com`.
            Self::R2 => EndpointKind::PerAccount(".r2.cloudflarestorage.com"),
            // <https://www.backblaze.com/docs/cloud-storage-call-the-s3-compatible-api>.
            Self::B2 => EndpointKind::PerRegion("https://s3.", ".backblazeb2.com"),
            // <https://docs.wasabi.com/docs/what-are-the-service-urls-for-wasabis-different-storage-regions>.
            Self::Wasabi => EndpointKind::PerRegion("https://s3.", ".wasabisys.com"),
            // <https://docs.digitalocean.com/products/spaces/reference/s3-api/>.
            Self::DigitalOcean => EndpointKind::PerRegion("https://", ".digitaloceanspaces.com"),
            // <https://www.tigrisdata.com/docs/>.
            Self::Tigris => EndpointKind::Fixed("https://t3.storage.dev"),
            Self::Minio | Self::Garage | Self::SeaweedFs | Self::Custom => EndpointKind::SelfHosted,
        }
    }

    /// Returns the endpoint of the provider in a region.
    ///
    /// Returns `None` for providers whose endpoint must be configured, and for AWS, whose endpoints are resolved by
    /// [`Target::aws`](crate::Target::aws).
    #[must_use]
    pub fn endpoint(self, region: &Region) -> Option<Endpoint> {
        match self.endpoint_kind() {
            EndpointKind::PerRegion(before, after) => format!("{before}{region}{after}").parse().ok(),
            EndpointKind::Fixed(endpoint) => endpoint.parse().ok(),
            EndpointKind::Aws | EndpointKind::PerAccount(_) | EndpointKind::SelfHosted => None,
        }
    }

    /// Returns `false` if the endpoint cannot be one of this provider's.
    ///
    /// This catches a configured endpoint outside of the domain of [`EndpointKind::PerAccount`]. Endpoints of other
    /// kinds are always accepted, because a proxy may precede the store.
    #[must_use]
    pub fn accepts_endpoint(self, endpoint: &Endpoint) -> bool {
        match self.endpoint_kind() {
            EndpointKind::PerAccount(ending) => endpoint.host().ends_with(ending),
            _ => true,
        }
    }

    /// Returns the addressing to use if none is configured.
    ///
    /// Hosted services use virtual-hosted addressing, because their certificates cover subdomains. Self-hosted stores
    /// use path style, because their hosts may have neither subdomains nor wildcard certificates.
    #[must_use]
    pub const fn default_addressing(self) -> Addressing {
        match self {
            Self::Aws | Self::Wasabi | Self::B2 | Self::DigitalOcean | Self::Tigris | Self::R2 => {
                Addressing::VirtualHosted
            }
            Self::Minio | Self::Garage | Self::SeaweedFs | Self::Custom => Addressing::Path,
        }
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
        assert!(provider.accepts_endpoint(&endpoint));
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
        for provider in [Provider::Minio, Provider::Garage, Provider::SeaweedFs, Provider::Custom] {
            assert_eq!(provider.endpoint(&"us-east-1".parse().unwrap()), None);
            check(provider, "us-east-1", Some("http://127.0.0.1:9000"), "127.0.0.1:9000", "/abc");
        }
        assert!(!Provider::R2.accepts_endpoint(&"https://uploads.example.com".parse().unwrap()));
    }

    #[test]
    fn provider_names_round_trip() {
        for provider in Provider::ALL {
            assert_eq!(provider.to_string().parse(), Ok(provider));
        }
        assert_eq!("AWS".parse::<Provider>(), Err(UnknownProvider));
    }
}
