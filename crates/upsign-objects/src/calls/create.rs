//! CreateMultipartUpload.

use std::time::Duration;

use upsign_core::{ObjectKey, SignedHeaders};

use crate::calls::common;

/// Starts a multipart upload.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateMultipartUpload {
    key: ObjectKey,
    headers: SignedHeaders,
    time_limit: Option<Duration>,
}

impl CreateMultipartUpload {
    /// Creates the call with the headers that the object gets, such as `content-type`, `x-amz-meta-…` and `x-amz-tagging`,
    /// and with `x-amz-checksum-algorithm` and `x-amz-checksum-type` if its parts have checksums. All of them are signed.
    ///
    /// Headers that describe a body, such as `content-length`, are refused ([`InvalidCall::BodyHeader`](crate::InvalidCall::BodyHeader)).
    #[must_use]
    pub const fn new(key: ObjectKey, headers: SignedHeaders) -> Self {
        Self { key, headers, time_limit: None }
    }

    common::time_limit!();

    /// Returns the key of the object.
    #[must_use]
    pub const fn key(&self) -> &ObjectKey {
        &self.key
    }

    /// Returns the headers.
    #[must_use]
    pub const fn headers(&self) -> &SignedHeaders {
        &self.headers
    }
}
