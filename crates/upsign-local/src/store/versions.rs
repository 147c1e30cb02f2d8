//! The versions of a key.
//!
//! Without versioning a key has one version, whose id is `null`. A write replaces it, and a deletion removes it. With
//! versioning, a write adds a version, and a deletion adds a delete marker. In a directory that was used with versioning
//! before, the server behaves like a bucket with suspended versioning: writes and deletions replace the version `null`, and the
//! other versions stay.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/versioning-workflows.html>.

use std::sync::Arc;

use s3s::{S3Error, S3Result, s3_error};

use super::blobs::IndexedObject;
use crate::error_details::WithDetail;

/// The versions of one key, the oldest first. There is at least one.
#[derive(Debug, Default)]
pub(super) struct Versions(Vec<Arc<IndexedObject>>);

impl Versions {
    /// Returns the object that requests without a version id read, unless it was deleted.
    pub(super) fn current(&self) -> Option<&Arc<IndexedObject>> {
        self.0.last().filter(|object| !object.record.version.is_delete_marker)
    }

    /// Returns the version with this id, which may be a delete marker, or the current one.
    pub(super) fn find(&self, id: Option<&str>) -> Option<&Arc<IndexedObject>> {
        match id {
            None => self.current(),
            Some(id) => self.0.iter().find(|object| object.record.version.is(id)),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Arc<IndexedObject>> {
        self.0.iter()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns whether there is no version but `null`.
    pub(super) fn has_only_null(&self) -> bool {
        self.0.iter().all(|object| object.record.version.id.is_none())
    }

    /// Makes `object` the current version. Returns the version that had the same id, which is the id `null`.
    pub(super) fn push(&mut self, object: Arc<IndexedObject>) -> Option<Arc<IndexedObject>> {
        let id = object.record.version.id.as_deref().unwrap_or("null");
        let replaced = self.remove(id);
        self.0.push(object);
        replaced
    }

    /// Adds a version that was read from disk.
    pub(super) fn restore(&mut self, object: Arc<IndexedObject>) {
        self.0.push(object);
        self.0.sort_by_key(|object| object.record.version.sequence);
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<Arc<IndexedObject>> {
        let position = self.0.iter().position(|object| object.record.version.is(id))?;
        Some(self.0.remove(position))
    }

    /// Replaces the version with the id of `object` at its place.
    pub(super) fn replace(&mut self, object: Arc<IndexedObject>) {
        if let Some(place) =
            self.0.iter_mut().find(|place| place.record.version.id == object.record.version.id)
        {
            *place = object;
        }
    }
}

/// Returns the version that a request reads.
///
/// # Errors
/// `NoSuchKey`; `NoSuchVersion`; or `MethodNotAllowed` for the id of a delete marker
/// (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/DeleteMarker.html>).
pub(super) fn readable<'a>(
    versions: Option<&'a Versions>,
    key: &str,
    id: Option<&str>,
) -> S3Result<&'a Arc<IndexedObject>> {
    let found = versions.and_then(|versions| versions.find(id)).ok_or_else(|| match id {
        None => no_such_key(key),
        Some(id) => s3_error!(NoSuchVersion, "The specified version does not exist.")
            .with_detail("Key", key)
            .with_detail("VersionId", id),
    })?;
    if found.record.version.is_delete_marker {
        return Err(s3_error!(
            MethodNotAllowed,
            "The specified method is not allowed against this resource."
        ));
    }
    Ok(found)
}

pub(super) fn no_such_key(key: &str) -> S3Error {
    s3_error!(NoSuchKey, "The specified key does not exist.").with_detail("Key", key)
}
