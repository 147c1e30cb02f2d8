//! `upsign serve`: startup, shutdown, TLS, the admin endpoints, and `--print-config`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
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
        // Only the id of the request differs.
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        bodies.insert(answer.text().unwrap().replace(&id, "ID"));
    }
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    drop(client);
    assert_eq!(server.terminate(), 0);
}

#[test]
fn browser_client_is_offered_if_configured() {
    let with = format!("{CONFIG}\n[server]\nbrowser_client = true\nbase_path = \"/api\"\n");
    let module = upsign_browser::path(upsign_browser::ENTRY);
    for (config, expected) in [(CONFIG, 404), (&with, 200)] {
        let server = upsign(&["serve", "--listen=127.0.0.1:0", "--json"])
            .file("upsign.toml", config)
            .credentials()
            .serving();
        let base = server.url("listening");
        let client = Client::builder().no_proxy().build().unwrap();
        let get = |path: &str| {
            client.get(format!("{base}{path}")).header("origin", "https://app.example.com").send().unwrap()
        };
        let answer = get(&module);
        assert_eq!(answer.status(), expected);
        assert_eq!(answer.headers()["access-control-allow-origin"], "https://app.example.com");
        if expected == 200 {
            assert_eq!(answer.headers()["cache-control"], "public, max-age=31536000, immutable");
            let text = answer.text().unwrap();
            assert_eq!(get("/api/upsign/upsign.js").text().unwrap(), text, "redirected to this version");
            assert_eq!(client.post(format!("{base}{module}")).send().unwrap().status(), 405);
        }
        drop(client);
        assert_eq!(server.terminate(), 0);
    }
}

/// Servers get SIGTERM while clients send requests and go on opening connections until the kernel refuses them. Every
/// connection that the kernel has accepted gets its answer.
#[test]
fn no_request_is_lost_at_sigterm() {
    const TRIALS: usize = 50;
    let (answered, after_signal) = (AtomicUsize::new(0), AtomicUsize::new(0));
    for trial in 0..TRIALS {
        let linger = if trial % 2 == 0 { "--linger=60ms" } else { "--linger=0s" };
        let server = upsign(&["serve", "--listen=127.0.0.1:0", linger, "--json"])
            .file("upsign.toml", CONFIG)
            .credentials()
            .errors_to("log")
            .serving();
        let address = server.url("listening").replace("http://", "").parse().unwrap();
        let signalled = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for client in 0..8 {
                let (signalled, answered, after_signal) = (&signalled, &answered, &after_signal);
                scope.spawn(move || {
                    let count = || {
                        answered.fetch_add(1, Ordering::SeqCst);
                        after_signal.fetch_add(signalled.load(Ordering::SeqCst).into(), Ordering::SeqCst);
                    };
                    send_requests_until_refused(&address, client % 2 == 0, count);
                });
            }
            std::thread::sleep(Duration::from_millis(10 + trial as u64 % 9));
            signalled.store(true, Ordering::SeqCst);
            assert_eq!(server.terminate(), 0);
        });
    }
    let (answered, after_signal) = (answered.into_inner(), after_signal.into_inner());
    assert!(answered > TRIALS * 8, "under load: {answered}");
    assert!(after_signal > TRIALS * 8, "also after the signal: {after_signal}");
}

/// Opens connections and sends requests until a connection is refused, or its first packet is dropped. Panics if an accepted
/// connection ends without the complete answer to a request.
fn send_requests_until_refused(address: &SocketAddr, keep_alive: bool, answered: impl Fn()) {
    let close = if keep_alive { "" } else { "connection: close\r\n" };
    let request = format!("POST /upload-url HTTP/1.1\r\nhost: a\r\ncontent-length: 0\r\n{close}\r\n");
    while let Ok(mut stream) = TcpStream::connect_timeout(address, Duration::from_millis(300)) {
        let mut reader = BufReader::new(stream.try_clone().unwrap());
        loop {
            stream.write_all(request.as_bytes()).unwrap();
            let head: Vec<String> =
                reader.by_ref().lines().map(Result::unwrap).take_while(|line| !line.is_empty()).collect();
            assert_eq!(head.first().map(String::as_str), Some("HTTP/1.1 401 Unauthorized"), "lost");
            let length = head.iter().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
            let mut body = vec![0; length.parse().unwrap()];
            reader.read_exact(&mut body).unwrap();
            answered();
            if head.iter().any(|line| line == "connection: close") {
                break;
            }
        }
    }
}

#[test]
fn admin_endpoints_report_metrics_readiness_and_the_description() {
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
    for path in ["metrics", "openapi.json"] {
        assert_eq!(get(format!("{}/{path}", server.url("listening"))).status(), 404, "not for the public");
    }
    let openapi = get(format!("{admin}/openapi.json"));
    assert_eq!(openapi.headers()["content-type"], "application/json");
    assert!(openapi.text().unwrap().contains("\"maximum\": 10485760"), "the size of the route");
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
        "up to 10 MiB (10485760 bytes)",
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
    let printed = serve(&["--print-config", "--max-requests=7", "--json"]).output();
    let json = printed.exits(0).json();
    assert_eq!(json["config"]["upload"]["max_size"], "10 MiB");
    assert_eq!(json["config"]["auth"]["client_ids"][0], "3n4b5urk1ft4fl3mg5e62d9ado");
    let options = &json["options"];
    assert_eq!((&options["max-requests"], &options["request-time"]), (&7.into(), &"10s".into()));
    assert!(options["admin-listen"].is_null() && options["credentials"] == "env", "{options}");
    // The printed configuration is a valid upsign.toml with the same meaning.
    let again = upsign(&["serve", "--listen=127.0.0.1:0", "--print-config", "--max-requests=7"])
        .file("upsign.toml", &config)
        .output();
    again.exits(0);
    let without_places = |text: &str| -> Vec<String> {
        text.lines().map(|line| line.split("  # ").next().unwrap_or(line).to_owned()).collect()
    };
    assert_eq!(without_places(&again.stdout()), without_places(&config));
}

#[test]
fn printed_openapi_describes_the_configured_routes() {
    let file = CONFIG.replace("10 MiB", "7 MiB");
    let openapi = upsign(&["serve", "--print-openapi"]).file("upsign.toml", &file).output();
    let openapi = openapi.exits(0).json();
    assert_eq!(openapi["openapi"], "3.1.1");
    let request = &openapi["components"]["schemas"]["UploadRequest"];
    assert_eq!(request["properties"]["contentLength"]["maximum"], 7 << 20);
    assert!(openapi["paths"]["/healthz"].is_object());
}

#[test]
fn times_are_read_as_people_write_them() {
    let times = ["--request-time=1m", "--head-time=90s", "--linger=15 min", "--print-config"];
    let printed = upsign(&[&["serve"], &times[..]].concat()).file("upsign.toml", CONFIG).output();
    let printed = printed.exits(0).stdout();
    assert!(printed.contains("--request-time 1min --head-time 90s --linger 15min"), "{printed}");
}

#[test]
fn listen_takes_a_port_alone_and_explains_other_values() {
    let serve = |value: &str| {
        upsign(&["serve", "--listen", value, "--json"]).file("upsign.toml", CONFIG).credentials()
    };
    for value in ["0", ":0", "localhost:0", "[::1]:0"] {
        let server = serve(value).serving();
        let expected = if value == "[::1]:0" { "http://[::1]:" } else { "http://127.0.0.1:" };
        assert!(server.url("listening").starts_with(expected), "{value}: {}", server.ready);
        assert_eq!(server.terminate(), 0);
    }
    let explained =
        "write an IP address and a port: 127.0.0.1:8080 (this machine) or 0.0.0.0:8080 (everyone)";
    serve("api.example.com:8080").output().exits(2).has_message("--listen").has_message(explained);
    // The user has not written the option.
    for (variable, value) in [("UPSIGN_LISTEN", "nonsense"), ("UPSIGN_ADMIN_LISTEN", "nonsense")] {
        let run = upsign(&["serve"]).file("upsign.toml", CONFIG).variable(variable, value).output();
        run.exits(2).has_message(&format!("{variable}: {explained}"));
    }
}

#[test]
fn help_of_serve_has_headings_and_its_short_form_is_short() {
    let help = |flag: &str| upsign(&["serve", flag]).output().exits(0).stdout();
    let (short, long) = (help("-h"), help("--help"));
    for heading in ["Listening:", "TLS:", "Limits:", "Credentials:", "Logs:"] {
        assert!([&short, &long].iter().all(|help| help.lines().any(|line| line == heading)), "{heading}");
    }
    assert!(long.lines().any(|line| line == "Tokens:") && long.contains("[env: UPSIGN_LISTEN=]"), "{long}");
    assert!(!short.contains("[env:") && !short.contains("--external-id"), "{short}");
    assert!(short.lines().count() <= 48, "{short}");
}

/// The printed command is run as it is, by a shell.
#[test]
fn printed_curl_command_works() {
    let pool = TestPool::start();
    for format in ["text", "json"] {
        let server = upsign(&["serve", "--listen=127.0.0.1:0", "--log-format", format, "--json"])
            .file("upsign.toml", &config(&pool.pool))
            .credentials()
            .errors_to("log")
            .serving();
        eventually(|| server.read("log").contains("upsign_refused_total"));
        let log = server.read("log");
        let command = if format == "text" {
            let (_, command) = log.split_once("\ncurl ").unwrap();
            format!("curl {}", command.split_inclusive("}'").next().unwrap())
        } else {
            let mut lines = log.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
            let command = lines.find(|line| line["message"].as_str().unwrap().starts_with("curl "));
            command.unwrap()["message"].as_str().unwrap().to_owned()
        };
        let mut shell = std::process::Command::new("sh");
        let run =
            shell.args(["-c", &command]).env("TOKEN", &pool.token).env("NO_PROXY", "*").output().unwrap();
        let answer = String::from_utf8(run.stdout).unwrap();
        assert!(answer.contains("\"uploadUrl\""), "{command}: {answer}{:?}", String::from_utf8(run.stderr));
        assert_eq!(server.terminate(), 0);
    }
}

/// With `--log-format json`, standard error carries JSON objects only, and standard output too.
#[test]
fn json_logs_are_only_json_also_if_the_server_does_not_start() {
    let all_json = |text: &str| {
        let lines: Vec<serde_json::Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line} in {text}")))
            .collect();
        assert!(!lines.is_empty() && lines.iter().all(serde_json::Value::is_object), "{text}");
        lines
    };
    let server = upsign(&["serve", "--listen=127.0.0.1:0", "--log-format=json", "--json"])
        .file("upsign.toml", CONFIG)
        .credentials()
        .variable("RUST_LOG", "info")
        .errors_to("log")
        .serving();
    let client = Client::builder().no_proxy().build().unwrap();
    client.post(format!("{}/upload-url", server.url("listening"))).send().unwrap();
    drop(client);
    let lines = all_json(&server.terminate_and_read("log"));
    assert!(lines.iter().any(|line| line["message"] == "request refused"), "{lines:?}");

    let serve = |more: &[&str]| upsign(&[&["serve", "--listen=127.0.0.1:0"], more].concat());
    let json = "--log-format=json";
    let variable = |run: crate::run::Run| run.variable("UPSIGN_LOG_FORMAT", "json");
    for (name, run) in [
        ("no credentials", serve(&[json]).file("upsign.toml", CONFIG)),
        ("no file", serve(&[json]).credentials()),
        ("invalid file", serve(&[json]).file("upsign.toml", "[bucket").credentials()),
        ("invalid option", serve(&[json, "--max-requests=0"]).file("upsign.toml", CONFIG)),
        ("unknown option", serve(&[json, "--unknown"])),
        ("invalid option, by variable", variable(serve(&["--max-requests=0"]).file("upsign.toml", CONFIG))),
        ("invalid log levels", serve(&[json]).variable("RUST_LOG", "loud=loud")),
        ("invalid variable", serve(&[json]).variable("UPSIGN_MAX_REQUESTS", "0")),
    ] {
        let run = run.output();
        run.exits(2);
        assert_eq!(run.stdout(), "", "{name}");
        let lines = all_json(&run.stderr());
        let error = lines.iter().find(|line| line["level"] == "ERROR").unwrap();
        assert!(error["code"].is_string() && error["timestamp"].is_string(), "{name}: {lines:?}");
        let message = error["message"].as_str().unwrap();
        assert!(!message.contains('\n') && !message.starts_with("error"), "{name}: {message}");
    }
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
    serve(&["--tls-cert=cert.pem"]).exits(2).has_message("--tls-key (UPSIGN_TLS_KEY) is not");
    let by_variable = upsign(&["serve"]).file("upsign.toml", CONFIG).credentials();
    let run = by_variable.variable("UPSIGN_TLS_KEY", "key.pem").output();
    run.exits(2).has_message("--tls-key (UPSIGN_TLS_KEY) is set, but --tls-cert (UPSIGN_TLS_CERT) is not");
    let network = upsign(&["serve"]).variable("UPSIGN_TRUSTED_PROXIES", "10.0.0.0/8,nonsense").output();
    network.exits(2).has_message(
        "UPSIGN_TRUSTED_PROXIES: \"nonsense\" is not a network: write 10.0.0.0/8, or one address",
    );
    serve(&["--token-cache=1k"]).exits(2).has_message("\"1k\" is not a whole number, as in 1000");
    serve(&["--tls-cert=cert.pem", "--tls-key=cert.pem"])
        .exits(2)
        .has_message("--tls-cert cert.pem: the file holds no PEM");
    serve(&["--trusted-proxies=10.0.0.0/33"]).exits(2).has_message("--trusted-proxies");
    serve(&["--request-time=soon"]).exits(2).has_message("--request-time");
    for zero in ["--max-requests=0", "--max-connections=0"] {
        serve(&[zero]).exits(2).has_message(zero.trim_end_matches("=0")).has_message("write a number from 1");
    }
    for zero in ["--request-time=0", "--head-time=0s"] {
        serve(&[zero]).exits(2).has_message("write a longer time");
    }
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
    let embedded = "issuer = \"http://127.0.0.1:1/local_upsign\"\njwks_uri = \"http://127.0.0.1:1/local_upsign/.well-known/jwks.json\"\ndanger_http_keys = true";
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
    let admin = upsign(&["serve", "--listen=127.0.0.1:0", "--admin-listen", &address]);
    let run = admin.file("upsign.toml", CONFIG).credentials().output();
    run.exits(2).has_message("already in use").has_message("choose another port with --admin-listen");
    // Nothing is printed about a server that does not start.
    assert!(!run.stderr().contains("article-images-bucket"), "{}", run.stderr());
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let both = upsign(&["serve", "--listen", &free, "--admin-listen", &free]);
    let run = both.file("upsign.toml", CONFIG).credentials().output();
    run.exits(2).has_message("--listen and --admin-listen are both").has_message("a port of their own");
    let elsewhere = upsign(&["serve", "--listen=192.0.2.1:8080"]).file("upsign.toml", CONFIG);
    elsewhere.credentials().output().exits(2).has_message("this machine does not have this address");
}
