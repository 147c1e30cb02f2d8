//! URLs of parts, requested in batches when the bytes are ready to be sent, so that none expires while it waits.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, timeout};

use crate::api::wire::{PartUrlAnswer, PartsAnswer};
use crate::api::{Api, ApiCall, ApiError};
use crate::checksum::Checksum;
use crate::events::Emitter;
use crate::grant::UploadToken;
use crate::plan::PartLayout;

/// How long the first part of a batch waits for others.
const WAIT: Duration = Duration::from_millis(5);
/// URLs are not used any more when this much of their lifetime is left.
const RESERVE: Duration = Duration::from_secs(10);

/// Where to send a part.
pub(super) struct PartUrl {
    pub(super) url: String,
    pub(super) headers: BTreeMap<String, String>,
    valid_until: Instant,
}

impl PartUrl {
    pub(super) fn is_valid(&self) -> bool {
        Instant::now() < self.valid_until
    }
}

/// A part whose bytes are ready, and which waits for its URL.
struct PartUrlRequest {
    number: u32,
    len: u64,
    checksum: Option<Checksum>,
    answer: oneshot::Sender<Result<PartUrl, ApiError>>,
}

/// Collects the parts whose bytes are ready, so that one call requests the URLs of several. The first part of a batch waits for
/// others and then makes the call for all.
pub(super) struct PartUrlBatcher<'a> {
    api: &'a Api,
    token: &'a UploadToken,
    layout: &'a PartLayout,
    events: &'a Emitter,
    at_once: usize,
    pending: Mutex<Vec<PartUrlRequest>>,
    is_full: Notify,
    omits_checksums: AtomicBool,
}

impl<'a> PartUrlBatcher<'a> {
    /// Creates a batcher for `at_once` parallel parts.
    pub(super) fn new(
        api: &'a Api,
        token: &'a UploadToken,
        layout: &'a PartLayout,
        events: &'a Emitter,
        at_once: usize,
    ) -> Self {
        let (pending, is_full, omits_checksums) = Default::default();
        Self { api, token, layout, events, at_once, pending, is_full, omits_checksums }
    }

    /// Returns the URL for a part.
    pub(super) async fn url(
        &self,
        number: u32,
        len: u64,
        checksum: Option<Checksum>,
    ) -> Result<PartUrl, ApiError> {
        let (answer, received) = oneshot::channel();
        let count = {
            let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
            pending.push(PartUrlRequest { number, len, checksum, answer });
            pending.len()
        };
        if count >= self.at_once {
            self.is_full.notify_one();
        }
        if count == 1 {
            let _ = timeout(WAIT, self.is_full.notified()).await;
            let batch = std::mem::take(&mut *self.pending.lock().unwrap_or_else(PoisonError::into_inner));
            self.request(batch).await;
        }
        // The sender is dropped without an answer only if the call was abandoned, and this one with it.
        received.await.unwrap_or_else(|_| Err(ApiError::answer(ApiCall::Parts, "the call was abandoned")))
    }

    /// Requests the URLs of a batch, and again those that the answer lacks: it may be shorter than the request.
    async fn request(&self, mut batch: Vec<PartUrlRequest>) {
        batch.sort_by_key(|wanted| wanted.number);
        while !batch.is_empty() {
            let answer = match self.call(&batch).await {
                Ok(answer) => answer,
                Err(error) => return fail(batch, &error),
            };
            let valid = Duration::from_secs(answer.expires_in);
            // A short lifetime is used at least by half.
            let valid_until = Instant::now() + valid.saturating_sub(RESERVE).max(valid / 2);
            let mut urls: BTreeMap<u32, PartUrlAnswer> =
                answer.parts.into_iter().map(|part| (part.part_number, part)).collect();
            let before = batch.len();
            let mut left = Vec::new();
            for wanted in batch {
                match urls.remove(&wanted.number) {
                    Some(url) => give(wanted, url, valid_until),
                    None => left.push(wanted),
                }
            }
            if left.len() == before {
                let error = ApiError::answer(ApiCall::Parts, "it has none of the parts of the request");
                return fail(left, &error);
            }
            batch = left;
        }
    }

    async fn call(&self, batch: &[PartUrlRequest]) -> Result<PartsAnswer, ApiError> {
        let omits = self.omits_checksums.load(Ordering::Relaxed);
        match self.api.call(ApiCall::Parts, &self.body(batch, !omits), self.events).await {
            // The store compares the checksum of the object, but not those of parts.
            Err(error)
                if error.has_code("checksum-not-allowed")
                    && !omits
                    && !self.layout.needs_part_checksums() =>
            {
                self.omits_checksums.store(true, Ordering::Relaxed);
                self.api.call(ApiCall::Parts, &self.body(batch, false), self.events).await
            }
            result => result,
        }
    }

    fn body(&self, batch: &[PartUrlRequest], has_checksums: bool) -> Value {
        let mut body = Map::new();
        body.insert("uploadToken".to_owned(), self.token.0.as_str().into());
        body.insert("partNumbers".to_owned(), batch.iter().map(|wanted| wanted.number).collect());
        if self.layout.size.is_none() {
            body.insert("contentLengths".to_owned(), batch.iter().map(|wanted| wanted.len).collect());
        }
        if has_checksums && batch.iter().any(|wanted| wanted.checksum.is_some()) {
            let checksums = batch.iter().map(|wanted| wanted.checksum.as_ref().map(Checksum::base64));
            body.insert("checksums".to_owned(), checksums.map(Value::from).collect());
        }
        Value::Object(body)
    }
}

fn give(wanted: PartUrlRequest, url: PartUrlAnswer, valid_until: Instant) {
    let answer = if url.content_length == wanted.len {
        Ok(PartUrl { url: url.upload_url, headers: url.headers, valid_until })
    } else {
        let (number, len) = (wanted.number, wanted.len);
        let reason = format!("part {number} has {len} bytes, but the URL is for {}", url.content_length);
        Err(ApiError::answer(ApiCall::Parts, reason))
    };
    // The receiver is gone if the upload has been abandoned.
    let _ = wanted.answer.send(answer);
}

fn fail(batch: Vec<PartUrlRequest>, error: &ApiError) {
    for wanted in batch {
        let _ = wanted.answer.send(Err(error.clone()));
    }
}
