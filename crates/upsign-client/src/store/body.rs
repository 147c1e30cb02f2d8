//! Bodies of requests: a buffer, or a part of a source that is read while it is sent.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Bytes, BytesMut};
use futures_util::future::ready;
use futures_util::stream::{self, Stream};
use reqwest::Body;

use crate::checksum::{Checksum, ChecksumAlgorithm, Hasher};
use crate::error::UploadError;
use crate::events::{Emitter, Event};
use crate::source::{Source, ended_early};

/// The bytes that a body passes to the connection at a time.
const CHUNK: usize = 256 << 10;
/// The bytes of a source that are read at a time.
const READ: usize = 1 << 20;

/// Counts the bytes that a request has given to its connection, and reports them.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    total: Arc<AtomicU64>,
    events: Emitter,
}

impl Sent {
    pub(crate) fn new(events: &Emitter) -> Self {
        Self { total: Arc::default(), events: events.clone() }
    }

    pub(crate) fn total(&self) -> u64 {
        self.total.load(Ordering::Relaxed)
    }

    fn add(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or_default();
        self.total.fetch_add(bytes, Ordering::Relaxed);
        self.events.emit(&Event::Sent { bytes });
    }

    /// Takes back what was reported, because the attempt failed.
    pub(crate) fn revoke(&self) {
        match self.total.swap(0, Ordering::Relaxed) {
            0 => {}
            bytes => self.events.emit(&Event::Unsent { bytes }),
        }
    }
}

/// Returns a body of the bytes in a buffer.
pub(crate) fn of_buffer(buffer: Bytes, sent: &Sent) -> Body {
    let sent = sent.clone();
    Body::wrap_stream(stream::unfold(buffer, move |mut rest| {
        let chunk = rest.split_to(CHUNK.min(rest.len()));
        if !chunk.is_empty() {
            sent.add(chunk.len());
        }
        ready((!chunk.is_empty()).then_some((Ok::<_, std::io::Error>(chunk), rest)))
    }))
}

/// Receives the result of reading a body from its source: the checksum when all bytes are read, or the error.
#[derive(Clone, Debug, Default)]
pub(crate) struct Computed(Arc<Mutex<Option<Read>>>);

type Read = Result<Option<Checksum>, UploadError>;

impl Computed {
    /// Returns the checksum. Returns `None` if no algorithm was given, or if the request ended before all bytes were read.
    ///
    /// # Errors
    /// The source could not be read. Then the request failed for this reason.
    pub(crate) fn take(&self) -> Read {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or(Ok(None))
    }

    fn set(&self, result: Read) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
    }
}

/// Returns a stream of the `len` bytes of a source from `offset` on, which are read while they are sent, and the receiver of their
/// checksum.
pub(crate) fn of_source(
    source: Arc<dyn Source>,
    offset: u64,
    len: u64,
    algorithm: Option<ChecksumAlgorithm>,
    sent: &Sent,
) -> (impl Stream<Item = std::io::Result<Bytes>> + Send + 'static, Computed) {
    let computed = Computed::default();
    let mut reading = Reading {
        source,
        offset,
        left: len,
        hasher: algorithm.map(ChecksumAlgorithm::hasher),
        computed: computed.clone(),
        sent: sent.clone(),
    };
    if len == 0 {
        // The connection does not ask for a body that is empty.
        reading.finish();
    }
    (stream::try_unfold(reading, Reading::next), computed)
}

struct Reading {
    source: Arc<dyn Source>,
    offset: u64,
    left: u64,
    hasher: Option<Hasher>,
    computed: Computed,
    sent: Sent,
}

impl Reading {
    async fn next(mut self) -> std::io::Result<Option<(Bytes, Self)>> {
        if self.left == 0 {
            return Ok(None);
        }
        let len = usize::try_from(self.left).unwrap_or(READ).min(READ);
        let chunk = match self.read(len).await {
            Ok(chunk) => chunk,
            Err(error) => {
                let text = error.to_string();
                self.computed.set(Err(error));
                return Err(std::io::Error::other(text));
            }
        };
        let count = u64::try_from(chunk.len()).unwrap_or_default();
        self.offset += count;
        self.left = self.left.saturating_sub(count);
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&chunk);
        }
        if self.left == 0 {
            // The connection does not ask for more when it has all bytes.
            self.finish();
        }
        self.sent.add(chunk.len());
        Ok(Some((chunk, self)))
    }

    fn finish(&mut self) {
        if let Some(hasher) = self.hasher.take() {
            self.computed.set(Ok(Some(hasher.finish())));
        }
    }

    async fn read(&self, len: usize) -> Result<Bytes, UploadError> {
        let chunk = self.source.read_at(self.offset, len, BytesMut::new()).await;
        let chunk = chunk.map_err(UploadError::read(self.source.name()))?;
        if chunk.is_empty() {
            return Err(ended_early(self.source.name(), self.offset + self.left).into());
        }
        Ok(chunk.freeze())
    }
}
