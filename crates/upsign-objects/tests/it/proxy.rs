//! The calls over the proxy of the environment: which addresses it tunnels to, and that TLS ends at the store. Hosts in
//! `.invalid` do not exist, so only the proxy can reach them (RFC 6761, section 6.4).

use std::time::Duration;

use upsign_core::{Addressing, Endpoint, Target, error_chain};
use upsign_objects::{HeadObject, HttpObjects, ObjectCalls, TimeLimits};

use crate::script::{at, key, presigner};
use crate::tunnel::{Proxy, TlsServer, run_test};

const HOST: &str = "uploads.store.invalid";
const STORE: &str = "https://store.invalid";

/// Looks at an object of the store in the environment, and prints what came of it.
#[tokio::test]
#[ignore = "runs as a child process of the other tests"]
#[expect(clippy::disallowed_methods, reason = "the variables tell the child process what to do")]
async fn head() {
    let endpoint: Endpoint = std::env::var("UPSIGN_TEST_STORE").unwrap().parse().unwrap();
    let style = if endpoint.is_loopback() { Addressing::Path } else { Addressing::VirtualHosted };
    let target = Target::at(&endpoint, style, "uploads".parse().unwrap(), "us-east-1".parse().unwrap());
    let mut calls = HttpObjects::new(target.unwrap(), presigner());
    if std::env::var("UPSIGN_TEST_WITHOUT_PROXY").is_err() {
        calls = calls.with_environment_proxy();
    }
    let second = Duration::from_secs(10);
    let limits = TimeLimits::default().with_connect(second).with_attempt(second);
    let calls = calls.with_time_limits(limits).with_max_attempts(1);
    match calls.head_object(&HeadObject::new(key()), at()).await {
        Ok(head) => println!("size={}", head.size),
        Err(error) => println!("error={} debug={error:?}", error_chain(&error)),
    }
    println!("calls={calls:?}");
}

struct Fixture {
    store: TlsServer,
    proxy: Proxy,
    address: String,
}

impl Fixture {
    async fn start() -> Self {
        let response = "HTTP/1.1 200 OK\r\ncontent-length: 4711\r\netag: \"a\"\r\n\r\n".to_owned();
        let store = TlsServer::start(&[HOST, "localhost", "127.0.0.1"], response).await;
        let proxy = Proxy::start(store.port, None).await;
        let address = format!("http://upsign:s3cret@127.0.0.1:{}", proxy.port);
        Self { store, proxy, address }
    }

    /// Makes the call in a process with these variables, and checks that no secret is in what it prints.
    async fn head(&self, store: &str, variables: &[(&str, &str)]) -> String {
        let authority = self.store.authority.to_str().unwrap();
        let given = [("UPSIGN_TEST_STORE", store), ("SSL_CERT_FILE", authority)];
        // A later variable replaces an earlier one.
        let output = run_test("proxy::head", &[&given, variables].concat()).await;
        for secret in ["s3cret", "upsign:", "dXBzaWduOnMzY3JldA", "X-Amz-Signature"] {
            assert!(!output.contains(secret), "{output}");
        }
        output
    }
}

#[tokio::test]
async fn the_store_is_called_through_a_tunnel_that_the_proxy_cannot_read() {
    let fixture = Fixture::start().await;
    for variable in ["HTTPS_PROXY", "ALL_PROXY"] {
        let output = fixture.head(STORE, &[(variable, &fixture.address)]).await;
        assert!(output.contains("size=4711"), "{variable}: {output}");
        let received = fixture.proxy.received();
        let [connect] = received.as_slice() else { panic!("{variable}: {received:?}") };
        assert!(connect.starts_with("connect uploads.store.invalid:443 http/1.1\r\n"), "{connect}");
        assert!(!connect.contains("x-amz"), "the request is inside the tunnel: {connect}");
    }
    assert_eq!(fixture.store.requests(), 2);
}

/// A proxy that answers in the place of the store has no certificate of it.
#[tokio::test]
async fn certificate_of_the_store_is_verified_through_the_proxy() {
    let (fixture, other) = (Fixture::start().await, Fixture::start().await);
    let other = other.store.authority.to_str().unwrap();
    let variables = [("HTTPS_PROXY", fixture.address.as_str()), ("SSL_CERT_FILE", other)];
    let output = fixture.head(STORE, &variables).await;
    assert!(output.contains("no connection to the store") && output.contains("certificate"), "{output}");
    assert_eq!((fixture.proxy.received().len(), fixture.store.requests()), (1, 0));
}

#[tokio::test]
async fn the_proxy_is_not_used_for_this_machine_nor_without_the_option() {
    let fixture = Fixture::start().await;
    let proxies = [("ALL_PROXY", fixture.address.as_str()), ("HTTP_PROXY", fixture.address.as_str())];
    let local = format!("https://127.0.0.1:{}", fixture.store.port);
    assert!(fixture.head(&local, &proxies).await.contains("size=4711"));
    for (store, variable) in [
        (STORE, ("UPSIGN_TEST_WITHOUT_PROXY", "1")),
        (STORE, ("NO_PROXY", "store.invalid")),
        ("http://store.invalid", ("UPSIGN_TEST", "1")),
    ] {
        let output = fixture.head(store, &[&proxies, [variable].as_slice()].concat()).await;
        assert!(output.contains("error=HeadObject failed: no connection to the store"), "{output}");
    }
    assert_eq!(fixture.proxy.received(), Vec::<String>::new());
}
