//! An HTTP/1.1 server on 127.0.0.1 that stops within a time limit.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

use crate::error::LocalServerError;

/// The default time that a shutdown waits for open requests. A development server should not delay Ctrl-C noticeably.
pub(crate) const DEFAULT_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// The memory that hyper uses for the unread bytes of a connection, and therefore the maximum size of a request head, in bytes.
/// Any page can open connections to this server, and hyper's default is 400 KiB for each of them.
const MAX_BUFFER_BYTES: usize = 64 * 1024;

/// The result of stopping a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ShutdownOutcome {
    /// Every open request received its response.
    Graceful,
    /// The time limit passed first, and the server closed the remaining connections.
    Forced {
        /// The number of connections that were closed during a request.
        connections: usize,
    },
}

/// An extension of a response in place of which the server closes the connection.
#[cfg(feature = "faults")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct CloseConnection;

/// A listening socket on 127.0.0.1 that does not accept connections yet, and its address.
pub(crate) struct BoundListener(TcpListener, SocketAddr);

/// A running server.
///
/// Dropping it closes the `stop` channel, which stops the task with a time limit of zero.
#[derive(Debug)]
pub(crate) struct HttpServer {
    address: SocketAddr,
    stop: oneshot::Sender<Duration>,
    task: JoinHandle<ShutdownOutcome>,
}

impl BoundListener {
    /// Binds `port` of 127.0.0.1. Port 0 selects a free port.
    pub(crate) async fn bind(port: u16) -> Result<Self, LocalServerError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => LocalServerError::PortInUse { address },
            _ => LocalServerError::Bind { address, source },
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        Ok(Self(listener, bound))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.1
    }

    /// Starts accepting connections and answers requests with `router`.
    pub(crate) fn serve(self, router: Router) -> HttpServer {
        let Self(listener, address) = self;
        let (stop, stopped) = oneshot::channel();
        HttpServer { address, stop, task: tokio::spawn(run(listener, router, stopped)) }
    }
}

impl HttpServer {
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops listening, waits up to `limit` for open requests, then closes the remaining connections.
    pub(crate) async fn shutdown(self, limit: Duration) -> ShutdownOutcome {
        let Self { stop, task, .. } = self;
        // Both fail only if the task has already ended, for example by a panic. No connection is open then.
        let sent = stop.send(limit);
        match (sent, task.await) {
            (Ok(()), Ok(outcome)) => outcome,
            _ => ShutdownOutcome::Forced { connections: 0 },
        }
    }
}

/// Accepts connections until the [`HttpServer`] is shut down or dropped.
async fn run(
    listener: TcpListener,
    router: Router,
    mut stopped: oneshot::Receiver<Duration>,
) -> ShutdownOutcome {
    let graceful = GracefulShutdown::new();
    // Invariant: no connection outlives this function, because dropping the set aborts its tasks. Each connection holds
    // a clone of the router, and through it the object store with its directory lock.
    let mut connections = JoinSet::new();
    let limit = loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // Nagle's algorithm would delay small responses until the client acknowledges earlier packets.
                    // An error means that the client has disconnected, which serving the connection reports as well.
                    let _ = stream.set_nodelay(true);
                    let service = TowerToHyperService::new(router.clone());
                    #[cfg(feature = "faults")]
                    let service = hyper::service::service_fn(move |request| {
                        let answer = hyper::service::Service::call(&service, request);
                        async { answer_or_close(answer.await) }
                    });
                    let connection = http1::Builder::new()
                        .max_buf_size(MAX_BUFFER_BYTES)
                        .serve_connection(TokioIo::new(stream), service);
                    connections.spawn(graceful.watch(connection));
                }
                // Usually the process has no file descriptors left. Wait for a connection to end.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            // Removes finished connections, which would otherwise accumulate in the set.
            Some(_) = connections.join_next() => {}
            // The channel is closed without a value if the `HttpServer` is dropped: the limit is then zero.
            limit = &mut stopped => break limit.unwrap_or_default(),
        }
    };
    drop(listener);
    if tokio::time::timeout(limit, graceful.shutdown()).await.is_ok() {
        return ShutdownOutcome::Graceful;
    }
    // Finished connections do not count as open.
    while connections.try_join_next().is_some() {}
    let open = connections.len();
    connections.shutdown().await;
    if open == 0 { ShutdownOutcome::Graceful } else { ShutdownOutcome::Forced { connections: open } }
}

/// Returns an error, at which hyper closes the connection, in place of a response with the extension [`CloseConnection`].
#[cfg(feature = "faults")]
fn answer_or_close<B, E>(answer: Result<hyper::Response<B>, E>) -> io::Result<hyper::Response<B>> {
    let lost = || io::Error::other("the plan of faults closes this connection");
    let response = answer.map_err(|_| lost())?;
    let is_lost = response.extensions().get::<CloseConnection>().is_some();
    if is_lost { Err(lost()) } else { Ok(response) }
}
