//! Listening for connections, and shutting a server down.

use std::future::Future;
use std::io::ErrorKind;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use upsign_axum::{Limits, Server};
use upsign_config::Config;

use crate::exit::{CommandError, Exit};

/// Parses the value of `--listen`: `IP:PORT`. A port alone (`8080`, `:8080`) and `localhost` mean 127.0.0.1, so that nothing
/// is exposed by accident.
pub(crate) fn address(text: &str) -> Result<SocketAddr, String> {
    const EXAMPLES: &str =
        "write an IP address and a port: 127.0.0.1:8080 (this machine) or 0.0.0.0:8080 (everyone)";
    let text = text.trim();
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    if let Ok(ip) = text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
        return Err(format!("the port is missing: write {}", SocketAddr::new(ip, 8080)));
    }
    let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
    let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
    match (host, port.parse::<u16>()) {
        ("" | "localhost", Ok(port)) => Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port))),
        ("" | "localhost", Err(_)) if is_number => {
            Err(format!("{port} is not a port: ports are numbers from 0 to 65535"))
        }
        (host, _) if host.parse::<IpAddr>().is_ok() && is_number => {
            Err(format!("{port} is not a port: ports are numbers from 0 to 65535"))
        }
        ("*", Ok(port)) => Err(format!("write 0.0.0.0:{port} to accept connections from everywhere")),
        (host, Ok(_)) if !host.is_empty() && !host.contains("//") => {
            Err(format!("{host:?} is not an IP address: {EXAMPLES}"))
        }
        _ => Err(EXAMPLES.to_owned()),
    }
}

/// Binds `address` and returns the listener with the address that it got: port 0 picks a free port. `option` is the option that
/// named the address.
pub(crate) async fn bind(
    address: SocketAddr,
    option: &str,
) -> Result<(TcpListener, SocketAddr), CommandError> {
    let listener = TcpListener::bind(address).await.map_err(|error| {
        let port = address.port();
        let described = |reason: &str, help: String| {
            CommandError::usage(format!("cannot listen on {address}: {reason}")).with_help(help)
        };
        match error.kind() {
            ErrorKind::AddrInUse => described(
                "the port is already in use",
                format!(
                    "stop the other process, or choose another port with {option}; port 0 picks a free one"
                ),
            ),
            ErrorKind::PermissionDenied => described(
                "permission denied",
                format!(
                    "ports below 1024 need privileges; choose another one: {option} {}",
                    SocketAddr::new(address.ip(), 8080)
                ),
            ),
            ErrorKind::AddrNotAvailable => described(
                "this machine does not have this address",
                format!("{option} 0.0.0.0:{port} listens on all addresses of this machine"),
            ),
            _ => CommandError::caused(&format!("cannot listen on {address}"), &error).into_usage(),
        }
        .with_code("io")
    })?;
    let bound =
        listener.local_addr().map_err(|error| CommandError::caused("the listening address", &error))?;
    Ok((listener, bound))
}

/// Returns these limits, with request heads large enough for a token of the maximum length.
pub(crate) fn limits_for_tokens(config: &Config, usual: Limits) -> Limits {
    let longest = config.auth().map_or(0, |auth| auth.max_token_bytes);
    let head_bytes = usual.head_bytes.max(longest.saturating_add(OTHER_HEADERS));
    usual.with_head_bytes(head_bytes)
}

/// The bytes of a head that are left for everything but the token.
const OTHER_HEADERS: usize = 8 << 10;

/// Serves an app for local use until `shutdown` resolves. Open requests get two seconds to finish.
pub(crate) async fn serve_locally(
    listener: TcpListener,
    app: Router,
    config: &Config,
    shutdown: impl Future<Output = ()> + Send + 'static,
) {
    let server = Server::new(listener)
        .with_limits(limits_for_tokens(config, Limits::default()))
        .with_linger(Duration::ZERO)
        .with_drain_timeout(Duration::from_secs(2));
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

    /// Returns signals that a test counts itself.
    #[cfg(test)]
    pub(crate) fn of_test() -> (watch::Sender<u32>, Self) {
        let (count, received) = watch::channel(0);
        (count, Self(received))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        for (text, expected) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("0.0.0.0:80", "0.0.0.0:80"),
            ("[::]:8080", "[::]:8080"),
            ("[::1]:0", "[::1]:0"),
            ("8080", "127.0.0.1:8080"),
            (":8080", "127.0.0.1:8080"),
            ("localhost:8080", "127.0.0.1:8080"),
            (" 0.0.0.0:8080 ", "0.0.0.0:8080"),
        ] {
            assert_eq!(address(text), Ok(expected.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn invalid_addresses_are_explained() {
        for (text, part) in [
            ("", "127.0.0.1:8080 (this machine) or 0.0.0.0:8080 (everyone)"),
            ("localhost", "127.0.0.1:8080 (this machine)"),
            ("http://localhost:8080", "127.0.0.1:8080 (this machine)"),
            ("example.com:8080", "\"example.com\" is not an IP address"),
            ("*:8080", "write 0.0.0.0:8080"),
            ("0.0.0.0", "the port is missing: write 0.0.0.0:8080"),
            ("::1", "the port is missing: write [::1]:8080"),
            ("[::1]", "the port is missing: write [::1]:8080"),
            ("99999", "99999 is not a port"),
            (":65536", "65536 is not a port"),
            ("127.0.0.1:99999", "99999 is not a port"),
            ("127.0.0.1:", "0.0.0.0:8080 (everyone)"),
        ] {
            let error = address(text).unwrap_err();
            assert!(error.contains(part), "{text:?}: {error}");
        }
    }
}
