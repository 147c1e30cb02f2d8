//! AbortMultipartUpload.

use upsign_core::{ObjectKey, SignedHeaders, UploadId};


/// Discards a multipart upload and its parts.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbortMultipartUpload {
    key: ObjectKey,
    upload_id: UploadId,
    headers: SignedHeaders,
}

impl AbortMultipartUpload {
    /// Creates the call.
    #[must_use]
    pub fn new(key: ObjectKey, upload_id: UploadId) -> Self {
        Self { key, upload_id, headers: SignedHeaders::new() }
    }

    /// Sets further headers, all of which are signed: `x-amz-expected-bucket-owner` and `x-amz-request-payer`.
    ///
    /// Headers that describe a body are refused ([`InvalidCall::BodyHeader`](crate::InvalidCall::BodyHeader)).
    #[must_use]
    pub fn with_headers(self, headers: SignedHeaders) -> Self {
        Self { headers, ..self }
    }

    /// Returns the key of the object that the upload would have created.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the further headers.
    #[must_use]
    pub const fn headers(&self) -> &SignedHeaders {
        &self.headers
    }

    /// Returns the id of the upload.
    #[must_use]
    pub const fn upload_id(&self) -> &UploadId {
        &self.upload_id
    }
}
