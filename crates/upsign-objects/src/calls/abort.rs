//! AbortMultipartUpload.

use std::time::Duration;

use upsign_core::{ObjectKey, SignedHeaders, UploadId};

use crate::calls::common;

/// Discards a multipart upload and its parts.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbortMultipartUpload {
    key: ObjectKey,
    upload_id: UploadId,
    headers: SignedHeaders,
    time_limit: Option<Duration>,
}

impl AbortMultipartUpload {
    /// Creates the call.
    #[must_use]
    pub fn new(key: ObjectKey, upload_id: UploadId) -> Self {
        Self { key, upload_id, headers: SignedHeaders::new(), time_limit: None }
    }

    common::headers!();
    common::time_limit!();

    /// Returns the key of the object that the upload would have created.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the id of the upload.
    #[must_use]
    pub const fn upload_id(&self) -> &UploadId {
        &self.upload_id
    }
}
