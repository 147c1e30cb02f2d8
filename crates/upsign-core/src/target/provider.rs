//! What the S3-compatible stores can do, and where they answer.

use std::fmt;
use std::str::FromStr;

use crate::target::Addressing;
use crate::target::endpoint::Endpoint;
use crate::target::region::Region;

/// Who runs the store.
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
    /// Another store, of which nothing is known: it is taken to do what S3 does.
    Custom,
}

/// The text names no [`Provider`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a provider is aws, r2, b2, minio, wasabi, do, tigris, garage, seaweedfs or custom")]
#[non_exhaustive]
pub struct UnknownProvider;

/// What a store does of what S3 does. What its makers do not document counts as missing: it is refused where it is
/// configured, and not found out by an uploader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Capabilities {
    /// Takes an HTML form with a POST policy.
    pub post_form: bool,
    /// Honours `If-None-Match: *` when storing an object. Those that do not either answer 501 or overwrite.
    pub if_none_match: bool,
    /// Verifies `x-amz-checksum-sha256` and its kin.
    pub checksum_headers: bool,
    /// Takes a bucket's CORS configuration through the S3 API. Elsewhere it is set in a console, or for a whole server.
    pub cors_api: bool,
    /// Wants the parts of a multipart upload to be equal in size, but for the last.
    pub equal_part_sizes: bool,
    /// How many parts a multipart upload may have.
    pub max_parts: u16,
    /// How many bytes one `PUT` may store.
    pub max_put_bytes: u64,
}

/// Where a provider's endpoint comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndpointKind {
    /// AWS's own endpoints, by region and partition.
    Aws,
    /// One for each region: the text before and behind the region's name.
    PerRegion(&'static str, &'static str),
    /// One for all.
    Fixed(&'static str),
    /// The account's own, which must be given; its host ends in this.
    PerAccount(&'static str),
    /// Wherever it was set up: it must be given.
    SelfHosted,
}

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.
const S3: Capabilities = Capabilities {
    post_form: true,
    if_none_match: true,
    checksum_headers: true,
    cors_api: true,
    equal_part_sizes: false,
    max_parts: 10_000,
    max_put_bytes: 5 * GIB,
};

impl Provider {
    /// All of them.
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

    /// The name in `upsign.toml`.
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

    /// What it can do.
    #[must_use]
    pub const fn capabilities(self) -> Capabilities {
        match self {
            Self::Aws | Self::Custom => S3,
            // No PostObject: <https://developers.cloudflare.com/r2/api/s3/presigned-urls/>. Equal parts:
            // <https://developers.cloudflare.com/r2/objects/multipart-objects/>. Five MiB less than five GiB:
            // <https://developers.cloudflare.com/r2/platform/limits/>.
            Self::R2 => Capabilities {
                post_form: false,
                equal_part_sizes: true,
                max_put_bytes: 5 * GIB - 5 * MIB,
                ..S3
            },
            // The supported calls have no POST form:
            // <https://www.backblaze.com/docs/cloud-storage-call-the-s3-compatible-api>. A conditional PutObject is
            // answered 501: <https://github.com/sathinduga/obsidian-s3-sync-and-backup/issues/78>.
            Self::B2 => Capabilities {
                post_form: false,
                if_none_match: false,
                checksum_headers: false,
                max_put_bytes: 5_000_000_000,
                ..S3
            },
            // PutBucketCors is NotImplemented in the community edition: <https://github.com/minio/minio/issues/20995>.
            // <https://min.io/docs/minio/linux/operations/concepts/thresholds.html>.
            Self::Minio => Capabilities { cors_api: false, max_put_bytes: 5 * 1024 * GIB, ..S3 },
            // POST serves multipart uploads:
            // <https://docs.wasabi.com/apidocs/http-methods-compatibility-and-error-handling>.
            Self::Wasabi => Capabilities {
                post_form: false,
                if_none_match: false,
                checksum_headers: false,
                cors_api: false,
                max_put_bytes: 5_000_000_000,
                ..S3
            },
            // <https://docs.digitalocean.com/products/spaces/reference/s3-compatibility/>; POST forms:
            // <https://github.com/transloadit/uppy/issues/5052>.
            Self::DigitalOcean => Capabilities {
                if_none_match: false,
                checksum_headers: false,
                max_put_bytes: 5_000_000_000,
                ..S3
            },
            // <https://www.tigrisdata.com/docs/objects/conditionals/>,
            // <https://www.tigrisdata.com/docs/objects/upload-via-html-form/>.
            Self::Tigris => S3,
            // It ignores If-None-Match and overwrites. No limit on one PUT is documented:
            // <https://garagehq.deuxfleurs.fr/documentation/reference-manual/s3-compatibility/>.
            Self::Garage => Capabilities { if_none_match: false, max_put_bytes: 5 * 1024 * GIB, ..S3 },
            // <https://github.com/seaweedfs/seaweedfs/wiki/Amazon-S3-API>.
            Self::SeaweedFs => Capabilities { max_put_bytes: 5 * 1024 * GIB, ..S3 },
        }
    }

    /// Where its endpoint comes from.
    #[must_use]
    pub const fn endpoint_kind(self) -> EndpointKind {
        match self {
            Self::Aws => EndpointKind::Aws,
            // <https://developers.cloudflare.com/r2/api/s3/api/>, also with a jurisdiction before it.
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

    /// Its endpoint in a region, where it follows from the region; none for AWS, whose endpoints [`crate::Target::aws`]
    /// knows, and for those that must be given.
    #[must_use]
    pub fn endpoint(self, region: &Region) -> Option<Endpoint> {
        match self.endpoint_kind() {
            EndpointKind::PerRegion(before, after) => format!("{before}{region}{after}").parse().ok(),
            EndpointKind::Fixed(endpoint) => endpoint.parse().ok(),
            EndpointKind::Aws | EndpointKind::PerAccount(_) | EndpointKind::SelfHosted => None,
        }
    }

    /// Whether an endpoint can be one of its own.
    #[must_use]
    pub fn accepts_endpoint(self, endpoint: &Endpoint) -> bool {
        match self.endpoint_kind() {
            EndpointKind::PerAccount(ending) => endpoint.host().ends_with(ending),
            _ => true,
        }
    }

    /// Where the bucket's name goes when nobody says: into the host of the services, whose certificates cover it, and
    /// into the path of servers that stand wherever they were put.
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

    /// Host and path prefix of a bucket named `abc`.
    #[track_caller]
    fn check(provider: Provider, region: &str, given: Option<&str>, host: &str, prefix: &str) {
        let region: Region = region.parse().unwrap();
        let endpoint = given.map(|given| given.parse().unwrap()).or_else(|| provider.endpoint(&region));
        let endpoint = endpoint.unwrap();
        assert!(provider.accepts_endpoint(&endpoint));
        let target =
            Target::at(&endpoint, provider.default_addressing(), "abc".parse().unwrap(), region).unwrap();
        assert_eq!((target.host(), target.path_prefix()), (host, prefix), "{provider}");
    }

    #[test]
    fn where_a_bucket_answers() {
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
    fn names() {
        for provider in Provider::ALL {
            assert_eq!(provider.to_string().parse(), Ok(provider));
        }
        assert_eq!("AWS".parse::<Provider>(), Err(UnknownProvider));
    }

    #[test]
    fn who_lacks_what() {
        let lacking = |lacks: fn(&Capabilities) -> bool| {
            Provider::ALL.into_iter().filter(|provider| lacks(&provider.capabilities())).collect::<Vec<_>>()
        };
        assert_eq!(lacking(|c| !c.post_form), [Provider::R2, Provider::B2, Provider::Wasabi]);
        let overwriting = [Provider::B2, Provider::Wasabi, Provider::DigitalOcean, Provider::Garage];
        assert_eq!(lacking(|c| !c.if_none_match), overwriting);
        assert_eq!(lacking(|c| c.equal_part_sizes), [Provider::R2]);
        assert_eq!(lacking(|c| !c.cors_api), [Provider::Minio, Provider::Wasabi]);
        assert_eq!(lacking(|c| c.max_put_bytes < 5_000_000_000), []);
    }
}
