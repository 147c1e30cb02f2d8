//! Listening for connections, and shutting a server down.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use upsign_axum::Server;

use crate::exit::{CommandError, Exit};

/// Binds `address` and returns the listener with the address that it got: port 0 picks a free port.
pub(crate) async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), CommandError> {
    let listener = TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => {
            CommandError::usage(format!("port {} is already in use", address.port())).with_help(
                "stop the other process, or choose another port with --listen; port 0 picks a free one",
            )
        }
        _ => CommandError::caused(&format!("cannot listen on {address}"), &error).into_usage(),
    })?;
    let bound =
        listener.local_addr().map_err(|error| CommandError::caused("the listening address", &error))?;
    Ok((listener, bound))
}

/// Serves an app for local use until `shutdown` resolves. Open requests get two seconds to finish.
pub(crate) async fn serve_locally(
    listener: TcpListener,
    app: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) {
    let server = Server::new(listener).with_linger(Duration::ZERO).with_drain_timeout(Duration::from_secs(2));
    server.serve(app.layer(CatchPanicLayer::new()), shutdown).await;
}

/// Serves until the first signal, then lets open requests finish. A second signal ends the server at once.
///
/// # Errors
/// Connections had to be closed before their requests were finished.
pub(crate) async fn serve_until_signal(
    server: Server,
    app: Router,
    signals: ShutdownSignals,
) -> Result<Exit, CommandError> {
    let cut = tokio::select! {
        report = server.serve(app, signals.clone().received(1)) => report.cut,
        () = signals.received(2) => {
            return Err(CommandError::failure("stopped by a second signal, without waiting for open requests"));
        }
    };
    match cut {
        0 => Ok(Exit::Success),
        cut => {
            let message = format!("closed {cut} connections whose requests did not finish in time");
            Err(CommandError::failure(message))
        }
    }
}

/// Counts Ctrl-C and SIGTERM.
#[derive(Clone, Debug)]
pub(crate) struct ShutdownSignals(watch::Receiver<u32>);

impl ShutdownSignals {
    /// Installs the signal handlers. Call this before the server announces that it is ready: a signal that arrives without
    /// a handler ends the process at once.
    pub(crate) fn install() -> Result<Self, CommandError> {
        let cannot_install = |error| CommandError::caused("cannot handle signals", &error);
        let mut interrupt = interrupts().map_err(cannot_install)?;
        let mut terminate = terminations().map_err(cannot_install)?;
        let (count, received) = watch::channel(0);
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                count.send_modify(|count| *count += 1);
            }
        });
        Ok(Self(received))
    }

    /// Resolves when `count` signals have been received since the handlers were installed.
    pub(crate) async fn received(mut self, count: u32) {
        // The task with the sender runs as long as the runtime, so waiting does not fail.
        drop(self.0.wait_for(|received| *received >= count).await);
    }
}

#[cfg(unix)]
fn interrupts() -> std::io::Result<tokio::signal::unix::Signal> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())
}

#[cfg(unix)]
fn terminations() -> std::io::Result<tokio::signal::unix::Signal> {
    tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
}

#[cfg(windows)]
fn interrupts() -> std::io::Result<tokio::signal::windows::CtrlC> {
    tokio::signal::windows::ctrl_c()
}

#[cfg(windows)]
fn terminations() -> std::io::Result<tokio::signal::windows::CtrlShutdown> {
    tokio::signal::windows::ctrl_shutdown()
}
