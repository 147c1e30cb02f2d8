//! `HttpFetch` against a local server that misbehaves.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Instant as RuntimeInstant, sleep};
use upsign_jwt::{Algorithm, FetchError, FetchKeys, FetchedKeys, HttpFetch, TrustedIssuer, Verifier};

use crate::corpus::BACKENDS;
use crate::pool::{at, claims, config, jwks, sign};

struct Server {
    uri: String,
    requests: Arc<AtomicUsize>,
}

impl Server {
    /// Starts a server that reads a request from each connection and then runs `script`.
    async fn start<S, W>(script: S) -> Self
    where
        S: Fn(TcpStream) -> W + Send + Sync + 'static,
        W: Future<Output = ()> + Send,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let uri = format!("http://{}/jwks.json", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let (script, counter) = (Arc::new(script), Arc::clone(&requests));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (script, counter) = (Arc::clone(&script), Arc::clone(&counter));
                tokio::spawn(async move {
                    let mut request = Vec::new();
                    while !request.ends_with(b"\r\n\r\n") {
                        request.push(stream.read_u8().await.unwrap());
                    }
                    let request = String::from_utf8(request).unwrap().to_ascii_lowercase();
                    assert!(
                        request.starts_with("get /") && !request.contains("accept-encoding"),
                        "{request}"
                    );
                    counter.fetch_add(1, Ordering::SeqCst);
                    script(stream).await;
                });
            }
        });
        Self { uri, requests }
    }

    /// Starts a server that writes these bytes and closes the connection.
    async fn responding(response: impl Into<Vec<u8>>) -> Self {
        let response: Arc<[u8]> = response.into().into();
        Self::start(move |mut stream| {
            let response = Arc::clone(&response);
            async move {
                // The client can close the connection first, when it has read enough.
                let _ = stream.write_all(&response).await;
                let _ = stream.shutdown().await;
            }
        })
        .await
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n{headers}\r\n", body.len());
    [head.as_bytes(), body].concat()
}

async fn fetch(server: &Server) -> Result<FetchedKeys, FetchError> {
    HttpFetch::new().fetch(&server.uri).await
}

/// Returns the code of the error, and checks that it came within 3 s and some tolerance for a busy machine.
async fn failure(server: &Server) -> &'static str {
    let started = Instant::now();
    let error = fetch(server).await.unwrap_err();
    assert!(started.elapsed() < Duration::from_millis(4_500), "{:?}", started.elapsed());
    error.code()
}

#[tokio::test]
async fn valid_response() {
    let server =
        Server::responding(ok("Cache-Control: public, max-age=7200\r\n", jwks(&["old"]).as_bytes())).await;
    let response = fetch(&server).await.unwrap();
    assert_eq!(response.fresh_for(), 7_200);
    assert_eq!(response.key_set(&[Algorithm::Rs256], BACKENDS[0]).unwrap().kids(), ["old"]);
}

#[tokio::test]
async fn connection_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("http://{}/", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(HttpFetch::new().fetch(&uri).await.unwrap_err().code(), "key-set-transport");
}

#[tokio::test]
async fn no_response_times_out() {
    let server = Server::start(|stream| async move {
        sleep(Duration::from_secs(30)).await;
        drop(stream);
    });
    assert_eq!(failure(&server.await).await, "key-set-timeout");
}

#[tokio::test]
async fn time_limit_is_configurable() {
    let response: Arc<[u8]> = ok("", jwks(&["old"]).as_bytes()).into();
    let server = Server::start(move |mut stream| {
        let response = Arc::clone(&response);
        async move {
            sleep(Duration::from_secs(4)).await;
            let _ = stream.write_all(&response).await;
        }
    });
    let server = server.await;
    // Setting the limit again replaces the client that the first fetch has built.
    let fetcher = HttpFetch::new().with_timeout(Duration::from_millis(500));
    let started = Instant::now();
    assert_eq!(fetcher.fetch(&server.uri).await.unwrap_err().code(), "key-set-timeout");
    assert!((500..2_000).contains(&started.elapsed().as_millis()), "{:?}", started.elapsed());
    let fetcher = fetcher.with_timeout(Duration::from_secs(30));
    assert_eq!(fetcher.fetch(&server.uri).await.unwrap().status(), 200);
}

/// The operating system accepts the connection, but nothing answers the TLS handshake, which is part of connecting. The clock of
/// the runtime is paused: it moves to the next timer at once, so the times are exact.
#[tokio::test(start_paused = true)]
async fn third_of_the_time_limit_is_for_connecting() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let uri = format!("https://{}/", listener.local_addr().unwrap());
    for (fetcher, seconds) in
        [(HttpFetch::new(), 1), (HttpFetch::new().with_timeout(Duration::from_secs(30)), 10)]
    {
        let started = RuntimeInstant::now();
        assert_eq!(fetcher.fetch(&uri).await.unwrap_err().code(), "key-set-timeout");
        assert_eq!(started.elapsed().as_secs(), seconds);
    }
    // With a connection, the whole limit is for the response.
    let uri = uri.replace("https", "http");
    let started = RuntimeInstant::now();
    assert_eq!(HttpFetch::new().fetch(&uri).await.unwrap_err().code(), "key-set-timeout");
    assert_eq!(started.elapsed().as_secs(), 3);
}

/// `.invalid` does not exist, so the request fails after the address was accepted (RFC 6761, section 6.4).
#[tokio::test]
async fn plain_http_from_other_hosts_needs_the_option() {
    for (uri, code) in [
        ("http://cognito.invalid:9229/local_x/.well-known/jwks.json", "key-set-transport"),
        ("ftp://cognito.invalid/", "key-set-http"),
        ("file:///etc/passwd", "key-set-http"),
        ("HTTP://cognito.invalid/", "key-set-transport"),
        ("httpx://cognito.invalid/", "key-set-http"),
        ("cognito.invalid", "key-set-http"),
    ] {
        let fetcher = HttpFetch::new().danger_accept_http();
        assert_eq!(fetcher.fetch(uri).await.unwrap_err().code(), code, "{uri}");
        assert_eq!(HttpFetch::new().fetch(uri).await.unwrap_err().code(), "key-set-http", "{uri}");
    }
    // The name of a scheme has no case (RFC 3986, section 3.1).
    let error = HttpFetch::new().fetch("HTTPS://id.example.invalid/keys").await.unwrap_err();
    assert_eq!(error.code(), "key-set-transport");
}

#[test]
fn options_can_be_set_in_any_order() {
    let seven = Duration::from_secs(7);
    for fetcher in [
        HttpFetch::new().with_timeout(seven).with_environment_proxy().danger_accept_http(),
        HttpFetch::new().danger_accept_http().with_environment_proxy().with_timeout(seven),
    ] {
        let options = "HttpFetch { timeout: 7s, uses_environment_proxy: true, accepts_http: true, .. }";
        assert_eq!(format!("{fetcher:?}"), options);
    }
}

#[tokio::test]
async fn stalled_body_times_out() {
    let server = Server::start(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{").await.unwrap();
        sleep(Duration::from_secs(30)).await;
    });
    assert_eq!(failure(&server.await).await, "key-set-timeout");
}

#[tokio::test]
async fn slow_body_times_out() {
    let server = Server::start(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n").await;
        while stream.write_all(b" ").await.is_ok() {
            sleep(Duration::from_millis(50)).await;
        }
    });
    assert_eq!(failure(&server.await).await, "key-set-timeout");
}

#[tokio::test]
async fn too_large_content_length_is_refused() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 262145\r\n\r\n";
    assert_eq!(failure(&Server::responding(head).await).await, "key-set-too-long");
}

#[tokio::test]
async fn too_long_chunked_body_is_refused() {
    let server = Server::start(|mut stream| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await;
        let chunk = [b"10000\r\n".as_slice(), &[b' '; 0x10000], b"\r\n"].concat();
        let mut written = 0;
        while stream.write_all(&chunk).await.is_ok() {
            written += 0x10000;
            assert!(written < 64 << 20, "the client reads without a limit");
        }
    });
    assert_eq!(failure(&server.await).await, "key-set-too-long");
}

#[tokio::test]
async fn body_of_maximum_length_is_accepted() {
    let mut body = jwks(&["old"]).into_bytes();
    body.resize(256 * 1024, b' ');
    let response = fetch(&Server::responding(ok("", &body)).await).await.unwrap();
    assert!(response.key_set(&[Algorithm::Rs256], BACKENDS[0]).is_ok());
}

/// Bodies are never decompressed, so the length limit counts the bytes on the wire.
#[tokio::test]
async fn compressed_body_is_not_decompressed() {
    let bomb: Vec<u8> = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3][..], &[0; 10_000]].concat();
    let response = fetch(&Server::responding(ok("Content-Encoding: gzip\r\n", &bomb)).await).await.unwrap();
    assert_eq!(response.body(), bomb);
    assert_eq!(response.key_set(&[Algorithm::Rs256], BACKENDS[0]).unwrap_err().code(), "key-set-not-json");
}

#[tokio::test]
async fn html_page_is_not_a_key_set() {
    let response = fetch(&Server::responding(ok("Content-Type: text/html\r\n", b"<html>login</html>")).await)
        .await
        .unwrap();
    assert_eq!(response.key_set(&[Algorithm::Rs256], BACKENDS[0]).unwrap_err().code(), "key-set-not-json");
}

#[tokio::test]
async fn redirect_is_not_followed() {
    let other_server = Server::responding(ok("", jwks(&["new"]).as_bytes())).await;
    for status in ["301 Moved Permanently", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"] {
        let response =
            format!("HTTP/1.1 {status}\r\nLocation: {}\r\nContent-Length: 0\r\n\r\n", other_server.uri);
        let response = fetch(&Server::responding(response).await).await.unwrap();
        assert_eq!(response.key_set(&[Algorithm::Rs256], BACKENDS[0]).unwrap_err().code(), "key-set-status");
    }
    assert_eq!(other_server.requests(), 0);
}

#[tokio::test]
async fn plain_http_is_accepted_only_for_this_machine() {
    for uri in [
        "http://192.0.2.1/",
        "http://keys.example.com/",
        "http://127.0.0.1.example.com/",
        "HTTP://192.0.2.1/",
    ] {
        assert_eq!(HttpFetch::new().fetch(uri).await.unwrap_err().code(), "key-set-http", "{uri}");
    }
}

#[tokio::test]
async fn response_that_is_not_http() {
    assert_eq!(
        failure(&Server::responding("220 mail.example.com ESMTP\r\n").await).await,
        "key-set-transport"
    );
    assert_eq!(failure(&Server::responding("").await).await, "key-set-transport");
}

#[tokio::test]
async fn end_to_end_over_http() {
    let server = Server::responding(ok("", jwks(&["old"]).as_bytes())).await;
    let issuer = TrustedIssuer::danger_http_keys(crate::pool::ISSUER, &server.uri).unwrap();
    let config =
        upsign_jwt::VerifierConfig::new(issuer, config().client_ids(), config().token_use()).unwrap();
    let verifier = Verifier::new(config, HttpFetch::new());
    for second in [0, 1, 3_600] {
        let token = sign("old", &claims(crate::pool::NOW + 10_000));
        assert_eq!(verifier.verify(&token, at(second)).await.unwrap().subject(), "alice");
    }
    // The last token found the set stale and started a background refresh.
    while server.requests() < 2 || verifier.jwks().fetched_at() != Some(at(3_600)) {
        sleep(Duration::from_millis(5)).await;
    }
}
