//! AbortMultipartUpload.

use upsign_core::{ObjectKey, Operation, UploadId};

use crate::calls::prepared::{Prepared, Repeat};
use crate::error::{ErrorCode, ObjectError};

/// Discards a multipart upload and its parts.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html>.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbortMultipartUpload {
    key: ObjectKey,
    upload_id: UploadId,
}

impl AbortMultipartUpload {
    /// Creates the call.
    #[must_use]
    pub const fn new(key: ObjectKey, upload_id: UploadId) -> Self {
        Self { key, upload_id }
    }

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

    pub(crate) fn prepare(&self) -> Prepared {
        // An upload that is gone cannot be aborted twice: a repeated call answers `NoSuchUpload`, which `read` understands.
        let operation = Operation::AbortMultipartUpload { upload_id: self.upload_id.clone() };
        Prepared::new(operation, &self.key, Repeat::Always)
    }

    /// An upload that does not exist after an attempt whose answer was lost has been aborted by it.
    pub(crate) fn read<T>(result: Result<T, ObjectError>) -> Result<(), ObjectError> {
        match result {
            Err(error) if error.may_have_happened() && error.code() == Some(&ErrorCode::NoSuchUpload) => {
                Ok(())
            }
            result => result.map(|_| ()),
        }
    }
}
