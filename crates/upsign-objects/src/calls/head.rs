//! HeadObject.

use std::time::Duration;

use upsign_core::{ObjectKey, SignedHeaders, Timestamp};

use crate::calls::common;
use crate::values::checksum::{Checksum, ChecksumType};
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
    headers: SignedHeaders,
    time_limit: Option<Duration>,
    second_look: bool,
}

impl HeadObject {
    /// Creates the call for the current version of an object.
    #[must_use]
    pub fn new(key: ObjectKey) -> Self {
        Self {
            key,
            version_id: None,
            if_match: None,
            headers: SignedHeaders::new(),
            time_limit: None,
            second_look: false,
        }
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

    common::headers!();
    common::time_limit!();

    /// Looks a second time after a pause if the object does not exist. Default: once.
    ///
    /// Some stores show a new object only a moment after they have confirmed it, for example those that replicate between sites.
    /// The implementation sets the pause, and does not look again if its time would be over before.
    #[must_use]
    pub fn with_second_look(self) -> Self {
        Self { second_look: true, ..self }
    }

    /// Returns the key of the object.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns `true` if an object that does not exist is looked for a second time.
    #[must_use]
    pub const fn has_second_look(&self) -> bool {
        self.second_look
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
    /// The value of `x-amz-server-side-encryption`, such as `AES256` or `aws:kms`.
    pub encryption: Option<Box<str>>,
    /// When the store created this version, from `Last-Modified`, in whole seconds.
    pub last_modified: Option<Timestamp>,
    /// The user-defined metadata, with names in lowercase and without `x-amz-meta-`. Values other than visible ASCII are left
    /// out; S3 encodes them (RFC 2047).
    pub metadata: Vec<(Box<str>, Box<str>)>,
}

impl ObjectHead {
    /// Creates the description of an object without version, type, checksums, encryption, time and metadata.
    #[must_use]
    pub const fn new(size: u64, etag: ETag) -> Self {
        Self {
            size,
            etag,
            version_id: None,
            content_type: None,
            checksums: Vec::new(),
            checksum_type: None,
            encryption: None,
            last_modified: None,
            metadata: Vec::new(),
        }
    }
}
