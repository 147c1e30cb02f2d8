//! CreateMultipartUpload.

use upsign_core::{ObjectKey, Operation, SignedHeaders, UploadId};

use crate::calls::prepared::{Answer, Expected, MAX_XML, Prepared, Repeat, missing};
use crate::error::{CallFailure, InvalidCall};

/// Starts a multipart upload.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateMultipartUpload {
    key: ObjectKey,
    headers: SignedHeaders,
}

impl CreateMultipartUpload {
    /// Creates the call with the headers that the object gets, such as `content-type`, `x-amz-meta-…` and `x-amz-tagging`,
    /// and with `x-amz-checksum-algorithm` and `x-amz-checksum-type` if its parts have checksums. All of them are signed.
    ///
    /// Headers that describe a body, such as `content-length`, are refused ([`InvalidCall::BodyHeader`]).
    #[must_use]
    pub const fn new(key: ObjectKey, headers: SignedHeaders) -> Self {
        Self { key, headers }
    }

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

    pub(crate) fn prepare(&self) -> Result<Prepared, InvalidCall> {
        // A repeated call starts a second upload. The first has no parts, so it costs nothing and no one can find it by the
        // key; the lifecycle rule for incomplete uploads removes it.
        let mut prepared = Prepared::new(Operation::CreateMultipartUpload, &self.key, Repeat::Always);
        prepared.bodyless_headers(&self.headers)?;
        prepared.expected = Expected::Xml { root: "InitiateMultipartUploadResult", max: MAX_XML };
        Ok(prepared)
    }

    pub(crate) fn read(answer: &Answer) -> Result<UploadId, CallFailure> {
        let id = answer.xml()?.text("UploadId").and_then(|id| id.parse().ok());
        id.ok_or(missing("UploadId"))
    }
}
