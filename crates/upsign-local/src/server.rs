//! Listening on 127.0.0.1 and stopping within a limit.

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

use crate::StartError;

/// How long an orderly stop waits for open requests unless told otherwise.
pub(crate) const SHUTDOWN_LIMIT: Duration = Duration::from_secs(2);

/// How a server came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shutdown {
    /// Every open request was answered.
    Graceful,
    /// The limit passed first; what was still open has been cut off.
    Cut {
        /// How many connections that were.
        connections: usize,
    },
}

/// A bound port of 127.0.0.1.
pub(crate) struct Listening(TcpListener, SocketAddr);

/// A running server. Dropping it cuts every connection at once.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    stop: oneshot::Sender<Duration>,
    task: JoinHandle<Shutdown>,
}

impl Listening {
    /// Binds `port` of 127.0.0.1; 0 picks a free one.
    pub(crate) async fn bind(port: u16) -> Result<Self, StartError> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let failed = |source: io::Error| match source.kind() {
            io::ErrorKind::AddrInUse => StartError::PortInUse { address },
            _ => StartError::Bind { address, source },
        };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        Ok(Self(listener, bound))
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.1
    }

    /// Starts answering with `router`.
    pub(crate) fn serve(self, router: Router) -> Server {
        let Self(listener, address) = self;
        let (stop, stopped) = oneshot::channel();
        Server { address, stop, task: tokio::spawn(run(listener, router, stopped)) }
    }
}

impl Server {
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops listening, lets open requests finish for as long as `limit`, then cuts them off.
    pub(crate) async fn shutdown(self, limit: Duration) -> Shutdown {
        let Self { stop, task, .. } = self;
        // Either end fails only when the server is gone already, with nothing left to wait for.
        let told = stop.send(limit);
        match (told, task.await) {
            (Ok(()), Ok(end)) => end,
            _ => Shutdown::Cut { connections: 0 },
        }
    }
}

/// Accepts until told to stop, or until the [`Server`] is dropped.
async fn run(listener: TcpListener, router: Router, mut stopped: oneshot::Receiver<Duration>) -> Shutdown {
    let graceful = GracefulShutdown::new();
    // Dropping the set aborts what is in it, so no connection outlives this function.
    let mut connections = JoinSet::new();
    let limit = loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    // Without it the small answers wait for the client's acknowledgements. It may fail on a
                    // connection that is gone already.
                    let _ = stream.set_nodelay(true);
                    let service = TowerToHyperService::new(router.clone());
                    let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                    connections.spawn(graceful.watch(connection));
                }
                // Out of file descriptors: some connection has to end first.
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
            limit = &mut stopped => break limit.unwrap_or_default(),
        }
    };
    drop(listener);
    if tokio::time::timeout(limit, graceful.shutdown()).await.is_ok() {
        return Shutdown::Graceful;
    }
    while connections.try_join_next().is_some() {}
    let open = connections.len();
    connections.shutdown().await;
    if open == 0 { Shutdown::Graceful } else { Shutdown::Cut { connections: open } }
}
