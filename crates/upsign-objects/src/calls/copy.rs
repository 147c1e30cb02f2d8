//! CopyObject.

use std::time::Duration;

use upsign_core::{Bucket, ObjectKey, SignedHeaders};

use crate::calls::common;
use crate::values::checksum::Checksum;
use crate::values::etag::ETag;
use crate::values::version_id::VersionId;

/// Copies an object of up to 5 GiB to another key of the bucket, for example out of a quarantine prefix.
///
/// ```
/// use upsign_objects::{CopyObject, CopySource};
/// let source = CopySource::new("uploads".parse()?, "incoming/film.mp4".parse()?)
///     .with_if_match("9b2cf535f27731c974343645a3985328-3".parse()?);
/// let call = CopyObject::new(source, "media/film.mp4".parse()?).with_if_absent();
/// # let _ = call;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// An attempt whose outcome is not known is repeated only if both sides are fixed: the source by its version or entity tag, the
/// destination by a condition. Otherwise the repeated call could copy another object, or replace one that was stored in the
/// meantime.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopyObject {
    source: CopySource,
    key: ObjectKey,
    headers: SignedHeaders,
    if_absent: bool,
    if_match: Option<ETag>,
    time_limit: Option<Duration>,
}

/// The object to copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopySource {
    bucket: Bucket,
    key: ObjectKey,
    version_id: Option<VersionId>,
    if_match: Option<ETag>,
}

impl CopySource {
    /// Creates the source for the current version of an object, in a bucket of the same store.
    #[must_use]
    pub const fn new(bucket: Bucket, key: ObjectKey) -> Self {
        Self { bucket, key, version_id: None, if_match: None }
    }

    /// Copies this version.
    #[must_use]
    pub fn with_version_id(self, version_id: VersionId) -> Self {
        Self { version_id: Some(version_id), ..self }
    }

    /// Fails with status 412 if the source has another entity tag.
    #[must_use]
    pub fn with_if_match(self, etag: ETag) -> Self {
        Self { if_match: Some(etag), ..self }
    }

    /// Returns the bucket.
    #[must_use]
    pub const fn bucket(&self) -> &Bucket {
        &self.bucket
    }

    /// Returns the key.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the version.
    #[must_use]
    pub const fn version_id(&self) -> Option<&VersionId> {
        self.version_id.as_ref()
    }

    /// Returns the entity tag that the source must have.
    #[must_use]
    pub const fn if_match(&self) -> Option<&ETag> {
        self.if_match.as_ref()
    }
}

impl CopyObject {
    /// Creates the call. The copy has the metadata of the source.
    #[must_use]
    pub fn new(source: CopySource, key: ObjectKey) -> Self {
        Self {
            source,
            key,
            headers: SignedHeaders::new(),
            if_absent: false,
            if_match: None,
            time_limit: None,
        }
    }

    common::time_limit!();

    /// Sets further headers, such as `x-amz-metadata-directive`, `x-amz-tagging-directive` and `x-amz-storage-class`. All of
    /// them are signed.
    #[must_use]
    pub fn with_headers(self, headers: SignedHeaders) -> Self {
        Self { headers, ..self }
    }

    /// Fails with status 412 if an object with the destination's key exists (`If-None-Match: *`).
    #[must_use]
    pub fn with_if_absent(self) -> Self {
        Self { if_absent: true, ..self }
    }

    /// Fails with status 412 unless the object with the destination's key has this entity tag.
    #[must_use]
    pub fn with_if_match(self, etag: ETag) -> Self {
        Self { if_match: Some(etag), ..self }
    }

    /// Returns the source.
    #[must_use]
    pub const fn source(&self) -> &CopySource {
        &self.source
    }

    /// Returns the key of the destination.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the further headers.
    #[must_use]
    pub const fn headers(&self) -> &SignedHeaders {
        &self.headers
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
}

/// The result of [`CopyObject`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CopiedObject {
    /// The entity tag of the copy. It can differ from that of the source.
    pub etag: ETag,
    /// The id of the copy's version, in a bucket with versioning.
    pub version_id: Option<VersionId>,
    /// The checksums of all bytes of the copy.
    pub checksums: Vec<Checksum>,
}

impl CopiedObject {
    /// Creates the result in a bucket without versioning, of an object without checksums.
    #[must_use]
    pub const fn new(etag: ETag) -> Self {
        Self { etag, version_id: None, checksums: Vec::new() }
    }
}
