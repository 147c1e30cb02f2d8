//! The metadata of an object.

use std::collections::HashMap;

use axum::http::HeaderMap;
use s3s::crypto::{Checksum as _, Sha256};
use s3s::dto::{
    ChecksumType, CreateMultipartUploadInput, GetObjectOutput, HeadObjectOutput, PutObjectInput, Timestamp,
};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::blobs::Content;
use super::checksum::{ChecksumKind, Checksums};
use crate::hex::hex;

/// An element of the list that [`LocalS3::objects`](crate::LocalS3::objects) returns.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredObject {
    /// The key of the object.
    pub key: String,
    /// The size in bytes.
    pub bytes: u64,
    /// The ETag without quotes.
    ///
    /// For an object from one request it is the MD5 of the content in hex. For a multipart upload it is the MD5 of the
    /// MD5 digests of the parts, `-`, and the number of parts, as on S3.
    pub etag: String,
    /// The `Content-Type` of the upload; `binary/octet-stream` if it had none.
    pub content_type: String,
}

/// An object, as its record file contains it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(test, derive(Default))]
pub(crate) struct Record {
    pub(crate) bucket: String,
    pub(crate) key: String,
    #[serde(rename = "blob")]
    pub(crate) content: Content,
    pub(crate) bytes: u64,
    pub(crate) etag: String,
    pub(crate) attributes: Attributes,
    pub(crate) checksums: Checksums,
    #[serde(default)]
    pub(crate) checksum_kind: ChecksumKind,
}

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
    mode: Option<String>,
    retain_until: Option<Timestamp>,
    legal_hold: Option<String>,
}

/// Returns the name of the record file of a key, without its extension. Different keys have different names.
pub(super) fn file_stem(bucket: &str, key: &str) -> String {
    // A bucket name cannot contain `/`, so the concatenation is unambiguous.
    hex(&Sha256::checksum(format!("{bucket}/{key}").as_bytes()))
}

impl Record {
    /// Returns the public description of the object.
    pub(super) fn summary(&self) -> StoredObject {
        StoredObject {
            key: self.key.clone(),
            bytes: self.bytes,
            etag: self.etag.clone(),
            content_type: self.attributes.content_type().to_owned(),
        }
    }
}

/// Returns the [`Attributes`] of a request.
///
/// The inputs of PutObject and CreateMultipartUpload have these members in common, but no common trait.
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

    /// Returns the content type to send. The default is that of S3.
    fn content_type(&self) -> &str {
        self.content_type.as_deref().unwrap_or("binary/octet-stream")
    }

    /// Checks the limits of S3 and removes the transfer coding from `Content-Encoding`.
    ///
    /// Source of the 2 KB limit: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>.
    fn checked(mut self) -> S3Result<Self> {
        // `aws-chunked` describes the transfer, not the object, and S3 does not store it.
        let codings = self.content_encoding.iter().flat_map(|codings| codings.split(',')).map(str::trim);
        let codings = codings.filter(|coding| !coding.is_empty() && *coding != "aws-chunked");
        let codings = codings.collect::<Vec<_>>().join(",");
        self.content_encoding = (!codings.is_empty()).then_some(codings);
        let pairs = self.metadata.iter().flatten();
        if pairs.map(|(name, value)| name.len() + value.len()).sum::<usize>() > 2_048 {
            return Err(s3_error!(
                MetadataTooLarge,
                "Your metadata headers exceed the maximum allowed metadata size"
            ));
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
    fn tag_count(&self) -> Option<i32> {
        let tags = self.tagging.as_deref().filter(|tags| !tags.is_empty())?;
        i32::try_from(tags.split('&').count()).ok()
    }

    /// Returns the value of `x-amz-storage-class`. S3 omits the header for `STANDARD`.
    fn storage_class_header(&self) -> Option<String> {
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

/// Returns the output of GetObject or HeadObject with the members that the two types have in common.
macro_rules! object_output {
    ($output:ident, $record:expr, $checksums:expr, $kind:expr) => {{
        let (attributes, checksums) = (&$record.attributes, $checksums);
        $output {
            accept_ranges: Some("bytes".to_owned()),
            content_type: Some(attributes.content_type().to_owned()),
            content_encoding: attributes.content_encoding.clone(),
            content_disposition: attributes.content_disposition.clone(),
            content_language: attributes.content_language.clone(),
            cache_control: attributes.cache_control.clone(),
            expires: attributes.expires.clone(),
            website_redirect_location: attributes.website_redirect_location.clone(),
            metadata: attributes.metadata.clone(),
            storage_class: attributes.storage_class_header().map(Into::into),
            server_side_encryption: attributes.server_side_encryption.clone().map(Into::into),
            ssekms_key_id: attributes.kms_key_id.clone(),
            bucket_key_enabled: attributes.bucket_key_enabled,
            object_lock_mode: attributes.lock.mode.clone().map(Into::into),
            object_lock_retain_until_date: attributes.lock.retain_until.clone(),
            object_lock_legal_hold_status: attributes.lock.legal_hold.clone().map(Into::into),
            checksum_crc32: checksums.crc32,
            checksum_crc32c: checksums.crc32c,
            checksum_crc64nvme: checksums.crc64nvme,
            checksum_sha1: checksums.sha1,
            checksum_sha256: checksums.sha256,
            checksum_type: $kind.map(|kind: ChecksumKind| ChecksumType::from_static(kind.as_str())),
            e_tag: Some(s3s::dto::ETag::Strong($record.etag.clone())),
            ..Default::default()
        }
    }};
}

impl Record {
    /// Returns the response headers of GetObject.
    ///
    /// `with_checksums` is `true` if the request has `x-amz-checksum-mode: ENABLED`.
    pub(crate) fn to_get_output(&self, with_checksums: bool) -> GetObjectOutput {
        let (checksums, kind) = self.checksums_if(with_checksums);
        GetObjectOutput {
            tag_count: self.attributes.tag_count(),
            ..object_output!(GetObjectOutput, self, checksums, kind)
        }
    }

    /// Returns the response headers of HeadObject. See [`Record::to_get_output`].
    pub(crate) fn to_head_output(&self, with_checksums: bool) -> HeadObjectOutput {
        let (checksums, kind) = self.checksums_if(with_checksums);
        object_output!(HeadObjectOutput, self, checksums, kind)
    }

    /// Returns the checksums and their kind if the request asks for them and there are any.
    fn checksums_if(&self, is_enabled: bool) -> (Checksums, Option<ChecksumKind>) {
        let checksums = if is_enabled { self.checksums.clone() } else { Checksums::default() };
        let kind = checksums.algorithms().next().map(|_| self.checksum_kind);
        (checksums, kind)
    }
}
