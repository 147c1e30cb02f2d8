//! CompleteMultipartUpload.

use std::time::Duration;

use upsign_core::{ObjectKey, PartNumber, SignedHeaders, UploadId};

use crate::calls::common;
use crate::values::checksum::{Checksum, ChecksumType};
use crate::values::etag::ETag;
use crate::values::version_id::VersionId;

/// Assembles an object from the parts of a multipart upload.
///
/// ```
/// use upsign_core::PartNumber;
/// use upsign_objects::{Checksum, ChecksumAlgorithm, CompleteMultipartUpload, CompletedPart};
///
/// let first = CompletedPart::new(PartNumber::new(1)?, "\"9b2cf535f27731c974343645a3985328\"".parse()?);
/// let call = CompleteMultipartUpload::new("raw/film.mp4".parse()?, "VXBsb2FkSWQ".parse()?, [first])
///     .with_if_absent() // do not replace an object
///     .with_object_size(6 << 20)
///     .with_checksum(Checksum::parse(ChecksumAlgorithm::Crc64nvme, "AAAAAAAAAAA=")?);
/// # let _ = call;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompleteMultipartUpload {
    key: ObjectKey,
    upload_id: UploadId,
    parts: Vec<CompletedPart>,
    if_absent: bool,
    if_match: Option<ETag>,
    object_size: Option<u64>,
    checksum: Option<Checksum>,
    headers: SignedHeaders,
    time_limit: Option<Duration>,
}

/// A part of which the object will consist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletedPart {
    number: PartNumber,
    etag: ETag,
    checksum: Option<Checksum>,
}

impl CompletedPart {
    /// Creates a part. S3 compares the entity tag with that of the uploaded part.
    #[must_use]
    pub const fn new(number: PartNumber, etag: ETag) -> Self {
        Self { number, etag, checksum: None }
    }

    /// Lets the store compare the checksum of the uploaded part, too. S3 requires it for an upload with composite checksums.
    #[must_use]
    pub fn with_checksum(self, checksum: Checksum) -> Self {
        Self { checksum: Some(checksum), ..self }
    }

    /// Returns the number of the part.
    #[must_use]
    pub const fn number(&self) -> PartNumber {
        self.number
    }

    /// Returns the entity tag of the part.
    #[must_use]
    pub const fn etag(&self) -> &ETag {
        &self.etag
    }

    /// Returns the checksum of the part.
    #[must_use]
    pub const fn checksum(&self) -> Option<&Checksum> {
        self.checksum.as_ref()
    }
}

impl CompleteMultipartUpload {
    /// Creates the call. The parts must be in ascending order, each once.
    #[must_use]
    pub fn new(key: ObjectKey, upload_id: UploadId, parts: impl IntoIterator<Item = CompletedPart>) -> Self {
        Self {
            key,
            upload_id,
            parts: parts.into_iter().collect(),
            if_absent: false,
            if_match: None,
            object_size: None,
            checksum: None,
            headers: SignedHeaders::new(),
            time_limit: None,
        }
    }

    /// Fails with status 412 if an object with the key exists (`If-None-Match: *`).
    ///
    /// A store without conditional writes ignores it; [`Capabilities`](upsign_core::Capabilities) knows which do.
    #[must_use]
    pub fn with_if_absent(self) -> Self {
        Self { if_absent: true, ..self }
    }

    /// Fails with status 412 unless the object with the key has this entity tag.
    #[must_use]
    pub fn with_if_match(self, etag: ETag) -> Self {
        Self { if_match: Some(etag), ..self }
    }

    /// Fails with status 400 unless the parts have this many bytes in all (`x-amz-mp-object-size`).
    #[must_use]
    pub fn with_object_size(self, bytes: u64) -> Self {
        Self { object_size: Some(bytes), ..self }
    }

    /// Fails with status 400 unless the object has this checksum of all its bytes. The upload must have been started with
    /// this algorithm and the type `FULL_OBJECT`.
    #[must_use]
    pub fn with_checksum(self, checksum: Checksum) -> Self {
        Self { checksum: Some(checksum), ..self }
    }

    common::headers!();
    common::time_limit!();

    /// Returns the key of the object.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the id of the upload.
    #[must_use]
    pub const fn upload_id(&self) -> &UploadId {
        &self.upload_id
    }

    /// Returns the parts.
    #[must_use]
    pub fn parts(&self) -> &[CompletedPart] {
        &self.parts
    }

    /// Returns whether an existing object is kept.
    #[must_use]
    pub const fn is_if_absent(&self) -> bool {
        self.if_absent
    }

    /// Returns the entity tag that the existing object must have.
    #[must_use]
    pub const fn if_match(&self) -> Option<&ETag> {
        self.if_match.as_ref()
    }

    /// Returns the size that the object must have.
    #[must_use]
    pub const fn object_size(&self) -> Option<u64> {
        self.object_size
    }

    /// Returns the checksum that the object must have.
    #[must_use]
    pub const fn checksum(&self) -> Option<&Checksum> {
        self.checksum.as_ref()
    }
}

/// The result of [`CompleteMultipartUpload`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompletedUpload {
    /// The entity tag of the object.
    pub etag: ETag,
    /// The id of the version, in a bucket with versioning.
    pub version_id: Option<VersionId>,
    /// The checksums of all bytes of the object.
    pub checksums: Vec<Checksum>,
    /// How the object's checksum relates to its bytes.
    pub checksum_type: Option<ChecksumType>,
}

impl CompletedUpload {
    /// Creates the result in a bucket without versioning, of an upload without checksums.
    #[must_use]
    pub const fn new(etag: ETag) -> Self {
        Self { etag, version_id: None, checksums: Vec::new(), checksum_type: None }
    }
}
