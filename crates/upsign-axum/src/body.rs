//! Reads request bodies within limits on their size, their time and the memory of all of them.

use axum::body::{Body, Bytes};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout_at};
use upsign_http::Problem;

/// The first bytes of a body, which take no memory of a [`Budget`]. All requests except those for many parts are that small, so
/// large bodies never cause them to be refused. The number of connections bounds their memory.
pub(crate) const FREE_BYTES: usize = 16 << 10;

/// The memory for the bodies of a kind of requests, as far as they are longer than [`FREE_BYTES`]. Bodies are read before their
/// caller is authenticated, so without it, as many bodies of the largest size as there are connections could be held at once.
#[derive(Debug)]
pub(crate) struct Budget(Semaphore);

/// A body, and the memory that it takes of the [`Budget`] until it is dropped.
pub(crate) struct Held<'a> {
    pub(crate) bytes: Bytes,
    _memory: Option<SemaphorePermit<'a>>,
}

impl Budget {
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Semaphore::new(bytes.min(Semaphore::MAX_PERMITS)))
    }

    /// Reads a body of at most `max_bytes` until `deadline`.
    ///
    /// A body takes memory as its bytes arrive. If it took it when its length is announced, clients could use up the memory of all
    /// by announcing lengths alone.
    pub(crate) async fn read(
        &self,
        body: Body,
        max_bytes: usize,
        deadline: Instant,
    ) -> Result<Held<'_>, Problem> {
        match timeout_at(deadline, self.collect(Limited::new(body, max_bytes), max_bytes)).await {
            Ok(result) => result,
            Err(_) => Err(Problem::body_too_slow()),
        }
    }

    async fn collect(&self, mut body: Limited<Body>, max_bytes: usize) -> Result<Held<'_>, Problem> {
        let mut bytes = Vec::new();
        let mut memory: Option<SemaphorePermit<'_>> = None;
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| {
                if error.is::<LengthLimitError>() {
                    Problem::body_too_large(max_bytes)
                } else {
                    Problem::body_unreadable()
                }
            })?;
            // Trailers have no data.
            let Ok(data) = frame.into_data() else { continue };
            let paid = bytes.len().saturating_sub(FREE_BYTES);
            let due = bytes.len().saturating_add(data.len()).saturating_sub(FREE_BYTES);
            if due > paid {
                let taken = self.take(due - paid).ok_or_else(Problem::overloaded_by_bodies)?;
                match &mut memory {
                    Some(memory) => memory.merge(taken),
                    None => memory = Some(taken),
                }
            }
            bytes.extend_from_slice(&data);
        }
        Ok(Held { bytes: bytes.into(), _memory: memory })
    }

    /// Takes this many bytes, or returns `None` if fewer are free.
    fn take(&self, bytes: usize) -> Option<SemaphorePermit<'_>> {
        self.0.try_acquire_many(u32::try_from(bytes).ok()?).ok()
    }
}
