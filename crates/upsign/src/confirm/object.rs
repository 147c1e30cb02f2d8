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
