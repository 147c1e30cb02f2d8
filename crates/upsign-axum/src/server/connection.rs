//! Serves one connection: the TLS handshake, its requests, and its end.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{sleep, timeout};
use upsign_http::Problem;

use super::State;
use crate::observe::ServeObserver;

/// How long an idle connection may still send a request after the listening socket is closed.
///
/// A client may have connected just before the shutdown, with its request still in transit.
const LAST_REQUEST: Duration = Duration::from_secs(1);

/// Factor between [`Limits::head_bytes`](crate::Limits::head_bytes) and hyper's own limit.
///
/// A head between the two limits reaches the service, which can answer with a problem document and CORS headers.
const HEAD_MARGIN: usize = 2;

/// The smallest buffer that hyper accepts.
const MIN_BUFFER: usize = 8 << 10;

pub(super) async fn serve(
    state: Arc<State>,
    stream: TcpStream,
    peer: SocketAddr,
    permit: OwnedSemaphorePermit,
) {
    let _open = OpenGuard::new(Arc::clone(&state.observer), permit);
    // Answers are small and written at once, so waiting for more to send only delays them.
    drop(stream.set_nodelay(true));
    #[cfg(feature = "tls")]
    let tls = state.tls.clone();
    #[cfg(not(feature = "tls"))]
    let tls: Option<Infallible> = None;
    match tls {
        #[cfg(feature = "tls")]
        Some(tls) => match timeout(state.limits.head_time, tls.accept(stream)).await {
            Ok(Ok(stream)) => serve_http(&state, TokioIo::new(stream), peer).await,
            Ok(Err(error)) => tracing::debug!(%error, "tls handshake failed"),
            Err(_) => tracing::debug!("tls handshake timed out"),
        },
        #[cfg(not(feature = "tls"))]
        Some(never) => match never {},
        None => serve_http(&state, TokioIo::new(stream), peer).await,
    }
}

/// Holds the permit of an open connection.
///
/// A guard is also dropped when the connection's task panics. Without it the permit would be lost, and the shutdown would
/// wait for it forever.
struct OpenGuard {
    observer: Arc<dyn ServeObserver>,
    _permit: OwnedSemaphorePermit,
}

impl OpenGuard {
    fn new(observer: Arc<dyn ServeObserver>, permit: OwnedSemaphorePermit) -> Self {
        observer.connection_opened();
        Self { observer, _permit: permit }
    }
}

impl Drop for OpenGuard {
    fn drop(&mut self) {
        self.observer.connection_closed();
    }
}

/// Serves requests until the connection ends, gets too old, or the server shuts down.
///
/// `hyper_util::server::graceful::GracefulShutdown` is not used here: it waits for all connections alike. This server
/// distinguishes busy connections, which get the whole drain timeout and are counted when they are cut, from idle ones, which
/// get only [`LAST_REQUEST`]. It also closes connections gracefully because of their age.
async fn serve_http<I: Read + Write + Unpin>(state: &Arc<State>, io: I, peer: SocketAddr) {
    let busy = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request| answer(state, request, peer, BusyGuard::new(&busy)));
    let head = state.limits.head_bytes.saturating_mul(HEAD_MARGIN);
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(state.limits.head_time);
    builder.max_header_size(head).max_buf_size(head.max(MIN_BUFFER * HEAD_MARGIN));
    let mut connection = pin!(builder.serve_connection(io, service));
    let mut stopped = state.stopped.clone();
    tokio::select! {
        ended = &mut connection => return log_end(ended),
        _ = stopped.wait_for(|stopped| *stopped) => {}
        () = sleep(state.limits.connection_time) => {}
    }
    // hyper now finishes the request in progress and reads no further one, except on a connection that has not yet sent its
    // first.
    connection.as_mut().graceful_shutdown();
    if !busy.load(Ordering::Relaxed)
        && let Ok(ended) = timeout(LAST_REQUEST, &mut connection).await
    {
        return log_end(ended);
    }
    // `busy` is read again: a request may have arrived in the meantime. An idle connection is closed by dropping it.
    if busy.load(Ordering::Relaxed) && timeout(state.drain_timeout, connection).await.is_err() {
        state.cut.fetch_add(1, Ordering::Relaxed);
    }
}

/// Logs how a connection ended. The level is DEBUG, because the client usually caused the failure. hyper's message contains
/// nothing that the client sent.
fn log_end(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "connection failed");
    }
}

/// Marks its connection as busy while it exists: from the arrival of a request until the last byte of the answer's body is
/// written or the answer is abandoned.
///
/// HTTP/1.1 has at most one request in progress on a connection, so a flag is enough. The connection's task is the only one
/// that writes and reads it, so relaxed ordering is enough.
struct BusyGuard(Arc<AtomicBool>);

impl BusyGuard {
    fn new(busy: &Arc<AtomicBool>) -> Self {
        busy.store(true, Ordering::Relaxed);
        Self(Arc::clone(busy))
    }
}

impl Drop for BusyGuard {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

async fn answer(
    state: &State,
    request: Request<Incoming>,
    peer: SocketAddr,
    busy: BusyGuard,
) -> Result<Response<Body>, Infallible> {
    let limit = state.limits.head_bytes;
    let mut response = if head_size(&request) > limit {
        let problem = Problem::headers_too_large(limit);
        tracing::debug!(limit, "request head too large");
        let mut response = problem.response_for(&state.origins, request.headers()).map(Body::from);
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        response
    } else {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        tower_service::Service::call(&mut state.app.clone(), request).await?
    };
    if state.draining.is_draining() {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    // The body owns the guard, because the connection stays busy until the body is written.
    Ok(response.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _ = &busy;
            frame
        }))
    }))
}

/// Returns the size of the request line and headers in bytes. Spaces that the parser has removed are not counted, so the
/// result is at most the size on the wire.
fn head_size<B>(request: &Request<B>) -> usize {
    let target = request.uri().path_and_query().map_or(1, |target| target.as_str().len());
    let headers = request.headers().iter();
    let headers: usize =
        headers.map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum();
    request.method().as_str().len() + target + "  HTTP/1.1\r\n".len() + headers + "\r\n".len()
}
