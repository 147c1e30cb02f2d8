//! Multipart uploads.

mod batch;
mod complete;
mod completed;
mod part_reader;
mod resume;
mod worker;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::try_join_all;

use crate::api::ApiError;
use crate::client::{UploadClient, UploadOptions};
use crate::error::UploadError;
use crate::events::Emitter;
use crate::multipart::batch::PartUrlBatcher;
use crate::multipart::part_reader::PartReader;
use crate::plan::{PartLayout, Uploaded};
use crate::source::Source;
use crate::state::StateFile;
use crate::state::record::{StoredPart, StoredUpload, UploadToken};

/// What the API grant.
pub(crate) struct MultipartGrant {
    pub(crate) key: String,
    pub(crate) ids: BTreeMap<String, String>,
    pub(crate) token: UploadToken,
    pub(crate) layout: PartLayout,
    pub(crate) parts_at_once: Option<u8>,
    pub(crate) expires_at: String,
}

impl From<StoredUpload> for MultipartGrant {
    fn from(upload: StoredUpload) -> Self {
        let StoredUpload { key, ids, token, layout, parts_at_once, expires_at, .. } = upload;
        Self { key, ids, token, layout, parts_at_once, expires_at }
    }
}

impl MultipartGrant {
    /// Returns the number of parts that the API permits at the same time.
    pub(crate) fn allowed_parts(&self) -> u8 {
        self.parts_at_once.unwrap_or(DEFAULT_PARTS_AT_ONCE)
    }

    /// Returns whether the API refused the upload token because it has expired.
    pub(crate) fn has_expired(&self, error: &ApiError) -> bool {
        error.is_of_expired_token(&self.expires_at)
    }

    /// Replaces the refusal of an expired token with [`UploadError::Expired`].
    pub(crate) fn error_of_expiry(&self, error: UploadError) -> UploadError {
        match error {
            UploadError::Api(error) if self.has_expired(&error) => {
                UploadError::Expired { key: self.key.clone(), expires_at: self.expires_at.clone() }
            }
            error => error,
        }
    }
}

/// A multipart upload that is under way.
pub(crate) struct Transfer<'a> {
    pub(crate) client: &'a UploadClient,
    pub(crate) source: Arc<dyn Source>,
    pub(crate) grant: &'a MultipartGrant,
    pub(crate) state: Option<&'a StateFile>,
    pub(crate) events: &'a Emitter,
    /// The parts that the store has, with their lengths.
    done: Mutex<BTreeMap<u32, (StoredPart, u64)>>,
}

/// The number of parallel parts if neither the caller nor the API says one.
const DEFAULT_PARTS_AT_ONCE: u8 = 4;

impl<'a> Transfer<'a> {
    pub(crate) fn new(
        client: &'a UploadClient,
        source: Arc<dyn Source>,
        grant: &'a MultipartGrant,
        state: Option<&'a StateFile>,
        events: &'a Emitter,
    ) -> Self {
        Self { client, source, grant, state, events, done: Mutex::default() }
    }

    /// Sends all parts that the store does not have, and completes the upload.
    pub(crate) async fn run(&self) -> Result<Uploaded, UploadError> {
        let sent = async {
            self.send(self.missing()).await?;
            self.complete().await
        };
        match sent.await {
            // Another process may have completed the same upload.
            Err(UploadError::Gone { key }) => self.resolve_gone(key).await,
            result => result,
        }
    }

    fn missing(&self) -> VecDeque<u32> {
        let done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        self.grant.layout.numbers().filter(|number| !done.contains_key(number)).collect()
    }

    /// Sends these parts in parallel.
    async fn send(&self, numbers: VecDeque<u32>) -> Result<(), UploadError> {
        let grant = self.grant;
        let is_buffered = PartReader::are_buffered(&*self.source, &grant.layout);
        let at_once = workers(&self.client.options, grant, is_buffered).min(numbers.len());
        let batcher =
            PartUrlBatcher::new(&self.client.api, &grant.token, &grant.layout, self.events, at_once);
        let reader = PartReader::new(Arc::clone(&self.source), grant.layout.clone(), numbers);
        try_join_all((0..at_once).map(|_| self.work(&reader, &batcher))).await.map(drop)
    }

    /// Records a part that the store has.
    fn record(&self, part: StoredPart, len: u64) -> Result<(), UploadError> {
        if let Some(state) = self.state {
            state.add(&part)?;
        }
        self.done.lock().unwrap_or_else(PoisonError::into_inner).insert(part.number, (part, len));
        Ok(())
    }
}

/// Returns the number of parallel parts: bounded by the caller, by the API, and by the memory for parts that are buffered.
fn workers(options: &UploadOptions, grant: &MultipartGrant, is_buffered: bool) -> usize {
    let allowed = grant.allowed_parts();
    let wanted = options.parts_at_once.unwrap_or(allowed).min(allowed);
    let by_memory = if is_buffered { options.max_buffer / grant.layout.part_size } else { u64::MAX };
    usize::from(wanted).min(usize::try_from(by_memory).unwrap_or(usize::MAX)).max(1)
}
