//! AbortMultipartUpload.

use std::time::Duration;

use upsign_core::{ObjectKey, SignedHeaders, UploadId};

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

    /// Sets further headers, all of which are signed: `x-amz-expected-bucket-owner` and `x-amz-request-payer`.
    ///
    /// Headers that describe a body are refused ([`InvalidCall::BodyHeader`](crate::InvalidCall::BodyHeader)).
    #[must_use]
    pub fn with_headers(self, headers: SignedHeaders) -> Self {
        Self { headers, ..self }
    }

    /// Limits the time of the call with all its attempts, in addition to the limits of the implementation.
    #[must_use]
    pub fn with_time_limit(self, limit: Duration) -> Self {
        Self { time_limit: Some(limit), ..self }
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

    /// Returns the time that the call may take, or `None` if only the limits of the implementation apply.
    #[must_use]
    pub const fn time_limit(&self) -> Option<Duration> {
        self.time_limit
    }

    /// Returns the id of the upload.
    #[must_use]
    pub const fn upload_id(&self) -> &UploadId {
        &self.upload_id
    }
}
