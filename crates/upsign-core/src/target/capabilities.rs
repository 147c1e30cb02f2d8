//! What a store can support: the fields of a profile, which `features` fills in for each store.

use crate::origin_pattern::OriginWildcard;

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
    /// The checksums that the store verifies when it receives an object. It ignores others, so that they prevent nothing.
    pub checksums: VerifiedChecksums,
    /// The store verifies the checksums of [`checksums`](Self::checksums) in forms too, not only in a `PUT`.
    pub form_checksums: bool,
    /// The store honors a canned ACL in `x-amz-acl`.
    pub acl: bool,
    /// The store encrypts with a key of a KMS (`x-amz-server-side-encryption: aws:kms`).
    pub kms: bool,
    /// The store keeps the tags of `x-amz-tagging`.
    pub tags: bool,
    /// The store protects objects with Object Lock (`x-amz-object-lock-mode`), in a bucket that has it enabled.
    pub object_lock: bool,
    /// The store refuses an upload if `x-amz-expected-bucket-owner` is not the owner of the bucket.
    pub expected_bucket_owner: bool,
    /// The store keeps `x-amz-website-redirect-location`.
    pub website_redirect: bool,
    /// The storage classes that the store takes in `x-amz-storage-class`.
    pub storage_classes: StorageClasses,
    /// The CORS configuration of a bucket can be set with `PutBucketCors`. Other stores configure CORS in a console or
    /// for the whole server.
    pub cors_api: bool,
    /// Where the origins of the CORS rules of a bucket can contain `*`.
    pub cors_wildcard: CorsWildcard,
    /// The store honors `If-None-Match: *` on `CompleteMultipartUpload`, so that a multipart upload does not replace an object
    /// that was stored in the meantime.
    pub complete_if_none_match: bool,
    /// The store compares `x-amz-mp-object-size` of `CompleteMultipartUpload` with the size of the assembled object.
    pub object_size: bool,
    /// The checksums of the full object that the store compares on `CompleteMultipartUpload` (type `FULL_OBJECT`).
    pub full_object_checksums: VerifiedChecksums,
    /// The checksums that the store verifies when it receives a part of a multipart upload. `crc64nvme`, which exists for
    /// full objects only, is among them only if it is one of [`full_object_checksums`](Self::full_object_checksums).
    pub part_checksums: VerifiedChecksums,
    /// The store honors `If-None-Match: *` on `CopyObject`: of several copies to one key, exactly one succeeds.
    pub copy_if_none_match: bool,
    /// The store honors `x-amz-copy-source-if-match` on `CopyObject`: it copies no other content than the one that was inspected.
    pub copy_source_if_match: bool,
    /// The store keeps the tags of each version of an object, and sets them by `PutObjectTagging` with a version id.
    pub object_tags_by_version: bool,
    /// The store honors `If-Match` on `DeleteObject`: an object that was replaced in the meantime is not deleted.
    pub delete_if_match: bool,
    /// All parts of a multipart upload except the last must have the same size.
    pub equal_part_sizes: bool,
    /// The maximum number of parts of a multipart upload.
    pub max_parts: u16,
    /// The minimum size in bytes of a part of a multipart upload, except the last one.
    pub min_part_bytes: u64,
    /// The maximum size in bytes of a part of a multipart upload.
    pub max_part_bytes: u64,
    /// The minimum size in bytes of an object that is stored with a multipart upload: 0 or 1.
    pub min_object_bytes: u64,
    /// The maximum size in bytes of an object that is stored with a multipart upload.
    pub max_object_bytes: u64,
    /// The maximum size in bytes of an object that is stored with one `PUT`.
    pub max_put_bytes: u64,
    /// How a presigned `PUT` can bind a maximum size in place of the exact one, or `None` if it cannot.
    pub max_size: Option<MaxSizeBinding>,
}

/// Where an origin of a store's CORS rules can contain one `*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CorsWildcard {
    /// Nowhere: an origin is compared as a whole, or is `*` alone.
    Nowhere,
    /// At the start of the host.
    HostStart,
    /// Anywhere, as in the rules of Amazon S3.
    Anywhere,
}

impl CorsWildcard {
    /// Returns `true` if a rule of the store can contain an origin with a `*` at this place.
    #[must_use]
    pub const fn holds(self, place: OriginWildcard) -> bool {
        match self {
            Self::Nowhere => false,
            Self::HostStart => matches!(place, OriginWildcard::HostStart),
            Self::Anywhere => true,
        }
    }
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
    /// The signed header `x-goog-content-length-range` of Google Cloud Storage, with its own signatures
    /// ([`SignatureFamily::Google`](crate::SignatureFamily::Google)). It also binds the minimum size.
    ///
    /// Source: <https://cloud.google.com/storage/docs/xml-api/reference-headers#xgoogcontentlengthrange>.
    Google,
}

impl MaxSizeBinding {
    /// Returns the name of the query parameter whose value is the maximum size in bytes, or `None` if a header binds it.
    #[must_use]
    pub const fn query_parameter(self) -> Option<&'static str> {
        match self {
            Self::RustFs => Some("x-rustfs-max-content-length"),
            Self::Google => None,
        }
    }

    /// Returns the name of the header whose value is the range of sizes in bytes, such as `0,1048576`, or `None` if a query
    /// parameter binds the maximum.
    #[must_use]
    pub const fn range_header(self) -> Option<&'static str> {
        match self {
            Self::RustFs => None,
            Self::Google => Some("x-goog-content-length-range"),
        }
    }

    /// Returns `true` if a minimum size is bound as well.
    #[must_use]
    pub const fn binds_minimum(self) -> bool {
        matches!(self, Self::Google)
    }
}

/// The checksums that a store verifies, by their names in `upsign.toml`, such as `sha256`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum VerifiedChecksums {
    /// Every checksum of Amazon S3.
    All,
    /// Exactly these.
    Only(&'static [&'static str]),
}

impl VerifiedChecksums {
    /// Returns `true` if the store verifies checksums of this algorithm.
    #[must_use]
    pub fn contain(self, algorithm: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contains(&algorithm),
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
