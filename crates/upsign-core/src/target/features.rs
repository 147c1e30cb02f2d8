//! The features of each store, and of the buckets that differ from the others of their store.

use crate::target::capabilities::{
    Capabilities, CorsWildcard, MaxSizeBinding, StorageClasses, VerifiedChecksums,
};
use crate::target::provider::Provider;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

/// The limits of Amazon S3: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>.
const S3: Capabilities = Capabilities {
    post_form: true,
    if_none_match: true,
    // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>.
    if_match: true,
    checksums: VerifiedChecksums::All,
    form_checksums: true,
    acl: true,
    kms: true,
    tags: true,
    // <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>.
    object_lock: true,
    expected_bucket_owner: true,
    website_redirect: true,
    storage_classes: StorageClasses::Any,
    cors_api: true,
    // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html>.
    cors_wildcard: CorsWildcard::Anywhere,
    // The condition and the size: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>.
    complete_if_none_match: true,
    object_size: true,
    // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>.
    full_object_checksums: VerifiedChecksums::Only(&["crc64nvme", "crc32", "crc32c"]),
    // `Content-MD5` of a part: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html>.
    part_checksums: OLDER_CHECKSUMS,
    // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html> and
    // <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>.
    copy_if_none_match: true,
    copy_source_if_match: true,
    // <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html>.
    object_tags_by_version: true,
    // General purpose and directory buckets: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html>.
    delete_if_match: true,
    equal_part_sizes: false,
    max_parts: 10_000,
    min_part_bytes: 5 * MIB,
    max_part_bytes: 5 * GIB,
    // One empty part: <https://github.com/apache/arrow-rs-object-store/issues/91>.
    min_object_bytes: 0,
    // The page rounds it to 48.8 TiB.
    max_object_bytes: 10_000 * 5 * GIB,
    max_put_bytes: 5 * GIB,
    max_size: None,
};

/// The storage classes of general purpose buckets of Amazon S3.
const GENERAL_PURPOSE_CLASSES: StorageClasses = StorageClasses::Only(&[
    "STANDARD",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
    "REDUCED_REDUNDANCY",
]);

/// The checksums that S3 verified before 2026, and `Content-MD5`.
const OLDER_CHECKSUMS: VerifiedChecksums =
    VerifiedChecksums::Only(&["sha256", "sha1", "crc32", "crc32c", "crc64nvme", "md5"]);

/// The maximum size of an object at stores that document none: 5 TiB, which Amazon S3 had for many years
/// (<https://docs.aws.amazon.com/AmazonS3/latest/dev/qfacts.html>).
const FORMER_MAX_OBJECT: u64 = 5 * TIB;

/// 5 GB and 5 TB, in the units of stores that count in powers of ten.
const FIVE_GB: u64 = 5_000_000_000;
const FIVE_TB: u64 = 5_000_000_000_000;

const NO_CHECKSUMS: VerifiedChecksums = VerifiedChecksums::Only(&[]);

/// The checksums of a part that Amazon S3 combines to the checksum of an object (type `COMPOSITE`).
const COMPOSITE_CHECKSUMS: VerifiedChecksums =
    VerifiedChecksums::Only(&["crc32", "crc32c", "sha1", "sha256"]);

/// A store of which only forms and conditions are documented as in Amazon S3.
const PLAIN: Capabilities = Capabilities {
    checksums: NO_CHECKSUMS,
    complete_if_none_match: false,
    object_size: false,
    full_object_checksums: NO_CHECKSUMS,
    part_checksums: NO_CHECKSUMS,
    copy_if_none_match: false,
    copy_source_if_match: false,
    object_tags_by_version: false,
    delete_if_match: false,
    acl: false,
    kms: false,
    tags: false,
    object_lock: false,
    expected_bucket_owner: false,
    website_redirect: false,
    storage_classes: StorageClasses::Only(&[]),
    cors_wildcard: CorsWildcard::Nowhere,
    max_object_bytes: FORMER_MAX_OBJECT,
    ..S3
};

/// A store whose documentation mentions no feature that differs from store to store.
const BASIC: Capabilities = Capabilities { post_form: false, if_none_match: false, if_match: false, ..PLAIN };

impl Capabilities {
    /// The features of directory buckets (S3 Express One Zone), which lack much of what other buckets of Amazon S3 have.
    ///
    /// - A form would need a session (`S3ExpressPostAuth` of botocore), whose credentials expire after five minutes.
    /// - ACLs, tags, `Content-MD5`, Object Lock and website redirects are not supported, and the storage class is
    ///   `EXPRESS_ONEZONE`, or `ONEZONE_IA` in Local Zones:
    ///   <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html>.
    /// - A key of a KMS cannot be chosen for each object. It is that of the bucket's default encryption:
    ///   <https://docs.aws.amazon.com/AmazonS3/latest/userguide/s3-express-specifying-kms-encryption.html>.
    /// - They have no CORS configuration: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketCors.html>.
    /// - Conditional writes are supported:
    ///   <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html>.
    /// - Checksums of full objects are not documented for them, nor is a condition on the destination of a copy. They have no
    ///   versions.
    pub const DIRECTORY_BUCKET: Self = Self {
        post_form: false,
        checksums: VerifiedChecksums::Only(&[
            "sha256",
            "sha1",
            "crc32",
            "crc32c",
            "crc64nvme",
            "sha512",
            "amz-md5",
            "xxhash64",
            "xxhash3",
            "xxhash128",
        ]),
        acl: false,
        kms: false,
        tags: false,
        object_lock: false,
        website_redirect: false,
        storage_classes: StorageClasses::Only(&["EXPRESS_ONEZONE", "ONEZONE_IA"]),
        cors_api: false,
        cors_wildcard: CorsWildcard::Nowhere,
        full_object_checksums: NO_CHECKSUMS,
        part_checksums: COMPOSITE_CHECKSUMS,
        copy_if_none_match: false,
        object_tags_by_version: false,
        ..S3
    };
}

impl Capabilities {
    /// The features of Google Cloud Storage with its own signatures ([`SignatureFamily::Google`](crate::SignatureFamily::Google)).
    /// [`Provider::Gcs`] describes the S3-compatible side of the same store.
    ///
    /// - Forms: <https://cloud.google.com/storage/docs/xml-api/post-object-forms>.
    /// - `x-goog-if-generation-match: 0` prevents overwriting as `If-None-Match: *` does elsewhere; an ETag cannot be a
    ///   condition of it. KMS keys, ACLs and ranges of sizes have headers, tags of objects have none:
    ///   <https://cloud.google.com/storage/docs/xml-api/reference-headers>.
    /// - `Content-MD5`: <https://cloud.google.com/storage/docs/xml-api/put-object>.
    pub const GOOGLE: Self = Self {
        post_form: true,
        if_none_match: true,
        kms: true,
        max_size: Some(MaxSizeBinding::Google),
        ..Provider::Gcs.capabilities()
    };
}

impl Provider {
    /// Returns the features and limits of the store.
    ///
    /// [`Provider::Custom`] is assumed to have those of Amazon S3, because its actual ones are unknown.
    #[must_use]
    pub const fn capabilities(self) -> Capabilities {
        match self {
            Self::Custom => S3,
            // `EXPRESS_ONEZONE` is the class of directory buckets only:
            // <https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-class-intro.html>.
            Self::Aws => Capabilities { storage_classes: GENERAL_PURPOSE_CLASSES, ..S3 },
            // No POST forms: <https://developers.cloudflare.com/r2/api/s3/presigned-urls/>.
            // Parts of equal size: <https://developers.cloudflare.com/r2/objects/multipart-objects/>.
            // The limits of one PUT and one part are 5 GiB less 5 MiB, and that of an object is 5 TiB less 5 GiB:
            // <https://developers.cloudflare.com/r2/platform/limits/>.
            // No ACLs, KMS and tags, and two storage classes: <https://developers.cloudflare.com/r2/api/s3/api/>.
            // Checksums: those that were seen to be enforced, <https://github.com/Alos-no/Cloudflare.NET/pull/43>.
            // Multipart uploads: the table of checksum types and the headers of UploadPart on
            // <https://developers.cloudflare.com/r2/api/s3/api/>, which lists no condition of CompleteMultipartUpload.
            // The same page lists the conditions of CopyObject on the source; one on the destination has a header of its own:
            // <https://developers.cloudflare.com/r2/api/s3/extensions/>.
            Self::R2 => Capabilities {
                copy_source_if_match: true,
                post_form: false,
                checksums: VerifiedChecksums::Only(&["sha256", "sha1", "crc32", "crc32c", "md5"]),
                full_object_checksums: VerifiedChecksums::Only(&["crc64nvme"]),
                part_checksums: VerifiedChecksums::Only(&["crc32", "crc32c", "sha1", "sha256", "md5"]),
                equal_part_sizes: true,
                max_part_bytes: 5 * GIB - 5 * MIB,
                max_object_bytes: 5 * TIB - 5 * GIB,
                max_put_bytes: 5 * GIB - 5 * MIB,
                storage_classes: StorageClasses::Only(&["STANDARD", "STANDARD_IA"]),
                ..PLAIN
            },
            // POST forms are not among the supported calls, and an ACL must equal that of the bucket:
            // <https://www.backblaze.com/docs/cloud-storage-call-the-s3-compatible-api>,
            // <https://www.backblaze.com/apidocs/s3-put-object>.
            // Object Lock and the expected owner: <https://www.backblaze.com/apidocs/s3-put-object>.
            // Conditional PutObject answers 501: <https://github.com/sathinduga/obsidian-s3-sync-and-backup/issues/78>.
            // CORS: <https://www.backblaze.com/docs/cloud-storage-cross-origin-resource-sharing-rules>.
            // Parts, of which the last one has at least 1 byte:
            // <https://www.backblaze.com/docs/cloud-storage-create-large-files-with-the-native-api>.
            // Objects of up to 10 TB: <https://www.backblaze.com/docs/cloud-storage-large-files>.
            Self::B2 => Capabilities {
                object_lock: true,
                expected_bucket_owner: true,
                min_part_bytes: 5_000_000,
                max_part_bytes: FIVE_GB,
                min_object_bytes: 1,
                max_object_bytes: 10_000_000_000_000,
                max_put_bytes: FIVE_GB,
                cors_wildcard: CorsWildcard::HostStart,
                ..BASIC
            },
            // PutBucketCors answers NotImplemented in the community edition: <https://github.com/minio/minio/issues/20995>.
            // Limits: <https://min.io/docs/minio/linux/operations/concepts/thresholds.html>.
            // Tags, but no ACLs: <https://min.io/docs/minio/linux/reference/s3-api-compatibility.html>.
            // KMS: <https://min.io/docs/minio/linux/operations/server-side-encryption.html>.
            // Classes: <https://min.io/docs/minio/linux/reference/minio-server/settings/storage-class.html>.
            // Object Lock: <https://docs.min.io/docs/minio-bucket-object-lock-guide.html>.
            // Wildcards of CORS, for the whole server: `corsHandler` of
            // <https://github.com/minio/minio/blob/master/cmd/api-router.go>.
            // Checksums: <https://github.com/minio/minio/pull/20855>. CRC32 of full objects fails:
            // <https://github.com/minio/minio/issues/20944>.
            // The condition of CompleteMultipartUpload: <https://github.com/minio/minio/pull/19713>.
            // Copies: `checkCopyObjectPreconditions` of
            // <https://github.com/minio/minio/blob/master/cmd/object-handlers-common.go> knows conditions on the source only.
            // No condition of DeleteObject is documented.
            Self::Minio => Capabilities {
                copy_if_none_match: false,
                delete_if_match: false,
                checksums: OLDER_CHECKSUMS,
                object_size: false,
                full_object_checksums: VerifiedChecksums::Only(&["crc64nvme"]),
                if_match: false,
                acl: false,
                expected_bucket_owner: false,
                website_redirect: false,
                storage_classes: StorageClasses::Only(&["STANDARD", "REDUCED_REDUNDANCY"]),
                cors_api: false,
                max_object_bytes: 50 * TIB,
                max_put_bytes: 5 * TIB,
                ..S3
            },
            // POST is documented for multipart uploads only:
            // <https://docs.wasabi.com/apidocs/http-methods-compatibility-and-error-handling>.
            // Object Lock: <https://docs.wasabi.com/apidocs/object-lock-with-the-wasabi-s3-api>.
            // Objects of up to 5 TB, 5 GB with one PUT: Wasabi's documentation as quoted in
            // <https://github.com/pglombardo/PasswordPusher/issues/1895>.
            Self::Wasabi => Capabilities {
                object_lock: true,
                cors_api: false,
                max_part_bytes: FIVE_GB,
                max_object_bytes: FIVE_TB,
                max_put_bytes: FIVE_GB,
                ..BASIC
            },
            // ACLs: <https://docs.digitalocean.com/products/spaces/reference/s3-compatibility/>.
            // POST forms work: <https://github.com/transloadit/uppy/issues/5052>.
            // CORS: <https://docs.digitalocean.com/products/spaces/how-to/configure-cors/>.
            // Sizes: <https://docs.digitalocean.com/products/spaces/details/limits/>.
            Self::DigitalOcean => Capabilities {
                post_form: true,
                acl: true,
                max_part_bytes: FIVE_GB,
                max_object_bytes: FIVE_TB,
                max_put_bytes: FIVE_GB,
                cors_wildcard: CorsWildcard::HostStart,
                ..BASIC
            },
            // Conditions: <https://www.tigrisdata.com/docs/objects/conditionals/>.
            // POST forms: <https://www.tigrisdata.com/docs/objects/upload-via-html-form/>.
            Self::Tigris => PLAIN,
            // Garage ignores If-None-Match and overwrites the object. It has no ACLs and tags, and documents no limit on the
            // size of one PUT: <https://garagehq.deuxfleurs.fr/documentation/reference-manual/s3-compatibility/>.
            // Origins are compared as a whole: `src/api/common/cors.rs` of <https://git.deuxfleurs.fr/Deuxfleurs/garage>.
            // Checksums: `src/api/common/signature/checksum.rs` of <https://git.deuxfleurs.fr/Deuxfleurs/garage>.
            Self::Garage => Capabilities {
                if_none_match: false,
                if_match: false,
                checksums: OLDER_CHECKSUMS,
                // The same file verifies those of parts.
                part_checksums: COMPOSITE_CHECKSUMS,
                max_put_bytes: 5 * TIB,
                ..PLAIN
            },
            // <https://github.com/seaweedfs/seaweedfs/wiki/Amazon-S3-API>. The server takes an ACL without an effect, and
            // answers 500 to KMS unless it is configured. It ignores the expected owner and website redirects, and stores objects
            // with a wrong SHA-512, XXHash or `x-amz-checksum-md5`.
            // CORS: `matchWildcard` of <https://github.com/seaweedfs/seaweedfs/blob/master/weed/s3api/cors/cors.go>.
            // Multipart uploads: version 4.48 honors the condition of CompleteMultipartUpload and compares CRC64NVME and CRC32
            // of full objects and every checksum of a part, but ignores `x-amz-mp-object-size` (`tests/stores` of upsign-objects).
            // Copies and tags: it honors both conditions of CopyObject, the one on the destination for 16 concurrent copies too, and
            // tags the version that is named. It honors the condition of DeleteObject.
            Self::SeaweedFs => Capabilities {
                cors_wildcard: CorsWildcard::HostStart,
                checksums: OLDER_CHECKSUMS,
                object_size: false,
                full_object_checksums: VerifiedChecksums::Only(&["crc64nvme", "crc32"]),
                acl: false,
                kms: false,
                expected_bucket_owner: false,
                website_redirect: false,
                max_object_bytes: FORMER_MAX_OBJECT,
                max_put_bytes: 5 * TIB,
                ..S3
            },
            // ACLs: <https://cloud.google.com/storage/docs/aws-simple-migration>. CORS has a format of its own, whose origins
            // are compared as a whole: <https://cloud.google.com/storage/docs/using-cors>,
            // <https://cloud.google.com/storage/docs/cross-origin>.
            // Of the checksums of S3 only Content-MD5: <https://cloud.google.com/storage/docs/xml-api/put-object>.
            // Sizes: <https://cloud.google.com/storage/quotas>.
            Self::Gcs => Capabilities {
                checksums: VerifiedChecksums::Only(&["md5"]),
                acl: true,
                storage_classes: StorageClasses::Only(&["STANDARD"]),
                cors_api: false,
                ..BASIC
            },
            // <https://docs.hetzner.com/storage/object-storage/supported-actions/>.
            // Object Lock: <https://docs.hetzner.com/storage/object-storage/howto-protect-objects/protect-object-lock-retention>.
            Self::Hetzner => Capabilities { object_lock: true, ..BASIC },
            // No forms and no KMS: `s3_s3_compliancy/guide.en-gb.md` of <https://github.com/ovh/docs>.
            // Classes: `s3_location/guide.en-gb.md` there.
            Self::Ovh => Capabilities {
                acl: true,
                tags: true,
                storage_classes: StorageClasses::Only(&[
                    "EXPRESS_ONEZONE",
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
            // Classes and the number of parts: `backend/s3/provider/Scaleway.yaml` of <https://github.com/rclone/rclone>.
            // Checksums: <https://www.scaleway.com/en/docs/object-storage/reference-content/supported-checksums/>.
            // Object Lock: <https://www.scaleway.com/en/docs/object-storage/how-to/use-object-lock/>.
            // Parts and sizes: <https://www.scaleway.com/en/docs/object-storage/api-cli/multipart-uploads/>.
            // The page about conditional writes names copies as well. No page documents conditions on their source.
            Self::Scaleway => Capabilities {
                copy_if_none_match: true,
                object_lock: true,
                checksums: VerifiedChecksums::Only(&["sha256", "sha1", "crc32", "crc32c", "crc64nvme"]),
                post_form: true,
                if_none_match: true,
                if_match: true,
                acl: true,
                tags: true,
                storage_classes: StorageClasses::Only(&["STANDARD", "ONEZONE_IA", "GLACIER"]),
                max_parts: 1_000,
                max_part_bytes: FIVE_GB,
                max_object_bytes: FIVE_TB,
                ..BASIC
            },
            // Forms, ACLs and tags: <https://docs.ceph.com/en/latest/radosgw/s3/>.
            // KMS: <https://docs.ceph.com/en/latest/radosgw/encryption/>.
            // Classes are those of the placement target: <https://docs.ceph.com/en/latest/radosgw/placement/>.
            // Wildcards of CORS: `RGWCORSRule::is_origin_present` of <https://github.com/ceph/ceph/blob/main/src/rgw/rgw_cors.cc>.
            // Conditional writes depend on the release: `test_s3.py` of <https://github.com/ceph/s3-tests>.
            // Object Lock: <https://www.ibm.com/docs/en/storage-ceph/9.9.1?topic=lifecycle-enabling-object-lock-s3>.
            // Copies: the condition on the source is <https://github.com/ceph/ceph/pull/44678>, the one on the destination was not
            // merged in <https://github.com/ceph/ceph/pull/71588>.
            // The condition of DeleteObject depends on the release.
            Self::Ceph => Capabilities {
                copy_if_none_match: false,
                delete_if_match: false,
                object_tags_by_version: false,
                expected_bucket_owner: false,
                website_redirect: false,
                if_none_match: false,
                if_match: false,
                checksums: NO_CHECKSUMS,
                complete_if_none_match: false,
                object_size: false,
                full_object_checksums: NO_CHECKSUMS,
                part_checksums: NO_CHECKSUMS,
                max_object_bytes: FORMER_MAX_OBJECT,
                ..S3
            },
            // Of `If-Match`, nothing is documented for PutObject.
            // `docs/architecture/s3-compatibility-matrix.md` and `scripts/s3-tests/implemented_tests.txt` of
            // <https://github.com/rustfs/rustfs>.
            // Object Lock: <https://docs.rustfs.com/administration/data/object/object-lock>.
            // Multipart uploads had a wrong CRC64NVME: <https://github.com/rustfs/rustfs/issues/2282>.
            Self::RustFs => Capabilities {
                object_lock: true,
                if_match: false,
                checksums: VerifiedChecksums::Only(&["sha256", "sha1", "crc32", "crc32c", "crc64nvme"]),
                form_checksums: false,
                tags: true,
                max_size: Some(MaxSizeBinding::RustFs),
                ..PLAIN
            },
            // <https://docs.localstack.cloud/aws/services/s3/>.
            // Checksums: `localstack/services/s3/utils.py` of <https://github.com/localstack/localstack>. `Content-MD5` of
            // parts: <https://github.com/localstack/localstack/pull/11795>.
            // It fails the tests of conditions of CompleteMultipartUpload: <https://github.com/ministackorg/ministack/pull/1435>.
            // No condition on the destination of a copy: `copy_object` of `localstack/services/s3/provider.py` there.
            // No condition of DeleteObject is documented.
            Self::LocalStack => Capabilities {
                copy_if_none_match: false,
                delete_if_match: false,
                checksums: VerifiedChecksums::Only(&["sha256", "sha1", "crc32", "crc32c"]),
                complete_if_none_match: false,
                object_size: false,
                full_object_checksums: NO_CHECKSUMS,
                part_checksums: VerifiedChecksums::Only(&["md5"]),
                ..S3
            },
        }
    }
}

#[cfg(test)]
mod tests;
