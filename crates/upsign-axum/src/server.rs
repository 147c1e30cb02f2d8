//! The server.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use futures_util::FutureExt;
use http::header::CONNECTION;
use http::{HeaderValue, Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::rt::{Read, Write};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{sleep, timeout};

use crate::client::Peer;
use crate::{Limits, ServeObserver, Unobserved};

/// An HTTP/1.1 server for a [`Router`], with limits on connections and request heads, and an orderly end.
///
/// HTTP/2 is left to the proxy in front: what a browser gains by it is one small request.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    limits: Limits,
    linger: Duration,
    patience: Duration,
    draining: Draining,
    observer: Arc<dyn ServeObserver>,
    #[cfg(feature = "tls")]
    tls: Option<crate::Tls>,
}

/// Whether a server is about to end. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    /// Whether it is: no more requests should be sent there.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// How a server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ended {
    /// Connections that were cut because a request on them took too long.
    pub cut: usize,
}

impl Server {
    /// A server on a listening socket.
    #[must_use]
    pub fn new(listener: TcpListener) -> Self {
        Self {
            listener,
            limits: Limits::default(),
            linger: Duration::from_millis(250),
            patience: Duration::from_secs(20),
            draining: Draining::default(),
            observer: Arc::new(Unobserved),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// The same within these limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The same, telling `observer` of its connections.
    #[must_use]
    pub fn with_observer(self, observer: Arc<dyn ServeObserver>) -> Self {
        Self { observer, ..self }
    }

    /// How long it still takes connections once it is asked to end (250 ms): as long as it takes whoever sends it
    /// requests to notice that it is not ready any more.
    #[must_use]
    pub fn with_linger(self, linger: Duration) -> Self {
        Self { linger, ..self }
    }

    /// How long it then waits for open requests before it cuts them (20 s).
    #[must_use]
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The same over TLS.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn with_tls(self, tls: crate::Tls) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// Tells whether it is about to end.
    #[must_use]
    pub fn draining(&self) -> Draining {
        self.draining.clone()
    }

    /// Serves until `end` resolves. From then on every answer closes its connection; after the linger no connection is
    /// taken any more, idle ones are closed, and open requests get their answers.
    pub async fn serve(self, app: Router, end: impl Future<Output = ()> + Send) -> Ended {
        let Self { listener, limits, linger, patience, draining, observer, .. } = self;
        let connections = limits.connections;
        let (stop, stopped) = watch::channel(false);
        let shared = Arc::new(Shared {
            places: Arc::new(Semaphore::new(connections)),
            turning_away: Arc::new(Semaphore::new(256)),
            app,
            limits,
            patience,
            draining,
            observer,
            stopped,
            cut: AtomicUsize::new(0),
            #[cfg(feature = "tls")]
            tls: self.tls,
        });
        let mut end = pin!(end);
        while take_or(&listener, &shared, &mut end).await {}
        shared.draining.0.store(true, Ordering::Relaxed);
        let mut lingered = pin!(sleep(linger));
        while take_or(&listener, &shared, &mut lingered).await {}
        // What the kernel has already accepted in our name is ours to answer.
        while let Some(Ok((stream, peer))) = listener.accept().now_or_never() {
            shared.take(stream, peer);
        }
        drop(listener);
        stop.send_replace(true);
        let all = u32::try_from(connections).unwrap_or(u32::MAX);
        drop(shared.places.acquire_many(all).await);
        Ended { cut: shared.cut.load(Ordering::Relaxed) }
    }
}

/// Takes one connection, or tells that it is time to stop.
async fn take_or(listener: &TcpListener, shared: &Arc<Shared>, stop: impl Future<Output = ()>) -> bool {
    tokio::select! {
        accepted = listener.accept() => {
            match accepted {
                Ok((stream, peer)) => shared.take(stream, peer),
                // Out of file descriptors, mostly: connections have to end before there is one again.
                Err(error) => {
                    tracing::warn!(%error, "no connection could be taken");
                    sleep(Duration::from_millis(50)).await;
                }
            }
            true
        }
        () = stop => false,
    }
}

struct Shared {
    app: Router,
    limits: Limits,
    patience: Duration,
    places: Arc<Semaphore>,
    turning_away: Arc<Semaphore>,
    draining: Draining,
    observer: Arc<dyn ServeObserver>,
    stopped: watch::Receiver<bool>,
    cut: AtomicUsize,
    #[cfg(feature = "tls")]
    tls: Option<crate::Tls>,
}

impl Shared {
    fn take(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        match Arc::clone(&self.places).try_acquire_owned() {
            Ok(place) => drop(tokio::spawn(connection(Arc::clone(self), stream, peer, place))),
            Err(_) => self.turn_away(stream),
        }
    }

    /// Says why, if it is cheap: not under TLS, and not to too many.
    fn turn_away(&self, stream: TcpStream) {
        self.observer.connection_turned_away();
        #[cfg(feature = "tls")]
        if self.tls.is_some() {
            return;
        }
        if let Ok(permit) = Arc::clone(&self.turning_away).try_acquire_owned() {
            drop(tokio::spawn(async move {
                drop(timeout(Duration::from_secs(1), say_no(stream)).await);
                drop(permit);
            }));
        }
    }
}

/// Reads what was sent, too: closing before that would take the answer back.
async fn say_no(mut stream: TcpStream) -> std::io::Result<()> {
    const NO: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncache-control: no-store\r\n\
        content-length: 0\r\nconnection: close\r\n\r\n";
    stream.write_all(NO).await?;
    stream.shutdown().await?;
    let mut sink = [0; 4096];
    for _ in 0..16 {
        if stream.read(&mut sink).await? == 0 {
            break;
        }
    }
    Ok(())
}

async fn connection(shared: Arc<Shared>, stream: TcpStream, peer: SocketAddr, place: OwnedSemaphorePermit) {
    let _open = Open::new(Arc::clone(&shared.observer), place);
    drop(stream.set_nodelay(true));
    #[cfg(feature = "tls")]
    let tls = shared.tls.clone();
    #[cfg(not(feature = "tls"))]
    let tls: Option<Infallible> = None;
    match tls {
        #[cfg(feature = "tls")]
        Some(tls) => match timeout(shared.limits.head_time, tls.accept(stream)).await {
            Ok(Ok(stream)) => drive(&shared, TokioIo::new(stream), peer).await,
            Ok(Err(error)) => tracing::debug!(%error, "no TLS connection came about"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        },
        #[cfg(not(feature = "tls"))]
        Some(never) => match never {},
        None => drive(&shared, TokioIo::new(stream), peer).await,
    }
}

/// A connection's place, given back also when its task ends in a panic.
struct Open {
    observer: Arc<dyn ServeObserver>,
    _place: OwnedSemaphorePermit,
}

impl Open {
    fn new(observer: Arc<dyn ServeObserver>, place: OwnedSemaphorePermit) -> Self {
        observer.connection_opened();
        Self { observer, _place: place }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.observer.connection_closed();
    }
}

/// How long a connection without a request may still bring one, once the server ends.
const LAST_CALL: Duration = Duration::from_secs(1);

async fn drive<I: Read + Write + Unpin>(shared: &Arc<Shared>, io: I, peer: SocketAddr) {
    let busy = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request| answer(shared, request, peer, Busy::with(&busy)));
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(shared.limits.head_time);
    // The buffer holds a head and some of what comes after it; hyper takes no smaller one than this.
    builder.max_header_size(shared.limits.head_bytes).max_buf_size(shared.limits.head_bytes.max(8 << 10) * 2);
    let mut connection = pin!(builder.serve_connection(io, service));
    let mut stopped = shared.stopped.clone();
    tokio::select! {
        ended = &mut connection => return told(ended),
        _ = stopped.wait_for(|stopped| *stopped) => {}
        () = sleep(shared.limits.connection_time) => {}
    }
    connection.as_mut().graceful_shutdown();
    if !busy.load(Ordering::Relaxed)
        && let Ok(ended) = timeout(LAST_CALL, &mut connection).await
    {
        return told(ended);
    }
    if busy.load(Ordering::Relaxed) && timeout(shared.patience, connection).await.is_err() {
        shared.cut.fetch_add(1, Ordering::Relaxed);
    }
}

/// A broken connection is the caller's; what hyper says of it holds nothing that was sent.
fn told(ended: hyper::Result<()>) {
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection broke");
    }
}

/// While it lives, a connection has a request to answer.
struct Busy(Arc<AtomicBool>);

impl Busy {
    fn with(busy: &Arc<AtomicBool>) -> Self {
        busy.store(true, Ordering::Relaxed);
        Self(Arc::clone(busy))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

async fn answer(
    shared: &Shared,
    request: Request<Incoming>,
    peer: SocketAddr,
    busy: Busy,
) -> Result<Response<Body>, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(Peer(peer));
    request.extensions_mut().insert(ConnectInfo(peer));
    let mut answer = tower_service::Service::call(&mut shared.app.clone(), request).await?;
    if shared.draining.is_draining() {
        answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    // The answer takes it along: the connection is busy until the last of the body is written, or given up.
    Ok(answer.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _ = &busy;
            frame
        }))
    }))
}
