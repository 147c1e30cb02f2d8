//! Logs: which levels `RUST_LOG` selects, that files and pipes get no ANSI codes, and that nothing which happens to standard
//! error stops a server.

use std::io::{PipeReader, PipeWriter, Write};
use std::net::TcpStream;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use reqwest::blocking::Client;

use crate::dev::token;
use crate::run::{CONFIG, Run, Serving, upsign};
use crate::secrecy::{TestPool, config};

/// Runs `serve` with `RUST_LOG`, sends a request without a token, and returns what was logged.
fn log_of_a_refused_request(variables: &[(&str, &str)]) -> String {
    let mut serve = upsign(&["serve", "--listen=127.0.0.1:0", "--json"])
        .file("upsign.toml", CONFIG)
        .credentials()
        .errors_to("log");
    for (name, value) in variables {
        serve = serve.variable(name, value);
    }
    let server = serve.serving();
    let client = Client::builder().no_proxy().build().unwrap();
    let response = client.post(format!("{}/upload-url", server.url("listening"))).send().unwrap();
    assert_eq!(response.status(), 401);
    drop(client);
    server.terminate_and_read("log")
}

#[test]
fn refusals_are_logged_with_their_reason_by_default() {
    let log = log_of_a_refused_request(&[]);
    assert!(log.contains("WARN") && log.contains("authorization header"), "{log}");
    assert!(!log_of_a_refused_request(&[("RUST_LOG", "error")]).contains("WARN"));
}

/// An operator finds the request of a user by the id in its answer, in the log at its default level.
#[test]
fn refusals_are_logged_with_the_request_id_and_the_route() {
    let pool = TestPool::start();
    let route = "\n[route.avatars]\nkey = \"avatars/{id}.{ext}\"\ntypes = [\"image/png\"]\nmax_size = \"1 MiB\"\n\
                 bodyless = \"refuse\"\n";
    for format in ["text", "json"] {
        let server = upsign(&["serve", "--listen=127.0.0.1:0", "--log-format", format, "--json"])
            .file("upsign.toml", &(config(&pool.pool) + route))
            .credentials()
            .errors_to("log")
            .serving();
        let client = Client::builder().no_proxy().build().unwrap();
        let request = client.post(format!("{}/upload-url", server.url("listening"))).bearer_auth(&pool.token);
        let body = r#"{"route": "avatars", "contentType": "image/gif", "contentLength": 7}"#;
        let response = request.header("content-type", "application/json").body(body).send().unwrap();
        assert_eq!(response.status(), 415);
        let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let problem: serde_json::Value = response.json().unwrap();
        assert_eq!(problem["diagnose"]["requestId"], id.as_str());
        assert_eq!(problem["diagnose"]["owner"], "client");
        drop(client);
        let log = server.terminate_and_read("log");
        let line = log.lines().find(|line| line.contains("request refused")).unwrap();
        for part in [id.as_str(), "avatars", "content-type-not-allowed", "WARN"] {
            assert!(line.contains(part), "{part} is not in {line}");
        }
    }
}

fn serve() -> Run {
    upsign(&["serve", "--listen=127.0.0.1:0", "--admin-listen=127.0.0.1:0", "--json"])
        .file("upsign.toml", CONFIG)
        .credentials()
        .variable("RUST_LOG", "info")
}

/// Sends requests and expects every one, and both health endpoints, to be answered.
#[track_caller]
fn all_are_answered(server: &Serving, requests: usize) {
    let client = Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
    for _ in 0..requests {
        let response = client.post(format!("{}/upload-url", server.url("listening"))).send().unwrap();
        assert_eq!(response.status(), 401);
    }
    assert_eq!(client.get(format!("{}/healthz", server.url("listening"))).send().unwrap().status(), 200);
    client.get(format!("{}/readyz", server.url("admin"))).send().unwrap();
}

/// Returns `upsign_log_lines_lost_total`.
fn lines_lost(server: &Serving) -> u64 {
    let client = Client::builder().no_proxy().build().unwrap();
    let text = client.get(format!("{}/metrics", server.url("admin"))).send().unwrap().text().unwrap();
    let line = text.lines().find_map(|line| line.strip_prefix("upsign_log_lines_lost_total "));
    line.unwrap_or_else(|| panic!("no counter in {text}")).parse().unwrap()
}

/// A pipe holds 64 KiB. Each answer logs about 150 bytes, so an unread pipe is full long before the last request, and so is
/// the buffer of 10,000 lines. The signal ends the server nevertheless.
#[test]
fn unread_standard_error_does_not_stop_the_server() {
    let server = serve().serving();
    all_are_answered(&server, 12_000);
    assert!(lines_lost(&server) > 0);
    let started = Instant::now();
    assert_eq!(server.terminate(), 0);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

/// What the server prints about 2,000 routes does not fit into an unread pipe.
#[test]
fn unread_standard_error_does_not_stop_the_start() {
    let mut config = CONFIG.to_owned();
    for n in 0..2_000 {
        let route = "types = [\"image/png\"]\nmax_size = \"1 MiB\"\nbodyless = \"refuse\"\n";
        config += &format!("\n[route.r{n}]\nkey = \"r{n}/{{id}}.{{ext}}\"\n{route}");
    }
    let server = serve().file("upsign.toml", &config).serving();
    all_are_answered(&server, 10);
    assert_eq!(server.terminate(), 0);
}

/// The first signal waits for the request in progress, the second one does not, although its error message cannot be written.
#[test]
fn two_signals_end_a_server_whose_standard_error_is_stalled() {
    let server = serve().serving();
    all_are_answered(&server, 1_500);
    let mut open = TcpStream::connect(server.url("listening").trim_start_matches("http://")).unwrap();
    open.write_all(b"POST /upload-url HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\n").unwrap();
    let started = Instant::now();
    std::thread::sleep(Duration::from_millis(300));
    server.send_sigterm();
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(server.terminate(), 1);
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
}

#[test]
fn full_disk_does_not_stop_the_server() {
    let server = serve().errors_to("/dev/full").serving();
    all_are_answered(&server, 10);
    assert!(lines_lost(&server) > 0);
    assert_eq!(server.terminate(), 0);
}

/// Whatever read standard error has ended: writing to it fails with `EPIPE`.
#[test]
fn closed_pipe_does_not_stop_the_server() {
    let mut server = serve().serving();
    server.close_errors();
    all_are_answered(&server, 10);
    assert!(lines_lost(&server) > 0);
    assert_eq!(server.terminate(), 0);
}

#[test]
fn missing_standard_error_does_not_stop_the_server() {
    let server = serve().without_errors().serving();
    all_are_answered(&server, 10);
    assert_eq!(server.terminate(), 0);
}

#[test]
fn results_that_cannot_be_written_are_a_failure_and_no_panic() {
    let shell = format!("{} schema >/dev/full", env!("CARGO_BIN_EXE_upsign"));
    let run = std::process::Command::new("sh").args(["-c", &shell]).output().unwrap();
    let errors = String::from_utf8(run.stderr).unwrap();
    assert_eq!(run.status.code(), Some(1), "{errors}");
    assert!(errors.contains("standard output") && !errors.contains("panicked"), "{errors}");
}

/// The counter of each reason in the log is limited, so that a flood cannot fill a disk.
#[test]
fn flood_of_refusals_writes_few_lines() {
    let server = serve().variable("RUST_LOG", "warn").errors_to("log").serving();
    all_are_answered(&server, 2_000);
    let log = server.terminate_and_read("log");
    let lines = log.lines().filter(|line| line.contains("request refused")).count();
    assert!((1..=60).contains(&lines) && log.contains("further refusals are not logged"), "{lines} lines");
}

/// `upsign dev` writes as `upsign serve` does: it starts, answers and ends although nothing reads what it prints, and not even
/// the first line fits into the pipe.
#[test]
fn full_standard_error_does_not_stop_the_development_server() {
    let (reader, writer) = full_pipe();
    let run = upsign(&["dev", "--listen=127.0.0.1:0", "--json"]).variable("RUST_LOG", "info");
    let (started, is_started) = mpsc::channel();
    std::thread::spawn(move || drop(started.send(run.errors_to_pipe(writer).serving())));
    let server = is_started.recv_timeout(Duration::from_secs(20)).expect("the server does not start");
    let client = Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
    let page = server.url("page");
    let config = client.get(format!("{page}dev/config.json")).send().unwrap().json().unwrap();
    let token = token(&config);
    for _ in 0..20 {
        let response = client.post(format!("{page}upload-url")).bearer_auth(&token).send().unwrap();
        assert_eq!(response.status(), 200);
    }
    drop(client);
    let started = Instant::now();
    assert_eq!(server.terminate(), 0);
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    drop(reader);
}

/// Returns a pipe into which nothing more fits.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, writer) = std::io::pipe().unwrap();
    let mut filling = writer.try_clone().unwrap();
    // This write blocks once the pipe is full, and ends with an error when the reader is closed.
    std::thread::spawn(move || drop(filling.write_all(&vec![b'.'; 16 << 20])));
    std::thread::sleep(Duration::from_millis(300));
    (reader, writer)
}

/// By default, only a terminal gets ANSI codes.
#[test]
fn files_get_no_ansi_codes() {
    let log = log_of_a_refused_request(&[("RUST_LOG", "info")]);
    assert!(log.contains("INFO") && !log.contains('\x1b'), "{log}");
}

/// `CLICOLOR_FORCE` demands ANSI codes in files and pipes too, for example for `less -R`: it is set on purpose. It is
/// the only way to get them into a file, besides `--color always`, and `NO_COLOR` takes precedence.
#[test]
fn files_get_ansi_codes_only_if_they_are_forced() {
    let forced = log_of_a_refused_request(&[("RUST_LOG", "info"), ("CLICOLOR_FORCE", "1")]);
    assert!(forced.contains('\x1b'), "{forced}");
    for variables in [
        &[("CLICOLOR", "1")][..],
        &[("TERM", "xterm-256color")],
        &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")],
    ] {
        let log = log_of_a_refused_request(&[&[("RUST_LOG", "info")], variables].concat());
        assert!(log.contains("INFO") && !log.contains('\x1b'), "{variables:?}: {log}");
    }
}

#[test]
fn unsupported_log_directives_are_refused() {
    for directives in ["[request]=info", "upsign=loud"] {
        let run = upsign(&["schema"]).variable("RUST_LOG", directives).output();
        run.exits(2).has_message(directives).has_message("warn,upsign=info");
    }
    upsign(&["schema"]).variable("RUST_LOG", "off,upsign=trace").output().exits(0);
}
