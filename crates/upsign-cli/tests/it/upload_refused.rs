//! `upsign upload` says why the store refused an upload, from the request that it sent and the answer.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::dev::client;
use crate::run::{Finished, Serving, upsign};
use crate::secrecy::{TestPool, config};
use crate::upload::{server, token};

/// What an API with a mistake answers in place of the grant.
type Mistake = fn(&mut Value);

/// Starts an API that asks the one of `upsign dev` for each grant, and makes a mistake in it.
fn api_with(server: &Serving, mistake: Mistake) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (api, token) = (format!("{}/upload-url", server.url("api")), token(server));
    let grant = Arc::new(move |body: &[u8]| {
        let request = client().post(&api).bearer_auth(&token).header("content-type", "application/json");
        let mut grant: Value = request.body(body.to_vec()).send().unwrap().json().unwrap();
        mistake(&mut grant);
        grant.to_string()
    });
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut received) = (stream.unwrap(), Vec::new());
            let mut chunk = [0; 4096];
            while !received.ends_with(b"}") {
                let count = stream.read(&mut chunk).unwrap();
                received.extend_from_slice(&chunk[..count]);
            }
            let start = received.windows(4).position(|end| end == b"\r\n\r\n").unwrap() + 4;
            let body = grant(&received[start..]);
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close";
            let answer = format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    address
}

/// Uploads a photo through an API with a mistake.
fn refused(server: &Serving, mistake: Mistake, arguments: &[&str]) -> Finished {
    let run = upsign(&[&["upload", "photo.jpg", "--retries=0"], arguments].concat());
    let state = run.folder.path().join("state");
    std::fs::write(run.folder.path().join("photo.jpg"), include_bytes!("../../assets/demo.jpg")).unwrap();
    let api = api_with(server, mistake);
    let run = run.variable("UPSIGN_API", &api).variable("UPSIGN_TOKEN", "token");
    run.variable("XDG_STATE_HOME", state.to_str().unwrap()).output()
}

fn replace(grant: &mut Value, from: &str, to: &str) {
    let url = grant["uploadUrl"].as_str().unwrap();
    assert!(url.contains(from), "{from} is not in the URL");
    grant["uploadUrl"] = url.replace(from, to).into();
}

/// Replaces the date of the signature and the day of its scope.
fn sign_at(grant: &mut Value, date: &str) {
    let url = grant["uploadUrl"].as_str().unwrap().to_owned();
    let (_, rest) = url.split_once("X-Amz-Date=").unwrap();
    let old = rest.split('&').next().unwrap();
    replace(grant, old, date);
    let day = |date: &str| format!("%2F{}%2F", date.split('T').next().unwrap());
    replace(grant, &day(old), &day(date));
}

/// A mistake, the cause, whether it is certain, the part that is named, and in whose hands the fix is.
const MISTAKES: [(&str, Mistake, &str, bool, &str, &str); 9] = [
    ("expired", |it| sign_at(it, "20260101T000000Z"), "url-expired", true, "query:X-Amz-Expires", "client"),
    ("clock", |it| sign_at(it, "20990101T000000Z"), "url-not-yet-valid", true, "clock", "clock"),
    (
        "region",
        |it| replace(it, "%2Fs3%2Faws4_request", "x%2Fs3%2Faws4_request"),
        "wrong-region",
        true,
        "query:X-Amz-Credential",
        "configuration",
    ),
    (
        "another signature",
        |it| replace(it, "X-Amz-Signature=", "X-Amz-Signature=0000"),
        "wrong-secret",
        false,
        "credentials",
        "configuration",
    ),
    (
        "access key",
        |it| replace(it, "X-Amz-Credential=", "X-Amz-Credential=X"),
        "access-key-unknown",
        false,
        "query:X-Amz-Credential",
        "configuration",
    ),
    (
        "unsigned header",
        |it| it["headers"]["x-amz-meta-by"] = "ada".into(),
        "header-unsigned",
        true,
        "header:x-amz-meta-by",
        "client",
    ),
    (
        "lifetime",
        |it| replace(it, "X-Amz-Expires=", "X-Amz-Expires=9999"),
        "expires-too-long",
        true,
        "query:X-Amz-Expires",
        "configuration",
    ),
    (
        "parameter",
        |it| replace(it, "X-Amz-Algorithm=AWS4-HMAC-SHA256&", ""),
        "query-incomplete",
        true,
        "query:X-Amz-Algorithm",
        "client",
    ),
    (
        "token of a session",
        |it| it["uploadUrl"] = format!("{}&X-Amz-Security-Token=t", it["uploadUrl"].as_str().unwrap()).into(),
        "token-invalid",
        false,
        "query:X-Amz-Security-Token",
        "configuration",
    ),
];

#[test]
fn refusals_of_the_store_are_diagnosed() {
    let server = server();
    for (name, mistake, cause, certain, field, owner) in MISTAKES {
        let run = refused(&server, mistake, &["--json"]);
        assert_eq!(run.code(), 1, "{name}: {}", run.stderr());
        let last: Value = serde_json::from_str(run.stdout().lines().last().unwrap()).unwrap();
        let error = &last["uploads"][0]["error"];
        let first = &error["diagnose"][0];
        assert_eq!(first["cause"], cause, "{name}: {error}");
        assert_eq!((&first["certain"], &first["field"]), (&json!(certain), &json!(field)), "{name}: {error}");
        assert_eq!(first["owner"], owner, "{name}: {error}");
        assert!(!first["fix"].as_str().unwrap().is_empty() && first["diff"].is_array(), "{name}");
    }
}

#[test]
fn diagnosis_is_printed_below_the_error() {
    let server = server();
    let run = refused(&server, |it| sign_at(it, "20260101T000000Z"), &[]);
    run.exits(1).has_message("the store refused the object: status 403, AccessDenied: Request has expired");
    run.has_message("(url-expired)")
        .has_message("fix: ")
        .has_message("(to be fixed in: the program that uploads)");
    // A fix is named, so the same request need not be repeated.
    assert!(!run.stderr().contains("run the same command again"), "{}", run.stderr());
    let run = refused(&server, |it| replace(it, "X-Amz-Signature=", "X-Amz-Signature=0000"), &[]);
    run.exits(1).has_message("maybe: ").has_message("(wrong-secret)");
}

/// The answer to a wrong signature repeats what was signed.
#[test]
fn diagnosis_contains_neither_signature_nor_token() {
    let server = server();
    let mistake: Mistake = |it| {
        it["uploadUrl"] =
            format!("{}&X-Amz-Security-Token=a-session-token", it["uploadUrl"].as_str().unwrap()).into();
        replace(it, "X-Amz-Signature=", "X-Amz-Signature=feedface");
    };
    for arguments in [&["--json"][..], &[]] {
        let run = refused(&server, mistake, arguments);
        for secret in ["feedface", "a-session-token"] {
            assert!(!run.stdout().contains(secret), "{}", run.stdout());
            assert!(!run.stderr().contains(secret), "{}", run.stderr());
        }
        assert!(run.stderr().contains("refused"), "{}", run.stderr());
    }
}

/// The operator of the API finds the reason in the log by the id.
#[test]
fn refusals_of_the_api_name_the_request() {
    let pool = TestPool::start();
    let server = upsign(&["serve", "--listen=127.0.0.1:0", "--json"])
        .file("upsign.toml", &config(&pool.pool))
        .credentials()
        .errors_to("log")
        .serving();
    let run = upsign(&["upload", "photo.jpg", "--json"]).file("photo.jpg", "photo");
    let run =
        run.variable("UPSIGN_API", &server.url("listening")).variable("UPSIGN_TOKEN", "no-token").output();
    run.exits(1);
    let last: Value = serde_json::from_str(run.stdout().lines().last().unwrap()).unwrap();
    let hint = &last["uploads"][0]["error"]["diagnose"][0];
    assert_eq!((&hint["cause"], &hint["owner"]), (&json!("api-unauthorized"), &json!("client")));
    let id = hint["requestId"].as_str().unwrap();
    assert_eq!(id.len(), 32);
    assert!(run.stderr().contains(id), "{}", run.stderr());
    let log = server.terminate_and_read("log");
    assert!(log.lines().any(|line| line.contains(id) && line.contains("unauthorized")), "{log}");
}
