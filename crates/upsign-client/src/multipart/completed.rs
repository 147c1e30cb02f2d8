//! Uploads that another process, or a request whose answer was lost, has completed.

use std::sync::PoisonError;

use crate::api::ApiCall;
use crate::api::wire::{CompleteAnswer, StatusAnswer, UploadState};
use crate::checksum::Checksum;
use crate::compare::{Comparison, checksum_of, compare_etag_of_parts};
use crate::error::UploadError;
use crate::events::Event;
use crate::multipart::Transfer;
use crate::plan::{Uploaded, unquoted};
use crate::request::read_checksum;
use crate::state::record::StoredPart;

impl Transfer<'_> {
    /// Decides what became of an upload that the store no longer has.
    pub(super) async fn resolve_gone(&self, key: String) -> Result<Uploaded, UploadError> {
        let status = self.status().await?;
        if status.state == UploadState::Completed {
            return self.completed_elsewhere(status).await;
        }
        Err(UploadError::Gone { key })
    }

    /// Returns the object of an upload that is completed already, if it is the source: another process may have completed the
    /// upload with other bytes.
    pub(super) async fn completed_elsewhere(&self, status: StatusAnswer) -> Result<Uploaded, UploadError> {
        let (Some(size), Some(etag)) = (status.size, status.etag) else {
            return Err(UploadError::answer(ApiCall::Status, "a completed upload has no size or no etag"));
        };
        let key = status.key.unwrap_or_else(|| self.grant.key.clone());
        let of_store = read_checksum(&status.checksum);
        match self.compare(size, &etag, of_store.as_ref()).await? {
            Comparison::Same => {}
            Comparison::Different => return Err(UploadError::ObjectExists { key }),
            Comparison::Unconfirmed => return Err(UploadError::Unconfirmed { key }),
        }
        let (version_id, checksum) = (status.version_id, status.checksum);
        let uploaded = self.uploaded(CompleteAnswer { key, size, etag, version_id, checksum }, of_store)?;
        self.events.emit(&Event::Resolved);
        Ok(uploaded)
    }

    /// Compares a completed object with the source: by its size, and by its checksum or else by its entity tag.
    async fn compare(
        &self,
        size: u64,
        etag: &str,
        of_store: Option<&Checksum>,
    ) -> Result<Comparison, UploadError> {
        let layout = &self.grant.layout;
        if size != self.sent_bytes() {
            return Ok(Comparison::Different);
        }
        if let Some(of_store) = of_store {
            let of_parts = self.combined_checksum().filter(|it| it.algorithm() == of_store.algorithm());
            let of_source = match (of_parts, layout.size) {
                (Some(checksum), _) => Some(checksum),
                (None, Some(size)) => checksum_of(&*self.source, size, of_store.algorithm()).await?,
                (None, None) => None,
            };
            if let Some(of_source) = of_source {
                return Ok(Comparison::of_checksums(of_store, &of_source));
            }
        }
        let parts: Option<Vec<String>> = self.all_parts(|part, _| Some(part.etag.clone()));
        let etags = parts.as_ref().map(|parts| parts.iter().map(String::as_str).collect());
        compare_etag_of_parts(&*self.source, layout, etags, unquoted(etag)).await
    }

    /// Returns the size of the source or, if the source does not know it, the sum of the parts that were sent.
    pub(super) fn sent_bytes(&self) -> u64 {
        let sum =
            || self.done.lock().unwrap_or_else(PoisonError::into_inner).values().map(|(_, len)| len).sum();
        self.grant.layout.size.unwrap_or_else(sum)
    }

    /// Returns a value of each part, or `None` if a part is missing or has no such value.
    fn all_parts<T>(&self, value: impl Fn(&StoredPart, u64) -> Option<T>) -> Option<Vec<T>> {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let is_complete = match self.grant.layout.size {
            Some(_) => u32::try_from(done.len()).ok() == Some(self.grant.layout.part_count),
            None => !done.is_empty(),
        };
        is_complete.then(|| done.values().map(|(part, len)| value(part, *len)).collect()).flatten()
    }

    /// Returns the checksum of all bytes, computed from those of the parts. Returns `None` if a part has no checksum, or if the
    /// algorithm does not allow it.
    pub(super) fn combined_checksum(&self) -> Option<Checksum> {
        let parts = self.all_parts(|part, len| Some((part.checksum.clone()?, len)))?;
        Checksum::combine(parts.iter().map(|(checksum, len)| (checksum, *len)))
    }
}
