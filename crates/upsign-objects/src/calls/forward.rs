//! Implementations of the trait for `Arc`, `Box` and references.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use upsign_core::{Timestamp, UploadId};

use crate::calls::ObjectCalls;
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

/// Implements the trait for a pointer to `T` by forwarding to the value it points to.
macro_rules! forward_through {
    ($($pointer:ty),*) => {$(
        #[async_trait]
        impl<T: ObjectCalls + ?Sized> ObjectCalls for $pointer {
            fn time_per_request(&self) -> Duration {
                (**self).time_per_request()
            }

            async fn head_object(&self, call: &HeadObject, at: Timestamp) -> Result<ObjectHead, ObjectError> {
                (**self).head_object(call, at).await
            }

            async fn get_object(&self, call: &GetObject, at: Timestamp) -> Result<ObjectRange, ObjectError> {
                (**self).get_object(call, at).await
            }

            async fn create_multipart_upload(
                &self,
                call: &CreateMultipartUpload,
                at: Timestamp,
            ) -> Result<UploadId, ObjectError> {
                (**self).create_multipart_upload(call, at).await
            }

            async fn list_parts(&self, call: &ListParts, at: Timestamp) -> Result<PartList, ObjectError> {
                (**self).list_parts(call, at).await
            }

            async fn complete_multipart_upload(
                &self,
                call: &CompleteMultipartUpload,
                at: Timestamp,
            ) -> Result<CompletedUpload, ObjectError> {
                (**self).complete_multipart_upload(call, at).await
            }

            async fn abort_multipart_upload(
                &self,
                call: &AbortMultipartUpload,
                at: Timestamp,
            ) -> Result<(), ObjectError> {
                (**self).abort_multipart_upload(call, at).await
            }

            async fn copy_object(&self, call: &CopyObject, at: Timestamp) -> Result<CopiedObject, ObjectError> {
                (**self).copy_object(call, at).await
            }

            async fn get_object_tagging(&self, call: &GetObjectTagging, at: Timestamp) -> Result<ObjectTags, ObjectError> {
                (**self).get_object_tagging(call, at).await
            }

            async fn put_object_tagging(&self, call: &PutObjectTagging, at: Timestamp) -> Result<(), ObjectError> {
                (**self).put_object_tagging(call, at).await
            }

            async fn delete_object(&self, call: &DeleteObject, at: Timestamp) -> Result<DeletedObject, ObjectError> {
                (**self).delete_object(call, at).await
            }
        }
    )*};
}

forward_through!(Arc<T>, Box<T>, &T);
