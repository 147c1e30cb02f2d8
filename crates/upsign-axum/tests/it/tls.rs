//! TLS on a real socket, and the replacement of the certificate while the server runs.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::routing::get;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use upsign_axum::{Limits, Tls};

use crate::server::{GOOD, Running, app, exchange};

/// Returns a certificate for `localhost` and its key.
fn certificate() -> (String, String) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    (made.cert.pem(), made.signing_key.serialize_pem())
}

/// Sends a request on a new connection to a server that has to present this certificate.
async fn healthz(running: &Running, chain: &str) -> reqwest::Result<String> {
    let certificate = reqwest::Certificate::from_pem(chain.as_bytes()).unwrap();
    let client = reqwest::Client::builder().tls_certs_only([certificate]).no_proxy().build().unwrap();
    let url = format!("https://localhost:{}/healthz", running.address.port());
    client.get(url).send().await?.text().await
}

#[tokio::test]
async fn tls_server_refuses_plain_http() {
    let (chain, key) = certificate();
    assert!(Tls::from_pem(b"", key.as_bytes()).is_err());
    assert!(Tls::from_pem(chain.as_bytes(), b"").is_err());
    let tls = Tls::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
    assert_eq!(format!("{tls:?}"), "Tls { .. }");
    let app = app(&Limits::default()).route("/healthz", get(|| async { "ok\n" }));
    let running = Running::start(app, |server| server.with_tls(tls)).await;
    assert_eq!(healthz(&running, &chain).await.unwrap(), "ok\n");
    let plain = exchange(running.address, b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert!(!plain.starts_with("HTTP/"), "{plain}");
    running.end().await;
}

#[tokio::test]
async fn replaced_certificate_is_used_for_new_connections() {
    let ((old, old_key), (new, new_key)) = (certificate(), certificate());
    let tls = Tls::from_pem(old.as_bytes(), old_key.as_bytes()).unwrap();
    let app = app(&Limits::default()).route("/healthz", get(|| async { "ok\n" }));
    let running = Running::start(app, |server| server.with_tls(tls.clone())).await;
    assert_eq!(healthz(&running, &old).await.unwrap(), "ok\n");
    for (chain, key) in [(&new, &old_key), (&new, &String::new()), (&String::new(), &new_key)] {
        assert!(tls.replace(chain.as_bytes(), key.as_bytes()).is_err());
        assert_eq!(healthz(&running, &old).await.unwrap(), "ok\n", "the old one stays in use");
    }
    tls.replace(new.as_bytes(), new_key.as_bytes()).unwrap();
    assert_eq!(healthz(&running, &new).await.unwrap(), "ok\n");
    assert!(healthz(&running, &old).await.is_err());
    running.end().await;
}

/// Opens a connection and returns it after the handshake.
async fn connect(running: &Running, chain: &str) -> TlsStream<TcpStream> {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(chain.as_bytes()).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let config = config.unwrap().with_root_certificates(roots).with_no_client_auth();
    let stream = TcpStream::connect(running.address).await.unwrap();
    TlsConnector::from(Arc::new(config)).connect("localhost".try_into().unwrap(), stream).await.unwrap()
}

async fn start(limits: Limits, drain: Duration) -> (Running, String) {
    let (chain, key) = certificate();
    let tls = Tls::from_pem(chain.as_bytes(), key.as_bytes()).unwrap();
    let running = Running::start(app(&limits), |server| {
        server.with_limits(limits.clone()).with_drain_timeout(drain).with_tls(tls)
    });
    (running.await, chain)
}

/// Without `close_notify`, rustls reports an unexpected end: an attacker may have cut the connection off.
#[tokio::test]
async fn idle_connections_are_closed_with_close_notify() {
    let limits = Limits::default().with_head_time(Duration::from_millis(300));
    let (running, chain) = start(limits, Duration::from_secs(20)).await;
    let (mut fresh, mut used, mut half) =
        (connect(&running, &chain).await, connect(&running, &chain).await, connect(&running, &chain).await);
    used.write_all(format!("{GOOD}\r\n").as_bytes()).await.unwrap();
    half.write_all(GOOD.as_bytes()).await.unwrap();
    for (name, stream) in [("fresh", &mut fresh), ("used", &mut used), ("half a head", &mut half)] {
        let mut answer = Vec::new();
        let read = timeout(Duration::from_secs(5), stream.read_to_end(&mut answer)).await.unwrap();
        assert!(read.is_ok(), "{name}: {read:?}");
        assert_eq!(answer.starts_with(b"HTTP/1.1 200"), name == "used");
    }
    // The same at the shutdown.
    let (running, chain) = start(Limits::default(), Duration::from_secs(20)).await;
    let mut idle = connect(&running, &chain).await;
    let ended = tokio::spawn(running.end());
    let read = timeout(Duration::from_secs(5), idle.read_to_end(&mut Vec::new())).await.unwrap();
    assert!(read.is_ok(), "{read:?}");
    assert_eq!(ended.await.unwrap().cut, 0);
}

#[tokio::test]
async fn stalled_handshake_does_not_hold_the_shutdown() {
    let (running, _) = start(Limits::default(), Duration::from_millis(500)).await;
    let mut silent = TcpStream::connect(running.address).await.unwrap();
    let mut half = TcpStream::connect(running.address).await.unwrap();
    // The first bytes of a ClientHello.
    half.write_all(b"\x16\x03\x01\x02\x00\x01").await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    let started = Instant::now();
    assert_eq!(running.end().await.cut, 0);
    assert!(started.elapsed() < Duration::from_secs(4), "{:?}", started.elapsed());
    for stream in [&mut silent, &mut half] {
        drop(timeout(Duration::from_secs(1), stream.read(&mut [0])).await.expect("closed"));
    }
}
