//! A store that exists only inside this command, so that `check` can issue grants for multipart uploads.

use upsign::objects::{
    AbortMultipartUpload, CallFailure, CompleteMultipartUpload, CompletedUpload, CopiedObject, CopyObject,
    CreateMultipartUpload, DeleteObject, DeletedObject, GetObject, GetObjectTagging, HeadObject, ListParts,
    ObjectCalls, ObjectError, ObjectHead, ObjectRange, ObjectTags, PartList, PutObjectTagging, StoreError,
};
use upsign_core::{Timestamp, UploadId, async_trait};

/// Creates uploads with the id `example`, and refuses every other call.
#[derive(Debug)]
pub(super) struct ExampleStore;

fn refused<T>(operation: &'static str) -> Result<T, ObjectError> {
    Err(ObjectError::new(operation, CallFailure::Store(StoreError::new(501).with_code("NotImplemented"))))
}

#[async_trait]
impl ObjectCalls for ExampleStore {
    async fn create_multipart_upload(
        &self,
        _: &CreateMultipartUpload,
        _: Timestamp,
    ) -> Result<UploadId, ObjectError> {
        "example".parse().or_else(|_| refused("CreateMultipartUpload"))
    }

    async fn head_object(&self, _: &HeadObject, _: Timestamp) -> Result<ObjectHead, ObjectError> {
        refused("HeadObject")
    }

    async fn get_object(&self, _: &GetObject, _: Timestamp) -> Result<ObjectRange, ObjectError> {
        refused("GetObject")
    }

    async fn list_parts(&self, _: &ListParts, _: Timestamp) -> Result<PartList, ObjectError> {
        refused("ListParts")
    }

    async fn complete_multipart_upload(
        &self,
        _: &CompleteMultipartUpload,
        _: Timestamp,
    ) -> Result<CompletedUpload, ObjectError> {
        refused("CompleteMultipartUpload")
    }

    async fn abort_multipart_upload(
        &self,
        _: &AbortMultipartUpload,
        _: Timestamp,
    ) -> Result<(), ObjectError> {
        refused("AbortMultipartUpload")
    }

    async fn copy_object(&self, _: &CopyObject, _: Timestamp) -> Result<CopiedObject, ObjectError> {
        refused("CopyObject")
    }

    async fn get_object_tagging(
        &self,
        _: &GetObjectTagging,
        _: Timestamp,
    ) -> Result<ObjectTags, ObjectError> {
        refused("GetObjectTagging")
    }

    async fn put_object_tagging(&self, _: &PutObjectTagging, _: Timestamp) -> Result<(), ObjectError> {
        refused("PutObjectTagging")
    }

    async fn delete_object(&self, _: &DeleteObject, _: Timestamp) -> Result<DeletedObject, ObjectError> {
        refused("DeleteObject")
    }
}
