//! Objects that an event names, and what confirming them gives.

use upsign_core::ObjectKey;
use upsign_objects::{ETag, ObjectHead, VersionId};

use crate::confirm::state::Confirmation;

/// An object as a notification of the store names it. Nothing in it is trusted: the service looks at the object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredObjectRef {
    /// The name of the bucket.
    pub bucket: Box<str>,
    /// The key, decoded.
    pub key: ObjectKey,
    /// The version, in a bucket with versioning.
    pub version_id: Option<VersionId>,
    /// The entity tag, if the notification has one.
    pub etag: Option<ETag>,
    /// The size in bytes, if the notification has one.
    pub size: Option<u64>,
}

impl StoredObjectRef {
    /// Creates a reference without version, entity tag and size.
    #[must_use]
    pub fn new(bucket: impl Into<Box<str>>, key: ObjectKey) -> Self {
        Self { bucket: bucket.into(), key, version_id: None, etag: None, size: None }
    }

    /// Sets the version.
    #[must_use]
    pub fn with_version_id(self, version_id: Option<VersionId>) -> Self {
        Self { version_id, ..self }
    }

    /// Sets the entity tag.
    #[must_use]
    pub fn with_etag(self, etag: Option<ETag>) -> Self {
        Self { etag, ..self }
    }

    /// Sets the size.
    #[must_use]
    pub fn with_size(self, size: Option<u64>) -> Self {
        Self { size, ..self }
    }
}

/// The result of [`UploadService::confirm_object`](crate::UploadService::confirm_object).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ObjectOutcome {
    /// The object proves by itself that this service granted it. Holds the answer, in any state.
    Confirmed(Box<Confirmation>),
    /// The object lies where a route stores, but nothing proves that it was granted. It is never confirmed by an event alone:
    /// the client confirms it with its upload token.
    Observed(Box<ObjectHead>),
    /// No route stores under such a key in such a bucket.
    Foreign,
}

/// The answer to [`UploadService::delete_upload`](crate::UploadService::delete_upload).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeletedUpload {
    /// The key with which readers found the object, or would have.
    pub key: ObjectKey,
}

impl DeletedUpload {
    /// Creates an answer, for tests of code that receives one.
    #[must_use]
    pub const fn new(key: ObjectKey) -> Self {
        Self { key }
    }
}

/// What a client proves its right to delete an object with.
#[derive(Clone, Copy)]
#[expect(clippy::exhaustive_enums, reason = "an object is confirmed, or it is not")]
pub enum DeleteProof<'a> {
    /// The receipt of a confirmed object.
    Receipt(&'a str),
    /// The upload token of an object that is not confirmed.
    Token(&'a str),
}

impl std::fmt::Debug for DeleteProof<'_> {
    /// Shows which proof it is and not the proof.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Receipt(_) => "Receipt([redacted])",
            Self::Token(_) => "Token([redacted])",
        })
    }
}
