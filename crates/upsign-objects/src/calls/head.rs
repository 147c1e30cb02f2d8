//! HeadObject.

use upsign_core::{ObjectKey, Operation};

use crate::calls::prepared::{Answer, Prepared, Repeat, missing};
use crate::error::{CallFailure, InvalidCall};
use crate::values::checksum::{Checksum, ChecksumType, checksums};
use crate::values::etag::ETag;
use crate::values::version_id::VersionId;

/// Reads what the store knows of an object, without its bytes.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadObject {
    key: ObjectKey,
    version_id: Option<VersionId>,
    if_match: Option<ETag>,
}

impl HeadObject {
    /// Creates the call for the current version of an object.
    #[must_use]
    pub const fn new(key: ObjectKey) -> Self {
        Self { key, version_id: None, if_match: None }
    }

    /// Reads this version.
    #[must_use]
    pub fn with_version_id(self, version_id: VersionId) -> Self {
        Self { version_id: Some(version_id), ..self }
    }

    /// Fails with status 412 if the object has another entity tag.
    #[must_use]
    pub fn with_if_match(self, etag: ETag) -> Self {
        Self { if_match: Some(etag), ..self }
    }

    /// Returns the key of the object.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the version to read.
    #[must_use]
    pub const fn version_id(&self) -> Option<&VersionId> {
        self.version_id.as_ref()
    }

    /// Returns the entity tag that the object must have.
    #[must_use]
    pub const fn if_match(&self) -> Option<&ETag> {
        self.if_match.as_ref()
    }

    pub(crate) fn prepare(&self) -> Result<Prepared, InvalidCall> {
        // Reading is safe to repeat (RFC 9110, section 9.2.1).
        let mut prepared = Prepared::new(Operation::HeadObject, &self.key, Repeat::Always);
        prepared.version(self.version_id.as_ref())?;
        prepared.condition(false, self.if_match.as_ref())?;
        Ok(prepared)
    }
}

/// What the store knows of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectHead {
    /// The size of the whole object in bytes.
    pub size: u64,
    /// The entity tag.
    pub etag: ETag,
    /// The id of the version, in a bucket with versioning.
    pub version_id: Option<VersionId>,
    /// The value of `Content-Type`.
    pub content_type: Option<Box<str>>,
    /// The checksums that the store keeps of the object's bytes. Empty if the store has none or does not return them, and
    /// for a [composite](ChecksumType::Composite) checksum.
    pub checksums: Vec<Checksum>,
    /// How `checksums` relate to the bytes.
    pub checksum_type: Option<ChecksumType>,
    /// The user-defined metadata, with names in lowercase and without `x-amz-meta-`. Values other than visible ASCII are left
    /// out; S3 encodes them (RFC 2047).
    pub metadata: Vec<(Box<str>, Box<str>)>,
}

impl ObjectHead {
    /// Creates the description of an object without version, type, checksums and metadata.
    #[must_use]
    pub const fn new(size: u64, etag: ETag) -> Self {
        Self {
            size,
            etag,
            version_id: None,
            content_type: None,
            checksums: Vec::new(),
            checksum_type: None,
            metadata: Vec::new(),
        }
    }

    pub(crate) fn read(answer: &Answer) -> Result<Self, CallFailure> {
        let size = answer.header("content-length").and_then(|size| size.parse().ok());
        Self::read_with_size(answer, size.ok_or(missing("content-length"))?)
    }

    pub(crate) fn read_with_size(answer: &Answer, size: u64) -> Result<Self, CallFailure> {
        let etag = answer.header("etag").and_then(|etag| etag.parse().ok()).ok_or(missing("etag"))?;
        let metadata = answer.headers.0.iter().filter_map(|(name, value)| {
            name.strip_prefix("x-amz-meta-").map(|name| (name.into(), value.as_str().into()))
        });
        Ok(Self {
            size,
            etag,
            version_id: answer.version_id(),
            content_type: answer.header("content-type").map(Into::into),
            checksums: checksums(|algorithm| answer.header(algorithm.header())),
            checksum_type: answer.header("x-amz-checksum-type").and_then(ChecksumType::named),
            metadata: metadata.collect(),
        })
    }
}
