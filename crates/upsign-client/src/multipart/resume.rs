//! Resuming an upload that another process began.

use std::collections::BTreeMap;
use std::sync::PoisonError;

use crate::api::wire::{StatusAnswer, UploadState};
use crate::error::UploadError;
use crate::events::Event;
use crate::multipart::Transfer;
use crate::multipart::complete::by_number;
use crate::plan::Uploaded;
use crate::state::record::StoredPart;

impl Transfer<'_> {
    /// Resumes the upload that has this status. `stored` are the parts of the state. Returns `None` if the store no longer has the
    /// upload, so that it must begin again.
    ///
    /// A part counts as stored if the store has it with the length of the plan and with the entity tag in the state. All other
    /// parts are sent again, also those that the store has but the state does not: their bytes are not known to be those of the
    /// file.
    pub(crate) async fn resume(
        &self,
        status: StatusAnswer,
        stored: BTreeMap<u32, StoredPart>,
    ) -> Result<Option<Uploaded>, UploadError> {
        match status.state {
            UploadState::Gone => return Ok(None),
            UploadState::Completed => {
                let sent =
                    stored.into_iter().map(|(number, part)| (number, (part, self.grant.layout.len(number))));
                *self.done.lock().unwrap_or_else(PoisonError::into_inner) = sent.collect();
                return self.completed_elsewhere(status).await.map(Some);
            }
            UploadState::Open => {}
        }
        let layout = &self.grant.layout;
        let at_store = by_number(&status);
        let kept: BTreeMap<u32, (StoredPart, u64)> = stored
            .into_iter()
            .filter(|(number, part)| at_store.get(number) == Some(&(layout.len(*number), part.etag.as_str())))
            .map(|(number, part)| (number, (part, layout.len(number))))
            .collect();
        let bytes = kept.values().map(|(_, len)| len).sum();
        let parts = u32::try_from(kept.len()).unwrap_or(u32::MAX);
        *self.done.lock().unwrap_or_else(PoisonError::into_inner) = kept;
        let parts_at_once = Some(self.grant.allowed_parts());
        self.events.emit(&Event::Resumed { key: &self.grant.key, layout, parts, bytes, parts_at_once });
        self.run().await.map(Some)
    }
}
