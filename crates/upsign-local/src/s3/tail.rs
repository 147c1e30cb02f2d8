//! The rest of a refused upload.
//!
//! A server that answers early and closes the connection with bytes unread makes the kernel send a reset, and a client
//! that is still sending may then lose the answer. So the rest is read and thrown away first, up to a limit.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;

/// As much as a photo has; after more than that a client is told by the reset.
const MAX_BYTES: usize = 64 * 1024 * 1024;
const MAX_TIME: Duration = Duration::from_secs(5);

/// A body whose unread rest stays reachable for [`Tail::drain`].
#[derive(Clone, Debug)]
pub(super) struct Tail(Arc<Mutex<Body>>);

impl Tail {
    pub(super) fn of(body: Body) -> Self {
        Self(Arc::new(Mutex::new(body)))
    }

    /// Reads what nobody read.
    pub(super) async fn drain(self) {
        let mut body = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let rest = async {
            let mut bytes = 0;
            while let Some(Ok(frame)) = body.frame().await {
                bytes += frame.data_ref().map_or(0, Bytes::len);
                if bytes > MAX_BYTES {
                    break;
                }
            }
        };
        // Either way the answer follows.
        let _ = tokio::time::timeout(MAX_TIME, rest).await;
    }
}

impl http_body::Body for Tail {
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
