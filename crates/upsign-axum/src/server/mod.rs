//! An HTTP/1.1 server with limits and a graceful shutdown.

mod backlog;
mod close;
mod connection;
mod framing;
mod overload;
mod stream;

use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep};
use upsign_core::CorsOrigins;

use crate::limits::Limits;
use crate::observe::{NoObserver, ServeObserver};

/// An HTTP/1.1 server for a [`Router`], with limits on connections and request heads, and a graceful shutdown.
///
/// There is no HTTP/2: a browser sends one small request to this server, so it would gain nothing. A proxy in front may offer
/// it.
///
/// ```
/// use std::time::Duration;
///
/// use axum::Router;
/// use axum::routing::get;
/// use tokio::net::TcpListener;
/// use tokio::sync::oneshot;
/// use upsign_axum::{Limits, Server};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // Merge `router(api, authentication)` in the same way.
/// let app = Router::new().route("/healthz", get(|| async { "ok\n" }));
///
/// let listener = TcpListener::bind("127.0.0.1:0").await?;
/// let address = listener.local_addr()?;
/// let server = Server::new(listener)
///     .with_limits(Limits::default().with_connections(500))
///     .with_linger(Duration::ZERO);
///
/// // In a program, the shutdown begins with SIGTERM: `tokio::signal::unix::signal(SignalKind::terminate())`.
/// let (terminate, terminated) = oneshot::channel::<()>();
/// let running = tokio::spawn(server.serve(app, async { drop(terminated.await) }));
///
/// let body = reqwest::get(format!("http://{address}/healthz")).await?.text().await?;
/// assert_eq!(body, "ok\n");
///
/// drop(terminate);
/// let report = running.await?;
/// assert_eq!(report.cut, 0, "no request was closed before it was answered");
/// # Ok(())
/// # }
/// ```
///
/// # Answers before the router
///
/// A request reaches the router once its head has arrived, and its body too if that has at most 16 KiB. Until then, the
/// connection costs the process the bytes that have arrived and at most 10 KiB. The bytes are at most twice
/// [`Limits::head_bytes`], or a head and 16 KiB of body. With the default limits this is 42 KiB, so that slow clients can
/// occupy 430 MB on 10,000 connections: choose [`Limits::connections`] by the memory of the machine.
///
/// Some requests never reach the router. Those that the server answers itself are problem documents, readable by pages of
/// the origins given to [`with_cors`](Self::with_cors):
///
/// | reason | answer |
/// | --- | --- |
/// | a connection above [`Limits::connections`], without TLS, that sends a request head of at most 8 KiB within a second | 503 `overloaded` |
/// | a request head above [`Limits::head_bytes`] and at most twice as large | 431 `headers-too-large` |
/// | HTTP/1.1 without `Host`, two `Host` headers, or one that is no host with an optional port | 400 `request-malformed` |
/// | an unclear end: `Content-Length` with `Transfer-Encoding`, several of either, or another coding than `chunked` | 400 `request-malformed`, unless hyper answers first |
///
/// If the rest of a request is still on its way when the answer has been sent, up to 16 MiB of it are read for up to two
/// seconds before the connection is closed: otherwise the kernel would reset the connection, and a client that is still
/// sending could lose the answer. After a 503 `overloaded`, these are 64 KiB, within the second for the request.
///
/// The following have **no** problem document, because hyper answers before it calls a service, or because there is no HTTP
/// request to answer:
///
/// | reason | what the client sees |
/// | --- | --- |
/// | a malformed request head, also one whose lines end without CR | 400 with an empty body |
/// | a request head above twice [`Limits::head_bytes`], or with more than 100 headers | 431 (or 414 for a path above 64 KiB) with an empty body |
/// | a request head or a TLS handshake that takes longer than [`Limits::head_time`] | the connection is closed |
/// | a malformed chunked body | the application sees an incomplete body, and the connection is closed |
/// | a connection above [`Limits::connections`] with TLS, or beyond 256 that are being refused | the connection is closed |
///
/// Request heads that are too large are logged at WARN, up to 10 per minute. The others are logged at DEBUG.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    limits: Limits,
    linger: Duration,
    drain_timeout: Duration,
    draining: Draining,
    observer: Arc<dyn ServeObserver>,
    origins: CorsOrigins,
    #[cfg(feature = "tls")]
    tls: Option<crate::tls::Tls>,
}

/// A handle that reports whether a server is shutting down. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Draining(Arc<AtomicBool>);

impl Draining {
    /// Returns `true` once the server is shutting down: a load balancer should send it no more requests.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// The result of [`Server::serve`] after the shutdown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerReport {
    /// Number of connections that were closed although a request on them was still being answered.
    pub cut: usize,
}

impl Server {
    /// Creates a server on a listening socket, with the default [`Limits`] and without TLS.
    #[must_use]
    pub fn new(listener: TcpListener) -> Self {
        Self {
            listener,
            limits: Limits::default(),
            linger: Duration::from_millis(250),
            drain_timeout: Duration::from_secs(20),
            draining: Draining::default(),
            observer: Arc::new(NoObserver),
            origins: CorsOrigins::listed([]),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// Sets the limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Sets the observer of connections.
    #[must_use]
    pub fn with_observer(self, observer: impl ServeObserver + 'static) -> Self {
        Self { observer: Arc::new(observer), ..self }
    }

    /// Sets the web origins whose pages can read the answers that the server gives itself: 400, 431 and 503. Pass the origins
    /// of the API. By default these answers have no CORS headers.
    #[must_use]
    pub fn with_cors(self, origins: CorsOrigins) -> Self {
        Self { origins, ..self }
    }

    /// Sets how long the server still accepts connections after the shutdown has begun. Default: 250 ms.
    ///
    /// Choose the time that the load balancer needs to notice that the server is no longer ready. Until then it opens new
    /// connections, which would be refused.
    #[must_use]
    pub fn with_linger(self, linger: Duration) -> Self {
        Self { linger, ..self }
    }

    /// Sets how long the shutdown waits for requests in progress before it closes their connections. Default: 20 s.
    #[must_use]
    pub fn with_drain_timeout(self, drain_timeout: Duration) -> Self {
        Self { drain_timeout, ..self }
    }

    /// Serves over TLS. Plain HTTP is then refused.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn with_tls(self, tls: crate::tls::Tls) -> Self {
        Self { tls: Some(tls), ..self }
    }

    /// Returns a handle that reports whether the server is shutting down, for a readiness endpoint.
    #[must_use]
    pub fn draining(&self) -> Draining {
        self.draining.clone()
    }

    /// Serves `app` until `shutdown` resolves and every connection has ended.
    ///
    /// The shutdown loses no request that is answered within the drain timeout. Its steps and their order:
    ///
    /// 1. [`Draining`] becomes true. From now on every answer closes its connection.
    /// 2. For the [linger](Self::with_linger), connections are still accepted, and so are those that the kernel has
    ///    accepted by then. On Linux, the kernel drops the first packets of new connections for 100 ms before the socket is
    ///    closed, so that hardly any connection begins between the last look at the kernel's queue and its end. If another
    ///    process has the same socket, it accepts connections again after that.
    /// 3. The listening socket is closed. Requests in progress get their answers, and so do requests that have begun to
    ///    arrive, and those that begin to arrive within a second on an open connection. Then idle connections are closed.
    /// 4. Requests that take longer than the [drain timeout](Self::with_drain_timeout) are cut, and counted in the report.
    pub async fn serve(self, app: Router, shutdown: impl Future<Output = ()> + Send) -> ServerReport {
        let Self { listener, limits, linger, drain_timeout, draining, observer, origins, .. } = self;
        let connections = limits.connections;
        let (stop, stopped) = watch::channel(None);
        let state = Arc::new(State {
            capacity: Arc::new(Semaphore::new(connections)),
            rejections: Arc::new(Semaphore::new(overload::MAX_REJECTIONS)),
            app,
            limits,
            drain_timeout,
            draining,
            observer,
            origins,
            stopped,
            cut: AtomicUsize::new(0),
            accept_failures: AtomicUsize::new(0),
            #[cfg(feature = "tls")]
            tls: self.tls,
        });
        let mut shutdown = pin!(shutdown);
        while accept_unless(&listener, &state, &mut shutdown).await {}
        state.draining.0.store(true, Ordering::Relaxed);
        let mut lingered = pin!(sleep(linger));
        while accept_unless(&listener, &state, &mut lingered).await {}
        // Connections in the kernel's backlog look open to their clients, who may have sent a request already. Closing the
        // socket would reset them.
        let backlog = backlog::Backlog::refuse_new(listener);
        if backlog.is_filtered() {
            let mut settled = pin!(sleep(backlog::SETTLE));
            while accept_unless(backlog.listener(), &state, &mut settled).await {}
        }
        backlog.drain(|stream, peer| state.open(stream, peer));
        stop.send_replace(Some(Instant::now()));
        // Every connection holds a permit until it has ended, so all permits are available only after the last one.
        let all = u32::try_from(connections).unwrap_or(u32::MAX);
        drop(state.capacity.acquire_many(all).await);
        drop(state.rejections.acquire_many(overload::MAX_REJECTIONS as u32).await);
        ServerReport { cut: state.cut.load(Ordering::Relaxed) }
    }
}

/// Accepts one connection and returns `true`, or returns `false` once `stop` resolves.
async fn accept_unless(listener: &TcpListener, state: &Arc<State>, stop: impl Future<Output = ()>) -> bool {
    tokio::select! {
        accepted = listener.accept() => {
            match accepted {
                Ok((stream, peer)) => state.open(stream, peer),
                // Usually the process has no free file descriptors until connections end. Without the pause this loop would
                // use a whole processor.
                Err(error) => {
                    let failures = state.accept_failures.fetch_add(1, Ordering::Relaxed);
                    // With the pause, one line per 10 s at most.
                    if failures.is_multiple_of(200) {
                        tracing::warn!(%error, failures = failures + 1, "accept failed");
                    }
                    sleep(Duration::from_millis(50)).await;
                }
            }
            true
        }
        () = stop => false,
    }
}

/// The state that all connections share.
struct State {
    app: Router,
    limits: Limits,
    drain_timeout: Duration,
    /// One permit for each open connection.
    capacity: Arc<Semaphore>,
    /// One permit for each connection that is being refused.
    rejections: Arc<Semaphore>,
    draining: Draining,
    observer: Arc<dyn ServeObserver>,
    origins: CorsOrigins,
    /// When the listening socket was closed.
    stopped: watch::Receiver<Option<Instant>>,
    cut: AtomicUsize,
    accept_failures: AtomicUsize,
    #[cfg(feature = "tls")]
    tls: Option<crate::tls::Tls>,
}

impl State {
    fn open(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) {
        match Arc::clone(&self.capacity).try_acquire_owned() {
            Ok(permit) => drop(tokio::spawn(connection::serve(Arc::clone(self), stream, peer, permit))),
            Err(_) => self.reject(stream),
        }
    }

    fn reject(self: &Arc<Self>, stream: TcpStream) {
        self.observer.connection_rejected();
        // A TLS handshake costs more than the server should spend on a client that it is about to refuse.
        #[cfg(feature = "tls")]
        if self.tls.is_some() {
            return;
        }
        if let Ok(permit) = Arc::clone(&self.rejections).try_acquire_owned() {
            drop(tokio::spawn(overload::reject(stream, Arc::clone(self), permit)));
        }
    }
}
