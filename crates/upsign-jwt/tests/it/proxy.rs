//! `HttpFetch` with the proxy of the environment: which addresses it tunnels to, that TLS ends at the issuer, and that the
//! password of the proxy stays secret. Hosts in `.invalid` do not exist, so only the proxy can reach them (RFC 6761, section
//! 6.4).

use std::time::Duration;

use upsign_core::error_chain;
use upsign_jwt::{Algorithm, FetchKeys, HttpFetch};

use crate::corpus::BACKENDS;
use crate::pool::jwks;
use crate::tunnel::{Proxy, TlsServer, run_test};

const HOST: &str = "id.example.invalid";
const KEYS: &str = "https://id.example.invalid/keys";

/// Fetches the address in the environment, and prints what came of it.
#[tokio::test]
#[ignore = "runs as a child process of the other tests"]
#[expect(clippy::disallowed_methods, reason = "the variables tell the child process what to do")]
async fn fetch() {
    let uri = std::env::var("UPSIGN_TEST_URI").unwrap();
    let mut fetcher = HttpFetch::new().with_timeout(Duration::from_secs(10));
    if std::env::var("UPSIGN_TEST_WITHOUT_PROXY").is_err() {
        fetcher = fetcher.with_environment_proxy();
    }
    if uri.starts_with("http:") {
        fetcher = fetcher.danger_accept_http();
    }
    match fetcher.fetch(&uri).await {
        Ok(fetched) => {
            println!("kids={:?}", fetched.key_set(&[Algorithm::Rs256], BACKENDS[0]).unwrap().kids());
        }
        Err(error) => println!("code={} error={} debug={error:?}", error.code(), error_chain(&error)),
    }
    println!("fetcher={fetcher:?}");
}

struct Fixture {
    server: TlsServer,
    proxy: Proxy,
    address: String,
}

impl Fixture {
    async fn start() -> Self {
        Self::with_proxy(None).await
    }

    async fn with_proxy(refusal: Option<&'static str>) -> Self {
        let keys = jwks(&["old"]);
        let response = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{keys}", keys.len());
        let server = TlsServer::start(&[HOST, "localhost", "127.0.0.1"], response).await;
        let proxy = Proxy::start(server.port, refusal).await;
        let address = format!("http://upsign:s3cret@127.0.0.1:{}", proxy.port);
        Self { server, proxy, address }
    }

    /// Fetches `uri` in a process with these variables, and checks that the password is not in what it prints.
    async fn fetch(&self, uri: &str, variables: &[(&str, &str)]) -> String {
        let authority = self.server.authority.to_str().unwrap();
        let given = [("UPSIGN_TEST_URI", uri), ("SSL_CERT_FILE", authority)];
        // A later variable replaces an earlier one.
        let output = run_test("proxy::fetch", &[&given, variables].concat()).await;
        for secret in ["s3cret", "upsign:", "dXBzaWduOnMzY3JldA"] {
            assert!(!output.contains(secret), "{output}");
        }
        output
    }
}

#[tokio::test]
async fn keys_are_fetched_through_a_tunnel_that_the_proxy_cannot_read() {
    let fixture = Fixture::start().await;
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let output = fixture.fetch(KEYS, &[(variable, &fixture.address)]).await;
        assert!(output.contains(r#"kids=["old"]"#), "{variable}: {output}");
        let received = fixture.proxy.received();
        let [connect] = received.as_slice() else { panic!("{variable}: {received:?}") };
        assert!(connect.starts_with("connect id.example.invalid:443 http/1.1\r\n"), "{connect}");
        // `upsign:s3cret` in base64, in lower case.
        assert!(connect.contains("proxy-authorization: basic dxbzawduonmzy3jlda==\r\n"), "{connect}");
        assert!(!connect.contains("/keys"), "the path is inside the tunnel: {connect}");
    }
    assert_eq!(fixture.server.requests(), 4);
}

/// A proxy that answers in the place of the issuer has no certificate of it.
#[tokio::test]
async fn certificate_of_the_issuer_is_verified_through_the_proxy() {
    let (fixture, other) = (Fixture::start().await, Fixture::start().await);
    let other = other.server.authority.to_str().unwrap();
    let variables = [("HTTPS_PROXY", fixture.address.as_str()), ("SSL_CERT_FILE", other)];
    let output = fixture.fetch(KEYS, &variables).await;
    assert!(output.contains("code=key-set-transport") && output.contains("certificate"), "{output}");
    let output =
        fixture.fetch("https://other.example.invalid/keys", &[("HTTPS_PROXY", &fixture.address)]).await;
    assert!(output.contains("code=key-set-transport") && output.contains("certificate"), "{output}");
    assert_eq!((fixture.proxy.received().len(), fixture.server.requests()), (2, 0));
}

#[tokio::test]
async fn hosts_of_no_proxy_are_fetched_directly() {
    let fixture = Fixture::start().await;
    for (variable, hosts) in [
        ("NO_PROXY", "id.example.invalid"),
        ("NO_PROXY", "a.example, .example.invalid"),
        ("no_proxy", "invalid"),
        ("NO_PROXY", "*"),
    ] {
        let output = fixture.fetch(KEYS, &[("HTTPS_PROXY", &fixture.address), (variable, hosts)]).await;
        assert!(output.contains("code=key-set-transport"), "{hosts}: {output}");
        assert_eq!(fixture.proxy.received(), Vec::<String>::new(), "{hosts}");
    }
    let others = [("HTTPS_PROXY", fixture.address.as_str()), ("NO_PROXY", "example.org,d.example.invalid")];
    assert!(fixture.fetch(KEYS, &others).await.contains(r#"kids=["old"]"#));
}

#[tokio::test]
async fn this_machine_and_plain_http_are_never_fetched_over_a_proxy() {
    let fixture = Fixture::start().await;
    let (proxy, port) = (fixture.address.as_str(), fixture.server.port);
    let proxies =
        [("ALL_PROXY", proxy), ("HTTPS_PROXY", proxy), ("HTTP_PROXY", proxy), ("http_proxy", proxy)];
    for host in ["127.0.0.1", "localhost"] {
        let output = fixture.fetch(&format!("https://{host}:{port}/keys"), &proxies).await;
        assert!(output.contains(r#"kids=["old"]"#), "{host}: {output}");
    }
    for host in ["127.0.0.1:1", "localhost:1", "cognito.invalid"] {
        let output = fixture.fetch(&format!("http://{host}/keys"), &proxies).await;
        assert!(output.contains("code=key-set-transport"), "{host}: {output}");
    }
    assert_eq!(fixture.proxy.received(), Vec::<String>::new());
}

#[tokio::test]
async fn environment_is_not_read_without_the_option() {
    let fixture = Fixture::start().await;
    let variables = [("HTTPS_PROXY", fixture.address.as_str()), ("UPSIGN_TEST_WITHOUT_PROXY", "1")];
    let output = fixture.fetch(KEYS, &variables).await;
    assert!(output.contains("code=key-set-transport"), "{output}");
    assert_eq!(fixture.proxy.received(), Vec::<String>::new());
}

#[tokio::test]
async fn refusal_of_the_proxy_is_the_reason_of_the_error() {
    let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n";
    let fixture = Fixture::with_proxy(Some(refusal)).await;
    let output = fixture.fetch(KEYS, &[("HTTPS_PROXY", &fixture.address)]).await;
    assert!(output.contains("code=key-set-transport"), "{output}");
    assert!(output.contains("proxy authorization required"), "{output}");
    let fixture = Fixture::with_proxy(Some("HTTP/1.1 403 Forbidden\r\n\r\n")).await;
    let output = fixture.fetch(KEYS, &[("HTTPS_PROXY", &fixture.address)]).await;
    assert!(output.contains("tunnel"), "{output}");
}
