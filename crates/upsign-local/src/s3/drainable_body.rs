//! Reading the rest of the body of a rejected upload.
//!
//! Many clients send the whole body before they read the response. If the server responds and closes the connection
//! while bytes are unread, the kernel sends a reset, and the client may lose the response. The server therefore reads
//! and discards the rest of the body first, up to a limit.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;

/// Maximum number of bytes to discard. It covers a large photo; a client that sends more sees a connection reset.
const MAX_BYTES: usize = 64 * 1024 * 1024;
/// Maximum time to spend on discarding.
const MAX_TIME: Duration = Duration::from_secs(5);

/// A request body that can still be drained after it was passed on.
///
/// One clone goes to `s3s`, which may drop it at any time. The other one keeps access to the unread rest. The mutex is
/// never contended, because draining starts when `s3s` has responded.
#[derive(Clone, Debug)]
pub(super) struct DrainableBody(Arc<Mutex<Body>>);

impl DrainableBody {
    pub(super) fn new(body: Body) -> Self {
        Self(Arc::new(Mutex::new(body)))
    }

    /// Reads and discards the rest of the body, up to [`MAX_BYTES`] and [`MAX_TIME`].
    pub(super) async fn drain(self) {
        let mut body = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let read_rest = async {
            let mut bytes = 0;
            while let Some(Ok(frame)) = body.frame().await {
                bytes += frame.data_ref().map_or(0, Bytes::len);
                if bytes > MAX_BYTES {
                    break;
                }
            }
        };
        // The response follows whether or not the rest was read in time.
        let _ = tokio::time::timeout(MAX_TIME, read_rest).await;
    }
}

impl http_body::Body for DrainableBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).size_hint()
    }
}
