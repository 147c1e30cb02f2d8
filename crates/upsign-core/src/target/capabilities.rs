//! The features of the S3-compatible stores.

use crate::target::provider::Provider;

/// The features of S3 that a store supports, and its limits.
///
/// A feature that the store's documentation does not mention counts as unsupported. A configuration that needs it is
/// then rejected at startup, instead of failing at the first upload.
///
/// ```
/// use upsign_core::Provider;
/// let r2 = Provider::R2.capabilities();
/// assert!(!r2.post_form && r2.if_none_match);
/// assert_eq!(Provider::Aws.capabilities().max_put_bytes, 5 << 30);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Capabilities {
    /// The store accepts browser form uploads with a POST policy.
    pub post_form: bool,
    /// The store honors `If-None-Match: *` on `PutObject`. A store that does not either answers 501 or overwrites the
    /// object.
    pub if_none_match: bool,
    /// The store verifies `x-amz-checksum-sha256` and the other checksum headers.
    pub checksum_headers: bool,
    /// The CORS configuration of a bucket can be set with `PutBucketCors`. Other stores configure CORS in a console or
    /// for the whole server.
    pub cors_api: bool,
    /// All parts of a multipart upload except the last must have the same size.
    pub equal_part_sizes: bool,
    /// The maximum number of parts of a multipart upload.
    pub max_parts: u16,
    /// The maximum size in bytes of an object that is stored with one `PUT`.
    pub max_put_bytes: u64,
}

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// The limits of Amazon S3: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.
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
    /// Returns the features and limits of the store.
    ///
    /// [`Provider::Custom`] is assumed to have those of Amazon S3, because its actual ones are unknown.
    #[must_use]
    pub const fn capabilities(self) -> Capabilities {
        match self {
            Self::Aws | Self::Custom => S3,
            // No POST forms: <https://developers.cloudflare.com/r2/api/s3/presigned-urls/>.
            // Parts of equal size: <https://developers.cloudflare.com/r2/objects/multipart-objects/>.
            // The size limit is 5 GiB less 5 MiB: <https://developers.cloudflare.com/r2/platform/limits/>.
            Self::R2 => Capabilities {
                post_form: false,
                equal_part_sizes: true,
                max_put_bytes: 5 * GIB - 5 * MIB,
                ..S3
            },
            // POST forms are not among the supported calls:
            // <https://www.backblaze.com/docs/cloud-storage-call-the-s3-compatible-api>.
            // Conditional PutObject answers 501: <https://github.com/sathinduga/obsidian-s3-sync-and-backup/issues/78>.
            Self::B2 => Capabilities {
                post_form: false,
                if_none_match: false,
                checksum_headers: false,
                max_put_bytes: 5_000_000_000,
                ..S3
            },
            // PutBucketCors answers NotImplemented in the community edition: <https://github.com/minio/minio/issues/20995>.
            // Limits: <https://min.io/docs/minio/linux/operations/concepts/thresholds.html>.
            Self::Minio => Capabilities { cors_api: false, max_put_bytes: 5 * 1024 * GIB, ..S3 },
            // POST is documented for multipart uploads only:
            // <https://docs.wasabi.com/apidocs/http-methods-compatibility-and-error-handling>.
            Self::Wasabi => Capabilities {
                post_form: false,
                if_none_match: false,
                checksum_headers: false,
                cors_api: false,
                max_put_bytes: 5_000_000_000,
                ..S3
            },
            // <https://docs.digitalocean.com/products/spaces/reference/s3-compatibility/>.
            // POST forms work: <https://github.com/transloadit/uppy/issues/5052>.
            Self::DigitalOcean => Capabilities {
                if_none_match: false,
                checksum_headers: false,
                max_put_bytes: 5_000_000_000,
                ..S3
            },
            // Conditions: <https://www.tigrisdata.com/docs/objects/conditionals/>.
            // POST forms: <https://www.tigrisdata.com/docs/objects/upload-via-html-form/>.
            Self::Tigris => S3,
            // Garage ignores If-None-Match and overwrites the object. It documents no limit on the size of one PUT:
            // <https://garagehq.deuxfleurs.fr/documentation/reference-manual/s3-compatibility/>.
            Self::Garage => Capabilities { if_none_match: false, max_put_bytes: 5 * 1024 * GIB, ..S3 },
            // <https://github.com/seaweedfs/seaweedfs/wiki/Amazon-S3-API>.
            Self::SeaweedFs => Capabilities { max_put_bytes: 5 * 1024 * GIB, ..S3 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_features_by_provider() {
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
