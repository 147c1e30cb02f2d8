//! DeleteObject.

use std::time::Duration;

use upsign_core::{ObjectKey, SignedHeaders};

use crate::calls::common;
use crate::values::etag::ETag;
use crate::values::version_id::VersionId;

/// Deletes an object, or one version of it.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeleteObject {
    key: ObjectKey,
    version_id: Option<VersionId>,
    if_match: Option<ETag>,
    headers: SignedHeaders,
    time_limit: Option<Duration>,
}

impl DeleteObject {
    /// Creates the call for the current version. In a bucket with versioning it adds a delete marker and deletes nothing.
    ///
    /// If an answer is lost, this call is not repeated: another client may have uploaded an object with the same key in the
    /// meantime, which the repeated call would delete.
    #[must_use]
    pub fn current(key: ObjectKey) -> Self {
        Self { key, version_id: None, if_match: None, headers: SignedHeaders::new(), time_limit: None }
    }

    /// Creates the call that deletes one version permanently.
    #[must_use]
    pub fn version(key: ObjectKey, version_id: VersionId) -> Self {
        Self {
            key,
            version_id: Some(version_id),
            if_match: None,
            headers: SignedHeaders::new(),
            time_limit: None,
        }
    }

    /// Fails with status 412 if the object has another entity tag, and with 404 if no object has the key.
    ///
    /// Amazon S3 compares it, in general purpose and in directory buckets; other stores may ignore it
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html>).
    #[must_use]
    pub fn with_if_match(self, etag: ETag) -> Self {
        Self { if_match: Some(etag), ..self }
    }

    common::headers!();
    common::time_limit!();

    /// Returns the key of the object.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the entity tag that the object must have.
    #[must_use]
    pub const fn if_match(&self) -> Option<&ETag> {
        self.if_match.as_ref()
    }

    /// Returns the version to delete.
    #[must_use]
    pub const fn version_id(&self) -> Option<&VersionId> {
        self.version_id.as_ref()
    }
}

/// The result of [`DeleteObject`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeletedObject {
    /// Whether a delete marker was added, or the deleted version was one.
    pub delete_marker: bool,
    /// The id of the deleted version or of the added delete marker, in a bucket with versioning.
    pub version_id: Option<VersionId>,
}

impl DeletedObject {
    /// Creates the result in a bucket without versioning.
    #[must_use]
    pub const fn new() -> Self {
        Self { delete_marker: false, version_id: None }
    }
}
