//! Several issuers at every entrance: each with its own keys, demands, folder, log lines, metrics and readiness.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use reqwest::blocking::Client;
use serde_json::Value;
use upsign_testing::tokens::TestIssuer;

use super::lambda::{self, KINDS};
use super::{HttpEntrance, now};
use crate::run::{Serving, eventually, upsign};
use crate::secrecy::TestPool;

const STAFF: &str = "https://id.example.com/staff";

/// Returns the text of `upsign.toml` with these tables in place of `[auth]`.
fn file(key: &str, auth: &str) -> String {
    format!(
        "bucket = {{ name = \"article-images-bucket\", region = \"ap-southeast-1\" }}\n\
         cors = {{ origins = [\"https://app.example.com\"] }}\n\
         [upload]\nkey = \"{key}\"\ntypes = [\"image/jpeg\"]\nmax_size = \"10 MiB\"\nbodyless = \"refuse\"\n{auth}"
    )
}

fn with_keys(customers: &TestIssuer, staff: &TestIssuer) -> String {
    let auth = format!(
        "[[auth]]\nname = \"customers\"\nuser_pool = \"ap-southeast-1_AbCdEf123\"\nclient_ids = [\"shop\"]\n\
         token_use = \"access\"\njwks = '{}'\n\
         [[auth]]\nname = \"staff\"\nprovider = \"oidc\"\nissuer = \"{STAFF}\"\naudiences = [\"upload-api\"]\n\
         token_use = \"access\"\ngroups = [\"editors\"]\njwks = '{}'\n",
        customers.jwks(),
        staff.jwks()
    );
    file("{issuer}/{sub}/{id}.{ext}", &auth)
}

#[test]
fn each_issuer_has_its_own_keys_demands_and_folder() {
    let (customers, staff) = (TestIssuer::user_pool("ap-southeast-1_AbCdEf123"), TestIssuer::custom(STAFF));
    let file = with_keys(&customers, &staff);
    let (serve, axum) = (HttpEntrance::serve(&file), HttpEntrance::axum(&file));
    let employee = || staff.access_token("alice", "office").claim("aud", "upload-api");
    let in_group = |group: &str| employee().claim("groups", [group].as_slice()).sign(now());
    let stranger =
        TestIssuer::custom("https://id.example.com/other").access_token("alice", "shop").sign(now());
    for (token, status, folder) in [
        (customers.access_token("alice", "shop").sign(now()), 200, "customers/alice/"),
        (in_group("editors"), 200, "staff/alice/"),
        (in_group("readers"), 403, ""),
        (customers.access_token("alice", "office").sign(now()), 401, ""),
        (stranger, 401, ""),
    ] {
        let headers = [("authorization", &*format!("Bearer {token}"))];
        let mut answers = vec![serve.exchange(&headers), axum.exchange(&headers)];
        for kind in KINDS {
            let event = lambda::event(kind, &headers, &Value::Null);
            answers.push(lambda::exchange(&lambda::function(&file), &event));
        }
        for (answer, key) in answers {
            assert_eq!(answer.status, status, "{answer:?}");
            assert!(key.unwrap_or_default().starts_with(folder), "{folder}");
            let error = match status {
                401 => Some(r#"Bearer error="invalid_token""#),
                403 => Some(r#"Bearer error="insufficient_scope""#),
                _ => None,
            };
            assert_eq!(answer.challenge.as_deref(), error);
        }
    }
}

/// Returns a configuration of two issuers whose keys are fetched from these addresses.
fn fetching(customers: &str, staff: &str, pool: &TestPool) -> String {
    let auth = format!(
        "[[auth]]\nname = \"customers\"\nissuer = \"{}\"\njwks_uri = \"{customers}\"\ndanger_http_keys = true\n\
         client_ids = [\"{}\"]\ntoken_use = \"access\"\nfetch_timeout = \"1s\"\n\
         [[auth]]\nname = \"staff\"\nissuer = \"https://id.example.com/staff\"\njwks_uri = \"{staff}\"\n\
         danger_http_keys = true\nclient_ids = [\"office\"]\ntoken_use = \"access\"\n",
        pool.pool.issuer(),
        pool.pool.client_id()
    );
    file("{issuer}/{sub}/{id}.{ext}", &auth)
}

fn serve(file: &str) -> Serving {
    upsign(&["serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--json"])
        .file("upsign.toml", file)
        .credentials()
        .variable("NO_COLOR", "1")
        .errors_to("log")
        .serving()
}

const NOWHERE: &str = "http://127.0.0.1:1/jwks.json";

/// One issuer that fails does not take the service away from the users of the other.
#[test]
fn readiness_metrics_and_log_are_those_of_each_issuer() {
    let pool = TestPool::start();
    let client = Client::builder().no_proxy().build().unwrap();
    let get = |url: String| {
        let response = client.get(url).send().unwrap();
        (response.status().as_u16(), response.text().unwrap())
    };
    let server = serve(&fetching(&pool.pool.jwks_url(), NOWHERE, &pool));
    let admin = server.url("admin");
    let ready = "ready\nthe keys of the issuer staff have not been fetched\n";
    eventually(|| get(format!("{admin}/readyz")) == (200, ready.to_owned()));
    let (_, metrics) = get(format!("{admin}/metrics"));
    let customers = "upsign_jwks_age_seconds{issuer=\"customers\"} ";
    let age = metrics.lines().find_map(|line| line.strip_prefix(customers)).unwrap().parse::<i64>().unwrap();
    assert!((0..60).contains(&age), "{metrics}");
    for line in [
        "upsign_jwks_age_seconds{issuer=\"staff\"} -1\n",
        "upsign_jwks_refresh_failures_total{issuer=\"customers\"} 0\n",
        "upsign_jwks_refresh_failures_total{issuer=\"staff\"} 1\n",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
    let url = format!("{}/upload-url", server.url("listening"));
    let body = r#"{"contentType":"image/jpeg","contentLength":7}"#;
    let send = |token: &str| {
        let request = client.post(&url).header("content-type", "application/json");
        request.header("authorization", format!("Bearer {token}")).body(body).send().unwrap().status()
    };
    assert_eq!(send(&pool.token), 200);
    let employee = TestIssuer::custom(STAFF).access_token("bob", "office").sign(now());
    assert_eq!(send(&employee), 503);
    let log = server.terminate_and_read("log");
    let failed = log.lines().find(|line| line.contains("jwks refresh failed")).unwrap();
    assert!(failed.contains("issuer=\"staff\"") && failed.contains(NOWHERE), "{failed}");
    assert!(log.contains("a token of one of the issuers customers, staff"), "{log}");

    let server = serve(&fetching(NOWHERE, NOWHERE, &pool));
    let neither = "the keys of the issuer customers have not been fetched\nthe keys of the issuer staff have not been fetched\n";
    assert_eq!(get(format!("{}/readyz", server.url("admin"))), (503, neither.to_owned()));
    server.terminate();
}

/// By default, a fetch takes up to three seconds.
#[test]
fn fetch_of_keys_fails_after_the_configured_time() {
    let pool = TestPool::start();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = format!("http://{}/jwks.json", silent.local_addr().unwrap());
    let server = HttpEntrance::serve(&fetching(&silent, NOWHERE, &pool));
    let began = Instant::now();
    let token = format!("Bearer {}", pool.token);
    assert_eq!(server.send(&[("authorization", &token)]).code, "keys-unavailable");
    assert!(began.elapsed() < Duration::from_millis(2_500), "{:?}", began.elapsed());
    assert!(server.log().contains("timed out"));
}

/// Keys are fetched over the proxy of the environment, which the server shows without its password.
#[test]
fn keys_are_fetched_over_the_proxy_of_the_environment() {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = proxy.local_addr().unwrap();
    let auth = "[auth]\nissuer = \"https://id.example.com/main\"\njwks_uri = \"https://id.example.com/keys\"\n\
                client_ids = [\"client-1\"]\ntoken_use = \"access\"\n";
    let server = upsign(&["serve", "--listen=127.0.0.1:0", "--json"])
        .file("upsign.toml", &file("{id}.{ext}", auth))
        .credentials()
        .variable("HTTPS_PROXY", &format!("http://upsign:CanaryPassword@{address}"))
        .errors_to("log")
        .serving();
    // The first fetch begins when the server starts.
    let (mut stream, _) = proxy.accept().unwrap();
    let mut request = [0; 4_096];
    let length = stream.read(&mut request).unwrap();
    let request = String::from_utf8(request[..length].to_vec()).unwrap();
    assert!(request.starts_with("CONNECT id.example.com:443 HTTP/1.1\r\n"), "{request}");
    stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").unwrap();
    drop(stream);
    eventually(|| server.read("log").contains("jwks refresh failed"));
    let log = server.terminate_and_read("log");
    assert!(log.contains(&format!("{address} for https (from HTTPS_PROXY)")), "{log}");
    assert!(!log.contains("CanaryPassword"), "{log}");
}

/// Without the warning, keys would be fetched without a proxy, or not at all, and the log would not name the variable.
#[test]
fn variables_that_name_no_usable_proxy_are_reported_at_start() {
    for (value, warning) in [
        ("http://upsign:Canary Password@proxy.example", "warning: HTTPS_PROXY is ignored"),
        ("socks5://upsign:CanaryPassword@127.0.0.1:1", "warning: HTTPS_PROXY names a SOCKS proxy"),
    ] {
        let auth = "[auth]\nissuer = \"https://id.example.invalid\"\njwks_uri = \"https://id.example.invalid/keys\"\n\
                    client_ids = [\"client-1\"]\ntoken_use = \"access\"\n";
        let server = upsign(&["serve", "--listen=127.0.0.1:0", "--json"])
            .file("upsign.toml", &file("{id}.{ext}", auth))
            .credentials()
            .variable("NO_COLOR", "1")
            .variable("HTTPS_PROXY", value)
            .errors_to("log")
            .serving();
        eventually(|| server.read("log").contains("jwks refresh failed"));
        let log = server.terminate_and_read("log");
        assert!(log.contains(warning) && !log.contains("Canary"), "{log}");
    }
}
