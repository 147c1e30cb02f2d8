//! DeleteObject as a request and an answer.

use upsign_core::Operation;

use crate::calls::delete::{DeleteObject, DeletedObject};
use crate::error::InvalidCall;
use crate::http::wire::{Answer, Prepared, Repeat};

impl DeleteObject {
    pub(crate) fn prepare(&self) -> Result<Prepared, InvalidCall> {
        // A version exists once: deleting it again deletes nothing.
        let repeat = if self.version_id().is_some() { Repeat::Always } else { Repeat::IfNothingHappened };
        let mut prepared = Prepared::new(Operation::DeleteObject, self.key(), repeat);
        prepared.bodyless_headers(self.headers())?;
        prepared.version(self.version_id())?;
        prepared.condition(false, self.if_match())?;
        Ok(prepared)
    }
}

impl DeletedObject {
    pub(crate) fn read(answer: &Answer) -> Self {
        let delete_marker = answer.header("x-amz-delete-marker") == Some("true");
        Self { delete_marker, version_id: answer.version_id() }
    }
}
