//! TLS on a real socket, and the replacement of the certificate while the server runs.

use axum::routing::get;
use upsign_axum::{Limits, Tls};

use crate::server::{Running, app, exchange};

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
