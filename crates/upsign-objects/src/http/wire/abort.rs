//! AbortMultipartUpload as a request and an answer.

use upsign_core::Operation;

use crate::calls::abort::AbortMultipartUpload;
use crate::error::{ErrorCode, InvalidCall, ObjectError};
use crate::http::wire::{Prepared, Repeat};

impl AbortMultipartUpload {
    pub(crate) fn prepare(&self) -> Result<Prepared, InvalidCall> {
        // An upload that is gone cannot be aborted twice: a repeated call answers `NoSuchUpload`, which `read` understands.
        let operation = Operation::AbortMultipartUpload { upload_id: self.upload_id().clone() };
        let mut prepared = Prepared::new(operation, self.key(), Repeat::Always);
        prepared.bodyless_headers(self.headers())?;
        Ok(prepared)
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
