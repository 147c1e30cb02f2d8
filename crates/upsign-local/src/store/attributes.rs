//! The headers that are stored with an object.

use std::collections::HashMap;

use axum::http::HeaderMap;
use s3s::dto::{CopyObjectInput, CreateMultipartUploadInput, PutObjectInput, Timestamp};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

use crate::error_details::WithDetail;

/// Maximum size of the metadata of an object in bytes.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>.
const MAX_METADATA: usize = 2_048;

/// The headers that an upload sets and a download returns.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Attributes {
    pub(crate) content_type: Option<String>,
    pub(crate) content_encoding: Option<String>,
    pub(crate) content_disposition: Option<String>,
    pub(crate) content_language: Option<String>,
    pub(crate) cache_control: Option<String>,
    pub(crate) expires: Option<Timestamp>,
    pub(crate) website_redirect_location: Option<String>,
    pub(crate) metadata: Option<HashMap<String, String>>,
    pub(crate) storage_class: Option<String>,
    pub(crate) server_side_encryption: Option<String>,
    pub(crate) kms_key_id: Option<String>,
    pub(crate) bucket_key_enabled: Option<bool>,
    pub(crate) tagging: Option<String>,
    #[serde(default)]
    pub(crate) lock: ObjectLock,
}

/// The lock of an object. It is stored and returned, and protects nothing: a bucket with Object Lock has versions, and a
/// request without a version id can replace or delete the current version of a locked object there too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ObjectLock {
    pub(super) mode: Option<String>,
    pub(super) retain_until: Option<Timestamp>,
    pub(super) legal_hold: Option<String>,
}

/// Returns the [`Attributes`] of a request.
///
/// The inputs of PutObject, CopyObject and CreateMultipartUpload have these members in common, but no common trait.
macro_rules! attributes {
    ($input:expr) => {
        Attributes {
            content_type: $input.content_type.clone(),
            content_encoding: $input.content_encoding.clone(),
            content_disposition: $input.content_disposition.clone(),
            content_language: $input.content_language.clone(),
            cache_control: $input.cache_control.clone(),
            expires: $input.expires.clone(),
            website_redirect_location: $input.website_redirect_location.clone(),
            metadata: $input.metadata.clone(),
            storage_class: $input.storage_class.as_ref().map(|class| class.as_str().to_owned()),
            server_side_encryption: $input.server_side_encryption.as_ref().map(|sse| sse.as_str().to_owned()),
            kms_key_id: $input.ssekms_key_id.clone(),
            bucket_key_enabled: $input.bucket_key_enabled,
            tagging: $input.tagging.clone(),
            lock: ObjectLock {
                mode: $input.object_lock_mode.as_ref().map(|mode| mode.as_str().to_owned()),
                retain_until: $input.object_lock_retain_until_date.clone(),
                legal_hold: $input
                    .object_lock_legal_hold_status
                    .as_ref()
                    .map(|hold| hold.as_str().to_owned()),
            },
        }
    };
}

/// Returns an error from the calling function if a request uses a feature that this server does not have.
///
/// The server behaves like a bucket with disabled ACLs (the default for new buckets).
macro_rules! reject_unsupported {
    ($input:expr) => {
        if $input.acl.as_ref().is_some_and(|acl| acl.as_str() != "bucket-owner-full-control")
            || $input.grant_full_control.is_some()
            || $input.grant_read.is_some()
            || $input.grant_read_acp.is_some()
            || $input.grant_write_acp.is_some()
        {
            return Err(s3_error!(AccessControlListNotSupported, "The bucket does not allow ACLs"));
        }
        if $input.sse_customer_algorithm.is_some() || $input.sse_customer_key.is_some() {
            return Err(s3_error!(
                NotImplemented,
                "Server-side encryption with customer-provided keys is not implemented"
            ));
        }
    };
}

impl Attributes {
    pub(crate) fn from_put(input: &PutObjectInput, headers: &HeaderMap) -> S3Result<Self> {
        reject_unsupported!(input);
        let attributes = attributes!(input).checked()?;
        // S3 says so in this error: <https://github.com/versity/versitygw/issues/1776>.
        if attributes.lock != ObjectLock::default() && !has_checksum(input, headers) {
            return Err(s3_error!(
                InvalidRequest,
                "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters"
            ));
        }
        Ok(attributes)
    }

    pub(crate) fn from_create(input: &CreateMultipartUploadInput) -> S3Result<Self> {
        reject_unsupported!(input);
        attributes!(input).checked()
    }

    /// Returns the headers of a copy of an object with the headers `source`.
    ///
    /// The content headers and the metadata are those of the source unless `x-amz-metadata-directive` is `REPLACE`, and the
    /// tags unless `x-amz-tagging-directive` is. Encryption, storage class, lock and website redirect are always those of the
    /// request.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>.
    pub(crate) fn from_copy(input: &CopyObjectInput, source: &Self) -> S3Result<Self> {
        reject_unsupported!(input);
        let mut attributes = attributes!(input).checked()?;
        if input.metadata_directive.as_ref().is_none_or(|directive| directive.as_str() != "REPLACE") {
            attributes = Self {
                content_type: source.content_type.clone(),
                content_encoding: source.content_encoding.clone(),
                content_disposition: source.content_disposition.clone(),
                content_language: source.content_language.clone(),
                cache_control: source.cache_control.clone(),
                expires: source.expires.clone(),
                metadata: source.metadata.clone(),
                ..attributes
            };
        }
        if input.tagging_directive.as_ref().is_none_or(|directive| directive.as_str() != "REPLACE") {
            attributes.tagging = source.tagging.clone();
        }
        Ok(attributes)
    }

    /// Returns the keys and values of the tags, which are stored as a query string.
    pub(crate) fn tags(&self) -> Vec<(String, String)> {
        let tags = self.tagging.as_deref().unwrap_or_default();
        serde_urlencoded::from_str(tags).unwrap_or_default()
    }

    /// Returns the content type to send. The default is that of S3.
    pub(super) fn content_type(&self) -> &str {
        self.content_type.as_deref().unwrap_or("binary/octet-stream")
    }

    /// Checks the limits of S3 and removes the transfer coding from `Content-Encoding`.
    fn checked(mut self) -> S3Result<Self> {
        // `aws-chunked` describes the transfer, not the object, and S3 does not store it.
        let codings = self.content_encoding.iter().flat_map(|codings| codings.split(',')).map(str::trim);
        let codings = codings.filter(|coding| !coding.is_empty() && *coding != "aws-chunked");
        let codings = codings.collect::<Vec<_>>().join(",");
        self.content_encoding = (!codings.is_empty()).then_some(codings);
        let pairs = self.metadata.iter().flatten();
        let size = pairs.map(|(name, value)| name.len() + value.len()).sum::<usize>();
        if size > MAX_METADATA {
            return Err(s3_error!(
                MetadataTooLarge,
                "Your metadata headers exceed the maximum allowed metadata size"
            )
            .with_detail("Size", &size.to_string())
            .with_detail("MaxSizeAllowed", &MAX_METADATA.to_string()));
        }
        if self.lock.mode.is_some() != self.lock.retain_until.is_some() {
            return Err(s3_error!(
                InvalidArgument,
                "x-amz-object-lock-retain-until-date and x-amz-object-lock-mode must both be supplied"
            ));
        }
        const CLASSES: [&str; 9] = [
            "STANDARD",
            "EXPRESS_ONEZONE",
            "REDUCED_REDUNDANCY",
            "STANDARD_IA",
            "ONEZONE_IA",
            "INTELLIGENT_TIERING",
            "GLACIER",
            "DEEP_ARCHIVE",
            "GLACIER_IR",
        ];
        if self.storage_class.as_ref().is_some_and(|class| !CLASSES.contains(&class.as_str())) {
            return Err(s3_error!(InvalidStorageClass, "The storage class you specified is not valid"));
        }
        Ok(self)
    }

    /// Returns the value of `x-amz-tagging-count`, which is absent for an object without tags.
    pub(super) fn tag_count(&self) -> Option<i32> {
        let tags = self.tagging.as_deref().filter(|tags| !tags.is_empty())?;
        i32::try_from(tags.split('&').count()).ok()
    }

    /// Returns the value of `x-amz-storage-class`. S3 omits the header for `STANDARD`.
    pub(super) fn storage_class_header(&self) -> Option<String> {
        self.storage_class.clone().filter(|class| class != "STANDARD")
    }
}

/// Returns whether a request names a digest of its body. That of a form is in its fields, which only `input` has.
fn has_checksum(input: &PutObjectInput, headers: &HeaderMap) -> bool {
    let of_fields = [
        &input.content_md5,
        &input.checksum_crc32,
        &input.checksum_crc32c,
        &input.checksum_crc64nvme,
        &input.checksum_sha1,
        &input.checksum_sha256,
    ];
    let is_checksum = |name: &str| name.starts_with("x-amz-checksum-");
    input.checksum_algorithm.is_some()
        || of_fields.into_iter().any(Option::is_some)
        || headers.keys().any(|name| is_checksum(name.as_str()))
}
