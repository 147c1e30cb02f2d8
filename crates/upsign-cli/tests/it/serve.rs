//! `upsign serve`: startup, shutdown, TLS, the admin endpoints, and `--print-config`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::blocking::Client;

use crate::run::{CONFIG, eventually, upsign};
use crate::secrecy::{TestPool, config};

#[test]
fn requests_are_answered_until_sigterm() {
    let server = upsign(&["serve", "--listen=127.0.0.1:0", "--json"])
        .file("upsign.toml", CONFIG)
        .credentials()
        .serving();
    let base = server.url("listening");
    let client = Client::builder().no_proxy().build().unwrap();
    assert_eq!(client.get(format!("{base}/healthz")).send().unwrap().status(), 200);
    let preflight = client
        .request(reqwest::Method::OPTIONS, format!("{base}/upload-url"))
        .header("origin", "https://app.example.com")
        .header("access-control-request-method", "POST");
    let answer = preflight.send().unwrap();
    assert_eq!(answer.headers()["access-control-allow-origin"], "https://app.example.com");

    // The response to an unauthenticated request does not reveal what is wrong with its token.
    let mut bodies = std::collections::BTreeSet::new();
    let long = format!("Bearer {}", "x".repeat(9_000));
    for headers in [&[][..], &["Bearer x.y.z"], &["Bearer a", "Bearer b"], &["Basic YTpi"], &[long.as_str()]]
    {
        let mut request = client.post(format!("{base}/upload-url"));
        for value in headers {
            request = request.header("authorization", *value);
        }
        let answer = request.send().unwrap();
        assert_eq!(answer.status(), 401);
        bodies.insert(answer.text().unwrap());
    }
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    drop(client);
    assert_eq!(server.terminate(), 0);
}

/// Fifty servers get SIGTERM while eight clients send requests.
#[test]
fn no_request_is_lost_at_sigterm() {
    const TRIALS: usize = 50;
    let answered = AtomicUsize::new(0);
    for trial in 0..TRIALS {
        let server = upsign(&["serve", "--listen=127.0.0.1:0", "--linger=60ms", "--json"])
            .file("upsign.toml", CONFIG)
            .credentials()
            .serving();
        let address = server.url("listening").replace("http://", "");
        let over = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for client in 0..8 {
                let (address, over, answered) = (&address, &over, &answered);
                scope.spawn(move || send_requests_until(address, client % 2 == 0, over, answered));
            }
            std::thread::sleep(Duration::from_millis(10 + trial as u64 % 9));
            over.store(true, Ordering::SeqCst);
            assert_eq!(server.terminate(), 0);
        });
    }
    assert!(answered.load(Ordering::SeqCst) > TRIALS * 8, "under load");
}

fn send_requests_until(address: &str, keep_alive: bool, over: &AtomicBool, answered: &AtomicUsize) {
    let close = if keep_alive { "" } else { "connection: close\r\n" };
    let request = format!("POST /upload-url HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n{close}\r\n");
    while !over.load(Ordering::SeqCst) {
        let mut stream = TcpStream::connect(address).unwrap();
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        loop {
            stream.write_all(request.as_bytes()).unwrap();
            let head: Vec<String> =
                reader.by_ref().lines().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
            assert_eq!(head.first().map(String::as_str), Some("HTTP/1.1 401 Unauthorized"), "lost");
            let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            let mut body = vec![0; length.parse().unwrap()];
            reader.read_exact(&mut body).unwrap();
            answered.fetch_add(1, Ordering::SeqCst);
            if head.iter().any(|line| line == "connection: close") {
                break;
            }
        }
    }
}

#[test]
fn admin_endpoints_report_metrics_and_readiness() {
    let pool = TestPool::start();
    let server =
        upsign(&["serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--linger=5s", "--json"])
            .file("upsign.toml", &config(&pool.pool))
            .credentials()
            .serving();
    let client = Client::builder().no_proxy().build().unwrap();
    let get = |url: String| client.get(url).send().unwrap();
    let admin = server.url("admin");
    // The keys are fetched when the server starts.
    eventually(|| get(format!("{admin}/readyz")).text().unwrap() == "ready\n");
    assert_eq!(get(format!("{}/metrics", server.url("listening"))).status(), 404, "not for the public");
    client.post(format!("{}/upload-url", server.url("listening"))).send().unwrap();
    let metrics = get(format!("{admin}/metrics"));
    assert!(metrics.headers()["content-type"].to_str().unwrap().starts_with("application/openmetrics-text"));
    let text = metrics.text().unwrap();
    assert!(text.contains("upsign_http_requests_total{status=\"401\"} 1\n"), "{text}");
    assert!(text.contains("upsign_refused_total{code=\"unauthorized\",route=\"\"} 1\n"), "{text}");
    for line in [
        "upsign_credentials_remaining_seconds -1\n",
        "upsign_credentials_refresh_failures_total 0\n",
        "upsign_jwks_refresh_failures_total 0\n",
        "upsign_log_lines_lost_total 0\n",
    ] {
        assert!(text.contains(line), "{line} is not in {text}");
    }
    let age = text.lines().find_map(|line| line.strip_prefix("upsign_jwks_age_seconds "));
    assert!((0..60).contains(&age.unwrap().parse::<i64>().unwrap()), "{text}");
    server.send_sigterm();
    let draining = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        let answer = get(format!("{admin}/readyz"));
        answer.status() == 503 && answer.text().unwrap() == "draining\n"
    });
    assert!(draining);
    assert_eq!(
        get(format!("{}/healthz", server.url("listening"))).status(),
        200,
        "requests are answered while draining"
    );
}

#[test]
fn other_methods_and_admin_paths_get_problem_documents() {
    let server = upsign(&["serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--json"])
        .file("upsign.toml", CONFIG)
        .credentials()
        .serving();
    let client = Client::builder().no_proxy().build().unwrap();
    let (public, admin) = (server.url("listening"), server.url("admin"));
    for (url, status, code, allow) in [
        (format!("{public}/healthz"), 405, "method-not-allowed", Some("GET,HEAD")),
        (format!("{admin}/readyz"), 405, "method-not-allowed", Some("GET,HEAD")),
        (format!("{admin}/metrics"), 405, "method-not-allowed", Some("GET,HEAD")),
        (format!("{admin}/other"), 404, "not-found", None),
    ] {
        let answer = client.post(&url).send().unwrap();
        assert_eq!(answer.status(), status, "{url}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{url}");
        let allowed = answer.headers().get("allow").map(|value| value.to_str().unwrap().to_owned());
        assert_eq!(allowed.as_deref(), allow, "{url}");
        assert_eq!(answer.json::<serde_json::Value>().unwrap()["code"], code, "{url}");
    }
    drop(client);
    assert_eq!(server.terminate(), 0);
}

#[test]
fn the_configuration_is_printed_before_listening_and_by_print_config() {
    let serve = |more: &[&str]| {
        let arguments = [&["serve", "--listen=127.0.0.1:0"], more].concat();
        upsign(&arguments).file("upsign.toml", CONFIG).credentials()
    };
    let server = serve(&["--json"]).errors_to("log").serving();
    // A thread of its own writes to standard error, so that nothing waits for it.
    eventually(|| server.read("log").contains("listening: POST"));
    let log = server.read("log");
    for part in [
        "article-images-bucket in ap-southeast-1",
        "articles/7f2b6c1e-5a0d-4e53-9d7a-3c1f8e2b4a60/raw/0190c3a4-7d1e-7cc3-98c4-dc0c0c07398f.jpg",
        "image/jpeg, image/png, image/webp",
        "up to 10485760 bytes",
        "ap-southeast-1_AbCdEf123",
        "https://app.example.com",
        "512 concurrent requests, 10000 connections",
    ] {
        let (position, listening) = (log.find(part), log.find("listening: POST"));
        assert!(position.is_some() && position < listening, "`{part}` is not in: {log}");
    }
    let printed = serve(&["--print-config", "--max-requests=7"]).output();
    printed.exits(0);
    let config = printed.stdout();
    assert!(
        config.contains("max_size = \"10 MiB\"  # upsign.toml:10\n") && config.contains("--max-requests 7 "),
        "{config}"
    );
    // The printed configuration is a valid upsign.toml with the same meaning.
    let again = upsign(&["serve", "--listen=127.0.0.1:0", "--print-config", "--max-requests=7"])
        .file("upsign.toml", &config)
        .output();
    again.exits(0);
    let without_places = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split("  # ").next().unwrap_or(line).to_owned()).collect()
    };
    assert_eq!(without_places(&again.stdout()), without_places(&config));
    let openapi = upsign(&["serve", "--print-openapi"]).output();
    openapi.exits(0);
    assert_eq!(openapi.json()["openapi"], "3.1.1");
}

/// The example is a key that the policy gives to a caller with the group and claims that the template needs.
#[test]
fn the_example_key_comes_from_the_policy() {
    let route = "\n[route.raw]\nkey = \"{group}/{claim:custom:tenant}/{id}/{filename}\"\ntypes = [\"video/*\"]\n\
                 max_size = \"1 GiB\"\nbodyless = \"refuse\"\n";
    let server = upsign(&["serve", "--listen=127.0.0.1:0", "--json"])
        .file("upsign.toml", &format!("{CONFIG}{route}"))
        .credentials()
        .errors_to("log")
        .serving();
    eventually(|| server.read("log").contains("listening: POST"));
    let log = server.read("log");
    assert!(log.contains("group/example/0190c3a4-7d1e-7cc3-98c4-dc0c0c07398f/example.mp4"), "{log}");
}

#[test]
fn invalid_tls_and_network_options_are_refused_before_listening() {
    let serve = |more: &[&str]| {
        let arguments = [&["serve", "--listen=127.0.0.1:0"], more].concat();
        upsign(&arguments).file("upsign.toml", CONFIG).credentials().file("cert.pem", "no PEM").output()
    };
    serve(&["--tls-cert=cert.pem"]).exits(2).has_message("--tls-key");
    serve(&["--tls-cert=cert.pem", "--tls-key=cert.pem"]).exits(2).has_message("cert.pem and cert.pem");
    serve(&["--trusted-proxies=10.0.0.0/33"]).exits(2).has_message("--trusted-proxies");
    serve(&["--request-time=soon"]).exits(2).has_message("--request-time");
    #[cfg(not(feature = "chain"))]
    serve(&["--assume-role=arn:aws:iam::123456789012:role/uploads"]).exits(2).has_message("--features chain");
}

#[test]
fn https_is_served_with_a_certificate() {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let tls = ["serve", "--listen=127.0.0.1:0", "--tls-cert=cert.pem", "--tls-key=key.pem", "--json"];
    let server = upsign(&tls)
        .file("upsign.toml", CONFIG)
        .file("cert.pem", &made.cert.pem())
        .file("key.pem", &made.signing_key.serialize_pem())
        .credentials()
        .serving();
    let certificate = reqwest::Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    let client = Client::builder().tls_certs_only([certificate]).no_proxy().build().unwrap();
    let url = server.url("listening").replace("127.0.0.1", "localhost");
    assert_eq!(client.get(format!("{url}/healthz")).send().unwrap().text().unwrap(), "ok\n");
    drop(client);
    assert_eq!(server.terminate(), 0);
}

#[test]
fn missing_credentials_and_invalid_configurations_are_refused() {
    let serve = |config: &str| upsign(&["serve", "--listen=127.0.0.1:0"]).file("upsign.toml", config);
    serve(CONFIG).output().exits(2).has_message("AWS_ACCESS_KEY_ID");
    let without_auth: String =
        CONFIG.split("[auth]").next().unwrap().to_owned() + "[cors]\norigins = [\"https://a.example\"]\n";
    serve(&without_auth).credentials().output().exits(2).has_message("no [auth]");
    serve(&CONFIG.replace("bodyless = \"allow\"", ""))
        .credentials()
        .output()
        .exits(2)
        .has_message("upload.bodyless: missing");
    let embedded = "issuer = \"http://127.0.0.1:1/local_upsign\"\njwks_uri = \"http://127.0.0.1:1/local_upsign/.well-known/jwks.json\"\ndanger_http_issuer = true";
    let embedded = CONFIG.replace("user_pool = \"ap-southeast-1_AbCdEf123\"", embedded);
    serve(&embedded).credentials().output().exits(2).has_message("embedded pool");
}

#[test]
fn a_port_in_use_is_reported_with_a_hint() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let run = upsign(&["serve", "--listen", &address]).file("upsign.toml", CONFIG).credentials().output();
    run.exits(2).has_message("already in use").has_message("--listen");
    upsign(&["dev", "--listen", &address]).output().exits(2).has_message("already in use");
}
