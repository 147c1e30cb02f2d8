//! GetObject with a range of bytes.

use std::time::Duration;

use upsign_core::{ObjectKey, SignedHeaders};

use crate::calls::common;
use crate::calls::head::ObjectHead;
use crate::values::etag::ETag;
use crate::values::version_id::VersionId;

/// Reads a range of the bytes of an object, for example the first ones, to recognize the type of a file.
///
/// The range bounds the memory that the call uses. To read a large object, request consecutive ranges with
/// [`with_if_match`](Self::with_if_match), so that all come from one version.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetObject {
    key: ObjectKey,
    offset: u64,
    length: usize,
    version_id: Option<VersionId>,
    if_match: Option<ETag>,
    headers: SignedHeaders,
    time_limit: Option<Duration>,
}

impl GetObject {
    /// Creates the call for up to `length` bytes from `offset`. Fewer are returned at the end of the object.
    #[must_use]
    pub fn range(key: ObjectKey, offset: u64, length: usize) -> Self {
        Self {
            key,
            offset,
            length,
            version_id: None,
            if_match: None,
            headers: SignedHeaders::new(),
            time_limit: None,
        }
    }

    common::headers!();
    common::time_limit!();

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

    /// Returns the position of the first byte.
    #[must_use]
    pub const fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns the maximum number of bytes.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "an empty range is not valid")]
    pub const fn len(&self) -> usize {
        self.length
    }
}

/// A range of the bytes of an object.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectRange {
    /// The object. Its size is that of the whole object; it has no checksums.
    pub head: ObjectHead,
    /// The bytes: as many as requested, or fewer if the object ends before.
    pub bytes: Vec<u8>,
}

impl ObjectRange {
    /// Creates a range of an object.
    #[must_use]
    pub const fn new(head: ObjectHead, bytes: Vec<u8>) -> Self {
        Self { head, bytes }
    }
}

impl std::fmt::Debug for ObjectRange {
    /// Shows the number of bytes and not the bytes, which are a user's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ObjectRange").field("head", &self.head).field("bytes", &self.bytes.len()).finish()
    }
}
