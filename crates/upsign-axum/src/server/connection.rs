//! Serves one connection: the TLS handshake, its requests, and its end.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use axum::body::Body;
use axum::extract::ConnectInfo;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response, Version};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, watch};
use tokio::time::{Instant, sleep_until, timeout_at};
use upsign_http::Problem;

use super::State;
use super::close::close_reading;
use super::framing::Framing;
use super::stream::RequestStream;
use crate::limits::HeadReceived;
use crate::observe::ServeObserver;
use crate::respond::log_refusal;

/// How long an idle connection may still begin a request after the listening socket is closed.
///
/// A client may have connected, or sent its next request, just before the shutdown: the bytes are still in transit.
const LAST_REQUEST: Duration = Duration::from_secs(1);

/// How long the end of a connection may take to reach a client that reads nothing.
const CLOSE_TIME: Duration = Duration::from_secs(1);

/// How long the rest of a request is read after it was answered, before the connection is closed.
///
/// A client that has read the answer closes the connection. One that reads only after it has sent everything needs this time.
const READ_REST_TIME: Duration = Duration::from_secs(2);

/// Maximum number of bytes of a request that are read after it was answered.
const MAX_REST: usize = 16 << 20;

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
        // Boxed, because it is large: plain connections do not reserve memory for it.
        Some(tls) => Box::pin(serve_tls(&state, &tls, stream, peer)).await,
        #[cfg(not(feature = "tls"))]
        Some(never) => match never {},
        None => serve_http(&state, stream, peer).await,
    }
}

#[cfg(feature = "tls")]
async fn serve_tls(state: &State, tls: &crate::tls::Tls, stream: TcpStream, peer: SocketAddr) {
    let mut stopped = state.stopped.clone();
    let accepted = tokio::select! {
        biased;
        accepted = tls.accept(stream) => accepted,
        () = sleep_until(Instant::now() + state.limits.head_time) => {
            return tracing::debug!("tls handshake timed out");
        }
        () = drained(state, &mut stopped) => return tracing::debug!("tls handshake cut by the shutdown"),
    };
    match accepted {
        Ok(stream) => serve_http(state, stream, peer).await,
        Err(error) => tracing::debug!(%error, "tls handshake failed"),
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
/// hyper receives a request only once it has arrived, and serves one request per [`http1::Connection`]. Between requests
/// only this function reads, because hyper cannot be used for two things:
///
/// - While it waits it holds buffers of 8 KiB each, so slow clients would cost up to 24 KiB per connection.
/// - Its graceful shutdown closes connections without looking at bytes that have arrived. Here, a shutdown waits for
///   requests on their way.
async fn serve_http<S: AsyncRead + AsyncWrite + Unpin + Send>(state: &State, stream: S, peer: SocketAddr) {
    let opened = Instant::now();
    let mut stream = RequestStream::new(stream);
    while wait_for_request(state, &mut stream).await {
        // Boxed, so that waiting connections do not reserve memory for it.
        let Some(next) = Box::pin(serve_request(state, stream, peer, opened)).await else { return };
        stream = next;
        stream.start_next();
    }
    let closing = Instant::now() + CLOSE_TIME;
    let closing = state.stopped.borrow().map_or(closing, |stop| closing.min(stop + state.drain_timeout));
    // A client that has gone needs no end, and its error is no news.
    drop(timeout_at(closing, poll_fn(|cx| stream.poll_close(cx))).await);
}

fn max_head(state: &State) -> usize {
    state.limits.head_bytes.saturating_mul(HEAD_MARGIN)
}

/// Waits until a request has arrived. Returns `false` to close the connection.
async fn wait_for_request<S>(state: &State, stream: &mut RequestStream<S>) -> bool
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let waiting_since = Instant::now();
    let mut stopped = state.stopped.clone();
    loop {
        let stop = *stopped.borrow_and_update();
        let deadline = deadline(state, stream, waiting_since, stop);
        tokio::select! {
            biased;
            arrived = poll_fn(|cx| stream.poll_request(state.limits.head_bytes, max_head(state), cx)) => {
                return arrived.unwrap_or_else(|error| {
                    tracing::debug!(%error, "connection failed");
                    false
                });
            }
            () = sleep_until(deadline) => {
                // Bytes that have arrived in the meantime may have moved the deadline.
                if deadline >= self::deadline(state, stream, waiting_since, stop) {
                    // The application answers a request whose body is late.
                    return stream.is_answerable();
                }
            }
            _ = stopped.changed(), if stop.is_none() => {}
        }
    }
}

/// Returns until when the next request, or the next part of it, has to arrive.
///
/// The time for a head runs from its first byte: a client may reuse a connection that has been idle almost too long.
fn deadline<S>(
    state: &State,
    stream: &RequestStream<S>,
    waiting_since: Instant,
    stop: Option<Instant>,
) -> Instant
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let limits = &state.limits;
    let limit = match (stream.begun(), stream.head_received()) {
        (None, _) => {
            // Not sooner if the connection is too old: the client cannot know its age, and may be sending. It gets an answer
            // that ends the connection.
            let idle = waiting_since + limits.head_time;
            // After a TLS handshake, the connection may be younger than the shutdown.
            stop.map_or(idle, |stop| idle.min(stop.max(waiting_since) + LAST_REQUEST))
        }
        (Some(begun), None) => begun + limits.head_time,
        (Some(_), Some(received)) => received + limits.body_time,
    };
    stop.map_or(limit, |stop| limit.min(stop + state.drain_timeout))
}

/// Serves the request that has arrived. Returns the stream, or `None` if the connection has ended.
async fn serve_request<S>(
    state: &State,
    stream: RequestStream<S>,
    peer: SocketAddr,
    opened: Instant,
) -> Option<RequestStream<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let request = ArrivedRequest {
        peer,
        framing: stream.framing(),
        head_received: stream.head_received(),
        last: opened.elapsed() >= state.limits.connection_time,
        answered: AtomicBool::new(false),
    };
    let (busy, finished) = (Arc::new(AtomicBool::new(false)), stream.finished());
    let service = service_fn(|head| answer(state, &request, head, BusyGuard::new(&busy)));
    let mut builder = http1::Builder::new();
    builder.max_header_size(max_head(state)).max_buf_size(max_head(state).max(MIN_BUFFER * HEAD_MARGIN));
    let mut connection = builder.serve_connection(stream, service);
    let mut stopped = state.stopped.clone();
    let ended = tokio::select! {
        biased;
        ended = poll_fn(|cx| match Pin::new(&mut connection).poll(cx) {
            Poll::Ready(ended) => Poll::Ready(Some(ended)),
            // hyper has written the answer and would read the next request.
            Poll::Pending if finished.load(Ordering::Relaxed)
                && request.answered.load(Ordering::Relaxed)
                && !busy.load(Ordering::Relaxed) => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }) => ended,
        () = time_limit(state, opened, &mut stopped) => {
            if busy.load(Ordering::Relaxed) {
                state.cut.fetch_add(1, Ordering::Relaxed);
            }
            return None;
        }
    };
    let parts = connection.into_parts();
    if let Some(ended) = ended {
        log_end(state, ended);
        if parts.io.may_receive_more() {
            let closing = Instant::now() + READ_REST_TIME;
            tokio::select! {
                _ = timeout_at(closing, close_reading(parts.io.into_inner(), MAX_REST)) => {}
                () = drained(state, &mut stopped) => {}
            }
        }
        return None;
    }
    // Bytes that hyper did not use would be lost. There are none, unless its view of the request differs from ours.
    parts.read_buf.is_empty().then_some(parts.io)
}

/// Resolves when a request in progress has to be abandoned.
async fn time_limit(state: &State, opened: Instant, stopped: &mut watch::Receiver<Option<Instant>>) {
    let begun_late = Instant::now().max(opened + state.limits.connection_time);
    let old = sleep_until(begun_late + state.drain_timeout);
    tokio::select! {
        () = old => {}
        () = drained(state, stopped) => {}
    }
}

/// Resolves when the time that a shutdown waits for connections is over.
async fn drained(state: &State, stopped: &mut watch::Receiver<Option<Instant>>) {
    // The sender lives as long as the server.
    let stop = stopped.wait_for(Option::is_some).await.ok().and_then(|stop| *stop);
    sleep_until(stop.unwrap_or_else(Instant::now) + state.drain_timeout).await;
}

/// What the server knows about a request beyond what hyper reports.
struct ArrivedRequest {
    peer: SocketAddr,
    framing: Framing,
    head_received: Option<Instant>,
    /// Whether the connection is too old for another request.
    last: bool,
    answered: AtomicBool,
}

/// Logs how a connection ended. The level is DEBUG, because the client usually caused the failure. hyper's message contains
/// nothing that the client sent.
fn log_end(state: &State, ended: hyper::Result<()>) {
    match ended {
        Err(error) if error.is_parse_too_large() => log_large_head(state, ", or more than 100 headers"),
        Err(error) => tracing::debug!(%error, "connection failed"),
        Ok(()) => {}
    }
}

/// Logs a request head that is answered with 431. `or` is what else hyper answers so: it does not tell the cases apart.
///
/// The operator must see it, because the client is usually a browser with a long token, whose user can change nothing.
fn log_large_head(state: &State, or: &str) {
    let problem = Problem::headers_too_large(state.limits.head_bytes);
    let reason = format!(
        "{}{or}: for longer tokens, raise auth.max_token_size (up to 64 KiB), or Limits::head_bytes in a program of \
         your own",
        problem.detail()
    );
    log_refusal(&problem, &reason);
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
    arrived: &ArrivedRequest,
    request: Request<Incoming>,
    busy: BusyGuard,
) -> Result<Response<Body>, Infallible> {
    let repeated = arrived.answered.swap(true, Ordering::Relaxed);
    let refused = if head_size(&request) > state.limits.head_bytes {
        // First, because the framing of a head that was given to hyper before it was complete is unknown.
        log_large_head(state, "");
        Some(Problem::headers_too_large(state.limits.head_bytes))
    } else if repeated || !arrived.framing.matches(request.body().size_hint().exact()) {
        Some(Problem::request_malformed("the end of the request's body is unclear"))
    } else if !has_valid_host(&request) {
        Some(Problem::request_malformed(
            "the header Host must be present once, with a host and an optional port",
        ))
    } else {
        None
    };
    let last = refused.is_some() || arrived.last;
    let mut response = if let Some(problem) = refused {
        tracing::debug!(code = problem.code(), "request refused by the server");
        problem.response_for(&state.origins, request.headers()).map(Body::from)
    } else {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(arrived.peer));
        if let Some(received) = arrived.head_received {
            request.extensions_mut().insert(HeadReceived(received));
        }
        tower_service::Service::call(&mut state.app.clone(), request).await?
    };
    if last || state.draining.is_draining() {
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

/// Returns whether the request names its host as RFC 9112, section 3.2 requires: exactly once, or at most once in HTTP/1.0.
fn has_valid_host<B>(request: &Request<B>) -> bool {
    match upsign_http::host_header(request.headers()) {
        Ok(Some(_)) => true,
        Ok(None) => request.version() < Version::HTTP_11,
        Err(_) => false,
    }
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
