//! Logs: which levels `RUST_LOG` selects, and that files and pipes get no ANSI codes.

use std::time::Duration;

use reqwest::blocking::Client;

use crate::run::{CONFIG, upsign};

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

/// A pipe holds 64 KiB. Each refusal logs about 150 bytes, so an unread pipe is full long before the last request.
#[test]
fn unread_standard_error_does_not_stop_the_server() {
    let server = upsign(&["serve", "--listen=127.0.0.1:0", "--json"])
        .file("upsign.toml", CONFIG)
        .credentials()
        .variable("RUST_LOG", "info")
        .serving();
    let client = Client::builder().no_proxy().timeout(Duration::from_secs(10)).build().unwrap();
    for _ in 0..1_500 {
        let response = client.post(format!("{}/upload-url", server.url("listening"))).send().unwrap();
        assert_eq!(response.status(), 401);
    }
    drop(client);
    assert_eq!(server.terminate(), 0);
}

#[test]
fn files_get_no_ansi_codes() {
    let log = log_of_a_refused_request(&[("RUST_LOG", "info")]);
    assert!(log.contains("INFO") && !log.contains('\x1b'), "{log}");
    let forced = log_of_a_refused_request(&[("RUST_LOG", "info"), ("CLICOLOR_FORCE", "1")]);
    assert!(forced.contains('\x1b'), "{forced}");
}

#[test]
fn unsupported_log_directives_are_refused() {
    for directives in ["[request]=info", "upsign=loud"] {
        let run = upsign(&["schema"]).variable("RUST_LOG", directives).output();
        run.exits(2).has_message(directives).has_message("warn,upsign=info");
    }
    upsign(&["schema"]).variable("RUST_LOG", "off,upsign=trace").output().exits(0);
}
