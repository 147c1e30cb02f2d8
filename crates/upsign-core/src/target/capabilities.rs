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
    /// The store honors `If-Match` on `PutObject`: it refuses to replace an object with another ETag.
    pub if_match: bool,
    /// The store verifies `x-amz-checksum-sha256` and the other checksum headers.
    pub checksum_headers: bool,
    /// The store honors a canned ACL in `x-amz-acl`.
    pub acl: bool,
    /// The store encrypts with a key of a KMS (`x-amz-server-side-encryption: aws:kms`).
    pub kms: bool,
    /// The store keeps the tags of `x-amz-tagging`.
    pub tags: bool,
    /// The storage classes that the store takes in `x-amz-storage-class`.
    pub storage_classes: StorageClasses,
    /// The CORS configuration of a bucket can be set with `PutBucketCors`. Other stores configure CORS in a console or
    /// for the whole server.
    pub cors_api: bool,
    /// All parts of a multipart upload except the last must have the same size.
    pub equal_part_sizes: bool,
    /// The maximum number of parts of a multipart upload.
    pub max_parts: u16,
    /// The maximum size in bytes of an object that is stored with one `PUT`.
    pub max_put_bytes: u64,
    /// How a presigned `PUT` can bind a maximum size in place of the exact one, or `None` if it cannot.
    pub max_size: Option<MaxSizeBinding>,
}

/// How a presigned `PUT` binds a maximum size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum MaxSizeBinding {
    /// The signed query parameter `x-rustfs-max-content-length` of RustFS, which counts the bytes of the body as they
    /// arrive.
    ///
    /// Source: <https://github.com/rustfs/rustfs/pull/6724>.
    RustFs,
}

impl MaxSizeBinding {
    /// Returns the name of the query parameter whose value is the maximum size in bytes.
    #[must_use]
    pub const fn query_parameter(self) -> &'static str {
        match self {
            Self::RustFs => "x-rustfs-max-content-length",
        }
    }
}

/// The storage classes of a store, by the names of Amazon S3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StorageClasses {
    /// Those of Amazon S3, or those that the server is configured with.
    Any,
    /// Exactly these.
    Only(&'static [&'static str]),
}

impl StorageClasses {
    /// Returns `true` if the store takes objects of this class.
    #[must_use]
    pub fn contain(self, class: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Only(classes) => classes.contains(&class),
        }
    }
}

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// The limits of Amazon S3: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.
const S3: Capabilities = Capabilities {
    post_form: true,
    if_none_match: true,
    // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>.
    if_match: true,
    checksum_headers: true,
    acl: true,
    kms: true,
    tags: true,
    storage_classes: StorageClasses::Any,
    cors_api: true,
    equal_part_sizes: false,
    max_parts: 10_000,
    max_put_bytes: 5 * GIB,
    max_size: None,
};

/// A store of which only forms, conditions and checksums are documented as in Amazon S3.
const PLAIN: Capabilities =
    Capabilities { acl: false, kms: false, tags: false, storage_classes: StorageClasses::Only(&[]), ..S3 };

/// A store of which none of the features is documented that differ from store to store.
const BASIC: Capabilities = Capabilities {
    post_form: false,
    if_none_match: false,
    if_match: false,
    checksum_headers: false,
    ..PLAIN
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
            // No ACLs, KMS and tags, and two storage classes: <https://developers.cloudflare.com/r2/api/s3/api/>.
            Self::R2 => Capabilities {
                post_form: false,
                equal_part_sizes: true,
                max_put_bytes: 5 * GIB - 5 * MIB,
                storage_classes: StorageClasses::Only(&["STANDARD", "STANDARD_IA"]),
                ..PLAIN
            },
            // POST forms are not among the supported calls, and an ACL must equal that of the bucket:
            // <https://www.backblaze.com/docs/cloud-storage-call-the-s3-compatible-api>,
            // <https://www.backblaze.com/apidocs/s3-put-object>.
            // Conditional PutObject answers 501: <https://github.com/sathinduga/obsidian-s3-sync-and-backup/issues/78>.
            Self::B2 => Capabilities { max_put_bytes: 5_000_000_000, ..BASIC },
            // PutBucketCors answers NotImplemented in the community edition: <https://github.com/minio/minio/issues/20995>.
            // Limits: <https://min.io/docs/minio/linux/operations/concepts/thresholds.html>.
            // Tags, but no ACLs: <https://min.io/docs/minio/linux/reference/s3-api-compatibility.html>.
            // KMS: <https://min.io/docs/minio/linux/operations/server-side-encryption.html>.
            // Classes: <https://min.io/docs/minio/linux/reference/minio-server/settings/storage-class.html>.
            Self::Minio => Capabilities {
                if_match: false,
                acl: false,
                storage_classes: StorageClasses::Only(&["STANDARD", "REDUCED_REDUNDANCY"]),
                cors_api: false,
                max_put_bytes: 5 * 1024 * GIB,
                ..S3
            },
            // POST is documented for multipart uploads only:
            // <https://docs.wasabi.com/apidocs/http-methods-compatibility-and-error-handling>.
            Self::Wasabi => Capabilities { cors_api: false, max_put_bytes: 5_000_000_000, ..BASIC },
            // ACLs: <https://docs.digitalocean.com/products/spaces/reference/s3-compatibility/>.
            // POST forms work: <https://github.com/transloadit/uppy/issues/5052>.
            Self::DigitalOcean => {
                Capabilities { post_form: true, acl: true, max_put_bytes: 5_000_000_000, ..BASIC }
            }
            // Conditions: <https://www.tigrisdata.com/docs/objects/conditionals/>.
            // POST forms: <https://www.tigrisdata.com/docs/objects/upload-via-html-form/>.
            Self::Tigris => PLAIN,
            // Garage ignores If-None-Match and overwrites the object. It has no ACLs and tags, and documents no limit on the
            // size of one PUT: <https://garagehq.deuxfleurs.fr/documentation/reference-manual/s3-compatibility/>.
            Self::Garage => {
                Capabilities { if_none_match: false, if_match: false, max_put_bytes: 5 * 1024 * GIB, ..PLAIN }
            }
            // <https://github.com/seaweedfs/seaweedfs/wiki/Amazon-S3-API>. The server takes an ACL without an effect, and
            // answers 500 to KMS unless it is configured.
            Self::SeaweedFs => Capabilities { acl: false, kms: false, max_put_bytes: 5 * 1024 * GIB, ..S3 },
            // ACLs: <https://cloud.google.com/storage/docs/aws-simple-migration>. CORS has a format of its own:
            // <https://cloud.google.com/storage/docs/using-cors>.
            Self::Gcs => Capabilities {
                acl: true,
                storage_classes: StorageClasses::Only(&["STANDARD"]),
                cors_api: false,
                ..BASIC
            },
            // <https://docs.hetzner.com/storage/object-storage/supported-actions/>.
            Self::Hetzner => BASIC,
            // No forms and no KMS: `s3_s3_compliancy/guide.en-gb.md` of <https://github.com/ovh/docs>.
            // Classes: `s3_location/guide.en-gb.md` there.
            Self::Ovh => Capabilities {
                acl: true,
                tags: true,
                storage_classes: StorageClasses::Only(&[
                    "STANDARD",
                    "STANDARD_IA",
                    "ONEZONE_IA",
                    "INTELLIGENT_TIERING",
                    "GLACIER_IR",
                    "GLACIER",
                    "DEEP_ARCHIVE",
                ]),
                ..BASIC
            },
            // <https://www.scaleway.com/en/docs/object-storage/api-cli/using-api-call-list/>.
            // Conditions: <https://www.scaleway.com/en/docs/object-storage/api-cli/using-conditional-writes/>.
            // Classes: <https://www.scaleway.com/en/docs/object-storage/concepts/>.
            Self::Scaleway => Capabilities {
                post_form: true,
                if_none_match: true,
                if_match: true,
                acl: true,
                tags: true,
                storage_classes: StorageClasses::Only(&["STANDARD", "ONEZONE_IA", "GLACIER"]),
                ..BASIC
            },
            // Forms, ACLs and tags: <https://docs.ceph.com/en/latest/radosgw/s3/>.
            // KMS: <https://docs.ceph.com/en/latest/radosgw/encryption/>.
            // Classes are those of the placement target: <https://docs.ceph.com/en/latest/radosgw/placement/>.
            // Conditional writes depend on the release: `test_s3.py` of <https://github.com/ceph/s3-tests>.
            Self::Ceph => {
                Capabilities { if_none_match: false, if_match: false, checksum_headers: false, ..S3 }
            }
            // Of `If-Match`, nothing is documented for PutObject.
            // `docs/architecture/s3-compatibility-matrix.md` and `scripts/s3-tests/implemented_tests.txt` of
            // <https://github.com/rustfs/rustfs>.
            Self::RustFs => {
                Capabilities { if_match: false, tags: true, max_size: Some(MaxSizeBinding::RustFs), ..PLAIN }
            }
            // <https://docs.localstack.cloud/aws/services/s3/>.
            Self::LocalStack => S3,
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
        let names = |list: Vec<Provider>| list.into_iter().map(Provider::name).collect::<Vec<_>>().join(" ");
        assert_eq!(names(lacking(|c| !c.post_form)), "r2 b2 wasabi gcs hetzner ovh");
        assert_eq!(names(lacking(|c| !c.if_none_match)), "b2 wasabi do garage gcs hetzner ovh ceph");
        let without_if_match = "b2 minio wasabi do garage gcs hetzner ovh ceph rustfs";
        assert_eq!(names(lacking(|c| !c.if_match)), without_if_match);
        let unverified = "b2 wasabi do gcs hetzner ovh scaleway ceph";
        assert_eq!(names(lacking(|c| !c.checksum_headers)), unverified);
        assert_eq!(names(lacking(|c| !c.acl)), "r2 b2 minio wasabi tigris garage seaweedfs hetzner rustfs");
        let without_kms = "r2 b2 wasabi do tigris garage seaweedfs gcs hetzner ovh scaleway rustfs";
        assert_eq!(names(lacking(|c| !c.kms)), without_kms);
        assert_eq!(names(lacking(|c| !c.tags)), "r2 b2 wasabi do tigris garage gcs hetzner");
        let without_standard_ia = "b2 minio wasabi do tigris garage gcs hetzner scaleway rustfs";
        assert_eq!(names(lacking(|c| !c.storage_classes.contain("STANDARD_IA"))), without_standard_ia);
        assert_eq!(names(lacking(|c| c.equal_part_sizes)), "r2");
        assert_eq!(names(lacking(|c| !c.cors_api)), "minio wasabi gcs");
        assert_eq!(names(lacking(|c| c.max_size.is_some())), "rustfs");
        assert_eq!(lacking(|c| c.max_put_bytes < 5_000_000_000), []);
    }
}
