//! CreateMultipartUpload as a request and an answer.

use upsign_core::{Operation, UploadId};

use crate::calls::create::CreateMultipartUpload;
use crate::error::{CallFailure, InvalidCall};
use crate::http::wire::{Answer, Expected, MAX_XML, Prepared, Repeat, member};

impl CreateMultipartUpload {
    pub(crate) fn prepare(&self) -> Result<Prepared, InvalidCall> {
        // A repeated call starts a second upload. The first has no parts, so it costs nothing and no one can find it by the
        // key; the lifecycle rule for incomplete uploads removes it.
        let mut prepared = Prepared::new(Operation::CreateMultipartUpload, self.key(), Repeat::Always);
        prepared.bodyless_headers(self.headers())?;
        prepared.expected = Expected::Xml { root: "InitiateMultipartUploadResult", max: MAX_XML };
        Ok(prepared)
    }

    pub(crate) fn read(answer: &Answer) -> Result<UploadId, CallFailure> {
        member(answer.xml()?, "UploadId")
    }
}
