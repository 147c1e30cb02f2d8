//! Reads of one version of an object.

use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use upsign_core::{ObjectKey, SignedHeaders};
use upsign_objects::{ETag, GetObject, ObjectError, ObjectHead, VersionId};

use crate::confirm::inspect::ReadRange;
use crate::store::Store;

/// Reads ranges of the version that a look at the object has found.
///
/// The entity tag is a condition of every read, also if the version is known: it costs nothing, and holds at a store that ignores
/// the version.
pub(crate) struct PinnedReader<'a> {
    store: Store<'a>,
    key: &'a ObjectKey,
    version_id: Option<&'a VersionId>,
    etag: &'a ETag,
    headers: SignedHeaders,
    changed: AtomicBool,
}

impl<'a> PinnedReader<'a> {
    pub(crate) fn new(
        store: Store<'a>,
        key: &'a ObjectKey,
        head: &'a ObjectHead,
        headers: SignedHeaders,
    ) -> Self {
        let (version_id, etag) = (version_of(head), &head.etag);
        Self { store, key, version_id, etag, headers, changed: AtomicBool::new(false) }
    }

    /// Returns `true` if a read has found another object, or none: whatever an inspector concluded is about no object.
    pub(crate) fn has_changed(&self) -> bool {
        self.changed.load(Ordering::Relaxed)
    }
}

#[async_trait]
impl ReadRange for PinnedReader<'_> {
    async fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>, ObjectError> {
        let call = GetObject::range(self.key.clone(), offset, len).with_if_match(self.etag.clone());
        let call = call.with_headers(self.headers.clone());
        let call = match self.version_id {
            Some(version) => call.with_version_id(version.clone()),
            None => call,
        };
        let result = self.store.get(call).await;
        if result.as_ref().is_err_and(|error| error.is_precondition_failed() || error.is_not_found()) {
            self.changed.store(true, Ordering::Relaxed);
        }
        let range = result?;
        Ok(range.bytes)
    }
}

/// Returns the version of an object if it cannot change. The version `null` of a bucket whose versioning is suspended is replaced
/// by the next upload (<https://docs.aws.amazon.com/AmazonS3/latest/userguide/AddingObjectstoVersionSuspendedBuckets.html>).
pub(crate) fn version_of(head: &ObjectHead) -> Option<&VersionId> {
    head.version_id.as_ref().filter(|version| version.as_str() != "null")
}
