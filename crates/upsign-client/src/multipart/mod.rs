//! Uploads in parts.

mod batch;
mod complete;
mod pieces;
mod resume;
mod worker;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::future::try_join_all;

use crate::client::{UploadClient, UploadOptions};
use crate::error::UploadError;
use crate::events::Emitter;
use crate::multipart::batch::Batcher;
use crate::multipart::pieces::Pieces;
use crate::plan::{PartLayout, Uploaded};
use crate::source::Source;
use crate::state::StateFile;
use crate::state::record::{StoredPart, UploadToken};

/// What the API granted.
pub(crate) struct Granted {
    pub(crate) key: String,
    pub(crate) ids: BTreeMap<String, String>,
    pub(crate) token: UploadToken,
    pub(crate) layout: PartLayout,
    pub(crate) parts_at_once: Option<u8>,
}

/// A multipart upload that is under way.
pub(crate) struct Transfer<'a> {
    pub(crate) client: &'a UploadClient,
    pub(crate) source: Arc<dyn Source>,
    pub(crate) granted: &'a Granted,
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
        granted: &'a Granted,
        state: Option<&'a StateFile>,
        events: &'a Emitter,
    ) -> Self {
        Self { client, source, granted, state, events, done: Mutex::default() }
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
        self.granted.layout.numbers().filter(|number| !done.contains_key(number)).collect()
    }

    /// Sends these parts in parallel.
    async fn send(&self, numbers: VecDeque<u32>) -> Result<(), UploadError> {
        let granted = self.granted;
        let is_buffered = Pieces::are_buffered(&*self.source, &granted.layout);
        let at_once = workers(&self.client.options, granted, is_buffered).min(numbers.len());
        let batcher = Batcher::new(&self.client.api, &granted.token, &granted.layout, self.events, at_once);
        let pieces = Pieces::new(Arc::clone(&self.source), granted.layout.clone(), numbers);
        try_join_all((0..at_once).map(|_| self.work(&pieces, &batcher))).await.map(drop)
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
fn workers(options: &UploadOptions, granted: &Granted, is_buffered: bool) -> usize {
    let allowed = granted.parts_at_once.unwrap_or(DEFAULT_PARTS_AT_ONCE);
    let wanted = options.parts_at_once.unwrap_or(allowed).min(allowed);
    let by_memory = if is_buffered { options.max_buffer / granted.layout.part_size } else { u64::MAX };
    usize::from(wanted).min(usize::try_from(by_memory).unwrap_or(usize::MAX)).max(1)
}
