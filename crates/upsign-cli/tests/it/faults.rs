//! What the server depends on fails: the issuer's key endpoint, and the provider of credentials. The log, the metrics and
//! readiness show it, and none of them waits.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use reqwest::blocking::Client;
use upsign::{Clock, SystemClock};

use crate::run::{CONFIG, Run, Serving, eventually, upsign};

/// A server whose answer can change. An empty answer is never sent, although the request is read.
struct Backend {
    url: String,
    answer: Arc<Mutex<String>>,
    requests: Arc<AtomicUsize>,
}

impl Backend {
    fn start(answer: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (answer, requests) = (Arc::new(Mutex::new(answer.to_owned())), Arc::new(AtomicUsize::new(0)));
        let (current, counter) = (Arc::clone(&answer), Arc::clone(&requests));
        std::thread::spawn(move || {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept() {
                let reader = BufReader::new(stream.try_clone().unwrap());
                let _head: Vec<String> =
                    reader.lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
                counter.fetch_add(1, Ordering::SeqCst);
                let answer = current.lock().unwrap().clone();
                if answer.is_empty() {
                    open.push(stream);
                } else {
                    drop(stream.write_all(answer.as_bytes()));
                }
            }
        });
        Self { url, answer, requests }
    }

    fn answer(&self, answer: &str) {
        answer.clone_into(&mut self.answer.lock().unwrap());
    }

    fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn response(status: &str, content_type: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

fn serve(arguments: &[&str], jwks: &str) -> Run {
    let arguments =
        [&["serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--json"], arguments].concat();
    let issuer =
        format!("issuer = \"http://127.0.0.1:1/pool\"\njwks_uri = \"{jwks}\"\ndanger_http_keys = true");
    let config = CONFIG.replace("user_pool = \"ap-southeast-1_AbCdEf123\"", &issuer);
    upsign(&arguments).file("upsign.toml", &config).errors_to("log")
}

/// Returns the body of an admin endpoint, which must answer at once.
#[track_caller]
fn admin(server: &Serving, path: &str) -> String {
    let client = Client::builder().no_proxy().build().unwrap();
    let started = Instant::now();
    let body = client.get(format!("{}{path}", server.url("admin"))).send().unwrap().text().unwrap();
    assert!(started.elapsed() < Duration::from_secs(2), "{path} waited {:?}", started.elapsed());
    body
}

/// The log names the fault so that an operator can tell whose it is.
#[test]
fn failed_fetches_of_keys_are_logged_with_their_causes() {
    let forbidden = Backend::start(&response("403 Forbidden", "text/plain", "")).url + "/jwks.json";
    let html = Backend::start(&response("200 OK", "text/html", "<html>login</html>")).url + "/jwks.json";
    let hangs = Backend::start("").url + "/jwks.json";
    for (uri, part) in [
        (forbidden.as_str(), "returned status 403"),
        (&html, "not a JSON object"),
        (&hangs, "timed out"),
        ("http://127.0.0.1:1/jwks.json", "onnection refused"),
    ] {
        let server = serve(&[], uri).credentials().serving();
        eventually(|| server.read("log").contains("refresh failed"));
        let log = server.read("log");
        let line = log.lines().find(|line| line.contains("refresh failed")).unwrap();
        let cannot_fetch = format!("cannot fetch {uri}: ");
        for part in [part, "WARN", "jwks", &cannot_fetch, "failures=1", "next_attempt_in="] {
            assert!(line.contains(part), "{part} is not in {line}");
        }
        assert_eq!(admin(&server, "/readyz"), "the issuer's keys have not been fetched\n");
        let metrics = admin(&server, "/metrics");
        for line in ["upsign_jwks_age_seconds -1\n", "upsign_jwks_refresh_failures_total 1\n"] {
            assert!(metrics.contains(line), "{line} is not in {metrics}");
        }
    }
}

/// A server that is not ready receives no requests, so polls of its readiness must be enough to recover.
#[test]
fn readiness_recovers_without_requests() {
    let endpoint = Backend::start(&response("500 Internal Server Error", "text/plain", ""));
    let server = serve(&[], &format!("{}/jwks.json", endpoint.url)).credentials().serving();
    eventually(|| endpoint.requests() == 1);
    let keys = include_str!("../../../upsign-jwt/tests/jwks.json");
    endpoint.answer(&response("200 OK", "application/json", keys));
    let started = Instant::now();
    while admin(&server, "/readyz") != "ready\n" {
        assert!(started.elapsed() < Duration::from_secs(20), "{}", server.read("log"));
        std::thread::sleep(Duration::from_millis(500));
    }
    assert!(server.read("log").contains("refresh succeeded again"), "{}", server.read("log"));
    assert_eq!(endpoint.requests(), 2, "at most one fetch per 10 s, however often it is polled");
}

/// Credentials in the variables are never renewed. Their end is known if a variable states it.
#[test]
fn readiness_ends_with_credentials_of_variables() {
    for (seconds, ready) in [
        (3_600, "ready\n"),
        // 90 seconds are needed for a grant of a minute.
        (80, "the credentials expire too soon to sign an upload\n"),
        // They expire while the server runs.
        (4, "the credentials have expired\n"),
    ] {
        let keys = include_str!("../../../upsign-jwt/tests/jwks.json");
        let endpoint = Backend::start(&response("200 OK", "application/json", keys));
        let end = SystemClock.now().saturating_add(seconds).to_string();
        let run = serve(&[], &format!("{}/jwks.json", endpoint.url)).credentials();
        let run = run.variable("AWS_SESSION_TOKEN", "token").variable("AWS_CREDENTIAL_EXPIRATION", &end);
        let server = run.serving();
        eventually(|| admin(&server, "/readyz") == ready);
        let metrics = admin(&server, "/metrics");
        let remaining =
            metrics.lines().find_map(|line| line.strip_prefix("upsign_credentials_remaining_seconds "));
        let remaining: u64 = remaining.unwrap().parse().unwrap();
        assert!(remaining <= seconds && remaining + 20 >= seconds, "{remaining}");
    }
}

#[cfg(feature = "chain")]
mod provider {
    use serde_json::json;

    use super::*;
    use crate::secrecy::{TestPool, config};

    fn credentials(seconds: u64) -> String {
        let body = json!({
            "AccessKeyId": "ASIACONTAINER", "SecretAccessKey": "container-secret", "Token": "container-token",
            "Expiration": SystemClock.now().saturating_add(seconds).to_string(),
        });
        response("200 OK", "application/json", &body.to_string())
    }

    fn serve(pool: &TestPool, provider: &Backend, more: &str) -> Serving {
        let arguments =
            ["--credentials=chain", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--json"];
        upsign(&[&["serve"], &arguments[..]].concat())
            .file("upsign.toml", &(config(&pool.pool) + more))
            .variable("AWS_CONTAINER_CREDENTIALS_FULL_URI", &format!("{}/credentials", provider.url))
            .errors_to("log")
            .serving()
    }

    /// Requests an upload URL and returns the status and the lifetime of the grant.
    fn grant(server: &Serving, pool: &TestPool) -> (u16, Option<u64>, Option<String>) {
        let client = Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
        let url = format!("{}/upload-url", server.url("listening"));
        let answer = client.post(url).bearer_auth(&pool.token).send().unwrap();
        let retry = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        let status = answer.status().as_u16();
        (status, answer.json::<serde_json::Value>().unwrap()["expiresIn"].as_u64(), retry)
    }

    /// With less than the longest grant left, every request used to wait for the provider and to fail with it.
    #[test]
    fn provider_that_fails_with_800_seconds_left_stops_nothing() {
        let pool = TestPool::start();
        let broken = [response("500 Internal Server Error", "text/plain", ""), String::new()];
        std::thread::scope(|scope| {
            for broken in &broken {
                scope.spawn(|| break_provider_with_800_seconds_left(&pool, broken));
            }
        });
    }

    fn break_provider_with_800_seconds_left(pool: &TestPool, broken: &str) {
        let provider = Backend::start(&credentials(800));
        // 770 seconds are needed to sign, so that the credentials are due after half of the remaining 30.
        let server = serve(pool, &provider, "\n[credentials]\nminimum = \"740s\"\n");
        eventually(|| admin(&server, "/readyz") == "ready\n");
        assert_eq!(provider.requests(), 1);
        provider.answer(broken);
        let started = Instant::now();
        let issue = || {
            let started = Instant::now();
            let (status, expires_in, _) = grant(&server, pool);
            assert_eq!(status, 200, "{}", server.read("log"));
            assert!((740..=770).contains(&expires_in.unwrap()));
            assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
            std::thread::sleep(Duration::from_millis(100));
        };
        while provider.requests() == 1 {
            assert!(started.elapsed() < Duration::from_secs(20), "the provider is not called");
            issue();
        }
        // The provider has been called, and has failed or hangs.
        while !server.read("log").contains("refresh failed") {
            assert!(started.elapsed() < Duration::from_secs(28), "the failure is not logged");
            issue();
        }
        let log = server.read("log");
        let line = log.lines().find(|line| line.contains("credentials refresh failed")).unwrap();
        assert!(line.contains("effect=\"uploads are signed with the current credentials\""), "{line}");
        assert_eq!(admin(&server, "/readyz"), "ready\n");
        let metrics = admin(&server, "/metrics");
        let value = |name: &str| -> u64 {
            let found = metrics.lines().find_map(|line| line.strip_prefix(name));
            found.unwrap().trim().parse().unwrap()
        };
        assert!((770..800).contains(&value("upsign_credentials_remaining_seconds ")));
        assert!(value("upsign_credentials_refresh_failures_total ") >= 1);
        // It works again, and nobody has noticed.
        provider.answer(&credentials(3_600));
        eventually(|| grant(&server, pool).1 == Some(900));
    }

    /// A provider that has never answered is reported, and health endpoints do not wait for it.
    #[test]
    fn provider_that_hangs_is_logged_and_delays_no_health_endpoint() {
        let (pool, provider) = (TestPool::start(), Backend::start(""));
        let server = serve(&pool, &provider, "");
        for _ in 0..5 {
            assert_eq!(admin(&server, "/readyz"), "no credentials\n");
            assert!(admin(&server, "/metrics").contains("upsign_credentials_remaining_seconds 0\n"));
        }
        eventually(|| server.read("log").contains("refresh failed"));
        let log = server.read("log");
        let line = log.lines().find(|line| line.contains("refresh failed")).unwrap();
        for part in ["WARN", "credentials", "did not respond", "next_attempt_in="] {
            assert!(line.contains(part), "{part} is not in {line}");
        }
        assert!(admin(&server, "/metrics").contains("upsign_credentials_refresh_failures_total 1\n"));
        provider.answer(&credentials(3_600));
        eventually(|| admin(&server, "/readyz") == "ready\n");
        assert_eq!(grant(&server, &pool).0, 200);
    }

    /// No grant promises less than `credentials.minimum`, and the server is not ready then.
    #[test]
    fn credentials_below_the_minimum_answer_503() {
        let (pool, provider) = (TestPool::start(), Backend::start(&credentials(300)));
        let server = serve(&pool, &provider, "\n[credentials]\nminimum = \"200s\"\n");
        let (status, expires_in, _) = grant(&server, &pool);
        assert_eq!(status, 200);
        assert!((200..=270).contains(&expires_in.unwrap()));
        let provider = Backend::start(&credentials(80));
        let server = serve(&pool, &provider, "");
        let (status, _, retry) = grant(&server, &pool);
        assert_eq!(status, 503, "{}", server.read("log"));
        assert!(retry.is_some(), "Retry-After");
        assert_eq!(admin(&server, "/readyz"), "no credentials\n");
    }
}
