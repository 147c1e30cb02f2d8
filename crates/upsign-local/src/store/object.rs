//! The metadata of an object.

use s3s::crypto::{Checksum as _, Sha256};
use s3s::dto::{ChecksumType, GetObjectOutput, HeadObjectOutput};
use serde::{Deserialize, Serialize};

use super::attributes::Attributes;
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
    /// The id of the current version; `None` for an object without versions.
    pub version_id: Option<String>,
    /// The keys and values of the tags, in the order of the request that set them.
    pub tags: Vec<(String, String)>,
}

/// An object, or one version of it, as its record file contains it.
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
    /// Set by the store when it writes the record.
    #[serde(default)]
    pub(crate) version: Version,
}

/// The place of a record among the versions of its key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    /// `None` for the version `null`, which a write to a bucket without versioning creates or replaces.
    pub(crate) id: Option<String>,
    /// Greater than that of every earlier version.
    pub(crate) sequence: u64,
    /// Whether the version says that the object was deleted. A marker has no content.
    #[serde(default)]
    pub(crate) is_delete_marker: bool,
}

impl Version {
    /// Returns whether a request with this version id means this version.
    pub(super) fn is(&self, id: &str) -> bool {
        self.id.as_deref().unwrap_or("null") == id
    }
}

impl Record {
    /// Returns the name of the record file. Different keys and versions have different names.
    pub(super) fn file_name(&self) -> String {
        // A bucket name cannot contain `/`, so the concatenation is unambiguous.
        let stem = hex(&Sha256::checksum(format!("{}/{}", self.bucket, self.key).as_bytes()));
        match &self.version.id {
            // Ids are those of this server: hex digits.
            Some(id) => format!("{stem}.{id}.json"),
            None => format!("{stem}.json"),
        }
    }

    /// Returns the public description of the object.
    pub(super) fn summary(&self) -> StoredObject {
        StoredObject {
            key: self.key.clone(),
            bytes: self.bytes,
            etag: self.etag.clone(),
            content_type: self.attributes.content_type().to_owned(),
            version_id: self.version.id.clone(),
            tags: self.attributes.tags(),
        }
    }
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
            version_id: $record.version.id.clone(),
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
