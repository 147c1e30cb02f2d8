//! One HTTP server: listening, limits, an orderly end.

use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use http::StatusCode;
use tokio::net::TcpListener;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::timeout::TimeoutLayer;

use crate::exit::Failed;

const REQUEST_LIMIT: Duration = Duration::from_secs(30);

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

/// Serves until `end` resolves, then lets open requests finish.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    end: impl Future<Output = ()> + Send + 'static,
) -> Result<(), Failed> {
    let app = app
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, REQUEST_LIMIT))
        .layer(CatchPanicLayer::new());
    let served = axum::serve(listener, app).with_graceful_shutdown(end).await;
    served.map_err(|error| Failed::caused("the server ended", &error))
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
