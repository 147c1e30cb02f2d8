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

use crate::client::{UploadClient, UploadOptions};
use crate::error::UploadError;
use crate::events::Emitter;
use crate::grant::MultipartGrant;
use crate::multipart::batch::PartUrlBatcher;
use crate::multipart::part_reader::PartReader;
use crate::plan::Uploaded;
use crate::source::Source;
use crate::state::StateFile;
use crate::state::record::StoredPart;

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
