//! The calls: for each its input and its result.

pub(crate) mod abort;
mod common;
pub(crate) mod complete;
pub(crate) mod copy;
pub(crate) mod create;
pub(crate) mod delete;
mod forward;
pub(crate) mod get;
pub(crate) mod head;
pub(crate) mod list_parts;
pub(crate) mod tagging;

use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use upsign_core::{Timestamp, UploadId};

use crate::calls::abort::AbortMultipartUpload;
use crate::calls::complete::{CompleteMultipartUpload, CompletedUpload};
use crate::calls::copy::{CopiedObject, CopyObject};
use crate::calls::create::CreateMultipartUpload;
use crate::calls::delete::{DeleteObject, DeletedObject};
use crate::calls::get::{GetObject, ObjectRange};
use crate::calls::head::{HeadObject, ObjectHead};
use crate::calls::list_parts::{ListParts, PartList};
use crate::calls::tagging::{GetObjectTagging, ObjectTags, PutObjectTagging};
use crate::error::ObjectError;

/// The calls that an upload service makes to one bucket of a store.
///
/// `HttpObjects`, with the feature `http`, is the implementation. Another one can wrap it:
///
/// ```
/// use upsign_core::{Timestamp, async_trait};
/// # use upsign_core::UploadId;
/// # use upsign_objects::*;
/// use upsign_objects::{CallFailure, DeleteObject, DeletedObject, ObjectCalls, ObjectError, StoreError};
///
/// /// Makes every call except deletions.
/// #[derive(Debug)]
/// struct WithoutDeletions<T>(T);
///
/// #[async_trait]
/// impl<T: ObjectCalls> ObjectCalls for WithoutDeletions<T> {
///     async fn delete_object(&self, _: &DeleteObject, _: Timestamp) -> Result<DeletedObject, ObjectError> {
///         let denied = StoreError::new(403).with_code("AccessDenied");
///         Err(ObjectError::new("DeleteObject", CallFailure::Store(denied)))
///     }
///
///     // The other methods forward to `self.0`.
/// #   async fn head_object(&self, call: &HeadObject, at: Timestamp) -> Result<ObjectHead, ObjectError> { self.0.head_object(call, at).await }
/// #   async fn get_object(&self, call: &GetObject, at: Timestamp) -> Result<ObjectRange, ObjectError> { self.0.get_object(call, at).await }
/// #   async fn create_multipart_upload(&self, call: &CreateMultipartUpload, at: Timestamp) -> Result<UploadId, ObjectError> { self.0.create_multipart_upload(call, at).await }
/// #   async fn list_parts(&self, call: &ListParts, at: Timestamp) -> Result<PartList, ObjectError> { self.0.list_parts(call, at).await }
/// #   async fn complete_multipart_upload(&self, call: &CompleteMultipartUpload, at: Timestamp) -> Result<CompletedUpload, ObjectError> { self.0.complete_multipart_upload(call, at).await }
/// #   async fn abort_multipart_upload(&self, call: &AbortMultipartUpload, at: Timestamp) -> Result<(), ObjectError> { self.0.abort_multipart_upload(call, at).await }
/// #   async fn copy_object(&self, call: &CopyObject, at: Timestamp) -> Result<CopiedObject, ObjectError> { self.0.copy_object(call, at).await }
/// #   async fn get_object_tagging(&self, call: &GetObjectTagging, at: Timestamp) -> Result<ObjectTags, ObjectError> { self.0.get_object_tagging(call, at).await }
/// #   async fn put_object_tagging(&self, call: &PutObjectTagging, at: Timestamp) -> Result<(), ObjectError> { self.0.put_object_tagging(call, at).await }
/// }
/// ```
///
/// `upsign-testing` has a mock for tests of code that makes calls, with its features `mocks` and `objects`.
///
/// The trait is also implemented for `Arc<T>`, `Box<T>` and `&T`. `at` is the time at which the call begins; requests are
/// signed with it, and retries with the time since then in addition.
#[async_trait]
pub trait ObjectCalls: Debug + Send + Sync {
    /// Returns the time that all calls of one request to a service may take together. Default: 24 s.
    ///
    /// API Gateway gives an integration 29 s
    /// (<https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html>). The rest is for fetching the keys of the
    /// token's issuer, for the authorization by the application, and for the answer.
    ///
    /// A service sets the time that is left as the limit of each call, such as [`HeadObject::time_limit`]. An implementation must
    /// end a call within its limit: the service has no timer of its own.
    fn time_per_request(&self) -> Duration {
        Duration::from_secs(24)
    }

    /// Returns size, entity tag, checksums and metadata of an object.
    ///
    /// Implementations write
    /// `async fn head_object(&self, call: &HeadObject, at: Timestamp) -> Result<ObjectHead, ObjectError>`.
    ///
    /// # Errors
    /// Fails if the object does not exist ([`ObjectError::is_not_found`]) or the store does not answer.
    async fn head_object(&self, call: &HeadObject, at: Timestamp) -> Result<ObjectHead, ObjectError>;

    /// Returns a range of the bytes of an object.
    ///
    /// Implementations write
    /// `async fn get_object(&self, call: &GetObject, at: Timestamp) -> Result<ObjectRange, ObjectError>`.
    ///
    /// # Errors
    /// Fails if the object does not exist, if the range begins after its end
    /// ([`InvalidRange`](crate::ErrorCode::InvalidRange), also for the first bytes of an empty object), or if it is not the
    /// expected version ([`ObjectError::is_precondition_failed`]).
    async fn get_object(&self, call: &GetObject, at: Timestamp) -> Result<ObjectRange, ObjectError>;

    /// Starts a multipart upload and returns its id.
    ///
    /// Implementations write
    /// `async fn create_multipart_upload(&self, call: &CreateMultipartUpload, at: Timestamp) -> Result<UploadId, ObjectError>`.
    ///
    /// # Errors
    /// Fails if the store refuses a header or does not answer. An upload without parts may remain then, which costs nothing
    /// and which a lifecycle rule that aborts incomplete uploads removes.
    async fn create_multipart_upload(
        &self,
        call: &CreateMultipartUpload,
        at: Timestamp,
    ) -> Result<UploadId, ObjectError>;

    /// Returns all parts that were uploaded, in ascending order of their numbers.
    ///
    /// Implementations write
    /// `async fn list_parts(&self, call: &ListParts, at: Timestamp) -> Result<PartList, ObjectError>`.
    ///
    /// # Errors
    /// Fails with [`NoSuchUpload`](crate::ErrorCode::NoSuchUpload) if the upload was completed or aborted.
    async fn list_parts(&self, call: &ListParts, at: Timestamp) -> Result<PartList, ObjectError>;

    /// Assembles the object from its parts.
    ///
    /// Implementations write
    /// `async fn complete_multipart_upload(&self, call: &CompleteMultipartUpload, at: Timestamp) -> Result<CompletedUpload, ObjectError>`.
    ///
    /// # Errors
    /// Fails if a part is missing or differs, a condition is not met, or size or checksum are other ones. If
    /// [`ObjectError::may_have_happened`] is `true`, the object may exist nevertheless: compare it with what was expected.
    async fn complete_multipart_upload(
        &self,
        call: &CompleteMultipartUpload,
        at: Timestamp,
    ) -> Result<CompletedUpload, ObjectError>;

    /// Discards a multipart upload and its parts.
    ///
    /// S3 keeps parts that are uploaded at the same time; abort again once they have ended
    /// (<https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html>).
    ///
    /// Implementations write
    /// `async fn abort_multipart_upload(&self, call: &AbortMultipartUpload, at: Timestamp) -> Result<(), ObjectError>`.
    ///
    /// # Errors
    /// Fails with [`NoSuchUpload`](crate::ErrorCode::NoSuchUpload) if the upload was completed or aborted before.
    async fn abort_multipart_upload(
        &self,
        call: &AbortMultipartUpload,
        at: Timestamp,
    ) -> Result<(), ObjectError>;

    /// Copies an object of up to 5 GiB within the store.
    ///
    /// Implementations write
    /// `async fn copy_object(&self, call: &CopyObject, at: Timestamp) -> Result<CopiedObject, ObjectError>`.
    ///
    /// # Errors
    /// Fails if the source does not exist or a condition is not met. If [`ObjectError::may_have_happened`] is `true`, the copy
    /// may exist nevertheless.
    async fn copy_object(&self, call: &CopyObject, at: Timestamp) -> Result<CopiedObject, ObjectError>;

    /// Returns the tags of an object.
    ///
    /// Implementations write
    /// `async fn get_object_tagging(&self, call: &GetObjectTagging, at: Timestamp) -> Result<ObjectTags, ObjectError>`.
    ///
    /// # Errors
    /// Fails if the object does not exist or the store does not implement tags.
    async fn get_object_tagging(
        &self,
        call: &GetObjectTagging,
        at: Timestamp,
    ) -> Result<ObjectTags, ObjectError>;

    /// Replaces all tags of an object.
    ///
    /// Implementations write
    /// `async fn put_object_tagging(&self, call: &PutObjectTagging, at: Timestamp) -> Result<(), ObjectError>`.
    ///
    /// # Errors
    /// Fails if the object does not exist or the store does not implement tags.
    async fn put_object_tagging(&self, call: &PutObjectTagging, at: Timestamp) -> Result<(), ObjectError>;

    /// Deletes an object, or one version of it. Succeeds if the object does not exist.
    ///
    /// Implementations write
    /// `async fn delete_object(&self, call: &DeleteObject, at: Timestamp) -> Result<DeletedObject, ObjectError>`.
    ///
    /// # Errors
    /// Fails if the credentials may not delete or the store does not answer.
    async fn delete_object(&self, call: &DeleteObject, at: Timestamp) -> Result<DeletedObject, ObjectError>;
}
