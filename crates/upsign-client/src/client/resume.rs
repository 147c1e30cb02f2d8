//! Resuming an upload whose state is stored.

use std::sync::Arc;

use crate::client::UploadClient;
use crate::error::UploadError;
use crate::events::{Emitter, Event, RestartReason};
use crate::grant::MultipartGrant;
use crate::multipart::Transfer;
use crate::plan::Uploaded;
use crate::request::UploadRequest;
use crate::source::Source;
use crate::state::record::Unreadable;

impl UploadClient {
    /// Resumes the upload if its state is stored. Returns `None` if it must be begun: no state is stored, or the stored upload
    /// cannot be resumed.
    pub(super) async fn resume(
        &self,
        source: &Arc<dyn Source>,
        request: &UploadRequest,
        events: &Emitter,
    ) -> Result<Option<Uploaded>, UploadError> {
        let Some((store, path)) = self.state_of(source.identity(), request) else { return Ok(None) };
        let Some((state, content)) = store.open(&path)? else { return Ok(None) };
        let (upload, parts) = match content {
            Ok(content) => content,
            Err(Unreadable::Damaged) => {
                state.remove()?;
                events.emit(&Event::Restarted { reason: RestartReason::Unreadable { state: &path } });
                return Ok(None);
            }
            Err(reason) => return Err(UploadError::UnreadableState { path, reason: reason.to_string() }),
        };
        let grant = &upload.grant;
        if self.options.restart {
            // Without its state, nobody could abort the upload later.
            self.end(grant, events).await.map_err(|source| UploadError::NotAborted {
                key: grant.key.clone(),
                expires_at: grant.expires_at.clone(),
                source,
            })?;
            state.remove()?;
            events.emit(&Event::Restarted { reason: RestartReason::Requested });
            return Ok(None);
        }
        if let Some(what) = source.identity().and_then(|now| upload.identity.difference(now)) {
            return Err(UploadError::ChangedSince { name: source.name().to_owned(), what });
        }
        let transfer = Transfer::new(self, Arc::clone(source), grant, Some(&state), events);
        let status = match transfer.status().await {
            Ok(status) => status,
            Err(error) if grant.has_expired(&error) => {
                drop(transfer);
                state.remove()?;
                let reason = RestartReason::Expired { expires_at: &grant.expires_at };
                events.emit(&Event::Restarted { reason });
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        let resumed = transfer.resume(status, parts).await;
        drop(transfer);
        match resumed.map_err(|error| grant.error_of_expiry(error))? {
            Some(uploaded) => self.confirm_parts(grant, uploaded, Some(state), events).await.map(Some),
            None => {
                if let Some(uploaded) = self.moved(source, grant, events).await? {
                    state.remove()?;
                    return Ok(Some(uploaded));
                }
                state.remove()?;
                events.emit(&Event::Restarted { reason: RestartReason::Gone });
                Ok(None)
            }
        }
    }
    /// Returns the object of an upload that ended during its confirmation: the store no longer has the upload if the API has moved
    /// the object already.
    async fn moved(
        &self,
        source: &Arc<dyn Source>,
        grant: &MultipartGrant,
        events: &Emitter,
    ) -> Result<Option<Uploaded>, UploadError> {
        let Some(confirmation) = self.confirm_moved(&grant.token, &grant.key, events).await? else {
            return Ok(None);
        };
        // The token is that of this source, whose identity is that of the state. The size shows an API that is not in order.
        if source.size().is_some_and(|size| size != confirmation.size) {
            return Err(UploadError::ObjectExists { key: confirmation.key });
        }
        let uploaded = Uploaded {
            key: confirmation.key.clone(),
            size: confirmation.size,
            etag: confirmation.etag.clone(),
            version_id: confirmation.version_id.clone(),
            checksum: confirmation.checksum.clone(),
            ids: grant.ids.clone(),
            parts: Some(grant.layout.part_count),
            confirmation: Some(confirmation),
        };
        if let Some(confirmation) = &uploaded.confirmation {
            events.emit(&Event::Confirmed(confirmation));
        }
        Ok(Some(uploaded))
    }
}
