//! ListParts, page by page.

use std::time::Duration;

use upsign_core::{ObjectKey, PartNumber, SignedHeaders, UploadId};

use crate::calls::common;
use crate::values::checksum::{Checksum, ChecksumAlgorithm, ChecksumType};
use crate::values::etag::ETag;

/// Lists the parts of a multipart upload that were uploaded.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListParts {
    key: ObjectKey,
    upload_id: UploadId,
    headers: SignedHeaders,
    time_limit: Option<Duration>,
}

impl ListParts {
    /// Creates the call. It returns all parts, which takes up to ten requests on S3.
    #[must_use]
    pub fn new(key: ObjectKey, upload_id: UploadId) -> Self {
        Self { key, upload_id, headers: SignedHeaders::new(), time_limit: None }
    }

    common::headers!();
    common::time_limit!();

    /// Returns the key of the object that the upload will create.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the id of the upload.
    #[must_use]
    pub const fn upload_id(&self) -> &UploadId {
        &self.upload_id
    }
}

/// The uploaded parts of a multipart upload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartList {
    /// The parts, in ascending order of their numbers.
    ///
    /// S3 lists the last upload of each part. SeaweedFS lists a part that was sent again several times, and completes the upload
    /// with the one that has the stated entity tag.
    pub parts: Vec<UploadedPart>,
    /// The algorithm of the parts' checksums, if the upload was started with one.
    pub checksum_algorithm: Option<ChecksumAlgorithm>,
    /// How the checksum of the object will relate to those of the parts.
    pub checksum_type: Option<ChecksumType>,
}

/// A part that was uploaded completely.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadedPart {
    /// The number of the part.
    pub number: PartNumber,
    /// The entity tag, which `CompleteMultipartUpload` needs.
    pub etag: ETag,
    /// The size in bytes.
    pub size: u64,
    /// The checksums of the part. Empty if it was uploaded without.
    pub checksums: Vec<Checksum>,
}

impl UploadedPart {
    /// Creates a part without checksums.
    #[must_use]
    pub const fn new(number: PartNumber, etag: ETag, size: u64) -> Self {
        Self { number, etag, size, checksums: Vec::new() }
    }
}

impl PartList {
    /// Creates a list of parts, which are sorted by their numbers, of an upload without checksums.
    #[must_use]
    pub fn new(mut parts: Vec<UploadedPart>) -> Self {
        parts.sort_by_key(|part| part.number);
        Self { parts, ..Self::default() }
    }
}
