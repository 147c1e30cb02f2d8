//! The extension point that looks into an object before it is confirmed.

use std::error::Error;
use std::fmt::{self, Debug};

use async_trait::async_trait;
use upsign_core::{ObjectKey, Timestamp};
use upsign_objects::{ETag, ObjectError, VersionId};
use upsign_policy::ContentType;

use crate::confirm::state::ConfirmReason;
use crate::session::UploadSession;

/// Looks into the bytes of an uploaded object: compares them with the stated type, scans them, or decodes them.
///
/// ```
/// use upsign::async_trait;
/// use upsign::confirm::{ConfirmReason, Inspect, InspectError, InspectRequest, InspectVerdict};
///
/// /// Accepts only files that begin like a PNG.
/// #[derive(Debug)]
/// struct PngOnly;
///
/// #[async_trait]
/// impl Inspect for PngOnly {
///     async fn inspect(&self, object: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError> {
///         let start = object.read(0, 8).await.map_err(InspectError::new)?;
///         let is_png = start == b"\x89PNG\r\n\x1a\n";
///         Ok(if is_png { InspectVerdict::Accept } else { InspectVerdict::Reject(ConfirmReason::TypeMismatch) })
///     }
/// }
/// ```
///
/// The service calls it after size, type, checksum and encryption were found to be right, and before anyone can read the object.
/// It can be called several times for one object, because a client may repeat its request; answer the same each time.
///
/// Every read is bound to the version that is confirmed, so an object that is replaced meanwhile fails the read instead of
/// mixing two files.
#[async_trait]
pub trait Inspect: Debug + Send + Sync {
    /// Returns the verdict about one object.
    ///
    /// Implementations write
    /// `async fn inspect(&self, object: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError>`.
    ///
    /// # Errors
    /// Return [`InspectError`] if there is no verdict, for example because the scanner does not answer or a read failed. The
    /// client receives 503 with `Retry-After`, and the object stays unconfirmed.
    async fn inspect(&self, object: &InspectRequest<'_>) -> Result<InspectVerdict, InspectError>;
}

/// The verdict of an inspection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InspectVerdict {
    /// The object may be confirmed.
    Accept,
    /// The object is refused for good. A reason that explains another state than `rejected` is reported as
    /// [`ConfirmReason::Application`].
    Reject(ConfirmReason),
    /// The inspection goes on elsewhere. The client receives `pending` and asks again.
    Later {
        /// Whole seconds after which the client asks again; at least 1.
        retry_after: u32,
    },
}

/// The inspection has no verdict.
///
/// The source is the inspector's own error. It is written to the log and never sent to the client.
#[derive(Debug, thiserror::Error)]
#[error("the inspection of the object failed")]
#[non_exhaustive]
pub struct InspectError {
    source: Box<dyn Error + Send + Sync>,
}

impl InspectError {
    /// Wraps the inspector's own error, or a message that describes it.
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { source: source.into() }
    }
}

/// An object to inspect.
///
/// The service creates it. A test of an inspector creates its own with [`of_bytes`](Self::of_bytes).
#[non_exhaustive]
pub struct InspectRequest<'a> {
    /// The upload of the object, or `None` if an event confirms it.
    pub session: Option<&'a UploadSession>,
    /// The key with which readers will find the object. It does not exist yet if the route has a pending key.
    pub key: &'a ObjectKey,
    /// The size in bytes.
    pub size: u64,
    /// The content type that the upload was granted with.
    pub content_type: &'a ContentType,
    /// The entity tag of the inspected version.
    pub etag: &'a ETag,
    /// The inspected version, in a bucket with versioning.
    pub version_id: Option<&'a VersionId>,
    /// The instant at which the request is judged.
    pub at: Timestamp,
    bytes: &'a dyn ReadRange,
}

/// Reads ranges of the inspected version.
#[async_trait]
pub(crate) trait ReadRange: Send + Sync {
    async fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>, ObjectError>;
}

/// Bytes in memory, for tests.
#[async_trait]
impl ReadRange for &[u8] {
    async fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>, ObjectError> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        Ok(rest.iter().copied().take(len).collect())
    }
}

impl<'a> InspectRequest<'a> {
    #[expect(clippy::too_many_arguments, reason = "the fields of one value")]
    pub(crate) const fn new(
        session: Option<&'a UploadSession>,
        key: &'a ObjectKey,
        size: u64,
        content_type: &'a ContentType,
        etag: &'a ETag,
        version_id: Option<&'a VersionId>,
        at: Timestamp,
        bytes: &'a dyn ReadRange,
    ) -> Self {
        Self { session, key, size, content_type, etag, version_id, at, bytes }
    }

    /// Creates a request whose object consists of `bytes`, to test an inspector without a store.
    #[must_use]
    pub fn of_bytes(
        bytes: &'a &'a [u8],
        key: &'a ObjectKey,
        content_type: &'a ContentType,
        etag: &'a ETag,
        at: Timestamp,
    ) -> Self {
        let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        Self::new(None, key, size, content_type, etag, None, at, bytes)
    }

    /// Returns up to `len` bytes from `offset`. Fewer are returned at the end of the object, and none after it.
    ///
    /// # Errors
    /// Fails if the store does not answer, or if the object was replaced since the confirmation began
    /// ([`ObjectError::is_precondition_failed`]).
    pub async fn read(&self, offset: u64, len: usize) -> Result<Vec<u8>, ObjectError> {
        if offset >= self.size || len == 0 {
            return Ok(Vec::new());
        }
        self.bytes.read(offset, len).await
    }
}

impl Debug for InspectRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InspectRequest")
            .field("key", &self.key)
            .field("size", &self.size)
            .field("content_type", &self.content_type)
            .field("etag", &self.etag)
            .field("version_id", &self.version_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_as_ranges_of_an_object() {
        let (key, content_type) = ("a.txt".parse().unwrap(), "text/plain".parse().unwrap());
        let (etag, at) = ("e".parse().unwrap(), "2026-01-01T00:00:00Z".parse().unwrap());
        let bytes: &[u8] = b"0123456789";
        let request = InspectRequest::of_bytes(&bytes, &key, &content_type, &etag, at);
        let read = |offset, len| futures_executor::block_on(request.read(offset, len)).unwrap();
        assert_eq!((request.size, read(0, 4), read(8, 4)), (10, b"0123".to_vec(), b"89".to_vec()));
        assert_eq!((read(10, 1), read(u64::MAX, 1), read(0, 0)), (vec![], vec![], vec![]));
    }
}
