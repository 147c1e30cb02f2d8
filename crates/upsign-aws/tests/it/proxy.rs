//! Credentials over the proxy of the environment. Hosts in `.invalid` do not exist, so only the proxy can reach them (RFC 6761,
//! section 6.4).

use std::time::Duration;

use upsign_aws::{AssumeRole, ProviderChain};
use upsign_core::{CredentialsSource, error_chain};

use crate::tunnel::{Proxy, TlsServer, run_test};

const STS: &str = "sts.example.invalid";
const STS_URL: &str = "https://sts.example.invalid";

/// Loads the credentials that the environment selects, and prints what came of it.
#[tokio::test]
#[ignore = "runs as a child process of the other tests"]
#[expect(clippy::disallowed_methods, reason = "the variables tell the child process what to do")]
async fn credentials() {
    let region = "us-east-1".parse().unwrap();
    let chain = if std::env::var("UPSIGN_TEST_ASSUME_ROLE").is_ok() {
        let role = AssumeRole::new("arn:aws:iam::123456789012:role/uploads", "upsign");
        ProviderChain::assume_role(role, None, &region).await
    } else {
        ProviderChain::load(None, &region).await.unwrap()
    };
    let chain = chain.with_fetch_timeout(Duration::from_secs(20));
    match chain.credentials("2026-01-01T00:00:00Z".parse().unwrap()).await {
        Ok(credentials) => println!("id={}", credentials.access_key_id()),
        Err(error) => println!("error={} debug={error:?}", error_chain(&error)),
    }
    println!("chain={chain:?}");
}

struct Fixture {
    sts: TlsServer,
    proxy: Proxy,
    address: String,
}

impl Fixture {
    async fn start() -> Self {
        let body = "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
             <AssumedRoleUser><AssumedRoleId>AROA:upsign</AssumedRoleId><Arn>arn:aws:sts::1:assumed-role/r/upsign</Arn></AssumedRoleUser>\
             <Credentials><AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey>\
             <SessionToken>role-token</SessionToken><Expiration>2026-01-01T01:00:00Z</Expiration></Credentials>\
             </AssumeRoleResult></AssumeRoleResponse>";
        let response = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: text/xml\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        let sts = TlsServer::start(&[STS, "localhost", "127.0.0.1"], response).await;
        let proxy = Proxy::start(sts.port, None).await;
        let address = format!("http://upsign:s3cret@127.0.0.1:{}", proxy.port);
        Self { sts, proxy, address }
    }

    /// Loads credentials in a process with these variables, and checks that the password is not in what it prints.
    async fn credentials(&self, variables: &[(&str, &str)]) -> String {
        let given = [
            ("SSL_CERT_FILE", self.sts.authority.to_str().unwrap()),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ];
        let output = run_test("proxy::credentials", &[&given, variables].concat()).await;
        for secret in ["s3cret", "upsign:", "dXBzaWduOnMzY3JldA", "own-secret", "role-secret", "role-token"] {
            assert!(!output.contains(secret), "{output}");
        }
        output
    }

    /// Assumes a role with the STS at `endpoint`.
    async fn assume_role(&self, endpoint: &str, variables: &[(&str, &str)]) -> String {
        let given = [
            ("UPSIGN_TEST_ASSUME_ROLE", "1"),
            ("AWS_ACCESS_KEY_ID", "AKIAOWN"),
            ("AWS_SECRET_ACCESS_KEY", "own-secret"),
            ("AWS_ENDPOINT_URL_STS", endpoint),
        ];
        self.credentials(&[&given, variables].concat()).await
    }
}

#[tokio::test]
async fn role_is_assumed_through_a_tunnel_that_the_proxy_cannot_read() {
    let fixture = Fixture::start().await;
    for variable in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        let output = fixture.assume_role(STS_URL, &[(variable, &fixture.address)]).await;
        assert!(output.contains("id=ASIAROLE"), "{variable}: {output}");
        let received = fixture.proxy.received();
        assert!(!received.is_empty());
        for connect in received {
            assert!(connect.starts_with("connect sts.example.invalid:443 http/1.1\r\n"), "{connect}");
            // `upsign:s3cret` in base64, in lower case.
            assert!(connect.contains("proxy-authorization: basic dxbzawduonmzy3jlda==\r\n"), "{connect}");
        }
    }
}

#[tokio::test]
async fn certificate_of_sts_is_verified_through_the_proxy() {
    let (fixture, other) = (Fixture::start().await, Fixture::start().await);
    let other = other.sts.authority.to_str().unwrap();
    let variables = [("HTTPS_PROXY", fixture.address.as_str()), ("SSL_CERT_FILE", other)];
    let output = fixture.assume_role(STS_URL, &variables).await;
    assert!(!output.contains("id=ASIAROLE") && output.contains("certificate"), "{output}");
    assert!(!fixture.proxy.received().is_empty() && fixture.sts.requests() == 0);
}

#[tokio::test]
async fn hosts_of_no_proxy_and_this_machine_are_called_directly() {
    let fixture = Fixture::start().await;
    let proxy = ("HTTPS_PROXY", fixture.address.as_str());
    for hosts in [("NO_PROXY", "sts.example.invalid"), ("no_proxy", "a.example, .invalid"), ("NO_PROXY", "*")]
    {
        let output = fixture.assume_role(STS_URL, &[proxy, hosts]).await;
        assert!(!output.contains("id=ASIAROLE"), "{hosts:?}: {output}");
    }
    for host in ["localhost", "127.0.0.1"] {
        let endpoint = format!("https://{host}:{}", fixture.sts.port);
        let output = fixture.assume_role(&endpoint, &[proxy]).await;
        assert!(output.contains("id=ASIAROLE"), "{host}: {output}");
    }
    assert_eq!(fixture.proxy.received(), Vec::<String>::new());
}

/// A call that bypasses the proxy would leave the network in a way that its operator did not choose.
#[tokio::test]
async fn calls_fail_with_a_proxy_that_is_not_supported() {
    let fixture = Fixture::start().await;
    let endpoint = format!("https://localhost:{}", fixture.sts.port);
    let socks = format!("socks5://127.0.0.1:{}", fixture.proxy.port);
    let output = fixture.assume_role(&endpoint, &[("ALL_PROXY", &socks)]).await;
    assert!(output.contains("is a SOCKS proxy, expected one with http:// or https://"), "{output}");
    assert_eq!((fixture.sts.requests(), fixture.proxy.received()), (0, Vec::new()));
}

/// The responses of the instance metadata and of the container endpoint are credentials without TLS.
#[tokio::test]
async fn endpoints_without_tls_are_never_called_over_a_proxy() {
    let fixture = Fixture::start().await;
    let proxy = fixture.address.as_str();
    let proxies =
        [("ALL_PROXY", proxy), ("HTTPS_PROXY", proxy), ("HTTP_PROXY", proxy), ("http_proxy", proxy)];
    for endpoint in [
        ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://metadata.example.invalid"),
        ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://127.0.0.1:1/credentials"),
    ] {
        let output = fixture.credentials(&[&proxies, [endpoint].as_slice()].concat()).await;
        assert!(output.contains("error="), "{endpoint:?}: {output}");
        assert_eq!(fixture.proxy.received(), Vec::<String>::new(), "{endpoint:?}");
    }
}
