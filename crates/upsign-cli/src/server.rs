//! One HTTP server: listening, and an orderly end.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use upsign_axum::Server;

use crate::exit::{Exit, Failed};

/// Takes an address, or says plainly why not.
pub(crate) async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Failed> {
    let listener = TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => Failed::usage(format!("port {} is already in use", address.port()))
            .hint("stop what uses it, or choose another with --listen; port 0 takes a free one"),
        _ => Failed::caused(&format!("cannot listen on {address}"), &error).into_usage(),
    })?;
    let bound = listener.local_addr().map_err(|error| Failed::caused("the listening address", &error))?;
    Ok((listener, bound))
}

/// Serves a page and its API on this machine until `end` resolves.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    end: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Failed> {
    let server = Server::new(listener).with_linger(Duration::ZERO).with_patience(Duration::from_secs(2));
    server.serve(app.layer(CatchPanicLayer::new()), end).await;
    Ok(())
}

/// Serves until the process is asked to end, then lets open requests finish; asked again, it ends at once.
pub(crate) async fn run(server: Server, app: Router) -> Result<Exit, Failed> {
    let at_once = async {
        asked_to_end().await;
        asked_to_end().await;
    };
    let cut = tokio::select! {
        ended = server.serve(app, asked_to_end()) => ended.cut,
        () = at_once => return Err(Failed::new("ended at once, without waiting for open requests")),
    };
    match cut {
        0 => Ok(Exit::Success),
        cut => Err(Failed::new(format!("{cut} connections were cut: their requests took too long"))),
    }
}

/// Resolves when the process is asked to end: Ctrl-C, or SIGTERM.
pub(crate) async fn asked_to_end() {
    let interrupt = async {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    #[cfg(unix)]
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<()>();
    tokio::select! {
        () = interrupt => {}
        () = terminate => {}
    }
}
